//! The threads that serve connections: one event loop each, and nothing shared on a request's
//! way.
//!
//! A connection is served from its first byte to its last by the thread that it was given to,
//! over connections to origins that are that thread's own, so that no event of it wakes another
//! thread. A runtime that lets its threads steal from each other pays for that with every wake;
//! `docs/PERFORMANCE.md` has the figures.
//!
//! Some of them accept, from one socket that all share. Whoever accepts keeps the connection,
//! which then wakes nobody, unless another thread has fewer. The rejected way, a listening socket
//! per thread (`SO_REUSEPORT`), spreads by chance and loses the connections that wait in a
//! socket's queue when its owner gives way to another process.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

thread_local! {
    /// Which of the threads this is; zero for all others.
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// How many threads accept at most: each of them is woken by each connection.
const ACCEPTORS: usize = 4;

/// One per processor that this process may use.
static COUNT: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// The threads; they end when this is dropped, and so does what they still run.
#[derive(Debug)]
pub(crate) struct Threads {
    each: Vec<Thread>,
    _end: DropGuard,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Thread {
    number: usize,
    handle: Handle,
    /// Connections that it serves.
    load: Arc<AtomicUsize>,
}

impl Threads {
    /// Starts so many, or one per processor.
    pub(crate) fn start(count: Option<NonZeroUsize>) -> io::Result<Self> {
        let count = count.map_or(*COUNT, |count| count.get().min(*COUNT));
        let end = CancellationToken::new();
        let guard = end.clone().drop_guard();
        let mut each = Vec::new();
        for number in 1..=count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            each.push(Thread {
                number,
                handle: runtime.handle().clone(),
                load: Arc::default(),
            });
            let end = end.clone();
            std::thread::Builder::new()
                .name(format!("gate-{number}"))
                .spawn(move || {
                    HERE.set(number);
                    runtime.block_on(end.cancelled());
                    // A file that is slow to read keeps nobody.
                    runtime.shutdown_background();
                })?;
        }
        Ok(Self { each, _end: guard })
    }

    /// Ends when each thread has run a task to its end; `false` when one cannot.
    pub(crate) async fn beat(&self) -> bool {
        let tasks: Vec<_> = self
            .each
            .iter()
            .map(|thread| thread.handle.spawn(tokio::task::yield_now()))
            .collect();
        for task in tasks {
            if task.await.is_err() {
                return false;
            }
        }
        true
    }

    /// Those that accept.
    pub(crate) fn acceptors(&self) -> &[Thread] {
        &self.each[..self.each.len().min(ACCEPTORS)]
    }

    /// Where the next task goes: to this thread, unless another has fewer.
    pub(crate) fn next(&self) -> Option<&Thread> {
        let threads = self.each.iter();
        threads.min_by_key(|thread| (thread.load.load(Ordering::Relaxed), !thread.is_here()))
    }
}

impl Thread {
    /// Whether it is the one that asks.
    pub(crate) fn is_here(&self) -> bool {
        HERE.get() == self.number
    }

    /// Does what belongs to its event loop.
    pub(crate) fn here<T>(&self, some: impl FnOnce() -> T) -> T {
        let _entered = self.handle.enter();
        some()
    }

    /// Runs a task that is of no visitor.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    /// Runs a task, and counts it until it ends.
    pub(crate) fn serve(&self, task: impl Future<Output = ()> + Send + 'static) {
        let place = Place::take(&self.load);
        // Else it would be there twice: once as what is moved in, once as what is awaited.
        let task = Box::pin(task);
        self.handle.spawn(async move {
            let _place = place;
            task.await;
        });
    }
}

/// One task of a thread's load.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(load: &Arc<AtomicUsize>) -> Self {
        load.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(load))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One value for each thread, and one for all threads that are not of [`Threads`].
#[derive(Debug)]
pub(crate) struct PerThread<T>(Box<[Padded<T>]>);

/// Alone on its lines of cache; processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded<T>(T);

impl<T: Default> Default for PerThread<T> {
    fn default() -> Self {
        Self((0..=*COUNT).map(|_| Padded::default()).collect())
    }
}

impl<T> PerThread<T> {
    /// The one of this thread.
    pub(crate) fn here(&self) -> &T {
        &self.0[HERE.get()].0
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|Padded(value)| value)
    }

    /// The sum of what `of` reads of each. It wraps, as differences do that one thread begins and
    /// another ends.
    pub(crate) fn sum(&self, of: impl Fn(&T) -> u64) -> u64 {
        self.all().fold(0, |sum, value| sum.wrapping_add(of(value)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn tasks_go_to_the_thread_with_the_fewest_and_stay_there() {
        let threads = Threads::start(None).expect("threads");
        let values = Arc::new(PerThread::<AtomicUsize>::default());
        let (send, places) = mpsc::channel();
        let hold = CancellationToken::new();
        for _ in 0..*COUNT * 3 {
            let (send, hold, values) = (send.clone(), hold.clone(), Arc::clone(&values));
            threads.next().expect("a thread").serve(async move {
                let before = HERE.get();
                tokio::task::yield_now().await;
                values.here().fetch_add(1, Ordering::Relaxed);
                send.send((before, HERE.get())).expect("heard");
                hold.cancelled().await;
            });
        }
        let places: Vec<_> = places.iter().take(*COUNT * 3).collect();
        assert!(
            places.iter().all(|(before, after)| before == after),
            "{places:?}"
        );
        let counts: Vec<_> = values
            .all()
            .map(|value| value.load(Ordering::Relaxed))
            .collect();
        assert_eq!(counts[0], 0, "this thread serves nothing");
        assert_eq!(counts[1..], vec![3; *COUNT], "even");
        hold.cancel();
        while threads
            .each
            .iter()
            .any(|thread| thread.load.load(Ordering::Relaxed) > 0)
        {
            std::thread::yield_now();
        }
    }

    #[test]
    fn who_accepts_keeps_it_unless_another_has_fewer() {
        let threads = Arc::new(Threads::start(None).expect("threads"));
        let (send, chosen) = mpsc::channel();
        let hold = CancellationToken::new();
        let last = threads.each.last().expect("a thread");
        let asked = Arc::clone(&threads);
        let held = hold.clone();
        last.run(async move {
            for _ in 0..*COUNT * 2 {
                let next = asked.next().expect("a thread");
                send.send(next.is_here()).expect("heard");
                let held = held.clone();
                next.serve(async move { held.cancelled().await });
            }
        });
        let here: Vec<_> = chosen.iter().take(*COUNT * 2).collect();
        let mut round = vec![false; *COUNT];
        round[0] = true;
        assert_eq!(here, [round.clone(), round].concat());
        hold.cancel();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_thread_that_is_stuck_gives_no_beat() {
        let threads = Threads::start(None).expect("threads");
        assert!(threads.beat().await);
        let (go, hold) = mpsc::channel::<()>();
        threads.next().expect("a thread").serve(async move {
            let _ = hold.recv();
        });
        let beat = tokio::time::timeout(std::time::Duration::from_millis(300), threads.beat());
        assert!(beat.await.is_err());
        drop(go);
        assert!(threads.beat().await);
    }

    #[test]
    fn dropping_the_threads_ends_what_they_run() {
        let threads = Threads::start(None).expect("threads");
        let (send, ended) = mpsc::channel::<()>();
        threads.next().expect("a thread").serve(async move {
            let _held = send;
            std::future::pending().await
        });
        drop(threads);
        assert_eq!(ended.recv(), Err(mpsc::RecvError), "dropped, not leaked");
    }
}
