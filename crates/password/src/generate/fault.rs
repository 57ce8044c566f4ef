//! Why nothing could be generated: what, where, why, and what to do.

use std::fmt;
use std::io::ErrorKind;

use policy::Language;

use super::list::{LEAST_WORDS, LONGEST_WORD, MOST_WORDS};
use super::phrase::LONGEST_SEPARATOR;
use crate::OpenError;

/// Why no password could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// The policy has no form of that number.
    NoSuchForm {
        /// How many forms it has.
        forms: usize,
    },
    /// What was asked needs a form of this kind, which the policy, or the form chosen, is
    /// not.
    OtherKind {
        /// The kind that the wishes are about.
        wanted: Kind,
    },
    /// Wishes about characters and wishes about words do not go together.
    Mixed,
    /// Fewer characters or words than the form and its case need.
    TooFew {
        /// Of what.
        kind: Kind,
        /// The least that does.
        least: usize,
    },
    /// More characters or words than `max-length` has room for.
    TooMany {
        /// Of what.
        kind: Kind,
        /// The most that does.
        most: usize,
    },
    /// A file that the policy names cannot be read whole.
    Open(OpenError),
    /// The separator is empty or too long, or has letters or invisible signs.
    Separator,
    /// The list of words cannot be used.
    List(ListError),
    /// `max-length` leaves too little room for the entropy of the case.
    NoRoom,
    /// The policy's other rules refuse what its form allows.
    Unsatisfiable,
    /// The system gave no randomness.
    Randomness,
}

/// What a form counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Characters.
    Characters,
    /// Words.
    Words,
}

/// A list of words that cannot be used, with every fault found, up to twenty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListError {
    file: String,
    faults: Vec<Fault>,
}

/// One fault of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1, unless it is the whole file.
    pub(super) line: Option<usize>,
    pub(super) flaw: Flaw,
}

/// What is wrong with a line or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Unreadable(ErrorKind),
    TooLarge { mebibytes: u64 },
    NotUtf8,
    NotLetters,
    TooShort,
    TooLong,
    Twice { first: usize },
    TooFew { words: usize },
    TooMany { words: usize },
}

impl GenerateError {
    /// What is wrong and what to do.
    pub fn message(&self, language: Language) -> String {
        use Kind::{Characters, Words};
        use Language::{En, Fr};
        match (self, language) {
            (Self::NoSuchForm { forms }, Fr) => {
                format!("La politique n’a pas de forme de ce numéro ; elle en compte {forms}.")
            }
            (Self::NoSuchForm { forms }, En) => {
                format!("The policy has no form of that number; it counts {forms}.")
            }
            (Self::OtherKind { wanted: Words }, Fr) => {
                "Un nombre de mots, une liste, un séparateur ou des capitales ne valent que pour une forme en mots ; choisissez-en une, ou ajoutez à la politique `[[password.form]]` avec `kind = \"passphrase\"`.".to_owned()
            }
            (Self::OtherKind { wanted: Words }, En) => {
                "A number of words, a list, a separator or capitals only make sense for a form of words; choose one, or add to the policy a `[[password.form]]` with `kind = \"passphrase\"`.".to_owned()
            }
            (Self::OtherKind { wanted: Characters }, Fr) => {
                "Une longueur ne vaut que pour une forme à caractères ; choisissez-en une, ou demandez un nombre de mots.".to_owned()
            }
            (Self::OtherKind { wanted: Characters }, En) => {
                "A length only makes sense for a form of characters; choose one, or ask for a number of words.".to_owned()
            }
            (Self::Mixed, Fr) => {
                "Une longueur vaut pour des caractères, le reste pour des mots ; demandez l’un ou l’autre.".to_owned()
            }
            (Self::Mixed, En) => {
                "A length is for characters, the rest for words; ask for one or the other.".to_owned()
            }
            (Self::TooFew { kind, least }, Fr) => {
                format!("C’est trop peu pour la politique ; demandez au moins {least} {}.", kind.name(Fr))
            }
            (Self::TooFew { kind, least }, En) => {
                format!("That is too few for the policy; ask for at least {least} {}.", kind.name(En))
            }
            (Self::TooMany { kind, most }, Fr) => {
                format!("`max-length` ne laisse pas tant de place ; demandez {most} {} au plus.", kind.name(Fr))
            }
            (Self::TooMany { kind, most }, En) => {
                format!("`max-length` has no room for so many; ask for {most} {} at most.", kind.name(En))
            }
            (Self::Separator, Fr) => {
                format!("Ce séparateur ne sépare pas les mots ; donnez de 1 à {LONGEST_SEPARATOR} signes visibles ou espaces, sans lettre.")
            }
            (Self::Separator, En) => {
                format!("That separator does not set words apart; give 1 to {LONGEST_SEPARATOR} visible signs or spaces, without letters.")
            }
            (Self::List(error), _) => error.message(language),
            (Self::Open(error), _) => error.message(language).to_owned(),
            (Self::NoRoom, Fr) => {
                "`max-length` est trop court pour que cette forme atteigne l’entropie du cas ; augmentez-le, ou choisissez une autre forme.".to_owned()
            }
            (Self::NoRoom, En) => {
                "`max-length` is too short for this form to reach the entropy of the case; raise it, or choose another form.".to_owned()
            }
            (Self::Unsatisfiable, Fr) => {
                "Les autres règles de la politique refusent trop de ce que cette forme admet ; demandez plus long ou baissez `min-log10`.".to_owned()
            }
            (Self::Unsatisfiable, En) => {
                "The other rules of the policy refuse too much of what this form allows; ask for more or lower `min-log10`.".to_owned()
            }
            (Self::Randomness, Fr) => "Le système n’a pas fourni d’aléa ; réessayez plus tard.".to_owned(),
            (Self::Randomness, En) => "The system gave no randomness; try again later.".to_owned(),
        }
    }
}

