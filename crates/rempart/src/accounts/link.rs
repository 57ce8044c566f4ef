//! Links: secrets that work once, kept as hashes and bound to what they were made for.
//!
//! Clause: [`policy::clause::CNIL_RESET_LINK`] (single use, at most 24 hours, the newer
//! cancels the older). The secret is 256 random bits, so a plain SHA-256 of it is kept: no
//! list of such secrets can be tried.
//!
//! A link holds the generation of the password and the moment of the last change of contact:
//! any other password and any other address end it, by the same compare-and-set that makes
//! them.

use std::fmt;
use std::time::Duration;

use access::Timestamp;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::{Accounts, within};
use crate::account::Account;
use crate::credential::text::{moment, seconds};
use crate::credential::{Credential, CredentialError, Generation};
use crate::error::FlowError;
use crate::random::{NoRandomness, hex, unhex};
use crate::store::{Digest, Purpose, Slot, Token};

/// The secret of a link, to be put in a message and nowhere else. Wiped when dropped.
pub struct LinkToken(Zeroizing<String>);

/// What a link is bound to.
#[derive(Clone)]
pub(super) enum To {
    /// This password of the account, and this contact.
    Password {
        generation: Generation,
        contact: Option<Timestamp>,
    },
    /// An account still to be opened with this hash.
    Hash(String),
}

/// A link that was followed and is good as far as it says itself.
pub(super) struct Followed {
    pub(super) account: Account,
    pub(super) bound: To,
    pub(super) digest: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

impl LinkToken {
    fn draw() -> Result<Self, NoRandomness> {
        let secret = Zeroizing::new(crate::random::bytes::<32>()?);
        Ok(Self(Zeroizing::new(Base64UrlUnpadded::encode_string(
            secret.as_ref(),
        ))))
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::draw().expect("randomness")
    }

    /// The text for the link: 43 letters, digits, `-` and `_`. Whoever reads it has the
    /// account: no log, and `Referrer-Policy: same-origin` on the page behind the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the secret of a link is found by; `None` for a text that is no secret.
    pub(super) fn digest(text: &str) -> Option<Digest> {
        let mut secret = Zeroizing::new([0; 32]);
        let decoded = Base64UrlUnpadded::decode(text, secret.as_mut()).ok()?;
        (decoded.len() == 32).then(|| Digest::new(sha2::Sha256::digest(decoded).into()))
    }
}

impl To {
    pub(super) fn of(credential: &Credential) -> Self {
        Self::Password {
            generation: credential.generation,
            contact: credential.contact,
        }
    }

    /// Whether the account is still as it was when the link was made.
    pub(super) fn is(&self, credential: &Credential) -> bool {
        match self {
            Self::Password {
                generation,
                contact,
            } => {
                *generation == credential.generation
                    && contact.map(seconds) == credential.contact.map(seconds)
            }
            Self::Hash(_) => false,
        }
    }
}

impl Accounts {
    /// Keeps a link and gives its secret. For nobody it is one like any other, which nobody
    /// will have.
    pub(super) async fn make_link(
        &self,
        slot: Slot,
        purpose: Purpose,
        to: To,
    ) -> Result<LinkToken, FlowError> {
        let secret = LinkToken::draw()?;
        let now = self.now();
        let token = Token {
            slot,
            purpose,
            digest: LinkToken::digest(secret.expose()).expect("32 bytes were encoded"),
            text: write(&to),
            // Every store keeps whole seconds.
            until: moment(seconds(now.after(self.lifetime()))),
        };
        within(self.store.put_token(&token, now)).await?;
        Ok(secret)
    }

