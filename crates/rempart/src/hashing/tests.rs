//! Limits counted by gates and counters; the one clock is tokio's own, paused.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use password::hash::HashError;
use password::{Context, Judge};
use policy::{Language, Policy, Size};

use super::*;

const TEXT: &str = "9fK!r2Vq#tZ7";
const KIB: u32 = 64;
/// The salt of decoys.
const SALT: [u8; 16] = [7; 16];

/// A policy of cheap hashes.
fn policy(workers: usize, budget_kib: u64) -> HashPolicy {
    let mut policy = HashPolicy::default();
    (policy.cost.memory_kib, policy.cost.iterations) = (KIB, 1);
    policy.workers = Some(workers);
    policy.memory_budget = Size::kib(budget_kib);
    policy
}

fn service(workers: usize, budget_kib: u64) -> Service {
    Service::open(&policy(workers, budget_kib), Path::new("")).expect("a service")
}

fn accepted() -> Accepted {
    Judge::new(Policy::reference().password())
        .read_and_judge(TEXT.as_bytes().to_vec(), &Context::none())
        .expect("accepted")
}

fn typed(text: &str) -> Result<Password, ReadError> {
    Password::read(text.as_bytes().to_vec(), 256)
}

/// A job that says when it begins and ends when it is told to.
struct Held {
    begun: mpsc::Receiver<()>,
    end: mpsc::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), HashingError>>,
}

fn hold(service: &Service, kib: u32) -> Held {
    let ((begin, begun), (end, ended)) = (mpsc::channel(), mpsc::channel());
    let service = service.clone();
    let task = tokio::spawn(async move {
        let job = move |_: &Hasher, _: &mut Matrix| {
            begin.send(()).expect("the test listens");
            let _ = ended.recv();
        };
        service.run(kib, job).await
    });
    Held { begun, end, task }
}

impl Held {
    /// Lets other tasks run until the job has begun.
    async fn begin(&self) {
        while self.begun.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    }
}

/// Lets other tasks run until the service is as expected.
async fn until(service: &Service, expected: impl Fn(Load) -> bool) {
    while !expected(service.load()) {
        tokio::task::yield_now().await;
    }
}

fn is_idle(load: Load) -> bool {
    load.waiting == 0 && load.free_workers == 1 && load.free_kib == 256
}

#[tokio::test]
async fn a_password_is_hashed_checked_and_renewed() {
    let service = service(2, 1024);
    let stored = service.hash(accepted()).await.expect("a hash");
    for (text, account, expected) in [
        (TEXT, Some(&stored), true),
        ("other", Some(&stored), false),
        (TEXT, None, false),
        ("", Some(&stored), false),
    ] {
        let checked = service
            .check(typed(text), account, SALT)
            .await
            .expect("a turn");
        assert_eq!(matches!(checked, Checked::Yes(_)), expected, "{text}");
    }
    let Ok(Checked::Yes(verified)) = service.check(typed(TEXT), Some(&stored), SALT).await else {
        panic!("the password is right");
    };
    assert_eq!(verified.reason(), None);
    let again = service.renew(verified).await.expect("a hash");
    assert_ne!(again, stored);
    for (earlier, expected) in [
        (vec![], false),
        (vec![stored.clone()], true),
        (vec![again, stored], true),
    ] {
        let (used, _) = service.was_used(accepted(), earlier).await.expect("a turn");
        assert_eq!(used, expected);
    }
}

#[tokio::test]
async fn no_more_jobs_run_than_there_are_workers() {
    let service = service(2, 1024);
    let first = [hold(&service, KIB), hold(&service, KIB)];
    for held in &first {
        held.begin().await;
    }
    let third = hold(&service, KIB);
    until(&service, |load| load.waiting == 1).await;
    assert_eq!(service.load().free_workers, 0);
    assert!(third.begun.try_recv().is_err());
    let [one, other] = first;
    drop(one.end);
    third.begin().await;
    assert!(one.task.await.expect("ends").is_ok());
    drop((other.end, third.end));
    assert!(other.task.await.expect("ends").is_ok());
    assert!(third.task.await.expect("ends").is_ok());
    assert_eq!(service.load().free_workers, 2);
}

