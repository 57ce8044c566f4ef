//! Texts of web frameworks: Django, Werkzeug, passlib, and the PHC's form of scrypt and
//! PBKDF2; and bare hexadecimal digests.

use policy::hash::LegacyFormat;

use super::class::{Before, Function, Order};
use super::code::{self, Code};
use super::digest::Digest;
use super::error::{ForeignError, Kind, Notation, Unsupported};
use super::parsed::{Fault, Parsed, number, power, short};
use super::weak::Weak;
use super::{Taken, crypt};

/// Reads a text that holds `$` and does not begin with it.
pub(super) fn read(text: &str) -> Result<Taken, ForeignError> {
    let (id, rest) = text.split_once('$').ok_or(ForeignError::Unknown)?;
    let (notation, parsed) = match id {
        "argon2" => {
            let phc = &text["argon2".len()..];
            return if phc.starts_with("$argon2") {
                Ok(Taken::Argon2 {
                    phc: phc.to_owned(),
                })
            } else {
                Err(ForeignError::Malformed(Notation::DjangoArgon2))
            };
        }
        "pbkdf2_sha256" => (Notation::DjangoPbkdf2, django_pbkdf2(rest, Digest::Sha256)),
        "pbkdf2_sha1" => (Notation::DjangoPbkdf2, django_pbkdf2(rest, Digest::Sha1)),
        "scrypt" => (Notation::DjangoScrypt, django_scrypt(rest)),
        "bcrypt" => (Notation::DjangoBcrypt, crypt::bcrypt(rest, Before::Nothing)),
        "bcrypt_sha256" => (
            Notation::DjangoBcrypt,
            crypt::bcrypt(rest, Before::Sha256Hex),
        ),
        "md5" => (
            Notation::DjangoDigest,
            django_digest(rest, Digest::Md5, Weak::DjangoMd5),
        ),
        "sha1" => (
            Notation::DjangoDigest,
            django_digest(rest, Digest::Sha1, Weak::DjangoSha1),
        ),
        "plain" => return Err(ForeignError::Plaintext),
        _ if id.starts_with("pbkdf2:") => (Notation::WerkzeugPbkdf2, werkzeug_pbkdf2(id, rest)),
        _ if id.starts_with("scrypt:") => (Notation::WerkzeugScrypt, werkzeug_scrypt(id, rest)),
        _ => return Err(ForeignError::Unknown),
    };
    let before = text.len() - rest.len();
    parsed
        .map(|parsed| parsed.after(before))
        .and_then(|parsed| parsed.check(text))
        .map(Taken::Parsed)
        .map_err(|fault| fault.of(notation))
}

/// Reads a text without `$` or `{`: bare hexadecimal, or the oldest of `crypt(3)`.
pub(super) fn bare(text: &str) -> Result<Taken, ForeignError> {
    let crypt = |text: &str| text.bytes().all(|sign| code::crypt_value(sign).is_some());
    match text.len() {
        13 if crypt(text) => return Err(ForeignError::Unsupported(Unsupported::DesCrypt)),
        20 if text.starts_with('_') && crypt(&text[1..]) => {
            return Err(ForeignError::Unsupported(Unsupported::OtherCrypt));
        }
        _ => {}
    }
    let hex = || -> Option<Parsed> {
        let code = hex_code(text)?;
        let tag = code.decode(text)?;
        let digest = Digest::of_length(tag.len())?;
        let weak = match digest {
            Digest::Md5 => Weak::Md5Hex,
            Digest::Sha1 => Weak::Sha1Hex,
            Digest::Sha256 => Weak::Sha256Hex,
            Digest::Sha384 => Weak::Sha384Hex,
            Digest::Sha512 => Weak::Sha512Hex,
        };
        let function = Function::Once {
            digest,
            order: Order::SaltLast,
        };
        let parsed = Parsed::new(Kind::Weak(weak), function, Vec::new(), tag).ok()?;
        parsed.written(0..text.len(), code).check(text).ok()
    };
    hex().map(Taken::Parsed).ok_or(ForeignError::Unknown)
}

/// The code of hexadecimal text, by its first letter; digits alone are lower case.
pub(super) fn hex_code(text: &str) -> Option<Code> {
    let letter = text.bytes().find(|sign| !sign.is_ascii_digit());
    match letter {
        None | Some(b'a'..=b'f') => Some(Code::HexLower),
        Some(b'A'..=b'F') => Some(Code::HexUpper),
        Some(_) => None,
    }
}

/// `N$SALT$BASE64`.
fn django_pbkdf2(rest: &str, digest: Digest) -> Result<Parsed, Fault> {
    let [rounds, salt, written] = fields(rest)?;
    let tag = Code::Base64
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = pbkdf2(digest, number(rounds)?, &tag);
    Ok(
        Parsed::new(PBKDF2, function, salt.as_bytes().to_vec(), tag)?
            .written(last(rest, written), Code::Base64),
    )
}

/// `N$SALT$r$p$BASE64`.
fn django_scrypt(rest: &str) -> Result<Parsed, Fault> {
    let [n, salt, r, p, written] = fields(rest)?;
    let tag = Code::Base64.decode(written).ok_or(Fault::Fields)?;
    let function = scrypt(power(number(n)?)?, number(r)?, number(p)?, &tag);
    Ok(
        Parsed::new(SCRYPT, function, salt.as_bytes().to_vec(), tag)?
            .written(last(rest, written), Code::Base64),
    )
}

/// `SALT$HEX`.
fn django_digest(rest: &str, digest: Digest, weak: Weak) -> Result<Parsed, Fault> {
    let [salt, written] = fields(rest)?;
    let code = Code::HexLower;
    let tag = code
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = Function::Once {
        digest,
        order: Order::SaltFirst,
    };
    Ok(
        Parsed::new(Kind::Weak(weak), function, salt.as_bytes().to_vec(), tag)?
            .written(last(rest, written), code),
    )
}

