//! Reads `[transport]` and its tables.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;

use super::{
    AccessLog, CleartextCredentials, Deadlines, Hsts, HstsStage, Limits, Listener, Off, Redirect,
    TlsProfile, TraceContext, TransportPolicy, acme, admin,
};
use crate::read::{Section, Span, Word, WordOr, shorten};
use crate::report::Fault;
use crate::site::host::{self, NameKind};
use crate::{Preset, Text, clause, code};

impl Word for Off {
    const WORDS: &'static [(&'static str, Self)] = &[("off", Self::Off)];
}

impl Word for Listener {
    const WORDS: &'static [(&'static str, Self)] = &[("http", Self::Http), ("https", Self::Https)];
}

impl Word for TlsProfile {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Anssi.name(), Self::Anssi),
        (Self::MozillaIntermediate.name(), Self::MozillaIntermediate),
        (Self::Modern.name(), Self::Modern),
    ];
}

impl Word for Redirect {
    const WORDS: &'static [(&'static str, Self)] =
        &[("https", Self::Https), ("refuse", Self::Refuse)];
}

impl Word for CleartextCredentials {
    const WORDS: &'static [(&'static str, Self)] =
        &[("refuse", Self::Refuse), ("redirect", Self::Redirect)];
}

impl Word for AccessLog {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("human", Self::Human),
        ("json", Self::Json),
        ("combined", Self::Combined),
        ("off", Self::Off),
    ];
}

impl Word for TraceContext {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("trusted-proxies", Self::TrustedProxies),
        ("everyone", Self::Everyone),
        ("off", Self::Off),
    ];
}

impl Word for HstsStage {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::FiveMinutes.name(), Self::FiveMinutes),
        (Self::Week.name(), Self::Week),
        (Self::Month.name(), Self::Month),
        (Self::TwoYears.name(), Self::TwoYears),
    ];
}

/// `[transport]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>, preset: Preset) -> TransportPolicy {
    let mut policy = preset.transport();
    listeners(&mut section, &mut policy);
    section.set("tls", &mut policy.tls);
    section.set("redirect", &mut policy.redirect);
    let span = section.set("cleartext-credentials", &mut policy.cleartext_credentials);
    if let Some(span) = span
        && policy.cleartext_credentials == CleartextCredentials::Redirect
    {
        section.depart(
            &clause::REMPART_CLEARTEXT_CREDENTIALS,
            credentials_redirected(span),
        );
    }
    // A list whose networks are all faulty is not an empty one.
    let mut named = false;
    if let Some(networks) = section.read::<Vec<Spanned<String>>>("trusted-proxies") {
        named = !networks.get_ref().is_empty();
        for text in networks.into_inner() {
            match network(text.get_ref()) {
                Some(network) => {
                    if network.prefix_len() == 0 {
                        section.fault(trusts_everyone(text.span()));
                    }
                    policy.trusted_proxies.push(network);
                }
                None => section.fault(bad_network(text.get_ref(), text.span())),
            }
        }
    }
    if let Some(listeners) = section.read::<Vec<Spanned<Listener>>>("proxy-protocol") {
        let span = listeners.span();
        let listeners = listeners.into_inner().into_iter();
        policy.proxy_protocol = listeners.map(Spanned::into_inner).collect();
        if !policy.proxy_protocol.is_empty() && !named {
            section.fault(nobody_may_speak(span));
        }
    }
    let span = section.set("access-log", &mut policy.access_log);
    if let Some(span) = span
        && policy.access_log == AccessLog::Off
    {
        section.depart(&clause::CNIL_LOG_ATTEMPTS, no_log(span));
    }
    section.set("trace-context", &mut policy.trace_context);
    policy.limits = limits(section.table("limits"));
    policy.deadlines = deadlines(section.table("deadlines"));
    policy.hsts = hsts(section.table("hsts"));
    policy.acme = acme::parse::parse(section.table("acme"));
    let taken: Vec<SocketAddr> = policy.http.into_iter().chain([policy.https]).collect();
    policy.admin = admin::parse(section.table("admin"), &taken);
    policy
}

