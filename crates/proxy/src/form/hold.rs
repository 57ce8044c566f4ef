//! The body of a protected request, held whole in memory that is wiped.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`]. What all held bodies take
//! together is bounded: memory is asked for as bytes come, so that a client that announces much
//! and sends nothing takes nothing. Who finds none waits for a moment, then is told to come
//! back, and one source has a part of it at most. Small bodies, as forms are, have a room of their
//! own: a few sources with uploads leave it as it is. A body also has to come at a certain pace, in
//! each stretch of its time, and within a time in all: haste at first buys no rest afterwards.
//!
//! Nothing is written to a disk. What hyper and TLS keep of the bytes on their way through their
//! own buffers is theirs, and is not wiped.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroizing;

use crate::body::UploadError;
use crate::limit::Source;

/// The largest body that is a small one.
const SMALL: usize = 64 * 1024;

/// What all small bodies may take together, in KiB, and one source of it: some two thousand
/// sign-ins at once, or thirty of the largest.
const SMALL_ROOM: (usize, usize) = (64 * 1024, 2 * 1024);

/// The same for larger ones; the largest that a form may admit takes 16 MiB.
const LARGE_ROOM: (usize, usize) = (64 * 1024, 16 * 1024);

/// How long a body waits for memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// The slowest pace of a body, in each grace that it is waited for.
const BYTES_PER_SECOND: u64 = 4 * 1024;

/// The longest that a body may take.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The memory that bodies are held in.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    small: Room,
    large: Room,
}

/// A part of it.
#[derive(Debug, Clone)]
struct Room {
    free: Arc<Semaphore>,
    /// The most that one source may take, and what each takes, in KiB.
    most: usize,
    taken: Arc<Mutex<HashMap<Source, usize>>>,
}

/// A body held whole. Its memory is wiped and given back when the last view of it is dropped.
pub(crate) struct Held {
    bytes: Zeroizing<Vec<u8>>,
    place: Place,
}

/// What a body takes of a room and of the part of its source; given back when dropped.
struct Place {
    room: Room,
    source: Source,
    kib: usize,
    permit: Option<OwnedSemaphorePermit>,
}

/// Why a body is not held whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldError {
    /// It is larger than its form admits.
    TooLarge,
    /// There is no memory for it now.
    Crowded,
    /// It comes too slowly, or stopped coming.
    Slow,
    /// It broke off, or its framing is at fault.
    Upload(UploadError),
}

impl Hold {
    pub(crate) fn new() -> Self {
        Self {
            small: Room::of(SMALL_ROOM),
            large: Room::of(LARGE_ROOM),
        }
    }

    /// Reads a body of at most `most` bytes from a source. In each stretch of `grace` it moves
    /// 4 KiB for each second of it, or ends. What was read is given in any case.
    pub(crate) async fn read(
        &self,
        source: IpAddr,
        upload: &mut (impl Body<Data = Bytes, Error = UploadError> + Unpin),
        most: u64,
        grace: Duration,
    ) -> (Held, Result<(), HoldError>) {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let known = upload.size_hint().exact();
        let known = known.and_then(|length| usize::try_from(length).ok());
        let mut held = Held {
            bytes: Zeroizing::new(Vec::with_capacity(known.unwrap_or(0).min(FIRST))),
            place: self.small.place(Source::of(source)),
        };
        let end = Instant::now() + LONGEST;
        let need = BYTES_PER_SECOND * grace.as_secs().max(1);
        let (mut due, mut moved) = (Instant::now() + grace, 0);
        loop {
            let next = poll_fn(|cx| Pin::new(&mut *upload).poll_frame(cx));
            let frame = match timeout_at(due.min(end), next).await {
                Ok(None) => return (held, Ok(())),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return (held, Err(HoldError::Upload(error))),
                Err(_) => return (held, Err(HoldError::Slow)),
            };
            // Trailers of a request mean nothing to any origin of forms, and are not passed on.
            let Ok(data) = frame.into_data() else {
                continue;
            };
            moved += data.len() as u64;
            if moved >= need {
                (due, moved) = (Instant::now() + grace, 0);
            }
            let over = data.len() > most - held.bytes.len();
            if let Err(error) = self.room_for(&mut held, data.len()).await {
                return (held, Err(error));
            }
            held.push(&data, most);
            if over {
                return (held, Err(HoldError::TooLarge));
            }
        }
    }

