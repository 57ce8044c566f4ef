//! What a connection is doing, so that its deadlines can be judged.
//!
//! hyper has one timer, for a request head, and it runs while a connection is idle too.
//! The policy has three: a whole head, an idle connection, a client that stops reading.
//! The service, the bodies and the wire report here; [`crate::drive`] reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use policy::transport::Deadlines;
use tokio::time::Instant;

use crate::turn;

/// The state of one client connection.
///
/// Counters are relaxed: a deadline that reads a value one event old is late by one event.
#[derive(Debug)]
pub(crate) struct Activity {
    epoch: Instant,
    /// Requests whose answer is not over.
    open: AtomicUsize,
    /// Requests ever.
    started: AtomicU64,
    /// Answers with a piece handed to hyper and none asked for since: the client is slow.
    offered: AtomicUsize,
    /// Milliseconds from `epoch` to the last event of a request.
    progress: AtomicU64,
    /// Milliseconds from `epoch`, plus one, to the first byte of an unfinished head; or zero.
    head: AtomicU64,
    /// The last answer agreed to another protocol.
    tunnel: AtomicBool,
    /// The wire was last seen silent between two requests.
    between: AtomicBool,
    /// The last answer has left to its last byte: no buffer above the system holds any of it.
    flushed: AtomicBool,
    /// Somebody tells when that is so.
    tells: AtomicBool,
    /// Bytes of bodies that the HTTP/2 codec has handed down, ever: what else it writes may be
    /// the answer to a ping.
    data: AtomicU64,
    /// Bytes that the system has taken for the client, ever.
    written: AtomicU64,
    /// The client is given up: nothing that it did not read is kept for it.
    given_up: AtomicBool,
}

/// What runs out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// The connection has no request, since then.
    Idle(Instant),
    /// A request head is not complete.
    Head(Instant),
    /// Every open answer waits for the client to read, at the latest since then.
    Stalled(Instant),
    /// Somebody else watches (the origin's deadlines); look again later.
    Later,
}

impl Activity {
    /// A connection accepted at this moment.
    pub(crate) fn start() -> Arc<Self> {
        Arc::new(Self {
            epoch: Instant::now(),
            open: AtomicUsize::new(0),
            started: AtomicU64::new(0),
            offered: AtomicUsize::new(0),
            progress: AtomicU64::new(0),
            head: AtomicU64::new(0),
            tunnel: AtomicBool::new(false),
            between: AtomicBool::new(false),
            flushed: AtomicBool::new(true),
            tells: AtomicBool::new(false),
            data: AtomicU64::new(0),
            written: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
        })
    }

    /// The handshake is over: from now on the connection is idle, or is not.
    pub(crate) fn open(&self) {
        self.touch();
    }

    /// The system took bytes for the client.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How many, ever.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// A request arrived; the ticket is held until its answer is over.
    pub(crate) fn request(self: &Arc<Self>) -> Ticket {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.started.fetch_add(1, Ordering::Relaxed);
        self.head.store(0, Ordering::Relaxed);
        self.flushed.store(false, Ordering::Relaxed);
        self.touch();
        Ticket {
            activity: Arc::clone(self),
            offered: false,
        }
    }

    /// Bytes arrived while no request was open: a head has begun.
    pub(crate) fn bytes(&self) {
        if self.open.load(Ordering::Relaxed) == 0 && self.head.load(Ordering::Relaxed) == 0 {
            self.head.store(self.elapsed() + 1, Ordering::Relaxed);
        }
    }

    /// Another protocol is agreed: what follows the answer is not HTTP.
    pub(crate) fn switch(&self) {
        self.tunnel.store(true, Ordering::Relaxed);
    }

    /// Whether another protocol is agreed.
    pub(crate) fn is_tunnel(&self) -> bool {
        self.tunnel.load(Ordering::Relaxed)
    }

    /// Whether the wire is silent, and everything that came on it was whole requests.
    pub(crate) fn set_between(&self, between: bool) {
        self.between.store(between, Ordering::Relaxed);
    }

    /// The HTTP/2 codec handed down bytes of a body.
    pub(crate) fn passed(&self, bytes: usize) {
        self.data.fetch_add(bytes as u64, Ordering::Relaxed);
        self.flushed.store(false, Ordering::Relaxed);
    }

