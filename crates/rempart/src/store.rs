//! Where accounts keep their passwords: the trait that an application implements, or takes
//! from us.
//!
//! Clauses: CNIL 2022-100, conservation (only hashes are stored), reset (a link works once,
//! and the newer cancels the older). Every change of a record is a compare-and-set, so that
//! of two that race one is lost *and knows it*: the renewal of a hash at sign-in never undoes
//! a change of password.
//!
//! To a store a [`Record`] and a [`Token`] are opaque text beside a key. Three
//! implementations are ours: [`Memory`], `Redb` (feature `redb`) and `Postgres` (feature
//! `postgres`). `rempart::contract` (feature `contract`) holds what each must do, for yours
//! too.
//!
//! Absent on purpose: contact addresses. The CNIL keeps recovery data apart from the
//! verifier, and the application has them already.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use access::Timestamp;

use crate::Account;

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redb")]
mod redb;

#[cfg(feature = "postgres")]
pub use self::postgres::Postgres;
#[cfg(feature = "redb")]
pub use self::redb::Redb;
pub use memory::Memory;

/// The records and tokens of all accounts. All methods may be called at once from any thread,
/// and a caller may go away at any time: each method is done whole or not at all.
///
/// Names of accounts and of slots are compared **byte for byte**: `VARBINARY`, or a binary collation
/// such as `utf8mb4_bin` or `COLLATE "C"`. Where a column folds letters, as MySQL and SQL Server do
/// by default, `ana` and `aná` are one account with one password, and each has tries of its own.
pub trait Credentials: Send + Sync + 'static {
    /// The record of an account, if there is one.
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>>;

    /// Keeps the record of an account that has none; whether it did. Of two that insert the
    /// same account at once, one does.
    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool>;

    /// Replaces a record if its text is still that of `expected`; whether it did. Of two that
    /// replace the same record at once, one does.
    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool>;

    /// Forgets an account and the tokens of its [`Slot`]; whether there was one.
    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool>;

    /// Keeps a token, in the place of the one with the same slot and purpose if there is one,
    /// and forgets [`SWEPT`] of those whose [`Token::until`] is not after `now`, fewer if there
    /// are no more: what anybody can ask for must not pile up.
    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()>;

    /// The token with a digest, which stays.
    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>>;

    /// The token with a digest, which is gone. Of any number that take the same token at
    /// once, one has it.
    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>>;

    /// At most `most` accounts in the order of their names' bytes, from the first one after
    /// `after`. Each account that is there from the first page to the last is in one of them.
    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>>;
}

/// Tokens past their time that go when one is put. More than one, so that a flood ebbs away.
pub const SWEPT: usize = 4;

/// The answer of a store, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Which accounts a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those whose [`Record::untold`] is set.
    Untold,
}

/// What is kept of an account: one text, and one moment to find it by. Two are equal when
/// their texts are.
#[derive(Clone)]
pub struct Record {
    text: String,
    untold: Option<Timestamp>,
}

/// A link that was sent, as it is kept: without its secret. That of a registration holds the hash
/// of the password that waits in it, until the link is followed, replaced or swept: guard tokens
/// like records.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose link it is; each slot has one token for each purpose.
    pub slot: Slot,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is found by.
    pub digest: Digest,
    /// What it is bound to: opaque, at most 64 KiB. It may hold a hash: no log.
    pub text: String,
    /// From when on it works no more, in whole seconds.
    pub until: Timestamp,
}

/// The SHA-256 of a token's secret of 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// The name of an account, or one of a few that no account can have. Asking for a link for an
/// address that nobody has writes a token like any other, and the few names bound how many.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(String);

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Purpose {
    /// Open the account that somebody registered.
    Confirm,
    /// Choose a password without the old one.
    Reset,
    /// Open a blocked account again.
    Unlock,
}

