//! The judge: every rule of `[password]` in one place, from cheap to dear.
//!
//! Clauses: [`clause::CNIL_CHECKED_AT_CREATION`] and those of the rules. The library, the
//! command line and the gate all end in [`Judge::assess`], so they cannot disagree.
//!
//! Every rule runs even after one has refused: the person learns all reasons at once, and
//! the work is bounded either way.
//!
//! Adding characters to an accepted password keeps it accepted, except in these places: past
//! `max-length`; when it grows into a common password or into words of the context; when the
//! last letters of a passphrase grow into a word already counted; and where the estimator
//! finds a pattern (`abcabc`) that the beginning did not show.
//!
//! [`clause::CNIL_CHECKED_AT_CREATION`]: policy::clause::CNIL_CHECKED_AT_CREATION

use std::sync::Arc;

use policy::{PasswordPolicy, Text};

use crate::finding::Kind;
use crate::rule::{common, context, form, guess, quotation};
use crate::{Assessment, Context, Finding, Password, ReadError, words};

/// Judges passwords under one policy. Clones share it; the judge never changes.
#[derive(Debug, Clone)]
pub struct Judge {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    policy: PasswordPolicy,
    forms: Arc<Text>,
}

/// A password that the judge found good enough: the only way into a new hash.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0451
/// # fn forge(password: password::Password, assessment: password::Assessment) {
/// let accepted = password::Accepted { password, assessment };
/// # }
/// ```
///
/// And a hash takes nothing else:
///
/// ```compile_fail,E0308
/// # fn skip_the_judge(hasher: password::hash::Hasher, password: password::Password) {
/// hasher.hash(password);
/// # }
/// ```
#[derive(Debug)]
pub struct Accepted {
    password: Password,
    assessment: Assessment,
}

/// A password that was refused, with at least one reason.
#[derive(Debug)]
pub struct Refusal {
    password: Option<Password>,
    assessment: Box<Assessment>,
}

impl Judge {
    /// A judge of one policy.
    ///
    /// # Panics
    /// If the policy has no form, which a loaded one cannot be.
    pub fn new(policy: &PasswordPolicy) -> Self {
        assert!(!policy.forms.is_empty(), "a policy has at least one form");
        Self {
            inner: Arc::new(Inner {
                forms: Arc::new(words::forms(&policy.forms)),
                policy: policy.clone(),
            }),
        }
    }

    /// The policy that it judges by.
    pub fn policy(&self) -> &PasswordPolicy {
        &self.inner.policy
    }

    /// The accepted forms in words, to be shown before the choice.
    pub fn forms(&self) -> &Text {
        &self.inner.forms
    }

    /// The proof that a password is good enough, or the reasons why it is not.
    ///
    /// # Errors
    /// A [`Refusal`] with at least one finding.
    pub fn judge(&self, password: Password, context: &Context) -> Result<Accepted, Refusal> {
        let assessment = self.assess(&password, context);
        if assessment.accepted() {
            return Ok(Accepted {
                password,
                assessment,
            });
        }
        Err(Refusal {
            password: Some(password),
            assessment: Box::new(assessment),
        })
    }

    /// Reads bytes and judges them. Bytes that are no password are a refusal like another.
    ///
    /// # Errors
    /// A [`Refusal`] with at least one finding.
    pub fn read_and_judge(&self, bytes: Vec<u8>, context: &Context) -> Result<Accepted, Refusal> {
        match Password::read(bytes, self.inner.policy.max_length) {
            Ok(password) => self.judge(password, context),
            Err(error) => Err(Refusal {
                password: None,
                assessment: Box::new(self.unread(error)),
            }),
        }
    }

    /// Reads bytes and gives the verdict alone; the password is wiped.
    pub fn read_and_assess(&self, bytes: Vec<u8>, context: &Context) -> Assessment {
        match Password::read(bytes, self.inner.policy.max_length) {
            Ok(password) => self.assess(&password, context),
            Err(error) => self.unread(error),
        }
    }

    /// The verdict on a password: the one function under all others.
    pub fn assess(&self, password: &Password, context: &Context) -> Assessment {
        let Inner { policy, forms } = &*self.inner;
        let shape = form::check(password, policy, forms);
        let mut findings = shape.findings;

        let common = policy
            .refuse
            .common
            .then(|| common::find(password, policy.case))
            .flatten();
        if let Some(kind) = common {
            findings.push(Finding::new(kind.into(), policy.case));
        }
        if policy.refuse.common && quotation::is_mostly_quotation(password, policy) {
            findings.push(Finding::with_forms(Kind::Quotation, policy.case, forms));
        }
        if policy.refuse.context && context::is_mostly_context(password, context) {
            findings.push(Finding::new(Kind::Context, policy.case));
        }

        let core = policy
            .refuse
            .common
            .then(|| common::core(password))
            .flatten();
        let estimate = guess::estimate(password, context, core.as_ref(), policy.guess.max_work);
        let asked = match core {
            Some(_) => common::asked_of_decorated(policy.guess.min_log10),
            None => policy.guess.min_log10,
        };
        // A whole common password is refused already; the estimate would say it again.
        if estimate.log10 < asked && common.is_none() {
            let kind = match core {
                Some(_) => Kind::CommonDecorated,
                None => Kind::Guess {
                    pattern: estimate.pattern,
                },
            };
            findings.push(Finding::new(kind, policy.case));
        }

        Assessment {
            case: policy.case,
            form: policy.forms[shape.form].clone(),
            form_met: shape.met,
            bits: form::bits(&policy.forms[shape.form], policy.case),
            guesses_log10: estimate.log10,
            findings,
        }
    }

    /// The verdict on bytes that are no password.
    fn unread(&self, error: ReadError) -> Assessment {
        let policy = &self.inner.policy;
        let form = &policy.forms[0];
        Assessment {
            case: policy.case,
            form: form.clone(),
            form_met: false,
            bits: form::bits(form, policy.case),
            guesses_log10: 0.0,
            findings: vec![Finding::new(Kind::Read(error), policy.case)],
        }
    }
}

impl Accepted {
    /// The verdict, for reports.
    pub const fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    pub(crate) const fn password(&self) -> &Password {
        &self.password
    }
}

impl Refusal {
    /// The reasons. Never empty.
    pub fn findings(&self) -> &[Finding] {
        self.assessment.findings()
    }

    /// The whole verdict.
    pub const fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// The whole verdict; the password is wiped.
    pub fn into_assessment(self) -> Assessment {
        *self.assessment
    }

    /// The password back, if the bytes were one.
    pub fn into_password(self) -> Option<Password> {
        self.password
    }
}

#[cfg(test)]
mod tests;
