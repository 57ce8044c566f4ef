//! Texts that begin with `$`: those of `crypt(3)`, and those made in their image.
//!
//! `$ID$…`, as the manual crypt(5) of libxcrypt lists them; `$P$` and `$H$` of phpass, `$wp$`
//! of WordPress; `$scrypt$` and `$pbkdf2-…$` of passlib and the PHC.

use policy::hash::LegacyFormat;

use super::class::{Before, Function};
use super::code::{self, Code};
use super::digest::Digest;
use super::error::{ForeignError, Kind, Notation, Unsupported};
use super::parsed::{Fault, Parsed, number, short};
use super::weak::Weak;
use super::{Taken, web};

/// Signs of a salt of `$5$` and `$6$`; `$1$` takes half of it.
const SHA_CRYPT_SALT: usize = 16;
/// Rounds where the text names none.
const SHA_CRYPT_ROUNDS: u32 = 5_000;
/// Signs of a salt of `$y$`: 64 bytes.
const YESCRYPT_SALT: usize = 86;

const OTHER: ForeignError = ForeignError::Unsupported(Unsupported::OtherCrypt);

/// Reads a text that begins with `$`.
pub(super) fn read(text: &str) -> Result<Taken, ForeignError> {
    let id = text.split('$').nth(1).unwrap_or_default();
    let (notation, parsed) = match id {
        "argon2id" | "argon2i" | "argon2d" => {
            return Ok(Taken::Argon2 {
                phc: text.to_owned(),
            });
        }
        "2a" | "2b" | "2y" => (Notation::Bcrypt, bcrypt(text, Before::Nothing)),
        "wp" => (
            Notation::WordPress,
            text.strip_prefix("$wp")
                .filter(|rest| rest.starts_with("$2y$"))
                .ok_or(Fault::Fields)
                .and_then(|rest| bcrypt(rest, Before::WordPress))
                .map(|parsed| parsed.after("$wp".len())),
        ),
        "5" => (Notation::ShaCrypt, sha_crypt(text, Digest::Sha256)),
        "6" => (Notation::ShaCrypt, sha_crypt(text, Digest::Sha512)),
        "y" => return yescrypt(text),
        "P" | "H" => (Notation::Phpass, phpass(text)),
        "1" => (Notation::Md5Crypt, md5_crypt(text, "$1$")),
        "apr1" => (Notation::Md5Crypt, md5_crypt(text, "$apr1$")),
        "scrypt" => (Notation::PhcScrypt, web::phc_scrypt(text)),
        "pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
            return web::dollar_pbkdf2(text, id);
        }
        "2x" => return Err(ForeignError::Unsupported(Unsupported::Bcrypt2x)),
        "7" => return Err(ForeignError::Unsupported(Unsupported::Scrypt7)),
        "gy" => return Err(ForeignError::Unsupported(Unsupported::GostYescrypt)),
        "S" => return Err(ForeignError::Unsupported(Unsupported::Drupal)),
        // Sun's MD5 writes its rounds after a comma.
        "md5" | "sha1" | "3" => return Err(OTHER),
        _ if id.starts_with("md5,") => return Err(OTHER),
        _ => return Err(ForeignError::Unknown),
    };
    parsed
        .and_then(|parsed| parsed.check(text))
        .map(Taken::Parsed)
        .map_err(|fault| fault.of(notation))
}

/// `$2y$NN$`, 22 signs of salt and 31 of digest.
pub(super) fn bcrypt(text: &str, before: Before) -> Result<Parsed, Fault> {
    let known = ["$2a$", "$2b$", "$2y$"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    let digits = text.get(4..6).ok_or(Fault::Fields)?;
    if !known || text.len() != 60 || !text.is_ascii() || text.as_bytes()[6] != b'$' {
        return Err(Fault::Fields);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Fields);
    }
    let cost = digits.parse().map_err(|_| Fault::Fields)?;
    let salt = code::bcrypt_salt(&text[7..29]).ok_or(Fault::Fields)?;
    let tag = Code::Bcrypt.decode(&text[29..]).ok_or(Fault::Fields)?;
    let function = Function::Bcrypt { cost, before };
    let kind = Kind::Foreign(LegacyFormat::Bcrypt);
    Ok(Parsed::new(kind, function, salt, tag)?.written(29..60, Code::Bcrypt))
}

