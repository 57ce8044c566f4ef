//! `[site.headers]`: the security fields that an old site forgets.
//!
//! Clauses: ASVS 5.0, 3.4.3 to 3.4.6 (`Content-Security-Policy`, `nosniff`, `Referrer-Policy`,
//! `frame-ancestors`). The defaults are those that break next to nothing: three fields that
//! today's browsers half imply already. What could break a site is absent or `off` until its
//! operator writes it, and a `Content-Security-Policy` has a mode that only reports.
//!
//! A policy with a slip in it protects less than its author believes, and no browser says so
//! aloud; here it is a fault, with the place.

use toml::Spanned;

use crate::nearest::nearest;
use crate::read::{Section, Span, Word, shorten};
use crate::report::Fault;
use crate::{Text, code};

/// `[site.headers]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Headers {
    /// Whether a field replaces what the origin sent. Default: the origin's stays.
    pub replace: bool,
    /// `X-Content-Type-Options: nosniff`. Default true.
    pub nosniff: bool,
    /// `Referrer-Policy`; `None` adds none. Default `strict-origin-when-cross-origin`.
    pub referrer: Option<Referrer>,
    /// Who may show the site in a frame; `None` says nothing. Default the site alone.
    pub frames: Option<Frames>,
    /// `Cross-Origin-Opener-Policy`. Default none, since sign-in by way of another site opens
    /// windows that talk to each other.
    pub opener: Option<Opener>,
    /// `Permissions-Policy`, as written.
    pub permissions: Option<String>,
    /// `Content-Security-Policy`, as written.
    pub content: Option<String>,
    /// `Content-Security-Policy-Report-Only`, as written.
    pub content_report_only: Option<String>,
}

/// The words of `content-type-options`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffing {
    /// `nosniff`.
    Refused,
    /// No field.
    Off,
}

macro_rules! words_or_off {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant),+
        }

        impl $name {
            /// The word of the policy file.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl Word for Option<$name> {
            const WORDS: &'static [(&'static str, Self)] =
                &[$(($word, Some($name::$variant)),)+ ("off", None)];
        }
    };
}

words_or_off! {
    /// `referrer-policy`: what the next site learns of the address that led to it.
    Referrer {
        /// Nothing, anywhere.
        NoReferrer = "no-referrer",
        /// All within the site, nothing outside.
        SameOrigin = "same-origin",
        /// The name of the site only, and nothing in clear.
        StrictOrigin = "strict-origin",
        /// All within the site, its name outside, nothing in clear.
        StrictOriginWhenCrossOrigin = "strict-origin-when-cross-origin",
    }
}

words_or_off! {
    /// `frames`: who may show the site in a frame.
    Frames {
        /// Its own pages.
        SameOrigin = "same-origin",
        /// Nobody.
        Nobody = "none",
    }
}

words_or_off! {
    /// `opener-policy`.
    Opener {
        /// Apart from every window of another site.
        SameOrigin = "same-origin",
        /// The same, but for windows that the site itself opens.
        SameOriginAllowPopups = "same-origin-allow-popups",
    }
}

impl Word for Sniffing {
    const WORDS: &'static [(&'static str, Self)] =
        &[("nosniff", Self::Refused), ("off", Self::Off)];
}

impl Default for Headers {
    fn default() -> Self {
        Self {
            replace: false,
            nosniff: true,
            referrer: Some(Referrer::StrictOriginWhenCrossOrigin),
            frames: Some(Frames::SameOrigin),
            opener: None,
            permissions: None,
            content: None,
            content_report_only: None,
        }
    }
}

pub(super) fn parse(mut table: Section<'_, '_>) -> Headers {
    let mut headers = Headers::default();
    table.set("replace", &mut headers.replace);
    if let Some(sniffing) = table.read::<Sniffing>("content-type-options") {
        headers.nosniff = sniffing.into_inner() == Sniffing::Refused;
    }
    table.set("referrer-policy", &mut headers.referrer);
    table.set("frames", &mut headers.frames);
    table.set("opener-policy", &mut headers.opener);
    if let Some(text) = table.read::<String>("permissions-policy") {
        match is_permissions(text.get_ref()) {
            true => headers.permissions = Some(text.into_inner()),
            false => table.fault(bad_permissions(text.span())),
        }
    }
    headers.content = content(&mut table, "content-security-policy");
    headers.content_report_only = content(&mut table, "content-security-policy-report-only");
    headers
}

fn content(table: &mut Section<'_, '_>, key: &str) -> Option<String> {
    let text: Spanned<String> = table.read(key)?;
    match slip(text.get_ref()) {
        None => Some(text.into_inner()),
        Some(slip) => {
            table.fault(bad_content(&slip, text.span()));
            None
        }
    }
}

