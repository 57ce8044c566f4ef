//! How the orders of one site go, as it is kept between them.
//!
//! Every gate that shares the folder reads the same, and so does a gate that starts again: an
//! authority counts failures whoever makes them.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::schedule::{Advice, Attempt, Held, Standing};
use super::trouble::Trouble;

/// How the orders of one site go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Progress {
    /// When the last order ended.
    at: Option<jiff::Timestamp>,
    failures: u32,
    wait_seconds: u64,
    /// Why it failed.
    pub(crate) trouble: Option<Trouble>,
    /// What the authority suggests, for the certificate of this digest.
    advice_for: Option<String>,
    window: Option<(jiff::Timestamp, jiff::Timestamp)>,
    advice_given: Option<jiff::Timestamp>,
    advice_seconds: u64,
}

impl Progress {
    /// What the machine needs to know, with the certificate at hand.
    pub(crate) fn standing(&self, held: Option<Held>, digest: Option<&str>) -> Standing {
        let advice = self
            .advice_given
            .filter(|_| digest.is_some() && self.advice_for.as_deref() == digest);
        Standing {
            held,
            advice: advice.map(|given| Advice {
                window: self
                    .window
                    .map(|(start, end)| (system_time(start), system_time(end))),
                given: system_time(given),
                good_for: bounded(self.advice_seconds),
            }),
            last: self.at.map(|at| Attempt {
                at: system_time(at),
                failures: self.failures,
                wait: bounded(self.wait_seconds),
            }),
        }
    }

    /// Notes the end of an order.
    pub(crate) fn note_attempt(&mut self, last: Option<Attempt>, trouble: Option<Trouble>) {
        let Some(last) = last else { return };
        self.at = jiff::Timestamp::try_from(last.at).ok();
        self.failures = last.failures;
        self.wait_seconds = last.wait.as_secs();
        self.trouble = trouble;
    }

    /// Notes what the authority suggests for the certificate of this digest.
    pub(crate) fn note_advice(&mut self, digest: &str, advice: Advice) {
        let time = |time: SystemTime| jiff::Timestamp::try_from(time).ok();
        self.advice_for = Some(digest.to_owned());
        self.window = advice
            .window
            .and_then(|(start, end)| Some((time(start)?, time(end)?)));
        self.advice_given = time(advice.given);
        self.advice_seconds = advice.good_for.as_secs();
    }
}

/// Seconds read from a file that anything may have happened to.
fn bounded(seconds: u64) -> Duration {
    const LONGEST: u64 = 30 * 24 * 60 * 60;
    Duration::from_secs(seconds.min(LONGEST))
}

/// A time before 1970 is 1970: nothing here is that old.
pub(crate) fn system_time(time: jiff::Timestamp) -> SystemTime {
    SystemTime::try_from(time).unwrap_or(SystemTime::UNIX_EPOCH)
}
