//! Why a password is refused: code, clause, message and advice.
//!
//! Codes are kebab-case, unique and stable: programs may rely on them. Messages say what is
//! wrong with the password without quoting any of it, and advice says what to do next.
//!
//! Clause: [`policy::clause::CNIL_TELL_THE_RULES`]. Each finding names its own clause too.

use std::sync::Arc;

use policy::password::{Case, Class};
use policy::{Clause, Language, Text, clause};
use serde_json::{Value, json};

use crate::words::{classes, count};
use crate::{ReadError, guess::Pattern};

mod code;

pub(crate) use code::Code;
pub use code::{all_codes, explain};

/// One reason why a password is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    kind: Kind,
    case: Case,
    /// The accepted forms in words, when choosing another one may help.
    forms: Option<Arc<Text>>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// The bytes are no password.
    Read(ReadError),
    /// The nearest form asks for more characters; digits only if `code`.
    TooFewCharacters { missing: usize, code: bool },
    /// The nearest form asks for more classes, to be taken from `absent`.
    TooFewClasses { missing: usize, absent: Vec<Class> },
    /// The classes used count for less than the form's pool; `length` of them would do, if
    /// there is any.
    NarrowClasses {
        length: Option<usize>,
        absent: Vec<Class>,
    },
    /// The nearest form asks for more different words.
    TooFewWords { missing: usize },
    /// It is in a list of common passwords.
    Common,
    /// It is a common password with digits or signs around it.
    CommonDecorated,
    /// It is in a list of the operator.
    Listed,
    /// It has leaked somewhere.
    Leaked,
    /// Whether it has leaked could not be found out.
    Unchecked,
    /// It is a code of one digit, a straight run, or one of the most common codes.
    CommonDigits,
    /// It is a known quotation, proverb, song or title, and too little besides.
    Quotation,
    /// It is mostly words about the person or the service.
    Context,
    /// It would be guessed too soon.
    Guess { pattern: Option<Pattern> },
}

impl Finding {
    pub(crate) fn new(kind: Kind, case: Case) -> Self {
        Self {
            kind,
            case,
            forms: None,
        }
    }

    pub(crate) fn with_forms(kind: Kind, case: Case, forms: &Arc<Text>) -> Self {
        Self {
            kind,
            case,
            forms: Some(forms.clone()),
        }
    }