#[tokio::test]
async fn memory_bounds_jobs_as_workers_do() {
    let service = service(8, 256);
    let large = hold(&service, 200);
    large.begin().await;
    assert_eq!(service.load().free_kib, 56);
    let small = hold(&service, 57);
    until(&service, |load| load.waiting == 1).await;
    assert!(small.begun.try_recv().is_err());
    drop(large.end);
    small.begin().await;
    drop(small.end);
    assert!(small.task.await.expect("ends").is_ok());
    assert_eq!(service.load().free_kib, 256);
}

#[tokio::test]
async fn a_job_over_the_whole_budget_is_refused_before_it_waits() {
    let service = service(1, 256);
    let held = hold(&service, 256);
    held.begin().await;
    let refused = service.run(257, |_, _| ()).await;
    let error = HashingError::TooLarge {
        needed_kib: 257,
        budget_kib: 256,
    };
    assert_eq!(refused, Err(error));
    drop(held.end);
}

#[tokio::test]
async fn a_stored_hash_over_the_budget_costs_what_any_check_costs() {
    let service = service(1, 256);
    let dear = "$argon2id$v=19$m=512,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let dear = StoredHash::parse(dear).expect("a hash");
    let before = service.hasher().tally();
    let refused = service.check(typed(TEXT), Some(&dear), SALT).await;
    assert!(matches!(refused, Err(HashingError::TooLarge { .. })));
    let after = service.hasher().tally();
    assert!(before.is_empty() && after.len() == 1 && after[0].1 == 1);
    assert_eq!(after[0].0.memory_kib(), KIB);
}

#[tokio::test]
async fn the_line_has_an_end() {
    let service = service(1, 256);
    let held = hold(&service, KIB);
    held.begin().await;
    let line: Vec<Held> = (0..WAITING).map(|_| hold(&service, KIB)).collect();
    until(&service, |load| load.waiting == WAITING).await;
    let refused = service.hash(accepted()).await;
    let error = HashingError::Overloaded {
        waiting: WAITING,
        waited: Duration::ZERO,
    };
    assert_eq!(refused, Err(error));
    assert_eq!(service.load().waiting, WAITING);
    // Those in the line are served all the same.
    drop(held.end);
    for held in line {
        drop(held.end);
        assert!(held.task.await.expect("ends").is_ok());
    }
    assert!(is_idle(service.load()));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_past_the_deadline() {
    // For a worker; then for memory, while a worker is free.
    for (workers, kib) in [(1, KIB), (2, 256)] {
        let service = service(workers, 256);
        let held = hold(&service, kib);
        held.begin().await;
        let late = hold(&service, KIB);
        until(&service, |load| load.waiting == 1).await;
        let deadline = Duration::from_secs(5);
        tokio::time::advance(deadline - Duration::from_millis(1)).await;
        tokio::task::yield_now().await;
        assert!(!late.task.is_finished());
        tokio::time::advance(Duration::from_millis(1)).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(late.task.is_finished(), "it waits past the deadline");
        match late.task.await.expect("ends") {
            Err(HashingError::Overloaded { waiting, waited }) => {
                assert_eq!((waiting, waited), (1, deadline));
            }
            other => panic!("{other:?}"),
        }
        assert!(late.begun.try_recv().is_err());
        // What it had already is given back.
        let load = service.load();
        assert_eq!((load.waiting, load.free_workers), (0, workers - 1));
        drop(held.end);
        assert!(held.task.await.expect("ends").is_ok());
        assert_eq!(service.load().free_workers, workers);
    }
}

/// Says when it is dropped, as a password says it to its memory.
struct Secret(Arc<Mutex<Vec<&'static str>>>, &'static str);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.lock().expect("no panic while held").push(self.1);
    }
}

