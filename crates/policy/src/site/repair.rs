//! `[site.repair]`: what is mended in an origin's answers, and its rules for cookies.
//!
//! Clauses: CNIL guide 2024 (cookies travel under TLS only); RFC 6265bis, 4.1.2; ASVS 5.0,
//! 3.3.2 and 3.3.4.
//!
//! `HttpOnly` and `SameSite` are added by the name of a cookie, never to every cookie: a site
//! may read a cookie of its own in a script, or be posted to from another site, and only its
//! operator knows. Names that the session cookies of common platforms have are the exception
//! ([`Repair::is_session`]): no script needs those.
//!
//! Absent on purpose: a way to take an attribute away. What the origin wrote stays.

use crate::read::{Section, Span, Word, shorten};
use crate::report::Fault;
use crate::{Text, clause, code};

/// `[site.repair]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// Add `Secure` to cookies, and what the rules say. Default true.
    pub cookies: bool,
    /// Turn `Location: http://this-site/…` into https. Default true.
    pub location: bool,
    /// Send `Content-Security-Policy: upgrade-insecure-requests` with HTML. Default true.
    pub upgrade_insecure: bool,
    /// Rewrite same-host http:// addresses inside HTML. Default false.
    pub html: bool,
    /// `html-uncompressed`: ask the origin for pages that can be rewritten.
    pub html_uncompressed: bool,
    /// `stop-loops`: answer 502 in the place of a redirect to the very address asked for,
    /// which a browser would follow until it gives up. Default true.
    pub stop_loops: bool,
    /// `[[site.repair.cookie]]`, in their order: the first that covers a name decides.
    pub rules: Vec<CookieRule>,
}

/// One `[[site.repair.cookie]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieRule {
    /// A name, or its start and `*`. Case matters, as it does to browsers.
    pub name: String,
    /// Add `HttpOnly`.
    pub http_only: bool,
    /// Add `SameSite`, unless the origin did.
    pub same_site: Option<SameSite>,
}

/// `same-site`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Never sent along from another site.
    Strict,
    /// Sent along when another site links here.
    Lax,
    /// Always sent along.
    None,
}

/// The session cookies of PHP, Java servlets, ASP, ASP.NET, Express, Laravel, CodeIgniter,
/// CakePHP, Django and Rails. Their platforms add `HttpOnly` themselves when set up well.
const SESSIONS: [&str; 11] = [
    "PHPSESSID",
    "JSESSIONID",
    "JSESSIONIDSSO",
    "ASP.NET_SessionId",
    "connect.sid",
    "laravel_session",
    "ci_session",
    "CAKEPHP",
    "sessionid",
    "_session_id",
    "DokuWiki",
];

impl Repair {
    /// What is added to the cookie of a name: `HttpOnly` or not, and a `SameSite`.
    pub fn rule_for(&self, name: &[u8]) -> (bool, Option<SameSite>) {
        match self.rules.iter().find(|rule| rule.covers(name)) {
            Some(rule) => (rule.http_only, rule.same_site),
            None => (Self::is_session(name), None),
        }
    }

    /// Whether a name is that of the session cookie of a common platform, which gets
    /// `HttpOnly` where no rule says otherwise.
    pub fn is_session(name: &[u8]) -> bool {
        SESSIONS.iter().any(|session| session.as_bytes() == name)
            || name.starts_with(b"ASPSESSIONID")
    }
}

impl CookieRule {
    /// Whether the rule is for the cookie of a name.
    pub fn covers(&self, name: &[u8]) -> bool {
        match self.name.strip_suffix('*') {
            Some(start) => name.starts_with(start.as_bytes()),
            None => self.name.as_bytes() == name,
        }
    }
}

impl SameSite {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lax => "lax",
            Self::None => "none",
        }
    }
}

impl Word for SameSite {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Strict.name(), Self::Strict),
        (Self::Lax.name(), Self::Lax),
        (Self::None.name(), Self::None),
    ];
}

impl Default for Repair {
    fn default() -> Self {
        Self {
            cookies: true,
            location: true,
            upgrade_insecure: true,
            html: false,
            html_uncompressed: false,
            stop_loops: true,
            rules: Vec::new(),
        }
    }
}

