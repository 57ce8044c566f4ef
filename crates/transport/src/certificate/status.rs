//! The state of a certificate in the words of its authority (OCSP): what is asked, and which
//! answer may be stapled to a handshake.
//!
//! Clauses: [`clause::TLS_REVOCATION`]; RFC 6960, 4.1 (the question), 4.2 (the answer), 3.2 and
//! 4.2.2.2 (which answer is believed: about this certificate, signed by its issuer or by whom the
//! issuer made an `OCSPSigning` certificate for, and of now); RFC 7633 (`must-staple`).
//!
//! A [`Status`] is only ever a good one, verified: nothing else can be stapled. An answer without
//! an end is refused, since nobody could say how long it may be shown.
//!
//! Own reading, because the crate that has the formats (x509-ocsp) is a generation behind the
//! rest of the tree; signatures are checked by `x509-parser`, as those of chains are.
//!
//! Absent on purpose: nonces, which an answer made in advance and shown to many cannot have;
//! whether the delegate's own certificate was revoked, which RFC 6960, 4.2.2.2.1 leaves to the
//! issuer; the CRLs that a certificate may name, since no handshake carries one.
//!
//! [`clause::TLS_REVOCATION`]: policy::clause::TLS_REVOCATION

use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use sha1::{Digest, Sha1};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{Oid, asn1_rs::oid};
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::verify::verify_signature;
use x509_parser::x509::AlgorithmIdentifier;

use super::parse;

mod der;
mod error;

pub use error::StatusError;

use der::{
    BIT_STRING, ENUMERATED, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, bare,
    context, value,
};

const OCSP: Oid<'static> = oid!(1.3.6.1.5.5.7.48.1);
const TLS_FEATURE: Oid<'static> = oid!(1.3.6.1.5.5.7.1.24);
/// `status_request` among the features of RFC 7633.
const STATUS_REQUEST: u8 = 5;
/// 1.3.14.3.2.26: SHA-1, which names an issuer here and protects nothing. It is the one name
/// that every responder knows.
const SHA_1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 1.3.6.1.5.5.7.48.1.1: the basic answer.
const BASIC: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// How far the clock of a responder may be ahead.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// Certificates of delegates that are looked at.
const MOST_DELEGATES: usize = 4;

/// The largest answer that is read: real ones are of one to three KiB, and every handshake
/// carries what is stapled.
pub const LARGEST_STATUS: usize = 16 * 1024;

/// What the authority of a certificate is asked.
#[derive(Debug, Clone)]
pub struct StatusQuestion {
    responder: String,
    /// The `CertID` without its hash algorithm: the answer is compared with it.
    id: Vec<u8>,
    issuer: CertificateDer<'static>,
}

/// A good answer, verified, and how long it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    answer: Vec<u8>,
    from: SystemTime,
    until: SystemTime,
}

impl Status {
    /// The answer, as a handshake carries it.
    pub fn answer(&self) -> &[u8] {
        &self.answer
    }

    /// When the responder knew it to be good.
    pub const fn this_update(&self) -> SystemTime {
        self.from
    }

    /// Until when it may be shown.
    pub const fn next_update(&self) -> SystemTime {
        self.until
    }
}

/// The address of the responder that a certificate names, `http` first of all.
pub(super) fn responder(leaf: &X509Certificate<'_>) -> Option<String> {
    let mut addresses = leaf.extensions().iter().flat_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return Vec::new();
        };
        let ours = access.iter().filter(|of| of.access_method == OCSP);
        ours.filter_map(|of| match of.access_location {
            GeneralName::URI(address) => Some(address),
            _ => None,
        })
        .collect()
    });
    let first = addresses.next()?;
    let is_http = |address: &&str| address.starts_with("http://");
    let plain = std::iter::once(first).chain(addresses).find(is_http);
    Some(plain.unwrap_or(first).to_owned())
}

/// Whether a certificate asks browsers to refuse a handshake without an answer (RFC 7633).
pub(super) fn must_staple(leaf: &X509Certificate<'_>) -> bool {
    let feature = |extension: &x509_parser::extensions::X509Extension<'_>| {
        let mut features = Reader(extension.value).inside(SEQUENCE);
        std::iter::from_fn(|| features.as_mut()?.optional(INTEGER))
            .any(|number| number.content == [STATUS_REQUEST])
    };
    let mut extensions = leaf.extensions().iter();
    extensions.any(|extension| extension.oid == TLS_FEATURE && feature(extension))
}

