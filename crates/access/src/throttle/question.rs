//! Questions in the place of a captcha, and what their answers say.
//!
//! Clause: CNIL 2022-100, case 2. Asked and answered under `mechanism = "captcha"` only.

use super::Throttle;
use crate::captcha::{self, AnswerFault, Challenge};
use crate::{CounterKey, Restriction, Tally, Timestamp};

/// What an answer says, if one was brought.
pub(super) type Answered = Option<Result<Tally, AnswerFault>>;

impl Throttle {
    pub(super) fn answered(
        &self,
        answer: Option<&str>,
        counter: CounterKey,
        now: Timestamp,
    ) -> Answered {
        let Restriction::Captcha { .. } = self.inner.rules.account else {
            return None;
        };
        Some(captcha::check(answer?, counter, &self.inner.keys, now))
    }

    /// The question for whoever tries an account whose failures stand so.
    pub(super) fn question(
        &self,
        counter: CounterKey,
        tally: Tally,
        answered: Answered,
        now: Timestamp,
    ) -> Challenge {
        let after = match self.inner.rules.account {
            Restriction::Captcha { after } => after,
            // No other restriction asks.
            Restriction::Delay(_) | Restriction::Block(_) | Restriction::None => 0,
        };
        let fault = answered.map(|answered| answered.err().unwrap_or(AnswerFault::Spent));
        Challenge::new(counter, tally, after, fault, &self.inner.keys, now)
    }
}
