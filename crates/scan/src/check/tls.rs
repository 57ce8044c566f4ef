//! Versions, suites, groups.

use std::collections::BTreeSet;

use policy::Text;

use super::Found;
use crate::address::Address;
use crate::kind;
use crate::tls::{Seen, Spoken, Suite, Tls, Version, Weakness, group_name, is_weak_group};

pub(crate) fn check(found: &mut Found, at: &Address, tls: &Tls) {
    if let Some(why) = tls.malformed
        && tls.spoken.is_empty()
    {
        found.add(&kind::BAD_TLS, "tls", at, why.into());
    }
    for spoken in &tls.spoken {
        let kind = match spoken.version {
            Version::Ssl2 => &kind::SSL2,
            Version::Ssl3 => &kind::SSL3,
            Version::Tls10 => &kind::TLS10,
            Version::Tls11 => &kind::TLS11,
            Version::Tls12 | Version::Tls13 => continue,
        };
        let proof = match spoken.suites.first() {
            Some(suite) => Text::new(
                format!(
                    "une poignée de main {} aboutit à {}",
                    spoken.version.name(),
                    suite.name()
                ),
                format!(
                    "a {} handshake comes to {}",
                    spoken.version.name(),
                    suite.name()
                ),
            ),
            None => Text::new(
                "il répond à une poignée de main SSL 2.0",
                "it answers an SSL 2.0 handshake",
            ),
        };
        found.add(kind, spoken.version.name(), at, proof);
    }
    if tls.spoken.is_empty() {
        return;
    }
    let versions: Vec<&str> = tls
        .spoken
        .iter()
        .map(|spoken| spoken.version.name())
        .collect();
    let unseen = |version| tls.unseen.contains(&version);
    if !tls.is_modern() && !unseen(Version::Tls12) && !unseen(Version::Tls13) {
        found.say(&kind::TLS_OBSOLETE, "tls", at, versions.join(", "));
    } else if tls.of(Version::Tls13).is_none() && !unseen(Version::Tls13) {
        found.say(&kind::NO_TLS13, "tls", at, versions.join(", "));
    }
    suites(found, at, tls);
    if let Some(bits) = tls.prime_bits.filter(|bits| *bits < 2048) {
        found.say(&kind::SHORT_PRIME, "DHE", at, format!("{bits} bits"));
    }
    let groups = tls.spoken.iter().flat_map(|spoken| &spoken.groups).copied();
    let weak: BTreeSet<u16> = groups.filter(|group| is_weak_group(*group)).collect();
    if !weak.is_empty() {
        let names: Vec<String> = weak.into_iter().map(group_name).collect();
        found.say(&kind::WEAK_GROUP, "groups", at, names.join(", "));
    }
    if tls.serves_any_name == Seen::Yes {
        found.say(&kind::ANY_NAME, "name", at, "rempart.invalid");
    }
    let old = tls
        .spoken
        .iter()
        .rev()
        .find(|spoken| (Version::Ssl3..=Version::Tls12).contains(&spoken.version));
    let Some(Spoken { version, .. }) = old else {
        return;
    };
    if tls.compression == Seen::Yes {
        found.say(&kind::COMPRESSION, "DEFLATE", at, version.name());
    }
    if tls.renegotiation == Seen::No {
        found.say(
            &kind::RENEGOTIATION,
            "renegotiation_info",
            at,
            version.name(),
        );
    }
    if tls.extended_master_secret == Seen::No && *version >= Version::Tls10 {
        found.say(
            &kind::NO_MASTER_SECRET,
            "extended_master_secret",
            at,
            version.name(),
        );
    }
    let unequal = old.is_some_and(|old| {
        let weak = old
            .suites
            .iter()
            .filter(|suite| suite.weakness().is_some())
            .count();
        weak > 0 && weak < old.suites.len()
    });
    if tls.own_order == Seen::No && unequal {
        found.say(&kind::CLIENT_ORDER, "order", at, version.name());
    }
}

fn suites(found: &mut Found, at: &Address, tls: &Tls) {
    for (weakness, kind) in [
        (Weakness::Open, &kind::SUITE_OPEN),
        (Weakness::Short, &kind::SUITE_SHORT),
        (Weakness::Broken, &kind::SUITE_BROKEN),
        (Weakness::NotForward, &kind::SUITE_NOT_FORWARD),
        (Weakness::NotAuthenticated, &kind::SUITE_CBC),
    ] {
        let suites = tls.spoken.iter().flat_map(|spoken| &spoken.suites).copied();
        let of: BTreeSet<Suite> = suites
            .filter(|suite| suite.weakness() == Some(weakness))
            .collect();
        if of.is_empty() {
            continue;
        }
        let names: Vec<String> = of.iter().take(4).map(|suite| suite.name()).collect();
        let (count, names) = (of.len(), names.join(", "));
        let more = if count > 4 { ", …" } else { "" };
        let proof = Text::new(
            format!("{count} : {names}{more}"),
            format!("{count}: {names}{more}"),
        );
        found.add(kind, "suites", at, proof);
    }
}