/// `$6$SALT$DIGEST` or `$6$rounds=N$SALT$DIGEST`.
fn sha_crypt(text: &str, digest: Digest) -> Result<Parsed, Fault> {
    let mut fields: Vec<&str> = text.split('$').skip(2).collect();
    let mut rounds = SHA_CRYPT_ROUNDS;
    if let Some(stated) = fields
        .first()
        .and_then(|field| field.strip_prefix("rounds="))
    {
        rounds = number(stated)?;
        fields.remove(0);
    }
    let [salt, written] = fields.as_slice() else {
        return Err(Fault::Fields);
    };
    if !(1..=SHA_CRYPT_SALT).contains(&salt.len()) {
        return Err(Fault::Fields);
    }
    let code = if digest == Digest::Sha256 {
        Code::CryptSha256
    } else {
        Code::CryptSha512
    };
    let tag = code
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = Function::ShaCrypt {
        digest,
        rounds,
        salt: short(salt.len()),
    };
    let kind = Kind::Foreign(LegacyFormat::ShaCrypt);
    let place = text.len() - written.len()..text.len();
    Ok(Parsed::new(kind, function, salt.as_bytes().to_vec(), tag)?.written(place, code))
}

/// `$y$SETTINGS$SALT$DIGEST`. The settings of `crypt(3)` are three signs: its one flavour
/// (`j`), the exponent of N less one, and the block size less one.
fn yescrypt(text: &str) -> Result<Taken, ForeignError> {
    let fields: Vec<&str> = text.split('$').skip(2).collect();
    let read = || -> Result<Option<Parsed>, Fault> {
        let &[settings, salt, written] = fields.as_slice() else {
            return Err(Fault::Fields);
        };
        let &[b'j', log_n, r] = settings.as_bytes() else {
            return Ok(None);
        };
        // A sign from the 48th on begins a longer number, which would be over every cap.
        let value = |sign| match code::crypt_value(sign) {
            Some(value @ 0..48) => Ok(value + 1),
            Some(_) => Err(Fault::Cost),
            None => Err(Fault::Fields),
        };
        let (log_n, r) = (value(log_n)?, value(r)?);
        if salt.len() > YESCRYPT_SALT {
            return Err(Fault::Fields);
        }
        let salt = Code::Crypt.decode(salt).ok_or(Fault::Fields)?;
        let tag = Code::Crypt
            .decode(written)
            .filter(|tag| tag.len() == 32)
            .ok_or(Fault::Fields)?;
        let kind = Kind::Foreign(LegacyFormat::Yescrypt);
        let parsed = Parsed::new(kind, Function::Yescrypt { log_n, r }, salt, tag)?;
        let place = text.len() - written.len()..text.len();
        parsed.written(place, Code::Crypt).check(text).map(Some)
    };
    match read() {
        Ok(Some(parsed)) => Ok(Taken::Parsed(parsed)),
        Ok(None) => Err(ForeignError::Unsupported(Unsupported::YescryptFlavour)),
        Err(fault) => Err(fault.of(Notation::Yescrypt)),
    }
}

/// `$P$`, one sign of costs, 8 of salt, 22 of digest.
fn phpass(text: &str) -> Result<Parsed, Fault> {
    if text.len() != 34 || !text.is_ascii() {
        return Err(Fault::Fields);
    }
    let log_rounds = code::crypt_value(text.as_bytes()[3]).ok_or(Fault::Fields)?;
    let salt = text.as_bytes()[4..12].to_vec();
    let tag = Code::Crypt.decode(&text[12..]).ok_or(Fault::Fields)?;
    let kind = Kind::Foreign(LegacyFormat::Phpass);
    Ok(Parsed::new(kind, Function::Phpass { log_rounds }, salt, tag)?.written(12..34, Code::Crypt))
}

/// `$1$SALT$DIGEST`.
fn md5_crypt(text: &str, magic: &str) -> Result<Parsed, Fault> {
    let rest = text.strip_prefix(magic).ok_or(Fault::Fields)?;
    let (salt, written) = rest.split_once('$').ok_or(Fault::Fields)?;
    if salt.len() > SHA_CRYPT_SALT / 2 {
        return Err(Fault::Fields);
    }
    let tag = Code::CryptMd5
        .decode(written)
        .filter(|tag| tag.len() == 16)
        .ok_or(Fault::Fields)?;
    let apache = magic == "$apr1$";
    let function = Function::Md5Crypt {
        apache,
        salt: short(salt.len()),
    };
    let kind = Kind::Weak(if apache { Weak::Apr1 } else { Weak::Md5Crypt });
    let place = text.len() - written.len()..text.len();
    Ok(Parsed::new(kind, function, salt.as_bytes().to_vec(), tag)?.written(place, Code::CryptMd5))
}
