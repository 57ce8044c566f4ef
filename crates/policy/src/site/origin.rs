//! `[site.origin]` and `[site.health]`: how the origins of a site are reached and checked.
//!
//! Clauses: [`clause::UPSTREAM_CLEAR`] (an https origin is always verified: there is no key
//! that turns it off; a private authority is named instead); RFC 7301 (ALPN).
//!
//! Absent on purpose: how long an origin that refuses connections is passed over. It starts
//! at a second and doubles, which suits every site and is no decision of an operator's.
//!
//! [`clause::UPSTREAM_CLEAR`]: crate::clause::UPSTREAM_CLEAR

use std::path::PathBuf;
use std::time::Duration;

use super::host::{self, NameKind};
use super::{Scheme, Upstream};
use crate::read::{Section, Span, Word, shorten};
use crate::report::Fault;
use crate::{Text, code};

/// `[site.origin]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginPolicy {
    /// What is offered to an https origin, the preferred protocol first; never empty.
    /// Default: HTTP/1.1 alone, where each exchange has its connection to itself.
    pub alpn: Vec<Alpn>,
    /// The only authorities trusted for https origins: a PEM file, relative to the policy
    /// file. Default: those of the system.
    pub root: Option<PathBuf>,
    /// The name in the certificate of https origins, lower-case. Default: the host of each.
    pub server_name: Option<String>,
    /// What brings a visitor back to the same origin. Default: nothing.
    pub affinity: Affinity,
}

/// `alpn`: a protocol by its identifier (RFC 7301, 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alpn {
    /// `http/1.1`.
    Http11,
    /// `h2`: HTTP/2 over TLS. WebSockets go over connections of their own.
    H2,
}

/// `affinity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// The origin with the fewest open requests.
    None,
    /// The address of the visitor decides (an IPv6 network of 64 bits).
    Source,
    /// A cookie of the gate's own remembers.
    Cookie,
}

/// `[site.health]`, when there is a path to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Path and query, from `/`.
    pub path: String,
    /// Between two checks of one origin, 1 s to 1 h.
    pub interval: Duration,
    /// Deadline of one check, 1 s to 1 min.
    pub timeout: Duration,
    /// What an origin in order answers.
    pub status: StatusRange,
    /// Checks passed in a row before an origin serves again, 1 to 100.
    pub passes: u32,
    /// Checks failed in a row before an origin serves no more, 1 to 100.
    pub fails: u32,
}

/// `status`: from the first to the last, 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    first: u16,
    last: u16,
}

impl StatusRange {
    /// Whether a status is the one expected.
    pub const fn contains(self, status: u16) -> bool {
        self.first <= status && status <= self.last
    }

    /// `200`, or `200-399`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| {
            let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        };
        let (first, last) = (number(first)?, number(last)?);
        (200 <= first && first <= last && last <= 599).then_some(Self { first, last })
    }
}

impl Default for OriginPolicy {
    fn default() -> Self {
        Self {
            alpn: vec![Alpn::Http11],
            root: None,
            server_name: None,
            affinity: Affinity::None,
        }
    }
}

impl Default for StatusRange {
    fn default() -> Self {
        Self {
            first: 200,
            last: 399,
        }
    }
}

impl Alpn {
    /// The identifier, as it stands in a handshake.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http11 => "http/1.1",
            Self::H2 => "h2",
        }
    }
}

impl Word for Alpn {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Http11.name(), Self::Http11),
        (Self::H2.name(), Self::H2),
    ];
}

impl Word for Affinity {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("source", Self::Source),
        ("cookie", Self::Cookie),
    ];
}

/// Both tables of a site with these origins (none when their own fault is reported).
pub(super) fn parse(
    section: &mut Section<'_, '_>,
    upstreams: &[Upstream],
) -> (OriginPolicy, Option<Health>) {
    let origin = origin(section.table("origin"), upstreams);
    (origin, health(section.table("health")))
}

