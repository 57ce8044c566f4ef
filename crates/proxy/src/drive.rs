//! Lets one client connection run until it ends, is closed or is cut.
//!
//! Closing is graceful (HTTP/1.1 finishes its request, HTTP/2 sends GOAWAY); cutting is not.
//! The deadlines are those of [`Activity`]; the timer is moved only when a deadline comes
//! nearer, so an ordinary request never touches it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use policy::transport::Deadlines;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::activity::{Activity, Due};

/// How long an idle connection may take to say goodbye.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);

/// The two steps of an orderly end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending {
    /// No new request; open ones finish.
    pub(crate) stop: CancellationToken,
    /// Nothing finishes. Only after `stop`.
    pub(crate) abort: CancellationToken,
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
    deadlines: &Deadlines,
    ending: &Ending,
    nap: Option<Duration>,
) -> Driven {
    // How long before the idle deadline a silence has lasted long enough.
    let early = nap.and_then(|nap| deadlines.idle.checked_sub(nap));
    let awaited = |due: Due| match (due, early) {
        (Due::Idle(at) | Due::Later(at), Some(early)) => at - early,
        _ => due.at(),
    };
    let mut timer = pin!(tokio::time::sleep_until(awaited(activity.due(deadlines))));
    let mut stop = pin!(ending.stop.cancelled());
    let mut abort = pin!(ending.abort.cancelled());
    let mut closing = false;
    let mut draining = false;
    std::future::poll_fn(|cx| {
        // An error is the client's affair: it left, or broke the protocol.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Driven::Over);
        }
        if !draining && stop.as_mut().poll(cx).is_ready() {
            draining = true;
            closing = true;
            close(connection.as_mut());
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Driven::Over);
            }
        }
        if draining && abort.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Driven::Over);
        }
        if let Due::Head(at) | Due::Stalled(at) = activity.due(deadlines)
            && at < timer.deadline()
        {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let due = activity.due(deadlines);
            let now = Instant::now();
            if awaited(due) > now {
                timer.as_mut().reset(awaited(due));
                continue;
            }
            if due.at() > now {
                if matches!(due, Due::Idle(_)) && !closing && activity.is_between() {
                    return Poll::Ready(Driven::Silent);
                }
                timer.as_mut().reset(due.at());
                continue;
            }
            match due {
                Due::Idle(_) if !closing => {
                    closing = true;
                    close(connection.as_mut());
                    if connection.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Driven::Over);
                    }
                    timer.as_mut().reset(Instant::now() + FAREWELL);
                }
                _ => return Poll::Ready(Driven::Over),
            }
        }
        Poll::Pending
    })
    .await
}