/// `pbkdf2:DIGEST:N` and `SALT$HEX`.
fn werkzeug_pbkdf2(id: &str, rest: &str) -> Result<Parsed, Fault> {
    let mut method = id.split(':').skip(1);
    let digest = match method.next() {
        Some("sha1") => Digest::Sha1,
        Some("sha256") => Digest::Sha256,
        Some("sha512") => Digest::Sha512,
        _ => return Err(Fault::Fields),
    };
    // Without rounds, old versions meant a number that changed from one to the next.
    let (Some(rounds), None) = (method.next(), method.next()) else {
        return Err(Fault::Fields);
    };
    let [salt, written] = fields(rest)?;
    let tag = Code::HexLower
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = pbkdf2(digest, number(rounds)?, &tag);
    Ok(
        Parsed::new(PBKDF2, function, salt.as_bytes().to_vec(), tag)?
            .written(last(rest, written), Code::HexLower),
    )
}

/// `scrypt:N:r:p` and `SALT$HEX`.
fn werkzeug_scrypt(id: &str, rest: &str) -> Result<Parsed, Fault> {
    let method: Vec<&str> = id.split(':').skip(1).collect();
    let &[n, r, p] = method.as_slice() else {
        return Err(Fault::Fields);
    };
    let [salt, written] = fields(rest)?;
    let tag = Code::HexLower.decode(written).ok_or(Fault::Fields)?;
    let function = scrypt(power(number(n)?)?, number(r)?, number(p)?, &tag);
    Ok(
        Parsed::new(SCRYPT, function, salt.as_bytes().to_vec(), tag)?
            .written(last(rest, written), Code::HexLower),
    )
}

/// `$scrypt$ln=…,r=…,p=…$SALT$TAG`, in base64 without padding.
pub(super) fn phc_scrypt(text: &str) -> Result<Parsed, Fault> {
    let rest = text.strip_prefix("$scrypt$").ok_or(Fault::Fields)?;
    let [costs, salt, written] = fields(rest)?;
    let costs: Vec<&str> = costs.split(',').collect();
    let &[ln, r, p] = costs.as_slice() else {
        return Err(Fault::Fields);
    };
    let value = |field: &str, name| number(field.strip_prefix(name).ok_or(Fault::Fields)?);
    let log_n = u8::try_from(value(ln, "ln=")?).map_err(|_| Fault::Cost)?;
    let code = Code::Unpadded;
    let salt = code.decode(salt).ok_or(Fault::Fields)?;
    let tag = code.decode(written).ok_or(Fault::Fields)?;
    let function = scrypt(log_n, value(r, "r=")?, value(p, "p=")?, &tag);
    Ok(Parsed::new(SCRYPT, function, salt, tag)?.written(last(text, written), code))
}

/// `$pbkdf2-sha256$…`: passlib writes the rounds alone and its own base64, the PHC's form
/// writes `i=` before them, perhaps `l=`, and the usual base64.
pub(super) fn dollar_pbkdf2(text: &str, id: &str) -> Result<Taken, ForeignError> {
    let digest = match id {
        "pbkdf2" | "pbkdf2-sha1" => Digest::Sha1,
        "pbkdf2-sha256" => Digest::Sha256,
        _ => Digest::Sha512,
    };
    let rest = &text[id.len() + 1..];
    let (notation, code) = if rest.starts_with("$i=") {
        (Notation::PhcPbkdf2, Code::Unpadded)
    } else {
        (Notation::PasslibPbkdf2, Code::Passlib)
    };
    let read = || {
        let [_, costs, salt, written] = fields(rest)?;
        let salt = code.decode(salt).ok_or(Fault::Fields)?;
        let tag = code.decode(written).ok_or(Fault::Fields)?;
        let (rounds, length) = match costs.strip_prefix("i=") {
            Some(costs) => match costs.split_once(",l=") {
                Some((rounds, length)) => (rounds, usize::try_from(number(length)?).ok()),
                None => (costs, Some(tag.len())),
            },
            None => (costs, Some(digest.bytes())),
        };
        if length != Some(tag.len()) {
            return Err(Fault::Fields);
        }
        let function = pbkdf2(digest, number(rounds)?, &tag);
        Parsed::new(PBKDF2, function, salt, tag)?
            .written(last(text, written), code)
            .check(text)
    };
    read()
        .map(Taken::Parsed)
        .map_err(|fault: Fault| fault.of(notation))
}

pub(super) const PBKDF2: Kind = Kind::Foreign(LegacyFormat::Pbkdf2);
pub(super) const SCRYPT: Kind = Kind::Foreign(LegacyFormat::Scrypt);

pub(super) fn pbkdf2(digest: Digest, rounds: u32, tag: &[u8]) -> Function {
    Function::Pbkdf2 {
        digest,
        rounds,
        tag: short(tag.len()),
    }
}

pub(super) fn scrypt(log_n: u8, r: u32, p: u32, tag: &[u8]) -> Function {
    Function::Scrypt {
        log_n,
        r,
        p,
        tag: short(tag.len()),
    }
}

/// As many fields as asked, no more and no less.
pub(super) fn fields<const N: usize>(text: &str) -> Result<[&str; N], Fault> {
    let fields: Vec<&str> = text.split('$').collect();
    fields.try_into().map_err(|_| Fault::Fields)
}

/// Where the last field of a text lies.
pub(super) fn last(text: &str, field: &str) -> std::ops::Range<usize> {
    text.len() - field.len()..text.len()
}
