//! The codes of refusals, and what each means.

use policy::{Clause, Language, clause};

use crate::ReadError;

/// Every code. The names are public and stable; this type is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Empty,
    TooLong,
    NotUtf8,
    Nul,
    Control,
    TooFewCharacters,
    TooFewClasses,
    NarrowClasses,
    TooFewWords,
    Common,
    CommonDecorated,
    CommonDigits,
    Listed,
    Leaked,
    Unchecked,
    Quotation,
    Context,
    Guess,
}

const CODES: [Code; 18] = [
    Code::Empty,
    Code::TooLong,
    Code::NotUtf8,
    Code::Nul,
    Code::Control,
    Code::TooFewCharacters,
    Code::TooFewClasses,
    Code::NarrowClasses,
    Code::TooFewWords,
    Code::Common,
    Code::CommonDecorated,
    Code::CommonDigits,
    Code::Listed,
    Code::Leaked,
    Code::Unchecked,
    Code::Quotation,
    Code::Context,
    Code::Guess,
];

/// Every code that a [`Finding`](crate::Finding) may carry.
pub const fn all_codes() -> &'static [&'static str] {
    const NAMES: [&str; CODES.len()] = {
        let mut names = [""; CODES.len()];
        let mut index = 0;
        while index < CODES.len() {
            names[index] = CODES[index].name();
            index += 1;
        }
        names
    };
    &NAMES
}

/// What a code means and how to satisfy the rule behind it; `None` for an unknown code.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let code = CODES.into_iter().find(|known| known.name() == code)?;
    let clauses: Vec<String> = code
        .clauses()
        .iter()
        .map(|clause| format!("{} ({})", clause.reference(language), clause.id))
        .collect();
    let label = match (language, clauses.len()) {
        (Language::Fr, 1) => "Exigence : ",
        (Language::Fr, _) => "Exigences : ",
        (Language::En, 1) => "Clause: ",
        (Language::En, _) => "Clauses: ",
    };
    Some(format!(
        "{}\n\n{}\n\n{label}{}",
        code.name(),
        code.meaning(language),
        clauses.join(" ; ")
    ))
}

impl Code {
    pub(crate) const fn of_read(error: ReadError) -> Self {
        match error {
            ReadError::Empty => Self::Empty,
            ReadError::TooLong { .. } => Self::TooLong,
            ReadError::NotUtf8 => Self::NotUtf8,
            ReadError::Nul => Self::Nul,
            ReadError::Control => Self::Control,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Empty => ReadError::Empty.code(),
            Self::TooLong => ReadError::TooLong { max: 0 }.code(),
            Self::NotUtf8 => ReadError::NotUtf8.code(),
            Self::Nul => ReadError::Nul.code(),
            Self::Control => ReadError::Control.code(),
            Self::TooFewCharacters => "too-few-characters",
            Self::TooFewClasses => "too-few-classes",
            Self::NarrowClasses => "narrow-classes",
            Self::TooFewWords => "too-few-words",
            Self::Common => "common-password",
            Self::CommonDecorated => "common-password-decorated",
            Self::CommonDigits => "common-code",
            Self::Listed => "listed-password",
            Self::Leaked => "leaked-password",
            Self::Unchecked => "leak-unchecked",
            Self::Quotation => "known-quotation",
            Self::Context => "context-word",
            Self::Guess => "guessable",
        }
    }

