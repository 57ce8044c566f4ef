//! The record of an account as text: compact JSON, version 1.
//!
//! Moments are whole seconds since 1970. A field that says nothing is left out, so that an
//! ordinary account is its hash, its generation and one moment.
//!
//! serde's own messages quote what they read, which may be a hash: only their place is kept.

use std::borrow::Cow;
use std::time::Duration;

use access::Timestamp;
use password::hash::StoredHash;
use serde::{Deserialize, Serialize};

use super::{Compromise, Credential, CredentialError, Generation, Origin};
use crate::random::{hex, unhex};

const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'t> {
    v: u64,
    #[serde(borrow)]
    hash: Cow<'t, str>,
    #[serde(borrow)]
    generation: Cow<'t, str>,
    since: u64,
    /// Attributed, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<Cow<'t, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compromised: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    changed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    privileged: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<u64>,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What [`write`] makes of an account with a usual hash and no past.
pub(super) const DECOY: &str = r#"{"v":1,"hash":"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","generation":"00112233445566778899aabbccddeeff","since":1700000000}"#;

pub(super) fn write(credential: &Credential) -> String {
    let compromise = credential.compromise;
    let written = Written {
        v: VERSION,
        hash: credential.hash.as_str().into(),
        generation: hex(credential.generation.bytes()).into(),
        since: seconds(credential.since),
        until: match credential.origin {
            Origin::Chosen => None,
            Origin::Attributed { until } => Some(seconds(until)),
        },
        former: credential
            .former
            .iter()
            .map(|hash| hash.as_str().into())
            .collect(),
        compromised: compromise.map(|compromise| seconds(compromise.since)),
        told: compromise
            .and_then(|compromise| compromise.told)
            .map(seconds),
        changed: compromise.is_some_and(|compromise| compromise.changed),
        privileged: credential.privileged,
        contact: credential.contact.map(seconds),
    };
    serde_json::to_string(&written).expect("numbers and texts are JSON")
}

