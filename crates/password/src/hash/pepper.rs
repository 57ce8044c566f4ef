//! The pepper: a secret key that goes into every hash and lies beside none of them.
//!
//! Clauses: [`clause::CNIL_KEY_APART`], [`clause::CNIL_KEY_CARE`], [`clause::NIST_SALT`],
//! [`clause::REMPART_NO_SECRET_IN_FILE`]. The key is the secret value K of Argon2 (RFC 9106,
//! 3.1), never text glued to the password.
//!
//! A file holds one key per line, `ID BASE64`; the last one goes into new hashes, those
//! before it are kept to verify older ones, which are renewed at sign-in. On several
//! machines a new key is first written above the last line everywhere, so that every
//! machine can verify with it, and moved to the end afterwards. A key whose hashes are all
//! renewed may go.
//!
//! Absent on purpose: keys in a security module or a remote service.
//!
//! [`clause::CNIL_KEY_APART`]: policy::clause::CNIL_KEY_APART
//! [`clause::CNIL_KEY_CARE`]: policy::clause::CNIL_KEY_CARE
//! [`clause::NIST_SALT`]: policy::clause::NIST_SALT
//! [`clause::REMPART_NO_SECRET_IN_FILE`]: policy::clause::REMPART_NO_SECRET_IN_FILE

use std::fmt;

use base64ct::{Base64, Base64Unpadded, Encoding};
use policy::Text;
use zeroize::Zeroizing;

use super::{HashError, random};

mod source;

/// Bytes of a key: the floor is RFC 9106's tag, the ceiling keeps a wrong file out.
const KEY: std::ops::RangeInclusive<usize> = 32..=1024;
/// Bytes of a new key.
const NEW: usize = 32;
/// Keys of one pepper, at most.
const KEYS: usize = 64;

/// The keys of a pepper, oldest first. `Debug` shows their names only.
pub struct Pepper {
    keys: Vec<(KeyId, Zeroizing<Vec<u8>>)>,
}

/// The name of a key of the pepper: 1 to 8 letters, digits, dots, hyphens or underscores.
/// Not secret; it is written in each hash that the key was used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Pepper {
    /// A line for the file of a pepper: a key from the system's randomness under a name.
    ///
    /// # Errors
    /// [`HashError::Randomness`].
    pub fn new_line(id: KeyId) -> Result<Zeroizing<String>, HashError> {
        let key = Zeroizing::new(random::<NEW>()?);
        let encoded = Zeroizing::new(Base64::encode_string(&*key));
        Ok(Zeroizing::new(format!("{id} {}\n", &*encoded)))
    }

    /// The names of the keys, in their order. Never empty; the last goes into new hashes.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(|(id, _)| *id)
    }

    /// The key of new hashes.
    pub(super) fn current(&self) -> (KeyId, &[u8]) {
        let (id, key) = self.keys.last().expect("a pepper has at least one key");
        (*id, key)
    }

    pub(super) fn find(&self, id: KeyId) -> Option<&[u8]> {
        let (_, key) = self.keys.iter().find(|(name, _)| *name == id)?;
        Some(key)
    }

    /// Reads lines of `ID BASE64`. Empty lines and those that begin with `#` are skipped. The
    /// error says where and what, and holds nothing of the lines.
    fn parse<'t>(lines: impl Iterator<Item = &'t str>) -> Result<Self, Text> {
        let mut keys: Vec<(KeyId, Zeroizing<Vec<u8>>)> = Vec::new();
        for (number, line) in (1..).zip(lines) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |fr: &str, en: &str| {
                Text::new(
                    format!("ligne {number} : {fr}"),
                    format!("line {number}: {en}"),
                )
            };
            let shape = || {
                fault(
                    "attendu : un nom de clé (1 à 8 lettres, chiffres, points, tirets ou tirets bas), une espace, la clé en base64",
                    "expected: the name of a key (1 to 8 letters, digits, dots, hyphens or underscores), a space, the key in base64",
                )
            };
            let mut words = line.split_ascii_whitespace();
            let (Some(id), Some(key), None) = (words.next(), words.next(), words.next()) else {
                return Err(shape());
            };
            let id = KeyId::new(id).ok_or_else(shape)?;
            let key = key.trim_end_matches('=');
            let key = Base64Unpadded::decode_vec(key)
                .map(Zeroizing::new)
                .map_err(|_| {
                    fault(
                        "la clé n’est pas du base64 ; faites-en une avec `rempart pepper new`",
                        "the key is not base64; make one with `rempart pepper new`",
                    )
                })?;
            if !KEY.contains(&key.len()) {
                return Err(fault(
                    "la clé ne compte pas de 32 à 1024 octets ; faites-en une avec `rempart pepper new`",
                    "the key has not 32 to 1024 bytes; make one with `rempart pepper new`",
                ));
            }
            if keys.iter().any(|(other, _)| *other == id) {
                return Err(fault(
                    "ce nom de clé est déjà pris plus haut ; donnez-en un autre à la nouvelle clé",
                    "this name of a key is taken above; give the new key another one",
                ));
            }
            if keys.len() == KEYS {
                return Err(fault(
                    "plus de 64 clés ; retirez celles dont plus aucune empreinte ne se sert",
                    "more than 64 keys; remove those that no hash uses any more",
                ));
            }
            keys.push((id, key));
        }
        if keys.is_empty() {
            return Err(Text::new(
                "aucune clé ; faites-en une avec `rempart pepper new`",
                "no key; make one with `rempart pepper new`",
            ));
        }
        Ok(Self { keys })
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pepper")
            .field(&self.ids().collect::<Vec<_>>())
            .finish()
    }
}