impl StatusQuestion {
    /// The question about the first certificate of a chain; `None` when it names no responder.
    ///
    /// # Errors
    /// [`StatusError::NoIssuer`]: the chain does not hold the issuer, whose key the question
    /// names and whose signature the answer bears.
    pub(super) fn of(chain: &[CertificateDer<'static>]) -> Result<Option<Self>, StatusError> {
        let parsed = parse::chain(chain).map_err(|_| StatusError::NoIssuer)?;
        let Some(leaf) = parsed.first() else {
            return Ok(None);
        };
        let Some(responder) = responder(leaf) else {
            return Ok(None);
        };
        let (Some(issuer), Some(issuer_der)) = (parsed.get(1), chain.get(1)) else {
            return Err(StatusError::NoIssuer);
        };
        let name = Sha1::digest(leaf.issuer().as_raw());
        let key = Sha1::digest(&issuer.public_key().subject_public_key.data);
        let id = [
            value(OCTET_STRING, &[&name]),
            value(OCTET_STRING, &[&key]),
            value(INTEGER, &[leaf.raw_serial()]),
        ]
        .concat();
        Ok(Some(Self {
            responder,
            id,
            issuer: issuer_der.clone(),
        }))
    }

    /// Where it is asked.
    pub fn responder(&self) -> &str {
        &self.responder
    }

    /// The bytes of the question (`application/ocsp-request`).
    pub fn request(&self) -> Vec<u8> {
        let sha_1 = [value(OBJECT_IDENTIFIER, &[SHA_1]), value(NULL, &[])].concat();
        let id = value(SEQUENCE, &[&value(SEQUENCE, &[&sha_1]), &self.id]);
        let list = value(SEQUENCE, &[&value(SEQUENCE, &[&id])]);
        value(SEQUENCE, &[&value(SEQUENCE, &[&list])])
    }

    /// Reads and verifies an answer (`application/ocsp-response`).
    ///
    /// # Errors
    /// The first thing that keeps it from being stapled; [`StatusError::Revoked`] is the one
    /// that somebody must hear of at once.
    pub fn read(&self, answer: &[u8], now: SystemTime) -> Result<Status, StatusError> {
        if answer.len() > LARGEST_STATUS {
            return Err(StatusError::Unreadable);
        }
        let basic = Basic::read(basic(answer)?).ok_or(StatusError::Unreadable)?;
        let single = basic.about(&self.id)?;
        let (_, issuer) =
            parse_x509_certificate(&self.issuer).map_err(|_| StatusError::NoIssuer)?;
        // Before anything that it says is believed, its being revoked included.
        basic.verify(&issuer, now)?;
        let from = single.from;
        match single.state {
            State::Good => {}
            State::Revoked(at) => return Err(StatusError::Revoked { at }),
            State::Unknown => return Err(StatusError::Unknown),
        }
        let until = single.until.ok_or(StatusError::NoEnd)?;
        if from > now + SKEW {
            return Err(StatusError::NotYet { from });
        }
        if until <= now {
            return Err(StatusError::Over { until });
        }
        Ok(Status {
            answer: answer.to_owned(),
            from,
            until,
        })
    }
}

/// The basic answer inside an `OCSPResponse`.
fn basic(answer: &[u8]) -> Result<&[u8], StatusError> {
    let mut response = Reader(answer)
        .only(SEQUENCE)
        .map(|value| Reader(value.content))
        .ok_or(StatusError::Unreadable)?;
    let status = response.optional(ENUMERATED);
    match status.map(|status| status.content) {
        Some([0]) => {}
        Some([refusal]) => return Err(StatusError::Refused { code: *refusal }),
        _ => return Err(StatusError::Unreadable),
    }
    let mut of_type = response
        .inside(context(0))
        .and_then(|mut bytes| bytes.inside(SEQUENCE))
        .ok_or(StatusError::Unreadable)?;
    let kind = of_type.optional(OBJECT_IDENTIFIER);
    match (kind, of_type.only(OCTET_STRING)) {
        (Some(kind), Some(basic)) if kind.content == BASIC => Ok(basic.content),
        _ => Err(StatusError::Unreadable),
    }
}

/// A `BasicOCSPResponse`, read and not believed yet.
struct Basic<'a> {
    /// What is signed.
    signed: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    delegates: Vec<X509Certificate<'a>>,
    signer: Signer<'a>,
    singles: Vec<Single<'a>>,
}

/// Who says to have signed.
enum Signer<'a> {
    Name(&'a [u8]),
    Key(&'a [u8]),
}

/// What is said of one certificate.
struct Single<'a> {
    /// The `CertID` without its hash algorithm.
    id: &'a [u8],
    state: State,
    from: SystemTime,
    until: Option<SystemTime>,
}

#[derive(Clone, Copy)]
enum State {
    Good,
    Revoked(SystemTime),
    Unknown,
}

