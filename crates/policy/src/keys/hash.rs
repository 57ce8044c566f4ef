//! `[hash]`.

use super::{Key, Kind, MINUTE, Table, no_words, seconds};
use crate::hash::{Algorithm, LegacyFormat};
use crate::read::words;
use crate::{Size, clause};

pub(super) const HASH: Table = Table::new(
    "hash",
    "Comment un mot de passe est conservé.",
    "How a password is kept.",
    &[
        Key::new(
            "algorithm",
            Kind::Word(words::<Algorithm>),
            "\"argon2id\"",
            "Fonction des nouvelles empreintes ; Argon2id est la seule.",
            "Function of new hashes; Argon2id is the only one.",
        )
        .answers(&[
            &clause::CNIL_HASH,
            &clause::CNIL_DEDICATED_FUNCTION,
            &clause::CNIL_NEVER_STORED_IN_CLEAR,
            &clause::ANSSI_MEMORY_HARD,
        ]),
        Key::new(
            "memory",
            Kind::Size {
                min: Size::kib(8),
                max: Size::mib(1024),
            },
            "\"19 MiB\"",
            "Mémoire d’un calcul d’empreinte.",
            "Memory of one hash.",
        )
        .answers(COSTS),
        Key::new(
            "iterations",
            Kind::Integer { min: 1, max: 32 },
            "2",
            "Passes sur cette mémoire.",
            "Passes over that memory.",
        )
        .answers(COSTS),
        Key::new(
            "parallelism",
            Kind::Integer { min: 1, max: 64 },
            "1",
            "Voies de calcul.",
            "Lanes.",
        )
        .answers(COSTS),
        Key::new(
            "workers",
            Kind::Integer { min: 1, max: 1024 },
            "",
            "Calculs menés ensemble ; un par cœur par défaut.",
            "Hashes run at once; one per processor core by default.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "memory-budget",
            Kind::Size {
                min: Size::mib(1),
                max: Size::mib(1024 * 1024),
            },
            "\"256 MiB\"",
            "Mémoire que tous ces calculs prennent ensemble, au plus.",
            "The most memory that all running hashes take together.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "queue-deadline",
            Kind::Duration {
                min: std::time::Duration::from_millis(100),
                max: seconds(MINUTE),
                words: no_words,
            },
            "\"5s\"",
            "Attente la plus longue d’un calcul avant une réponse de surcharge.",
            "Longest wait for a hash before an answer of overload.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "pepper",
            Kind::Secret,
            "",
            "Où se trouve la clé ajoutée aux empreintes ; jamais la clé elle-même.",
            "Where the key added to hashes is kept; never the key itself.",
        )
        .answers(&[
            &clause::CNIL_KEY_APART,
            &clause::CNIL_KEY_CARE,
            &clause::NIST_SALT,
            &clause::REMPART_NO_SECRET_IN_FILE,
        ]),
        Key::new(
            "accept",
            Kind::WordList(words::<LegacyFormat>),
            "[]",
            "Autres formats d’empreinte vérifiés, puis renouvelés à la connexion.",
            "Other hash formats that are verified, then renewed at sign-in.",
        )
        .answers(&[&clause::CNIL_OBSOLETE_HASH, &clause::CNIL_UPGRADE_HASH]),
        Key::new(
            "accept-cost",
            Kind::Integer { min: 1, max: 1024 },
            "32",
            "Travail que ces formats peuvent ajouter à une connexion, en empreintes neuves.",
            "Work that those formats may add to a sign-in, in new hashes.",
        )
        .answers(&[&clause::REMPART_COST_CEILING]),
    ],
);

const COSTS: &[&clause::Clause] = &[
    &clause::ASVS_HASH_COST,
    &clause::OWASP_ARGON2,
    &clause::RFC9106_FIRST,
    &clause::RFC9106_SECOND,
    &clause::REMPART_COST_CEILING,
];
