//! `[password]` and its tables.

use super::{Key, Kind, Table, no_words, seconds};
use crate::clause;
use crate::password::{Case, Class, Example, Shape, WhenDown};
use crate::read::words;

pub(super) const PASSWORD: Table = Table::new(
    "password",
    "Quels mots de passe suffisent.",
    "Which passwords are good enough.",
    &[
        Key::new(
            "case",
            Kind::Word(words::<Case>),
            "\"password-alone\"",
            "Ce qui protège le compte à part le mot de passe, selon les trois cas de la CNIL.",
            "What protects the account besides the password, after the CNIL's three cases.",
        )
        .answers(&[
            &clause::CNIL_CASE_1,
            &clause::CNIL_CASE_2,
            &clause::CNIL_CASE_3,
            &clause::REMPART_CASE_3_OFF_THE_WEB,
            &clause::CNIL_MINIMUM_LEVEL,
        ]),
        Key::new(
            "max-length",
            Kind::Integer { min: 1, max: 4096 },
            "256",
            "Longueur maximale lue, en caractères ; au moins 50.",
            "Longest password read, in characters; at least 50.",
        )
        .answers(&[
            &clause::CNIL_MAX_LENGTH,
            &clause::ANSSI_MAX_LENGTH,
            &clause::NIST_MAX_LENGTH,
            &clause::ASVS_MAX_LENGTH,
        ]),
    ],
);

pub(super) const FORM: Table = Table::new(
    "password.form",
    "Une forme admise ; il suffit d’en respecter une.",
    "One admitted form; meeting one of them is enough.",
    &[
        Key::new(
            "example",
            Kind::Word(words::<Example>),
            "",
            "Un exemple de la CNIL, par son nom.",
            "An example of the CNIL, by its name.",
        )
        .answers(&[
            &clause::CNIL_CASE_1_EXAMPLES,
            &clause::CNIL_CASE_1_WORDS,
            &clause::CNIL_CASE_2_EXAMPLES,
            &clause::CNIL_CASE_2_WORDS,
        ]),
        Key::new(
            "kind",
            Kind::Word(words::<Shape>),
            "",
            "Des caractères, ou des mots.",
            "Characters, or words.",
        ),
        Key::new(
            "length",
            Kind::Integer { min: 1, max: 256 },
            "",
            "Nombre minimal de caractères.",
            "Least number of characters.",
        )
        .answers(&[
            &clause::CNIL_ENTROPY,
            &clause::ANSSI_LENGTH,
            &clause::NIST_LENGTH,
            &clause::ASVS_LENGTH,
        ]),
        Key::new(
            "classes",
            Kind::WordList(words::<Class>),
            "[\"lower\", \"upper\", \"digit\", \"special\"]",
            "Types de caractères qui comptent.",
            "Character types that count.",
        )
        .answers(&[
            &clause::CNIL_ENTROPY,
            &clause::CNIL_ENTROPY_OF_POLICY,
            &clause::REMPART_CAREFUL_POOL,
        ]),
        Key::new(
            "required",
            Kind::Integer { min: 0, max: 4 },
            "",
            "Combien de ces types doivent paraître ; tous par défaut.",
            "How many of these types must appear; all by default.",
        )
        .answers(&[
            &clause::ANSSI_COMPLEXITY,
            &clause::NIST_NO_COMPOSITION,
            &clause::ASVS_NO_COMPOSITION,
        ]),
        Key::new(
            "specials",
            Kind::Text,
            "",
            "Les signes qui comptent comme spéciaux ; 37 par défaut.",
            "The signs that count as special; 37 by default.",
        )
        .answers(&[&clause::CNIL_CASE_1_EXAMPLES, &clause::CNIL_WIDE_CHARACTERS]),
        Key::new(
            "words",
            Kind::Integer { min: 1, max: 64 },
            "",
            "Nombre minimal de mots différents.",
            "Least number of different words.",
        )
        .answers(&[&clause::CNIL_CASE_1_WORDS, &clause::CNIL_CASE_2_WORDS]),
        Key::new(
            "word-list",
            Kind::Path,
            "",
            "Fichier où tirer les mots des phrases de passe fabriquées, un par ligne.",
            "File that the words of generated passphrases are drawn from, one per line.",
        )
        .answers(&[&clause::CNIL_GENERATED]),
    ],
)
.repeated();