    /// Asks for the memory of so many bytes more. A body that is no small one any more goes where
    /// the large ones are.
    async fn room_for(&self, held: &mut Held, more: usize) -> Result<(), HoldError> {
        let bytes = held.bytes.len() + more;
        if bytes > SMALL && held.bytes.len() <= SMALL {
            let mut place = self.large.place(held.place.source);
            place.grow(bytes).await?;
            held.place = place;
            return Ok(());
        }
        held.place.grow(bytes).await
    }
}

impl Room {
    fn of((kib, most): (usize, usize)) -> Self {
        Self {
            free: Arc::new(Semaphore::new(kib)),
            most,
            taken: Arc::default(),
        }
    }

    fn place(&self, source: Source) -> Place {
        Place {
            room: self.clone(),
            source,
            kib: 0,
            permit: None,
        }
    }
}

impl Place {
    /// Takes what so many bytes in all need.
    async fn grow(&mut self, bytes: usize) -> Result<(), HoldError> {
        let kib = bytes.div_ceil(1024);
        let Some(missing) = kib.checked_sub(self.kib).filter(|missing| *missing > 0) else {
            return Ok(());
        };
        self.take(missing)?;
        let missing = u32::try_from(missing).map_err(|_| HoldError::Crowded)?;
        let asked = Arc::clone(&self.room.free).acquire_many_owned(missing);
        match timeout(PATIENCE, asked).await {
            Ok(Ok(permit)) => {
                match &mut self.permit {
                    Some(held) => held.merge(permit),
                    none => *none = Some(permit),
                }
                Ok(())
            }
            _ => Err(HoldError::Crowded),
        }
    }

    /// Of the part of the source.
    fn take(&mut self, more: usize) -> Result<(), HoldError> {
        let taken = &self.room.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let before = taken.get(&self.source).copied().unwrap_or_default();
        if before + more > self.room.most {
            return Err(HoldError::Crowded);
        }
        taken.insert(self.source, before + more);
        self.kib += more;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.kib == 0 {
            return;
        }
        let taken = &self.room.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = taken
            .get(&self.source)
            .map_or(0, |before| before.saturating_sub(self.kib));
        match rest {
            0 => taken.remove(&self.source),
            rest => taken.insert(self.source, rest),
        };
    }
}

impl Held {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same memory, as a body to send.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }

    /// Grows by hand: a vector that grows by itself leaves what it held behind, unwiped.
    fn push(&mut self, data: &[u8], most: usize) {
        let needed = self.bytes.len() + data.len();
        if needed > self.bytes.capacity() {
            let room = needed.max((2 * self.bytes.capacity()).clamp(1024, most.max(1024)));
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(data);
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held(..)")
    }
}

