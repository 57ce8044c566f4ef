//! A test authority with a normal chain: root, intermediate, leaf.
//!
//! Scanners judge the chain too, so it looks like one from a public authority: ECDSA P-256,
//! the leaf valid for 90 days, usages stated, the intermediate sent along.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A root and its intermediate.
#[derive(Debug)]
pub struct Authority {
    root: PathBuf,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

/// Two PEM files.
#[derive(Debug, Clone)]
pub struct Files {
    /// The leaf, then the intermediate.
    pub chain: PathBuf,
    /// The leaf's private key, mode 0600.
    pub key: PathBuf,
}

/// When a leaf is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From yesterday, for 90 days.
    Good,
    /// It ended yesterday.
    Expired,
}

impl Authority {
    /// Makes an authority and writes its root to `folder/root.pem`.
    pub fn new(folder: &Path) -> Self {
        let root = ca("Rempart test root", 2);
        let root = CertifiedIssuer::self_signed(root, key()).expect("a root");
        let path = folder.join("root.pem");
        fs::write(&path, root.pem()).expect("a temporary folder is writable");
        let intermediate = ca("Rempart test intermediate", 0);
        let intermediate =
            CertifiedIssuer::signed_by(intermediate, key(), &root).expect("an intermediate");
        Self {
            root: path,
            intermediate,
        }
    }

    /// The root certificate, to be trusted by a client.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Issues a leaf for names and addresses: `folder/FIRST.chain.pem` and
    /// `folder/FIRST.key.pem`.
    pub fn issue(&self, folder: &Path, names: &[&str], validity: Validity) -> Files {
        let host = names.first().expect("a certificate has a name");
        let mut params = params(host, validity);
        params.subject_alt_names = names
            .iter()
            .map(|name| match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*name).try_into().expect("a host name")),
            })
            .collect();
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.is_ca = IsCa::ExplicitNoCa;
        let key = key();
        let leaf = params.signed_by(&key, &self.intermediate).expect("a leaf");
        let files = Files {
            chain: folder.join(format!("{host}.chain.pem")),
            key: folder.join(format!("{host}.key.pem")),
        };
        fs::write(&files.chain, leaf.pem() + &self.intermediate.pem()).expect("a chain");
        fs::write(&files.key, key.serialize_pem()).expect("a key");
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).expect("a mode");
        files
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("an ECDSA P-256 key")
}

fn ca(name: &str, below: u8) -> CertificateParams {
    let mut params = params(name, Validity::Good);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("the clock is past 1970");
    let at = |moment: Duration| rcgen::date_time_ymd(1970, 1, 1) + moment;
    (params.not_before, params.not_after) = match validity {
        Validity::Good => (at(now - DAY), at(now + 89 * DAY)),
        Validity::Expired => (at(now - 91 * DAY), at(now - DAY)),
    };
    params
}
