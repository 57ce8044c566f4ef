//! `[transport.acme]`: where certificates are ordered, and on whose behalf.
//!
//! Clauses: RFC 8555, 7.1.1 (directory), 7.3 (contacts, agreement to terms), 7.3.4 (external
//! accounts), 8.3 (`http-01`); RFC 8737 (`tls-alpn-01`).
//!
//! Absent on purpose: `dns-01`, which needs the keys of a whole zone on the machine that
//! faces the public, and wildcards, which only `dns-01` can prove.

use std::path::PathBuf;
use std::time::Duration;

use crate::hash::SecretSource;

pub(crate) mod parse;

/// `[transport.acme]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcmePolicy {
    /// The certificate authority. Default Let's Encrypt.
    pub directory: Directory,
    /// Mail addresses that the authority may write to, without `mailto:`. Default none.
    pub contacts: Vec<String>,
    /// Whether the operator has accepted the authority's terms of service. Default false,
    /// and a site with `certificate = "acme"` needs true.
    pub agree_to_terms: bool,
    /// Where the account, the keys and the certificates are kept; relative to the state
    /// folder. Several gates may share one. Default `acme`.
    pub folder: PathBuf,
    /// How the authority is shown that the names are ours.
    pub challenge: ChallengeChoice,
    /// Certificates (PEM) of the only authorities trusted for the directory itself, relative
    /// to the policy file. `None`: those of the system.
    pub root: Option<PathBuf>,
    /// An account opened with the authority by other means, for authorities that ask for one.
    pub external_account: Option<ExternalAccount>,
    /// How long before its end a certificate is renewed, where the authority suggests no
    /// time. `None`: a third of its life.
    pub renew_before: Option<Duration>,
}

/// `directory`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directory {
    /// `"lets-encrypt"`.
    LetsEncrypt,
    /// `"lets-encrypt-staging"`: for trials; no browser trusts what it issues.
    LetsEncryptStaging,
    /// The address of another directory, always https.
    Url(String),
}

/// The words of `directory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DirectoryWord {
    /// See [`Directory::LetsEncrypt`].
    LetsEncrypt,
    /// See [`Directory::LetsEncryptStaging`].
    LetsEncryptStaging,
}

/// `challenge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeChoice {
    /// `"http-01"`: a file on the plain listener, which the authority reaches at port 80.
    Http01,
    /// `"tls-alpn-01"`: a handshake on the TLS listener, which the authority reaches at 443.
    TlsAlpn01,
    /// `"both"`: `http-01` where there is a plain listener, the other one after a failure.
    Both,
}

/// `external-account` and `external-account-key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalAccount {
    /// The identifier that the authority gave.
    pub id: String,
    /// Where the key is kept that the authority gave with it, in base64url.
    pub key: SecretSource,
}

/// The word of `renew-before`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Third {
    /// A third of the certificate's life.
    Third,
}

impl Directory {
    /// The address that a client asks first.
    pub fn url(&self) -> &str {
        match self {
            Self::LetsEncrypt => "https://acme-v02.api.letsencrypt.org/directory",
            Self::LetsEncryptStaging => "https://acme-staging-v02.api.letsencrypt.org/directory",
            Self::Url(url) => url,
        }
    }
}

impl Default for AcmePolicy {
    fn default() -> Self {
        Self {
            directory: Directory::LetsEncrypt,
            contacts: Vec::new(),
            agree_to_terms: false,
            folder: PathBuf::from("acme"),
            challenge: ChallengeChoice::Both,
            root: None,
            external_account: None,
            renew_before: None,
        }
    }
}
