//! The proof that a connection is encrypted.
//!
//! Clause: RFC 6797, 7.2 (no HSTS field over non-secure transport). A flag can be wrong, a
//! client header can lie; a value that only a finished TLS handshake makes can do neither.
//!
//! Absent on purpose: any other constructor, also for tests. A test that needs an
//! `Encrypted` runs a handshake in memory.

use std::sync::Arc;

use rustls::{HandshakeKind, ProtocolVersion, ServerConnection};

/// A finished TLS handshake, and what it negotiated. Cheap to clone.
///
/// Only [`Encrypted::from_connection`] makes one:
///
/// ```compile_fail,E0423
/// let forged = transport::Encrypted(std::sync::Arc::default());
/// ```
///
/// ```compile_fail,E0599
/// let forged = transport::Encrypted::default();
/// ```
#[derive(Debug, Clone)]
pub struct Encrypted(Arc<Negotiated>);

#[derive(Debug)]
struct Negotiated {
    version: ProtocolVersion,
    suite: &'static str,
    group: Option<&'static str>,
    alpn: Option<Vec<u8>>,
    server_name: Option<String>,
    resumed: bool,
}

impl Encrypted {
    /// The proof for a connection whose handshake is over; `None` while it is not.
    pub fn from_connection(connection: &ServerConnection) -> Option<Self> {
        if connection.is_handshaking() {
            return None;
        }
        Some(Self(Arc::new(Negotiated {
            version: connection.protocol_version()?,
            suite: connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())?,
            group: connection
                .negotiated_key_exchange_group()
                .and_then(|group| group.name().as_str()),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            server_name: connection.server_name().map(str::to_owned),
            resumed: matches!(connection.handshake_kind(), Some(HandshakeKind::Resumed)),
        })))
    }

    /// The protocol version: `TLSv1_3` or `TLSv1_2`.
    pub fn version(&self) -> &'static str {
        self.0.version.as_str().unwrap_or("unknown")
    }

    /// The cipher suite, by its registered name.
    pub fn cipher_suite(&self) -> &'static str {
        self.0.suite
    }

    /// The key exchange group, such as `X25519MLKEM768`. `None` when a TLS 1.2 session was
    /// resumed, which exchanges no key.
    pub fn key_exchange(&self) -> Option<&'static str> {
        self.0.group
    }

    /// The application protocol agreed by ALPN: `h2` or `http/1.1`. `None` when the client
    /// offered none, which means HTTP/1.1.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.0.alpn.as_deref()
    }

    /// The name asked for by SNI, lower-case. `None` when the client sent none.
    pub fn server_name(&self) -> Option<&str> {
        self.0.server_name.as_deref()
    }

    /// Whether an earlier session was resumed.
    pub fn resumed(&self) -> bool {
        self.0.resumed
    }
}

#[cfg(test)]
mod tests {
    use policy::clause;
    use policy::transport::TlsProfile;
    use rustls::ClientConnection;
    use rustls::pki_types::ServerName;

    use super::*;
    use crate::testing::listener;
    use crate::tls::client_config;

    #[test]
    fn there_is_no_proof_before_the_client_has_finished() {
        let (roots, server) = listener(TlsProfile::MozillaIntermediate, &["www.example.fr"]);
        let name = ServerName::try_from("www.example.fr").unwrap();
        let mut client = ClientConnection::new(Arc::new(client_config(roots)), name).unwrap();
        let mut server = ServerConnection::new(Arc::new(server)).unwrap();
        let clause = clause::HSTS_ONLY_ENCRYPTED.id;
        assert!(Encrypted::from_connection(&server).is_none(), "{clause}");

        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        server.read_tls(&mut hello.as_slice()).unwrap();
        server.process_new_packets().unwrap();
        // Version and suite are agreed, and yet nothing is proved.
        assert!(server.negotiated_cipher_suite().is_some());
        assert!(Encrypted::from_connection(&server).is_none(), "{clause}");
    }
}