    const fn clauses(self) -> &'static [&'static Clause] {
        match self {
            Self::TooLong => &[&clause::CNIL_MAX_LENGTH],
            Self::Empty | Self::NotUtf8 | Self::Nul | Self::Control => &[&clause::RFC8265_OPAQUE],
            Self::TooFewCharacters
            | Self::TooFewClasses
            | Self::NarrowClasses
            | Self::TooFewWords => &[
                &clause::CNIL_CASE_1,
                &clause::CNIL_CASE_2,
                &clause::CNIL_CASE_3,
            ],
            Self::Common | Self::CommonDecorated | Self::CommonDigits => {
                &[&clause::CNIL_COMMON_LIST]
            }
            Self::Listed => &[&clause::CNIL_COMMON_LIST],
            Self::Leaked | Self::Unchecked => &[&clause::ASVS_BREACHED],
            Self::Quotation => &[&clause::REMPART_QUOTATION],
            Self::Context => &[&clause::CNIL_CONTEXT],
            Self::Guess => &[&clause::CNIL_GUESS],
        }
    }

    const fn meaning(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Empty => (
                "Aucun caractère n’a été reçu. Saisissez un mot de passe ; si vous l’avez fait, le champ du formulaire porte sans doute un autre nom que celui attendu.",
                "No character was received. Type a password; if you did, the field of the form probably has another name than the one expected.",
            ),
            Self::TooLong => (
                "Le mot de passe dépasse `max-length`. Ce plafond protège le serveur : normaliser et hacher un texte sans fin lui coûterait trop. Choisissez plus court ; rien n’est jamais tronqué.",
                "The password is longer than `max-length`. The cap protects the server, for which normalising and hashing an endless text would cost too much. Choose a shorter one; nothing is ever truncated.",
            ),
            Self::NotUtf8 => (
                "Les octets reçus ne sont pas de l’UTF-8. Deux programmes qui les liraient autrement verraient deux mots de passe. Servez le formulaire en UTF-8, ou tapez des caractères simples.",
                "The bytes received are not UTF-8. Two programs that read them differently would see two passwords. Serve the form in UTF-8, or type plain characters.",
            ),
            Self::Nul => (
                "Un octet nul s’y trouve. Certains systèmes y coupent le mot de passe, qui serait plus court qu’il n’y paraît. Retirez-le ; il vient en général d’un copier-coller ou d’un programme.",
                "It holds a NUL byte. Some systems cut the password there, so that it would be shorter than it looks. Remove it; it usually comes from a paste or a program.",
            ),
            Self::Control => (
                "Un caractère de commande s’y trouve : tabulation, retour à la ligne, autre signe invisible. Il serait difficile à retaper. Retirez-le ; les espaces, elles, sont bienvenues.",
                "It holds a control character: a tab, a line end, another invisible sign. It would be hard to type again. Remove it; spaces are welcome.",
            ),
            Self::TooFewCharacters => (
                "Le mot de passe est plus court que la forme acceptée la plus proche. La longueur compte les caractères après normalisation NFC : un é compte pour un. Dans un code, seuls les chiffres comptent. Ajoutez ce qui manque ou prenez une autre forme acceptée.",
                "The password is shorter than the nearest accepted form. Length counts characters after NFC: an é counts for one. In a code, only digits count. Add what is missing or take another accepted form.",
            ),
            Self::TooFewClasses => (
                "La forme acceptée la plus proche demande d’autres types de caractères : minuscule, majuscule, chiffre, ou un signe de la liste `specials`. Une lettre d’une écriture sans casse compte comme minuscule. Les autres signes et les espaces sont permis et comptent dans la longueur, mais pour aucun type.",
                "The nearest accepted form asks for more types of characters: lower case, upper case, digit, or a sign of the list `specials`. A letter of a script without case counts as lower case. Other signs and spaces are allowed and count in the length, but for no type.",
            ),
            Self::NarrowClasses => (
                "La forme n’impose aucun type, mais les types employés offrent moins de choix que ce que la politique compte : des chiffres seuls, par exemple. Employez aussi des lettres, ou allongez jusqu’à ce que ces types atteignent à eux seuls le niveau du cas.",
                "The form imposes no type, but the types used offer less choice than the policy counts on: digits alone, for instance. Use letters as well, or go on until these types reach the level of the case by themselves.",
            ),
            Self::TooFewWords => (
                "La phrase de passe a trop peu de mots différents. Les mots sont séparés par une espace, un chiffre ou un signe, et ont au moins deux lettres ; un mot répété, même avec une autre casse, d’autres accents ou un s ou x de pluriel, compte une fois. Des mots collés (MotsColles) comptent pour un seul.",
                "The passphrase has too few different words. Words are set apart by a space, a digit or a sign, and have at least two letters; a repeated word counts once, whatever its case, its accents or an s or x of plural. Words run together (LikeThis) count as one.",
            ),
            Self::Common => (
                "Le mot de passe, sans tenir compte de la casse ni des accents, figure dans la liste des mots de passe courants livrée avec rempart. On l’essaie en premier. Choisissez plusieurs mots sans lien ou laissez faire un gestionnaire.",
                "The password, whatever its case and accents, is in the list of common passwords shipped with rempart. It is tried first. Choose several unrelated words or leave it to a password manager.",
            ),
            Self::CommonDecorated => (
                "Sans les chiffres et signes qui l’entourent, le mot de passe est un mot de passe courant, et l’estimation du nombre d’essais reste sous mille fois le seuil `min-log10`. Changez le cœur du mot de passe plutôt que son décor.",
                "Without the digits and signs around it, the password is a common one, and the estimated number of guesses stays under a thousand times the threshold `min-log10`. Change the core of the password rather than its decoration.",
            ),
            Self::Listed => (
                "Le mot de passe, sans tenir compte de la casse ni des accents, figure dans une liste de mots de passe refusés que l’exploitant a ajoutée (`refuse.lists`). Choisissez-en un autre.",
                "The password, whatever its case and accents, is in a list of refused passwords that the operator added (`refuse.lists`). Choose another one.",
            ),
            Self::Leaked => (
                "Le mot de passe figure parmi ceux qui ont été divulgués lors de fuites, dans l’index local (`refuse.breached`) ou le service en ligne (`refuse.online`). Un attaquant essaie ces mots de passe avant tous les autres. Choisissez-en un autre, et changez celui-ci partout où il sert. Un index compact peut, rarement, se tromper : `rempart breach query` dit à quelle fréquence.",
                "The password is among those that were exposed in leaks, in the local index (`refuse.breached`) or the online service (`refuse.online`). An attacker tries these before all others. Choose another one, and change this one wherever it is used. A compact index is wrong at times, rarely: `rempart breach query` says how often.",
            ),
            Self::Unchecked => (
                "Le service en ligne des mots de passe divulgués n’a pas répondu à temps, et la politique refuse alors (`when-down = \"refuse\"`). Réessayez dans quelques minutes ; si cela dure, prévenez l’exploitant, qui peut aussi installer un index local.",
                "The online service for leaked passwords did not answer in time, and the policy then refuses (`when-down = \"refuse\"`). Try again in a few minutes; if it lasts, tell the operator, who may also install a local index.",
            ),
            Self::CommonDigits => (
                "Un même chiffre répété, une suite droite (1234, 9876) ou l’un des codes les plus employés. Trois essais suffiraient souvent. Choisissez des chiffres au hasard.",
                "One digit repeated, a straight run (1234, 9876) or one of the most used codes. Three tries would often do. Choose digits at random.",
            ),
            Self::Quotation => (
                "Des mots qui se suivent sont ceux d’une citation, d’un proverbe, d’une chanson ou d’un titre de la liste livrée avec rempart : quatre mots au moins, ou tous les mots d’une citation de trois. Une phrase connue de tous ne fait qu’un choix parmi quelques milliers. Elle ne compte donc pour rien, et ce qui reste sans elle doit avoir à lui seul une forme acceptée. Ajoutez des mots à vous, ou changez de phrase.",
                "Words in a row are those of a quotation, proverb, song or title in the list shipped with rempart: at least four words, or all words of a quotation of three. A sentence that everybody knows is but one choice among a few thousand. It therefore counts for nothing, and what is left without it must have an accepted form by itself. Add words of your own, or take another sentence.",
            ),
            Self::Context => (
                "Une fois retirés les mots connus de ce compte (identifiant, nom, adresse, site ; quatre caractères au moins, dans un sens ou dans l’autre, même avec @ pour a), il reste moins de la moitié du mot de passe. Retirez ces mots ou ajoutez bien davantage.",
                "Once the words known of this account are taken out (login, name, address, site; at least four characters, read either way, even with @ for a), less than half of the password is left. Take these words out or add much more.",
            ),
            Self::Guess => (
                "L’estimateur compte le nombre d’essais qu’un attaquant ferait avec des dictionnaires français et anglais, des noms, des villes, des suites de touches, des dates, et trouve moins que `min-log10` (en puissance de dix). Ce chiffre complète la forme et ne la remplace pas. Ajoutez des mots sans lien entre eux.",
                "The estimator counts the tries of an attacker with French and English dictionaries, names, towns, keyboard runs and dates, and finds less than `min-log10` (as a power of ten). The figure comes beside the form and does not replace it. Add words that have nothing to do with one another.",
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_explained_in_both_languages() {
        let mut texts = BTreeSet::new();
        let mut names = BTreeSet::new();
        for &name in all_codes() {
            assert!(names.insert(name), "{name} twice");
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            for language in [Language::Fr, Language::En] {
                let text = explain(name, language).expect(name);
                assert!(text.starts_with(name), "{name}");
                assert!(
                    text.split("\n\n")
                        .nth(1)
                        .is_some_and(|meaning| meaning.len() > 80),
                    "{name}"
                );
                assert!(texts.insert(text), "{name}: the same text twice");
            }
        }
        assert_eq!(explain("no-such-code", Language::En), None);
    }

    #[test]
    fn uncertain_clauses_print_as_to_be_confirmed() {
        for (language, words) in [
            (Language::Fr, "(à confirmer)"),
            (Language::En, "(to be confirmed)"),
        ] {
            let text = explain("common-password", language).expect("a code");
            assert!(text.contains(words), "{text}");
        }
    }
}
