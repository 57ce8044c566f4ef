//! HTTPS with any server that speaks TLS 1.2 or 1.3, whatever its certificate.
//!
//! A scan has to read the pages of a site whose certificate is wrong, to say what is wrong with
//! the rest. So nothing is verified while the handshake lasts: the chain is kept, and judged in
//! [`crate::certificate`]. Nothing secret is ever sent over such a connection: a scan has no
//! password, no cookie and no field of its own.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    SignatureScheme, StreamOwned,
};

use crate::net::{Silence, Timed};

/// A connection over TLS.
pub(crate) type Secured = StreamOwned<ClientConnection, Timed>;

/// What a handshake showed of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// The chain as it was sent, in DER.
    pub(crate) chain: Vec<Vec<u8>>,
    /// Whether the status of the certificate came with it.
    pub(crate) is_stapled: bool,
    /// Whether the server asked for a certificate of its visitor.
    pub(crate) asks_certificate: bool,
}

/// Keeps the chain of one handshake and lets it pass.
#[derive(Debug, Default)]
struct Witness(Mutex<Shown>);

/// Shakes hands; what was shown is there even when the rest fails.
pub(crate) fn secure(mut stream: Timed, host: &str) -> (Shown, Result<Secured, Failed>) {
    let witness = Arc::new(Witness::default());
    let result = connect(&witness, &mut stream, host);
    let shown = witness.lock().clone();
    let result = result.map_err(|failed| match failed {
        Failed::Tls(_) if shown.asks_certificate => Failed::Tls(Refusal::Certificate),
        failed => failed,
    });
    (
        shown,
        result.map(|connection| StreamOwned::new(connection, stream)),
    )
}

/// The suites that a handshake of this module offers.
pub(crate) fn suites() -> Vec<u16> {
    let offered = default_provider().cipher_suites;
    offered.iter().map(|suite| suite.suite().into()).collect()
}

/// Why there is no HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Nothing came.
    Silence(Silence),
    /// The handshake does not complete.
    Tls(Refusal),
}

/// Why a handshake does not complete, as far as the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It asks its visitors for a certificate.
    Certificate,
    /// It sent an alert.
    Alert(AlertDescription),
    /// Nothing that explains it.
    Silent,
}

impl From<&io::Error> for Refusal {
    fn from(error: &io::Error) -> Self {
        let cause = error
            .get_ref()
            .and_then(|cause| cause.downcast_ref::<Error>());
        match cause {
            Some(Error::AlertReceived(alert)) => Self::Alert(*alert),
            _ => Self::Silent,
        }
    }
}

fn connect(
    witness: &Arc<Witness>,
    stream: &mut Timed,
    host: &str,
) -> Result<ClientConnection, Failed> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(|_| Failed::Tls(Refusal::Silent))?;
    let verifier: Arc<dyn ServerCertVerifier> = Arc::<Witness>::clone(witness);
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::<Witness>::clone(witness));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Failed::Silence(Silence::Name))?;
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|_| Failed::Tls(Refusal::Silent))?;
    while connection.is_handshaking() {
        match connection.complete_io(stream) {
            Ok(_) => {}
            Err(error) => {
                return Err(match error.kind() {
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                        Failed::Silence(Silence::Slow)
                    }
                    _ => Failed::Tls(Refusal::from(&error)),
                });
            }
        }
    }
    Ok(connection)
}

impl Witness {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has no certificate to give, and remembers that one was asked for.
impl ResolvesClientCert for Witness {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.lock().asks_certificate = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let mut shown = self.lock();
        shown.chain = chain.map(|certificate| certificate.to_vec()).collect();
        shown.is_stapled = !ocsp_response.is_empty();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = default_provider()
            .signature_verification_algorithms
            .supported_schemes();
        let old = [
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ];
        known.into_iter().chain(old).collect()
    }
}
