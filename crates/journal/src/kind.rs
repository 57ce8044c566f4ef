//! Everything that is noted, each kind with exactly what it may hold.
//!
//! Clauses: [`policy::clause::CNIL_LOG_ATTEMPTS`], [`policy::clause::CNIL_LOG_NO_SECRET`].
//!
//! A field `account` of type [`Account`] says that the kind exists for known accounts only; an
//! `Option` is `None` for an identifier that nobody has. [`Kind::ResetAsked`] has no
//! account: otherwise the journal would tell who reads it which addresses are known. Nor have
//! [`Kind::UnlockAsked`] and [`Kind::AskedTooOften`].

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{
    Account, Affected, By, ChangeReason, Code, Device, FileName, Findings, LinkFault, Loss, Notice,
    Rank, Scope, StoreAnswer, Word,
};

mod fields;

pub(crate) use fields::Value;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    // Signing in.
    /// The password is right and the person signed in.
    SignedIn {
        /// Whose.
        account: Account,
        /// Whether the device was known.
        device: Device,
    },
    /// The password is wrong or the identifier unknown.
    SignInFailed {
        /// Whose; `None` for an unknown identifier.
        account: Option<Account>,
    },
    /// An attempt came before the end of the delay; nothing was compared.
    SignInDelayed {
        /// Whose; `None` for an unknown identifier.
        account: Option<Account>,
        /// The counter that asks for the delay.
        scope: Scope,
        /// How long it still lasts.
        wait: Duration,
    },
    /// An attempt on a blocked counter; nothing was compared.
    SignInBlocked {
        /// Whose; `None` for an unknown identifier.
        account: Option<Account>,
        /// The counter that is blocked.
        scope: Scope,
    },
    /// An attempt was sent back for a proof that a person is there.
    PresenceAsked {
        /// Whose; `None` for an unknown identifier.
        account: Option<Account>,
        /// The counter that asks.
        scope: Scope,
    },
    /// An attempt was turned away because too many were being worked on.
    SignInOverloaded,
    /// The store of counters did not answer in time.
    StoreDown {
        /// What became of the attempt.
        answer: StoreAnswer,
    },
    /// The store of counters did not say whether it drops counters when its memory is full.
    StoreMayForget,
    /// A counter was unlocked.
    Unlocked {
        /// Whose; `None` for a counter of a source or the site.
        account: Option<Account>,
        /// Which counter.
        scope: Scope,
        /// By whom.
        by: By,
    },
    /// A right password opens nothing before it is changed.
    ChangeRequired {
        /// Whose.
        account: Account,
        /// Why.
        reason: ChangeReason,
    },
    /// An attributed password was typed after its time.
    TemporaryExpired {
        /// Whose.
        account: Account,
    },
    /// A password that the policy would refuse today was used to sign in.
    WeakPassword {
        /// Whose; `None` where accounts are not known, as at the gate.
        account: Option<Account>,
        /// What the judge finds.
        findings: Findings,
    },
    /// A device was given a token.
    DeviceTrusted {
        /// Whose.
        account: Account,
    },
    // Choosing and changing.
    /// An account was opened.
    Registered {
        /// Whose.
        account: Account,
    },
    /// A chosen password is good enough.
    PasswordAccepted {
        /// Whose; `None` before the account exists.
        account: Option<Account>,
    },
    /// A chosen password is not good enough.
    PasswordRefused {
        /// Whose; `None` before the account exists.
        account: Option<Account>,
        /// What the judge finds.
        findings: Findings,
    },
    /// A password was changed by its owner.
    PasswordChanged {
        /// Whose.
        account: Account,
    },
    /// A change was refused: the current password is wrong.
    ChangeFailed {
        /// Whose.
        account: Account,
    },
    /// A reset was asked for; the same for known and unknown identifiers.
    ResetAsked,
    /// Too many links or accounts were asked for, or one link was followed too often: nothing
    /// was done. The same for known and unknown identifiers.
    AskedTooOften {
        /// The counter that is used up: that of the account, of the source, or of the whole site.
        scope: Scope,
        /// How long until the next one.
        wait: Duration,
    },
    /// A link that unlocks was asked for; the same for known and unknown identifiers.
    UnlockAsked,
    /// A link that unlocks was refused.
    UnlockRefused {
        /// Whose, if the link tells.
        account: Option<Account>,
        /// Why.
        reason: LinkFault,
    },
    /// A link that confirms a registration was refused.
    ConfirmRefused {
        /// Why.
        reason: LinkFault,
    },
    /// A reset link was refused.
    ResetRefused {
        /// Whose, if the link tells.
        account: Option<Account>,
        /// Why.
        reason: LinkFault,
    },
    /// A password was replaced through a reset link.
    ResetDone {
        /// Whose.
        account: Account,
    },
    /// A temporary password was issued.
    TemporaryIssued {
        /// Whose.
        account: Account,
        /// By whom.
        by: By,
    },
    /// The contact that receives links has changed.
    ContactChanged {
        /// Whose.
        account: Account,
    },
    /// An account became privileged, or ceased to be.
    RankChanged {
        /// Whose.
        account: Account,
        /// What it is from now on.
        rank: Rank,
    },
    /// An account was removed.
    AccountRemoved {
        /// Whose.
        account: Account,
    },
    /// A password was marked as compromised.
    CompromiseMarked {
        /// Whose.
        account: Account,
    },
    /// Many passwords were marked as compromised together.
    CompromisesMarked {
        /// Which.
        affected: Affected,
        /// How many.
        count: u64,
    },
    /// A notice has to be delivered.
    NoticeDue {
        /// To whom.
        account: Account,
        /// About what.
        notice: Notice,
        /// No later than this.
        until: Timestamp,
    },
    // Hashes.
    /// A stored hash was made again from a right password.
    HashRenewed {
        /// Whose.
        account: Account,
        /// The code of the reason.
        reason: Word,
    },
    /// Weak hashes were wrapped without their passwords.
    HashesWrapped {
        /// How many.
        count: u64,
    },
    /// What is stored for an account cannot be read.
    RecordUnreadable {
        /// Whose.
        account: Account,
    },
    // The policy.
    /// A policy came into force.
    PolicyLoaded {
        /// Its preset.
        preset: Word,
        /// How many clauses it departs from, with a reason.
        deviations: u64,
    },
    /// A policy with faults was refused; the earlier one stays in force.
    PolicyRefused {
        /// How many faults.
        faults: u64,
    },
    // The journal itself.
    /// A journal was opened.
    JournalOpened {
        /// The version of rempart.
        version: Word,
        /// The process.
        process: u32,
    },
    /// A journal was closed in good order.
    JournalClosed,
    /// Events were lost, by this count exactly.
    EventsLost {
        /// How many.
        count: u64,
        /// Why.
        reason: Loss,
    },
    /// The last line of an earlier process was torn and has been ended.
    LineClosed {
        /// The file with the torn line.
        file: FileName,
        /// How many bytes of it were written.
        bytes: u64,
    },
    /// Files past the time of conservation were deleted.
    FilesDeleted {
        /// How many.
        count: u64,
        /// They held nothing of this day or later.
        before: Date,
    },
    /// Deletion was put off: it would leave nothing, so the clock may be wrong.
    DeletionPutOff {
        /// How many files wait for it.
        count: u64,
    },
    /// The journal takes more than the policy says. Nothing is deleted for that.
    OverMost {
        /// The size of its files, in bytes.
        bytes: u64,
        /// What the policy says, in bytes.
        most: u64,
    },
    /// The clock went back.
    ClockWentBack {
        /// By how much.
        by: Duration,
    },
}

