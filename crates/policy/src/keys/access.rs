//! `[access]` and its tables.

use super::{DAY, HOUR, Key, Kind, MINUTE, Table, no_words, seconds};
use crate::access::{MechanismKind, NoDevice, UnlockWord, WhenStoreIsDown};
use crate::clause;
use crate::read::words;

pub(super) const ACCESS: Table = Table::new(
    "access",
    "Comment les tentatives sur un compte sont restreintes.",
    "How attempts on an account are restricted.",
    &[
        Key::new(
            "mechanism",
            Kind::Word(words::<MechanismKind>),
            "\"delay\"",
            "Ce qui arrive après des échecs.",
            "What happens after failures.",
        )
        .answers(&[
            &clause::CNIL_RESTRICTION,
            &clause::CNIL_CASE_3_BLOCK,
            &clause::ANSSI_LIMIT_ATTEMPTS,
            &clause::NIST_THROTTLE,
            &clause::ASVS_THROTTLE,
        ]),
        Key::new(
            "store",
            Kind::Text,
            "\"memory\"",
            "Où vivent les compteurs : memory, redb:CHEMIN, redis://…, postgres://….",
            "Where the counters live: memory, redb:PATH, redis://…, postgres://….",
        ),
        Key::new(
            "store-password",
            Kind::Secret,
            "",
            "Où se trouve le mot de passe d’un dépôt partagé.",
            "Where the password of a shared store is kept.",
        )
        .answers(&[&clause::REMPART_NO_SECRET_IN_FILE]),
        Key::new(
            "store-deadline",
            Kind::Duration {
                min: std::time::Duration::from_millis(10),
                max: seconds(30),
                words: no_words,
            },
            "\"500ms\"",
            "Délai au-delà duquel un dépôt qui se tait compte comme en panne.",
            "How long a silent store is waited for before it counts as down.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "when-store-is-down",
            Kind::Word(words::<WhenStoreIsDown>),
            "\"closed\"",
            "Réponse pendant une panne du dépôt : closed refuse toute connexion.",
            "Answer while the store is down: closed refuses every sign-in.",
        )
        .answers(&[&clause::CNIL_RESTRICTION, &clause::REMPART_CLOSED]),
        Key::new(
            "key",
            Kind::Secret,
            "",
            "Où se trouve la clé qui cache les identifiants aux compteurs et au journal ; nécessaire avec un dépôt partagé.",
            "Where the key is kept that hides identifiers from the counters and the journal; required with a shared store.",
        )
        .answers(&[
            &clause::CNIL_LOG_NO_SECRET,
            &clause::REMPART_NO_SECRET_IN_FILE,
        ]),
        Key::new(
            "trusted-device",
            Kind::Duration {
                min: seconds(HOUR),
                max: seconds(365 * DAY),
                words: words::<NoDevice>,
            },
            "\"90d\"",
            "Durée pendant laquelle un appareil déjà connecté garde ses propres compteurs, pour qu’un inconnu ne puisse pas le bloquer ; ou never.",
            "How long a device that has signed in keeps counters of its own, so that a stranger cannot lock it out; or never.",
        )
        .answers(&[&clause::CNIL_UNLOCK]),
    ],
);

pub(super) const LIMITS: Table = Table::new(
    "access.limits",
    "Les plafonds d’échecs qui s’ajoutent à ceux du compte ; 0 n’en met pas.",
    "Caps on failures beside those of the account; 0 sets none.",
    &[
        limit(
            "source",
            "100",
            "Échecs d’une même source (une adresse IPv4, un préfixe /64 IPv6), tous comptes confondus.",
            "Failures of one source (an IPv4 address, an IPv6 /64), over all accounts.",
        ),
        window(
            "source-window",
            "\"1h\"",
            "Durée en laquelle ce plafond se libère.",
            "How long this cap takes to free itself.",
        ),
        limit(
            "pair",
            "8",
            "Échecs d’une même source sur un même compte : moins que le plafond du compte, pour qu’une seule source ne puisse pas l’épuiser.",
            "Failures of one source on one account: less than the cap of the account, so that one source alone cannot use it up.",
        ),
        window(
            "pair-window",
            "\"24h\"",
            "Durée en laquelle ce plafond se libère.",
            "How long this cap takes to free itself.",
        ),
        limit(
            "site",
            "0",
            "Échecs de tout le site.",
            "Failures of the whole site.",
        ),
        window(
            "site-window",
            "\"1m\"",
            "Durée en laquelle ce plafond se libère.",
            "How long this cap takes to free itself.",
        ),
    ],
);