impl KeyId {
    /// Bytes of the longest name, by the PHC text on Argon2.
    const MOST: usize = 8;

    /// A name, if the text is one.
    pub fn new(text: &str) -> Option<Self> {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let mut bytes = [0; Self::MOST];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        (!text.is_empty() && text.bytes().all(sign)).then_some(Self {
            bytes,
            length: u8::try_from(text.len()).ok()?,
        })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)])
            .expect("a name is made of ASCII signs")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use policy::Language;

    use super::*;

    const KEY_A: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    const KEY_B: &str = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI";

    #[test]
    fn the_last_key_is_for_new_hashes() {
        let text = format!("# two keys\n\n  2025  {KEY_A}\r\n2026\t{KEY_B}\n");
        let pepper = Pepper::parse(text.lines()).expect("two keys");
        let ids: Vec<String> = pepper.ids().map(|id| id.to_string()).collect();
        assert_eq!(ids, ["2025", "2026"]);
        assert_eq!(pepper.current().0, KeyId::new("2026").expect("a name"));
        assert_eq!(pepper.current().1, [b'B'; 32]);
        let old = KeyId::new("2025").expect("a name");
        assert_eq!(pepper.find(old), Some(&[b'A'; 32][..]));
        assert_eq!(pepper.find(KeyId::new("2024").expect("a name")), None);
        assert_eq!(format!("{pepper:?}"), "Pepper([KeyId(2025), KeyId(2026)])");
    }

    #[test]
    fn faults_say_where_and_show_no_key() {
        let long = Base64::encode_string(&[b'A'; 1025]);
        let many: String = (0..65).map(|n| format!("{n} {KEY_A}\n")).collect();
        let rows = [
            (String::new(), "no key"),
            ("# nothing\n".into(), "no key"),
            (KEY_A.into(), "line 1: expected"),
            (format!("\n{KEY_A} 2025"), "line 2: expected"),
            (format!("2025 {KEY_A} x"), "line 1: expected"),
            (format!("123456789 {KEY_A}"), "line 1: expected"),
            (format!("clé {KEY_A}"), "line 1: expected"),
            (
                format!("2025 {}", KEY_A.replace('Q', "*")),
                "line 1: the key is not base64",
            ),
            ("2025 QUFB".into(), "line 1: the key has not 32"),
            (format!("2025 {long}"), "line 1: the key has not 32"),
            (format!("a {KEY_A}\na {KEY_B}"), "line 2: this name"),
            (many, "line 65: more than 64"),
        ];
        for (text, expected) in rows {
            let fault = Pepper::parse(text.lines()).expect_err(expected);
            for language in [Language::Fr, Language::En] {
                let message = fault.in_language(language);
                assert!(!message.contains("QUFB"), "{message}");
            }
            let english = fault.in_language(Language::En);
            assert!(english.starts_with(expected), "{english}");
        }
    }

    #[test]
    fn a_new_line_is_read_back_and_never_twice_the_same() {
        let id = KeyId::new("2026-a").expect("a name");
        let lines = [0; 2].map(|_| Pepper::new_line(id).expect("randomness"));
        assert_ne!(*lines[0], *lines[1]);
        for line in lines {
            let pepper = Pepper::parse(line.lines()).expect("a key");
            assert_eq!(pepper.current().0, id);
            assert_eq!(pepper.current().1.len(), 32);
        }
    }
}
