//! Answers to `tls-alpn-01` (RFC 8737): a handshake that proves a name to an authority.
//!
//! An authority that wants proof connects with the single protocol `acme-tls/1` and expects a
//! self-signed certificate that holds a digest which only the account can compute. RFC 8738,
//! 6 says how an address is asked for: by its name under `in-addr.arpa` or `ip6.arpa`.
//!
//! Absent on purpose: anything after the handshake. The connection is closed, and no answer
//! is ever shown to a client that offers another protocol too.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ClientHello;
use rustls::sign::CertifiedKey;

/// The one protocol of a challenge (RFC 8737, 6.2).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// The answers in flight, by the name that the authority asks for. Shared by every
/// configuration of a listener, so that a reload in the middle of an order loses none.
#[derive(Default)]
pub struct Challenges(RwLock<HashMap<String, Arc<CertifiedKey>>>);

/// The certificate that answers one challenge.
#[derive(Clone)]
pub struct ChallengeAnswer {
    name: String,
    key: Arc<CertifiedKey>,
}

/// An answer could not be made: the host is no name, or the system gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no certificate could be made for this challenge")]
pub struct ChallengeError;

impl ChallengeAnswer {
    /// The answer for a host (a name, or an address without brackets): `digest` is the
    /// SHA-256 of the key authorization (RFC 8737, 3).
    ///
    /// # Errors
    /// [`ChallengeError`].
    pub fn new(host: &str, digest: [u8; 32]) -> Result<Self, ChallengeError> {
        let key = KeyPair::generate().map_err(|_| ChallengeError)?;
        let mut params =
            CertificateParams::new(vec![host.to_owned()]).map_err(|_| ChallengeError)?;
        params.distinguished_name = DistinguishedName::new();
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
        let certificate = params.self_signed(&key).map_err(|_| ChallengeError)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = any_supported_type(&key).map_err(|_| ChallengeError)?;
        Ok(Self {
            name: asked_name(host),
            key: Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)),
        })
    }
}

impl Challenges {
    /// Puts these answers in the place of all others.
    pub fn replace(&self, answers: impl IntoIterator<Item = ChallengeAnswer>) {
        let answers = answers.into_iter();
        let answers = answers.map(|answer| (answer.name, answer.key)).collect();
        // A panic elsewhere cannot have left half a map: it is only ever replaced whole.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = answers;
    }

    /// The answer to a handshake, if it is a challenge and one is in flight for its name.
    pub(super) fn answer(&self, hello: &ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        let answers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(&name).map(Arc::clone)
    }
}

/// Whether a client offers the challenge's protocol and nothing else.
pub(super) fn is_challenge(hello: &ClientHello<'_>) -> bool {
    let Some(mut protocols) = hello.alpn() else {
        return false;
    };
    protocols.next() == Some(ACME_TLS) && protocols.next().is_none()
}

/// The server name by which an authority asks for a host.
fn asked_name(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Err(_) => host.to_ascii_lowercase(),
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Ok(IpAddr::V6(address)) => {
            let mut name = String::with_capacity(72);
            for byte in address.octets().iter().rev() {
                let written = write!(name, "{:x}.{:x}.", byte & 0xf, byte >> 4);
                debug_assert!(written.is_ok(), "a String takes all that is written");
            }
            name + "ip6.arpa"
        }
    }
}

/// The names only.
impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Challenges")
            .field(&answers.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl fmt::Debug for ChallengeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChallengeAnswer")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use policy::transport::TlsProfile;
    use rustls::ClientConfig;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{DigitallySignedStruct, SignatureScheme};
    use x509_parser::parse_x509_certificate;

    use super::*;
    use crate::certificate::Certificates;
    use crate::testing::{handshake, identity};
    use crate::tickets::Tickets;
    use crate::tls;

    /// Trusts anything, as an authority does until it has looked at the certificate.
    #[derive(Debug)]
    struct Anything;

    impl ServerCertVerifier for Anything {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            default_provider()
                .signature_verification_algorithms
                .supported_schemes()
        }
    }

    fn client(protocols: &[&[u8]]) -> Arc<ClientConfig> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anything))
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }

    #[test]
    fn only_a_challenge_in_flight_is_answered_and_only_to_the_one_protocol() {
        let (_, served) = identity(&["www.example.fr"]);
        let ordinary = served.certified_key().cert[0].clone();
        let challenges = Arc::new(Challenges::default());
        let answer = ChallengeAnswer::new("www.example.fr", [7; 32]).unwrap();
        let challenge = answer.key.cert[0].clone();
        let certificates = Certificates::new(vec![(vec!["www.example.fr".to_owned()], served)])
            .with_challenges(Arc::clone(&challenges));
        for profile in [TlsProfile::MozillaIntermediate, TlsProfile::Modern] {
            let server = tls::server_config(
                profile,
                Arc::new(certificates.clone()),
                Arc::new(Tickets::alone().unwrap()),
            );
            let server = Arc::new(server.unwrap());
            let shown = |protocols: &[&[u8]], name| {
                let pair = handshake(&client(protocols), &server, name).ok()?;
                let certificate = pair.client.peer_certificates()?.first()?.clone();
                Some((certificate, pair.client.alpn_protocol()?.to_vec()))
            };
            challenges.replace([]);
            assert_eq!(shown(&[ACME_TLS], "www.example.fr"), None, "none in flight");

            challenges.replace([answer.clone()]);
            assert_eq!(
                shown(&[ACME_TLS], "www.example.fr"),
                Some((challenge.clone(), ACME_TLS.to_vec()))
            );
            assert_eq!(shown(&[ACME_TLS], "other.example.fr"), None, "other name");
            assert_eq!(
                shown(&[ACME_TLS, b"h2"], "www.example.fr"),
                Some((ordinary.clone(), b"h2".to_vec())),
                "a browser is never shown a challenge"
            );
            assert_eq!(
                shown(&[b"h2"], "www.example.fr"),
                Some((ordinary.clone(), b"h2".to_vec()))
            );
        }
    }

    #[test]
    fn the_answer_names_the_host_and_holds_the_digest_as_critical() {
        for host in ["www.example.fr", "192.0.2.1", "2001:db8::1"] {
            let answer = ChallengeAnswer::new(host, [7; 32]).unwrap();
            let (_, certificate) = parse_x509_certificate(&answer.key.cert[0]).unwrap();
            let extension = certificate
                .extensions()
                .iter()
                .find(|extension| extension.oid.to_id_string() == "1.3.6.1.5.5.7.1.31")
                .unwrap();
            assert!(extension.critical, "{host}");
            assert_eq!(extension.value, [&[4, 32][..], &[7; 32]].concat(), "{host}");
            let names = certificate.subject_alternative_name().unwrap().unwrap();
            assert_eq!(names.value.general_names.len(), 1, "{host}");
        }
        assert!(ChallengeAnswer::new("é.fr", [7; 32]).is_err());
    }

    #[test]
    fn an_address_is_asked_for_by_its_reverse_name() {
        for (host, name) in [
            ("WWW.example.fr", "www.example.fr"),
            ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
            (
                "2001:db8::1",
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            ),
        ] {
            assert_eq!(asked_name(host), name);
        }
    }
}
