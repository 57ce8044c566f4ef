//! `[[site]]` and its tables.

use super::{Key, Kind, Table};
use crate::read::words;
use crate::site::{CertificateWord, ClientMode, FormKind};
use crate::{Size, clause};

mod answer;

pub(super) use answer::{COOKIE, HEADERS, REPAIR};

pub(super) const SITE: Table = Table::new(
    "site",
    "Un site : ses noms, son origine, son certificat.",
    "A site: its names, its origin, its certificate.",
    &[
        Key::new(
            "hosts",
            Kind::Texts,
            "",
            "Les noms du site.",
            "The names of the site.",
        )
        .required()
        .answers(&[&clause::MISDIRECTED, &clause::HSTS_NO_IP]),
        Key::new(
            "upstream",
            Kind::Text,
            "",
            "L’origine : http://hôte:port ou https://hôte:port.",
            "The origin: http://host:port or https://host:port.",
        )
        .required()
        .answers(&[&clause::UPSTREAM_CLEAR]),
        Key::new(
            "danger-cleartext-upstream",
            Kind::Boolean,
            "false",
            "Admet une origine en clair sur une autre machine.",
            "Admits a cleartext origin on another machine.",
        )
        .answers(&[&clause::UPSTREAM_CLEAR]),
        Key::new(
            "certificate",
            Kind::Certificate(words::<CertificateWord>),
            "",
            "acme, dev, ou les fichiers { chain, key }.",
            "acme, dev, or the files { chain, key }.",
        )
        .required()
        .answers(&[
            &clause::CNIL_CHANNEL,
            &clause::CNIL_PRIVATE_KEYS,
            &clause::ASVS_PUBLIC_TRUST,
            &clause::HSTS_NO_CLICK_THROUGH,
        ]),
        Key::new(
            "max-body",
            Kind::Size {
                min: Size::kib(1),
                max: Size::mib(1024 * 1024),
            },
            "",
            "Taille du corps d’une requête à ce site.",
            "Size of a request body to this site.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
    ],
)
.repeated();

pub(super) const CLIENTS: Table = Table::new(
    "site.client-certificates",
    "Les certificats demandés aux clients, dès la poignée de main.",
    "The certificates asked of clients, in the handshake.",
    &[
        Key::new(
            "mode",
            Kind::Word(words::<ClientMode>),
            "\"required\"",
            "required refuse un client sans certificat ; optional l’admet, et refuse un mauvais certificat.",
            "required refuses a client without a certificate; optional lets it in, and refuses a bad certificate.",
        )
        .answers(&[&clause::REMPART_CLIENT_CERTIFICATE]),
        Key::new(
            "authorities",
            Kind::Path,
            "",
            "Les autorités de ces certificats (PEM).",
            "The authorities of these certificates (PEM).",
        )
        .required()
        .answers(&[&clause::REMPART_CLIENT_CERTIFICATE]),
        Key::new(
            "revoked",
            Kind::Path,
            "",
            "Leurs listes de certificats révoqués (CRL en PEM).",
            "Their lists of revoked certificates (CRL in PEM).",
        )
        .answers(&[&clause::REMPART_CLIENT_CERTIFICATE]),
    ],
);

pub(super) const FORM: Table = Table::new(
    "site.form",
    "Un formulaire du site qui porte un mot de passe.",
    "A form of the site that holds a password.",
    &[
        Key::new(
            "kind",
            Kind::Word(words::<FormKind>),
            "",
            "À quoi sert le formulaire.",
            "What the form is for.",
        )
        .required()
        .answers(&[&clause::CNIL_CHECKED_AT_CREATION]),
        Key::new(
            "method",
            Kind::Text,
            "\"POST\"",
            "La méthode qui l’envoie.",
            "The method that submits it.",
        )
        .answers(&[&clause::CNIL_URL_SECRETS]),
        Key::new("path", Kind::Text, "", "Son chemin.", "Its path.").required(),
        Key::new(
            "query",
            Kind::Texts,
            "[]",
            "Paramètres qui doivent être là, nom ou nom=valeur.",
            "Parameters that must be there, name or name=value.",
        ),
        Key::new(
            "password",
            Kind::Text,
            "",
            "Le champ du (nouveau) mot de passe.",
            "The field of the (new) password.",
        )
        .required(),
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
        ),
        Key::new(
            "context",
            Kind::Texts,
            "[]",
            "Champs dont les mots ne peuvent être dans le mot de passe.",
            "Fields whose words may not be in the password.",
        )
        .answers(&[&clause::CNIL_CONTEXT]),
    ],
)
.repeated()
.later();
