//! `[[site]]` and its tables.

use super::{Key, Kind, MINUTE, Table, no_words, seconds};
use crate::read::words;
use crate::site::{Affinity, Alpn, CertificateWord, ClientMode};
use crate::{Size, clause};

mod answer;
mod form;

pub(super) use answer::{COOKIE, HEADERS, REPAIR};
pub(super) use form::{FAILURE, FORM, SUCCESS};

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
            Kind::TextOrTexts,
            "",
            "L’origine, ou la liste des origines : http://hôte:port, https://hôte:port, ou h2c://hôte:port (HTTP/2 en clair).",
            "The origin, or the list of origins: http://host:port, https://host:port, or h2c://host:port (HTTP/2 in clear).",
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
        Key::new(
            "change-password",
            Kind::Text,
            "",
            "Le chemin de la page où un mot de passe se change : /.well-known/change-password y mène ; absent, l’origine y répond.",
            "The path of the page where a password is changed: /.well-known/change-password leads there; absent, the origin answers.",
        ),
        Key::new(
            "refusal-page",
            Kind::Path,
            "",
            "Une page à vous pour dire qu’un formulaire est refusé (HTML) ; absente, celle de rempart.",
            "A page of your own that says that a form is refused (HTML); absent, rempart's.",
        )
        .answers(&[&clause::CNIL_TELL_THE_RULES]),
    ],
)
.repeated();

pub(super) const LIMIT: Table = Table::new(
    "site.limit",
    "Un plafond pour une partie du site.",
    "A cap for a part of the site.",
    &[
        Key::new(
            "path",
            Kind::Text,
            "",
            "Le chemin où elle commence ; ce qui est plus bas en fait partie.",
            "The path at which it begins; what is below belongs to it.",
        )
        .required(),
        Key::new(
            "max-body",
            Kind::Size {
                min: Size::kib(1),
                max: Size::mib(1024 * 1024),
            },
            "",
            "Taille du corps d’une requête à cette partie.",
            "Size of a request body to this part.",
        )
        .required()
        .answers(&[&clause::REMPART_DEADLINES]),
    ],
)
.repeated();

pub(super) const ORIGIN: Table = Table::new(
    "site.origin",
    "Comment les origines du site sont jointes.",
    "How the origins of the site are reached.",
    &[
        Key::new(
            "alpn",
            Kind::WordList(words::<Alpn>),
            "[\"http/1.1\"]",
            "Les protocoles proposés à une origine https, le préféré d’abord.",
            "The protocols offered to an https origin, the preferred one first.",
        ),
        Key::new(
            "root",
            Kind::Path,
            "",
            "Les seules autorités crues pour une origine https (PEM) ; absent, celles du système.",
            "The only authorities trusted for an https origin (PEM); absent, those of the system.",
        )
        .answers(&[&clause::UPSTREAM_CLEAR]),
        Key::new(
            "server-name",
            Kind::Text,
            "",
            "Le nom que le certificat d’une origine https doit porter ; absent, l’hôte de `upstream`.",
            "The name that the certificate of an https origin must carry; absent, the host of `upstream`.",
        )
        .answers(&[&clause::UPSTREAM_CLEAR]),
        Key::new(
            "affinity",
            Kind::Word(words::<Affinity>),
            "\"none\"",
            "Ce qui ramène un visiteur à la même origine : none, source (son adresse), cookie.",
            "What brings a visitor back to the same origin: none, source (their address), cookie.",
        ),
    ],
);

pub(super) const HEALTH: Table = Table::new(
    "site.health",
    "Les contrôles qui disent si une origine répond.",
    "The checks that tell whether an origin answers.",
    &[
        Key::new(
            "path",
            Kind::Text,
            "",
            "Le chemin demandé à chaque origine ; absent, aucun contrôle.",
            "The path asked of each origin; absent, no checks.",
        ),
        Key::new(
            "interval",
            Kind::Duration {
                min: seconds(1),
                max: seconds(60 * MINUTE),
                words: no_words,
            },
            "\"5s\"",
            "Temps entre deux contrôles.",
            "Time between two checks.",
        ),
        Key::new(
            "timeout",
            Kind::Duration {
                min: seconds(1),
                max: seconds(MINUTE),
                words: no_words,
            },
            "\"2s\"",
            "Échéance d’un contrôle.",
            "Deadline of one check.",
        )
        .answers(&[&clause::REMPART_DEADLINES]),
        Key::new(
            "status",
            Kind::Text,
            "\"200-399\"",
            "Le statut attendu, comme 200 ou 200-399.",
            "The status expected, such as 200 or 200-399.",
        ),
        Key::new(
            "passes",
            Kind::Integer { min: 1, max: 100 },
            "2",
            "Contrôles réussis de suite avant qu’une origine serve à nouveau.",
            "Checks passed in a row before an origin serves again.",
        ),
        Key::new(
            "fails",
            Kind::Integer { min: 1, max: 100 },
            "3",
            "Contrôles manqués de suite avant qu’une origine ne serve plus.",
            "Checks failed in a row before an origin serves no more.",
        ),
    ],
);

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
