//! Signing in.
//!
//! Clauses: CNIL 2022-100, case 2; [`policy::clause::CNIL_FIRST_LOGIN`] (an attributed
//! password is changed first); [`policy::clause::CNIL_PRIVILEGED_RENEWAL`];
//! [`policy::clause::CNIL_COMPROMISE`] (change forced at the next sign-in).
//!
//! That a password must be changed is a variant of its own and no flag on a success, so that
//! no `match` can forget it.

use std::time::Duration;

use access::{Timestamp, Visitor};
use journal::{ChangeReason, Findings, Kind};
use password::{Context, Finding};
use zeroize::Zeroizing;

use super::{Accounts, DeviceCookie, within};
use crate::account::Account;
use crate::credential::{Credential, Generation, Origin};
use crate::error::FlowError;
use crate::login::Compared;
use crate::notice::{Notice, What};
use crate::store::Record;

/// What became of a sign-in.
#[must_use]
#[derive(Debug)]
pub enum SignIn {
    /// The password is right: open a session.
    Yes(SignedIn),
    /// The password is right and opens nothing but the page that changes it: see
    /// [`Accounts::change`].
    ChangeFirst(SignedIn, MustChange),
    /// The password was attributed and its time is over: another one, or a reset link.
    Expired,
    /// The password is wrong or the account unknown; say no more than that.
    No,
    /// Too many failures: not before this much time.
    Wait(Duration),
    /// Too many failures: only after a captcha or another factor. Then ask again with
    /// [`Visitor::presence`].
    ProvePresence,
    /// Too many failures: not until the account is unlocked. Offer
    /// [`Accounts::ask_unlock`], and deliver the notices after the answer: the person of a
    /// blocked account is told of it, at most once a day. The same for unknown accounts, which
    /// have none.
    Blocked(Vec<Notice>),
}

/// Who signed in.
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Which password opened the session, to be kept in it.
    pub generation: Generation,
    /// What the browser may keep, so that strangers cannot lock it out; `None` under
    /// `trusted-device = "never"`.
    pub device: Option<DeviceCookie>,
    /// What the policy finds against the password as it was typed. It was accepted under
    /// another policy or before it leaked: advise a change, do not force it. Empty if nothing.
    pub weak: Vec<Finding>,
    /// What to deliver.
    pub notices: Vec<Notice>,
}

/// Why a password must be changed before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MustChange {
    /// It was attributed, and works until this moment.
    Attributed(Timestamp),
    /// Others may know it.
    Compromised,
    /// The account is privileged and the password has reached its age.
    Renewal,
}

/// What is looked for in the cookie of a visitor whose account is unknown.
const NOBODY: Generation = Generation::new([0; 16]);