/// Why a store gave no answer. Whether a change was made is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store could not be reached, or the connection broke.
    #[error("the store of accounts cannot be reached: {0}")]
    Unreachable(Why),
    /// The store is not as rempart left it.
    #[error("the store of accounts is not as rempart left it: {0}")]
    Corrupt(Why),
    /// The disk of the store is full or faulty.
    #[error("the store of accounts cannot be read or written: {0}")]
    Storage(Why),
    /// The store did not answer in time.
    #[error("the store of accounts did not answer in time")]
    Silent,
}

/// A cause, told without names of accounts, records or passwords.
pub type Why = Box<dyn std::error::Error + Send + Sync>;

impl<S: Credentials + ?Sized> Credentials for Arc<S> {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        (**self).read(account)
    }

    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        (**self).insert(account, new)
    }

    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        (**self).replace(account, expected, new)
    }

    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        (**self).remove(account)
    }

    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        (**self).put_token(token, now)
    }

    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        (**self).look_token(digest)
    }

    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        (**self).take_token(digest)
    }

    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        (**self).page(which, after, most)
    }
}

impl Record {
    pub(crate) const fn new(text: String, untold: Option<Timestamp>) -> Self {
        Self { text, untold }
    }

    /// A record read back from a store. [`Record::untold`] need not be read with it: nothing
    /// asks a record that was read for it.
    pub const fn kept(text: String) -> Self {
        Self { text, untold: None }
    }

    /// The text to store: compact JSON, at most 64 KiB. It holds hashes: no log.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Since when a compromise is known that the person has not been told of. Kept beside
    /// the text, so that [`Which::Untold`] need not read every account.
    pub const fn untold(&self) -> Option<Timestamp> {
        self.untold
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Record {}

impl Digest {
    /// From its bytes, as kept.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Slot {
    /// The slot of an account.
    pub fn of(account: &Account) -> Self {
        Self(account.as_str().to_owned())
    }

    /// One of 4,096 slots that no account has, since no name begins with a space.
    pub(crate) fn of_nobody(key: &access::AccountKey) -> Self {
        let [first, second, ..] = *key.bytes();
        Self(format!(" {first:02x}{:x}", second >> 4))
    }

    /// A slot as it was kept.
    pub const fn kept(name: String) -> Self {
        Self(name)
    }

    /// The name to store, at most 320 bytes. It may identify a person: no log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Reset, Self::Unlock];

    /// The number to store.
    pub const fn code(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Reset => 2,
            Self::Unlock => 3,
        }
    }

    /// The purpose that a stored number means.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(..)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?}, ..)", self.purpose)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_keep_their_numbers() {
        for (purpose, code) in [
            (Purpose::Confirm, 1),
            (Purpose::Reset, 2),
            (Purpose::Unlock, 3),
        ] {
            assert_eq!(purpose.code(), code);
            assert_eq!(Purpose::from_code(code), Some(purpose));
        }
        assert_eq!(Purpose::from_code(0), None);
        assert_eq!(Purpose::from_code(4), None);
    }

    #[test]
    fn invented_addresses_share_few_slots_that_nobody_can_have() {
        let maker = access::KeyMaker::with_secret([5; 32]);
        let slots: std::collections::BTreeSet<Slot> = (0..20_000)
            .map(|n| Slot::of_nobody(&maker.account(&format!("nobody-{n}"))))
            .collect();
        assert!(slots.len() <= 4096 && slots.len() > 3900, "{}", slots.len());
        for slot in &slots {
            let read = Account::read(slot.as_str()).expect("hex digits are a name");
            assert_ne!(Slot::of(&read), *slot);
        }
    }

    #[test]
    fn debug_shows_nothing_that_is_kept() {
        let slot = Slot::of(&Account::read("ana").expect("a name"));
        let token = Token {
            slot: slot.clone(),
            purpose: Purpose::Reset,
            digest: Digest::new([0x41; 32]),
            text: "a text".to_owned(),
            until: Timestamp::default(),
        };
        let record = Record::kept("$argon2id$".to_owned());
        assert_eq!(
            format!("{record:?} {token:?} {:?} {slot:?}", token.digest),
            "Record(..) Token(Reset, ..) Digest(..) Slot(..)"
        );
    }
}
