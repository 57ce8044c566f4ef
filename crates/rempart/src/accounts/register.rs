//! Opening an account.
//!
//! Clauses: CNIL 2022-100, creation (checked at definition);
//! [`policy::clause::CNIL_NO_ENUMERATION`] (opening an account does not reveal whether it
//! exists); [`policy::clause::CNIL_RESET_CHANNEL`] (the channel is validated beforehand).
//!
//! [`Accounts::register`] answers the same for every identifier and opens nothing: the hash
//! waits in a link that goes to the address. The account is opened by who has both the link and
//! the password, at the first sign-in. Without the password, a stranger who registers
//! somebody else's address would have an account there as soon as its owner follows the link.
//!
//! [`Accounts::create`] is for names that are no addresses, where a form must say that one is
//! taken, and for applications that have validated the address themselves.

use std::time::Duration;

use access::{Room, Visitor};
use journal::{Kind, LinkFault};
use password::hash::StoredHash;

use super::link::To;
use super::{Accounts, DeviceCookie, SignedIn, context, within};
use crate::account::{Account, NameFault};
use crate::credential::{Credential, Origin};
use crate::error::FlowError;
use crate::login::{Compared, refused};
use crate::notice::{Notice, What};
use crate::store::{Digest, Purpose, Slot};

/// What became of a registration. The same whether or not the identifier has an account.
#[must_use]
#[derive(Debug)]
pub enum Register {
    /// Say that a message is on its way. Deliver the notices after the answer, so that its
    /// time does not tell.
    Asked(Vec<Notice>),
    /// The password is not good enough: show the findings.
    Refused(password::Assessment),
    /// No account can have this identifier: say why.
    Unusable(NameFault),
    /// Too many requests from this source, or to the whole site: not before this much time.
    Wait(Duration),
}

/// What became of a confirmation.
#[must_use]
#[derive(Debug)]
pub enum Confirm {
    /// The account is open, and the person signed in.
    Done(SignedIn),
    /// The password is not the one that was chosen with this link. Offer to choose another on
    /// the same page: [`Accounts::confirm_anew`].
    No,
    /// The other password is not good enough: show the findings. The same link works again.
    Refused(password::Assessment),
    /// The link was never made, is past its time or has served, a later one took its place, or
    /// the account is open already.
    Stale,
    /// Too many failures: not before this much time.
    Wait(Duration),
    /// Too many failures: only after a captcha or another factor.
    ProvePresence,
    /// Too many failures: not until the account is unlocked.
    Blocked,
}

/// What became of an account made without a link.
#[must_use]
#[derive(Debug)]
pub enum Create {
    /// It is open.
    Done(Account),
    /// Somebody has this identifier. Saying so reveals that the account exists.
    Taken,
    /// The password is not good enough: show the findings.
    Refused(password::Assessment),
    /// No account can have this identifier: say why.
    Unusable(NameFault),
    /// Too many accounts were asked for from this source, with this identifier, or of the whole
    /// site: not before this much time.
    Wait(Duration),
}

impl Accounts {
    /// Registers an identifier that is an address, or to which the application knows one.
    /// `words` are what the password may not be built on beside the identifier.
    ///
    /// # Errors
    /// When a store does not answer or the hash cannot be computed.
    pub async fn register(
        &self,
        visitor: &Visitor<'_>,
        typed: Vec<u8>,
        words: &[&str],
    ) -> Result<Register, FlowError> {
        let typed = zeroize::Zeroizing::new(typed);
        let account = match Account::check(visitor.identifier) {
            Ok(account) => account,
            Err(why) => return Ok(Register::Unusable(why)),
        };
        let context = context(&account, words);
        let accepted = match self.login.judged(typed, context).await? {
            Ok(accepted) => accepted,
            Err(assessment) => {
                self.note(refused(None, &assessment), visitor);
                return Ok(Register::Refused(assessment));
            }
        };
        self.note(Kind::PasswordAccepted { account: None }, visitor);
        // Each has a bucket, known or not, since each is written to. None is had without a hash.
        let slot = Slot::of(&account);
        match self.send("confirm", &slot, visitor).await? {
            Room::Yes => {}
            Room::Full(_) => return Ok(Register::Asked(Vec::new())),
            Room::Wait(_, time) => return Ok(Register::Wait(time)),
        }
        let hash = self.login.hash(accepted).await?;
        let to = To::Hash(hash.as_str().to_owned());
        let notice = if within(self.store.read(&account)).await?.is_some() {
            let slot = self.nobody(visitor.identifier);
            let _ = self.make_link(slot, Purpose::Confirm, to).await?;
            What::AlreadyRegistered
        } else {
            let token = self.make_link(slot, Purpose::Confirm, to).await?;
            let lifetime = self.lifetime();
            What::Confirm { token, lifetime }
        };
        Ok(Register::Asked(vec![Notice::new(&account, notice)]))
    }