    /// How many, ever.
    pub(crate) fn data(&self) -> u64 {
        self.data.load(Ordering::Relaxed)
    }

    /// Every answer has left, to the last byte.
    pub(crate) fn flushed(&self) {
        self.flushed.store(true, Ordering::Relaxed);
    }

    /// From now on it is told when every answer has left.
    pub(crate) fn is_told_of_flushes(&self) {
        self.tells.store(true, Ordering::Relaxed);
    }

    /// Whether the end of an answer is known to wait for the client.
    pub(crate) fn has_tail(&self) -> bool {
        self.tells.load(Ordering::Relaxed) && !self.flushed.load(Ordering::Relaxed)
    }

    /// Whether nothing is lost when whoever reads and writes the wire forgets all it knows.
    pub(crate) fn is_between(&self) -> bool {
        self.between.load(Ordering::Relaxed) && self.flushed.load(Ordering::Relaxed)
    }

    /// The client does not read what it asked for.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Whether it was given up.
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// How many requests are open.
    pub(crate) fn open_requests(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// How many requests ever, and whether none is open.
    pub(crate) fn quiet(&self) -> (u64, bool) {
        (
            self.started.load(Ordering::Relaxed),
            self.open.load(Ordering::Relaxed) == 0,
        )
    }

    /// What runs out first, under these deadlines.
    pub(crate) fn due(&self, deadlines: &Deadlines) -> Due {
        let open = self.open.load(Ordering::Relaxed);
        let last = self.epoch + Duration::from_millis(self.progress.load(Ordering::Relaxed));
        if open == 0 {
            return match self.head.load(Ordering::Relaxed) {
                0 => Due::Idle(last),
                head => Due::Head(self.epoch + Duration::from_millis(head - 1) + deadlines.head),
            };
        }
        if self.offered.load(Ordering::Relaxed) >= open {
            return Due::Stalled(last);
        }
        Due::Later
    }

    fn touch(&self) {
        self.progress.store(self.elapsed(), Ordering::Relaxed);
    }

    fn elapsed(&self) -> u64 {
        let since = turn::now().saturating_duration_since(self.epoch);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// One open request of a connection.
#[derive(Debug)]
pub(crate) struct Ticket {
    activity: Arc<Activity>,
    offered: bool,
}

impl Ticket {
    /// A piece of the answer was handed over.
    pub(crate) fn offer(&mut self) {
        if !self.offered {
            self.offered = true;
            self.activity.offered.fetch_add(1, Ordering::Relaxed);
        }
        self.activity.touch();
    }

    /// The client took what it was offered and wants more.
    pub(crate) fn wanted(&mut self) {
        if self.offered {
            self.offered = false;
            self.activity.offered.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.wanted();
        self.activity.open.fetch_sub(1, Ordering::Relaxed);
        self.activity.touch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_due_follows_what_the_connection_does() {
        let deadlines = Deadlines::default();
        let activity = Activity::start();
        let start = Instant::now();
        assert_eq!(activity.due(&deadlines), Due::Idle(start));

        tokio::time::advance(Duration::from_secs(1)).await;
        activity.bytes();
        let begun = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        // More bytes of the same head do not buy time.
        activity.bytes();
        assert_eq!(activity.due(&deadlines), Due::Head(begun + deadlines.head));

        let mut ticket = activity.request();
        assert!(activity.due(&deadlines) == Due::Later);
        ticket.offer();
        let offered = Instant::now();
        assert_eq!(activity.due(&deadlines), Due::Stalled(offered));
        ticket.wanted();
        assert!(activity.due(&deadlines) == Due::Later);

        drop(ticket);
        assert_eq!(activity.due(&deadlines), Due::Idle(Instant::now()));
    }

    #[tokio::test]
    async fn one_waiting_answer_hides_no_other_that_moves() {
        let deadlines = Deadlines::default();
        let activity = Activity::start();
        let mut stalled = activity.request();
        let _moving = activity.request();
        stalled.offer();
        assert!(activity.due(&deadlines) == Due::Later);
    }
}
