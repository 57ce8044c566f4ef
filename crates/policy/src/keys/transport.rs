//! `[transport]` and its tables.

use super::{DAY, HOUR, Key, Kind, Table, no_words, seconds};
use crate::read::words;
use crate::transport::acme::Third;
use crate::transport::{
    AccessLog, ChallengeChoice, CleartextCredentials, HstsStage, Listener, Off, Redirect,
    TlsProfile, TraceContext,
};
use crate::{Size, clause};

pub(super) const TRANSPORT: Table = Table::new(
    "transport",
    "Les écoutes et le chiffrement de la porte.",
    "Listeners and encryption of the gate.",
    &[
        Key::new(
            "http",
            Kind::Address(words::<Off>),
            "\"0.0.0.0:80\"",
            "Écoute en clair, qui ne sert que redirections et refus ; off n’en ouvre pas.",
            "Plain listener, which serves only redirects and refusals; off opens none.",
        )
        .answers(&[&clause::CNIL_NO_CLEAR_HTTP, &clause::ASVS_NO_FALLBACK]),
        Key::new(
            "https",
            Kind::Address(no_words),
            "\"0.0.0.0:443\"",
            "Écoute TLS.",
            "TLS listener.",
        )
        .answers(&[&clause::CNIL_CHANNEL, &clause::ANSSI_HTTPS]),
        Key::new(
            "tls",
            Kind::Word(words::<TlsProfile>),
            "\"mozilla-intermediate\"",
            "Versions, suites et groupes de TLS.",
            "Versions, suites and groups of TLS.",
        )
        .answers(&[
            &clause::TLS_VERSIONS,
            &clause::TLS_SUITES,
            &clause::CNIL_TLS_VERSION,
            &clause::ANSSI_TLS_VERSIONS,
            &clause::MOZILLA_INTERMEDIATE,
            &clause::MOZILLA_MODERN,
        ]),
        Key::new(
            "redirect",
            Kind::Word(words::<Redirect>),
            "\"https\"",
            "Réponse à une lecture en clair : redirection vers https, ou refus pour une interface de programme.",
            "Answer to a plain read: a redirect to https, or a refusal for program interfaces.",
        )
        .answers(&[&clause::HSTS_REDIRECT, &clause::ASVS_REDIRECT]),
        Key::new(
            "cleartext-credentials",
            Kind::Word(words::<CleartextCredentials>),
            "\"refuse\"",
            "Réponse à un mot de passe envoyé en clair ; redirect demande un écart.",
            "Answer to a password sent in clear; redirect needs a deviation.",
        )
        .answers(&[
            &clause::REMPART_CLEARTEXT_CREDENTIALS,
            &clause::CNIL_NO_CLEAR_HTTP,
        ]),
        Key::new(
            "trusted-proxies",
            Kind::Texts,
            "[]",
            "Réseaux dont les champs Forwarded et X-Forwarded-* sont crus.",
            "Networks whose Forwarded and X-Forwarded-* fields are believed.",
        )
        .answers(&[&clause::FORWARDED_TRUST]),
        Key::new(
            "proxy-protocol",
            Kind::WordList(words::<Listener>),
            "[]",
            "Écoutes où chaque connexion vient d’un intermédiaire de confiance et commence par un en-tête PROXY (v1 ou v2).",
            "Listeners where every connection comes from a trusted intermediary and begins with a PROXY header (v1 or v2).",
        )
        .answers(&[&clause::FORWARDED_TRUST]),
        Key::new(
            "access-log",
            Kind::Word(words::<AccessLog>),
            "\"human\"",
            "Journal des accès : human pour une personne, json pour un programme, combined pour les outils d’Apache, off pour aucun.",
            "Access log: human for a person, json for a program, combined for the tools of Apache, off for none.",
        )
        .answers(&[
            &clause::CNIL_LOG_ATTEMPTS,
            &clause::CNIL_LOG_NO_SECRET,
            &clause::ASVS_LOG_NO_CREDENTIALS,
        ]),
        Key::new(
            "trace-context",
            Kind::Word(words::<TraceContext>),
            "\"trusted-proxies\"",
            "De qui continuer une trace (traceparent) : trusted-proxies, everyone ; les autres en ouvrent une neuve. off n’y touche pas.",
            "Whose trace to continue (traceparent): trusted-proxies, everyone; others get a new one. off leaves it alone.",
        ),
    ],
);

const COUNT: Kind = Kind::Integer {
    min: 1,
    max: 1_000_000,
};

const BOUNDED: &[&clause::Clause] = &[&clause::REMPART_DEADLINES];

