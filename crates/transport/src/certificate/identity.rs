//! One certificate chain with its private key, after every check.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

use super::parse::{self, Leaf};
use super::{CertificateError, CertificateWarning, Status, StatusError, StatusQuestion};

/// Certificates in one file: more is a mistake, and costs every handshake.
const MAX_CHAIN: usize = 10;

/// A chain and its key: they match, and every rule of this module's parent holds.
pub struct Identity {
    key: Arc<CertifiedKey>,
    leaf: Leaf,
}

impl Identity {
    /// Reads a chain, the site's own certificate first, and its private key, both as PEM.
    ///
    /// # Errors
    /// The first rule that does not hold at `now`; see [`CertificateError`] for what each
    /// one asks of the operator.
    pub fn from_pem(chain: &[u8], key: &[u8], now: SystemTime) -> Result<Self, CertificateError> {
        let chain = read_chain(chain)?;
        let parsed = parse::chain(&chain)?;
        // Before the key is read: one that is too small cannot even be loaded, and "too
        // small" helps more than "unreadable".
        parse::check_public_keys(&parsed)?;
        let key = read_key(key)?;
        parse::check_key_pair(&parsed, key.public_key().as_deref())?;
        let leaf = parse::check(&parsed, now)?;
        Ok(Self {
            key: Arc::new(CertifiedKey::new(chain, key)),
            leaf,
        })
    }

    /// Whether the certificate names this host: a name or an address without port.
    ///
    /// A wildcard stands for exactly one whole left-most label, and never directly above a
    /// top-level domain; an address must be listed as an address (RFC 9525, 6.3 and 6.4).
    /// The common name counts for nothing.
    pub fn covers(&self, host: &str) -> bool {
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        match bare.unwrap_or(host).parse::<IpAddr>() {
            Ok(address) => self.leaf.addresses.contains(&address),
            Err(_) => self.leaf.names.iter().any(|name| name_matches(name, host)),
        }
    }

    /// The end of the certificate's validity.
    pub const fn not_after(&self) -> SystemTime {
        self.leaf.not_after
    }

    /// The start of the certificate's validity.
    pub const fn not_before(&self) -> SystemTime {
        self.leaf.not_before
    }

    /// The DNS names of the certificate, lower-case, wildcards included.
    pub fn names(&self) -> &[String] {
        &self.leaf.names
    }

    /// What the authority can be asked about this certificate; `None` when it names no
    /// responder, and then nothing is ever stapled.
    ///
    /// # Errors
    /// [`StatusError::NoIssuer`].
    pub fn status_question(&self) -> Result<Option<StatusQuestion>, StatusError> {
        StatusQuestion::of(&self.key.cert)
    }

    /// Whether browsers are asked to refuse it without its status (RFC 7633).
    pub const fn must_staple(&self) -> bool {
        self.leaf.must_staple
    }

    /// The same with this status stapled.
    #[must_use]
    pub fn with_status(&self, status: &Status) -> Self {
        let mut key = (*self.key).clone();
        key.ocsp = Some(status.answer().to_owned());
        Self {
            key: Arc::new(key),
            leaf: self.leaf.clone(),
        }
    }

    /// What rustls serves.
    pub fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    /// What does not forbid serving, but needs a person: for `hosts`, the names of the site.
    pub fn warnings(&self, now: SystemTime, hosts: &[String]) -> Vec<CertificateWarning> {
        CertificateWarning::of(&self.leaf, self, now, hosts)
    }
}

/// The names and dates only: the key is never shown.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("leaf", &self.leaf)
            .finish_non_exhaustive()
    }
}

fn read_chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .take(MAX_CHAIN + 1)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::ChainUnreadable)?;
    match chain.len() {
        0 => Err(CertificateError::NoCertificate),
        1..=MAX_CHAIN => Ok(chain),
        _ => Err(CertificateError::ChainTooLong { max: MAX_CHAIN }),
    }
}

fn read_key(pem: &[u8]) -> Result<Arc<dyn SigningKey>, CertificateError> {
    // An encrypted key has a label of its own, or an old header inside a known label.
    let holds = |text: &[u8]| pem.windows(text.len()).any(|window| window == text);
    if holds(b"BEGIN ENCRYPTED PRIVATE KEY") || holds(b"Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::KeyEncrypted);
    }
    let mut keys = PrivateKeyDer::pem_slice_iter(pem);
    let key = match keys.next() {
        None => return Err(CertificateError::NoKey),
        Some(key) => key.map_err(|_| CertificateError::KeyUnreadable)?,
    };
    any_supported_type(&key).map_err(|_| CertificateError::KeyUnreadable)
}

fn name_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(host),
        Some(parent) => match host.split_once('.') {
            Some((label, rest)) => {
                !label.is_empty() && parent.contains('.') && rest.eq_ignore_ascii_case(parent)
            }
            None => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use rcgen::CertificateParams;

    use crate::certificate::tests::{issued, load};

    #[test]
    fn names_are_compared_as_browsers_do() {
        let pems = issued(|params| {
            let names = [
                "www.Example.fr",
                "*.shop.example.fr",
                "*.fr",
                "f*.example.fr",
                "2001:db8::1",
                "192.0.2.1",
            ];
            let made = CertificateParams::new(names.map(str::to_owned)).unwrap();
            params.subject_alt_names = made.subject_alt_names;
        });
        let identity = load(&pems).unwrap();
        let rows = [
            ("www.example.fr", true),
            ("WWW.EXAMPLE.FR", true),
            ("example.fr", false),
            ("a.www.example.fr", false),
            ("a.shop.example.fr", true),
            ("A.Shop.Example.FR", true),
            ("shop.example.fr", false),
            ("a.b.shop.example.fr", false),
            (".shop.example.fr", false),
            ("*.shop.example.fr", true),
            // A wildcard over a whole top-level domain, or inside a label, covers nothing.
            ("other.fr", false),
            ("foo.example.fr", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8::1", true),
            ("[2001:db8:0::1]", true),
            ("2001:db8::2", false),
            // The common name is not a name of the site.
            ("site", false),
            ("", false),
        ];
        for (host, covered) in rows {
            assert_eq!(identity.covers(host), covered, "{host}");
        }
    }
}
