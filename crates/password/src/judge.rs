//! The judge: every rule of `[password]` in one place, from cheap to dear.
//!
//! Clauses: [`clause::CNIL_CHECKED_AT_CREATION`] and those of the rules. The library, the
//! command line and the gate all end in [`Judge::assess`], so they cannot disagree.
//!
//! Every rule runs even after one has refused: the person learns all reasons at once, and
//! the work is bounded either way.
//!
//! Adding characters to an accepted password keeps it accepted, except in these places: past
//! `max-length`; when it grows into a refused or leaked password, or into words of the
//! context; when the last letters of a passphrase grow into a word already counted; and where
//! the characters added complete something that the estimator knows (a word, a repeat, a
//! date) and that explains the end better than its beginning did.
//!
//! [`clause::CNIL_CHECKED_AT_CREATION`]: policy::clause::CNIL_CHECKED_AT_CREATION

use std::path::Path;
use std::sync::Arc;

use breach::LeakService;
use policy::password::Online;
use policy::{PasswordPolicy, Text};

use crate::finding::Kind;
use crate::guess::{Estimator, Pattern};
use crate::open::{Files, OpenError};
use crate::rule::leak;
use crate::rule::{common, context, form, guess, quotation};
use crate::{Assessment, Context, Finding, Password, ReadError, words};

/// Judges passwords under one policy. Clones share it; the judge never changes.
#[derive(Clone)]
pub struct Judge {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge")
            .field("policy", &self.inner.policy)
            .finish_non_exhaustive()
    }
}

struct Inner {
    policy: PasswordPolicy,
    forms: Arc<Text>,
    estimator: Estimator,
    /// Passwords that the operator refuses, folded.
    refused: Option<fst::Set<Vec<u8>>>,
    leaked: Option<breach::Index>,
    service: Option<Arc<dyn LeakService>>,
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
/// # fn skip_the_judge(hasher: password::hash::Hasher, password: password::Password, matrix: &mut password::hash::Matrix) {
/// hasher.hash(password, matrix);
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
    /// A judge of a policy that names no file and no service.
    ///
    /// # Panics
    /// If the policy names some: [`Judge::open`] reads them. Also if it has no form, which a
    /// loaded policy cannot be.
    pub fn new(policy: &PasswordPolicy) -> Self {
        assert!(
            policy.guess.lists.is_empty()
                && policy.refuse.lists.is_empty()
                && policy.refuse.breached.is_none()
                && policy.refuse.online.is_none(),
            "the policy names files or a service: use Judge::open"
        );
        match Self::open(policy, Path::new("")) {
            Ok(judge) => judge,
            Err(error) => unreachable!("nothing was opened: {error}"),
        }
    }

    /// A judge of one policy with what it names: word lists, refused passwords, the index of
    /// leaked ones, the online service. Relative paths start from `base`, the folder of the
    /// policy.
    ///
    /// # Errors
    /// When a file cannot be read whole, when the online service cannot be asked at all, or
    /// when the policy names one and this program was built without the feature `online`.
    ///
    /// # Panics
    /// If the policy has no form, which a loaded one cannot be.
    pub fn open(policy: &PasswordPolicy, base: &Path) -> Result<Self, OpenError> {
        let service = policy.refuse.online.as_ref().map(client).transpose()?;
        Self::build(policy, base, service)
    }

    /// As [`Judge::open`], but the online service that the policy names is asked through
    /// another client, such as one of the application's own.
    ///
    /// # Errors
    /// When a file cannot be read whole.
    ///
    /// # Panics
    /// As [`Judge::open`].
    pub fn with_service(
        policy: &PasswordPolicy,
        base: &Path,
        service: Arc<dyn LeakService>,
    ) -> Result<Self, OpenError> {
        Self::build(policy, base, Some(service))
    }