fn listeners(section: &mut Section<'_, '_>, policy: &mut TransportPolicy) {
    let mut place = None;
    if let Some(http) = section.read::<WordOr<Off, SocketAddr>>("http") {
        place = Some(http.span());
        policy.http = match http.into_inner() {
            WordOr::Word(Off::Off) => None,
            WordOr::Value(address) => Some(address),
        };
    }
    place = section.set("https", &mut policy.https).or(place);
    // Port 0 lets the system choose, so two of them are not the same address.
    if let Some(span) = place
        && policy.http == Some(policy.https)
        && policy.https.port() != 0
    {
        section.fault(same_listener(span));
    }
}

fn limits(mut section: Section<'_, '_>) -> Limits {
    let mut limits = Limits::default();
    section.set("connections", &mut limits.connections);
    section.set("connections-per-source", &mut limits.connections_per_source);
    section.set("handshakes-per-second", &mut limits.handshakes_per_second);
    section.set("handshakes-per-source", &mut limits.handshakes_per_source);
    section.set("head", &mut limits.head);
    section.set("fields", &mut limits.fields);
    section.set("body", &mut limits.body);
    section.set("min-rate", &mut limits.min_rate);
    limits
}

fn deadlines(mut section: Section<'_, '_>) -> Deadlines {
    let mut deadlines = Deadlines::default();
    for (name, place) in [
        ("proxy-header", &mut deadlines.proxy_header),
        ("handshake", &mut deadlines.handshake),
        ("head", &mut deadlines.head),
        ("body-idle", &mut deadlines.body_idle),
        ("rate-window", &mut deadlines.rate_window),
        ("idle", &mut deadlines.idle),
        ("tunnel-idle", &mut deadlines.tunnel_idle),
        ("connect", &mut deadlines.connect),
        ("answer", &mut deadlines.answer),
        ("drain", &mut deadlines.drain),
    ] {
        section.set(name, place);
    }
    deadlines
}

fn hsts(mut section: Section<'_, '_>) -> Hsts {
    let mut hsts = Hsts::default();
    if let Some(stage) = section.read::<HstsStage>("stage") {
        hsts.max_age = stage.get_ref().max_age();
    }
    if let Some(max_age) = section.read::<Duration>("max-age") {
        hsts.max_age = *max_age.get_ref();
        if hsts.max_age.subsec_nanos() != 0 {
            section.fault(split_second(max_age.span()));
        }
        if section.has("stage") {
            section.fault(two_ages(section.key_span("max-age")));
        }
    }
    let include = section.set("include-subdomains", &mut hsts.include_subdomains);
    // A list whose names are all faulty is not a missing one.
    let mut listed = false;
    if let Some(names) = section.read::<Vec<Spanned<String>>>("subdomains") {
        listed = !names.get_ref().is_empty();
        for name in names.into_inner() {
            match host::read(name.get_ref(), NameKind::Subdomain) {
                Ok(name) => hsts.subdomains.push(name),
                Err(why) => section.fault(why.fault(name.get_ref(), name.span())),
            }
        }
    }
    if let Some(span) = include
        && hsts.include_subdomains
        && hsts.subdomains.is_empty()
        && !listed
    {
        section.fault(subdomains_unlisted(span));
    }
    let preload = section.set("preload", &mut hsts.preload);
    if let Some(span) = preload
        && hsts.preload
        && !(hsts.include_subdomains && hsts.max_age >= Hsts::ONE_YEAR)
    {
        section.fault(preload_unready(span));
    }
    hsts
}

/// An address alone is a network of one.
fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(address.into()),
        Err(_) => text.parse().ok(),
    }
}

fn credentials_redirected(span: Span) -> Fault {
    Fault::error(
        code::CLEARTEXT_CREDENTIALS,
        span,
        Text::new(
            "un mot de passe envoyé en clair serait redirigé sans que personne le sache",
            "a password sent in clear would be redirected without anyone knowing",
        ),
    )
    .label(
        "le mot de passe a déjà été exposé",
        "the password was exposed already",
    )
    .fix(
        "écrire `cleartext-credentials = \"refuse\"`",
        "write `cleartext-credentials = \"refuse\"`",
    )
}

fn no_log(span: Span) -> Fault {
    Fault::error(
        code::NO_ACCESS_LOG,
        span,
        Text::new(
            "aucune tentative de connexion ne serait journalisée",
            "no attempt to sign in would be logged",
        ),
    )
    .label("pas de journal", "no log")
    .fix(
        "écrire `access-log = \"human\"` ou `access-log = \"json\"`",
        "write `access-log = \"human\"` or `access-log = \"json\"`",
    )
}

