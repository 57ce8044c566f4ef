//! How many guesses an attacker needs who speaks French and English.
//!
//! Clause: [`policy::clause::CNIL_GUESS`]: an estimate may complement the form and never
//! replaces it.
//!
//! | module | finds |
//! |-|-|
//! | `word` | words, names, towns, common passwords; with capitals, signs for letters, endings, backwards |
//! | `known` | words about the person and the service |
//! | `keyboard` | walks on AZERTY, BÉPO, QWERTY, QWERTZ and the keypad |
//! | `run` | repeats, mirrors, sequences |
//! | `number` | years, dates, telephone numbers, postcodes |
//! | `english` | what zxcvbn makes of letters that the lists explain badly |
//! | `path` | the cheapest way to compose them |
//!
//! What bounds the work: every module counts its steps, `max-work` of them at most, and one
//! sign is read for every hundred. A longer text counts by its beginning. Should the steps run
//! out before every module has read it, what was not found counts as signs that nothing
//! explains; the lists are read last, so that only their words at the end are missed.
//!
//! No clock, no randomness: a password is worth the same on any day and any machine.

use policy::Language;

use crate::{Context, Password};

mod english;
mod keyboard;
mod known;
pub(crate) mod lists;
mod number;
mod pack;
mod path;
mod run;
mod text;
mod word;

pub(crate) use lists::Lists;
use path::{Graph, Path, Piece, Steps};
use text::Text;

/// Signs read at most for each step allowed: what is longer counts by its beginning.
const STEPS_PER_SIGN: u32 = 100;

/// What is known about guessing, shared by all judgements.
#[derive(Debug)]
pub(crate) struct Estimator {
    pub(crate) lists: Lists,
    /// The year from which years are counted.
    pub(crate) year: u32,
    /// Steps per password at most.
    pub(crate) max_work: u32,
}

/// What the estimator says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Estimate {
    /// Base-10 logarithm of the number of guesses; it has no ceiling.
    pub(crate) log10: f64,
    /// The pattern that explains most of the password, if patterns explain most of it.
    pub(crate) pattern: Option<Pattern>,
    /// Steps taken.
    pub(crate) steps: u32,
}

/// What explains a stretch of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    Keyboard,
    Repeat,
    Sequence,
    Year,
    Date,
    Phone,
    Common,
    Word,
    Name,
    Place,
    Context,
}

impl Estimator {
    /// The estimate for a password, given the words that an attacker knows.
    pub(crate) fn estimate(&self, password: &Password, context: &Context) -> Estimate {
        let most = (self.max_work / STEPS_PER_SIGN).max(1) as usize;
        let text = Text::read(password.expose(), most);
        let (path, steps) = self.explain(&text, context);
        Estimate {
            log10: path.cost,
            pattern: main_pattern(&path.pieces),
            steps,
        }
    }

    /// The cheapest explanation, and the steps that it took to find.
    fn explain(&self, text: &Text, context: &Context) -> (Path, u32) {
        let mut graph = Graph::new(text.len(), Steps::new(self.max_work));
        run::repeats(text, &mut graph);
        run::sequences(text, &mut graph);
        run::mirrors(text, &mut graph);
        keyboard::walks(text, &mut graph);
        number::numbers(text, self.year, &mut graph);
        known::words(text, context, &mut graph);
        word::words(text, &self.lists, &mut graph);
        let mut path = graph.cheapest(text);
        if english::ask(text, &path, &mut graph) {
            path = graph.cheapest(text);
        }
        (path, graph.steps().taken())
    }
}

/// The pattern of most signs, if patterns explain at least half of them.
fn main_pattern(pieces: &[Piece]) -> Option<Pattern> {
    let length = pieces.last()?.end;
    let explained: usize = pieces
        .iter()
        .filter(|piece| piece.pattern.is_some())
        .map(|piece| piece.end - piece.start)
        .sum();
    if explained * 2 < length {
        return None;
    }
    let covered = |pattern: Pattern| -> usize {
        pieces
            .iter()
            .filter(|piece| piece.pattern == Some(pattern))
            .map(|piece| piece.end - piece.start)
            .sum()
    };
    pieces
        .iter()
        .filter_map(|piece| piece.pattern)
        .rev()
        .max_by_key(|&pattern| covered(pattern))
}

impl Pattern {
    /// Why the password is easy to guess.
    pub(crate) const fn message(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Keyboard => (
                "Une suite de touches voisines se devine vite.",
                "A run of neighbouring keys is soon guessed.",
            ),
            Self::Repeat => (
                "Des caractères répétés se devinent presque aussi vite que sans répétition.",
                "Repeated characters are guessed almost as soon as without the repetition.",
            ),
            Self::Sequence => (
                "Une suite comme abc ou 6543 se devine vite.",
                "A sequence such as abc or 6543 is soon guessed.",
            ),
            Self::Year => (
                "Une année récente se devine vite.",
                "A recent year is soon guessed.",
            ),
            Self::Date => ("Une date se devine vite.", "A date is soon guessed."),
            Self::Phone => (
                "Un numéro de téléphone se devine vite.",
                "A telephone number is soon guessed.",
            ),
            Self::Common => (
                "Il ressemble à un mot de passe courant.",
                "It is like a common password.",
            ),
            Self::Word => (
                "Des mots courants se devinent vite, même avec quelques chiffres ou signes.",
                "Common words are soon guessed, even with a few digits or signs.",
            ),
            Self::Name => (
                "Un prénom ou un nom se devine vite.",
                "A first name or a surname is soon guessed.",
            ),
            Self::Place => (
                "Une ville ou un code postal se devine vite.",
                "A town or a postcode is soon guessed.",
            ),
            Self::Context => (
                "Les mots connus de ce compte sont essayés en premier.",
                "Words known of this account are tried first.",
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests;
