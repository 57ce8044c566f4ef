//! A connection before its first request: whose it is, and whether it may shake hands.
//!
//! Clauses: [`policy::clause::REMPART_DEADLINES`] (caps per source); RFC 9325, 3.8. A client that
//! an intermediary announces is counted in its place. A source over its rate of handshakes is
//! closed without a word: an answer would cost what the cap saves.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use policy::transport::{Limits, Listener, TransportPolicy};
use tokio::net::TcpStream;

use crate::activity::Activity;
use crate::announce;
use crate::gate::Shared;
use crate::handshake::{self, Shaken};
use crate::limit::Permit;
use crate::listen::Door;
use crate::observe::Observed;
use crate::rate::Turn;
use crate::route::Snapshot;
use crate::wire::Wire;

/// A connection that was accepted.
pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    /// The policy in force when it came.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) stream: TcpStream,
    /// The client; of a connection passed on, the one that its header announced.
    pub(crate) peer: SocketAddr,
    pub(crate) permit: Permit,
}

/// What a connection on the TLS listener turned out to be.
pub(crate) enum Opened {
    /// TLS, handshake done.
    Encrypted(Box<Shaken>),
    /// HTTP without TLS: somebody wrote `http://name:443`. It is treated as on the plain
    /// listener, so that a link leads to https and a password in clear is told.
    Clear(Wire),
}

impl Visit {
    /// The same with the client that a PROXY header announces, where one is asked for; `None`
    /// when the connection is to be closed without a word.
    pub(crate) async fn introduced(mut self, door: Door) -> Option<Self> {
        let transport = self.snapshot.policy.transport();
        let listener = match door {
            Door::Plain => Listener::Http,
            Door::Secure => Listener::Https,
        };
        if !transport.proxy_protocol.contains(&listener) {
            return Some(self);
        }
        let proxy = self.peer;
        let complain = |why: &dyn Display| {
            let say = |unsaid: u64| {
                tracing::warn!(%proxy, %why, unsaid, "connection closed: no client announced");
            };
            self.shared.grumbles.announced.say(say);
        };
        if !is_trusted(proxy, transport) {
            complain(&"the peer is none of transport.trusted-proxies");
            return None;
        }
        let client = announce::client(&mut self.stream, proxy);
        let client = tokio::select! {
            result = tokio::time::timeout(transport.deadlines.proxy_header, client) => result,
            () = self.shared.ending.stopped() => return None,
        };
        self.peer = match client {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => {
                complain(&error);
                return None;
            }
            Err(_elapsed) => {
                complain(&"the PROXY header did not come in time");
                return None;
            }
        };
        if self.peer != proxy {
            let limits = limits_for(self.peer, transport);
            // Given back first: the total does not grow.
            drop(self.permit);
            let Some(permit) = admit(&self.shared, self.peer, limits) else {
                let counts = self.shared.metrics.gate.here();
                counts.turned_away.one(door as usize);
                return None;
            };
            self.permit = permit;
        }
        Some(self)
    }

    /// Shakes hands on the TLS listener; `None` when it is not to go on.
    pub(crate) async fn open(
        self,
        activity: &Arc<Activity>,
    ) -> io::Result<Option<(Opened, Permit)>> {
        let Self {
            shared,
            snapshot,
            stream,
            peer,
            permit,
        } = self;
        let clear = speaks_in_clear(&stream).await?;
        let wire = Wire::new(stream, Arc::clone(activity));
        if clear {
            return Ok(Some((Opened::Clear(wire), permit)));
        }
        // A turn is taken once somebody has asked for a handshake: a connection that says nothing
        // costs none, and takes none from those of its source that do.
        let asked = handshake::hear(wire).await?;
        if !may_shake_hands(&shared, &snapshot, peer).await {
            return Ok(None);
        }
        let shaken = handshake::accept(asked, &snapshot, &shared.evidence).await?;
        Ok(Some((Opened::Encrypted(Box::new(shaken)), permit)))
    }
}

/// Waits for the turn of a handshake; `false` when there is none.
async fn may_shake_hands(shared: &Shared, snapshot: &Snapshot, peer: SocketAddr) -> bool {
    let transport = snapshot.policy.transport();
    let source = (!is_trusted(peer, transport)).then(|| peer.ip());
    let now = tokio::time::Instant::now();
    let who = match shared.handshakes.admit(source, &transport.limits, now) {
        Turn::After(Duration::ZERO) => return true,
        Turn::After(wait) => {
            tokio::time::sleep(wait).await;
            return true;
        }
        Turn::SourceOver => "one source",
        Turn::AllOver => "all sources",
    };
    let peer = peer.ip();
    let say = |unsaid: u64| tracing::warn!(who, %peer, unsaid, "too many TLS handshakes");
    shared.grumbles.handshakes.say(say);
    false
}

/// Whether a peer is one of `trusted-proxies`.
pub(crate) fn is_trusted(peer: SocketAddr, transport: &TransportPolicy) -> bool {
    let address = peer.ip().to_canonical();
    let mut networks = transport.trusted_proxies.iter();
    networks.any(|network| network.contains(&address))
}

/// A place for a connection. Whoever only observes notes the cap of a source and keeps to that
/// of all connections.
pub(crate) fn admit(shared: &Shared, peer: SocketAddr, mut limits: Limits) -> Option<Permit> {
    let permit = shared.connections.admit(peer.ip(), &limits);
    if permit.is_some() || !shared.observe {
        return permit;
    }
    limits.connections_per_source = limits.connections;
    let permit = shared.connections.admit(peer.ip(), &limits)?;
    let counts = shared.metrics.nobody.here();
    counts.observed.one(Observed::Source as usize);
    Some(permit)
}

/// The limits that a peer gets. A trusted proxy brings many clients: it may have every
/// connection there is.
pub(crate) fn limits_for(peer: SocketAddr, transport: &TransportPolicy) -> Limits {
    let mut limits = transport.limits;
    if is_trusted(peer, transport) {
        limits.connections_per_source = limits.connections;
    }
    limits
}

/// Whether the first byte is a letter, as in an HTTP method; a TLS record starts with 22.
async fn speaks_in_clear(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    let read = stream.peek(&mut first).await?;
    Ok(read == 1 && first[0].is_ascii_uppercase())
}