fn origin(mut table: Section<'_, '_>, upstreams: &[Upstream]) -> OriginPolicy {
    let mut policy = OriginPolicy::default();
    if let Some(list) = table.read::<Vec<toml::Spanned<Alpn>>>("alpn") {
        if list.get_ref().is_empty() {
            table.fault(no_protocol(list.span()));
        } else {
            policy.alpn.clear();
            for alpn in list.into_inner() {
                if !policy.alpn.contains(alpn.get_ref()) {
                    policy.alpn.push(alpn.into_inner());
                }
            }
        }
    }
    table.set_some("root", &mut policy.root);
    if let Some(name) = table.read::<String>("server-name") {
        match host::read(name.get_ref(), NameKind::Host) {
            Ok(name) => policy.server_name = Some(name),
            Err(why) => table.fault(why.fault(name.get_ref(), name.span())),
        }
    }
    table.set("affinity", &mut policy.affinity);
    if upstreams.is_empty() {
        return policy;
    }
    if !upstreams.iter().any(|one| one.scheme == Scheme::Https) {
        for name in ["alpn", "root", "server-name"] {
            if table.has(name) {
                let why = (
                    "aucune origine de ce site n’est en https://",
                    "no origin of this site is https://",
                );
                table.fault(unused(name, table.key_span(name), why));
            }
        }
    }
    if upstreams.len() == 1 && policy.affinity != Affinity::None {
        let why = ("ce site n’a qu’une origine", "this site has one origin");
        table.fault(unused("affinity", table.key_span("affinity"), why));
    }
    policy
}

fn health(mut table: Section<'_, '_>) -> Option<Health> {
    let path = table.read::<String>("path");
    let mut health = Health {
        path: String::new(),
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(2),
        status: StatusRange::default(),
        passes: 2,
        fails: 3,
    };
    table.set("interval", &mut health.interval);
    table.set("timeout", &mut health.timeout);
    if let Some(text) = table.read::<String>("status") {
        match StatusRange::read(text.get_ref()) {
            Some(status) => health.status = status,
            None => table.fault(bad_status(text.get_ref(), text.span())),
        }
    }
    table.set("passes", &mut health.passes);
    table.set("fails", &mut health.fails);
    if !table.has("path") {
        for name in ["interval", "timeout", "status", "passes", "fails"] {
            if table.has(name) {
                let why = (
                    "sans `path`, aucun contrôle n’a lieu",
                    "without `path` no check is made",
                );
                table.fault(unused(name, table.key_span(name), why));
            }
        }
    }
    let path = path?;
    if !is_target(path.get_ref()) {
        table.fault(bad_path(path.get_ref(), path.span()));
        return None;
    }
    health.path = path.into_inner();
    Some(health)
}

/// Visible ASCII from `/`, without fragment: what stands in a request line.
fn is_target(text: &str) -> bool {
    text.starts_with('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

fn no_protocol(span: Span) -> Fault {
    Fault::error(
        code::UNKNOWN_WORD,
        span,
        Text::new(
            "il faut au moins un protocole",
            "at least one protocol is needed",
        ),
    )
    .label("liste vide", "empty list")
    .fix(
        "écrire [\"http/1.1\"], ou [\"h2\", \"http/1.1\"]",
        "write [\"http/1.1\"], or [\"h2\", \"http/1.1\"]",
    )
}

pub(super) fn unused(name: &str, span: Span, (fr, en): (&str, &str)) -> Fault {
    Fault::warning(
        code::KEY_UNUSED,
        span,
        Text::new(
            format!("`{name}` n’a pas d’effet ici"),
            format!("`{name}` has no effect here"),
        ),
    )
    .label(fr, en)
    .fix("retirer la ligne", "remove the line")
}

pub(super) fn bad_status(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_STATUS_RANGE,
        span,
        Text::new(
            format!("« {shown} » n’est pas un statut attendu"),
            format!("`{shown}` is not an expected status"),
        ),
    )
    .label(
        "un statut, ou deux avec un trait, de 200 à 599",
        "one status, or two with a hyphen, from 200 to 599",
    )
    .fix(
        "écrire \"200\" ou \"200-399\"",
        "write \"200\" or \"200-399\"",
    )
}

fn bad_path(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_HEALTH_PATH,
        span,
        Text::new(
            format!("« {shown} » n’est pas un chemin"),
            format!("`{shown}` is not a path"),
        ),
    )
    .label(
        "commence par /, sans espace ni #",
        "starts with /, without space or #",
    )
    .fix(
        "écrire un chemin, comme \"/sante\"",
        "write a path, such as \"/health\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_or_a_range() {
        for (text, range) in [
            ("200", Some((200, 200))),
            ("200-399", Some((200, 399))),
            ("404-404", Some((404, 404))),
            ("399-200", None),
            ("100-200", None),
            ("200-600", None),
            ("+200", None),
            ("2xx", None),
            ("200-", None),
            ("", None),
        ] {
            let range = range.map(|(first, last)| StatusRange { first, last });
            assert_eq!(StatusRange::read(text), range, "{text}");
        }
        let range = StatusRange::default();
        for (status, within) in [(199, false), (200, true), (399, true), (400, false)] {
            assert_eq!(range.contains(status), within, "{status}");
        }
    }
}
