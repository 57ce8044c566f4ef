//! A certificate authority for trials on one's own machine.
//!
//! It lets a person see a site through the gate before any real certificate exists. Its
//! names say what it is, it lasts a year, its certificates last a month, and a site that
//! uses one gets no HSTS (see [`crate::hsts`]).
//!
//! Absent on purpose: files (the gate keeps the PEM texts) and installation into a trust
//! store, which is a person's decision. Also absent: name constraints. The authority is made
//! before the names of its sites are known, and one that must be made again with each new
//! name would be trusted again and again. Instead it may issue nothing but servers'
//! certificates (`serverAuth`), and no further authority.

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use policy::{Language, Text};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::parse_x509_certificate;
use zeroize::Zeroizing;

use crate::host::{Host, HostError};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an authority lasts: 365 days.
const AUTHORITY_LIFE: Duration = DAY.saturating_mul(365);

/// How long a certificate lasts: 30 days.
const LEAF_LIFE: Duration = DAY.saturating_mul(30);

/// Clocks differ: everything is valid from an hour before it is made.
const SKEW: Duration = Duration::from_secs(60 * 60);

const AUTHORITY_NAME: &str = "rempart development authority – not for production";
const LEAF_NAME: &str = "rempart development certificate – not for production";

/// A development authority: its certificate and its key.
pub struct Authority {
    cert_pem: String,
    issuer: Issuer<'static, KeyPair>,
    not_after: SystemTime,
}

/// A certificate for some hosts, as PEM.
pub struct IssuedPem {
    /// The certificate. The authority is not in it: who trusts it has it.
    pub chain: String,
    /// The private key, PKCS#8.
    pub key: Zeroizing<String>,
}

/// Why an authority could not be made, read or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// The system could not make a key or sign.
    #[error("no key or certificate could be made: {0}")]
    Make(rcgen::Error),
    /// The stored certificate or key is not what [`Authority::cert_pem`] gave.
    #[error("the stored development authority cannot be read")]
    Unreadable,
    /// The stored key is not that of the stored certificate.
    #[error("the stored key is not that of the development authority")]
    KeyMismatch,
    /// The authority has expired.
    #[error("the development authority has expired")]
    Expired,
    /// No host was given.
    #[error("a certificate needs at least one host")]
    NoHost,
    /// A host is not a name or an address.
    #[error("`{host}` cannot be put in a certificate: {reason}")]
    Host {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: HostError,
    },
}

impl Authority {
    /// Makes an authority that lasts a year from `now`.
    ///
    /// # Errors
    /// [`DevError::Make`].
    pub fn new(now: SystemTime) -> Result<Self, DevError> {
        let key = KeyPair::generate().map_err(DevError::Make)?;
        let mut params = params(AUTHORITY_NAME);
        params.not_before = (now - SKEW).into();
        params.not_after = (now + AUTHORITY_LIFE).into();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(DevError::Make)?;
        Ok(Self {
            cert_pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            not_after: now + AUTHORITY_LIFE,
        })
    }

    /// Reads an authority back from what [`Self::cert_pem`] and [`Self::key_pem`] gave.
    ///
    /// # Errors
    /// [`DevError::Unreadable`] or [`DevError::KeyMismatch`].
    pub fn from_pem(cert_pem: &str, key_pem: &str) -> Result<Self, DevError> {
        let der = CertificateDer::from_pem_slice(cert_pem.as_bytes())
            .map_err(|_| DevError::Unreadable)?;
        let key = KeyPair::from_pem(key_pem).map_err(|_| DevError::Unreadable)?;
        let (_, certificate) = parse_x509_certificate(&der).map_err(|_| DevError::Unreadable)?;
        if !certificate.is_ca() {
            return Err(DevError::Unreadable);
        }
        if certificate.public_key().subject_public_key.data != key.public_key_raw() {
            return Err(DevError::KeyMismatch);
        }
        let seconds = certificate.validity().not_after.timestamp();
        let not_after = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|_| DevError::Unreadable)?;
        Ok(Self {
            cert_pem: cert_pem.to_owned(),
            issuer,
            not_after: SystemTime::UNIX_EPOCH + not_after,
        })
    }

    /// Its certificate, for a trust store.
    pub fn cert_pem(&self) -> &str {
        &self.cert_pem
    }

    /// Its key, to be kept readable by its owner only.
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.issuer.key().serialize_pem())
    }

    /// When it ends. Nothing it issues lasts longer.
    pub const fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// Makes a P-256 certificate for names and addresses, for 30 days from `now` or until
    /// the authority ends.
    ///
    /// # Errors
    /// No host, a host that is not a name or an address, an expired authority, or
    /// [`DevError::Make`].
    pub fn issue(&self, hosts: &[String], now: SystemTime) -> Result<IssuedPem, DevError> {
        if now >= self.not_after {
            return Err(DevError::Expired);
        }
        if hosts.is_empty() {
            return Err(DevError::NoHost);
        }
        let mut params = params(LEAF_NAME);
        params.not_before = (now - SKEW).into();
        params.not_after = (now + LEAF_LIFE).min(self.not_after).into();
        params.subject_alt_names = hosts
            .iter()
            .map(|host| alternative(host))
            .collect::<Result<_, _>>()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;

        let key = KeyPair::generate().map_err(DevError::Make)?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(DevError::Make)?;
        Ok(IssuedPem {
            chain: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
        })
    }
}

impl DevError {
    /// What happened and what to do, for the operator.
    pub fn text(&self, language: Language) -> String {
        let text = match self {
            Self::Make(_) => Text::new(
                "Le certificat de développement n’a pas pu être créé : le système refuse de tirer une clé.",
                "The development certificate could not be made: the system gives no key.",
            ),
            Self::Unreadable | Self::KeyMismatch => Text::new(
                "L’autorité de développement enregistrée est abîmée. Supprimez ses deux fichiers : une autre sera créée.",
                "The stored development authority is damaged. Delete its two files: another will be made.",
            ),
            Self::Expired => Text::new(
                "L’autorité de développement a expiré. Supprimez ses deux fichiers : une autre sera créée.",
                "The development authority has expired. Delete its two files: another will be made.",
            ),
            Self::NoHost => Text::new(
                "Un certificat de développement demande au moins un nom.",
                "A development certificate needs at least one name.",
            ),
            Self::Host { host, .. } => Text::new(
                format!(
                    "« {host} » ne peut pas figurer dans un certificat. Écrivez un nom ou une adresse IP, sans port."
                ),
                format!(
                    "“{host}” cannot stand in a certificate. Write a name or an IP address, without port."
                ),
            ),
        };
        text.in_language(language).to_owned()
    }
}

/// The dates only: the key is never shown.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// The certificate only: the key is never shown.
impl fmt::Debug for IssuedPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedPem")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn alternative(host: &str) -> Result<SanType, DevError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let fault = |reason| DevError::Host {
        host: host.to_owned(),
        reason,
    };
    let parsed = Host::parse(host).map_err(fault)?;
    if parsed.port().is_some() {
        return Err(fault(HostError::Port));
    }
    match parsed.address() {
        Some(address) => Ok(SanType::IpAddress(address)),
        None => {
            let name = parsed.name().to_owned().try_into();
            Ok(SanType::DnsName(name.map_err(DevError::Make)?))
        }
    }
}

#[cfg(test)]
mod tests;