pub(super) const LIMITS: Table = Table::new(
    "transport.limits",
    "Les plafonds.",
    "The caps.",
    &[
        Key::new(
            "connections",
            COUNT,
            "10000",
            "Connexions ouvertes en tout.",
            "Open connections in all.",
        )
        .answers(BOUNDED),
        Key::new(
            "connections-per-source",
            COUNT,
            "256",
            "Connexions ouvertes par adresse IPv4 ou par réseau IPv6 /64.",
            "Open connections per IPv4 address or IPv6 /64 network.",
        )
        .answers(BOUNDED),
        Key::new(
            "handshakes-per-second",
            COUNT,
            "1000",
            "Poignées de main TLS par seconde en tout ; au-delà, elles attendent, puis sont refusées.",
            "TLS handshakes per second in all; beyond, they wait, then are refused.",
        )
        .answers(BOUNDED),
        Key::new(
            "handshakes-per-source",
            COUNT,
            "50",
            "Poignées de main TLS par seconde et par adresse IPv4 ou réseau IPv6 /64, en moyenne sur vingt secondes.",
            "TLS handshakes per second per IPv4 address or IPv6 /64 network, averaged over twenty seconds.",
        )
        .answers(BOUNDED),
        Key::new(
            "head",
            Kind::Size {
                min: Size::kib(8),
                max: Size::mib(1),
            },
            "\"32 KiB\"",
            "Taille de l’en-tête d’une requête.",
            "Size of a request head.",
        )
        .answers(BOUNDED),
        Key::new(
            "fields",
            Kind::Integer { min: 8, max: 1000 },
            "100",
            "Nombre de champs dans un en-tête.",
            "Number of fields in a head.",
        )
        .answers(BOUNDED),
        Key::new(
            "body",
            Kind::Size {
                min: Size::kib(1),
                max: Size::mib(1024 * 1024),
            },
            "\"64 MiB\"",
            "Taille du corps d’une requête.",
            "Size of a request body.",
        )
        .answers(BOUNDED),
        Key::new(
            "min-rate",
            Kind::Size {
                min: Size::bytes(0),
                max: Size::mib(1),
            },
            "\"256 B\"",
            "Octets par seconde qu’un client doit envoyer ou lire, en moyenne sur deadlines.rate-window ; 0 B n’en demande pas.",
            "Bytes per second that a client must send or read, averaged over deadlines.rate-window; 0 B asks for none.",
        )
        .answers(BOUNDED),
    ],
);

/// A deadline of the gate: from one second to one day.
const fn deadline(
    name: &'static str,
    default: &'static str,
    fr: &'static str,
    en: &'static str,
) -> Key {
    let kind = Kind::Duration {
        min: seconds(1),
        max: seconds(DAY),
        words: no_words,
    };
    Key::new(name, kind, default, fr, en).answers(BOUNDED)
}

pub(super) const DEADLINES: Table = Table::new(
    "transport.deadlines",
    "Les échéances, toutes actives.",
    "The deadlines, all in force.",
    &[
        deadline(
            "proxy-header",
            "\"5s\"",
            "Pour l’en-tête PROXY d’une connexion.",
            "For the PROXY header of a connection.",
        ),
        deadline(
            "handshake",
            "\"10s\"",
            "Pour la poignée de main TLS.",
            "For the TLS handshake.",
        ),
        deadline(
            "head",
            "\"15s\"",
            "Pour un en-tête de requête entier.",
            "For a whole request head.",
        ),
        deadline(
            "body-idle",
            "\"30s\"",
            "Entre deux morceaux d’un corps, dans les deux sens.",
            "Between two pieces of a body, either way.",
        ),
        deadline(
            "rate-window",
            "\"30s\"",
            "Temps passé à attendre le client sur lequel limits.min-rate est mesuré.",
            "Time spent waiting for the client over which limits.min-rate is measured.",
        ),
        deadline(
            "idle",
            "\"60s\"",
            "D’une connexion sans requête.",
            "Of a connection without request.",
        ),
        deadline(
            "tunnel-idle",
            "\"1h\"",
            "D’un tunnel (WebSocket) sans trafic.",
            "Of a tunnel (WebSocket) without traffic.",
        ),
        deadline(
            "connect",
            "\"5s\"",
            "Pour joindre l’origine.",
            "To reach the origin.",
        ),
        deadline(
            "answer",
            "\"60s\"",
            "Pour l’en-tête de la réponse de l’origine.",
            "For the head of the origin's answer.",
        ),
        deadline(
            "drain",
            "\"30s\"",
            "Pour finir les requêtes en cours à l’arrêt.",
            "For open requests to end at shutdown.",
        ),
    ],
);

