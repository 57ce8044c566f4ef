//! The HSTS field, and whether the name could be on the preload list.

use policy::Text;
use policy::transport::Hsts;
use transport::hsts::Announced;

use super::Found;
use crate::kind;
use crate::walk::{Hop, Walk};

/// What is announced, and what keeps the name from the preload list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promise {
    /// The promise as browsers read it.
    pub announced: Option<Announced>,
    /// The field as it was sent.
    pub field: Option<String>,
    /// What hstspreload.org asks for and is not seen; empty when all that is visible from here is met.
    pub preload_lacks: Vec<Text>,
}

/// `None` for the address of a host without a name, which makes no promise (RFC 6797, 8.1.1).
pub(crate) fn check(
    found: &mut Found,
    hop: &Hop,
    has_sound_certificate: bool,
    plain: Option<&Walk>,
) -> Option<Promise> {
    let at = &hop.address;
    if at.host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let fields: Vec<&[u8]> = hop.answer.all("strict-transport-security").collect();
    let field = fields
        .first()
        .map(|value| super::shown(&String::from_utf8_lossy(value)));
    let announced = fields.first().and_then(|value| Announced::parse(value));
    let year = Hsts::ONE_YEAR.as_secs();
    match (&field, announced) {
        (None, _) => found.add(
            &kind::NO_HSTS,
            "hsts",
            at,
            Text::new(
                format!("HTTP {} sans Strict-Transport-Security", hop.answer.status),
                format!(
                    "HTTP {} without Strict-Transport-Security",
                    hop.answer.status
                ),
            ),
        ),
        (Some(field), None) => found.say(&kind::HSTS_INVALID, "hsts", at, field.clone()),
        (Some(field), Some(promise)) => {
            if promise.max_age == 0 {
                found.say(&kind::HSTS_ZERO, "hsts", at, field.clone());
            } else if promise.max_age < year {
                found.say(&kind::HSTS_SHORT, "hsts", at, field.clone());
            }
            if !promise.include_subdomains && promise.max_age > 0 {
                found.say(&kind::HSTS_ALONE, "hsts", at, field.clone());
            }
        }
    }
    if fields.len() > 1 {
        let all: Vec<String> = fields
            .iter()
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        found.say(&kind::HSTS_TWICE, "hsts", at, all.join(" | "));
    }
    let mut lacks = Vec::new();
    let mut lack = |fr: &str, en: &str| lacks.push(Text::new(fr, en));
    if !has_sound_certificate {
        lack("un certificat valable", "a valid certificate");
    }
    if plain.is_some_and(|plain| !redirects_to_itself(plain)) {
        lack(
            "une redirection du port 80 vers le même nom",
            "a redirect of port 80 to the same name",
        );
    }
    match announced {
        Some(promise) => {
            if promise.max_age < year {
                lack("max-age d’un an au moins", "max-age of at least one year");
            }
            if !promise.include_subdomains {
                lack("includeSubDomains", "includeSubDomains");
            }
            if !promise.preload {
                lack(
                    "la directive preload, à n’écrire qu’en dernier",
                    "the preload directive, to be written last",
                );
            }
        }
        None => lack("le champ lui-même", "the field itself"),
    }
    Some(Promise {
        announced,
        field,
        preload_lacks: lacks,
    })
}

/// Port 80 is closed, or leads first to https on the same name.
fn redirects_to_itself(plain: &Walk) -> bool {
    let Some(first) = plain.hops.first() else {
        return true;
    };
    let next = plain
        .hops
        .get(1)
        .map(|hop| &hop.address)
        .or(plain.stopped_at.as_ref());
    next.is_some_and(|next| next.is_https && next.host == first.address.host)
}
