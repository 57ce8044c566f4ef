//! The certificate, fault by fault.

use std::time::SystemTime;

use jiff::Timestamp;
use policy::Text;

use super::{Found, shown};
use crate::address::Address;
use crate::certificate::{Chain, seconds};
use crate::kind;

/// Days before the end from which it is told.
const SOON: i64 = 14;
/// The longest validity of ANSSI SDE-NT-35, R25, in days.
const LONGEST: i64 = 825;

pub(crate) fn check(found: &mut Found, at: &Address, chain: &Chain, now: SystemTime) {
    let now = seconds(now);
    let Some(leaf) = chain.leaf().filter(|_| !chain.is_unreadable) else {
        found.add(
            &kind::NO_CERTIFICATE,
            "certificate",
            at,
            Text::new("DER illisible", "unreadable DER"),
        );
        return;
    };
    let subject = shown(&leaf.subject);
    if leaf.is_self_signed && !chain.is_trusted {
        found.say(&kind::SELF_SIGNED, "certificate", at, subject.clone());
    } else if leaf.is_signed_with_old() {
        // Told below: no signature that is followed leads from here to a root.
    } else if chain.is_incomplete() {
        found.add(
            &kind::CHAIN_INCOMPLETE,
            "certificate",
            at,
            Text::new(
                format!("un seul certificat, émis par {}", shown(&leaf.issuer)),
                format!("one certificate, issued by {}", shown(&leaf.issuer)),
            ),
        );
    } else if !chain.is_trusted {
        found.add(
            &kind::UNTRUSTED,
            "certificate",
            at,
            Text::new(
                format!("émis par {}", shown(&leaf.issuer)),
                format!("issued by {}", shown(&leaf.issuer)),
            ),
        );
    }
    if !chain.is_in_order {
        let count = chain.certificates.len();
        found.add(
            &kind::CHAIN_ORDER,
            "certificate",
            at,
            Text::new(
                format!("{count} certificats envoyés"),
                format!("{count} certificates sent"),
            ),
        );
    }
    let (from, to) = (day(leaf.not_before), day(leaf.not_after));
    if now > leaf.not_after {
        found.say(&kind::EXPIRED, "certificate", at, to);
    } else if now < leaf.not_before {
        found.say(&kind::NOT_YET, "certificate", at, from);
    } else if leaf.not_after - now < SOON * 86_400 {
        found.say(&kind::ENDS_SOON, "certificate", at, to);
    }
    if leaf.days() > LONGEST {
        found.add(
            &kind::LONG_VALIDITY,
            "certificate",
            at,
            Text::new(
                format!("{} jours", leaf.days()),
                format!("{} days", leaf.days()),
            ),
        );
    }
    if leaf.names.is_empty() {
        found.say(&kind::NO_NAMES, "certificate", at, subject);
    } else if !chain.names_host {
        let names: Vec<&str> = leaf.names.iter().take(8).map(String::as_str).collect();
        found.say(&kind::OTHER_NAME, "certificate", at, names.join(", "));
    }
    for certificate in &chain.certificates {
        if certificate.is_short() {
            found.say(
                &kind::SHORT_KEY,
                &certificate.key,
                at,
                certificate.key.clone(),
            );
        }
        // The signature of a root on itself proves nothing, so its hash weighs nothing.
        if certificate.is_signed_with_old() && (!certificate.is_self_issued || certificate == leaf)
        {
            found.say(
                &kind::OLD_SIGNATURE,
                &certificate.signature,
                at,
                certificate.signature.clone(),
            );
        }
    }
    if !chain.is_for_servers {
        found.say(
            &kind::NOT_FOR_SERVERS,
            "certificate",
            at,
            "extendedKeyUsage",
        );
    }
}

/// The day of a moment, in UTC.
pub(crate) fn day(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "?".to_owned(),
    }
}