pub(super) fn parse(text: &str) -> Result<Credential, CredentialError> {
    if text.len() > Credential::LONGEST {
        return Err(CredentialError::TooLong);
    }
    let Versioned { v } = read(text)?;
    if v != VERSION {
        return Err(CredentialError::Version(v));
    }
    let written: Written<'_> = read(text)?;
    if written.former.len() > Credential::MOST_FORMER {
        return Err(CredentialError::History);
    }
    let compromise = match (written.compromised, written.told, written.changed) {
        (Some(since), told, changed) => Some(Compromise {
            since: moment(since),
            told: told.map(moment),
            changed,
        }),
        (None, None, false) => None,
        // Told of nothing.
        (None, ..) => return Err(malformed(text.len())),
    };
    Ok(Credential {
        hash: StoredHash::parse(&written.hash)?,
        generation: unhex(&written.generation)
            .map(Generation::new)
            .ok_or_else(|| malformed(text.len()))?,
        since: moment(written.since),
        origin: match written.until {
            None => Origin::Chosen,
            Some(until) => Origin::Attributed {
                until: moment(until),
            },
        },
        former: written.former.into_iter().map(Cow::into_owned).collect(),
        compromise,
        privileged: written.privileged,
        contact: written.contact.map(moment),
    })
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, CredentialError> {
    serde_json::from_str(text).map_err(|error| malformed(error.column()))
}

const fn malformed(near: usize) -> CredentialError {
    CredentialError::Malformed { near }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(moment: Timestamp) -> u64 {
    moment.since(Timestamp::default()).as_secs()
}

/// The moment of whole seconds since 1970.
pub(crate) const fn moment(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_decoy_reads_like_any_record() {
        let decoy = Credential::parse(DECOY).expect("a record");
        assert_eq!(decoy.record().as_str(), DECOY);
    }

    const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const GENERATION: &str = "000102030405060708090a0b0c0d0e0f";

    fn plain() -> String {
        format!(r#"{{"v":1,"hash":"{HASH}","generation":"{GENERATION}","since":1700000000}}"#)
    }

    /// The same record with something more in it.
    fn with(more: &str) -> String {
        format!("{},{more}}}", &plain()[..plain().len() - 1])
    }

    #[test]
    fn an_ordinary_account_is_three_fields() {
        let credential = parse(&plain()).expect("a record");
        assert_eq!(write(&credential), plain());
        assert_eq!(credential.origin, Origin::Chosen);
        assert_eq!(credential.record().untold(), None);
    }

    #[test]
    fn what_is_not_exactly_ours_is_refused() {
        use CredentialError as E;
        for (text, error) in [
            (String::new(), E::Malformed { near: 0 }),
            ("null".into(), E::Malformed { near: 4 }),
            (HASH.into(), E::Malformed { near: 1 }),
            (plain().replace("\"v\":1", "\"v\":2"), E::Version(2)),
            // A later version may have any other field.
            (r#"{"v":7,"other":[]}"#.into(), E::Version(7)),
            (r#"{"v":-1}"#.into(), E::Malformed { near: 7 }),
            (with(r#""extra":1"#), E::Malformed { near: 193 }),
            (with(r#""since":1"#), E::Malformed { near: 193 }),
            (with(r#""told":1"#), E::Malformed { near: 194 }),
            (with(r#""changed":true"#), E::Malformed { near: 200 }),
            (plain() + "x", E::Malformed { near: 185 }),
            (
                plain().replace(GENERATION, "00"),
                E::Malformed { near: 154 },
            ),
            (
                with(&format!(
                    r#""former":[{}]"#,
                    vec![format!("\"{HASH}\""); 25].join(",")
                )),
                E::History,
            ),
            (" ".repeat(Credential::LONGEST + 1), E::TooLong),
        ] {
            let found = parse(&text).expect_err(&text);
            match (found, error) {
                // The place is a help; that there is one is what counts.
                (E::Malformed { near }, E::Malformed { .. }) => assert!(near <= text.len()),
                (found, error) => assert_eq!(found, error, "{text}"),
            }
        }
        let broken = plain().replace("$m=19456", "$m=4294967295");
        assert!(matches!(parse(&broken), Err(E::Hash(_))));
    }

    #[test]
    fn errors_and_debug_never_quote_the_record() {
        // serde would say: invalid type: string "$argon2id…", expected u64.
        let text = plain().replace("1700000000", &format!("\"{HASH}\""));
        let error = parse(&text).expect_err("a text is no number");
        let said = format!("{error} {error:?}");
        assert!(!said.contains("argon2"), "{said}");
        let said = format!("{:?}", parse(&plain()).expect("a record"));
        assert!(!said.contains("argon2") && !said.contains("0102"), "{said}");
    }

    /// Seconds since 1970, to the year 2250.
    fn moments() -> impl Strategy<Value = u64> {
        0..8_835_900_000_u64
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,300}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read_back(
            since in moments(),
            until in option::of(moments()),
            former in 0_usize..=24,
            compromised in option::of((moments(), option::of(moments()), any::<bool>())),
            privileged in any::<bool>(),
            contact in option::of(moments()),
        ) {
            let hash = StoredHash::parse(HASH).expect("a hash");
            let credential = Credential {
                former: vec![HASH.to_owned(); former],
                hash,
                generation: Generation::new([7; 16]),
                since: moment(since),
                origin: until.map_or(Origin::Chosen, |until| Origin::Attributed {
                    until: moment(until),
                }),
                compromise: compromised.map(|(since, told, changed)| Compromise {
                    since: moment(since),
                    told: told.map(moment),
                    changed,
                }),
                privileged,
                contact: contact.map(moment),
            };
            let record = credential.record();
            prop_assert!(record.as_str().len() <= Credential::LONGEST);
            prop_assert_eq!(
                record.untold().is_some(),
                compromised.is_some_and(|(_, told, _)| told.is_none())
            );
            let read = parse(record.as_str()).expect("what was written");
            prop_assert_eq!(read.record(), record);
        }
    }
}
