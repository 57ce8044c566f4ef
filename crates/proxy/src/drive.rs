//! Lets one client connection run until it ends, is closed or is cut.
//!
//! Closing is graceful (HTTP/1.1 finishes its request, HTTP/2 sends GOAWAY); cutting is not.
//! The deadlines are those of [`Activity`]; the timer is moved only when a deadline comes
//! nearer, so an ordinary request never touches it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use policy::transport::{Deadlines, TransportPolicy};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use crate::activity::{Activity, Due};
use crate::pace::Pace;
use crate::turn;

/// How long an idle connection may take to say goodbye.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);
/// In how many windows of the rate one piece of an answer must be taken at the latest.
const STUCK: u32 = 10;

/// The steps of an orderly end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Whether any step has been taken: what a connection that is driven looks at each time,
    /// since a token is a lock that all threads share.
    begun: AtomicBool,
    retire: CancellationToken,
    stop: CancellationToken,
    abort: CancellationToken,
}

impl Ending {
    /// No new connection; whoever has one is sent elsewhere with its next answer.
    pub(crate) fn retire(&self) {
        self.take(&self.retire);
    }

    /// No new request; open ones finish.
    pub(crate) fn stop(&self) {
        self.take(&self.retire);
        self.take(&self.stop);
    }

    /// Nothing finishes.
    pub(crate) fn abort(&self) {
        self.stop();
        self.take(&self.abort);
    }

