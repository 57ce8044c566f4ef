//! Deadlines of a body while it comes: a piece that is late, and pieces that are too slow.
//!
//! Clause: [`clause::REMPART_DEADLINES`](policy::clause::REMPART_DEADLINES).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// A deadline between two pieces. The timer exists only while a piece is late.
#[derive(Debug)]
pub(crate) struct Idle {
    allowed: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    /// What the timer would tell.
    late: Late,
}

/// In which way a piece is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    /// Nothing came at all.
    Silent,
    /// Too little came before it.
    Slow,
}

impl Idle {
    pub(crate) const fn new(allowed: Duration) -> Self {
        Self {
            allowed,
            timer: None,
            waiting: false,
            late: Late::Silent,
        }
    }

    /// A piece came.
    pub(crate) const fn progress(&mut self) {
        self.waiting = false;
    }

    /// Ready when the piece is overdue.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(cx, None).map(|_silent| ())
    }

    /// The same, or when pieces come too slowly, which is at `slow`.
    pub(super) fn poll_until(&mut self, cx: &mut Context<'_>, slow: Option<Instant>) -> Poll<Late> {
        let allowed = self.allowed;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(allowed)));
        if !self.waiting {
            self.waiting = true;
            let silent = Instant::now() + allowed;
            self.late = match slow {
                Some(slow) if slow < silent => Late::Slow,
                _ => Late::Silent,
            };
            timer
                .as_mut()
                .reset(slow.map_or(silent, |slow| slow.min(silent)));
        }
        timer.as_mut().poll(cx).map(|()| self.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_late_piece_is_overdue_and_a_piece_in_time_starts_afresh() {
        let mut idle = Idle::new(Duration::from_secs(30));
        for _ in 0..3 {
            let late = tokio::time::timeout(
                Duration::from_secs(29),
                std::future::poll_fn(|cx| idle.poll(cx)),
            )
            .await;
            assert!(late.is_err());
            idle.progress();
        }
        let begun = Instant::now();
        std::future::poll_fn(|cx| idle.poll(cx)).await;
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}