impl Kind {
    /// The stable name of the kind.
    pub const fn code(&self) -> Code {
        match self {
            Self::SignedIn { .. } => Code::SignedIn,
            Self::SignInFailed { .. } => Code::SignInFailed,
            Self::SignInDelayed { .. } => Code::SignInDelayed,
            Self::SignInBlocked { .. } => Code::SignInBlocked,
            Self::PresenceAsked { .. } => Code::PresenceAsked,
            Self::SignInOverloaded => Code::SignInOverloaded,
            Self::StoreDown { .. } => Code::StoreDown,
            Self::StoreMayForget => Code::StoreMayForget,
            Self::Unlocked { .. } => Code::Unlocked,
            Self::ChangeRequired { .. } => Code::ChangeRequired,
            Self::TemporaryExpired { .. } => Code::TemporaryExpired,
            Self::WeakPassword { .. } => Code::WeakPassword,
            Self::DeviceTrusted { .. } => Code::DeviceTrusted,
            Self::Registered { .. } => Code::Registered,
            Self::PasswordAccepted { .. } => Code::PasswordAccepted,
            Self::PasswordRefused { .. } => Code::PasswordRefused,
            Self::PasswordChanged { .. } => Code::PasswordChanged,
            Self::ChangeFailed { .. } => Code::ChangeFailed,
            Self::ResetAsked => Code::ResetAsked,
            Self::AskedTooOften { .. } => Code::AskedTooOften,
            Self::UnlockAsked => Code::UnlockAsked,
            Self::UnlockRefused { .. } => Code::UnlockRefused,
            Self::ConfirmRefused { .. } => Code::ConfirmRefused,
            Self::ResetRefused { .. } => Code::ResetRefused,
            Self::ResetDone { .. } => Code::ResetDone,
            Self::TemporaryIssued { .. } => Code::TemporaryIssued,
            Self::ContactChanged { .. } => Code::ContactChanged,
            Self::RankChanged { .. } => Code::RankChanged,
            Self::AccountRemoved { .. } => Code::AccountRemoved,
            Self::CompromiseMarked { .. } => Code::CompromiseMarked,
            Self::CompromisesMarked { .. } => Code::CompromisesMarked,
            Self::NoticeDue { .. } => Code::NoticeDue,
            Self::HashRenewed { .. } => Code::HashRenewed,
            Self::HashesWrapped { .. } => Code::HashesWrapped,
            Self::RecordUnreadable { .. } => Code::RecordUnreadable,
            Self::PolicyLoaded { .. } => Code::PolicyLoaded,
            Self::PolicyRefused { .. } => Code::PolicyRefused,
            Self::JournalOpened { .. } => Code::JournalOpened,
            Self::JournalClosed => Code::JournalClosed,
            Self::EventsLost { .. } => Code::EventsLost,
            Self::LineClosed { .. } => Code::LineClosed,
            Self::FilesDeleted { .. } => Code::FilesDeleted,
            Self::DeletionPutOff { .. } => Code::DeletionPutOff,
            Self::OverMost { .. } => Code::OverMost,
            Self::ClockWentBack { .. } => Code::ClockWentBack,
        }
    }