    /// The link of a secret, which stays: it ends with the change that it is for.
    pub(super) async fn follow(
        &self,
        secret: &str,
        purpose: Purpose,
    ) -> Result<Result<Followed, journal::LinkFault>, FlowError> {
        let Some(digest) = LinkToken::digest(secret) else {
            return Ok(Err(journal::LinkFault::Unknown));
        };
        let found = within(self.store.look_token(&digest)).await?;
        let Some(token) = found.filter(|token| token.purpose == purpose) else {
            return Ok(Err(journal::LinkFault::Unknown));
        };
        if self.now() >= token.until {
            return Ok(Err(journal::LinkFault::Expired));
        }
        Ok(Ok(Followed {
            account: Account::kept(token.slot.as_str()),
            bound: parse(&token.text)?,
            digest,
        }))
    }

    /// Takes a link, so that it works no more; whether it was still there.
    pub(super) async fn take_link(&self, digest: &Digest) -> Result<bool, FlowError> {
        Ok(within(self.store.take_token(digest)).await?.is_some())
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.login.policy().login().reset_link_lifetime
    }

    /// The slot of what was typed, where nobody has that name.
    pub(super) fn nobody(&self, typed: &str) -> Slot {
        Slot::of_nobody(&self.login.throttle().account(typed))
    }
}

/// What a link for nobody is bound to: as long as any other.
pub(super) fn to_nobody() -> Result<To, NoRandomness> {
    Ok(To::Password {
        generation: Generation::draw()?,
        contact: None,
    })
}

fn write(bound: &To) -> String {
    let mut written = Written {
        v: 1,
        generation: None,
        contact: None,
        hash: None,
    };
    match bound {
        To::Password {
            generation,
            contact,
        } => {
            written.generation = Some(hex(generation.bytes()));
            written.contact = contact.map(seconds);
        }
        To::Hash(hash) => written.hash = Some(hash.clone()),
    }
    serde_json::to_string(&written).expect("numbers and texts are JSON")
}

fn parse(text: &str) -> Result<To, CredentialError> {
    let malformed = CredentialError::Malformed { near: 0 };
    let written: Written =
        serde_json::from_str(text).map_err(|error| CredentialError::Malformed {
            near: error.column(),
        })?;
    if written.v != 1 {
        return Err(CredentialError::Version(written.v));
    }
    Ok(match (written.generation, written.contact, written.hash) {
        (Some(generation), contact, None) => To::Password {
            generation: unhex(&generation).map(Generation::new).ok_or(malformed)?,
            contact: contact.map(moment),
        },
        (None, None, Some(hash)) => To::Hash(hash),
        _ => return Err(malformed),
    })
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_shows_none() {
        let (one, two) = (
            LinkToken::draw().expect("randomness"),
            LinkToken::draw().expect("randomness"),
        );
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(format!("{one:?}"), "LinkToken(..)");
    }

    #[test]
    fn only_the_secret_itself_is_looked_for() {
        let zeros = "A".repeat(43);
        // SHA-256 of 32 zero bytes, as `head -c 32 /dev/zero | sha256sum` gives it.
        let digest = LinkToken::digest(&zeros).expect("a secret");
        assert_eq!(
            hex(digest.bytes()),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        for text in [
            "",
            "A",
            &"A".repeat(42),
            &"A".repeat(44),
            &"A".repeat(100_000),
            // Bits left over would be a second text for the same secret.
            &("A".repeat(42) + "B"),
            &("A".repeat(42) + "="),
            &("A".repeat(42) + " "),
            &("A".repeat(42) + "+"),
            &("é".repeat(22)),
        ] {
            assert!(LinkToken::digest(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_a_link_is_bound_to_is_read_strictly() {
        let generation = "00".repeat(16);
        let good = format!(r#"{{"v":1,"generation":"{generation}","contact":3}}"#);
        assert_eq!(write(&parse(&good).expect("ours")), good);
        let hash = r#"{"v":1,"hash":"$argon2id$"}"#;
        assert_eq!(write(&parse(hash).expect("ours")), hash);
        for text in [
            "",
            "{}",
            r#"{"v":1}"#,
            r#"{"v":2,"hash":"x"}"#,
            r#"{"v":1,"hash":"x","contact":1}"#,
            r#"{"v":1,"hash":"x","more":1}"#,
            r#"{"v":1,"generation":"00"}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
