//! Authorities that are trusted: those of the system, and one file of the caller's.

use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// A set of authorities.
#[derive(Debug, Clone)]
pub struct Roots(RootCertStore);

impl Roots {
    /// Those of the system, and those of a PEM file if one is named.
    ///
    /// # Errors
    /// The file cannot be read, or is no certificate.
    pub fn load(file: Option<&Path>) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = file {
            let certificates = CertificateDer::pem_file_iter(file).map_err(io::Error::other)?;
            for certificate in certificates {
                let certificate = certificate.map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
        Ok(Self(roots))
    }

    pub(crate) const fn store(&self) -> &RootCertStore {
        &self.0
    }
}
