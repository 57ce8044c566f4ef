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
const FAREWELL: Duration = Duration::from_secs(5);

/// The two steps of an orderly end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending {
    /// No new request; open ones finish.
    pub(crate) stop: CancellationToken,
    /// Nothing finishes. Only after `stop`.
    pub(crate) abort: CancellationToken,
}

/// Runs `connection` to its end, whatever that is. `close` begins its graceful end.
pub(crate) async fn drive<C: Future>(
    connection: C,
    close: impl Fn(Pin<&mut C>),
    activity: &Activity,
    deadlines: &Deadlines,
    ending: &Ending,
) {
    let mut connection = pin!(connection);
    let mut timer = pin!(tokio::time::sleep_until(activity.due(deadlines).at()));
    let mut stop = pin!(ending.stop.cancelled());
    let mut abort = pin!(ending.abort.cancelled());
    let mut closing = false;
    let mut draining = false;
    std::future::poll_fn(|cx| {
        // An error is the client's affair: it left, or broke the protocol.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !draining && stop.as_mut().poll(cx).is_ready() {
            draining = true;
            closing = true;
            close(connection.as_mut());
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
        }
        if draining && abort.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if let Due::Head(at) | Due::Stalled(at) = activity.due(deadlines)
            && at < timer.deadline()
        {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let due = activity.due(deadlines);
            if due.at() > Instant::now() {
                timer.as_mut().reset(due.at());
                continue;
            }
            match due {
                Due::Idle(_) if !closing => {
                    closing = true;
                    close(connection.as_mut());
                    if connection.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    timer.as_mut().reset(Instant::now() + FAREWELL);
                }
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    })
    .await;
}
