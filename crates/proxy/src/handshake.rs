//! The TLS handshake of one connection, from the first record on.
//!
//! The name that the client asks for is known before anything is answered: it chooses whether
//! a certificate is asked of the client, and tells which site a handshake that fails was for.
//! Clauses: RFC 8446, 4.2 (the name comes in the first message); RFC 9110, 7.4 (what a
//! connection proves it proves for that name); RFC 9440, 2.2 (`Client-Cert`).

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use http::HeaderValue;
use policy::transport::TlsProfile;
use rustls::server::{Acceptor, ClientHello, ProducesTickets};
use rustls::{ServerConfig, ServerConnection};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};
use transport::certificate::{ACME_TLS, Certificates};
use transport::clients::ClientAuth;

use crate::evidence::{Evidence, Seen, is_distrust};
use crate::route::{Route, Snapshot};
use crate::wire::{PIECE, Wire};

/// The TLS settings towards clients, by the name that they ask for.
pub(crate) struct Welcome {
    /// Asks nobody for a certificate.
    open: Arc<ServerConfig>,
    /// Of the hosts of sites that do.
    guarded: HashMap<String, Guarded>,
    /// The host whose settings a client without a name gets: that of the certificate that it
    /// is shown.
    nameless: Option<String>,
}

#[derive(Clone)]
struct Guarded {
    config: Arc<ServerConfig>,
    clients: Arc<ClientAuth>,
}

/// A finished handshake, and what it proves of the client.
pub(crate) struct Shaken {
    pub(crate) stream: TlsStream<Wire>,
    pub(crate) proof: Proof,
}

/// What a connection proves of its client.
#[derive(Default)]
pub(crate) struct Proof {
    /// What was asked.
    asked: Option<Arc<ClientAuth>>,
    /// The certificate that was shown, as an origin is told it.
    certificate: Option<HeaderValue>,
}

impl Welcome {
    pub(crate) fn new(
        profile: TlsProfile,
        routes: &[Arc<Route>],
        certificates: &Arc<Certificates>,
        ticketer: Arc<dyn ProducesTickets>,
    ) -> Result<Self, rustls::Error> {
        let open = transport::tls::server_config(profile, Arc::clone(certificates), ticketer)?;
        let mut guarded = HashMap::new();
        let mut nameless = None;
        let mut known = Vec::new();
        for route in routes {
            let here = match &route.clients {
                None => None,
                Some(clients) => Some(Guarded {
                    config: Arc::new(transport::tls::guarded_config(
                        profile,
                        Arc::clone(certificates),
                        clients,
                    )?),
                    clients: Arc::clone(clients),
                }),
            };
            for host in &route.site.hosts {
                if nameless.is_none() && host.parse::<std::net::IpAddr>().is_ok() {
                    nameless = Some(host.clone());
                }
                // The first site that names a host keeps it, as for certificates.
                if known.contains(&host) {
                    continue;
                }
                known.push(host);
                if let Some(here) = &here {
                    guarded.insert(host.clone(), here.clone());
                }
            }
        }
        Ok(Self {
            open: Arc::new(open),
            guarded,
            nameless,
        })
    }

    /// The settings for a client, and what it is asked. An authority that comes to see a
    /// challenge has no certificate to show, and is served nothing else.
    fn choose(&self, hello: &ClientHello<'_>, name: Option<&str>) -> (Arc<ServerConfig>, Proof) {
        let challenge = hello
            .alpn()
            .is_some_and(|mut offered| offered.any(|protocol| protocol == ACME_TLS));
        let host = name.or(self.nameless.as_deref());
        match host.and_then(|host| self.guarded.get(host)) {
            Some(guarded) if !challenge => (
                Arc::clone(&guarded.config),
                Proof {
                    asked: Some(Arc::clone(&guarded.clients)),
                    certificate: None,
                },
            ),
            _ => (Arc::clone(&self.open), Proof::default()),
        }
    }
}

impl Proof {
    /// Whether a request of this connection may be served for a site that asks this.
    pub(crate) fn fits(&self, clients: &ClientAuth) -> bool {
        clients.fits(self.asked.as_deref())
            && (self.certificate.is_some() || !clients.is_required())
    }

    /// The field that tells the origin; only for sites that ask.
    pub(crate) const fn certificate(&self) -> Option<&HeaderValue> {
        self.certificate.as_ref()
    }
}

/// Waits for the first message of a client.
pub(crate) async fn hear(stream: Wire) -> io::Result<StartHandshake<Wire>> {
    LazyConfigAcceptor::new(Acceptor::default(), stream).await
}

/// Shakes hands as the policy in force says, and counts how it went.
pub(crate) async fn accept(
    start: StartHandshake<Wire>,
    snapshot: &Snapshot,
    evidence: &Evidence,
) -> io::Result<Shaken> {
    let (name, (config, mut proof)) = {
        let hello = start.client_hello();
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let chosen = snapshot.welcome.choose(&hello, name.as_deref());
        (name, chosen)
    };
    let pieces = |connection: &mut ServerConnection| connection.set_buffer_limit(Some(PIECE));
    let shaken = start.into_stream_with(config, pieces).await;
    // Counted only for hosts of the policy: anybody may ask for any name.
    if let Some(name) = name
        && let Some(route) = snapshot.route(&name)
    {
        let announced = route.site.announces_hsts(&name);
        let max_age = snapshot.policy.transport().hsts.max_age.as_secs();
        evidence.note(
            &name,
            match &shaken {
                Ok(_) => Seen::Served(announced.then_some(max_age)),
                Err(error) => Seen::Broken {
                    distrusted: is_distrust(error),
                },
            },
        );
    }
    let stream = shaken?;
    if proof.asked.is_some() {
        let shown = stream.get_ref().1.peer_certificates();
        proof.certificate = shown.and_then(|chain| {
            let encoded = Base64::encode_string(chain.first()?);
            HeaderValue::try_from(format!(":{encoded}:")).ok()
        });
    }
    Ok(Shaken { stream, proof })
}
