//! The forms of sites: the verdict on a password that one sends, and what the stage shares.
//!
//! The gate has no rules of its own: it asks the judge that the library and the command line
//! ask, under the same `[password]`, so the three cannot disagree. Which requests are forms and
//! what is in them is said by the crate `form`; the stage that uses both is in `stages/form.rs`.

use std::num::NonZero;
use std::path::Path;

use password::{Assessment, Context, Judge, OpenError};
use policy::{Policy, Text};

use crate::rate::Questions;

mod bypass;
pub(crate) mod counters;
mod event;
mod hold;
mod line;
mod together;
mod unlock;

pub(crate) use bypass::ways_around;
pub(crate) use event::FormEvent;
pub(crate) use hold::{Held, Hold, HoldError};
pub(crate) use line::{Crowded, Line};
pub(crate) use together::{Counted, Together};
pub use unlock::{UnlockError, unlock};

/// What the requests of all sites share: memory for their bodies, and turns of the processor.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) hold: Hold,
    /// Passwords that are chosen.
    pub(crate) choices: Line,
    /// Passwords that sign in, which nobody waits for longer than they must.
    pub(crate) glances: Line,
    /// Passwords that are typed, before a meter.
    pub(crate) meters: Line,
    pub(crate) questions: Questions,
    /// Tries of one password by requests that are under way.
    pub(crate) together: Together,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            hold: Hold::new(),
            // Twice the processors: some of them wait for the online service.
            choices: Line::new(2 * cores),
            glances: Line::new(cores.div_ceil(2)),
            // Apart: whoever types a password takes no turn of those who send one.
            meters: Line::new(cores.div_ceil(2)),
            questions: Questions::default(),
            together: Together::default(),
        }
    }
}

/// Judges what forms send, under one policy. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Checker {
    judge: Judge,
}

impl Checker {
    /// A checker of a policy's `[password]`, with the files that it names; relative paths
    /// start from `base`.
    ///
    /// # Errors
    /// When a file cannot be read whole.
    pub fn open(policy: &Policy, base: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            judge: Judge::open(policy.password(), base)?,
        })
    }

    /// The verdict on the bytes of a password field. `context` holds what the same form says
    /// about the person: name, address, identifier.
    ///
    /// Takes milliseconds of processor time: call it off the event loop.
    pub fn check<I>(&self, password: Vec<u8>, context: I) -> Assessment
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.assess(password, &Context::new(context))
    }

    /// The same, with the words read already.
    pub(crate) fn assess(&self, password: Vec<u8>, context: &Context) -> Assessment {
        self.judge.read_and_assess(password, context)
    }

    /// The accepted forms in words.
    pub(crate) fn forms(&self) -> &Text {
        self.judge.forms()
    }

    /// The same without asking a service: what this machine alone finds.
    pub(crate) fn glance(&self, password: Vec<u8>, context: &Context) -> Assessment {
        self.judge.read_and_glance(password, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_the_one_of_the_judge() {
        let policy = Policy::reference();
        let checker = Checker::open(&policy, Path::new("")).expect("no file is named");
        let judge = Judge::new(policy.password());
        for (password, person, accepted) in [
            (&b"azertyuiop"[..], "", false),
            (b"Qv7#mZ2!pLx9&Td4", "", true),
            (b"Jean.Dupont-1234#Jean", "jean.dupont@exemple.fr", false),
            (b"\xff\xfe", "", false),
            (b"", "", false),
        ] {
            let verdict = checker.check(password.to_vec(), [person]);
            let judged = judge.read_and_assess(password.to_vec(), &Context::new([person]));
            let shown = String::from_utf8_lossy(password);
            assert_eq!(verdict.accepted(), accepted, "{shown}");
            let language = policy::Language::Fr;
            assert_eq!(
                verdict.to_json(language),
                judged.to_json(language),
                "{shown}"
            );
        }
    }
}