impl Kind {
    const fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Characters, Language::Fr) => "caractères",
            (Self::Characters, Language::En) => "characters",
            (Self::Words, Language::Fr) => "mots",
            (Self::Words, Language::En) => "words",
        }
    }
}

impl ListError {
    pub(super) fn new(file: &str, faults: Vec<Fault>) -> Self {
        Self {
            file: file.to_owned(),
            faults,
        }
    }

    #[cfg(test)]
    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Each fault on a line of its own: file, line, what is wrong, what to do. No word of
    /// the file is quoted.
    pub fn message(&self, language: Language) -> String {
        let faults: Vec<String> = self
            .faults
            .iter()
            .map(|fault| {
                let place = fault
                    .line
                    .map_or_else(String::new, |line| format!(":{line}"));
                let colon = match language {
                    Language::Fr => " :",
                    Language::En => ":",
                };
                format!(
                    "{}{place}{colon} {}",
                    self.file,
                    fault.flaw.message(language)
                )
            })
            .collect();
        faults.join("\n")
    }
}

impl Flaw {
    fn message(self, language: Language) -> String {
        use Language::{En, Fr};
        match (self, language) {
            (Self::Unreadable(kind), Fr) => {
                let reason = match kind {
                    ErrorKind::NotFound => "ce fichier n’existe pas".to_owned(),
                    ErrorKind::PermissionDenied => "accès refusé".to_owned(),
                    ErrorKind::IsADirectory => "c’est un dossier".to_owned(),
                    other => other.to_string(),
                };
                format!("{reason} ; nommez une liste de mots lisible (le chemin part du dossier de la politique)")
            }
            (Self::Unreadable(kind), En) => {
                let reason = match kind {
                    ErrorKind::NotFound => "no such file".to_owned(),
                    ErrorKind::PermissionDenied => "permission denied".to_owned(),
                    ErrorKind::IsADirectory => "it is a folder".to_owned(),
                    other => other.to_string(),
                };
                format!("{reason}; name a readable list of words (the path starts from the folder of the policy)")
            }
            (Self::TooLarge { mebibytes }, Fr) => {
                format!("plus de {mebibytes} Mio ; vérifiez que c’est bien une liste de mots")
            }
            (Self::TooLarge { mebibytes }, En) => {
                format!("larger than {mebibytes} MiB; check that it is a list of words")
            }
            (Self::NotUtf8, Fr) => "pas de l’UTF-8 ; enregistrez le fichier en UTF-8".to_owned(),
            (Self::NotUtf8, En) => "not UTF-8; save the file as UTF-8".to_owned(),
            (Self::NotLetters, Fr) => {
                "autre chose qu’un mot ; mettez un mot par ligne, en lettres, et `#` au début des commentaires".to_owned()
            }
            (Self::NotLetters, En) => {
                "something else than a word; put one word per line, in letters, and `#` before comments".to_owned()
            }
            (Self::TooShort, Fr) => "moins de deux lettres ; retirez la ligne".to_owned(),
            (Self::TooShort, En) => "fewer than two letters; remove the line".to_owned(),
            (Self::TooLong, Fr) => format!("plus de {LONGEST_WORD} lettres ; retirez la ligne"),
            (Self::TooLong, En) => format!("more than {LONGEST_WORD} letters; remove the line"),
            (Self::Twice { first }, Fr) => {
                format!("le même mot que ligne {first} ; retirez l’une des deux, un mot double serait tiré plus souvent")
            }
            (Self::Twice { first }, En) => {
                format!("the same word as on line {first}; remove one of the two, a double word would be drawn more often")
            }
            (Self::TooFew { words }, Fr) => {
                format!("{words} mots ; il en faut au moins {LEAST_WORDS}, pour des phrases d’une longueur raisonnable")
            }
            (Self::TooFew { words }, En) => {
                format!("{words} words; at least {LEAST_WORDS} are needed for phrases of a reasonable length")
            }
            (Self::TooMany { words }, Fr) => {
                format!("{words} mots ; gardez-en {MOST_WORDS} au plus, les plus connus")
            }
            (Self::TooMany { words }, En) => {
                format!("{words} words; keep {MOST_WORDS} at most, the best known ones")
            }
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for GenerateError {}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ListError {}

impl From<OpenError> for GenerateError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<ListError> for GenerateError {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_error_says_something_of_its_own_in_both_languages() {
        let list = |flaw| {
            GenerateError::List(ListError::new(
                "mots.txt",
                vec![Fault {
                    line: Some(12),
                    flaw,
                }],
            ))
        };
        let (characters, words) = (Kind::Characters, Kind::Words);
        let errors = [
            GenerateError::NoSuchForm { forms: 3 },
            GenerateError::OtherKind { wanted: characters },
            GenerateError::OtherKind { wanted: words },
            GenerateError::Mixed,
            GenerateError::TooFew {
                kind: words,
                least: 7,
            },
            GenerateError::TooMany {
                kind: characters,
                most: 256,
            },
            GenerateError::Separator,
            GenerateError::NoRoom,
            GenerateError::Unsatisfiable,
            GenerateError::Randomness,
            list(Flaw::Unreadable(ErrorKind::NotFound)),
            list(Flaw::Unreadable(ErrorKind::PermissionDenied)),
            list(Flaw::Unreadable(ErrorKind::IsADirectory)),
            list(Flaw::TooLarge { mebibytes: 4 }),
            list(Flaw::NotUtf8),
            list(Flaw::NotLetters),
            list(Flaw::TooShort),
            list(Flaw::TooLong),
            list(Flaw::Twice { first: 3 }),
            list(Flaw::TooFew { words: 12 }),
            list(Flaw::TooMany { words: 300_000 }),
        ];
        let mut texts = BTreeSet::new();
        for error in &errors {
            for language in [Language::Fr, Language::En] {
                let text = error.message(language);
                // What is wrong, then what to do.
                assert!(text.contains(';'), "{text}");
                assert!(texts.insert(text.clone()), "twice: {text}");
                if let GenerateError::List(_) = error {
                    assert!(text.starts_with("mots.txt:12"), "{text}");
                }
            }
        }
    }
}
