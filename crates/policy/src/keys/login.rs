//! `[login]`.

use super::{DAY, HOUR, Key, Kind, MINUTE, Table, no_words, seconds};
use crate::clause;
use crate::login::Never;
use crate::read::words;

pub(super) const LOGIN: Table = Table::new(
    "login",
    "La vie d’un mot de passe après son choix.",
    "The life of a password after it was chosen.",
    &[
        Key::new(
            "reset-link-lifetime",
            Kind::Duration {
                min: seconds(MINUTE),
                max: seconds(30 * DAY),
                words: no_words,
            },
            "\"1h\"",
            "Durée de validité d’un lien de réinitialisation ; 24 heures au plus.",
            "How long a reset link works; at most 24 hours.",
        )
        .answers(&[&clause::CNIL_RESET_LINK]),
        Key::new(
            "temporary-password-lifetime",
            Kind::Duration {
                min: seconds(MINUTE),
                max: seconds(30 * DAY),
                words: no_words,
            },
            "\"24h\"",
            "Durée de validité d’un mot de passe attribué, avant son changement.",
            "How long an attributed password works before it must be changed.",
        )
        .answers(&[
            &clause::CNIL_FIRST_LOGIN,
            &clause::CNIL_HUMAN_RESET,
            &clause::ASVS_INITIAL_SECRET,
        ]),
        Key::new(
            "privileged-renewal",
            Kind::Duration {
                min: seconds(DAY),
                max: seconds(3650 * DAY),
                words: words::<Never>,
            },
            "\"365d\"",
            "Délai de renouvellement des comptes à privilèges, ou never.",
            "Renewal period of privileged accounts, or never.",
        )
        .answers(&[
            &clause::CNIL_PRIVILEGED_RENEWAL,
            &clause::CNIL_ADMINISTRATORS,
            &clause::ANSSI_PRIVILEGED_EXPIRY,
            &clause::NIST_NO_ROTATION,
            &clause::ASVS_NO_ROTATION,
        ]),
        Key::new(
            "history",
            Kind::Integer { min: 0, max: 24 },
            "0",
            "Nombre d’anciens mots de passe refusés.",
            "How many former passwords are refused.",
        )
        .answers(&[&clause::CNIL_HISTORY, &clause::ANSSI_AUTOMATIC_CHECK]),
        Key::new(
            "compromise-delay",
            Kind::Duration {
                min: seconds(HOUR),
                max: seconds(30 * DAY),
                words: no_words,
            },
            "\"72h\"",
            "Délai pour prévenir la personne d’une compromission ; 72 heures au plus.",
            "How soon the person is told of a compromise; at most 72 hours.",
        )
        .answers(&[&clause::CNIL_COMPROMISE, &clause::ANSSI_COMPROMISE]),
        Key::new(
            "contact-delay",
            Kind::Duration {
                min: seconds(0),
                max: seconds(30 * DAY),
                words: no_words,
            },
            "\"24h\"",
            "Délai avant qu’une adresse tout juste changée puisse recevoir un lien.",
            "How long a contact that has just changed cannot receive a link.",
        )
        .answers(&[&clause::CNIL_RESET_CHANNEL]),
    ],
);
