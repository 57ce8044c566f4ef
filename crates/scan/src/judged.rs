//! What the absence of a finding means: that there is nothing, or that nobody looked.

use crate::Scan;
use crate::finding::{Area, Kind};
use crate::kind;
use crate::tls::{Seen, Suite, Tls, Version};

impl Scan {
    /// Whether no finding of this kind means that there is none to find: its subject was looked
    /// at, and to its end.
    pub fn judges(&self, kind: &Kind) -> bool {
        let is_whole = match kind.area {
            Area::Tls => self.tls.as_ref().is_some_and(|tls| tls.judges(kind)),
            // A page that was not asked for may hold what the others do not.
            Area::Pages | Area::Behaviour => !self.is_over,
            Area::Cleartext | Area::Certificate | Area::Hsts | Area::Cookies | Area::Fields => true,
        };
        is_whole && self.looked.contains(&kind.area)
    }
}

impl Tls {
    /// The same, of a kind about TLS.
    fn judges(&self, kind: &Kind) -> bool {
        let is_seen = |version: Version| !self.unseen.contains(&version);
        let before_13 = Version::Ssl3..=Version::Tls12;
        let is_all_seen = self.unseen.is_empty() && !self.is_cut;
        let old = self
            .spoken
            .iter()
            .rev()
            .find(|spoken| before_13.contains(&spoken.version));
        // What only versions before TLS 1.3 have needs no look where there are none.
        let is_told = |seen: Seen| seen != Seen::Unknown || (old.is_none() && is_all_seen);
        let suites = || self.spoken.iter().flat_map(|spoken| &spoken.suites);
        let of = |known: &Kind| known.code == kind.code;
        if of(&kind::SSL2) {
            is_seen(Version::Ssl2)
        } else if of(&kind::SSL3) {
            is_seen(Version::Ssl3)
        } else if of(&kind::TLS10) {
            is_seen(Version::Tls10)
        } else if of(&kind::TLS11) {
            is_seen(Version::Tls11)
        } else if of(&kind::NO_TLS13) {
            is_seen(Version::Tls13)
        } else if of(&kind::TLS_OBSOLETE) {
            self.is_modern() || (is_seen(Version::Tls12) && is_seen(Version::Tls13))
        } else if of(&kind::SHORT_PRIME) {
            let has_finite = suites().copied().any(Suite::is_finite);
            self.prime_bits.is_some() || (is_all_seen && !has_finite)
        } else if of(&kind::COMPRESSION) {
            is_told(self.compression)
        } else if of(&kind::RENEGOTIATION) {
            is_told(self.renegotiation)
        } else if of(&kind::NO_MASTER_SECRET) {
            is_told(self.extended_master_secret)
        } else if of(&kind::CLIENT_ORDER) {
            let has_one = old.is_some_and(|old| old.suites.len() == 1) && is_all_seen;
            is_told(self.own_order) || has_one
        } else if of(&kind::ANY_NAME) {
            self.serves_any_name != Seen::Unknown
        } else {
            is_all_seen
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::Spoken;

    fn tls(spoken: &[Version], unseen: &[Version]) -> Tls {
        let spoken = spoken.iter().map(|version| Spoken {
            version: *version,
            suites: vec![Suite(if *version == Version::Tls13 {
                0x1301
            } else {
                0xc02f
            })],
            groups: Vec::new(),
        });
        Tls {
            spoken: spoken.collect(),
            unseen: unseen.to_vec(),
            is_cut: false,
            own_order: Seen::Unknown,
            prime_bits: None,
            compression: Seen::Unknown,
            renegotiation: Seen::Unknown,
            extended_master_secret: Seen::Unknown,
            fallback: Seen::Unknown,
            serves_any_name: Seen::Unknown,
            chain: Vec::new(),
            malformed: None,
            silence: None,
        }
    }

    fn left_out(tls: &Tls) -> Vec<&'static str> {
        let kinds = kind::all().filter(|kind| kind.area == Area::Tls);
        let kinds = kinds.filter(|kind| !tls.judges(kind));
        kinds.map(|kind| kind.code).collect()
    }

    #[test]
    fn what_was_not_looked_at_is_not_judged() {
        let modern = [Version::Tls12, Version::Tls13];
        let asked = Tls {
            compression: Seen::No,
            renegotiation: Seen::Yes,
            extended_master_secret: Seen::Yes,
            serves_any_name: Seen::No,
            ..tls(&modern, &[])
        };
        assert_eq!(left_out(&asked), [""; 0]);
        // Only TLS 1.3: what older versions have is not to be found.
        assert_eq!(
            left_out(&tls(&[Version::Tls13], &[])),
            ["scan-tls-any-name"]
        );

        let unseen = Tls {
            unseen: vec![Version::Tls10],
            ..asked.clone()
        };
        let left = left_out(&unseen);
        for code in [
            "scan-tls10",
            "scan-suite-open",
            "scan-suite-cbc",
            "scan-weak-group",
        ] {
            assert!(left.contains(&code), "{code} not in {left:?}");
        }
        assert!(!left.contains(&"scan-ssl3") && !left.contains(&"scan-tls-obsolete"));

        let cut = Tls {
            is_cut: true,
            ..asked.clone()
        };
        assert!(left_out(&cut).contains(&"scan-suite-broken"));
        let silent = tls(&[Version::Tls10], &modern);
        for code in ["scan-tls-obsolete", "scan-no-tls13", "scan-tls-compression"] {
            assert!(left_out(&silent).contains(&code), "{code}");
        }
    }
}
