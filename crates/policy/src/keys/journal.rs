//! `[journal]`.

use super::{DAY, Key, Kind, Table, no_words, seconds};
use crate::{Size, clause};

pub(super) const JOURNAL: Table = Table::new(
    "journal",
    "Ce qui est noté des connexions et des changements, et pour combien de temps.",
    "What is noted of sign-ins and changes, and for how long.",
    &[
        Key::new(
            "folder",
            Kind::Path,
            "",
            "Dossier du journal, lisible par son seul propriétaire ; absent, rien n’est écrit.",
            "Folder of the journal, readable by its owner only; without it nothing is written.",
        )
        .answers(&[
            &clause::CNIL_LOG_ATTEMPTS,
            &clause::CNIL_LOG_NO_SECRET,
            &clause::CNIL_LOG_NO_HASH,
            &clause::CNIL_LOG_PROTECTED,
        ]),
        Key::new(
            "keep",
            Kind::Duration {
                min: seconds(DAY),
                max: seconds(3650 * DAY),
                words: no_words,
            },
            "\"183d\"",
            "Durée de conservation : de six mois à un an.",
            "How long it is kept: from six to twelve months.",
        )
        .answers(&[&clause::CNIL_LOG_RETENTION]),
        Key::new(
            "most",
            Kind::Size {
                min: Size::mib(1),
                max: Size::mib(1024 * 1024),
            },
            "\"4 GiB\"",
            "Taille de tout le journal, au plus ; la dépasser est annoncé, et rien n’est effacé avant l’heure.",
            "The most that the whole journal takes; going over is announced, and nothing is deleted early.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
    ],
);