pub(super) const HSTS: Table = Table::new(
    "transport.hsts",
    "La promesse de HTTPS faite aux navigateurs.",
    "The promise of HTTPS made to browsers.",
    &[
        Key::new(
            "stage",
            Kind::Word(words::<HstsStage>),
            "\"five-minutes\"",
            "Palier de l’échelle ; ou bien max-age.",
            "Stage of the ladder; or else max-age.",
        )
        .answers(HSTS_AGE),
        Key::new(
            "max-age",
            Kind::Duration {
                min: seconds(0),
                max: seconds(10 * 366 * 24 * HOUR),
                words: no_words,
            },
            "",
            "Durée annoncée, à la place d’un palier ; zéro fait oublier le site.",
            "Duration announced, instead of a stage; zero makes browsers forget the site.",
        )
        .answers(HSTS_AGE),
        Key::new(
            "include-subdomains",
            Kind::Boolean,
            "false",
            "Couvre aussi les sous-domaines ; demande leur inventaire.",
            "Covers the subdomains too; needs their inventory.",
        )
        .answers(&[&clause::HSTS_SUBDOMAINS, &clause::ANSSI_HSTS]),
        Key::new(
            "subdomains",
            Kind::Texts,
            "[]",
            "Les sous-domaines servis en HTTPS, selon l’exploitant.",
            "The subdomains that are served over HTTPS, says the operator.",
        )
        .answers(&[&clause::HSTS_SUBDOMAINS, &clause::PRELOAD_SUBDOMAINS]),
        Key::new(
            "preload",
            Kind::Boolean,
            "false",
            "Demande l’inscription dans les navigateurs ; en sortir prend des mois.",
            "Asks for inclusion in browsers; leaving takes months.",
        )
        .answers(&[
            &clause::PRELOAD_HEADER,
            &clause::PRELOAD_NOT_BY_DEFAULT,
            &clause::ASVS_PRELOAD,
        ]),
    ],
);

pub(super) const ACME: Table = Table::new(
    "transport.acme",
    "Les certificats demandés à une autorité, pour les sites qui ont certificate = \"acme\".",
    "Certificates ordered from an authority, for the sites that have certificate = \"acme\".",
    &[
        Key::new(
            "directory",
            Kind::Text,
            "\"lets-encrypt\"",
            "L’autorité : lets-encrypt, lets-encrypt-staging (pour essayer), ou l’adresse https de son annuaire.",
            "The authority: lets-encrypt, lets-encrypt-staging (to try), or the https address of its directory.",
        )
        .answers(&[&clause::ASVS_PUBLIC_TRUST]),
        Key::new(
            "contacts",
            Kind::Texts,
            "[]",
            "Adresses de courriel données à l’autorité.",
            "Mail addresses given to the authority.",
        ),
        Key::new(
            "agree-to-terms",
            Kind::Boolean,
            "false",
            "Accepte les conditions de l’autorité ; nécessaire pour demander un certificat.",
            "Accepts the terms of the authority; needed to order a certificate.",
        ),
        Key::new(
            "folder",
            Kind::Path,
            "\"acme\"",
            "Où sont gardés compte, clés et certificats, à partir du dossier d’état ; plusieurs portes peuvent le partager.",
            "Where account, keys and certificates are kept, from the state folder; several gates may share it.",
        )
        .answers(&[&clause::CNIL_PRIVATE_KEYS]),
        Key::new(
            "challenge",
            Kind::Word(words::<ChallengeChoice>),
            "\"both\"",
            "Comment prouver que les noms sont à vous : http-01 (port 80), tls-alpn-01 (port 443), ou les deux.",
            "How to prove that the names are yours: http-01 (port 80), tls-alpn-01 (port 443), or both.",
        ),
        Key::new(
            "renew-before",
            Kind::Duration {
                min: seconds(HOUR),
                max: seconds(90 * DAY),
                words: words::<Third>,
            },
            "\"third\"",
            "Temps avant la fin du certificat où il est renouvelé, si l’autorité ne suggère rien ; third : un tiers de sa durée.",
            "How long before its end a certificate is renewed, if the authority suggests nothing; third: a third of its life.",
        )
        .answers(&[&clause::CNIL_CHANNEL]),
        Key::new(
            "root",
            Kind::Path,
            "",
            "Les seules autorités crues pour joindre l’annuaire (PEM) ; absent, celles du système.",
            "The only authorities trusted to reach the directory (PEM); absent, those of the system.",
        ),
        Key::new(
            "external-account",
            Kind::Text,
            "",
            "L’identifiant d’un compte ouvert autrement chez l’autorité.",
            "The identifier of an account opened with the authority by other means.",
        ),
        Key::new(
            "external-account-key",
            Kind::Secret,
            "",
            "Où est gardée la clé de ce compte, en base64url.",
            "Where the key of that account is kept, in base64url.",
        )
        .answers(&[&clause::REMPART_NO_SECRET_IN_FILE]),
    ],
);

const HSTS_AGE: &[&clause::Clause] = &[
    &clause::ANSSI_HSTS,
    &clause::ASVS_HSTS,
    &clause::MOZILLA_HSTS,
    &clause::PRELOAD_STAGES,
    &clause::HSTS_FORGET,
    &clause::HSTS_CHANGE_BY_POLICY,
];
