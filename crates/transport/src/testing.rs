//! A client and a server in memory, for tests that need a handshake.

use std::sync::Arc;
use std::time::SystemTime;

use policy::Site;
use policy::site::{Certificate, Scheme, Upstream};
use policy::transport::TlsProfile;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::certificate::{Certificates, Identity};
use crate::dev::Authority;
use crate::tickets::Tickets;
use crate::{Encrypted, tls};

/// Both ends of a connection.
pub(crate) struct Pair {
    pub(crate) client: ClientConnection,
    pub(crate) server: ServerConnection,
}

/// A development authority, and the certificate it made for some hosts.
pub(crate) fn identity(hosts: &[&str]) -> (RootCertStore, Arc<Identity>) {
    let now = SystemTime::now();
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let authority = Authority::new(now).unwrap();
    let issued = authority.issue(&hosts, now).unwrap();
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes(), now).unwrap();
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).unwrap();
    roots.add(root).unwrap();
    (roots, Arc::new(identity))
}

/// A listener for these hosts with one certificate, and the roots that a client needs.
pub(crate) fn listener(profile: TlsProfile, hosts: &[&str]) -> (RootCertStore, ServerConfig) {
    let (roots, identity) = identity(hosts);
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    let certificates = Arc::new(Certificates::new(vec![(hosts, identity)]));
    let server =
        tls::server_config(profile, certificates, Arc::new(Tickets::alone().unwrap())).unwrap();
    (roots, server)
}

/// Shakes hands until both ends are content, or gives the first error of either.
pub(crate) fn handshake(
    client: &Arc<ClientConfig>,
    server: &Arc<ServerConfig>,
    name: &'static str,
) -> Result<Pair, rustls::Error> {
    let name = ServerName::try_from(name).unwrap();
    let mut pair = Pair {
        client: ClientConnection::new(Arc::clone(client), name)?,
        server: ServerConnection::new(Arc::clone(server))?,
    };
    // One round more than any handshake needs carries the session tickets.
    for _ in 0..6 {
        let mut bytes = Vec::new();
        while pair.client.wants_write() {
            pair.client.write_tls(&mut bytes).unwrap();
        }
        receive(&bytes, |input| pair.server.read_tls(input));
        pair.server.process_new_packets()?;

        let mut bytes = Vec::new();
        while pair.server.wants_write() {
            pair.server.write_tls(&mut bytes).unwrap();
        }
        receive(&bytes, |input| pair.client.read_tls(input));
        pair.client.process_new_packets()?;
    }
    Ok(pair)
}

fn receive(bytes: &[u8], mut read: impl FnMut(&mut dyn std::io::Read) -> std::io::Result<usize>) {
    let mut input = bytes;
    while !input.is_empty() {
        read(&mut input).unwrap();
    }
}

/// The proof of a connection to `www.example.fr`.
pub(crate) fn encrypted() -> Encrypted {
    let (roots, server) = listener(TlsProfile::MozillaIntermediate, &["www.example.fr"]);
    let client = Arc::new(tls::client_config(roots));
    let pair = handshake(&client, &Arc::new(server), "www.example.fr").unwrap();
    Encrypted::from_connection(&pair.server).unwrap()
}

/// A site with these hosts.
pub(crate) fn site(certificate: Certificate, hosts: &[&str]) -> Site {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    Site::new(
        hosts,
        Upstream::new(Scheme::Http, "127.0.0.1", 8080),
        certificate,
    )
}
