//! How a policy stands towards every clause of the register: kept, by which settings and by
//! which part of rempart; explained; below; or left to the organisation.
//!
//! Clause: [`CNIL_STATE_OF_THE_ART`](crate::clause::CNIL_STATE_OF_THE_ART) (whoever departs from the recommendation shows
//! why). Every clause has exactly one row in the tables of this module, so that a report
//! leaves none out.
//!
//! Absent on purpose: any look at the world. "Kept" says what the policy asks for and which
//! part enforces it wherever that part is used; whether an application calls the library, or
//! a site can be reached around the gate, is not written in a policy file. What is written there
//! is whether there are sites behind the gate: they keep accounts and hashes of their own, so
//! that what only the library does is not "kept" for them.

use crate::clause::{Clause, register};
use crate::{Deviation, Language, Policy, Site};

mod beyond;
mod creation;
mod life;
mod standards;
mod transport;
mod value;

pub use beyond::{Beyond, beyond};
pub use value::Setting;

/// One clause, and where the policy stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Standing<'p> {
    /// The clause.
    pub clause: &'static Clause,
    /// Whether it is kept.
    pub state: State<'p>,
    /// What enforces it; empty when nothing of rempart does.
    pub parts: &'static [Part],
    /// The settings that answer to it, with the values in force.
    pub settings: Vec<Setting>,
}

/// Whether a clause is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'p> {
    /// Kept by the parts named, wherever they are used.
    Kept,
    /// Kept by the library for whoever calls it, and left to the sites behind the gate.
    Library,
    /// Departed from, with a reason.
    Explained(&'p Deviation),
    /// Not reached by this policy. Only a clause without a floor in the file can be so: a
    /// recommendation, or the text of another body than the CNIL.
    Below,
    /// A duty of the organisation that no setting fulfils, or a reading that it has to confirm: what
    /// to do.
    Yours(&'static Words),
    /// Does not concern this policy: another case, another mechanism, no site.
    Apart,
    /// A definition or a permission: there is nothing to keep.
    Stated,
}

/// A sentence in both languages, known when the program is built.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    fr: &'static str,
    en: &'static str,
}

/// What enforces a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The loader of the policy: what departs without a reason is refused.
    Loader,
    /// The judge of new passwords and the generator.
    Judge,
    /// Hashes: Argon2id, renewal, pepper.
    Hash,
    /// The restriction of attempts.
    Access,
    /// The accounts of the library: from sign-up to reset.
    Accounts,
    /// The journal of events.
    Journal,
    /// The gate in front of the sites.
    Gate,
}

impl Policy {
    /// How this policy stands towards every clause of the register, in its order.
    pub fn standing(&self) -> Vec<Standing<'_>> {
        register()
            .iter()
            .map(|clause| self.standing_of(clause))
            .collect()
    }

    fn standing_of(&self, clause: &'static Clause) -> Standing<'_> {
        let row = row_of(clause.id).expect("a test holds the tables against the register");
        let explained = self
            .deviations()
            .iter()
            .find(|deviation| deviation.clause.id == clause.id);
        let (state, parts): (State<'_>, &'static [Part]) = match (explained, &row.duty) {
            (Some(deviation), duty) => (State::Explained(deviation), duty.parts()),
            (None, Duty::Stated) => (State::Stated, &[]),
            (None, Duty::Yours(words)) => (State::Yours(words), &[]),
            (None, Duty::Built(parts)) => (State::Kept, parts),
            (None, Duty::Set(parts, judge)) => (judge(self).into(), parts),
        };
        let gate_alone = parts == [Part::Gate] && self.sites().is_empty();
        let mut standing = Standing {
            clause,
            state: match state {
                State::Kept | State::Below if gate_alone => State::Apart,
                State::Kept if !self.covers_sites(parts) => State::Library,
                state => state,
            },
            parts,
            settings: Vec::new(),
        };
        standing.settings = value::of_clause(self, &standing, &row.duty);
        standing
    }
}

impl Policy {
    /// Whether what these parts do, they do for every site behind the gate. The gate judges the
    /// passwords and restricts the sign-in of the forms that are described; the accounts and the
    /// hashes are the site's.
    fn covers_sites(&self, parts: &[Part]) -> bool {
        if parts.contains(&Part::Gate) || parts.is_empty() || self.sites().is_empty() {
            return true;
        }
        let is_everywhere = |part: &Part| match part {
            Part::Loader | Part::Gate => true,
            Part::Judge => self.sites().iter().all(Site::sets_passwords),
            Part::Access | Part::Journal => self.sites().iter().all(Site::signs_in),
            Part::Hash | Part::Accounts => false,
        };
        // Accounts stand beside the judge and the restriction, which the gate has too.
        let mut needed = parts.iter().filter(|part| **part != Part::Accounts);
        parts != [Part::Accounts] && needed.all(is_everywhere)
    }
}

/// One row of the tables.
struct Row {
    clause: &'static str,
    duty: Duty,
}

