//! Hashes too weak to be verified as they are, and how to compute one again.
//!
//! Clauses: CNIL 2022-100, conservation. MD5 and SHA-1 were the cases of EDF and Doctissimo.
//! A table of such hashes is saved at once by hashing each *stored text* with Argon2, without
//! knowing one password. Verifying then needs the old text again: a [`Recipe`] computes it
//! from the typed password.
//!
//! Absent on purpose: DES, which keeps eight characters of the password, so that Argon2 above
//! it would only look strong; salts kept in another column, because the text must name all
//! that the recipe needs; bare hexadecimal text of unknown make (NTLM has the form of MD5).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use policy::Language;
use policy::hash::LegacyFormat;
use zeroize::Zeroizing;

use super::class::CostClass;
use super::error::{ForeignError, Kind};
use super::parsed::Parsed;
use crate::hash::HashError;

/// Every byte of a blanked digest.
const BLANK: u8 = 0xaa;

/// What a hash that may only be wrapped is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weak {
    /// 32 hexadecimal digits, taken for MD5.
    Md5Hex,
    /// 40 hexadecimal digits, taken for SHA-1.
    Sha1Hex,
    /// 64 hexadecimal digits, taken for SHA-256.
    Sha256Hex,
    /// 96 hexadecimal digits, taken for SHA-384.
    Sha384Hex,
    /// 128 hexadecimal digits, taken for SHA-512.
    Sha512Hex,
    /// `md5$SALT$HEX`, of Django: MD5 of the salt and the password.
    DjangoMd5,
    /// `sha1$SALT$HEX`, of Django: SHA-1 of the salt and the password. Old versions of
    /// Werkzeug write the same form for another computation, which is not known here.
    DjangoSha1,
    /// `{MD5}{SALT}HEX`, `{SHA-1}{SALT}HEX` or `{SHA-256}{SALT}HEX`, of Spring.
    SpringDigest,
    /// `{MD5}`, `{SHA}` and the longer ones: a digest without a salt.
    LdapDigest,
    /// `{SMD5}`: MD5 of the password and a salt.
    LdapSmd5,
    /// `$1$`.
    Md5Crypt,
    /// `$apr1$`, of Apache's `htpasswd`.
    Apr1,
}

/// How to compute a stored text again from a password.
///
/// A recipe is the old text with its digest blanked, so it keeps prefix, costs and salt, and
/// nothing that depends on the password. The blank is the text of a digest whose bytes are
/// all `0xaa`: it has the length, the alphabet and the case of the original.
///
/// ```text
/// recipe  = base64url( text )            without padding: letters, digits, "-" and "_"
/// text    = any text that is read here, whose digest is 0xaa repeated
/// ```
///
/// ```
/// use password::hash::foreign::{Recipe, Weak};
///
/// let recipe = Recipe::of("6d33843ec7f0f7a4ba46bed3b1e0f9ef")?;
/// assert_eq!(recipe.weak(), Some(Weak::Md5Hex));
/// let again = Recipe::parse(&recipe.to_string())?;
/// assert_eq!(again.text_of(b"some password")?.len(), 32);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Recipe {
    /// The text with its digest blanked.
    blank: String,
    parsed: Parsed,
}

