//! The two hashes by which leaked passwords are published: SHA-1 and NTLM.
//!
//! Neither protects anything here. They are the names that the published corpora give to
//! passwords, and a hash of a weak password is as good as the password: [`Digest`] is wiped
//! on drop and its `Debug` shows nothing.
//!
//! Absent on purpose: normalisation. The corpora hash what people typed, so the caller
//! decides which form of a text to ask for.

use std::fmt;

use md4::Md4;
use sha1::{Digest as _, Sha1};
use zeroize::{Zeroize, Zeroizing};

/// Which hash a corpus, an index or a question is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// SHA-1 of the UTF-8 bytes: 20 bytes, 40 hexadecimal digits.
    Sha1,
    /// MD4 of the UTF-16LE text, as Windows keeps passwords: 16 bytes, 32 digits.
    Ntlm,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Sha1, Self::Ntlm];

    /// The name to print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Ntlm => "NTLM",
        }
    }

    /// The length of a hash in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Ntlm => 16,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The hash of one password: what an index is asked for. Wiped on drop, never shown.
#[derive(Clone)]
pub struct Digest {
    kind: Kind,
    /// The hash, then zeros.
    bytes: Zeroizing<[u8; 20]>,
}

impl Digest {
    /// The hash of a password.
    pub fn of(kind: Kind, password: &str) -> Self {
        match kind {
            Kind::Sha1 => Self::sha1_of(password),
            Kind::Ntlm => Self::ntlm_of(password),
        }
    }

    /// The SHA-1 of the UTF-8 bytes of a password.
    pub fn sha1_of(password: &str) -> Self {
        Self::new(Kind::Sha1, &mut Sha1::digest(password.as_bytes()))
    }

    /// The NTLM hash of a password: MD4 of its UTF-16LE form, which is never kept whole.
    pub fn ntlm_of(password: &str) -> Self {
        let mut hash = Md4::new();
        let mut unit = [0; 2];
        for code in password.encode_utf16() {
            unit = code.to_le_bytes();
            hash.update(unit);
        }
        unit.zeroize();
        Self::new(Kind::Ntlm, &mut hash.finalize())
    }

    /// Reads a hash from its hexadecimal digits, in upper or lower case: 40 are a SHA-1, 32
    /// an NTLM hash, anything else is none.
    pub fn from_hex(text: &str) -> Option<Self> {
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| text.len() == 2 * kind.length())?;
        let mut bytes = Zeroizing::new([0; 20]);
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
            *byte = (hex(pair[0])? << 4) | hex(pair[1])?;
        }
        Some(Self { kind, bytes })
    }

    /// Which hash this is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes of the hash: 20 of a SHA-1, 16 of an NTLM hash.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.kind.length()]
    }

    /// The first 64 bits, first byte highest: the order of the corpora is that of this key.
    pub(crate) fn key(&self) -> u64 {
        self.bytes
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first))
    }

    fn new(kind: Kind, hash: &mut [u8]) -> Self {
        let mut bytes = Zeroizing::new([0; 20]);
        for (to, from) in bytes.iter_mut().zip(hash.iter()) {
            *to = *from;
        }
        hash.zeroize();
        Self { kind, bytes }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}, ..)", self.kind)
    }
}

/// The value of one hexadecimal digit.
pub(crate) const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(digest: &Digest) -> String {
        digest.bytes().iter().map(|b| format!("{b:02X}")).collect()
    }

    #[test]
    fn passwords_hash_to_their_published_names() {
        // FIPS 180-1, appendix A; the NTLM rows are the well-known names of these passwords.
        for (kind, password, name) in [
            (
                Kind::Sha1,
                "abc",
                "A9993E364706816ABA3E25717850C26C9CD0D89D",
            ),
            (
                Kind::Sha1,
                "password",
                "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8",
            ),
            (Kind::Sha1, "", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
            (Kind::Ntlm, "", "31D6CFE0D16AE931B73C59D7E0C089C0"),
            (Kind::Ntlm, "password", "8846F7EAEE8FB117AD06BDD830B7586C"),
        ] {
            assert_eq!(
                shown(&Digest::of(kind, password)),
                name,
                "{kind} {password}"
            );
            assert_eq!(shown(&Digest::from_hex(name).expect("hex")), name);
            let lower = Digest::from_hex(&name.to_lowercase()).expect("hex");
            assert_eq!((shown(&lower).as_str(), lower.kind()), (name, kind));
        }
    }

    #[test]
    fn accents_are_hashed_as_utf_16_in_ntlm() {
        // MD4 of e9 00 and of 3d d8 00 de, by another implementation.
        for (password, name) in [
            ("é", "E77286D072C7858E9110CC3A011D2AC8"),
            ("\u{1f600}", "4B58A10CC20A4E7D808D218E1F80AABC"),
        ] {
            assert_eq!(shown(&Digest::ntlm_of(password)), name);
        }
    }

    #[test]
    fn what_is_no_hash_is_none() {
        let short = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD";
        for text in [
            "",
            "5BAA6",
            short,
            &format!("{short}G"),
            &format!("{short} "),
            &"é".repeat(20),
        ] {
            assert!(Digest::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_digest_never_shows_itself() {
        let shown = format!("{:?}", Digest::sha1_of("password"));
        assert_eq!(shown, "Digest(SHA-1, ..)");
    }
}
