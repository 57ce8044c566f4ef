//! Texts that begin with an identifier in braces: Spring Security's and LDAP's.
//!
//! LDAP compares the identifiers without case (RFC 2307, 5.3 and what OpenLDAP makes of it).
//! Spring's are exact, and a few differ from LDAP's by their case or by what follows.

use policy::hash::LegacyFormat;

use super::class::{Function, Order};
use super::code::{self, Code};
use super::digest::Digest;
use super::error::{ForeignError, Kind, Notation, Unsupported};
use super::parsed::{Fault, Parsed, number};
use super::weak::Weak;
use super::{Taken, crypt, web};

/// Identifiers that carry a text of `crypt(3)`, or one in its image: Spring's `{bcrypt}`,
/// LDAP's `{CRYPT}` and `{ARGON2}`, and Dovecot's.
const CARRIERS: &[&str] = &[
    "bcrypt",
    "argon2",
    "argon2@springsecurity_v5_8",
    "crypt",
    "argon2i",
    "argon2id",
    "blf-crypt",
    "sha256-crypt",
    "sha512-crypt",
    "md5-crypt",
    "des-crypt",
];

/// Reads a text that begins with `{`.
pub(super) fn read(text: &str) -> Result<Taken, ForeignError> {
    let end = text.find('}').ok_or(ForeignError::Unknown)?;
    let (id, rest) = (&text[1..end], &text[end + 1..]);
    let before = end + 1;
    let lower = id.to_ascii_lowercase();
    if CARRIERS.contains(&lower.as_str()) {
        // DES, and the long form in which it takes eight characters after eight.
        let is_des = rest.len() >= 13 && rest.bytes().all(|sign| code::crypt_value(sign).is_some());
        if is_des {
            return Err(ForeignError::Unsupported(Unsupported::DesCrypt));
        }
        if !rest.starts_with('$') {
            return Err(ForeignError::Unknown);
        }
        return crypt::read(rest).map(|taken| match taken {
            Taken::Parsed(parsed) => Taken::Parsed(parsed.after(before)),
            argon2 @ Taken::Argon2 { .. } => argon2,
        });
    }
    let (notation, parsed) = match lower.as_str() {
        // Spring puts its identifier before LDAP's.
        "ldap" if rest.starts_with('{') => return nested(rest, before),
        "noop" | "plain" | "cleartext" => return Err(ForeignError::Plaintext),
        "pbkdf2" if id == "pbkdf2" => (Notation::SpringPbkdf2, spring_pbkdf2(rest, SPRING_OLD)),
        "pbkdf2@springsecurity_v5_8" => (Notation::SpringPbkdf2, spring_pbkdf2(rest, SPRING_5_8)),
        "scrypt" | "scrypt@springsecurity_v5_8" => (Notation::SpringScrypt, spring_scrypt(rest)),
        "md5" if !is_ldap(rest, Digest::Md5) => {
            (Notation::SpringDigest, spring_digest(rest, Digest::Md5))
        }
        "sha-1" => (Notation::SpringDigest, spring_digest(rest, Digest::Sha1)),
        "sha-256" => (Notation::SpringDigest, spring_digest(rest, Digest::Sha256)),
        "md5" => (Notation::Ldap, ldap(rest, Digest::Md5, Salted::No)),
        "sha" => (Notation::Ldap, ldap(rest, Digest::Sha1, Salted::No)),
        // Spring's `{sha256}` is an older function of its own, in hexadecimal.
        "sha256" if id == "sha256" && !is_ldap(rest, Digest::Sha256) => {
            return Err(ForeignError::Unsupported(Unsupported::Braces));
        }
        "sha256" => (Notation::Ldap, ldap(rest, Digest::Sha256, Salted::No)),
        "sha384" => (Notation::Ldap, ldap(rest, Digest::Sha384, Salted::No)),
        "sha512" => (Notation::Ldap, ldap(rest, Digest::Sha512, Salted::No)),
        "smd5" => (Notation::Ldap, ldap(rest, Digest::Md5, Salted::Yes)),
        "ssha" => (Notation::Ldap, ldap(rest, Digest::Sha1, Salted::Yes)),
        "ssha256" => (Notation::Ldap, ldap(rest, Digest::Sha256, Salted::Yes)),
        "ssha384" => (Notation::Ldap, ldap(rest, Digest::Sha384, Salted::Yes)),
        "ssha512" => (Notation::Ldap, ldap(rest, Digest::Sha512, Salted::Yes)),
        "pbkdf2" | "pbkdf2-sha1" => (Notation::LdapPbkdf2, ldap_pbkdf2(rest, Digest::Sha1)),
        "pbkdf2-sha256" => (Notation::LdapPbkdf2, ldap_pbkdf2(rest, Digest::Sha256)),
        "pbkdf2-sha512" => (Notation::LdapPbkdf2, ldap_pbkdf2(rest, Digest::Sha512)),
        _ => return Err(ForeignError::Unsupported(Unsupported::Braces)),
    };
    parsed
        .map(|parsed| parsed.after(before))
        .and_then(|parsed| parsed.check(text))
        .map(Taken::Parsed)
        .map_err(|fault| fault.of(notation))
}