const fn limit(
    name: &'static str,
    default: &'static str,
    fr: &'static str,
    en: &'static str,
) -> Key {
    let kind = Kind::Integer {
        min: 0,
        max: 1_000_000,
    };
    Key::new(name, kind, default, fr, en).answers(&[
        &clause::CNIL_UNLOCK,
        &clause::ANSSI_LIMIT_ATTEMPTS,
        &clause::ASVS_THROTTLE,
    ])
}

const fn window(
    name: &'static str,
    default: &'static str,
    fr: &'static str,
    en: &'static str,
) -> Key {
    let kind = Kind::Duration {
        min: seconds(1),
        max: seconds(30 * DAY),
        words: no_words,
    };
    Key::new(name, kind, default, fr, en)
}

pub(super) const DELAY: Table = Table::new(
    "access.delay",
    "L’attente après le n-ième échec de suite est first × factor^(n-1).",
    "After the n-th failure in a row the wait is first × factor^(n-1).",
    &[
        Key::new(
            "first",
            Kind::Duration {
                min: std::time::Duration::from_millis(100),
                max: seconds(HOUR),
                words: no_words,
            },
            "\"4s\"",
            "Attente après le premier échec.",
            "Wait after the first failure.",
        )
        .answers(&[&clause::CNIL_DELAY, &clause::CNIL_DELAY_FIGURES]),
        Key::new(
            "factor",
            Kind::Number {
                min: 1.0,
                max: 100.0,
            },
            "2",
            "Ce qui multiplie l’attente à chaque nouvel échec ; plus de 1, et 1.5 au moins dans le cas restricted-access.",
            "What each further failure multiplies the wait by; over 1, and at least 1.5 in case restricted-access.",
        )
        .answers(&[&clause::CNIL_DELAY]),
        Key::new(
            "max",
            Kind::Duration {
                min: seconds(1),
                max: seconds(DAY),
                words: no_words,
            },
            "\"1h\"",
            "Attente la plus longue.",
            "Longest wait.",
        )
        .answers(&[&clause::CNIL_DELAY_FIGURES]),
        Key::new(
            "attempts-per-day",
            Kind::Integer { min: 1, max: 1000 },
            "25",
            "Tentatives admises par 24 heures glissantes ; 25 au plus dans le cas restricted-access.",
            "Attempts allowed in any 24 hours; at most 25 in case restricted-access.",
        )
        .answers(&[&clause::CNIL_DELAY_FIGURES]),
    ],
);

pub(super) const BLOCK: Table = Table::new(
    "access.block",
    "Le blocage du compte après des échecs consécutifs.",
    "The block of the account after consecutive failures.",
    &[
        Key::new(
            "after",
            Kind::Integer { min: 1, max: 1000 },
            "10",
            "Échecs consécutifs avant le blocage ; 10 au plus dans le cas restricted-access, 3 dans device-unlock.",
            "Consecutive failures before the block; at most 10 in case restricted-access, 3 in device-unlock.",
        )
        .answers(&[
            &clause::CNIL_BLOCK,
            &clause::CNIL_CASE_3_BLOCK,
            &clause::NIST_THROTTLE,
        ]),
        Key::new(
            "unlock",
            Kind::Duration {
                min: seconds(MINUTE),
                max: seconds(30 * DAY),
                words: words::<UnlockWord>,
            },
            "\"link\"",
            "Ce qui rouvre le compte : un lien, l’exploitant, ou une durée.",
            "What opens the account again: a link, the operator, or a duration.",
        )
        .answers(&[
            &clause::CNIL_UNLOCK,
            &clause::CNIL_BLOCK,
            &clause::CNIL_CASE_3_BLOCK,
        ]),
    ],
);

pub(super) const CAPTCHA: Table = Table::new(
    "access.captcha",
    "La preuve de présence que l’application demande ; à la passerelle, la réponse à un calcul du navigateur.",
    "The proof of presence that the application asks for; at the gate, the answer to a calculation of the browser.",
    &[Key::new(
        "after",
        Kind::Integer { min: 0, max: 10 },
        "3",
        "Échecs avant que la preuve soit demandée ; 1 au moins à la passerelle.",
        "Failures before the proof is asked for; 1 at least at the gate.",
    )
    .answers(&[&clause::CNIL_CAPTCHA, &clause::REMPART_WORK_AS_CAPTCHA])],
);
