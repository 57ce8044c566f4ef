//! Security fields of the page over HTTPS.
//!
//! Clauses: ASVS 3.4.3 to 3.4.6. They are good practice: no text of the CNIL is known to name
//! them.

use policy::Text;
use transport::csp;

use super::Found;
use crate::kind;
use crate::page::Page;
use crate::walk::Hop;

pub(crate) fn check(found: &mut Found, hop: &Hop, page: Option<&Page>) {
    let (at, answer, place) = (&hop.address, &hop.answer, hop.address.bare_path());
    let missing =
        |name: &str| Text::new(format!("pas de champ {name}"), format!("no field {name}"));
    let policy = answer.joined("content-security-policy");
    // A page that was not read may hold a policy of its own.
    let is_page = answer.is_page() && !answer.is_unread();
    if is_page && policy.is_none() && page.is_none_or(|page| page.policy.is_none()) {
        found.add(&kind::NO_CSP, place, at, missing("Content-Security-Policy"));
    }
    match answer.joined("x-content-type-options") {
        Some(value)
            if value
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case("nosniff")) => {}
        Some(value) => found.say(
            &kind::NO_NOSNIFF,
            place,
            at,
            format!("X-Content-Type-Options: {value}"),
        ),
        None => found.add(
            &kind::NO_NOSNIFF,
            place,
            at,
            missing("X-Content-Type-Options"),
        ),
    }
    match answer.joined("referrer-policy") {
        // Browsers take the last that they know.
        Some(value) => {
            let last = value
                .rsplit(',')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            if matches!(
                last.as_str(),
                "unsafe-url" | "no-referrer-when-downgrade" | "origin-when-cross-origin"
            ) {
                found.say(
                    &kind::NO_REFERRER,
                    place,
                    at,
                    format!("Referrer-Policy: {value}"),
                );
            }
        }
        None => found.add(&kind::NO_REFERRER, place, at, missing("Referrer-Policy")),
    }
    let asks = page.is_some_and(|page| page.forms.iter().any(super::pages::asks_password));
    let framed = policy
        .as_deref()
        .is_some_and(|policy| csp::names(policy.as_bytes(), "frame-ancestors"));
    if asks && !framed {
        match answer.joined("x-frame-options") {
            // It still keeps frames out; ASVS asks for more.
            Some(value)
                if matches!(
                    value.trim().to_ascii_lowercase().as_str(),
                    "deny" | "sameorigin"
                ) => {}
            Some(value) => found.say(
                &kind::NO_FRAMES,
                place,
                at,
                format!("X-Frame-Options: {value}"),
            ),
            None => found.add(&kind::NO_FRAMES, place, at, missing("X-Frame-Options")),
        }
    }
}
