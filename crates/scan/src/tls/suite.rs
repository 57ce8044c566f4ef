//! Cipher suites and groups: their names, and what is wrong with them.
//!
//! Clauses: RFC 9325, 4.1 and 4.2; ANSSI SDE-NT-35, R6, R7, R9 to R12. What a suite is made of
//! is read from its name in the IANA registry, so that no table of opinions can drift.

use std::sync::LazyLock;

/// A number of the IANA registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(pub u16);

/// What is wrong with a suite, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    /// No encryption, or nobody vouches for the server.
    Open,
    /// Keys of 40 or 56 bits, made for export, and DES.
    Short,
    /// RC4, RC2, IDEA or 3DES: a broken cipher, or blocks of 64 bits.
    Broken,
    /// Without forward secrecy: the key of the certificate opens every recording.
    NotForward,
    /// Encryption and integrity are two steps (CBC).
    NotAuthenticated,
}

/// Every suite that is asked for, those that a sound server takes first.
static SUITES: LazyLock<Vec<(u16, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("suites.txt").lines();
    let rows = lines.filter_map(|line| line.split_once(' '));
    rows.filter_map(|(number, name)| Some((u16::from_str_radix(number, 16).ok()?, name)))
        .collect()
});

/// Named groups that are asked for: the hybrids, today's curves, the old ones, prime fields.
const GROUPS: [(u16, &str); 33] = [
    (0x11ec, "X25519MLKEM768"),
    (0x11eb, "SecP256r1MLKEM768"),
    (0x11ed, "SecP384r1MLKEM1024"),
    (29, "x25519"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (30, "x448"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (22, "secp256k1"),
    (13, "sect571k1"),
    (14, "sect571r1"),
    (11, "sect409k1"),
    (12, "sect409r1"),
    (9, "sect283k1"),
    (10, "sect283r1"),
    (20, "secp224k1"),
    (21, "secp224r1"),
    (8, "sect239k1"),
    (6, "sect233k1"),
    (7, "sect233r1"),
    (18, "secp192k1"),
    (19, "secp192r1"),
    (4, "sect193r1"),
    (5, "sect193r2"),
    (15, "secp160k1"),
    (16, "secp160r1"),
    (17, "secp160r2"),
    (1, "sect163k1"),
    (2, "sect163r1"),
    (3, "sect163r2"),
];

/// Groups that only TLS 1.3 takes.
const GROUPS_13: [(u16, &str); 8] = [
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
];

impl Suite {
    /// Every suite of TLS 1.3, or of the versions before it.
    pub(crate) fn all(is_13: bool) -> impl Iterator<Item = u16> {
        let suites = SUITES.iter().map(|(number, _)| *number);
        suites.filter(move |number| (number >> 8 == 0x13) == is_13)
    }

    /// The IANA name; a number for what has none here.
    pub fn name(self) -> String {
        let known = SUITES.iter().find(|(number, _)| *number == self.0);
        known.map_or_else(
            || format!("0x{:04X}", self.0),
            |(_, name)| (*name).to_owned(),
        )
    }

    fn known(self) -> &'static str {
        let known = SUITES.iter().find(|(number, _)| *number == self.0);
        known.map_or("", |(_, name)| name)
    }

    /// An ephemeral exchange over a curve.
    pub(crate) fn is_elliptic(self) -> bool {
        self.known().starts_with("TLS_ECDHE_") || self.known().starts_with("TLS_ECDH_anon_")
    }

    /// An ephemeral exchange over a prime field.
    pub(crate) fn is_finite(self) -> bool {
        self.known().starts_with("TLS_DHE_") || self.known().starts_with("TLS_DH_anon_")
    }

    /// The worst that is wrong with it.
    pub fn weakness(self) -> Option<Weakness> {
        let name = self.known();
        let has = |part: &str| name.split('_').any(|word| word.starts_with(part));
        if self.0 >> 8 == 0x13 || name.is_empty() {
            return None;
        }
        if has("NULL") || has("anon") {
            return Some(Weakness::Open);
        }
        if has("EXPORT") || name.contains("_DES_") || name.contains("_DES40_") {
            return Some(Weakness::Short);
        }
        if has("RC4") || has("RC2") || has("IDEA") || has("3DES") {
            return Some(Weakness::Broken);
        }
        if !self.is_elliptic() && !self.is_finite() {
            return Some(Weakness::NotForward);
        }
        let authenticated = has("GCM") || has("CCM") || has("CHACHA20");
        (!authenticated).then_some(Weakness::NotAuthenticated)
    }

    /// Whether a version older than TLS 1.2 can have it: its hash or mode came later.
    pub(crate) fn is_old(self) -> bool {
        let name = self.known();
        let late = ["GCM", "CCM", "CHACHA", "SHA256", "SHA384", "ARIA"];
        !late.iter().any(|word| name.contains(word)) && self.0 >> 8 != 0x13
    }

    /// Whether SSL 3 can have it, which knows no curve.
    pub(crate) fn is_ancient(self) -> bool {
        self.is_old() && !self.known().contains("ECDH")
    }
}

/// The groups that a version can have.
pub(crate) fn groups(is_13: bool) -> Vec<u16> {
    let late: &[(u16, &str)] = if is_13 { &GROUPS_13 } else { &[] };
    let hybrid = |number: u16| number >> 8 == 0x11;
    let early = GROUPS
        .iter()
        .filter(|(number, _)| is_13 || !hybrid(*number));
    early.chain(late).map(|(number, _)| *number).collect()
}

/// The name of a group; a number for what has none here.
pub fn group_name(group: u16) -> String {
    let mut known = GROUPS.iter().chain(&GROUPS_13);
    let known = known.find(|(number, _)| *number == group);
    known.map_or_else(|| format!("0x{group:04X}"), |(_, name)| (*name).to_owned())
}

/// Whether a curve is worth less than 112 bits of security (RFC 9325, 4.5: 224 bits).
pub fn is_weak_group(group: u16) -> bool {
    matches!(group, 1..=5 | 15..=19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_weakness() {
        for (name, weakness) in [
            ("TLS_AES_128_GCM_SHA256", None),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", None),
            ("TLS_DHE_RSA_WITH_AES_256_CCM", None),
            ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", None),
            (
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                Some(Weakness::NotAuthenticated),
            ),
            (
                "TLS_RSA_WITH_AES_256_GCM_SHA384",
                Some(Weakness::NotForward),
            ),
            (
                "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",
                Some(Weakness::NotForward),
            ),
            (
                "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
                Some(Weakness::Broken),
            ),
            ("TLS_RSA_WITH_RC4_128_MD5", Some(Weakness::Broken)),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", Some(Weakness::Short)),
            ("TLS_DHE_RSA_WITH_DES_CBC_SHA", Some(Weakness::Short)),
            ("TLS_RSA_WITH_NULL_SHA", Some(Weakness::Open)),
            ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Some(Weakness::Open)),
        ] {
            let (number, _) = SUITES.iter().find(|(_, known)| *known == name).expect(name);
            assert_eq!(Suite(*number).weakness(), weakness, "{name}");
        }
        assert_eq!(Suite(0xfefe).name(), "0xFEFE");
        assert_eq!(Suite(0xfefe).weakness(), None);
    }

    #[test]
    fn each_version_is_asked_for_what_it_can_have() {
        let old: Vec<u16> = Suite::all(false)
            .filter(|number| Suite(*number).is_old())
            .collect();
        assert!(old.contains(&0xc013) && old.contains(&0x000a) && !old.contains(&0xc02f));
        assert!(!Suite(0xc013).is_ancient() && Suite(0x000a).is_ancient());
        assert_eq!(Suite::all(true).count(), 5);
        assert!(groups(true).contains(&0x11ec) && !groups(false).contains(&0x11ec));
        assert_eq!(group_name(29), "x25519");
        assert!(is_weak_group(19) && !is_weak_group(21) && !is_weak_group(23));
    }
}
