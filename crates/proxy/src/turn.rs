//! What time it is, asked once in a turn of a task.
//!
//! A request and its answer pass a dozen places that note when they did, all in the same few
//! microseconds, and each look at the clock costs as much as some of these places do. Within a
//! turn that was begun here they share one look. What is noted is early by no more than the turn
//! lasts, which ends where its task waits for something.
//!
//! Absent on purpose: timers. Whoever asks whether a deadline is over asks the clock itself, since
//! time that stands still would never be over.

use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::Instant;

thread_local! {
    static TURN: Cell<Turn> = const { Cell::new(Turn::None) };
}

#[derive(Clone, Copy)]
enum Turn {
    /// Nobody has begun one.
    None,
    /// Nobody has asked yet.
    Unasked,
    At(Instant),
}

/// The time of this turn, or, outside, of this moment.
pub(crate) fn now() -> Instant {
    match TURN.get() {
        Turn::None => Instant::now(),
        Turn::At(instant) => instant,
        Turn::Unasked => {
            let instant = Instant::now();
            TURN.set(Turn::At(instant));
            instant
        }
    }
}

/// A turn, until this is dropped.
#[must_use]
pub(crate) struct Guard {
    /// The turn that this one is a part of, if there is one.
    is_outer: bool,
    /// It belongs to its thread.
    _here: PhantomData<*const ()>,
}

/// Begins a turn, unless this is part of one.
pub(crate) fn begin() -> Guard {
    let is_outer = matches!(TURN.get(), Turn::None);
    if is_outer {
        TURN.set(Turn::Unasked);
    }
    Guard {
        is_outer,
        _here: PhantomData,
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.is_outer {
            TURN.set(Turn::None);
        }
    }
}

pin_project! {
    /// A future, each poll of which is a turn.
    pub(crate) struct InTurns<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for InTurns<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _turn = begin();
        self.project().future.poll(cx)
    }
}

/// Runs the tasks that hyper makes, one for each request over HTTP/2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Executor;

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(InTurns { future });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_stands_still_within_a_turn_and_nowhere_else() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let mut inside = Box::pin(async {
            let first = now();
            tokio::time::advance(second).await;
            let inner = begin();
            let second = now();
            drop(inner);
            (first, second, now())
        });
        // One poll is one turn, whatever begins inside it.
        let mut seen = Vec::new();
        let (first, second_turn, after) = std::future::poll_fn(|cx| {
            let turn = begin();
            seen.push(now());
            let polled = inside.as_mut().poll(cx);
            seen.push(now());
            drop(turn);
            polled
        })
        .await;
        assert_eq!(first, start);
        assert_eq!((second_turn, after), (start + second, start + second));
        assert!(seen.chunks(2).all(|turn| turn[0] == turn[1]), "{seen:?}");
        assert_eq!(now(), start + second);
        tokio::time::advance(second).await;
        assert_eq!(now(), start + second * 2);
    }

    #[test]
    fn a_turn_that_panics_is_over() {
        let panicked = std::panic::catch_unwind(|| {
            let _turn = begin();
            now();
            panic!("on purpose");
        });
        assert!(panicked.is_err());
        assert!(matches!(TURN.get(), Turn::None));
    }
}
