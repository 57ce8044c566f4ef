//! Lets one client connection run until it ends, is closed or is cut.
//!
//! Closing is graceful (HTTP/1.1 finishes its request, HTTP/2 sends GOAWAY); cutting is not.
//! The deadlines are those of [`Activity`]; the timer is moved only when a deadline comes
//! nearer, so an ordinary request never touches it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use policy::transport::{Deadlines, TransportPolicy};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::activity::{Activity, Due};
use crate::pace::Pace;

/// How long an idle connection may take to say goodbye.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);
/// In how many windows of the rate one piece of an answer must be taken at the latest.
const STUCK: u32 = 10;

/// The steps of an orderly end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// No new connection; whoever has one is sent elsewhere with its next answer.
    pub(crate) retire: CancellationToken,
    /// No new request; open ones finish. Not before `retire`.
    pub(crate) stop: CancellationToken,
    /// Nothing finishes. Only after `stop`.
    pub(crate) abort: CancellationToken,
}

/// How a connection of a gate that retires comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// HTTP/2 says goodbye at any time without losing a request.
    AtOnce,
    /// HTTP/1.1 cannot: a request may be on its way. The next answer says `close`, and until
    /// then nothing is done.
    WithAnswer,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driven {
    /// It has ended.
    Over,
    /// It has been silent between two requests for as long as was asked for.
    Silent,
}

/// Runs `connection` to its end, whatever that is, or until it has been silent for `nap`.
/// `close` begins its graceful end.
pub(crate) async fn drive<C: Future>(
    mut connection: Pin<&mut C>,
    close: impl Fn(Pin<&mut C>),
    activity: &Activity,
    transport: &TransportPolicy,
    ending: &Ending,
    leave: Leave,
    nap: Option<Duration>,
) -> Driven {
    // How long before the idle deadline a silence has lasted long enough.
    let early = nap.and_then(|nap| transport.deadlines.idle.checked_sub(nap));
    let awaited = |end: &End| match early {
        Some(early) if end.is_quiet => end.at - early,
        _ => end.at,
    };
    let mut watch = Watch::new(activity, transport);
    let mut timer = pin!(tokio::time::sleep_until(awaited(&watch.end())));
    let mut retire = pin!(ending.retire.cancelled());
    let mut stop = pin!(ending.stop.cancelled());
    let mut abort = pin!(ending.abort.cancelled());
    let mut closing = false;
    let mut draining = false;
    std::future::poll_fn(|cx| {
        // An error is the client's affair: it left, or broke the protocol.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Driven::Over);
        }
        let leaves = leave == Leave::AtOnce && !closing && retire.as_mut().poll(cx).is_ready();
        let stops = !draining && stop.as_mut().poll(cx).is_ready();
        if leaves || stops {
            draining |= stops;
            closing = true;
            close(connection.as_mut());
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Driven::Over);
            }
        }
        if draining && abort.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Driven::Over);
        }
        let end = watch.end();
        if end.is_near && end.at < timer.deadline() {
            timer.as_mut().reset(end.at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let end = watch.end();
            let now = Instant::now();
            if awaited(&end) > now {
                timer.as_mut().reset(awaited(&end));
                continue;
            }
            if end.at > now {
                if end.is_idle && !closing && activity.is_between() {
                    return Poll::Ready(Driven::Silent);
                }
                timer.as_mut().reset(end.at);
                continue;
            }
            if !end.is_idle || closing {
                if end.is_stalled {
                    activity.give_up();
                }
                return Poll::Ready(Driven::Over);
            }
            closing = true;
            close(connection.as_mut());
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Driven::Over);
            }
            timer.as_mut().reset(Instant::now() + FAREWELL);
        }
        Poll::Pending
    })
    .await
}

/// When a connection is to be ended, unless something happens.
struct End {
    at: Instant,
    /// Nothing is open, so it may end with grace.
    is_idle: bool,
    /// Nothing waits for the client: it may come earlier for the sake of a nap.
    is_quiet: bool,
    /// It may come sooner than what was due before.
    is_near: bool,
    /// It comes because the client does not read.
    is_stalled: bool,
}

/// The deadlines of one connection.
struct Watch<'a> {
    activity: &'a Activity,
    deadlines: &'a Deadlines,
    pace: Pace,
    /// What had been written when the client was last seen to read.
    written: u64,
    read_at: Instant,
}

impl<'a> Watch<'a> {
    fn new(activity: &'a Activity, transport: &'a TransportPolicy) -> Self {
        Self {
            activity,
            deadlines: &transport.deadlines,
            pace: Pace::new(&transport.limits, &transport.deadlines),
            written: activity.written(),
            read_at: Instant::now(),
        }
    }

    fn end(&mut self) -> End {
        let due = self.activity.due(self.deadlines);
        let is_stalled = matches!(due, Due::Stalled(_));
        if !is_stalled {
            self.pace.rest();
        }
        End {
            is_idle: matches!(due, Due::Idle(_)),
            is_quiet: matches!(due, Due::Idle(_) | Due::Later(_)),
            is_near: matches!(due, Due::Head(_) | Due::Stalled(_)),
            is_stalled,
            at: match due {
                Due::Stalled(since) => self.stalled(since),
                Due::Idle(at) | Due::Head(at) | Due::Later(at) => at,
            },
        }
    }

    /// The end of a connection whose client is waited for: silence, a trickle, or, however the
    /// wire moves, no answer that gets on (an HTTP/2 client can have pings answered for ever).
    fn stalled(&mut self, since: Instant) -> Instant {
        let now = Instant::now();
        let written = self.activity.written();
        if written != self.written {
            self.pace.moved(written - self.written);
            self.written = written;
            self.read_at = now;
        }
        let silent = self.read_at.max(since) + self.deadlines.body_idle;
        let stuck = since + self.deadlines.rate_window.max(self.deadlines.body_idle) * STUCK;
        let due = silent.min(stuck);
        self.pace.wait(now).map_or(due, |slow| slow.min(due))
    }
}
