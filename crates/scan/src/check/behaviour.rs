//! What a server did to the scan itself: silence, excess, nonsense, endless ways.

use policy::Text;

use super::Found;
use crate::address::Address;
use crate::http::Trouble;
use crate::https::{self, Refusal};
use crate::kind;
use crate::net::Silence;
use crate::tls::Tls;
use crate::walk::{End, Walk};

pub(crate) fn check(found: &mut Found, walk: &Walk) {
    for hop in &walk.hops {
        for trouble in &hop.answer.troubles {
            say(found, &hop.address, *trouble);
        }
    }
    let at = walk
        .stopped_at
        .as_ref()
        .or(walk.last().map(|hop| &hop.address))
        .unwrap_or(&walk.start);
    match &walk.end {
        End::Trouble(trouble) => say(found, at, *trouble),
        End::Endless => {
            let count = walk.hops.len();
            found.add(
                &kind::ENDLESS,
                walk.start.bare_path(),
                at,
                Text::new(
                    format!("{count} redirections, sans cookies"),
                    format!("{count} redirects, without cookies"),
                ),
            );
        }
        End::Elsewhere(to) => found.say(&kind::ELSEWHERE, &to.host, at, to.to_string()),
        End::Nowhere => {
            let location = walk
                .last()
                .and_then(|hop| hop.answer.field("location"))
                .unwrap_or_default();
            found.say(
                &kind::BAD_HTTP,
                at.bare_path(),
                at,
                format!("Location: {location}"),
            );
        }
        End::Page | End::Tls(_) => {}
    }
}

/// Pages that a browser may read and this program does not. That no suite is common to both is
/// said only of a server whose suites were all seen.
pub(crate) fn unread(found: &mut Found, at: &Address, refusal: Refusal, tls: &Tls) {
    if refusal == Refusal::Certificate {
        found.say(&kind::CLIENT_CERTIFICATE, "https", at, "CertificateRequest");
    } else if tls.has_no_suite_of(&https::suites()) {
        found.add(
            &kind::UNREAD,
            "https",
            at,
            Text::new(
                "aucune suite ECDHE à chiffrement authentifié",
                "no ECDHE suite with authenticated encryption",
            ),
        );
    } else {
        let proof = match refusal {
            Refusal::Alert(alert) => {
                let number = u8::from(alert);
                Text::new(
                    format!("alerte TLS {number} ({alert:?})"),
                    format!("TLS alert {number} ({alert:?})"),
                )
            }
            Refusal::Certificate | Refusal::Silent => Text::new(
                "la connexion s’arrête pendant la poignée de main",
                "the connection ends within the handshake",
            ),
        };
        found.add(&kind::HANDSHAKE, "https", at, proof);
    }
}

fn say(found: &mut Found, at: &Address, trouble: Trouble) {
    let place = at.bare_path();
    match trouble {
        Trouble::Silence(Silence::Slow) => found.add(
            &kind::SLOW,
            place,
            at,
            Text::new("rien n’est venu à temps", "nothing came in time"),
        ),
        Trouble::Silence(Silence::Closed) => found.add(
            &kind::BAD_HTTP,
            place,
            at,
            Text::new(
                "connexion fermée sans réponse",
                "connection closed without an answer",
            ),
        ),
        // Said elsewhere: no site, or no time left.
        Trouble::Silence(
            Silence::Name | Silence::Refused | Silence::Unreachable | Silence::Over,
        ) => {}
        Trouble::TooLarge => found.add(
            &kind::TOO_LARGE,
            place,
            at,
            Text::new(
                "plus de 64 Kio de champs ou 1 Mio de page",
                "more than 64 KiB of fields or 1 MiB of page",
            ),
        ),
        Trouble::Malformed(why) => found.add(&kind::BAD_HTTP, place, at, why.into()),
        Trouble::Encoded => found.say(&kind::ENCODED, place, at, "Content-Encoding"),
    }
}
