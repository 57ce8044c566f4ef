//! What the gate does to the answers of a site: `[site.repair]` and `[site.headers]`.

use super::super::{Key, Kind, Table};
use crate::clause;
use crate::read::words;
use crate::site::{Frames, Opener, Referrer, SameSite, Sniffing};

pub(in crate::keys) const REPAIR: Table = Table::new(
    "site.repair",
    "Ce qui est réparé dans les réponses de l’origine.",
    "What is mended in the origin's answers.",
    &[
        Key::new(
            "cookies",
            Kind::Boolean,
            "true",
            "Ajoute Secure aux cookies, et ce que disent les règles de [[site.repair.cookie]].",
            "Adds Secure to cookies, and what the rules of [[site.repair.cookie]] say.",
        )
        .answers(&[&clause::CNIL_COOKIES, &clause::COOKIE_SECURE]),
        Key::new(
            "location",
            Kind::Boolean,
            "true",
            "Change en https les redirections vers ce site.",
            "Turns redirects to this site into https.",
        )
        .answers(&[&clause::CNIL_NO_CLEAR_HTTP]),
        Key::new(
            "upgrade-insecure",
            Kind::Boolean,
            "true",
            "Demande au navigateur de charger en https les éléments des pages.",
            "Asks the browser to load the parts of pages over https.",
        )
        .answers(&[&clause::CNIL_NO_CLEAR_HTTP]),
        Key::new(
            "html",
            Kind::Boolean,
            "false",
            "Récrit dans les pages les adresses http:// de ce site.",
            "Rewrites http:// addresses of this site inside pages.",
        )
        .answers(&[&clause::CNIL_NO_CLEAR_HTTP]),
        Key::new(
            "html-uncompressed",
            Kind::Boolean,
            "false",
            "Demande à l’origine des pages non compressées, car une page compressée n’est pas récrite.",
            "Asks the origin for uncompressed pages, since a compressed page is not rewritten.",
        )
        .answers(&[&clause::CNIL_NO_CLEAR_HTTP]),
        Key::new(
            "stop-loops",
            Kind::Boolean,
            "true",
            "Répond 502 au lieu d’une redirection vers l’adresse même qui a été demandée.",
            "Answers 502 in the place of a redirect to the very address that was asked for.",
        )
        .answers(&[&clause::REMPART_ENDLESS_REDIRECT]),
    ],
);

pub(in crate::keys) const COOKIE: Table = Table::new(
    "site.repair.cookie",
    "Une règle pour les cookies d’un nom ; la première qui convient décide.",
    "A rule for the cookies of a name; the first that fits decides.",
    &[
        Key::new(
            "name",
            Kind::Text,
            "",
            "Le nom du cookie, ou son début suivi de *.",
            "The name of the cookie, or its start and *.",
        )
        .required(),
        Key::new(
            "http-only",
            Kind::Boolean,
            "true",
            "Ajoute HttpOnly : aucun script de la page ne peut le lire.",
            "Adds HttpOnly: no script of the page can read it.",
        )
        .answers(&[&clause::ASVS_COOKIE_HTTP_ONLY]),
        Key::new(
            "same-site",
            Kind::Word(words::<SameSite>),
            "",
            "Ajoute SameSite, si l’origine ne l’a pas mis.",
            "Adds SameSite, if the origin has not.",
        )
        .answers(&[&clause::ASVS_COOKIE_SAME_SITE, &clause::COOKIE_SAME_SITE]),
    ],
)
.repeated();

pub(in crate::keys) const HEADERS: Table = Table::new(
    "site.headers",
    "Les champs de sécurité ajoutés aux réponses de l’origine ; off n’ajoute rien.",
    "The security fields added to the origin's answers; off adds none.",
    &[
        Key::new(
            "replace",
            Kind::Boolean,
            "false",
            "Remplace aussi ceux que l’origine a mis.",
            "Replaces those that the origin sent too.",
        ),
        Key::new(
            "content-type-options",
            Kind::Word(words::<Sniffing>),
            "\"nosniff\"",
            "X-Content-Type-Options : le navigateur ne devine pas le type d’un fichier.",
            "X-Content-Type-Options: the browser does not guess the type of a file.",
        )
        .answers(&[&clause::ASVS_NOSNIFF]),
        Key::new(
            "referrer-policy",
            Kind::Word(words::<Option<Referrer>>),
            "\"strict-origin-when-cross-origin\"",
            "Referrer-Policy : ce que le site suivant apprend de l’adresse quittée.",
            "Referrer-Policy: what the next site learns of the address that was left.",
        )
        .answers(&[&clause::ASVS_REFERRER]),
        Key::new(
            "frames",
            Kind::Word(words::<Option<Frames>>),
            "\"same-origin\"",
            "Qui peut montrer le site dans un cadre : X-Frame-Options, et frame-ancestors pour les pages.",
            "Who may show the site in a frame: X-Frame-Options, and frame-ancestors for pages.",
        )
        .answers(&[&clause::ASVS_FRAMES]),
        Key::new(
            "opener-policy",
            Kind::Word(words::<Option<Opener>>),
            "\"off\"",
            "Cross-Origin-Opener-Policy : sépare le site des fenêtres des autres ; peut gêner une connexion par un autre site.",
            "Cross-Origin-Opener-Policy: keeps the site apart from windows of others; may hinder a sign-in by way of another site.",
        ),
        Key::new(
            "permissions-policy",
            Kind::Text,
            "",
            "Permissions-Policy, telle quelle.",
            "Permissions-Policy, as it is.",
        ),
        Key::new(
            "content-security-policy",
            Kind::Text,
            "",
            "Content-Security-Policy, telle quelle, si l’origine n’en a pas.",
            "Content-Security-Policy, as it is, if the origin has none.",
        )
        .answers(&[&clause::ASVS_CSP]),
        Key::new(
            "content-security-policy-report-only",
            Kind::Text,
            "",
            "La même à l’essai : le navigateur signale et n’empêche rien.",
            "The same on trial: the browser reports and prevents nothing.",
        )
        .answers(&[&clause::ASVS_CSP]),
    ],
);
