//! The TLS handshake of one connection, from the first record on.
//!
//! The name that the client asks for is known before anything is answered, so that a handshake
//! which fails can still be told to the site that it was for.

use std::io;
use std::sync::Arc;

use policy::transport::Hsts;
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::evidence::{Evidence, Seen, is_distrust};
use crate::route::Snapshot;

/// Shakes hands as the policy in force says, and counts how it went.
pub(crate) async fn accept(
    stream: TcpStream,
    snapshot: &Snapshot,
    evidence: &Evidence,
) -> io::Result<TlsStream<TcpStream>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let name = start
        .client_hello()
        .server_name()
        .map(str::to_ascii_lowercase);
    // Counted only for hosts of the policy: anybody may ask for any name.
    let named = name.and_then(|name| Some((snapshot.route(&name)?, name)));
    let shaken = start
        .into_stream(Arc::clone(snapshot.acceptor.config()))
        .await;
    if let Some((route, name)) = named {
        evidence.note(
            &name,
            match &shaken {
                Ok(_) => Seen::Served(
                    route
                        .site
                        .announces_hsts(&name)
                        .then(|| seconds(&snapshot.policy.transport().hsts)),
                ),
                Err(error) => Seen::Broken {
                    distrusted: is_distrust(error),
                },
            },
        );
    }
    shaken
}

const fn seconds(hsts: &Hsts) -> u64 {
    hsts.max_age.as_secs()
}