pub(super) fn parse(mut table: Section<'_, '_>) -> Repair {
    let mut repair = Repair::default();
    let span = table.set("cookies", &mut repair.cookies);
    if let Some(span) = span
        && !repair.cookies
    {
        table.depart(&clause::CNIL_COOKIES, cookies_unmended(span));
    }
    table.set("location", &mut repair.location);
    table.set("upgrade-insecure", &mut repair.upgrade_insecure);
    table.set("html", &mut repair.html);
    table.set("html-uncompressed", &mut repair.html_uncompressed);
    table.set("stop-loops", &mut repair.stop_loops);
    let mended = repair.cookies;
    table.tables("cookie", |section| {
        repair.rules.extend(rule(section, mended));
    });
    repair
}

/// One rule; `None` when a fault leaves no usable one.
fn rule(mut section: Section<'_, '_>, mended: bool) -> Option<CookieRule> {
    if !mended {
        section.fault(rule_without_repair(section.span()));
    }
    let name = section.read::<String>("name");
    let (mut http_only, mut same_site) = (true, None);
    section.set("http-only", &mut http_only);
    section.set_some("same-site", &mut same_site);
    let name = name?;
    if !is_name(name.get_ref()) {
        section.fault(bad_name(name.get_ref(), name.span()));
        return None;
    }
    Some(CookieRule {
        name: name.into_inner(),
        http_only,
        same_site,
    })
}

/// A token of HTTP, or the start of one before `*`; RFC 6265bis, 4.1.1.
fn is_name(name: &str) -> bool {
    let start = name.strip_suffix('*').unwrap_or(name);
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    !name.is_empty() && start.bytes().all(of_token)
}

fn cookies_unmended(span: Span) -> Fault {
    Fault::error(
        code::COOKIES_UNMENDED,
        span,
        Text::new(
            "les cookies de ce site pourraient voyager en clair",
            "the cookies of this site could travel in clear",
        ),
    )
    .label(
        "Secure ne serait pas ajouté aux cookies de l’origine",
        "Secure would not be added to the cookies of the origin",
    )
    .fix("écrire `cookies = true`", "write `cookies = true`")
}

fn rule_without_repair(span: Span) -> Fault {
    Fault::error(
        code::COOKIE_RULE_WITHOUT_REPAIR,
        span,
        Text::new(
            "une règle sur les cookies ne vaut que si les cookies sont réparés",
            "a rule for cookies is for cookies that are mended",
        ),
    )
    .clause(&clause::COOKIE_SAME_SITE)
    .label(
        "`cookies = false` dans [site.repair]",
        "`cookies = false` in [site.repair]",
    )
    .fix(
        "écrire `cookies = true`, ou retirer la règle",
        "write `cookies = true`, or remove the rule",
    )
}

fn bad_name(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::BAD_COOKIE_NAME,
        span,
        Text::new(
            format!("« {shown} » n’est pas un nom de cookie"),
            format!("`{shown}` is not the name of a cookie"),
        ),
    )
    .label(
        "lettres, chiffres et tirets, puis * peut-être",
        "letters, digits and hyphens, then perhaps *",
    )
    .fix(
        "écrire le nom tel que l’origine l’envoie, comme \"PHPSESSID\", ou son début, comme \"wp-*\"",
        "write the name as the origin sends it, such as \"PHPSESSID\", or its start, such as \"wp-*\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_covers_a_name_decides() {
        let rule = |name: &str, http_only, same_site| CookieRule {
            name: name.to_owned(),
            http_only,
            same_site,
        };
        let repair = Repair {
            rules: vec![
                rule("PHPSESSID", false, None),
                rule("wp-*", true, Some(SameSite::Lax)),
                rule("wp-open", false, None),
            ],
            ..Repair::default()
        };
        for (name, expected) in [
            ("PHPSESSID", (false, None)),
            ("phpsessid", (false, None)),
            ("wp-open", (true, Some(SameSite::Lax))),
            ("wp", (false, None)),
            ("JSESSIONID", (true, None)),
            ("ASPSESSIONIDQQ", (true, None)),
            ("sessionid2", (false, None)),
            ("", (false, None)),
        ] {
            assert_eq!(repair.rule_for(name.as_bytes()), expected, "{name}");
        }
    }
}
