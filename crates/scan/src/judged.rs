//! What the absence of a finding means: that there is nothing, or that nobody looked.

use crate::Scan;
use crate::address::Address;
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
            // No page and no refusal: whether there is HTTPS is not known.
            Area::Cleartext if kind.code == kind::NO_HTTPS.code => self.has_https(),
            Area::Cleartext | Area::Certificate | Area::Hsts | Area::Cookies | Area::Fields => true,
        };
        is_whole && self.looked.contains(&kind.area)
    }

    /// The same, of what was found at an address in another scan: a page that was not asked for
    /// this time says nothing of what stands on it.
    pub fn judges_at(&self, kind: &Kind, address: &Address) -> bool {
        let is_asked = |is_https: Option<bool>| {
            let mut answers = self.answers.iter();
            answers.any(|answer| {
                answer.bare_path() == address.bare_path()
                    && is_https.is_none_or(|is_https| answer.is_https == is_https)
            })
        };
        // Nobody serves in clear behind a port that is closed.
        let is_closed = || self.from_http.iter().all(|(_, status)| status.is_none());
        let is_seen = match kind.area {
            Area::Tls | Area::Certificate | Area::Hsts => true,
            Area::Cleartext => {
                kind.code == kind::NO_HTTPS.code || is_asked(Some(false)) || is_closed()
            }
            Area::Pages | Area::Cookies | Area::Fields | Area::Behaviour => is_asked(None),
        };
        is_seen && self.judges(kind)
    }

    /// Whether a browser gets somewhere over HTTPS.
    fn has_https(&self) -> bool {
        self.from_https.iter().any(|(_, status)| status.is_some())
            || self.tls.as_ref().is_some_and(Tls::is_modern)
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

    fn address(url: &str) -> Address {
        Address::parse(url).expect("an address")
    }

    fn scan(answers: &[&str], from_https: Option<u16>) -> Scan {
        let clear = answers.iter().filter(|url| url.starts_with("http:"));
        Scan {
            address: address("www.example.fr"),
            from_http: clear.map(|url| ((*url).to_owned(), Some(200))).collect(),
            from_https: vec![("https://www.example.fr/".to_owned(), from_https)],
            tls: None,
            chain: None,
            promise: None,
            pages: Vec::new(),
            answers: answers.iter().map(|url| address(url)).collect(),
            looked: Area::ALL.to_vec(),
            is_partial: false,
            is_over: false,
            findings: Vec::new(),
            left_out: 0,
        }
    }

    /// What was found at an address is gone only where that address was asked for again.
    #[test]
    fn a_page_that_was_not_asked_for_is_not_judged() {
        let both = ["http://www.example.fr/", "https://www.example.fr/a"];
        for (kind, answers, at, is_judged) in [
            (
                &kind::PASSWORD_GET,
                &both[..],
                "http://old.example.fr/a?b",
                true,
            ),
            (&kind::PASSWORD_GET, &both, "http://old.example.fr/c", false),
            (
                &kind::COOKIE_NO_SAME_SITE,
                &both,
                "https://old.example.fr/a",
                true,
            ),
            (
                &kind::COOKIE_NO_SAME_SITE,
                &both,
                "https://old.example.fr/c",
                false,
            ),
            // Of what is served in clear, only an answer in clear tells.
            (&kind::CLEAR_PAGE, &both, "http://old.example.fr/", true),
            (&kind::CLEAR_PAGE, &both, "http://old.example.fr/a", false),
            (
                &kind::CLEAR_PAGE,
                &both[1..],
                "http://old.example.fr/c",
                true,
            ),
            (&kind::NO_HSTS, &both, "https://old.example.fr/c", true),
        ] {
            let scan = scan(answers, Some(200));
            assert_eq!(
                scan.judges_at(kind, &address(at)),
                is_judged,
                "{} {at}",
                kind.code
            );
        }
    }

    /// An answer in clear that was not read to its end is no closed port.
    #[test]
    fn a_page_that_was_cut_is_not_judged() {
        let cut = Scan {
            from_http: vec![("http://www.example.fr/".to_owned(), Some(200))],
            ..scan(&[], None)
        };
        assert!(!cut.judges_at(&kind::CLEAR_PAGE, &address("http://www.example.fr/")));
    }

    #[test]
    fn https_that_was_not_heard_is_not_judged() {
        assert!(scan(&[], Some(200)).judges(&kind::NO_HTTPS));
        assert!(!scan(&[], None).judges(&kind::NO_HTTPS));
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
