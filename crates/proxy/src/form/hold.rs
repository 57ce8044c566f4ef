//! The body of a protected request, held whole in memory that is wiped.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`]. What all held bodies take
//! together is bounded: memory is asked for as bytes come, so that a client that announces much
//! and sends nothing takes nothing. Who finds none waits for a moment, then is told to come
//! back. A body also has to come at a certain pace, or it would hold its memory for ever.
//!
//! Nothing is written to a disk. What hyper and TLS keep of the bytes on their way through their
//! own buffers is theirs, and is not wiped.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroizing;

use crate::body::{Upload, UploadError};

/// What all held bodies may take together, in KiB.
const MOST: usize = 128 * 1024;

/// How long a body waits for memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// The slowest pace of a body, beside the grace that each one has.
const BYTES_PER_SECOND: u64 = 4 * 1024;

/// The memory that bodies are held in.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    room: Arc<Semaphore>,
}

/// A body held whole. Its memory is wiped and given back when the last view of it is dropped.
pub(crate) struct Held {
    bytes: Zeroizing<Vec<u8>>,
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
        Self::of(MOST)
    }

    fn of(kib: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(kib)),
        }
    }

    /// Reads a body of at most `most` bytes, which may take `grace` and then a second for each
    /// 4 KiB. What was read is given in any case.
    pub(crate) async fn read(
        &self,
        upload: &mut Upload,
        most: u64,
        grace: Duration,
    ) -> (Held, Result<(), HoldError>) {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let known = upload.size_hint().exact();
        let known = known.and_then(|length| usize::try_from(length).ok());
        let mut held = Held {
            bytes: Zeroizing::new(Vec::with_capacity(known.unwrap_or(0).min(FIRST))),
            permit: None,
        };
        let begun = Instant::now();
        loop {
            let sent = Duration::from_secs(held.bytes.len() as u64 / BYTES_PER_SECOND);
            let next = poll_fn(|cx| Pin::new(&mut *upload).poll_frame(cx));
            let frame = match timeout_at(begun + grace + sent, next).await {
                Ok(None) => return (held, Ok(())),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return (held, Err(HoldError::Upload(error))),
                Err(_) => return (held, Err(HoldError::Slow)),
            };
            // Trailers of a request mean nothing to any origin of forms, and are not passed on.
            let Ok(data) = frame.into_data() else {
                continue;
            };
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

    /// Asks for the memory of so many bytes more.
    async fn room_for(&self, held: &mut Held, more: usize) -> Result<(), HoldError> {
        let kib = (held.bytes.len() + more).div_ceil(1024);
        let has = held
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(missing) = kib.checked_sub(has).filter(|missing| *missing > 0) else {
            return Ok(());
        };
        let missing = u32::try_from(missing).map_err(|_| HoldError::Crowded)?;
        let asked = Arc::clone(&self.room).acquire_many_owned(missing);
        match timeout(PATIENCE, asked).await {
            Ok(Ok(permit)) => {
                match &mut held.permit {
                    Some(held) => held.merge(permit),
                    none => *none = Some(permit),
                }
                Ok(())
            }
            _ => Err(HoldError::Crowded),
        }
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
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn body(size: usize) -> Upload {
        Upload::whole(Bytes::from(vec![b'x'; size]))
    }

    #[tokio::test]
    async fn a_body_is_held_whole_up_to_its_cap() {
        let hold = Hold::of(1024);
        for (size, most, expected) in [
            (0, 10, Ok(())),
            (10, 10, Ok(())),
            (11, 10, Err(HoldError::TooLarge)),
            (100_000, 200_000, Ok(())),
        ] {
            let (held, read) = hold.read(&mut body(size), most, GRACE).await;
            assert_eq!((held.bytes().len(), read), (size, expected), "{size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_bodies_share_the_room_and_give_it_back() {
        let hold = Hold::of(4);
        let (first, read) = hold.read(&mut body(3_000), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
        let (none, read) = hold.read(&mut body(3_000), 9_000, GRACE).await;
        assert_eq!(read, Err(HoldError::Crowded));
        drop((first.into_bytes(), none));
        let (_, read) = hold.read(&mut body(3_000), 9_000, GRACE).await;
        assert_eq!(read, Ok(()));
    }
}