/// The most that is set aside before a byte has come.
const FIRST: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use hyper::body::Frame;
    use tokio::time::{Sleep, sleep};

    use super::*;
    use crate::body::Upload;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const GRACE: Duration = Duration::from_secs(30);

    /// One with a room of so many KiB for small bodies and another for large ones, a quarter of
    /// which is for one source.
    fn hold(small: usize, large: usize) -> Hold {
        let room = |kib: usize| Room::of((kib, kib.div_ceil(4)));
        Hold {
            small: room(small),
            large: room(large),
        }
    }

    fn body(size: usize) -> Upload {
        Upload::whole(Bytes::from(vec![b'x'; size]))
    }

    #[tokio::test]
    async fn a_body_is_held_whole_up_to_its_cap() {
        let hold = hold(1024, 1024);
        for (size, most, expected) in [
            (0, 10, Ok(())),
            (10, 10, Ok(())),
            (11, 10, Err(HoldError::TooLarge)),
            (100_000, 200_000, Ok(())),
        ] {
            let (held, read) = hold.read(HERE, &mut body(size), most, GRACE).await;
            assert_eq!((held.bytes().len(), read), (size, expected), "{size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_bodies_share_the_room_and_give_it_back() {
        let hold = hold(8, 8);
        let mut others = Vec::new();
        for last in 2..6 {
            let source = IpAddr::from([192, 0, 2, last]);
            others.push(hold.read(source, &mut body(2_000), 9_000, GRACE).await);
        }
        assert!(others.iter().all(|(_, read)| read.is_ok()));
        let (none, read) = hold.read(HERE, &mut body(2_000), 9_000, GRACE).await;
        assert_eq!(read, Err(HoldError::Crowded));
        drop(none);
        let (first, _) = others.swap_remove(0);
        drop(first.into_bytes());
        let (_, read) = hold.read(HERE, &mut body(2_000), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
    }

    #[tokio::test]
    async fn one_source_has_a_part_of_the_room() {
        let hold = hold(8, 8);
        let (first, read) = hold.read(HERE, &mut body(2_000), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
        let (_, read) = hold.read(HERE, &mut body(1), 9_000, GRACE).await;
        assert_eq!(read, Err(HoldError::Crowded));
        let other = IpAddr::from([192, 0, 2, 2]);
        let (_, read) = hold.read(other, &mut body(1), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
        drop(first);
        let (_, read) = hold.read(HERE, &mut body(1), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
        assert!(hold.small.taken.lock().expect("a lock").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn large_bodies_take_nothing_from_small_ones() {
        let hold = hold(512, 400);
        let mut others = Vec::new();
        for last in 2..6 {
            let source = IpAddr::from([192, 0, 2, last]);
            let (held, read) = hold
                .read(source, &mut body(100 * 1024), u64::MAX, GRACE)
                .await;
            assert_eq!((held.bytes().len(), read), (100 * 1024, Ok(())));
            others.push(held);
        }
        for (size, expected) in [
            (SMALL, Ok(())),
            (SMALL + 1, Err(HoldError::Crowded)),
            (1, Ok(())),
        ] {
            let (_, read) = hold.read(HERE, &mut body(size), u64::MAX, GRACE).await;
            assert_eq!(read, expected, "{size}");
        }
        // What grew has left its place among the small.
        assert!(hold.small.taken.lock().expect("a lock").is_empty());
        assert_eq!(hold.small.free.available_permits(), 512);
        drop(others);
        assert!(hold.large.taken.lock().expect("a lock").is_empty());
        assert_eq!(hold.large.free.available_permits(), 400);
        // In pieces, and refused in the middle: nothing is kept.
        let mut drip = Drip {
            first: 60 * 1024,
            each: 30 * 1024,
            count: 4,
            every: Duration::from_secs(1),
            wait: Box::pin(sleep(Duration::from_secs(1))),
        };
        let (held, read) = hold.read(HERE, &mut drip, u64::MAX, GRACE).await;
        assert_eq!(
            (held.bytes().len(), read),
            (90 * 1024, Err(HoldError::Crowded))
        );
        drop(held);
        assert!(hold.large.taken.lock().expect("a lock").is_empty());
        assert_eq!(hold.large.free.available_permits(), 400);
    }

    /// A body that comes in pieces: so many bytes, each of so many after a wait.
    struct Drip {
        first: usize,
        each: usize,
        count: usize,
        every: Duration,
        wait: Pin<Box<Sleep>>,
    }

    impl Body for Drip {
        type Data = Bytes;
        type Error = UploadError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
            let piece = |size| Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b'x'; size])))));
            let first = std::mem::take(&mut self.first);
            if first > 0 {
                return piece(first);
            }
            if self.count == 0 {
                return Poll::Ready(None);
            }
            match self.wait.as_mut().poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => {
                    self.count -= 1;
                    self.wait = Box::pin(sleep(self.every));
                    piece(self.each)
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_keeps_its_pace_to_the_end() {
        const SECOND: Duration = Duration::from_secs(1);
        const MOST: u64 = 8 * 1024 * 1024;
        for (first, each, count, every, expected, seconds) in [
            // At twice the pace.
            (1, 8 * 1024, 120, SECOND, Ok(()), 120),
            // Nearly all at once, then a byte now and then.
            (1 << 20, 1, 1_000, 29 * SECOND, Err(HoldError::Slow), 30),
            // At the pace, for too long.
            (1, 5 * 1024, 1_000, SECOND, Err(HoldError::Slow), 300),
            // Small, within the grace.
            (1, 1, 1, 29 * SECOND, Ok(()), 29),
        ] {
            let begun = Instant::now();
            let mut drip = Drip {
                first,
                each,
                count,
                every,
                wait: Box::pin(sleep(every)),
            };
            let hold = Hold::new();
            let (_, read) = hold.read(HERE, &mut drip, MOST, GRACE).await;
            assert_eq!(read, expected, "{first} {each}");
            assert_eq!(begun.elapsed().as_secs(), seconds, "{first} {each}");
        }
    }
}
