//! What a chain is worth to a browser, and to the texts.
//!
//! Clauses: RFC 9325, 4.5 (keys); ANSSI SDE-NT-35, R24 to R29, R33 and R35; ASVS 12.2.2 (public
//! trust); RFC 9525 (names). Trust, dates and names are judged apart, so that one fault does
//! not hide another. Roots are those of the system, and what the caller adds.

use std::time::{Duration, SystemTime};

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

/// Where the status of a certificate can be asked for.
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// Where the certificate of its authority is to be had.
const ISSUER: &str = "1.3.6.1.5.5.7.48.2";

/// One certificate, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Who it is of, as written.
    pub subject: String,
    /// Who signed it, as written.
    pub issuer: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Start of its validity, in seconds of Unix time.
    pub not_before: i64,
    /// End of its validity, in seconds of Unix time.
    pub not_after: i64,
    /// `RSA 2048`, `EC 256`, `Ed25519`.
    pub key: String,
    /// Bits of the key, and whether it is RSA or DSA; none for other functions.
    pub key_bits: Option<(usize, bool)>,
    /// The object identifier of the signature, or its usual name.
    pub signature: String,
    /// Whether issuer and subject are the same.
    pub is_self_issued: bool,
    /// Whether its own key signed it, where the algorithm is known here.
    pub is_self_signed: bool,
}

/// What is known of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// As it was sent, the site's own first.
    pub certificates: Vec<Certificate>,
    /// A certificate that cannot be read.
    pub is_unreadable: bool,
    /// Leads to a root, dates aside.
    pub is_trusted: bool,
    /// Names the host.
    pub names_host: bool,
    /// Is for servers.
    pub is_for_servers: bool,
    /// Each certificate names the next as its issuer and, where the algorithm is known here, is
    /// signed by it.
    pub is_in_order: bool,
    /// The authority says where its status can be asked for.
    pub has_status: bool,
    /// The authority says where its own certificate is to be had, as public ones do.
    pub has_issuer_address: bool,
    /// The status came with the handshake.
    pub is_stapled: bool,
}

/// Reads and judges a chain.
pub(crate) fn judge(
    chain: &[Vec<u8>],
    roots: &RootCertStore,
    host: &str,
    is_stapled: bool,
) -> Chain {
    let parsed: Vec<Option<X509Certificate<'_>>> = chain
        .iter()
        .map(|der| {
            parse_x509_certificate(der)
                .ok()
                .filter(|(rest, _)| rest.is_empty())
                .map(|(_, one)| one)
        })
        .collect();
    let certificates: Vec<Certificate> = parsed.iter().flatten().map(words).collect();
    let leaf = parsed.first().and_then(Option::as_ref);
    let der: Vec<CertificateDer<'_>> = chain
        .iter()
        .map(|der| CertificateDer::from(&der[..]))
        .collect();
    let in_order = parsed.windows(2).all(|pair| match pair {
        [Some(one), Some(next)] => is_issued_by(one, next),
        _ => false,
    });
    Chain {
        is_unreadable: chain.is_empty() || parsed.iter().any(Option::is_none),
        is_trusted: leaf.is_some_and(|leaf| is_trusted(&der, roots, leaf)),
        names_host: names_host(&der, host),
        is_for_servers: leaf.is_some_and(is_for_servers),
        is_in_order: in_order,
        has_status: leaf.is_some_and(|leaf| names(leaf, OCSP) || has_revocation_list(leaf)),
        has_issuer_address: leaf.is_some_and(|leaf| names(leaf, ISSUER)),
        is_stapled,
        certificates,
    }
}

impl Chain {
    /// The site's own certificate.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// Whether it lacks the certificates between itself and a root. Without an authority that
    /// says where it is to be found, nobody can tell this from an unknown root.
    pub fn is_incomplete(&self) -> bool {
        let is_alone = self.certificates.len() == 1 && self.has_issuer_address;
        !self.is_trusted && is_alone && self.leaf().is_some_and(|leaf| !leaf.is_self_issued)
    }
}

impl Certificate {
    /// Whole days of validity.
    pub fn days(&self) -> i64 {
        (self.not_after - self.not_before).max(0) / 86_400
    }

    /// Whether its key is under the floor of RFC 9325, 4.5.
    pub fn is_short(&self) -> bool {
        self.key_bits
            .is_some_and(|(bits, is_rsa)| bits < if is_rsa { 2048 } else { 224 })
    }

    /// Whether MD5 or SHA-1 signs it.
    pub fn is_signed_with_old(&self) -> bool {
        ["MD2", "MD5", "SHA-1"]
            .iter()
            .any(|old| self.signature.starts_with(old))
    }
}

/// Seconds of Unix time.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

