//! `[[site.form]]` and its rules about answers.

use super::super::{Key, Kind, Table};
use crate::read::words;
use crate::site::{Charset, Encoding, FormKind, FormMethod, Software};
use crate::{Size, clause};

pub(in crate::keys) const FORM: Table = Table::new(
    "site.form",
    "Un formulaire du site qui porte un mot de passe, ou ceux d’un logiciel connu.",
    "A form of the site that holds a password, or those of a known software.",
    &[
        Key::new(
            "preset",
            Kind::Word(words::<Software>),
            "",
            "Les formulaires d’un logiciel connu, à la place des autres clés.",
            "The forms of a known software, in the place of the other keys.",
        ),
        Key::new(
            "base",
            Kind::Text,
            "",
            "Le chemin où ce logiciel est installé, comme /wiki ; absent, la racine.",
            "The path where this software is installed, such as /wiki; absent, the root.",
        ),
        Key::new(
            "basic",
            Kind::Boolean,
            "true",
            "Compte Authorization: Basic comme une connexion à ce logiciel ; false si c’est le serveur web qui le demande.",
            "Counts Authorization: Basic as a sign-in to this software; false where the web server asks for it.",
        )
        .answers(&[&clause::CNIL_RESTRICTION]),
        Key::new(
            "kind",
            Kind::Word(words::<FormKind>),
            "",
            "À quoi sert le formulaire ; closed ferme une porte de côté.",
            "What the form is for; closed shuts a side door.",
        )
        .answers(&[&clause::CNIL_CHECKED_AT_CREATION]),
        Key::new(
            "method",
            Kind::Word(words::<FormMethod>),
            "\"POST\"",
            "La méthode qui l’envoie ; any pour toutes.",
            "The method that submits it; any for all.",
        )
        .answers(&[&clause::CNIL_URL_SECRETS]),
        Key::new(
            "path",
            Kind::TextOrTexts,
            "",
            "Son chemin, ou la liste de ses chemins ; /* à la fin vaut pour tout ce qui est dessous.",
            "Its path, or the list of its paths; /* at the end stands for all that is below.",
        ),
        Key::new(
            "when",
            Kind::Pairs,
            "",
            "Paramètres qui doivent être là, dans l’adresse ou dans le corps.",
            "Parameters that must be there, in the query or in the body.",
        ),
        Key::new(
            "encoding",
            Kind::WordList(words::<Encoding>),
            "[\"urlencoded\", \"multipart\"]",
            "Comment ses champs peuvent être écrits.",
            "How its fields may be written.",
        ),
        Key::new(
            "password",
            Kind::Text,
            "",
            "Le champ du (nouveau) mot de passe.",
            "The field of the (new) password.",
        ),
        Key::new(
            "confirm",
            Kind::Text,
            "",
            "Le champ qui le répète.",
            "The field that repeats it.",
        ),
        Key::new(
            "current",
            Kind::Text,
            "",
            "Le champ du mot de passe actuel.",
            "The field of the current password.",
        ),
        Key::new(
            "identifier",
            Kind::Text,
            "",
            "Le champ de l’identifiant du compte.",
            "The field of the account's identifier.",
        )
        .answers(&[&clause::CNIL_RESTRICTION]),
        Key::new(
            "context",
            Kind::Texts,
            "[]",
            "Champs dont les mots ne peuvent être dans le mot de passe.",
            "Fields whose words may not be in the password.",
        )
        .answers(&[&clause::CNIL_CONTEXT]),
        Key::new(
            "charset",
            Kind::Word(words::<Charset>),
            "\"utf-8\"",
            "L’encodage des pages de ce formulaire.",
            "The encoding of the pages of this form.",
        ),
        Key::new(
            "max-body",
            Kind::Size {
                min: Size::kib(1),
                max: Size::mib(16),
            },
            "\"64 KiB\"",
            "Taille d’une requête à ses chemins ; une plus grande est refusée sans être lue.",
            "Size of a request to its paths; a larger one is refused unread.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "mark",
            Kind::Boolean,
            "true",
            "À la connexion, signale à l’origine un mot de passe faible, sans le refuser.",
            "At sign-in, tells the origin of a weak password, without refusing it.",
        ),
        Key::new(
            "meter",
            Kind::Boolean,
            "false",
            "Ajoute à la page du formulaire une jauge qui dit le verdict pendant la saisie.",
            "Adds a meter to the page of the form, which tells the verdict while one types.",
        )
        .answers(&[&clause::CNIL_TELL_THE_RULES]),
        Key::new(
            "attributes",
            Kind::Boolean,
            "false",
            "Dit aux gestionnaires de mots de passe à quoi servent les champs de la page et quelles règles suivre.",
            "Tells password managers what the fields of the page are for and which rules to follow.",
        )
        .answers(&[&clause::CNIL_TELL_THE_RULES]),
    ],
)
.repeated();

pub(in crate::keys) const SUCCESS: Table = Table::new(
    "site.form.success",
    "Une réponse qui veut dire que la personne est connectée ; tout ce qui est écrit doit être vrai.",
    "An answer that means that the person is in; all that is written must hold.",
    ANSWER,
)
.repeated();

pub(in crate::keys) const FAILURE: Table = Table::new(
    "site.form.failure",
    "Une réponse qui veut dire qu’elle ne l’est pas ; ces règles passent avant celles de success.",
    "An answer that means that they are not; these rules come before those of success.",
    ANSWER,
)
.repeated();

const ANSWER: &[Key] = &[
    Key::new(
        "status",
        Kind::Text,
        "",
        "Le statut, comme 302 ou 200-399.",
        "The status, such as 302 or 200-399.",
    )
    .answers(&[&clause::CNIL_RESTRICTION]),
    Key::new(
        "location",
        Kind::Text,
        "",
        "L’adresse de la redirection ; * vaut pour n’importe quel texte.",
        "The address of the redirect; * stands for any text.",
    ),
    Key::new(
        "set-cookie",
        Kind::Text,
        "",
        "Le nom d’un cookie posé et non effacé ; * vaut pour n’importe quel texte.",
        "The name of a cookie that is set and not deleted; * stands for any text.",
    ),
    Key::new(
        "json",
        Kind::Pairs,
        "",
        "Des valeurs d’une réponse JSON, par pointeur, comme { \"/ok\" = \"true\" }.",
        "Values of a JSON answer, by pointer, such as { \"/ok\" = \"true\" }.",
    ),
    Key::new(
        "body",
        Kind::Text,
        "",
        "Un texte présent dans les 64 premiers Kio du corps.",
        "A text in the first 64 KiB of the body.",
    ),
];