#[tokio::test]
async fn a_request_that_leaves_the_line_takes_its_secret_with_it() {
    let service = service(1, 256);
    let held = hold(&service, KIB);
    held.begin().await;
    let dropped = Arc::new(Mutex::new(Vec::new()));
    let secret = Secret(dropped.clone(), "waiting");
    let other = service.clone();
    let request = tokio::spawn(async move {
        let work = move |_: &Hasher, _: &mut Matrix| drop(secret);
        other.run(KIB, work).await
    });
    until(&service, |load| load.waiting == 1).await;
    request.abort();
    assert!(request.await.expect_err("aborted").is_cancelled());
    assert_eq!(*dropped.lock().expect("whole"), ["waiting"]);
    assert_eq!(service.load().waiting, 0);
    drop(held.end);
    held.task.await.expect("ends").expect("runs");
    assert!(is_idle(service.load()));
}

#[tokio::test]
async fn a_request_that_goes_away_leaves_its_worker_busy_until_the_job_ends() {
    let service = service(1, 256);
    let held = hold(&service, KIB);
    held.begin().await;
    held.task.abort();
    assert!(held.task.await.expect_err("aborted").is_cancelled());
    // The job still runs, so its worker and memory are still taken.
    let load = service.load();
    assert_eq!((load.free_workers, load.free_kib), (0, 256 - KIB));
    let next = hold(&service, KIB);
    until(&service, |load| load.waiting == 1).await;
    assert!(next.begun.try_recv().is_err());
    drop(held.end);
    next.begin().await;
    drop(next.end);
    next.task.await.expect("ends").expect("runs");
    assert!(is_idle(service.load()));
}

#[test]
fn a_job_whose_request_is_gone_before_it_starts_does_not_run() {
    // One blocking thread, taken by something else: jobs are admitted but cannot start.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let service = service(1, 256);
        let (release, released) = mpsc::channel::<()>();
        let blocker = tokio::task::spawn_blocking(move || {
            let _ = released.recv();
        });
        let events = Arc::new(Mutex::new(Vec::new()));
        let (secret, ran) = (Secret(events.clone(), "wiped"), events.clone());
        let other = service.clone();
        let request = tokio::spawn(async move {
            let work = move |_: &Hasher, _: &mut Matrix| {
                ran.lock().expect("whole").push("ran");
                drop(secret);
            };
            other.run(KIB, work).await
        });
        until(&service, |load| load.free_workers == 0).await;
        request.abort();
        assert!(request.await.expect_err("aborted").is_cancelled());
        assert!(events.lock().expect("whole").is_empty());
        drop(release);
        blocker.await.expect("ends");
        until(&service, is_idle).await;
        assert_eq!(*events.lock().expect("whole"), ["wiped"]);
    });
}

#[test]
fn nobody_waits_past_the_deadline_for_a_thread() {
    // The one blocking thread is taken by something else for longer than the deadline.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let service = service(1, 256);
        let (release, released) = mpsc::channel::<()>();
        let blocker = tokio::task::spawn_blocking(move || {
            let _ = released.recv();
        });
        let late = hold(&service, KIB);
        until(&service, |load| load.free_workers == 0).await;
        tokio::time::advance(Duration::from_secs(5)).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(late.task.is_finished(), "it waits past the deadline");
        let answer = late.task.await.expect("ends");
        assert!(matches!(answer, Err(HashingError::Overloaded { .. })));
        // Its place is free once the thread is, and the job has not run.
        assert_eq!(service.load().free_workers, 0);
        drop(release);
        blocker.await.expect("ends");
        until(&service, is_idle).await;
        assert!(late.begun.try_recv().is_err());
    });
}

#[tokio::test]
async fn earlier_hashes_are_compared_within_the_budget() {
    let service = service(1, 256);
    let own = service.hash(accepted()).await.expect("a hash");
    let dear = own.as_str().replace("m=64", "m=257");
    let dear = StoredHash::parse(&dear).expect("a hash");
    for (earlier, expected) in [(vec![dear.clone()], false), (vec![dear, own], true)] {
        let (used, _) = service.was_used(accepted(), earlier).await.expect("a turn");
        assert_eq!(used, expected);
    }
}

