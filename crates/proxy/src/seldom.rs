//! A warning that strangers can cause, at most once a minute.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

const PAUSE: Duration = Duration::from_secs(60);

/// When it was last said, and how often it was not since.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<Option<(Instant, u64)>>);

impl Seldom {
    /// Says it, with how often it went unsaid since the last time, unless that was lately.
    pub(crate) fn say(&self, say: impl FnOnce(u64)) {
        // Whoever waits for the lock would not say anything anyway.
        let Ok(mut last) = self.0.try_lock() else {
            return;
        };
        let now = Instant::now();
        match &mut *last {
            Some((at, unsaid)) if now - *at < PAUSE => *unsaid += 1,
            _ => {
                say(last.map_or(0, |(_, unsaid)| unsaid));
                *last = Some((now, 0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_said_once_a_minute_with_its_size() {
        let seldom = Seldom::default();
        let mut said = Vec::new();
        for second in 0..=60 {
            seldom.say(|unsaid| said.push((second, unsaid)));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(said, [(0, 0), (60, 59)]);
    }
}
