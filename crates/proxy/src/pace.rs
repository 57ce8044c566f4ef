//! Whether a client that is waited for moves enough bytes.
//!
//! A deadline between two pieces stops a client that does nothing, not one that sends or reads
//! a byte now and then. So time is counted while the client is waited for, and only then: an
//! origin that is slow is no fault of the client. In each window of such time, so many bytes
//! must have moved. Clause: RFC 9110, 15.5.9 (408), for a body; nothing but closing is left
//! for an answer.

use std::time::Duration;

use policy::transport::{Deadlines, Limits};
use tokio::time::Instant;

/// The rate of one body, or of one connection.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Bytes that must move in one window; zero asks for nothing.
    need: u64,
    window: Duration,
    /// Time spent waiting, and bytes moved, in the window that runs.
    waited: Duration,
    moved: u64,
    /// Since when the client is waited for.
    since: Option<Instant>,
}

impl Pace {
    pub(crate) const fn new(limits: &Limits, deadlines: &Deadlines) -> Self {
        let window = deadlines.rate_window;
        Self {
            need: limits.min_rate.get().saturating_mul(window.as_secs()),
            window,
            waited: Duration::ZERO,
            moved: 0,
            since: None,
        }
    }

    /// Asks for nothing.
    pub(crate) const fn any() -> Self {
        Self {
            need: 0,
            window: Duration::ZERO,
            waited: Duration::ZERO,
            moved: 0,
            since: None,
        }
    }

    /// The client is waited for. When that is too long, unless bytes move; `None` when no rate
    /// is asked for.
    pub(crate) fn wait(&mut self, now: Instant) -> Option<Instant> {
        if self.need == 0 {
            return None;
        }
        let since = *self.since.get_or_insert(now);
        Some(since + self.window.saturating_sub(self.waited))
    }

    /// The client is waited for no more.
    pub(crate) fn rest(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Bytes moved. Enough of them begin a new window.
    pub(crate) fn moved(&mut self, bytes: u64) {
        self.moved = self.moved.saturating_add(bytes);
        if self.moved >= self.need {
            self.moved = 0;
            self.waited = Duration::ZERO;
            if self.since.is_some() {
                self.since = Some(Instant::now());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use policy::Size;

    use super::*;

    fn pace(bytes: u64) -> Pace {
        let mut limits = Limits::default();
        limits.min_rate = Size::bytes(bytes);
        Pace::new(&limits, &Deadlines::default())
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_trickle_buy_no_time_and_enough_of_them_do() {
        let window = Deadlines::default().rate_window;
        let mut pace = pace(100);
        let begun = Instant::now();
        for _ in 0..3 {
            assert_eq!(pace.wait(Instant::now()), Some(begun + window));
            tokio::time::advance(Duration::from_secs(5)).await;
            pace.moved(10);
        }
        pace.moved(100 * window.as_secs());
        let due = pace.wait(Instant::now());
        assert_eq!(due, Some(Instant::now() + window));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_for_the_client_does_not_count() {
        let window = Deadlines::default().rate_window;
        let mut pace = pace(100);
        pace.wait(Instant::now());
        tokio::time::advance(Duration::from_secs(10)).await;
        pace.rest();
        tokio::time::advance(Duration::from_secs(600)).await;
        let due = pace.wait(Instant::now());
        let left = window.saturating_sub(Duration::from_secs(10));
        assert_eq!(due, Some(Instant::now() + left));
    }

    #[tokio::test(start_paused = true)]
    async fn no_rate_is_no_deadline() {
        assert_eq!(pace(0).wait(Instant::now()), None);
    }
}
