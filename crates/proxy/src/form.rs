//! The verdict on a password that a form sends.
//!
//! The gate has no rules of its own: it asks the judge that the library and the command line
//! ask, under the same `[password]`, so the three cannot disagree. The bytes are those of
//! the field, decoded; they are wiped when the verdict is there.
//!
//! Absent on purpose: finding the field. Recognising forms and reading their bodies are not
//! part of this gate yet, and `serve` refuses to start on a policy that asks for them.

use std::path::Path;

use password::{Assessment, Context, Judge, OpenError};
use policy::Policy;

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
        self.judge.read_and_assess(password, &Context::new(context))
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