impl<'a> Basic<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut basic = Reader(Reader(bytes).only(SEQUENCE)?.content);
        let signed = basic.optional(SEQUENCE)?;
        let algorithm = basic.optional(SEQUENCE)?;
        // What parses it below takes another tag as well.
        Reader(algorithm.content).optional(OBJECT_IDENTIFIER)?;
        let (_, algorithm) = AlgorithmIdentifier::from_der(algorithm.whole).ok()?;
        // No bit is unused in any signature.
        let (0, signature) = basic.optional(BIT_STRING)?.content.split_first()? else {
            return None;
        };
        let mut delegates = Vec::new();
        if let Some(mut list) = basic.inside(context(0)) {
            let mut list = list.inside(SEQUENCE)?;
            while !list.is_empty() && delegates.len() < MOST_DELEGATES {
                let (_, delegate) = parse_x509_certificate(list.optional(SEQUENCE)?.whole).ok()?;
                delegates.push(delegate);
            }
        }
        if !basic.is_empty() {
            return None;
        }

        let mut data = Reader(signed.content);
        // The version, of which there is one.
        data.optional(context(0));
        let signer = match data.any()? {
            by if by.tag == context(1) => Signer::Name(by.content),
            by if by.tag == context(2) => {
                Signer::Key(Reader(by.content).only(OCTET_STRING)?.content)
            }
            _ => return None,
        };
        time(&mut data)?;
        let mut list = data.inside(SEQUENCE)?;
        let mut singles = Vec::new();
        while !list.is_empty() {
            singles.push(Single::read(list.inside(SEQUENCE)?)?);
        }
        Some(Self {
            signed: signed.whole,
            algorithm,
            signature,
            delegates,
            signer,
            singles,
        })
    }

    /// The one answer about this certificate.
    fn about(&self, id: &[u8]) -> Result<&Single<'a>, StatusError> {
        let mut singles = self.singles.iter().filter(|single| single.id == id);
        match (singles.next(), singles.next()) {
            (Some(single), None) => Ok(single),
            _ => Err(StatusError::AboutAnother),
        }
    }

    /// Whether the issuer, or whom it made a certificate for to do so, signed this.
    fn verify(&self, issuer: &X509Certificate<'_>, now: SystemTime) -> Result<(), StatusError> {
        if !parse::is_strong(&self.algorithm) {
            return Err(StatusError::Signature);
        }
        let signed_by = |certificate: &X509Certificate<'_>| {
            let signature = x509_parser::asn1_rs::BitString::new(0, self.signature);
            let key = certificate.public_key();
            verify_signature(key, &self.algorithm, &signature, self.signed).is_ok()
        };
        if self.is_named(issuer) {
            return match signed_by(issuer) {
                true => Ok(()),
                false => Err(StatusError::Signature),
            };
        }
        let delegate = self.delegates.iter().find(|of| self.is_named(of));
        let delegate = delegate.ok_or(StatusError::Stranger)?;
        if !is_delegate(delegate, issuer, now) {
            return Err(StatusError::Stranger);
        }
        match signed_by(delegate) {
            true => Ok(()),
            false => Err(StatusError::Signature),
        }
    }

    fn is_named(&self, certificate: &X509Certificate<'_>) -> bool {
        match self.signer {
            Signer::Name(name) => certificate.subject().as_raw() == name,
            Signer::Key(key) => {
                Sha1::digest(&certificate.public_key().subject_public_key.data)[..] == *key
            }
        }
    }
}

/// RFC 6960, 4.2.2.2: the issuer itself made this certificate, and made it to sign answers.
fn is_delegate(of: &X509Certificate<'_>, issuer: &X509Certificate<'_>, now: SystemTime) -> bool {
    let usage = of.extended_key_usage();
    let validity = of.validity();
    of.issuer().as_raw() == issuer.subject().as_raw()
        && matches!(usage, Ok(Some(usage)) if usage.value.ocsp_signing)
        && parse::system_time(validity.not_before) <= now + SKEW
        && now <= parse::system_time(validity.not_after)
        && parse::is_strong(&of.signature_algorithm)
        && of.verify_signature(Some(issuer.public_key())).is_ok()
}

impl<'a> Single<'a> {
    fn read(mut single: Reader<'a>) -> Option<Self> {
        let mut id = single.inside(SEQUENCE)?;
        let algorithm = id.inside(SEQUENCE)?.optional(OBJECT_IDENTIFIER)?;
        let state = single.any()?;
        let state = match state.tag {
            tag if tag == bare(0) => State::Good,
            tag if tag == context(1) => State::Revoked(time(&mut Reader(state.content))?),
            tag if tag == bare(2) => State::Unknown,
            _ => return None,
        };
        let from = time(&mut single)?;
        let until = match single.inside(context(0)) {
            Some(mut until) => Some(time(&mut until)?),
            None => None,
        };
        Some(Self {
            // Named by another hash, it is about nothing that was asked.
            id: match algorithm.content == SHA_1 {
                true => id.0,
                false => &[],
            },
            state,
            from,
            until,
        })
    }
}

fn time(reader: &mut Reader<'_>) -> Option<SystemTime> {
    let (_, time) = ASN1Time::from_der(reader.any()?.whole).ok()?;
    Some(parse::system_time(time))
}

#[cfg(test)]
mod tests;