impl Accounts {
    /// Compares a typed password with that of an account, known or not.
    ///
    /// A hash of another age or system is renewed on the way, by compare-and-set. A record or a
    /// hash that cannot be read is answered like an unknown account, after the same work, and
    /// told to the journal. If the password is changed, replaced or compromised while it is
    /// compared, the answer is [`SignIn::No`].
    ///
    /// # Errors
    /// When a store does not answer or no hash can be computed: a failure that was counted stays
    /// counted.
    pub async fn sign_in(
        &self,
        visitor: &Visitor<'_>,
        typed: Vec<u8>,
    ) -> Result<SignIn, FlowError> {
        let typed = Zeroizing::new(typed);
        let found = self.find_typed(visitor.identifier).await?;
        let seen = seen(visitor, found.as_ref());
        let stored = found.as_ref().map(|(_, _, credential)| &credential.hash);
        let (again, known) = (typed.clone(), stored.is_some());
        let compared = self.login.compare(&seen, typed, stored, known).await?;
        let (verified, attempt, account, record, credential) = match (compared, found) {
            (Compared::Right(verified, attempt), Some((account, record, credential))) => {
                (verified, attempt, account, record, credential)
            }
            // Nothing is right for nobody.
            (Compared::No | Compared::Right(..), found) => {
                let key = self.login.key(visitor.identifier);
                let account = found.map(|_| key);
                self.note(Kind::SignInFailed { account }, visitor);
                return Ok(SignIn::No);
            }
            (Compared::Wait(time), _) => return Ok(SignIn::Wait(time)),
            (Compared::ProvePresence, _) => return Ok(SignIn::ProvePresence),
            (Compared::Blocked, found) => {
                let found = found.as_ref().map(|(account, ..)| account);
                return Ok(SignIn::Blocked(self.warned(visitor, found).await));
            }
        };
        let key = self.login.key(account.as_str());
        if credential.has_expired(self.now()) {
            // The failure stays counted: nobody signs in with it.
            self.note(Kind::TemporaryExpired { account: key }, visitor);
            return Ok(SignIn::Expired);
        }
        let is_trusted = attempt.is_from_trusted_device();
        if let Some((hash, reason)) = self.login.renewed(*verified).await
            && self
                .keep_renewed(&account, &record, &credential, hash)
                .await
        {
            self.login.note_renewed(reason, visitor);
        }
        let weak = match self.must_change(&credential) {
            Some(_) => Vec::new(),
            None => self.weaknesses(&account, again).await,
        };
        // Right when it was compared, whatever became of the account since.
        let success = self.login.settled(*attempt, visitor).await;
        // The last thing that is waited for: whoever changed, replaced or marked the password
        // while this attempt was under way must not find it signed in afterwards.
        let present = self.find(&account).await?.map(|(_, present)| present);
        let present = present.filter(|present| present.generation == credential.generation);
        let Some(present) = present else {
            self.note(Kind::SignInFailed { account: Some(key) }, visitor);
            return Ok(SignIn::No);
        };
        self.login.note_signed_in(key, is_trusted, visitor);
        let device = success.device_token().ok().flatten().map(|token| {
            let generation = credential.generation;
            DeviceCookie::new(&token, generation, generation, visitor.device)
        });
        let is_new = device.is_some() && !is_trusted;
        if is_new {
            self.note(Kind::DeviceTrusted { account: key }, visitor);
        }
        let mut signed_in = SignedIn {
            notices: match is_new {
                true => vec![Notice::new(&account, What::NewDevice)],
                false => Vec::new(),
            },
            weak: Vec::new(),
            generation: credential.generation,
            device,
            account,
        };
        if let Some(why) = self.must_change(&present) {
            let reason = match why {
                MustChange::Attributed(_) => ChangeReason::Temporary,
                MustChange::Compromised => ChangeReason::Compromised,
                MustChange::Renewal => ChangeReason::Renewal,
            };
            let kind = Kind::ChangeRequired {
                account: key,
                reason,
            };
            self.note(kind, visitor);
            return Ok(SignIn::ChangeFirst(signed_in, why));
        }
        signed_in.weak = weak;
        if !signed_in.weak.is_empty() {
            let findings = Findings::new(signed_in.weak.iter().map(Finding::code));
            let kind = Kind::WeakPassword {
                account: Some(key),
                findings,
            };
            self.note(kind, visitor);
        }
        Ok(SignIn::Yes(signed_in))
    }

    /// What the policy finds against a password that it accepted once.
    async fn weaknesses(&self, account: &Account, typed: Zeroizing<Vec<u8>>) -> Vec<Finding> {
        let context = Context::new([account.as_str()]);
        let found = self.login.glance(typed, context).await;
        // When the judge is busy, the next sign-in says it.
        found.map_or_else(|_| Vec::new(), |found| found.findings().to_vec())
    }

    /// Writes a renewed hash if the record is still the one that was compared; whether it was. If
    /// it is not, somebody changed it meanwhile, and that change stands.
    async fn keep_renewed(
        &self,
        account: &Account,
        compared: &Record,
        credential: &Credential,
        hash: password::hash::StoredHash,
    ) -> bool {
        let renewed = Credential {
            hash,
            ..credential.clone()
        };
        // Neither a lost race nor a store that is down is a reason to turn the person away.
        let kept = within(self.store.replace(account, compared, &renewed.record())).await;
        kept.unwrap_or(false)
    }

    pub(super) fn must_change(&self, credential: &Credential) -> Option<MustChange> {
        if let Origin::Attributed { until } = credential.origin {
            return Some(MustChange::Attributed(until));
        }
        if credential.compromise.is_some_and(|found| !found.changed) {
            return Some(MustChange::Compromised);
        }
        let age = self.now().since(credential.since);
        let renewal = self.login.policy().login().privileged_renewal?;
        (credential.privileged && age >= renewal).then_some(MustChange::Renewal)
    }
}

/// The visitor with the token of a device that is trusted for this password, if it has one.
pub(super) fn seen<'v>(
    visitor: &Visitor<'v>,
    found: Option<&(Account, Record, Credential)>,
) -> Visitor<'v> {
    // Looked for in the cookie where nobody was found too, since that takes time.
    let generation = found.map_or(NOBODY, |(_, _, credential)| credential.generation);
    let cookie = visitor.device;
    let token = cookie.and_then(|cookie| DeviceCookie::token(cookie, generation));
    Visitor {
        device: token.filter(|_| found.is_some()),
        ..*visitor
    }
}

impl Credential {
    /// Whether it was attributed and its time is over.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        matches!(self.origin, Origin::Attributed { until } if now >= until)
    }
}