/// Members such as `camera=()` or `geolocation=(self "https://a.fr")`, between commas.
fn is_permissions(text: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.split(',').all(|member| {
            let Some((name, list)) = member.trim().split_once('=') else {
                return false;
            };
            let list = list.trim();
            !name.is_empty()
                && name.bytes().all(of_name)
                && (list == "*" || list == "self" || list.starts_with('(') && list.ends_with(')'))
        })
}

/// What is wrong with a `Content-Security-Policy`.
enum Slip {
    /// A sign that may not stand in a field, or a comma, which would start another policy.
    Sign,
    /// A directive that no browser knows.
    Directive(String),
    /// A directive that is there twice; browsers drop the second.
    Twice(String),
    /// A keyword without its quotes, which browsers take for a host.
    Unquoted(String),
    /// There is no directive.
    Empty,
}

fn slip(policy: &str) -> Option<Slip> {
    if !policy
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b',')
    {
        return Some(Slip::Sign);
    }
    let mut seen: Vec<&str> = Vec::new();
    let directives = policy.split(';').map(str::trim);
    for directive in directives.filter(|directive| !directive.is_empty()) {
        let mut words = directive.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let Some(known) = DIRECTIVES
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))
        else {
            return Some(Slip::Directive(name.to_owned()));
        };
        if seen.contains(known) {
            return Some(Slip::Twice(name.to_owned()));
        }
        seen.push(known);
        if let Some(word) = words.find(|word| KEYWORDS.contains(word)) {
            return Some(Slip::Unquoted(word.to_owned()));
        }
    }
    seen.is_empty().then_some(Slip::Empty)
}

/// Directives of CSP Level 3 and of the specifications that add to it.
const DIRECTIVES: [&str; 30] = [
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "fenced-frame-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "navigate-to",
    "object-src",
    "plugin-types",
    "prefetch-src",
    "report-to",
    "report-uri",
    "require-trusted-types-for",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "worker-src",
];

/// Keywords that stand in single quotes.
const KEYWORDS: [&str; 7] = [
    "self",
    "none",
    "unsafe-inline",
    "unsafe-eval",
    "unsafe-hashes",
    "strict-dynamic",
    "report-sample",
];

fn bad_permissions(span: Span) -> Fault {
    Fault::error(
        code::BAD_PERMISSIONS,
        span,
        Text::new(
            "ce texte n’est pas une politique de permissions",
            "this text is not a permissions policy",
        ),
    )
    .label(
        "nom=(liste), séparés par des virgules",
        "name=(list), separated by commas",
    )
    .fix(
        "écrire par exemple \"camera=(), geolocation=(self)\"",
        "write for example \"camera=(), geolocation=(self)\"",
    )
}

fn bad_content(slip: &Slip, span: Span) -> Fault {
    let (label, fix) = match slip {
        Slip::Sign => (
            Text::new(
                "une virgule, ou un signe qui n’est pas de l’ASCII visible",
                "a comma, or a sign that is not visible ASCII",
            ),
            Text::new(
                "séparer les directives par des points-virgules",
                "separate directives by semicolons",
            ),
        ),
        Slip::Directive(name) => {
            let shown = shorten(name);
            (
                Text::new(
                    format!("la directive `{shown}` n’existe pas"),
                    format!("there is no directive `{shown}`"),
                ),
                match nearest(name, DIRECTIVES.iter().copied()) {
                    Some(near) => Text::new(format!("écrire `{near}`"), format!("write `{near}`")),
                    None => Text::new("la retirer", "remove it"),
                },
            )
        }
        Slip::Twice(name) => {
            let shown = shorten(name);
            (
                Text::new(
                    format!("`{shown}` deux fois : les navigateurs oublient la seconde"),
                    format!("`{shown}` twice: browsers drop the second"),
                ),
                Text::new("réunir les deux", "join the two"),
            )
        }
        Slip::Unquoted(word) => (
            Text::new(
                format!("`{word}` sans apostrophes est un nom d’hôte"),
                format!("`{word}` without quotes is the name of a host"),
            ),
            Text::new(format!("écrire `'{word}'`"), format!("write `'{word}'`")),
        ),
        Slip::Empty => (
            Text::new("aucune directive", "no directive"),
            Text::new("retirer la ligne", "remove the line"),
        ),
    };
    Fault::error(
        code::BAD_CONTENT_POLICY,
        span,
        Text::new(
            "cette Content-Security-Policy ne fait pas ce qu’elle dit",
            "this Content-Security-Policy does not do what it says",
        ),
    )
    .label(label.fr, label.en)
    .fix(fix.fr, fix.en)
}
