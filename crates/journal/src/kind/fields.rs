//! What each kind holds beside its account, by the names of the journal.
//!
//! The one list for the line, the fields of `tracing` and the words for people.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Kind;
use crate::{FileName, Findings};

/// The value of a field, as it goes to the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Word(&'static str),
    Words(&'a Findings),
    Count(u64),
    /// In whole milliseconds.
    Time(Duration),
    Moment(Timestamp),
    Day(Date),
    File(&'a FileName),
}

impl Kind {
    /// Hands every field but the account to `take`, in the order of the journal.
    pub(crate) fn fields<'a>(&'a self, mut take: impl FnMut(&'static str, Value<'a>)) {
        match self {
            Self::SignedIn { device, .. } => take("device", Value::Word(device.word())),
            Self::SignInDelayed { scope, wait, .. } | Self::AskedTooOften { scope, wait } => {
                take("scope", Value::Word(scope.word()));
                take("wait_ms", Value::Time(*wait));
            }
            Self::SignInBlocked { scope, .. } | Self::PresenceAsked { scope, .. } => {
                take("scope", Value::Word(scope.word()));
            }
            Self::StoreDown { answer } => take("answer", Value::Word(answer.word())),
            Self::Unlocked { scope, by, .. } => {
                take("scope", Value::Word(scope.word()));
                take("by", Value::Word(by.word()));
            }
            Self::ChangeRequired { reason, .. } => take("reason", Value::Word(reason.word())),
            Self::WeakPassword { findings, .. } | Self::PasswordRefused { findings, .. } => {
                take("findings", Value::Words(findings));
            }
            Self::ResetRefused { reason, .. }
            | Self::UnlockRefused { reason, .. }
            | Self::ConfirmRefused { reason } => take("reason", Value::Word(reason.word())),
            Self::RankChanged { rank, .. } => take("rank", Value::Word(rank.word())),
            Self::TemporaryIssued { by, .. } => take("by", Value::Word(by.word())),
            Self::CompromisesMarked { affected, count } => {
                take("affected", Value::Word(affected.word()));
                take("count", Value::Count(*count));
            }
            Self::NoticeDue { notice, until, .. } => {
                take("notice", Value::Word(notice.word()));
                take("until", Value::Moment(*until));
            }
            Self::HashRenewed { reason, .. } => take("reason", Value::Word(reason.as_str())),
            Self::HashesWrapped { count } | Self::DeletionPutOff { count } => {
                take("count", Value::Count(*count));
            }
            Self::PolicyLoaded { preset, deviations } => {
                take("preset", Value::Word(preset.as_str()));
                take("deviations", Value::Count(*deviations));
            }
            Self::PolicyRefused { faults } => take("faults", Value::Count(*faults)),
            Self::JournalOpened { version, process } => {
                take("version", Value::Word(version.as_str()));
                take("process", Value::Count(u64::from(*process)));
            }
            Self::EventsLost { count, reason } => {
                take("count", Value::Count(*count));
                take("reason", Value::Word(reason.word()));
            }
            Self::LineClosed { file, bytes } => {
                take("file", Value::File(file));
                take("bytes", Value::Count(*bytes));
            }
            Self::FilesDeleted { count, before } => {
                take("count", Value::Count(*count));
                take("before", Value::Day(*before));
            }
            Self::OverMost { bytes, most } => {
                take("bytes", Value::Count(*bytes));
                take("most", Value::Count(*most));
            }
            Self::ClockWentBack { by } => take("by_ms", Value::Time(*by)),
            Self::SignInFailed { .. }
            | Self::SignInOverloaded
            | Self::StoreMayForget
            | Self::TemporaryExpired { .. }
            | Self::DeviceTrusted { .. }
            | Self::Registered { .. }
            | Self::PasswordAccepted { .. }
            | Self::PasswordChanged { .. }
            | Self::ChangeFailed { .. }
            | Self::ResetAsked
            | Self::UnlockAsked
            | Self::AccountRemoved { .. }
            | Self::ResetDone { .. }
            | Self::ContactChanged { .. }
            | Self::CompromiseMarked { .. }
            | Self::RecordUnreadable { .. }
            | Self::JournalClosed => {}
        }
    }
}
