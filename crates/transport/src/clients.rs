//! Client certificates: who is let in by the handshake itself.
//!
//! Clauses: RFC 8446, 4.3.2 and 4.4.2 (the request and the proof, in the handshake: TLS 1.3
//! could ask later, but HTTP/2 forbids it and rustls does not); RFC 9440 (`Client-Cert`, by
//! which an origin learns the certificate); RFC 9110, 7.4 (421).
//!
//! The question is put by the name that the client asks for, so a connection is proof for that
//! name's site only: [`ClientAuth::fits`] tells whether a request on it may be served for
//! another. Sessions are not resumed where certificates are asked for: a ticket would outlive
//! the authority, the list of revoked certificates and the policy that it was given under.
//!
//! Absent on purpose: OCSP, and names. Which person a certificate stands for is for the
//! origin to know.

use std::fmt;
use std::sync::Arc;

use policy::site::ClientMode;
use policy::{Language, Text};
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

/// What a site asks of its clients, ready for handshakes.
pub struct ClientAuth {
    mode: ClientMode,
    authorities: Vec<CertificateDer<'static>>,
    revoked: Vec<CertificateRevocationListDer<'static>>,
    verifier: Arc<dyn ClientCertVerifier>,
}

/// Why client certificates cannot be verified.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthError {
    /// A file is not PEM.
    #[error("not PEM: {0}")]
    Pem(pem::Error),
    /// There is no certificate, or no list, in a file.
    #[error("nothing usable in the file")]
    Empty,
    /// A certificate or a list cannot be used.
    #[error("{0}")]
    Refused(String),
}

impl ClientAuthError {
    /// What a person reads.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Pem(error) => Text::new(
                format!("ce n’est pas du PEM ({error}). Donnez un fichier qui commence par « -----BEGIN »."),
                format!("this is not PEM ({error}). Give a file that starts with “-----BEGIN”."),
            ),
            Self::Empty => Text::new(
                "le fichier ne contient ni certificat d’autorité (« BEGIN CERTIFICATE ») ni liste (« BEGIN X509 CRL »).",
                "the file holds neither the certificate of an authority (“BEGIN CERTIFICATE”) nor a list (“BEGIN X509 CRL”).",
            ),
            Self::Refused(why) => Text::new(
                format!("une autorité ou une liste ne peut pas servir : {why}."),
                format!("an authority or a list cannot be used: {why}."),
            ),
        }
        .in_language(language)
        .to_owned()
    }
}

impl ClientAuth {
    /// Reads the authorities, and their lists of revoked certificates if there are any. With a
    /// list, a certificate whose authority has none, or one that has ended, is refused too.
    ///
    /// # Errors
    /// See [`ClientAuthError`].
    pub fn from_pem(
        mode: ClientMode,
        authorities: &[u8],
        revoked: Option<&[u8]>,
    ) -> Result<Self, ClientAuthError> {
        let authorities: Vec<CertificateDer<'static>> = all(authorities)?;
        let revoked: Vec<CertificateRevocationListDer<'static>> = match revoked {
            Some(revoked) => all(revoked)?,
            None => Vec::new(),
        };
        let refused = |error: &dyn fmt::Display| ClientAuthError::Refused(error.to_string());
        let mut roots = RootCertStore::empty();
        for authority in &authorities {
            roots
                .add(authority.clone())
                .map_err(|error| refused(&error))?;
        }
        let provider = Arc::new(default_provider());
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .with_crls(revoked.clone())
            .only_check_end_entity_revocation()
            // A list that has ended says nothing of what was revoked since.
            .enforce_revocation_expiration();
        if mode == ClientMode::Optional {
            builder = builder.allow_unauthenticated();
        }
        Ok(Self {
            mode,
            verifier: builder.build().map_err(|error| refused(&error))?,
            authorities,
            revoked,
        })
    }

    /// Whether a connection, on which `asked` was put, proves what this site asks for. It does
    /// when the question was the same: other authorities, or none, prove nothing here.
    pub fn fits(&self, asked: Option<&Self>) -> bool {
        asked.is_some_and(|asked| {
            self.mode == asked.mode
                && self.authorities == asked.authorities
                && self.revoked == asked.revoked
        })
    }

    /// Whether every client has a certificate.
    pub fn is_required(&self) -> bool {
        self.mode == ClientMode::Required
    }

    pub(crate) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::clone(&self.verifier)
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAuth")
            .field("mode", &self.mode)
            .field("authorities", &self.authorities.len())
            .field("revoked", &self.revoked.len())
            .finish()
    }
}

/// Every object of a kind in a PEM file, at least one.
fn all<T: PemObject>(pem: &[u8]) -> Result<Vec<T>, ClientAuthError> {
    let found: Vec<T> = T::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(ClientAuthError::Pem)?;
    match found.is_empty() {
        true => Err(ClientAuthError::Empty),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::dev::Authority;

    #[test]
    fn only_the_same_question_proves_the_same() {
        let authority = || {
            Authority::new(SystemTime::now())
                .unwrap()
                .cert_pem()
                .to_owned()
        };
        let (one, two) = (authority(), authority());
        let auth = |mode, pem: &str| ClientAuth::from_pem(mode, pem.as_bytes(), None).unwrap();
        let here = auth(ClientMode::Required, &one);
        for (asked, fits) in [
            (Some(auth(ClientMode::Required, &one)), true),
            (Some(auth(ClientMode::Optional, &one)), false),
            (Some(auth(ClientMode::Required, &two)), false),
            (
                Some(auth(ClientMode::Required, &(one.clone() + &two))),
                false,
            ),
            (None, false),
        ] {
            assert_eq!(here.fits(asked.as_ref()), fits, "{asked:?}");
        }
    }

    #[test]
    fn a_file_that_proves_nothing_is_refused_in_both_languages() {
        let pem = Authority::new(SystemTime::now())
            .unwrap()
            .cert_pem()
            .to_owned();
        for (authorities, revoked) in [
            ("", None),
            ("no PEM", None),
            ("-----BEGIN CERTIFICATE-----\n", None),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                None,
            ),
            (pem.as_str(), Some("")),
            (pem.as_str(), Some(pem.as_str())),
        ] {
            let read = ClientAuth::from_pem(
                ClientMode::Required,
                authorities.as_bytes(),
                revoked.map(str::as_bytes),
            );
            let error = read.expect_err(authorities);
            assert_ne!(error.text(Language::Fr), error.text(Language::En));
        }
    }
}