    /// Opens the account of a link for who has the password that was chosen with it. An
    /// attempt like a sign-in; the identifier of the visitor is not looked at.
    ///
    /// # Errors
    /// When a store does not answer or the hash cannot be computed.
    pub async fn confirm(
        &self,
        secret: &str,
        visitor: &Visitor<'_>,
        typed: Vec<u8>,
    ) -> Result<Confirm, FlowError> {
        let typed = zeroize::Zeroizing::new(typed);
        let link = match self.follow(secret, Purpose::Confirm).await? {
            Ok(link) => link,
            Err(reason) => return Ok(self.unopened(reason, visitor)),
        };
        let To::Hash(hash) = link.bound else {
            return Ok(self.unopened(LinkFault::Unknown, visitor));
        };
        let hash = StoredHash::parse(&hash).map_err(crate::CredentialError::from)?;
        let account = link.account;
        let owner = Visitor {
            identifier: account.as_str(),
            device: None,
            ..*visitor
        };
        let compared = self
            .login
            .compare(&owner, typed, Some(&hash), false)
            .await?;
        let attempt = match compared {
            Compared::Right(_, attempt) => attempt,
            Compared::No => {
                self.note(Kind::SignInFailed { account: None }, visitor);
                return Ok(Confirm::No);
            }
            Compared::Wait(time) => return Ok(Confirm::Wait(time)),
            Compared::ProvePresence => return Ok(Confirm::ProvePresence),
            Compared::Blocked => return Ok(Confirm::Blocked),
        };
        let Some(credential) = self.open(&account, hash, &link.digest, visitor).await? else {
            return Ok(self.unopened(LinkFault::Spent, visitor));
        };
        let success = self.login.signed_in(*attempt, &owner).await;
        let token = success.device_token().ok().flatten();
        if token.is_some() {
            let account = self.login.key(account.as_str());
            self.note(Kind::DeviceTrusted { account }, visitor);
        }
        Ok(Confirm::Done(SignedIn {
            generation: credential.generation,
            device: token.map(|token| {
                let generation = credential.generation;
                DeviceCookie::new(&token, generation, generation, visitor.device)
            }),
            weak: Vec::new(),
            notices: vec![Notice::new(&account, What::Registered)],
            account,
        }))
    }

    /// Opens the account of a link with another password than the one that was chosen with it,
    /// which may have been forgotten, or chosen by a stranger. Who has the link has the
    /// address, and a stranger who registers it over and over keeps nobody out.
    ///
    /// # Errors
    /// When a store does not answer or the hash cannot be computed.
    pub async fn confirm_anew(
        &self,
        secret: &str,
        visitor: &Visitor<'_>,
        new: Vec<u8>,
        words: &[&str],
    ) -> Result<Confirm, FlowError> {
        let new = zeroize::Zeroizing::new(new);
        let link = match self.follow(secret, Purpose::Confirm).await? {
            Ok(link) => link,
            Err(reason) => return Ok(self.unopened(reason, visitor)),
        };
        let account = link.account;
        let room = self.followed(&account, visitor).await?;
        if let Room::Full(time) | Room::Wait(_, time) = room {
            return Ok(Confirm::Wait(time));
        }
        let context = context(&account, words);
        let accepted = match self.login.judged(new, context).await? {
            Ok(accepted) => accepted,
            Err(assessment) => {
                self.note(refused(None, &assessment), visitor);
                return Ok(Confirm::Refused(assessment));
            }
        };
        let hash = self.login.hash(accepted).await?;
        let Some(credential) = self.open(&account, hash, &link.digest, visitor).await? else {
            return Ok(self.unopened(LinkFault::Spent, visitor));
        };
        let generation = credential.generation;
        Ok(Confirm::Done(SignedIn {
            generation,
            device: self.trusted(&account, generation, generation, visitor),
            weak: Vec::new(),
            notices: vec![Notice::new(&account, What::Registered)],
            account,
        }))
    }

    /// Keeps the first record of an account; `None` if it has one.
    async fn open(
        &self,
        account: &Account,
        hash: StoredHash,
        link: &Digest,
        visitor: &Visitor<'_>,
    ) -> Result<Option<Credential>, FlowError> {
        let credential = Credential::new(hash, self.now(), Origin::Chosen)?;
        // Taken first: while the account exists nothing but its own existence ends this link,
        // and it must not open a second one after the account was removed.
        if !self.take_link(link).await?
            || !within(self.store.insert(account, &credential.record())).await?
        {
            return Ok(None);
        }
        let key = self.login.key(account.as_str());
        self.note(Kind::Registered { account: key }, visitor);
        Ok(Some(credential))
    }

    /// Opens an account at once. Like a registration it is counted before the hash is computed,
    /// against the source as an attempt to sign in is, and against the identifier: whoever goes
    /// through lists of names to see which are taken is soon told to wait.
    ///
    /// # Errors
    /// When a store does not answer or the hash cannot be computed.
    pub async fn create(
        &self,
        visitor: &Visitor<'_>,
        typed: Vec<u8>,
        words: &[&str],
    ) -> Result<Create, FlowError> {
        let typed = zeroize::Zeroizing::new(typed);
        let account = match Account::check(visitor.identifier) {
            Ok(account) => account,
            Err(why) => return Ok(Create::Unusable(why)),
        };
        let context = context(&account, words);
        let accepted = match self.login.judged(typed, context).await? {
            Ok(accepted) => accepted,
            Err(assessment) => {
                self.note(refused(None, &assessment), visitor);
                return Ok(Create::Refused(assessment));
            }
        };
        let room = self.send("create", &Slot::of(&account), visitor).await?;
        if let Room::Full(time) | Room::Wait(_, time) = room {
            self.note(Kind::PasswordAccepted { account: None }, visitor);
            return Ok(Create::Wait(time));
        }
        let hash = self.login.hash(accepted).await?;
        let credential = Credential::new(hash, self.now(), Origin::Chosen)?;
        if !within(self.store.insert(&account, &credential.record())).await? {
            self.note(Kind::PasswordAccepted { account: None }, visitor);
            return Ok(Create::Taken);
        }
        let key = self.login.key(account.as_str());
        self.note(Kind::Registered { account: key }, visitor);
        Ok(Create::Done(account))
    }

    fn unopened(&self, reason: LinkFault, visitor: &Visitor<'_>) -> Confirm {
        self.note(Kind::ConfirmRefused { reason }, visitor);
        Confirm::Stale
    }
}
