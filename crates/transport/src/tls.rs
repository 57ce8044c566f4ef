//! What a handshake may negotiate.
//!
//! Clauses: RFC 9325, 3.1.1 (no SSL, TLS 1.0 or 1.1), 3.3 (no compression), 3.4 (ticket keys
//! rotate), 3.5 (no renegotiation), 3.8 (disjoint ALPN is fatal), 4.1 and 4.2 (ephemeral
//! AEAD suites only); RFC 8470 and ANSSI SDE-NT-35, R23 (no early data); Mozilla Server Side
//! TLS 6.0, intermediate and modern; ANSSI SDE-NT-35, R3, R6, R9 to R13, R20. Compression,
//! renegotiation and old versions need no setting: rustls has none of them.
//!
//! The provider is named, never taken from the process: a default installed elsewhere must
//! not decide what this gate speaks.
//!
//! Absent on purpose: half-RTT data, key logging, secret extraction, and a session cache.
//! Sessions live in tickets ([`crate::tickets`]), so a reload does not lose them as long as the
//! ticketer is kept; where clients show certificates ([`guarded_config`]) there are none.

use std::sync::Arc;

use policy::transport::TlsProfile;
use rustls::crypto::aws_lc_rs::{cipher_suite as suite, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion,
    version,
};

use crate::certificate::{ACME_TLS, Certificates};
use crate::clients::ClientAuth;

/// The application protocols of the gate, preferred first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Both versions that remain.
const TLS13_AND_12: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// Mozilla's intermediate list, in its order; the client's order decides.
const INTERMEDIATE: [SupportedCipherSuite; 9] = [
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// The same suites with AES-256 first, as ANSSI prefers; the gate's order decides.
const ANSSI: [SupportedCipherSuite; 9] = [
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// TLS 1.3 alone.
const MODERN: [SupportedCipherSuite; 3] = [
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
];

/// Mozilla's groups. The hybrid with ML-KEM protects a recording against a later quantum
/// computer, and costs an old client nothing.
const GROUPS: [&dyn SupportedKxGroup; 4] = [
    kx_group::X25519MLKEM768,
    kx_group::X25519,
    kx_group::SECP256R1,
    kx_group::SECP384R1,
];

/// ANSSI prefers the NIST curves to X25519. The hybrid stays in front by our own choice.
const ANSSI_GROUPS: [&dyn SupportedKxGroup; 4] = [
    kx_group::X25519MLKEM768,
    kx_group::SECP256R1,
    kx_group::SECP384R1,
    kx_group::X25519,
];

/// What the TLS listener offers under a profile.
///
/// Give the same `ticketer` to every configuration of the process, so that a reload ends no
/// session.
///
/// # Errors
/// rustls refuses the combination, which no profile does; the caller keeps its last
/// configuration then.
pub fn server_config(
    profile: TlsProfile,
    certificates: Arc<Certificates>,
    ticketer: Arc<dyn ProducesTickets>,
) -> Result<ServerConfig, rustls::Error> {
    let challenges = certificates.answers_challenges();
    let mut config = config(
        profile,
        certificates,
        WebPkiClientVerifier::no_client_auth(),
    )?;
    if challenges {
        // Last: a client that also offers a protocol of ours gets ours.
        config.alpn_protocols.push(ACME_TLS.to_vec());
    }
    config.ticketer = ticketer;
    Ok(config)
}

/// The same for a site that asks its clients for certificates: no session is resumed, since
/// that would skip the question, and no challenge is answered, since an authority shows none.
///
/// # Errors
/// As [`server_config`].
pub fn guarded_config(
    profile: TlsProfile,
    certificates: Arc<Certificates>,
    clients: &ClientAuth,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = config(profile, certificates, clients.verifier())?;
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn config(
    profile: TlsProfile,
    certificates: Arc<Certificates>,
    clients: Arc<dyn ClientCertVerifier>,
) -> Result<ServerConfig, rustls::Error> {
    let (suites, groups, versions): (&[_], _, &[_]) = match profile {
        TlsProfile::MozillaIntermediate => (&INTERMEDIATE, GROUPS, TLS13_AND_12),
        TlsProfile::Anssi => (&ANSSI, ANSSI_GROUPS, TLS13_AND_12),
        TlsProfile::Modern => (&MODERN, GROUPS, &[&version::TLS13]),
    };
    let provider = CryptoProvider {
        cipher_suites: suites.to_vec(),
        kx_groups: groups.to_vec(),
        ..default_provider()
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(certificates);
    config.ignore_client_order = profile == TlsProfile::Anssi;
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    // One of them serves a client's next connection, which brings another (RFC 8446, C.4).
    config.send_tls13_tickets = 1;
    // The defaults of rustls, written down because the policy relies on them.
    config.max_early_data_size = 0;
    config.send_half_rtt_data = false;
    Ok(config)
}

/// How the gate speaks TLS to an origin: TLS 1.3 and 1.2, verified against `roots`.
///
/// No ALPN is set, since the HTTP connector sets its own.
pub fn client_config(roots: RootCertStore) -> ClientConfig {
    let provider = CryptoProvider {
        cipher_suites: INTERMEDIATE.to_vec(),
        kx_groups: GROUPS.to_vec(),
        ..default_provider()
    };
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(TLS13_AND_12)
        .expect("the suites above serve both versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[cfg(test)]
mod tests;