enum Duty {
    Stated,
    Yours(Words),
    /// Kept by code, whatever the file says.
    Built(&'static [Part]),
    /// Kept when the settings say so.
    Set(&'static [Part], fn(&Policy) -> Mark),
}

/// What settings amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Kept,
    Below,
    Apart,
    /// That this keeps it is to be confirmed, and nobody else can.
    Unconfirmed(&'static Words),
}

impl Duty {
    fn parts(&self) -> &'static [Part] {
        match self {
            Self::Stated | Self::Yours(_) => &[],
            Self::Built(parts) | Self::Set(parts, _) => parts,
        }
    }
}

impl From<Mark> for State<'_> {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Kept => Self::Kept,
            Mark::Below => Self::Below,
            Mark::Apart => Self::Apart,
            Mark::Unconfirmed(words) => Self::Yours(words),
        }
    }
}

impl Mark {
    /// Kept, or below.
    const fn kept(kept: bool) -> Self {
        if kept { Self::Kept } else { Self::Below }
    }

    /// Kept, or to be confirmed where it would be kept by what the gate has in the place of a captcha.
    fn unless_by_work(self, policy: &Policy) -> Self {
        const WORDS: Words = Words {
            fr: "La passerelle demande un calcul au navigateur ; qu’il soit un mécanisme du §43, « tel qu’un captcha », est à confirmer : confirmez-le, ou écrivez mechanism = \"delay\".",
            en: "The gate asks a calculation of the browser; that it is a mechanism of §43, “such as a captcha”, is to be confirmed: confirm it, or write mechanism = \"delay\".",
        };
        match self {
            Self::Kept if policy.asks_for_work() => Self::Unconfirmed(&WORDS),
            mark => mark,
        }
    }

    /// Kept, or of no concern.
    const fn concerned(kept: bool) -> Self {
        if kept { Self::Kept } else { Self::Apart }
    }
}

const fn stated(clause: &'static str) -> Row {
    Row {
        clause,
        duty: Duty::Stated,
    }
}

const fn yours(clause: &'static str, fr: &'static str, en: &'static str) -> Row {
    Row {
        clause,
        duty: Duty::Yours(Words { fr, en }),
    }
}

const fn built(clause: &'static str, parts: &'static [Part]) -> Row {
    Row {
        clause,
        duty: Duty::Built(parts),
    }
}

const fn set(clause: &'static str, parts: &'static [Part], judge: fn(&Policy) -> Mark) -> Row {
    Row {
        clause,
        duty: Duty::Set(parts, judge),
    }
}

const TABLES: [&[Row]; 4] = [creation::ROWS, life::ROWS, standards::ROWS, transport::ROWS];

fn row_of(clause: &str) -> Option<&'static Row> {
    TABLES
        .iter()
        .flat_map(|rows| rows.iter())
        .find(|row| row.clause == clause)
}

impl Words {
    /// The sentence in one language.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

impl Part {
    /// Its stable name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loader => "loader",
            Self::Judge => "judge",
            Self::Hash => "hash",
            Self::Access => "access",
            Self::Accounts => "accounts",
            Self::Journal => "journal",
            Self::Gate => "gate",
        }
    }

    /// Its name for people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Loader, Language::Fr) => "lecture de la politique",
            (Self::Loader, Language::En) => "loading of the policy",
            (Self::Judge, Language::Fr) => "juge des mots de passe",
            (Self::Judge, Language::En) => "judge of passwords",
            (Self::Hash, Language::Fr) => "empreintes",
            (Self::Hash, Language::En) => "hashes",
            (Self::Access, Language::Fr) => "restriction des tentatives",
            (Self::Access, Language::En) => "restriction of attempts",
            (Self::Accounts, Language::Fr) => "comptes de la bibliothèque",
            (Self::Accounts, Language::En) => "accounts of the library",
            (Self::Journal, Language::Fr | Language::En) => "journal",
            (Self::Gate, Language::Fr) => "passerelle",
            (Self::Gate, Language::En) => "gate",
        }
    }
}

impl State<'_> {
    /// Its stable name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Library => "library",
            Self::Explained(_) => "explained",
            Self::Below => "below",
            Self::Yours(_) => "yours",
            Self::Apart => "apart",
            Self::Stated => "stated",
        }
    }

    /// Its name for people, short enough for a column.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Kept, Language::Fr) => "tenu",
            (Self::Kept, Language::En) => "kept",
            (Self::Library, Language::Fr) => "à vous pour les sites",
            (Self::Library, Language::En) => "yours for the sites",
            (Self::Explained(_), Language::Fr) => "écart expliqué",
            (Self::Explained(_), Language::En) => "explained",
            (Self::Below, Language::Fr) => "non atteint",
            (Self::Below, Language::En) => "not reached",
            (Self::Yours(_), Language::Fr) => "à vous",
            (Self::Yours(_), Language::En) => "yours",
            (Self::Apart, Language::Fr) => "sans objet",
            (Self::Apart, Language::En) => "not concerned",
            (Self::Stated, Language::Fr) => "pour mémoire",
            (Self::Stated, Language::En) => "for the record",
        }
    }
}

#[cfg(test)]
mod tests;