    /// The stable code, for programs and for [`explain`].
    pub fn code(&self) -> &'static str {
        self.key().name()
    }

    /// The clause that the refusal answers to.
    pub fn clause(&self) -> &'static Clause {
        match &self.kind {
            Kind::Read(error) => error.clause(),
            Kind::TooFewCharacters { .. }
            | Kind::TooFewClasses { .. }
            | Kind::NarrowClasses { .. }
            | Kind::TooFewWords { .. } => match self.case {
                Case::PasswordAlone => &clause::CNIL_CASE_1,
                Case::RestrictedAccess => &clause::CNIL_CASE_2,
                Case::DeviceUnlock => &clause::CNIL_CASE_3,
            },
            Kind::Common | Kind::CommonDecorated | Kind::CommonDigits => &clause::CNIL_COMMON_LIST,
            Kind::Listed => &clause::CNIL_COMMON_LIST,
            Kind::Leaked | Kind::Unchecked => &clause::ASVS_BREACHED,
            Kind::Quotation => &clause::REMPART_QUOTATION,
            Kind::Context => &clause::CNIL_CONTEXT,
            Kind::Guess { .. } => &clause::CNIL_GUESS,
        }
    }

    /// What is wrong, in one sentence.
    pub fn message(&self, language: Language) -> String {
        use Language::{En, Fr};
        let text = match (&self.kind, language) {
            (Kind::Read(error), _) => return error.message(language),
            (
                Kind::TooFewCharacters {
                    missing,
                    code: false,
                },
                Fr,
            ) => {
                return format!("Il manque {}.", count(*missing, "caractère", "caractères"));
            }
            (
                Kind::TooFewCharacters {
                    missing,
                    code: false,
                },
                En,
            ) => {
                return format!(
                    "It is {} short.",
                    count(*missing, "character", "characters")
                );
            }
            (
                Kind::TooFewCharacters {
                    missing,
                    code: true,
                },
                Fr,
            ) => {
                return format!("Il manque {}.", count(*missing, "chiffre", "chiffres"));
            }
            (
                Kind::TooFewCharacters {
                    missing,
                    code: true,
                },
                En,
            ) => {
                return format!("It is {} short.", count(*missing, "digit", "digits"));
            }
            (Kind::TooFewClasses { missing, .. }, Fr) => {
                return format!(
                    "Il manque {}.",
                    count(*missing, "type de caractère", "types de caractère")
                );
            }
            (Kind::TooFewClasses { missing, .. }, En) => {
                return format!(
                    "It lacks {}.",
                    count(*missing, "type of character", "types of character")
                );
            }
            (Kind::NarrowClasses { .. }, Fr) => {
                "Les caractères employés sont trop peu variés pour cette longueur."
            }
            (Kind::NarrowClasses { .. }, En) => {
                "The characters used are of too few types for this length."
            }
            (Kind::TooFewWords { missing }, Fr) => {
                return format!(
                    "Il manque {}.",
                    count(*missing, "mot différent", "mots différents")
                );
            }
            (Kind::TooFewWords { missing }, En) => {
                return format!(
                    "It is {} short.",
                    count(*missing, "different word", "different words")
                );
            }
            (Kind::Common, Fr) => "Ce mot de passe figure parmi les plus courants.",
            (Kind::Common, En) => "This password is among the most common ones.",
            (Kind::CommonDecorated, Fr) => {
                "C’est un mot de passe très courant, entouré de quelques chiffres ou signes."
            }
            (Kind::CommonDecorated, En) => {
                "It is a very common password with a few digits or signs around it."
            }
            (Kind::Listed, Fr) => {
                "Ce mot de passe figure dans la liste de ceux que ce service refuse."
            }
            (Kind::Listed, En) => {
                "This password is in the list of those that this service refuses."
            }
            (Kind::Leaked, Fr) => "Ce mot de passe figure dans des fuites de données connues.",
            (Kind::Leaked, En) => "This password is in known data leaks.",
            (Kind::Unchecked, Fr) => {
                "Impossible de vérifier pour l’instant si ce mot de passe a été divulgué."
            }
            (Kind::Unchecked, En) => {
                "Whether this password has leaked cannot be checked at the moment."
            }
            (Kind::CommonDigits, Fr) => "Ce code figure parmi les premiers que l’on essaie.",
            (Kind::CommonDigits, En) => "This code is among the first that anyone tries.",
            (Kind::Quotation, Fr) => {
                "On y reconnaît une citation, un proverbe, une chanson ou un titre connus."
            }
            (Kind::Quotation, En) => "It holds a known quotation, proverb, song or title.",
            (Kind::Context, Fr) => {
                "Il repose sur un nom, un identifiant ou une adresse liés à ce compte."
            }
            (Kind::Context, En) => "It rests on a name, login or address tied to this account.",
            (
                Kind::Guess {
                    pattern: Some(pattern),
                },
                _,
            ) => pattern.message(language),
            (Kind::Guess { pattern: None }, Fr) => "Ce mot de passe serait deviné trop vite.",
            (Kind::Guess { pattern: None }, En) => "This password would be guessed too soon.",
        };
        text.to_owned()
    }

    /// What to do next.
    pub fn advice(&self, language: Language) -> String {
        use Language::{En, Fr};
        let mut advice = match (&self.kind, language) {
            (Kind::Read(error), _) => error.advice(language).to_owned(),
            (Kind::TooFewCharacters { missing, code: false }, Fr) => {
                format!("Ajoutez {}.", count(*missing, "caractère", "caractères"))
            }
            (Kind::TooFewCharacters { missing, code: false }, En) => {
                format!("Add {}.", count(*missing, "character", "characters"))
            }
            (Kind::TooFewCharacters { missing, code: true }, Fr) => {
                format!("Ajoutez {}.", count(*missing, "chiffre", "chiffres"))
            }
            (Kind::TooFewCharacters { missing, code: true }, En) => {
                format!("Add {}.", count(*missing, "digit", "digits"))
            }
            (Kind::TooFewClasses { missing, absent }, _) => add(absent, *missing, language),
            (Kind::NarrowClasses { length, absent }, _) => {
                let mut advice = add(absent, 1, language);
                if let Some(length) = length {
                    advice.push_str(&match language {
                        Fr => format!(" Sinon, allez jusqu’à {length} caractères."),
                        En => format!(" Otherwise, go up to {length} characters."),
                    });
                }
                advice
            }
            (Kind::TooFewWords { missing }, Fr) => {
                format!("Ajoutez {}, de deux lettres au moins, séparés par une espace ou un signe.", count(*missing, "mot", "mots"))
            }
            (Kind::TooFewWords { missing }, En) => {
                format!("Add {} of at least two letters, set apart by a space or a sign.", count(*missing, "word", "words"))
            }
            (Kind::Leaked, Fr) => {
                "Choisissez-en un autre, et changez celui-ci partout où vous l’employez.".to_owned()
            }
            (Kind::Leaked, En) => {
                "Choose another one, and change this one wherever you use it.".to_owned()
            }
            (Kind::Unchecked, Fr) => "Réessayez dans quelques minutes.".to_owned(),
            (Kind::Unchecked, En) => "Try again in a few minutes.".to_owned(),
            (Kind::Common | Kind::CommonDecorated | Kind::Listed, Fr) => {
                "Choisissez-en un que personne d’autre n’emploie : plusieurs mots sans lien, ou un mot de passe créé par un gestionnaire.".to_owned()
            }
            (Kind::Common | Kind::CommonDecorated | Kind::Listed, En) => {
                "Choose one that nobody else uses: several unrelated words, or one made by a password manager.".to_owned()
            }
            (Kind::CommonDigits, Fr) => "Choisissez des chiffres sans suite, ni répétition, ni date.".to_owned(),
            (Kind::CommonDigits, En) => "Choose digits without sequence, repetition or date.".to_owned(),
            (Kind::Quotation, Fr) => {
                "Ajoutez des mots à vous, sans lien entre eux : ce qui reste sans la citation doit suffire.".to_owned()
            }
            (Kind::Quotation, En) => {
                "Add unrelated words of your own: what is left without the quotation must be enough.".to_owned()
            }
            (Kind::Context, Fr) => "Retirez ce qui se rapporte à vous ou au service, ou ajoutez bien davantage à côté.".to_owned(),
            (Kind::Context, En) => "Take out what relates to you or to the service, or add much more beside it.".to_owned(),
            (Kind::Guess { .. }, Fr) => "Ajoutez un ou deux mots sans lien avec le reste.".to_owned(),
            (Kind::Guess { .. }, En) => "Add a word or two that have nothing to do with the rest.".to_owned(),
        };
        if let Some(forms) = &self.forms {
            advice.push_str(match language {
                Fr => " Sont acceptés : ",
                En => " Accepted: ",
            });
            advice.push_str(forms.in_language(language));
            advice.push('.');
        }
        advice
    }

    /// `{"code", "clause", "message", "advice"}`; the clause by its identifier, as `explain`
    /// takes it.
    pub fn to_json(&self, language: Language) -> Value {
        json!({
            "code": self.code(),
            "clause": self.clause().id,
            "message": self.message(language),
            "advice": self.advice(language),
        })
    }

    fn key(&self) -> Code {
        match &self.kind {
            Kind::Read(error) => Code::of_read(*error),
            Kind::TooFewCharacters { .. } => Code::TooFewCharacters,
            Kind::TooFewClasses { .. } => Code::TooFewClasses,
            Kind::NarrowClasses { .. } => Code::NarrowClasses,
            Kind::TooFewWords { .. } => Code::TooFewWords,
            Kind::Common => Code::Common,
            Kind::CommonDecorated => Code::CommonDecorated,
            Kind::Listed => Code::Listed,
            Kind::Leaked => Code::Leaked,
            Kind::Unchecked => Code::Unchecked,
            Kind::CommonDigits => Code::CommonDigits,
            Kind::Quotation => Code::Quotation,
            Kind::Context => Code::Context,
            Kind::Guess { .. } => Code::Guess,
        }
    }
}

/// "Add an upper case", or "Add two of …" when there is a choice.
fn add(absent: &[Class], missing: usize, language: Language) -> String {
    let list = classes(absent.iter().copied(), language);
    let choice = missing < absent.len();
    match (language, choice) {
        (Language::Fr, false) => format!("Ajoutez : {list}."),
        (Language::En, false) => format!("Add: {list}."),
        (Language::Fr, true) => format!("Ajoutez {missing} de ces types au choix : {list}."),
        (Language::En, true) => format!("Add {missing} of these types, as you like: {list}."),
    }
}