pub(super) const GUESS: Table = Table::new(
    "password.guess",
    "L’estimation de ce qu’il faut d’essais pour deviner le mot de passe choisi.",
    "The estimate of how many guesses the chosen password takes.",
    &[
        Key::new(
            "min-log10",
            Kind::Number {
                min: 0.0,
                max: 40.0,
            },
            "9",
            "Logarithme décimal du nombre d’essais exigé ; 0 n’exige rien. Par défaut 9, 6 ou 0 selon le cas.",
            "Decimal logarithm of the number of guesses asked for; 0 asks for nothing. Default 9, 6 or 0 after the case.",
        )
        .answers(&[&clause::CNIL_GUESS]),
        Key::new(
            "max-work",
            Kind::Integer {
                min: 4_000,
                max: 200_000,
            },
            "60000",
            "Pas de l’estimateur par mot de passe, au plus, ce qui borne son travail.",
            "Steps of the estimator per password at most, which bounds its work.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "reference-year",
            Kind::Integer {
                min: 2020,
                max: 2059,
            },
            "2026",
            "Année d’où se comptent les années trouvées dans les mots de passe.",
            "Year from which the years found in passwords are counted.",
        )
        .answers(&[&clause::CNIL_GUESS]),
    ],
);

pub(super) const GUESS_LISTS: Table = Table::new(
    "password.guess.lists",
    "Les listes de mots de l’exploitant : un mot par ligne, du plus au moins fréquent.",
    "The operator's word lists: one word per line, from the most to the least frequent.",
    &[
        Key::new(
            "added",
            Kind::Texts,
            "[]",
            "Fichiers qui s’ajoutent aux listes intégrées.",
            "Files that are added to the built-in lists.",
        )
        .answers(&[&clause::CNIL_GUESS]),
        list(
            "french",
            "Fichier qui remplace les mots français.",
            "File that replaces the French words.",
        ),
        list(
            "english",
            "Fichier qui remplace les mots anglais.",
            "File that replaces the English words.",
        ),
        list(
            "first-names",
            "Fichier qui remplace les prénoms.",
            "File that replaces the first names.",
        ),
        list(
            "surnames",
            "Fichier qui remplace les noms de famille.",
            "File that replaces the surnames.",
        ),
        list(
            "towns",
            "Fichier qui remplace les villes.",
            "File that replaces the towns.",
        ),
        list(
            "others",
            "Fichier qui remplace les marques, clubs, pays et mois.",
            "File that replaces the brands, clubs, countries and months.",
        ),
    ],
);

const fn list(name: &'static str, fr: &'static str, en: &'static str) -> Key {
    Key::new(name, Kind::Path, "", fr, en).answers(&[&clause::CNIL_GUESS])
}

pub(super) const REFUSE_ONLINE: Table = Table::new(
    "password.refuse.online",
    "Un service qui connaît les mots de passe divulgués ; il ne reçoit que le début d’une empreinte.",
    "A service that knows leaked passwords; it receives only the beginning of a hash.",
    &[
        Key::new(
            "url",
            Kind::Text,
            "",
            "Adresse des tranches ; les cinq premiers chiffres de l’empreinte s’y ajoutent.",
            "Address of the ranges; the first five digits of the hash are added to it.",
        )
        .required()
        .answers(&[&clause::ASVS_BREACHED]),
        Key::new(
            "when-down",
            Kind::Word(words::<WhenDown>),
            "",
            "Ce qu’il advient d’un mot de passe quand le service ne répond pas : accept, refuse.",
            "What becomes of a password when the service does not answer: accept, refuse.",
        )
        .required()
        .answers(&[&clause::REMPART_CLOSED]),
        Key::new(
            "deadline",
            Kind::Duration {
                min: seconds(1),
                max: seconds(30),
                words: no_words,
            },
            "\"2s\"",
            "Temps d’attente par mot de passe, connexion comprise.",
            "Waiting time per password, connection included.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
    ],
);

pub(super) const REFUSE: Table = Table::new(
    "password.refuse",
    "Ce qui est refusé quelle que soit la forme.",
    "What is refused whatever its form.",
    &[
        Key::new(
            "common",
            Kind::Boolean,
            "true",
            "Les mots de passe de la liste intégrée des plus courants.",
            "Passwords of the built-in list of common ones.",
        )
        .answers(&[
            &clause::CNIL_COMMON_LIST,
            &clause::ANSSI_AUTOMATIC_CHECK,
            &clause::NIST_BLOCKLIST,
            &clause::ASVS_COMMON,
            &clause::REMPART_QUOTATION,
        ]),
        Key::new(
            "context",
            Kind::Boolean,
            "true",
            "Les mots de passe bâtis sur un mot du contexte : nom, identifiant, site.",
            "Passwords built on a word of the context: name, identifier, site.",
        )
        .answers(&[&clause::CNIL_CONTEXT, &clause::ASVS_CONTEXT]),
        Key::new(
            "lists",
            Kind::Texts,
            "[]",
            "Fichiers d’autres mots de passe refusés, un par ligne.",
            "Files of further refused passwords, one per line.",
        )
        .answers(&[&clause::CNIL_COMMON_LIST]),
        Key::new(
            "breached",
            Kind::Path,
            "",
            "Index local des mots de passe divulgués.",
            "Local index of leaked passwords.",
        )
        .answers(&[&clause::ASVS_BREACHED]),
    ],
);
