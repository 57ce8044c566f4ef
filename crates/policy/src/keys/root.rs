//! The keys outside any table, and `[[deviation]]`.

use super::{Key, Kind, Table};
use crate::read::words;
use crate::{Language, Preset, clause};

pub(super) const ROOT: Table = Table::new(
    "",
    "Ce qui vaut pour toute la politique.",
    "What holds for the whole policy.",
    &[
        Key::new(
            "version",
            Kind::Integer {
                min: 0,
                max: i64::MAX,
            },
            "",
            "Version du format de ce fichier : 1.",
            "Version of the format of this file: 1.",
        )
        .required(),
        Key::new(
            "language",
            Kind::Word(words::<Language>),
            "\"fr\"",
            "Langue des textes montrés aux personnes.",
            "Language of the texts shown to people.",
        ),
        Key::new(
            "preset",
            Kind::Word(words::<Preset>),
            "\"cnil\"",
            "Règles qui complètent ce que le fichier ne dit pas.",
            "Rules that fill in what the file leaves out.",
        )
        .answers(&[
            &clause::NIST_LENGTH,
            &clause::NIST_NO_COMPOSITION,
            &clause::NIST_NO_ROTATION,
            &clause::NIST_THROTTLE,
            &clause::ASVS_LENGTH,
            &clause::ASVS_NO_COMPOSITION,
            &clause::ASVS_NO_ROTATION,
            &clause::ANSSI_LENGTH,
            &clause::ANSSI_COMPLEXITY,
            &clause::ANSSI_COMPROMISE,
        ]),
    ],
);

pub(super) const DEVIATION: Table = Table::new(
    "deviation",
    "Un écart assumé : l’exigence, la raison, l’échéance.",
    "A deviation owned up to: the clause, the reason, the end.",
    &[
        Key::new(
            "clause",
            Kind::Text,
            "",
            "Identifiant de l’exigence dont la politique s’écarte.",
            "Identifier of the clause that the policy departs from.",
        )
        .required()
        .answers(&[&clause::CNIL_STATE_OF_THE_ART]),
        Key::new(
            "reason",
            Kind::Text,
            "",
            "La raison, imprimée dans chaque rapport.",
            "The reason, printed in every report.",
        )
        .required(),
        Key::new(
            "until",
            Kind::Date,
            "",
            "Dernier jour où l’écart vaut.",
            "Last day on which the deviation counts.",
        ),
    ],
)
.repeated();
