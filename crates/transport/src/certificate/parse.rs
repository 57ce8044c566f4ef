//! The rules of a chain, over parsed certificates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry as oid;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::time::ASN1Time;
use x509_parser::x509::AlgorithmIdentifier;

use super::{CertificateError, status};

/// What is kept of the site's own certificate.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) names: Vec<String>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    pub(super) self_signed: bool,
    /// It names a responder for its status.
    pub(super) has_responder: bool,
    /// It asks browsers to refuse a handshake without its status.
    pub(super) must_staple: bool,
}

/// Parses every certificate; none may have bytes after its end.
pub(super) fn chain<'a>(
    chain: &'a [CertificateDer<'_>],
) -> Result<Vec<X509Certificate<'a>>, CertificateError> {
    let parse = |(index, der): (usize, &'a CertificateDer<'_>)| match parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateError::CertificateUnreadable {
            position: index + 1,
        }),
    };
    chain.iter().enumerate().map(parse).collect()
}

/// The key belongs to the first certificate.
pub(super) fn check_key_pair(
    chain: &[X509Certificate<'_>],
    public_key: Option<&[u8]>,
) -> Result<(), CertificateError> {
    let belongs =
        |certificate: &X509Certificate<'_>| Some(certificate.public_key().raw) == public_key;
    match chain.iter().position(belongs) {
        Some(0) => Ok(()),
        Some(index) => Err(CertificateError::LeafNotFirst {
            position: index + 1,
        }),
        None => Err(CertificateError::KeyMismatch),
    }
}

/// Every other rule, cheapest and most telling first.
pub(super) fn check(
    chain: &[X509Certificate<'_>],
    now: SystemTime,
) -> Result<Leaf, CertificateError> {
    let Some(leaf) = chain.first() else {
        return Err(CertificateError::NoCertificate);
    };
    check_order(chain)?;
    for (index, certificate) in chain.iter().enumerate() {
        check_validity(certificate, index + 1, now)?;
        // The signature of a root on itself proves nothing, so its hash weighs nothing.
        if index == 0 || !is_self_issued(certificate) {
            check_signature_algorithm(&certificate.signature_algorithm, index + 1)?;
        }
    }
    check_usage(leaf)?;
    let (names, addresses) = subject_names(leaf);
    if names.is_empty() && addresses.is_empty() {
        return Err(CertificateError::NoNames);
    }
    Ok(Leaf {
        names,
        addresses,
        not_before: system_time(leaf.validity().not_before),
        not_after: system_time(leaf.validity().not_after),
        self_signed: is_self_issued(leaf),
        has_responder: status::responder(leaf).is_some(),
        must_staple: status::must_staple(leaf),
    })
}

/// Each certificate is issued, and where the algorithm is known signed, by the next one.
fn check_order(chain: &[X509Certificate<'_>]) -> Result<(), CertificateError> {
    for (index, pair) in chain.windows(2).enumerate() {
        let [certificate, issuer] = pair else {
            continue;
        };
        let named = certificate.issuer().as_raw() == issuer.subject().as_raw();
        let signed = match certificate.verify_signature(Some(issuer.public_key())) {
            // Algorithms that this check does not know are left to the client.
            Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => true,
            Err(_) => false,
        };
        if !named || !signed {
            return Err(CertificateError::ChainBroken {
                position: index + 1,
            });
        }
    }
    Ok(())
}

fn check_validity(
    certificate: &X509Certificate<'_>,
    position: usize,
    now: SystemTime,
) -> Result<(), CertificateError> {
    let not_before = system_time(certificate.validity().not_before);
    let not_after = system_time(certificate.validity().not_after);
    if now > not_after {
        return Err(CertificateError::Expired {
            position,
            not_after,
        });
    }
    if now < not_before {
        return Err(CertificateError::NotYetValid {
            position,
            not_before,
        });
    }
    Ok(())
}

/// RFC 9325, 4.5 and ANSSI R26: RSA from 2048 bits, or a curve that browsers know.
pub(super) fn check_public_keys(chain: &[X509Certificate<'_>]) -> Result<(), CertificateError> {
    let mut numbered = (1..).zip(chain);
    numbered.try_for_each(|(position, certificate)| check_public_key(certificate, position))
}

fn check_public_key(
    certificate: &X509Certificate<'_>,
    position: usize,
) -> Result<(), CertificateError> {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => match modulus_bits(rsa.modulus) {
            bits @ 0..2048 => Err(CertificateError::RsaTooSmall { position, bits }),
            _ => Ok(()),
        },
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref();
            let curve = curve.and_then(|parameters| parameters.as_oid().ok());
            let known = [
                oid::OID_EC_P256,
                oid::OID_NIST_EC_P384,
                oid::OID_NIST_EC_P521,
            ];
            match curve {
                Some(curve) if known.contains(&curve) => Ok(()),
                _ => Err(CertificateError::KeyKindRefused { position }),
            }
        }
        _ if key.algorithm.algorithm == oid::OID_SIG_ED25519 => Ok(()),
        _ => Err(CertificateError::KeyKindRefused { position }),
    }
}

fn modulus_bits(modulus: &[u8]) -> usize {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    match modulus.get(zeros) {
        None => 0,
        Some(first) => (modulus.len() - zeros) * 8 - first.leading_zeros() as usize,
    }
}

fn check_signature_algorithm(
    algorithm: &AlgorithmIdentifier<'_>,
    position: usize,
) -> Result<(), CertificateError> {
    match is_strong(algorithm) {
        true => Ok(()),
        false => Err(CertificateError::WeakSignature { position }),
    }
}

/// ANSSI R24: SHA-2, or a scheme with its own hash. A list of what passes, so that no
/// forgotten old algorithm does.
pub(super) fn is_strong(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    let sha2 = [
        oid::OID_NIST_HASH_SHA256,
        oid::OID_NIST_HASH_SHA384,
        oid::OID_NIST_HASH_SHA512,
    ];
    let passes = [
        oid::OID_PKCS1_SHA256WITHRSA,
        oid::OID_PKCS1_SHA384WITHRSA,
        oid::OID_PKCS1_SHA512WITHRSA,
        oid::OID_SIG_ECDSA_WITH_SHA256,
        oid::OID_SIG_ECDSA_WITH_SHA384,
        oid::OID_SIG_ECDSA_WITH_SHA512,
        oid::OID_SIG_ED25519,
    ];
    passes.contains(&algorithm.algorithm)
        || algorithm.algorithm == oid::OID_PKCS1_RSASSAPSS
            && matches!(
                SignatureAlgorithm::try_from(algorithm),
                Ok(SignatureAlgorithm::RSASSA_PSS(parameters))
                    if sha2.contains(parameters.hash_algorithm_oid())
            )
}

/// ANSSI R27 and R28, RFC 8446, 4.4.2.2: a server's certificate, made to sign.
fn check_usage(leaf: &X509Certificate<'_>) -> Result<(), CertificateError> {
    let unreadable = |_| CertificateError::CertificateUnreadable { position: 1 };
    if leaf.is_ca() {
        return Err(CertificateError::Authority);
    }
    let usage = leaf.extended_key_usage().map_err(unreadable)?;
    if usage.is_some_and(|usage| !usage.value.server_auth) {
        return Err(CertificateError::NotForServers);
    }
    let usage = leaf.key_usage().map_err(unreadable)?;
    if usage.is_some_and(|usage| !usage.value.digital_signature()) {
        return Err(CertificateError::NotForSigning);
    }
    Ok(())
}

fn subject_names(leaf: &X509Certificate<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let mut names = Vec::new();
    let mut addresses = Vec::new();
    let Ok(Some(alternatives)) = leaf.subject_alternative_name() else {
        return (names, addresses);
    };
    for name in &alternatives.value.general_names {
        match name {
            GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
            _ => {}
        }
    }
    (names, addresses)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(bytes).into());
    }
    let bytes = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(bytes).into())
}

fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// A date before 1970 is 1970: no certificate in use is that old.
pub(super) fn system_time(time: ASN1Time) -> SystemTime {
    let seconds = u64::try_from(time.timestamp()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
