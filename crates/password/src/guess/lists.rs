//! The word lists: built in, and the operator's own.
//!
//! All lists are one finite-state transducer, built when the crate is compiled
//! (`build.rs`, from `data/`) and used where it lies in the program: nothing is built or
//! copied at start. Its values hold, for each list that has the word, how soon an attacker
//! comes to it. A list that the operator puts in the place of a built-in one becomes a
//! transducer of its own, read beside it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fst::raw::Fst;
use policy::password::ListKind;
use zeroize::Zeroizing;

use super::Pattern;
use super::pack::{self, KINDS};
use crate::fold;

static WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/words.fst"));
static TOWNS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/towns.fst"));

/// The kinds of words, in the order of `build.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Password,
    French,
    English,
    FirstName,
    Surname,
    Town,
    Other,
    Own,
}

impl Kind {
    const ALL: [Self; KINDS] = [
        Self::Password,
        Self::French,
        Self::English,
        Self::FirstName,
        Self::Surname,
        Self::Town,
        Self::Other,
        Self::Own,
    ];

    /// What choosing this list costs, as a base-10 logarithm.
    const fn choice(self) -> f64 {
        match self {
            Self::Password | Self::Own => 0.0,
            Self::French | Self::FirstName | Self::Other => 0.2,
            Self::English | Self::Surname | Self::Town => 0.4,
        }
    }

    /// Whether words of this kind take plurals and endings.
    pub(super) const fn bends(self) -> bool {
        matches!(
            self,
            Self::French | Self::English | Self::Other | Self::Password
        )
    }

    pub(super) const fn pattern(self) -> Pattern {
        match self {
            Self::Password => Pattern::Common,
            Self::French | Self::English | Self::Other | Self::Own => Pattern::Word,
            Self::FirstName | Self::Surname => Pattern::Name,
            Self::Town => Pattern::Place,
        }
    }
}

/// One transducer to walk, built in or not.
pub(super) type Index = Fst<Cow<'static, [u8]>>;

/// The lists in use.
pub(crate) struct Lists {
    /// The built-in kinds that the operator replaced, one bit each.
    replaced: u16,
    indexes: Vec<Index>,
    towns: Index,
}

impl Lists {
    /// The built-in lists.
    pub(crate) fn built_in() -> Self {
        let open = |bytes: &'static [u8]| {
            Fst::new(Cow::Borrowed(bytes)).expect("build.rs wrote a transducer")
        };
        Self {
            replaced: 0,
            indexes: vec![open(WORDS)],
            towns: open(TOWNS),
        }
    }

    /// The built-in lists with those of the operator, each the most frequent word first.
    /// `None` as a kind adds a list; a kind replaces the built-in one.
    pub(crate) fn with_own<'a>(
        lists: impl IntoIterator<Item = (Option<ListKind>, &'a str)>,
    ) -> Self {
        let mut all = Self::built_in();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for (kind, text) in lists {
            if let Some(kind) = kind {
                all.replaced |= 1 << Kind::replaced_by(kind) as u16;
            }
            for (rank, line) in text.lines().enumerate() {
                for word in entry(line) {
                    let known = words.entry(word).or_insert(rank + 1);
                    *known = (*known).min(rank + 1);
                }
            }
        }
        if !words.is_empty() {
            let values = words
                .into_iter()
                .map(|(word, rank)| (word, pack::pack(&[(Kind::Own as usize, rank)])));
            let built = fst::Map::from_iter(values).expect("a map of words is sorted");
            let index = Fst::new(Cow::Owned(built.into_fst().into_inner()));
            all.indexes
                .push(index.expect("a transducer was just built"));
        }
        all
    }

    pub(super) fn indexes(&self) -> &[Index] {
        &self.indexes
    }

    /// The list that comes to a word first, and the base-10 logarithm of the guesses.
    pub(super) fn cheapest(&self, value: u64) -> Option<(Kind, f64)> {
        pack::unpack(value)
            .map(|(kind, rank)| (Kind::ALL[kind], rank))
            .filter(|&(kind, _)| self.replaced & 1 << kind as u16 == 0)
            .map(|(kind, rank)| (kind, rank + kind.choice()))
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// Whether a folded text is a common password, whole.
    pub(crate) fn has_password(&self, folded: &str) -> bool {
        self.indexes[0].get(folded).is_some_and(|value| {
            pack::unpack(value.value()).any(|(kind, _)| kind == Kind::Password as usize)
        })
    }

    /// The code of the département where a town is.
    pub(super) fn department(&self, town: &[char]) -> Option<&'static str> {
        if self.replaced & 1 << Kind::Town as u16 != 0 {
            return None;
        }
        let name: Zeroizing<String> = Zeroizing::new(town.iter().collect());
        let code = self.towns.get(name.as_bytes())?.value();
        DEPARTMENTS.get(code as usize).copied()
    }
}

impl Kind {
    const fn replaced_by(kind: ListKind) -> Self {
        match kind {
            ListKind::French => Self::French,
            ListKind::English => Self::English,
            ListKind::FirstNames => Self::FirstName,
            ListKind::Surnames => Self::Surname,
            ListKind::Towns => Self::Town,
            ListKind::Others => Self::Other,
        }
    }
}

/// The entries of one line of a list: its words together, and each apart.
fn entry(line: &str) -> Vec<String> {
    let folded = fold::folded(line.trim());
    if folded.starts_with('#') {
        return Vec::new();
    }
    let parts: Vec<&str> = folded
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let mut entries = vec![parts.concat()];
    if parts.len() > 1 {
        entries.extend(parts.iter().map(|&part| part.to_owned()));
    }
    entries.retain(|entry| entry.chars().nth(2).is_some());
    entries
}

/// Shows how many lists there are; words of an operator may be his own business.
impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lists({})", self.indexes.len())
    }
}

/// The départements, by their place in the transducer of towns.
static DEPARTMENTS: &[&str] = &include!(concat!(env!("OUT_DIR"), "/departments.rs"));