    fn build(
        policy: &PasswordPolicy,
        base: &Path,
        service: Option<Arc<dyn LeakService>>,
    ) -> Result<Self, OpenError> {
        assert!(!policy.forms.is_empty(), "a policy has at least one form");
        let files = Files::open(policy, base)?;
        Ok(Self {
            inner: Arc::new(Inner {
                forms: Arc::new(words::forms(&policy.forms)),
                estimator: Estimator {
                    lists: files.lists,
                    year: policy.guess.reference_year as u32,
                    max_work: policy.guess.max_work as u32,
                },
                refused: files.refused,
                leaked: files.leaked,
                service,
                policy: policy.clone(),
            }),
        })
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

    /// The same as far as this machine knows it: see [`Judge::glance`].
    pub fn read_and_glance(&self, bytes: Vec<u8>, context: &Context) -> Assessment {
        match Password::read(bytes, self.inner.policy.max_length) {
            Ok(password) => self.glance(&password, context),
            Err(error) => self.unread(error),
        }
    }

    /// The verdict on a password: the one function under all others.
    ///
    /// Asks the online service last, and only about a password that nothing else stands
    /// against; that may take as long as the policy's deadline.
    pub fn assess(&self, password: &Password, context: &Context) -> Assessment {
        let mut assessment = self.glance(password, context);
        if assessment.accepted()
            && let Some(online) = &self.inner.policy.refuse.online
        {
            let kind = leak::ask(password, online, self.inner.service.as_deref());
            assessment
                .findings
                .extend(kind.map(|kind| Finding::new(kind, self.inner.policy.case)));
        }
        assessment
    }

    /// The verdict as far as this machine knows it, for a meter that follows each keystroke:
    /// the same as [`Judge::assess`], but for the online service, which is not asked.
    pub fn glance(&self, password: &Password, context: &Context) -> Assessment {
        let Inner {
            policy,
            forms,
            estimator,
            refused,
            leaked,
            ..
        } = &*self.inner;
        let shape = form::check(password, policy, forms);
        let mut findings = shape.findings;

        let common = policy
            .refuse
            .common
            .then(|| common::find(password, policy.case, &estimator.lists))
            .flatten();
        if let Some(kind) = common {
            findings.push(Finding::new(kind.into(), policy.case));
        }
        if let Some(refused) = refused
            && refused.contains(password.folded().as_bytes())
        {
            findings.push(Finding::new(Kind::Listed, policy.case));
        }
        if let Some(index) = leaked
            && password.is_in(index)
        {
            findings.push(Finding::new(Kind::Leaked, policy.case));
        }
        if policy.refuse.common && quotation::is_mostly_quotation(password, policy) {
            findings.push(Finding::with_forms(Kind::Quotation, policy.case, forms));
        }
        let known = policy.refuse.context && context::is_mostly_context(password, context);
        if known {
            findings.push(Finding::new(Kind::Context, policy.case));
        }
        let estimate = estimator.estimate(password, context);
        // A whole common password, or a known word, is refused already; the estimate would
        // say it again.
        let said = common.is_some() || known && estimate.pattern == Some(Pattern::Context);
        if !said && let Some(kind) = guess::check(password, &estimate, policy, &estimator.lists) {
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

/// The client of the service that the policy names.
#[cfg(feature = "online")]
fn client(online: &Online) -> Result<Arc<dyn LeakService>, OpenError> {
    let client = breach::online::Client::new(breach::online::Settings {
        url: online.url.clone(),
        deadline: online.deadline,
        trust: Vec::new(),
    });
    match client {
        Ok(client) => Ok(Arc::new(client)),
        Err(error) => Err(OpenError::without_file(Text::new(
            error.message(policy::Language::Fr),
            error.message(policy::Language::En),
        ))),
    }
}

/// Nobody can be asked: a policy that wants it is not half honoured.
#[cfg(not(feature = "online"))]
fn client(_: &Online) -> Result<Arc<dyn LeakService>, OpenError> {
    Err(OpenError::without_file(Text::new(
        "ce programme ne sait pas interroger [password.refuse.online] : le construire avec la fonctionnalité `online`, ou retirer cette table",
        "this program cannot ask [password.refuse.online]: build it with the feature `online`, or remove that table",
    )))
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
