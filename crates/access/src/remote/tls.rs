//! TLS towards a shared store: the server's name and certificate are always verified.
//!
//! Clause: RFC 9325 (TLS 1.2 at least); the suites are those of the provider that the gate
//! uses.
//!
//! Absent on purpose: a way to skip verification, and client certificates.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::OpenError;

/// How to verify a server: with authorities given as PEM, or with those of the system. Reads
/// files, so it runs once when a store is opened.
///
/// # Errors
/// When there is no authority at all.
pub(crate) async fn client(authorities: Option<Vec<u8>>) -> Result<Arc<ClientConfig>, OpenError> {
    let roots = tokio::task::spawn_blocking(move || roots(authorities.as_deref()))
        .await
        .map_err(|_| OpenError::NoAuthority)?;
    if roots.is_empty() {
        return Err(OpenError::NoAuthority);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider's suites serve both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn roots(authorities: Option<&[u8]>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // A certificate that cannot be read makes no connection trusted, so it is passed over.
    match authorities {
        Some(pem) => {
            let given = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
            roots.add_parsable_certificates(given);
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    roots
}