    /// Ends when the gate retires.
    pub(crate) fn retired(&self) -> WaitForCancellationFuture<'_> {
        self.retire.cancelled()
    }

    /// Ends when the gate stops.
    pub(crate) fn stopped(&self) -> WaitForCancellationFuture<'_> {
        self.stop.cancelled()
    }

    /// Whether the gate stops.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// For what outlives a borrow of this: ends when the gate retires.
    pub(crate) fn until_retired(&self) -> CancellationToken {
        self.retire.child_token()
    }

    /// The same, when nothing finishes any more.
    pub(crate) fn until_aborted(&self) -> CancellationToken {
        self.abort.child_token()
    }

    fn take(&self, step: &CancellationToken) {
        // Before whoever waits is woken, who then sees it.
        self.begun.store(true, Ordering::Release);
        step.cancel();
    }

    fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }
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
    let mut watch = Watch::new(activity, transport, nap);
    let mut timer = pin!(tokio::time::sleep_until(watch.end().at));
    let mut retire = pin!(ending.retired());
    let mut stop = pin!(ending.stopped());
    let mut abort = pin!(ending.abort.cancelled());
    let mut listens = false;
    let mut closing = false;
    let mut draining = false;
    std::future::poll_fn(|cx| {
        let _turn = turn::begin();
        // An error is the client's affair: it left, or broke the protocol.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Driven::Over);
        }
        // Asked once, a step wakes this task when it is taken.
        if !listens || ending.has_begun() {
            listens = true;
            let retires = retire.as_mut().poll(cx).is_ready();
            let stops = !draining && stop.as_mut().poll(cx).is_ready();
            let aborts = abort.as_mut().poll(cx).is_ready();
            if stops || (retires && leave == Leave::AtOnce && !closing) {
                draining |= stops;
                closing = true;
                close(connection.as_mut());
                if connection.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Driven::Over);
                }
            }
            if draining && aborts {
                return Poll::Ready(Driven::Over);
            }
        }
        if let Some(at) = watch.near()
            && at < timer.deadline()
        {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let end = watch.end();
            let now = Instant::now();
            if end.at > now {
                match watch.sleeps().filter(|_| !closing) {
                    Some(at) if at <= now => return Poll::Ready(Driven::Silent),
                    // There were requests since this was set.
                    Some(at) => timer.as_mut().reset(at.min(end.at)),
                    None => timer.as_mut().reset(end.at),
                }
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
    /// What of bodies had been handed down then, over HTTP/2.
    data: u64,
    read_at: Instant,
    /// The silence after which it may sleep.
    nap: Option<Duration>,
}

impl<'a> Watch<'a> {
    fn new(activity: &'a Activity, transport: &'a TransportPolicy, nap: Option<Duration>) -> Self {
        Self {
            activity,
            deadlines: &transport.deadlines,
            pace: Pace::new(&transport.limits, &transport.deadlines),
            written: activity.written(),
            data: activity.data(),
            read_at: Instant::now(),
            nap,
        }
    }

    /// The end, where it may come sooner than what was due before.
    fn near(&mut self) -> Option<Instant> {
        let due = self.activity.due(self.deadlines);
        if !matches!(due, Due::Stalled(_)) {
            self.pace.rest();
        }
        match due {
            Due::Stalled(since) => Some(self.stalled(since)),
            Due::Head(at) => Some(at),
            Due::Idle(since) => {
                self.notice();
                self.sleeps_at(since)
            }
            Due::Later => None,
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
            is_stalled,
            at: match due {
                Due::Stalled(since) => self.stalled(since),
                Due::Idle(since) => self.idle(since),
                Due::Head(at) => at,
                Due::Later => Instant::now() + self.deadlines.idle,
            },
        }
    }

    /// When a connection that has no request may sleep: not while anything of it is on its way.
    fn sleeps_at(&self, since: Instant) -> Option<Instant> {
        let nap = self.nap.filter(|_| self.activity.is_between());
        nap.map(|nap| since + nap)
    }

    /// The same, at this moment.
    fn sleeps(&self) -> Option<Instant> {
        match self.activity.due(self.deadlines) {
            Due::Idle(since) => self.sleeps_at(since),
            _ => None,
        }
    }

    /// The end of a connection that has no request. A client that still takes the end of the last
    /// answer is not idle, though nothing more is handed over to it.
    fn idle(&mut self, since: Instant) -> Instant {
        self.notice();
        // The system tells of a slow reader in large steps only: as soon as a third of what it
        // holds is read.
        let patience = match self.activity.has_tail() {
            true => self.deadlines.idle.max(FAREWELL),
            false => self.deadlines.idle,
        };
        self.read_at.clamp(since, self.stuck(since)) + patience
    }

    /// Notes when the client was last seen to read the end of an answer: bytes of it left, or,
    /// over HTTP/2, it made room for more of them.
    fn notice(&mut self) {
        let (written, data) = (self.activity.written(), self.activity.data());
        let leaves = self.activity.has_tail() && written != self.written;
        if leaves || data != self.data {
            (self.written, self.data) = (written, data);
            self.read_at = Instant::now();
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
        let due = silent.min(self.stuck(since));
        self.pace.wait(now).map_or(due, |slow| slow.min(due))
    }

    /// When a client that takes what it has been given since then must have taken it all.
    fn stuck(&self, since: Instant) -> Instant {
        since + self.deadlines.rate_window.max(self.deadlines.body_idle) * STUCK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_still_takes_the_end_of_an_answer_is_not_idle() {
        let transport = TransportPolicy::default();
        let (idle, ending) = (transport.deadlines.idle, Ending::default());
        let most = transport
            .deadlines
            .rate_window
            .max(transport.deadlines.body_idle)
            * STUCK;
        // What takes it, and for how long at least and at most it may.
        let nothing = (|_| ()) as fn(&Activity);
        let bytes = (|activity| activity.wrote(100)) as fn(&Activity);
        // All that there was room for has left.
        let room = (|activity| {
            activity.passed(100);
            activity.flushed();
        }) as fn(&Activity);
        for (takes, least, longest) in [
            (nothing, idle, idle + FAREWELL),
            (bytes, most, most + idle + FAREWELL),
            (room, most, most + idle + FAREWELL),
        ] {
            let activity = Activity::start();
            activity.is_told_of_flushes();
            let mut ticket = activity.request();
            ticket.offer();
            drop(ticket);
            let begun = Instant::now();
            let connection = pin!(std::future::pending::<()>());
            let leave = Leave::WithAnswer;
            let driven = drive(
                connection,
                |_| (),
                &activity,
                &transport,
                &ending,
                leave,
                None,
            );
            let mut driven = pin!(driven);
            while tokio::time::timeout(idle / 4, driven.as_mut())
                .await
                .is_err()
            {
                takes(&activity);
            }
            let lasted = begun.elapsed();
            assert!((least..=longest).contains(&lasted), "{least:?}: {lasted:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_whose_writes_may_be_pongs_is_idle_all_the_same() {
        let transport = TransportPolicy::default();
        let (idle, ending) = (transport.deadlines.idle, Ending::default());
        let activity = Activity::start();
        activity.is_told_of_flushes();
        drop(activity.request());
        activity.flushed();
        let begun = Instant::now();
        let connection = pin!(std::future::pending::<()>());
        // Saying goodbye is a write too.
        let close = |_: Pin<&mut _>| activity.wrote(50);
        let leave = Leave::AtOnce;
        let driven = drive(
            connection, close, &activity, &transport, &ending, leave, None,
        );
        let mut driven = pin!(driven);
        while tokio::time::timeout(idle / 7, driven.as_mut())
            .await
            .is_err()
        {
            activity.wrote(17);
        }
        let lasted = begun.elapsed();
        assert!((idle..=idle + FAREWELL).contains(&lasted), "{lasted:?}");
    }

    #[tokio::test]
    async fn a_step_of_the_end_wakes_a_connection_and_each_includes_those_before() {
        let transport = TransportPolicy::default();
        for (step, leave, closes, ends) in [
            (Ending::retire as fn(&Ending), Leave::AtOnce, true, false),
            (Ending::retire, Leave::WithAnswer, false, false),
            (Ending::stop, Leave::WithAnswer, true, false),
            (Ending::abort, Leave::WithAnswer, true, true),
        ] {
            let (activity, ending) = (Activity::start(), Ending::default());
            let closed = AtomicBool::new(false);
            let connection = pin!(std::future::pending::<()>());
            let close = |_: Pin<&mut _>| closed.store(true, Ordering::Relaxed);
            let mut driven = pin!(drive(
                connection, close, &activity, &transport, &ending, leave, None
            ));
            let moment = Duration::from_millis(50);
            let quiet = tokio::time::timeout(moment, driven.as_mut()).await;
            assert!(quiet.is_err() && !closed.load(Ordering::Relaxed));
            step(&ending);
            let ended = tokio::time::timeout(moment, driven.as_mut()).await.is_ok();
            assert_eq!((closed.load(Ordering::Relaxed), ended), (closes, ends));
        }
    }
}
