//! One password credential of Keycloak, as an export of a realm has it.
//!
//! An object with `credentialData` (algorithm and costs) and `secretData` (salt and tag).
//! Each is JSON again in a string, or an object where a tool has unpacked it. The database
//! keeps the two in columns of their own: join them under these names.
//!
//! Absent on purpose: wrapping. These hashes are PBKDF2 or Argon2, and need none.

use base64ct::{Base64Unpadded, Encoding as _};
use serde_json::Value;

use super::Taken;
use super::code::Code;
use super::digest::Digest;
use super::parsed::{Fault, Parsed};
use super::web;

/// Whether a text is an object of JSON, and not an identifier in braces.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start()
        .strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// Reads a credential.
pub(super) fn read(text: &str) -> Result<Taken, Fault> {
    let outer: Value = serde_json::from_str(text).map_err(|_| Fault::Fields)?;
    let credential = object(&outer["credentialData"])?;
    let secret = object(&outer["secretData"])?;
    let rounds = integer(&credential["hashIterations"])?;
    let bytes = |value: &Value| value.as_str().and_then(|text| Code::Base64.decode(text));
    let salt = bytes(&secret["salt"]).ok_or(Fault::Fields)?;
    let tag = bytes(&secret["value"]).ok_or(Fault::Fields)?;
    let digest = match credential["algorithm"].as_str() {
        Some("pbkdf2") => Digest::Sha1,
        Some("pbkdf2-sha256") => Digest::Sha256,
        Some("pbkdf2-sha512") => Digest::Sha512,
        Some("argon2") => return argon2(&credential["additionalParameters"], rounds, &salt, &tag),
        _ => return Err(Fault::Fields),
    };
    let function = web::pbkdf2(digest, rounds, &tag);
    Parsed::new(web::PBKDF2, function, salt, tag).map(Taken::Parsed)
}

/// The PHC string of the same hash. Its costs are checked by whoever reads that.
fn argon2(costs: &Value, passes: u32, salt: &[u8], tag: &[u8]) -> Result<Taken, Fault> {
    let first = |name: &str| match &costs[name] {
        Value::Array(values) => match values.as_slice() {
            [Value::String(value)] => Some(value.as_str()),
            _ => None,
        },
        _ => None,
    };
    let number =
        |name| -> Result<u32, Fault> { super::parsed::number(first(name).ok_or(Fault::Fields)?) };
    let kind = match first("type") {
        Some(kind @ ("id" | "i" | "d")) => kind,
        _ => return Err(Fault::Fields),
    };
    let version = match first("version") {
        Some("1.3") => 19,
        Some("1.0") => 16,
        _ => return Err(Fault::Fields),
    };
    let (memory, lanes) = (number("memory")?, number("parallelism")?);
    let (salt, tag) = (
        Base64Unpadded::encode_string(salt),
        Base64Unpadded::encode_string(tag),
    );
    Ok(Taken::Argon2 {
        phc: format!("$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}${salt}${tag}"),
    })
}

/// An object, or the one that a string holds.
fn object(value: &Value) -> Result<Value, Fault> {
    let value = match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| Fault::Fields)?,
        other => other.clone(),
    };
    value.is_object().then_some(value).ok_or(Fault::Fields)
}

/// A number that is not negative; one too large is the largest.
fn integer(value: &Value) -> Result<u32, Fault> {
    let value = value.as_u64().ok_or(Fault::Fields)?;
    Ok(u32::try_from(value).unwrap_or(u32::MAX))
}