fn trusts_everyone(span: Span) -> Fault {
    Fault::warning(
        code::TRUSTS_EVERYONE,
        span,
        Text::new(
            "tout client pourrait se faire passer pour une autre adresse",
            "any client could pass for another address",
        ),
    )
    .clause(&clause::FORWARDED_TRUST)
    .label("toutes les adresses", "every address")
    .fix(
        "n’écrire que les adresses de vos propres intermédiaires",
        "write only the addresses of your own intermediaries",
    )
}

fn nobody_may_speak(span: Span) -> Fault {
    Fault::error(
        code::PROXY_PROTOCOL_UNTRUSTED,
        span,
        Text::new(
            "aucune connexion ne serait acceptée : personne n’a le droit d’envoyer un en-tête PROXY",
            "no connection would be accepted: nobody may send a PROXY header",
        ),
    )
    .clause(&clause::FORWARDED_TRUST)
    .label(
        "`trusted-proxies` ne nomme personne",
        "`trusted-proxies` names nobody",
    )
    .fix(
        "ajouter les adresses de vos intermédiaires : `trusted-proxies = [\"192.0.2.7\"]`",
        "add the addresses of your intermediaries: `trusted-proxies = [\"192.0.2.7\"]`",
    )
}

fn bad_network(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_NETWORK,
        span,
        Text::new(
            format!("« {shown} » n’est pas un réseau"),
            format!("`{shown}` is not a network"),
        ),
    )
    .label(
        "adresse IP ou préfixe attendu",
        "expected an IP address or a prefix",
    )
    .fix(
        "écrire une adresse, comme \"192.0.2.7\", ou un préfixe, comme \"10.0.0.0/8\"",
        "write an address, such as \"192.0.2.7\", or a prefix, such as \"10.0.0.0/8\"",
    )
}

fn same_listener(span: Span) -> Fault {
    Fault::error(
        code::SAME_LISTENER,
        span,
        Text::new(
            "`http` et `https` écoutent à la même adresse",
            "`http` and `https` listen on the same address",
        ),
    )
    .label("déjà prise par l’autre", "taken by the other one")
    .fix("changer l’un des deux ports", "change one of the two ports")
}

fn two_ages(span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            "`stage` et `max-age` disent la même chose",
            "`stage` and `max-age` say the same thing",
        ),
    )
    .label("en plus de `stage`", "besides `stage`")
    .fix("retirer l’une des deux clés", "remove one of the two keys")
}

fn split_second(span: Span) -> Fault {
    Fault::error(
        code::BAD_DURATION,
        span,
        Text::new(
            "HSTS se compte en secondes entières",
            "HSTS counts in whole seconds",
        ),
    )
    .clause(&clause::HSTS_DIRECTIVES)
    .label("fraction de seconde", "fraction of a second")
    .fix(
        "écrire un nombre entier de secondes, comme \"300s\"",
        "write a whole number of seconds, such as \"300s\"",
    )
}

fn subdomains_unlisted(span: Span) -> Fault {
    Fault::error(
        code::HSTS_SUBDOMAINS_UNLISTED,
        span,
        Text::new(
            "`include-subdomains` fermerait des hôtes que personne n’a listés",
            "`include-subdomains` would lock hosts that nobody listed",
        ),
    )
    .clause(&clause::HSTS_SUBDOMAINS)
    .label(
        "pas de `subdomains` dans cette table",
        "no `subdomains` in this table",
    )
    .fix(
        "ajouter `subdomains = [\"www\", \"mail\"]`, ou retirer la ligne",
        "add `subdomains = [\"www\", \"mail\"]`, or remove the line",
    )
}

fn preload_unready(span: Span) -> Fault {
    Fault::error(
        code::HSTS_PRELOAD_UNREADY,
        span,
        Text::new(
            "le préchargement serait refusé par les navigateurs",
            "browsers would refuse the preload",
        ),
    )
    .clause(&clause::PRELOAD_HEADER)
    .label(
        "il faut un an au moins et `include-subdomains`",
        "one year at least and `include-subdomains` are needed",
    )
    .fix(
        "écrire `stage = \"two-years\"` et `include-subdomains = true`, ou retirer la ligne",
        "write `stage = \"two-years\"` and `include-subdomains = true`, or remove the line",
    )
}