    /// The account that it concerns, if it concerns one that exists.
    pub const fn account(&self) -> Option<Account> {
        match self {
            Self::SignedIn { account, .. }
            | Self::ChangeRequired { account, .. }
            | Self::TemporaryExpired { account }
            | Self::DeviceTrusted { account }
            | Self::Registered { account }
            | Self::PasswordChanged { account }
            | Self::ChangeFailed { account }
            | Self::ResetDone { account }
            | Self::TemporaryIssued { account, .. }
            | Self::ContactChanged { account }
            | Self::RankChanged { account, .. }
            | Self::AccountRemoved { account }
            | Self::CompromiseMarked { account }
            | Self::NoticeDue { account, .. }
            | Self::HashRenewed { account, .. }
            | Self::RecordUnreadable { account } => Some(*account),
            Self::SignInFailed { account }
            | Self::SignInDelayed { account, .. }
            | Self::SignInBlocked { account, .. }
            | Self::PresenceAsked { account, .. }
            | Self::Unlocked { account, .. }
            | Self::WeakPassword { account, .. }
            | Self::PasswordAccepted { account }
            | Self::PasswordRefused { account, .. }
            | Self::UnlockRefused { account, .. }
            | Self::ResetRefused { account, .. } => *account,
            Self::SignInOverloaded
            | Self::StoreDown { .. }
            | Self::StoreMayForget
            | Self::ResetAsked
            | Self::AskedTooOften { .. }
            | Self::UnlockAsked
            | Self::ConfirmRefused { .. }
            | Self::CompromisesMarked { .. }
            | Self::HashesWrapped { .. }
            | Self::PolicyLoaded { .. }
            | Self::PolicyRefused { .. }
            | Self::JournalOpened { .. }
            | Self::JournalClosed
            | Self::EventsLost { .. }
            | Self::LineClosed { .. }
            | Self::FilesDeleted { .. }
            | Self::DeletionPutOff { .. }
            | Self::OverMost { .. }
            | Self::ClockWentBack { .. } => None,
        }
    }
}