#[tokio::test]
async fn a_panic_gives_everything_back() {
    let service = service(1, 256);
    let dropped = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..3 {
        let secret = Secret(dropped.clone(), "panicked");
        let stopped = service
            .run(KIB, move |_: &Hasher, _: &mut Matrix| {
                let _secret = secret;
                panic!("a fault in the middle of a job");
            })
            .await;
        assert_eq!(stopped, Err(HashingError::Stopped));
        assert!(is_idle(service.load()));
    }
    assert_eq!(dropped.lock().expect("whole").len(), 3);
    assert!(service.hash(accepted()).await.is_ok());
}

#[tokio::test]
async fn memory_is_kept_for_the_next_job_within_the_budget() {
    let service = service(2, 256);
    let held = |service: &Service| service.inner.pool.held_kib();
    service.hash(accepted()).await.expect("a hash");
    assert_eq!(held(&service), [KIB]);
    service.hash(accepted()).await.expect("a hash");
    assert_eq!(held(&service), [KIB], "reused");
    // The largest that a job has reserved room for is the one taken.
    let pool = &service.inner.pool;
    let fitting = pool.take(200, 56);
    assert_eq!(fitting.kib(), KIB);
    assert!(held(&service).is_empty());
    drop(fitting);
    let large = pool.take(KIB - 1, 256 - KIB);
    assert_eq!(large.kib(), 0, "it holds more than the job reserved");
    assert_eq!(held(&service), [KIB]);
    // A job whose memory an idle matrix holds makes that one go.
    let rest = pool.take(KIB - 1, KIB - 1);
    assert!(held(&service).is_empty());
    drop(rest);
    service.hash(accepted()).await.expect("a hash");
    // Never more than workers.
    drop((large, pool.take(KIB, 256), pool.take(KIB, 256)));
    assert_eq!(held(&service).len(), 2, "as many as workers");
}

#[test]
fn errors_differ_in_both_languages() {
    let errors = [
        HashingError::Overloaded {
            waiting: 3,
            waited: Duration::from_millis(5000),
        },
        HashingError::TooLarge {
            needed_kib: 2,
            budget_kib: 1,
        },
        HashingError::Hash(HashError::Memory),
        HashingError::Stopped,
    ];
    let mut seen = std::collections::BTreeSet::new();
    for error in errors {
        for text in [
            error.code().to_owned(),
            error.message(Language::Fr),
            error.message(Language::En),
        ] {
            assert!(seen.insert(text.clone()), "{text}: twice");
        }
    }
}

/// A hash that the budget holds alone and not beside a new one is not told by its time.
#[cfg(feature = "foreign")]
#[tokio::test]
async fn a_hash_without_room_beside_a_new_one_takes_the_work_of_an_unknown_account() {
    let mut policy = policy(1, 160);
    policy.accept = vec![policy::hash::LegacyFormat::Scrypt];
    let service = Service::open(&policy, Path::new("")).expect("a service");
    // 128 KiB.
    let tag = "A".repeat(43);
    let stored = StoredHash::parse(&format!("$scrypt$ln=7,r=8,p=1$c2FsdHNhbHQ${tag}"));
    let stored = stored.expect("a hash");
    let computed = || -> u64 {
        service
            .hasher()
            .tally()
            .iter()
            .map(|(_, count)| count)
            .sum()
    };
    let unknown = service.check(typed(TEXT), None, SALT).await;
    assert!(matches!(unknown, Ok(Checked::No)));
    let once = computed();
    assert_eq!(once, 1);
    let found = service.check(typed(TEXT), Some(&stored), SALT).await;
    assert!(stored.memory_kib() < 160, "it fits alone");
    let needed_kib = stored.memory_kib() + KIB;
    let budget_kib = 160;
    let expected = HashingError::TooLarge {
        needed_kib,
        budget_kib,
    };
    assert_eq!(found.err(), Some(expected));
    assert_eq!(computed(), 2 * once);
}