/// `{ldap}{SSHA}…`: once, never deeper.
fn nested(rest: &str, before: usize) -> Result<Taken, ForeignError> {
    if rest.to_ascii_lowercase().starts_with("{ldap}") {
        return Err(ForeignError::Malformed(Notation::Ldap));
    }
    match read(rest)? {
        Taken::Parsed(parsed) => Ok(Taken::Parsed(parsed.after(before))),
        argon2 @ Taken::Argon2 { .. } => Ok(argon2),
    }
}

/// What an identifier of Spring's PBKDF2 stands for: digest, rounds, bytes of salt. The tag
/// has 256 bits in both.
type SpringPbkdf2 = (Digest, u32, usize);
const SPRING_OLD: SpringPbkdf2 = (Digest::Sha1, 185_000, 8);
const SPRING_5_8: SpringPbkdf2 = (Digest::Sha256, 310_000, 16);
const SPRING_TAG: usize = 32;

/// Hexadecimal of salt and tag together.
fn spring_pbkdf2(rest: &str, (digest, rounds, salt): SpringPbkdf2) -> Result<Parsed, Fault> {
    let code = Code::HexLower;
    let mut lead = code
        .decode(rest)
        .filter(|bytes| bytes.len() == salt + SPRING_TAG)
        .ok_or(Fault::Fields)?;
    let tag = lead.split_off(salt);
    let function = web::pbkdf2(digest, rounds, &tag);
    Ok(
        Parsed::new(web::PBKDF2, function, lead.clone(), tag)?.written_with(
            0..rest.len(),
            code,
            lead,
            Vec::new(),
        ),
    )
}

/// `$COSTS$SALT$TAG`, where the costs are one hexadecimal number: log N, r and p, of 16, 8
/// and 8 bits.
fn spring_scrypt(rest: &str) -> Result<Parsed, Fault> {
    let ["", costs, salt, written] = web::fields(rest)? else {
        return Err(Fault::Fields);
    };
    let plain = |sign: u8| matches!(sign, b'0'..=b'9' | b'a'..=b'f');
    if costs.is_empty() || costs.starts_with('0') || !costs.bytes().all(plain) {
        return Err(Fault::Fields);
    }
    let costs = u32::from_str_radix(costs, 16).map_err(|_| Fault::Cost)?;
    let log_n = u8::try_from(costs >> 16).map_err(|_| Fault::Cost)?;
    let (r, p) = (costs >> 8 & 0xff, costs & 0xff);
    let salt = Code::Base64.decode(salt).ok_or(Fault::Fields)?;
    let tag = Code::Base64.decode(written).ok_or(Fault::Fields)?;
    let function = web::scrypt(log_n, r, p, &tag);
    Ok(Parsed::new(web::SCRYPT, function, salt, tag)?
        .written(web::last(rest, written), Code::Base64))
}

/// `HEX` or `{SALT}HEX`: the digest of the password, then of the salt with its braces.
fn spring_digest(rest: &str, digest: Digest) -> Result<Parsed, Fault> {
    let end = match rest.strip_prefix('{') {
        Some(after) => after.find('}').ok_or(Fault::Fields)? + 2,
        None => 0,
    };
    let (salt, written) = rest.split_at(end);
    let code = web::hex_code(written).ok_or(Fault::Fields)?;
    let tag = code
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = Function::Once {
        digest,
        order: Order::SaltLast,
    };
    let kind = Kind::Weak(Weak::SpringDigest);
    Ok(Parsed::new(kind, function, salt.as_bytes().to_vec(), tag)?
        .written(web::last(rest, written), code))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Salted {
    Yes,
    No,
}

/// Base64 of the digest, then of the salt if there is one.
fn ldap(rest: &str, digest: Digest, salted: Salted) -> Result<Parsed, Fault> {
    let mut tag = Code::Base64
        .decode(rest)
        .filter(|bytes| bytes.len() >= digest.bytes())
        .ok_or(Fault::Fields)?;
    let salt = tag.split_off(digest.bytes());
    // A salted one without salt was cut, and one that should have none holds something else.
    if salt.is_empty() == (salted == Salted::Yes) {
        return Err(Fault::Fields);
    }
    let kind = match (salted, digest) {
        (Salted::No, _) => Kind::Weak(Weak::LdapDigest),
        (Salted::Yes, Digest::Md5) => Kind::Weak(Weak::LdapSmd5),
        (Salted::Yes, _) => Kind::Foreign(LegacyFormat::LdapSsha),
    };
    let function = Function::Once {
        digest,
        order: Order::SaltLast,
    };
    Ok(
        Parsed::new(kind, function, salt.clone(), tag)?.written_with(
            0..rest.len(),
            Code::Base64,
            Vec::new(),
            salt,
        ),
    )
}

fn is_ldap(rest: &str, digest: Digest) -> bool {
    ldap(rest, digest, Salted::No).is_ok()
}

/// `N$SALT$TAG` in passlib's base64, as the module `pw-pbkdf2` of OpenLDAP writes it.
fn ldap_pbkdf2(rest: &str, digest: Digest) -> Result<Parsed, Fault> {
    let [rounds, salt, written] = web::fields(rest)?;
    let code = Code::Passlib;
    let salt = code.decode(salt).ok_or(Fault::Fields)?;
    let tag = code
        .decode(written)
        .filter(|tag| tag.len() == digest.bytes())
        .ok_or(Fault::Fields)?;
    let function = web::pbkdf2(digest, number(rounds)?, &tag);
    Ok(Parsed::new(web::PBKDF2, function, salt, tag)?.written(web::last(rest, written), code))
}
