//! Reads `[transport.acme]`, and what it asks of the sites and of the plain listener.

use std::time::Duration;

use toml::Spanned;

use super::{AcmePolicy, ChallengeChoice, Directory, DirectoryWord, ExternalAccount, Third};
use crate::cross::Places;
use crate::hash::SecretSource;
use crate::read::{Faults, Section, Span, Word, WordOr, shorten};
use crate::report::Fault;
use crate::site::Certificate;
use crate::site::host::{self, NameKind};
use crate::{Policy, Text, clause, code};

impl Word for DirectoryWord {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("lets-encrypt", Self::LetsEncrypt),
        ("lets-encrypt-staging", Self::LetsEncryptStaging),
    ];
}

impl Word for ChallengeChoice {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("http-01", Self::Http01),
        ("tls-alpn-01", Self::TlsAlpn01),
        ("both", Self::Both),
    ];
}

impl Word for Third {
    const WORDS: &'static [(&'static str, Self)] = &[("third", Self::Third)];
}

/// `[transport.acme]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>) -> AcmePolicy {
    let mut policy = AcmePolicy::default();
    if let Some(text) = section.read::<String>("directory") {
        match directory(text.get_ref()) {
            Some(directory) => policy.directory = directory,
            None => section.fault(bad_directory(text.get_ref(), text.span())),
        }
    }
    if let Some(contacts) = section.read::<Vec<Spanned<String>>>("contacts") {
        for contact in contacts.into_inner() {
            match is_mail_address(contact.get_ref()) {
                true => policy.contacts.push(contact.into_inner()),
                false => section.fault(bad_contact(contact.get_ref(), contact.span())),
            }
        }
    }
    section.set("agree-to-terms", &mut policy.agree_to_terms);
    section.set("folder", &mut policy.folder);
    section.set("challenge", &mut policy.challenge);
    section.set_some("root", &mut policy.root);
    if let Some(before) = section.read::<WordOr<Third, Duration>>("renew-before") {
        policy.renew_before = match before.into_inner() {
            WordOr::Word(Third::Third) => None,
            WordOr::Value(before) => Some(before),
        };
    }
    let id = section.read::<String>("external-account");
    let key = section.read::<SecretSource>("external-account-key");
    for (one, other) in [
        ("external-account", "external-account-key"),
        ("external-account-key", "external-account"),
    ] {
        if section.has(one) && !section.has(other) {
            section.fault(half_an_account(one, other, section.key_span(one)));
        }
    }
    policy.external_account = id.zip(key).map(|(id, key)| ExternalAccount {
        id: id.into_inner(),
        key: key.into_inner(),
    });
    policy
}

/// What a site that asks for `acme` needs of the rest of the file.
pub(crate) fn acme_and_sites(policy: &Policy, places: &Places<'_, '_>, faults: &mut Faults) {
    let asks = |site: &crate::Site| site.certificate == Certificate::Acme;
    if !policy.sites.iter().any(asks) {
        return;
    }
    let transport = &policy.transport;
    if !transport.acme.agree_to_terms {
        faults.push(terms_not_agreed(places.first(&[
            "transport.acme.agree-to-terms",
            "transport.acme",
            "site",
        ])));
    }
    if transport.acme.challenge == ChallengeChoice::Http01 && transport.http.is_none() {
        faults.push(no_plain_listener(
            places.first(&["transport.acme.challenge", "transport.http"]),
        ));
    }
}

/// A word, or an https address of a host with a path.
fn directory(text: &str) -> Option<Directory> {
    match DirectoryWord::of(text) {
        Some(DirectoryWord::LetsEncrypt) => return Some(Directory::LetsEncrypt),
        Some(DirectoryWord::LetsEncryptStaging) => return Some(Directory::LetsEncryptStaging),
        None => {}
    }
    let rest = text.strip_prefix("https://")?;
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) || rest.contains(['@', '#', '?']) {
        return None;
    }
    let authority = rest.split('/').next().unwrap_or(rest);
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => {
            port.parse::<u16>().ok().filter(|&port| port != 0)?;
            name
        }
        _ => authority,
    };
    host::read(name, NameKind::Origin).ok()?;
    Some(Directory::Url(text.to_owned()))
}

/// One plain address: RFC 8555, 7.3 admits neither a list nor header fields.
fn is_mail_address(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>?%[]\\".contains(&byte));
    match text.split_once('@') {
        Some((local, domain)) => {
            plain && !local.is_empty() && host::read(domain, NameKind::Subdomain).is_ok()
        }
        None => false,
    }
}

fn bad_directory(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_DIRECTORY,
        span,
        Text::new(
            format!("« {shown} » n’est pas un annuaire ACME"),
            format!("`{shown}` is not an ACME directory"),
        ),
    )
    .label(
        "un mot ou une adresse https attendus",
        "expected a word or an https address",
    )
    .fix(
        "écrire \"lets-encrypt\", \"lets-encrypt-staging\", ou l’adresse que donne l’autorité, comme \"https://acme.example.fr/directory\"",
        "write \"lets-encrypt\", \"lets-encrypt-staging\", or the address that the authority gives, such as \"https://acme.example.fr/directory\"",
    )
}

fn bad_contact(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_CONTACT,
        span,
        Text::new(
            format!("« {shown} » n’est pas une adresse de courriel"),
            format!("`{shown}` is not a mail address"),
        ),
    )
    .label(
        "une adresse seule, sans `mailto:`",
        "one address alone, without `mailto:`",
    )
    .fix(
        "écrire une adresse comme \"admin@example.fr\"",
        "write an address such as \"admin@example.fr\"",
    )
}

fn half_an_account(one: &str, other: &str, span: Span) -> Fault {
    Fault::error(
        code::MISSING_KEY,
        span,
        Text::new(
            format!("`{one}` ne va pas sans `{other}`"),
            format!("`{one}` does not go without `{other}`"),
        ),
    )
    .label(
        "l’autorité donne les deux ensemble",
        "the authority gives both together",
    )
    .fix(
        format!("ajouter `{other}`, ou retirer la ligne"),
        format!("add `{other}`, or remove the line"),
    )
}

fn terms_not_agreed(span: Span) -> Fault {
    Fault::error(
        code::ACME_TERMS,
        span,
        Text::new(
            "un site demande un certificat à une autorité dont personne n’a accepté les conditions",
            "a site asks for a certificate from an authority whose terms nobody has accepted",
        ),
    )
    .clause(&clause::ASVS_PUBLIC_TRUST)
    .label(
        "rempart ne les accepte pas à votre place",
        "rempart does not accept them for you",
    )
    .fix(
        "lire les conditions de l’autorité, puis écrire `agree-to-terms = true` dans [transport.acme]",
        "read the terms of the authority, then write `agree-to-terms = true` in [transport.acme]",
    )
}

fn no_plain_listener(span: Span) -> Fault {
    Fault::error(
        code::ACME_NO_LISTENER,
        span,
        Text::new(
            "`http-01` se joue sur l’écoute en clair, qui est fermée",
            "`http-01` takes place on the plain listener, which is closed",
        ),
    )
    .label("`http = \"off\"`", "`http = \"off\"`")
    .fix(
        "écrire `challenge = \"tls-alpn-01\"` dans [transport.acme], ou ouvrir `http`",
        "write `challenge = \"tls-alpn-01\"` in [transport.acme], or open `http`",
    )
}
