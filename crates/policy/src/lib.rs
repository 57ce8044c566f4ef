//! What the policy file may say: text in, typed values or diagnostics out.
//!
//! [`load`] is the only way to a [`Policy`], and a `Policy` has no fault in it: nothing
//! below this crate checks a setting again. The [`clause`] register lists every
//! requirement that a setting answers to, with its source, force and evidence.
//!
//! Absent on purpose: files and sockets. Text comes in, values go out; certificates and
//! lists named by the policy are opened by whoever uses them.

pub mod access;
pub mod clause;
pub mod edit;
pub mod hash;
pub mod journal;
pub mod keys;
pub mod login;
pub mod password;
pub mod process;
pub mod site;
pub mod standing;
pub mod transport;

mod changes;
mod code;
mod cross;
mod language;
mod load;
mod nearest;
mod preset;
mod read;
mod reference;
mod report;
mod system;
mod trouble;
mod unit;

pub use access::AccessPolicy;
pub use changes::{Change, Effect, changes};
pub use clause::Clause;
pub use code::{explain_fault, fault_codes};
pub use hash::HashPolicy;
pub use journal::JournalPolicy;
pub use keys::schema;
pub use language::{Language, Text};
pub use load::{Loaded, load};
pub use login::LoginPolicy;
pub use password::PasswordPolicy;
pub use preset::{Note, Preset};
pub use process::ProcessPolicy;
pub use reference::{reference_text, template};
pub use report::{Fault, Report, Severity};
pub use site::Site;
pub use transport::TransportPolicy;
pub use trouble::Trouble;
pub use unit::{Bits, Size};

/// A whole policy without a fault in it. Only [`load`] and [`Policy::of`] make one.
///
/// The fields are private so that a caller can neither build nor alter a policy: what was
/// checked at load stays true.
///
/// ```compile_fail,E0616
/// fn loosen(policy: &mut policy::Policy) {
///     policy.password.max_length = 8;
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    language: Language,
    preset: Preset,
    password: PasswordPolicy,
    hash: HashPolicy,
    access: AccessPolicy,
    login: LoginPolicy,
    journal: JournalPolicy,
    transport: TransportPolicy,
    process: ProcessPolicy,
    sites: Vec<Site>,
    deviations: Vec<Deviation>,
}

/// One `[[deviation]]`: a clause that this policy departs from, and why (comply or explain).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The clause departed from.
    pub clause: &'static Clause,
    /// The operator's reason, printed in every report.
    pub reason: String,
    /// The day after which the deviation no longer counts, `YYYY-MM-DD`.
    pub until: Option<jiff::civil::Date>,
}

impl Policy {
    /// The policy of an empty file: what `policy.toml` at the root of the repository says.
    pub fn reference() -> Self {
        Self::of(Preset::Cnil)
    }

    /// The policy of a file that names a preset and says nothing else.
    pub fn of(preset: Preset) -> Self {
        let case = password::Case::PasswordAlone;
        Self {
            language: Language::Fr,
            preset,
            password: PasswordPolicy::of(preset, case),
            hash: HashPolicy::default(),
            access: preset.access(case),
            login: preset.login(),
            journal: JournalPolicy::default(),
            transport: preset.transport(),
            process: ProcessPolicy::default(),
            sites: Vec::new(),
            deviations: Vec::new(),
        }
    }

    /// The language of texts for people, unless a client or `--lang` asks for the other.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The rule set that filled the gaps of the file.
    pub const fn preset(&self) -> Preset {
        self.preset
    }

    /// `[password]`.
    pub const fn password(&self) -> &PasswordPolicy {
        &self.password
    }

    /// `[hash]`.
    pub const fn hash(&self) -> &HashPolicy {
        &self.hash
    }

    /// `[access]`.
    pub const fn access(&self) -> &AccessPolicy {
        &self.access
    }

    /// `[login]`.
    pub const fn login(&self) -> &LoginPolicy {
        &self.login
    }

    /// `[journal]`.
    pub const fn journal(&self) -> &JournalPolicy {
        &self.journal
    }

    /// `[transport]`.
    pub const fn transport(&self) -> &TransportPolicy {
        &self.transport
    }

    /// `[process]`.
    pub const fn process(&self) -> &ProcessPolicy {
        &self.process
    }

    /// Every `[[site]]`, in file order.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Every `[[deviation]]`, in file order.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// The deviations whose last day is before `today`. They still excuse their setting:
    /// a policy does not change by itself overnight; reports say that they have run out.
    pub fn expired_deviations(&self, today: jiff::civil::Date) -> impl Iterator<Item = &Deviation> {
        self.deviations
            .iter()
            .filter(move |deviation| deviation.until.is_some_and(|until| until < today))
    }
}
