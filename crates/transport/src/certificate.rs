//! Certificates: read, refused at load when no browser should meet them, chosen by name.
//!
//! [`Identity`] is one chain and its key after every check; [`Certificates`] is all of them,
//! ready for the listener; [`Challenges`] is what an authority is shown that wants proof of
//! a name; [`Status`] what an authority says of a certificate, to be stapled. Clauses: RFC 9325, 4.5 (key sizes); RFC 9525, 6 (how a name is
//! compared); ANSSI SDE-NT-35, R24 to R29 (signatures, validity, keys, attributes);
//! RFC 8446, 4.4.2 (chain order, `digitalSignature`).
//!
//! Absent on purpose: whether a browser trusts the issuer. The gate does not know its
//! clients' roots, and a private authority is a lawful choice.

mod challenge;
mod error;
mod identity;
mod parse;
mod resolver;
mod status;
mod warning;

pub use challenge::{ACME_TLS, ChallengeAnswer, ChallengeError, Challenges};
pub use error::CertificateError;
pub use identity::Identity;
pub use resolver::Certificates;
pub use status::{LARGEST_STATUS, Status, StatusError, StatusQuestion};
pub use warning::CertificateWarning;

#[cfg(test)]
mod tests;