fn words(certificate: &X509Certificate<'_>) -> Certificate {
    let mut names = Vec::new();
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        for name in alternatives.value.general_names.iter().take(100) {
            match name {
                GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => names.extend(address(bytes)),
                _ => {}
            }
        }
    }
    let (key, key_bits) = key(certificate);
    let validity = certificate.validity();
    let is_self_issued = certificate.issuer().as_raw() == certificate.subject().as_raw();
    Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names,
        not_before: validity.not_before.timestamp(),
        not_after: validity.not_after.timestamp(),
        key,
        key_bits,
        signature: signature(&certificate.signature_algorithm.algorithm.to_id_string()),
        is_self_issued,
        is_self_signed: is_self_issued && certificate.verify_signature(None).is_ok(),
    }
}

fn is_issued_by(one: &X509Certificate<'_>, next: &X509Certificate<'_>) -> bool {
    let is_signed = match one.verify_signature(Some(next.public_key())) {
        Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => true,
        // Keys under 2048 bits are not verified here, and told on their own.
        Err(_) => words(next).is_short(),
    };
    one.issuer().as_raw() == next.subject().as_raw() && is_signed
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(bytes).to_string());
    }
    let bytes = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(bytes).to_string())
}

fn key(certificate: &X509Certificate<'_>) -> (String, Option<(usize, bool)>) {
    let key = certificate.public_key();
    match key.parsed() {
        // The number of bits of the modulus, without the zero before it.
        Ok(PublicKey::RSA(rsa)) => {
            let modulus = rsa.modulus;
            let start = modulus
                .iter()
                .position(|byte| *byte != 0)
                .unwrap_or(modulus.len());
            let bits = modulus.get(start).map_or(0, |first| {
                (modulus.len() - start) * 8 - first.leading_zeros() as usize
            });
            (format!("RSA {bits}"), Some((bits, true)))
        }
        Ok(PublicKey::EC(point)) => {
            let bits = point.key_size();
            // A point of P-521 is written in 66 bytes.
            let bits = if bits == 528 { 521 } else { bits };
            (format!("EC {bits}"), Some((bits, false)))
        }
        Ok(PublicKey::DSA(key)) => (
            format!("DSA {}", key.len() * 8),
            Some((key.len() * 8, true)),
        ),
        _ => {
            let id = key.algorithm.algorithm.to_id_string();
            let name = match id.as_str() {
                "1.3.101.112" => "Ed25519".to_owned(),
                "1.3.101.113" => "Ed448".to_owned(),
                _ => id,
            };
            (name, None)
        }
    }
}

fn signature(id: &str) -> String {
    match id {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" => "SHA-1 with RSA",
        "1.2.840.10040.4.3" => "SHA-1 with DSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => other,
    }
    .to_owned()
}

/// Whether the chain leads to a root at a moment when the site's certificate is valid.
fn is_trusted(
    chain: &[CertificateDer<'_>],
    roots: &RootCertStore,
    leaf: &X509Certificate<'_>,
) -> bool {
    let Some((first, others)) = chain.split_first() else {
        return false;
    };
    let Ok(parsed) = ParsedCertificate::try_from(first) else {
        return false;
    };
    let provider = default_provider();
    let (from, to) = (
        leaf.validity().not_before.timestamp(),
        leaf.validity().not_after.timestamp(),
    );
    let now = seconds(SystemTime::now());
    // Today if it is valid today; else the last, or the first, moment when it was.
    let at = if now > to { to } else { now.max(from) };
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).unwrap_or(0)));
    verify_server_cert_signed_by_trust_anchor(
        &parsed,
        roots,
        others,
        at,
        provider.signature_verification_algorithms.all,
    )
    .is_ok()
}

fn names_host(chain: &[CertificateDer<'_>], host: &str) -> bool {
    let (Some(first), Ok(name)) = (chain.first(), ServerName::try_from(host)) else {
        return false;
    };
    ParsedCertificate::try_from(first)
        .is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
}

fn is_for_servers(leaf: &X509Certificate<'_>) -> bool {
    match leaf.extended_key_usage() {
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Ok(None) => true,
        Err(_) => false,
    }
}

/// Whether the certificate gives an address of one kind (RFC 5280, 4.2.2.1).
fn names(leaf: &X509Certificate<'_>, kind: &str) -> bool {
    leaf.extensions()
        .iter()
        .any(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => access
                .accessdescs
                .iter()
                .any(|one| one.access_method.to_id_string() == kind),
            _ => false,
        })
}

fn has_revocation_list(leaf: &X509Certificate<'_>) -> bool {
    leaf.extensions().iter().any(|extension| {
        matches!(
            extension.parsed_extension(),
            ParsedExtension::CRLDistributionPoints(_)
        )
    })
}

#[cfg(test)]
mod tests;
