//! Plain HTTP: what it serves, and where it leads.

use policy::Text;
use transport::hsts::Announced;

use super::Found;
use crate::address::Address;
use crate::http::Trouble;
use crate::https::Refusal;
use crate::kind;
use crate::net::Silence;
use crate::page::Page;
use crate::tls::{Tls, Version};
use crate::walk::{End, Hop, Walk};

/// What only the way from the address that was named can tell.
pub(crate) fn check(found: &mut Found, plain: &Walk, https: &Walk, tls: &Tls) {
    if is_heard(plain)
        && let Some(proof) = no_https(https, tls)
    {
        found.add(&kind::NO_HTTPS, "https", &https.start, proof);
    }
    first_step(found, plain);
}

/// What a way serves in clear; `page` is the page at its end, if that is in clear.
pub(crate) fn served(found: &mut Found, plain: &Walk, page: Option<&Page>) {
    for hop in plain.hops.iter().filter(|hop| !hop.address.is_https) {
        let place = hop.address.bare_path();
        for line in hop.answer.all("set-cookie") {
            let name = super::cookies::name(line);
            found.say(
                &kind::CLEAR_COOKIE,
                &name,
                &hop.address,
                format!("Set-Cookie: {name}=…"),
            );
        }
        if let Some(value) = hop
            .answer
            .all("strict-transport-security")
            .find(|value| Announced::parse(value).is_some())
        {
            found.say(
                &kind::CLEAR_HSTS,
                place,
                &hop.address,
                String::from_utf8_lossy(value),
            );
        }
    }
    if let Some(hop) = plain.page().filter(|hop| !hop.address.is_https) {
        self::page(found, hop, page);
    }
}

/// A page that is served in clear.
pub(crate) fn page(found: &mut Found, hop: &Hop, page: Option<&Page>) {
    let Some(page) = page.filter(|_| (200..300).contains(&hop.answer.status)) else {
        return;
    };
    let (at, place) = (&hop.address, hop.address.bare_path());
    let password = page.forms.iter().any(super::pages::asks_password);
    let fields = page
        .forms
        .iter()
        .flat_map(|form| &form.fields)
        .any(super::pages::is_personal);
    let status = hop.answer.status;
    let proof = Text::new(
        format!("HTTP {status} en clair"),
        format!("HTTP {status} in clear"),
    );
    if password {
        found.add(&kind::CLEAR_PASSWORD, place, at, proof.clone());
    } else if fields {
        found.add(&kind::CLEAR_FORM, place, at, proof.clone());
    }
    found.add(&kind::CLEAR_PAGE, place, at, proof);
}

/// Whether plain HTTP said anything.
fn is_heard(plain: &Walk) -> bool {
    let is_silent = matches!(plain.end, End::Trouble(Trouble::Silence(_)) | End::Tls(_));
    !plain.hops.is_empty() || !is_silent
}

/// What says that a browser gets nowhere over HTTPS: a refusal, never a silence. Whoever was not
/// heard in time, or not asked to the end, may well serve it.
fn no_https(https: &Walk, tls: &Tls) -> Option<Text> {
    // A browser speaks suites that this program does not.
    if !https.hops.is_empty() || tls.is_modern() {
        return None;
    }
    let is_heard = |version| !tls.unseen.contains(&version);
    let is_no_tls = tls.malformed.is_some() && tls.spoken.is_empty();
    match &https.end {
        End::Trouble(Trouble::Silence(Silence::Refused)) => Some(Text::new(
            "personne n’écoute sur le port https",
            "nobody listens on the https port",
        )),
        // It asks for a certificate over TLS.
        End::Tls(Refusal::Certificate) => None,
        End::Tls(_) if is_no_tls || (is_heard(Version::Tls12) && is_heard(Version::Tls13)) => {
            Some(Text::new(
                "pas de TLS qu’un navigateur accepterait",
                "no TLS that a browser would accept",
            ))
        }
        _ => None,
    }
}

/// The first redirect decides whether a browser can ever learn of HSTS for the name.
fn first_step(found: &mut Found, plain: &Walk) {
    let Some(first) = plain.hops.first() else {
        return;
    };
    let to = match (plain.hops.get(1), &plain.end) {
        (Some(next), _) => Some(&next.address),
        (None, End::Elsewhere(to)) => Some(to),
        _ => plain.stopped_at.as_ref(),
    };
    let Some(to) = to else { return };
    let (at, status) = (&first.address, first.answer.status);
    let proof = format!("HTTP {status}, Location: {to}");
    if !to.is_https {
        found.say(&kind::REDIRECT_IN_CLEAR, at.bare_path(), at, proof);
    } else if to.host != at.host {
        found.say(&kind::REDIRECT_OTHER_HOST, at.bare_path(), at, proof);
    } else if !matches!(status, 301 | 308) {
        found.say(&kind::REDIRECT_TEMPORARY, at.bare_path(), at, proof);
    }
}

/// A way that falls back from https to http.
pub(crate) fn downgrade(found: &mut Found, walk: &Walk) {
    let ways: Vec<&Address> = walk.hops.iter().map(|hop| &hop.address).collect();
    let last = match &walk.end {
        End::Elsewhere(to) => Some(to),
        _ => walk.stopped_at.as_ref(),
    };
    let ways: Vec<&Address> = ways.into_iter().chain(last).collect();
    for pair in ways.windows(2) {
        if pair[0].is_https && !pair[1].is_https {
            found.say(
                &kind::DOWNGRADE,
                pair[0].bare_path(),
                pair[0],
                format!("Location: {}", pair[1]),
            );
        }
    }
}