impl Weak {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Md5Hex,
        Self::Sha1Hex,
        Self::Sha256Hex,
        Self::Sha384Hex,
        Self::Sha512Hex,
        Self::DjangoMd5,
        Self::DjangoSha1,
        Self::SpringDigest,
        Self::LdapDigest,
        Self::LdapSmd5,
        Self::Md5Crypt,
        Self::Apr1,
    ];

    /// What a text is, if it is a hash that may only be wrapped.
    pub fn recognise(text: &str) -> Option<Self> {
        match super::take_apart(text).ok()? {
            super::Taken::Argon2 { .. } => None,
            super::Taken::Parsed(parsed) => match parsed.kind {
                Kind::Weak(weak) => Some(weak),
                Kind::Foreign(_) => None,
            },
        }
    }

    /// What people call it.
    pub const fn name(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Md5Hex => ("MD5 seul", "bare MD5"),
            Self::Sha1Hex => ("SHA-1 seul", "bare SHA-1"),
            Self::Sha256Hex => ("SHA-256 seul", "bare SHA-256"),
            Self::Sha384Hex => ("SHA-384 seul", "bare SHA-384"),
            Self::Sha512Hex => ("SHA-512 seul", "bare SHA-512"),
            Self::DjangoMd5 => ("MD5 salé de Django", "Django's salted MD5"),
            Self::DjangoSha1 => ("SHA-1 salé de Django", "Django's salted SHA-1"),
            Self::SpringDigest => ("condensé simple de Spring", "Spring's plain digest"),
            Self::LdapDigest => ("condensé LDAP sans sel", "LDAP digest without salt"),
            Self::LdapSmd5 => ("MD5 salé LDAP", "LDAP salted MD5"),
            Self::Md5Crypt => ("MD5 de crypt(3)", "MD5 of crypt(3)"),
            Self::Apr1 => ("MD5 d’Apache", "Apache's MD5"),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

impl Recipe {
    /// The recipe of a stored text. Any hash that is read here can be wrapped, weak or not,
    /// except Argon2 and Keycloak's JSON.
    ///
    /// # Errors
    /// When the text is not a hash that is read here, asks for too much work, or is not to be
    /// wrapped.
    pub fn of(text: &str) -> Result<Self, ForeignError> {
        let super::Taken::Parsed(mut parsed) = super::take_apart(text)? else {
            return Err(ForeignError::NotWrapped);
        };
        let field = parsed.field.as_ref().ok_or(ForeignError::NotWrapped)?;
        let blank = vec![BLANK; parsed.tag.len()];
        let text = field.splice(text, &blank).ok_or(ForeignError::Unknown)?;
        parsed.tag = blank;
        Ok(Self {
            blank: text,
            parsed,
        })
    }

    /// Reads a recipe as [`Display`](fmt::Display) wrote it.
    ///
    /// # Errors
    /// [`ForeignError::Recipe`] for anything else, a text with a digest left in it too.
    pub fn parse(text: &str) -> Result<Self, ForeignError> {
        if text.len() > super::TEXT * 2 {
            return Err(ForeignError::Recipe);
        }
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| ForeignError::Recipe)?;
        let blank = String::from_utf8(bytes).map_err(|_| ForeignError::Recipe)?;
        let recipe = Self::of(&blank).map_err(|_| ForeignError::Recipe)?;
        if recipe.blank == blank {
            Ok(recipe)
        } else {
            Err(ForeignError::Recipe)
        }
    }

    /// The stored text that this password would have, byte for byte. For a password that no
    /// such hash can have (a NUL in it, or too long), the work is the same and the text is
    /// nobody's.
    ///
    /// # Errors
    /// When the system has not the memory.
    pub fn text_of(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let function = self.parsed.class.0;
        let mut tag = function.compute(password, &self.parsed.salt)?;
        if !function.takes(password) {
            tag.fill(BLANK);
        }
        let text = self
            .parsed
            .field
            .as_ref()
            .and_then(|field| field.splice(&self.blank, &tag))
            .expect("a recipe has a field that lies in its text");
        Ok(Zeroizing::new(text.into_bytes()))
    }

    /// What it is, if it may only be wrapped.
    pub const fn weak(&self) -> Option<Weak> {
        match self.parsed.kind {
            Kind::Weak(weak) => Some(weak),
            Kind::Foreign(_) => None,
        }
    }

    /// The format, if it could be verified without a wrap.
    pub const fn format(&self) -> Option<LegacyFormat> {
        match self.parsed.kind {
            Kind::Foreign(format) => Some(format),
            Kind::Weak(_) => None,
        }
    }

    /// What computing the text costs.
    pub const fn class(&self) -> CostClass {
        self.parsed.class
    }
}

/// Printable text without `$`, see [`Recipe`].
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64UrlUnpadded::encode_string(self.blank.as_bytes()))
    }
}

/// The salt is no secret, but nothing needs it in a log.
impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipe(..)")
    }
}
