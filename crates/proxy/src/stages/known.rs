//! What a connection has learnt about the site that it asks for again and again.
//!
//! Who asks a second time for the same host, under the same policy, gets the same answers to the
//! questions of a head that do not depend on the request, and the origin is told the same of
//! him. They are kept with the connection: nothing of it is counted by two threads, which a
//! shared count of references is, at each request and each answer. A connection that sleeps
//! forgets them.
//!
//! Absent on purpose: anything that was refused, or only observed. That is judged each time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use http::header::{HOST, STRICT_TRANSPORT_SECURITY};
use http::{HeaderMap, HeaderValue, Version, request};
use transport::forwarded::{Client, Facts, Proto};
use transport::host::Host;
use transport::{Encrypted, hsts};

use super::{Passing, Secure};
use crate::check::{self, Refused};
use crate::observe::Observed;
use crate::record::SiteCells;
use crate::route::{Route, Snapshot};
use crate::visit::is_trusted;

/// The policy that a connection serves by; the outer count is the connection's own.
pub(crate) type Current = Arc<Arc<Snapshot>>;

/// The site that a request asks for.
pub(crate) struct Known {
    pub(crate) host: Host,
    pub(crate) route: Arc<Route>,
    /// Where its requests are counted.
    pub(crate) cells: SiteCells,
    /// The `Host` field that the origin gets.
    pub(crate) host_field: HeaderValue,
    /// What the origin is told of the client; `None` when that is for a trusted proxy to say, with
    /// each request.
    pub(crate) facts: Option<Facts>,
    /// The HSTS field of its answers, if they get one.
    pub(crate) hsts: Option<HeaderValue>,
}

/// What a connection remembers.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    current: Option<Current>,
    /// As the client wrote it: over HTTP/2 the authority, over HTTP/1.1 the field.
    asked: Option<HeaderValue>,
    known: Option<Arc<Known>>,
}

impl Known {
    /// What there is to know of a site, for a client on an encrypted connection. `None` for a host
    /// that cannot be written as a field, which no parsed one is.
    pub(crate) fn new(
        host: Host,
        route: &Arc<Route>,
        snapshot: &Snapshot,
        peer: SocketAddr,
        encrypted: &Encrypted,
    ) -> Option<Self> {
        let transport = snapshot.policy.transport();
        let facts = (!is_trusted(peer, transport)).then(|| {
            let client = Client::of_peer(peer);
            Facts::new(&client, &host, Proto::Https)
        });
        Some(Self {
            host_field: HeaderValue::try_from(host.to_string()).ok()?,
            facts,
            hsts: hsts::field(&transport.hsts, encrypted, host.name(), &route.site),
            cells: Arc::new(Arc::clone(&route.counts)),
            route: Arc::clone(route),
            host,
        })
    }
}

impl Memory {
    /// The policy in force.
    pub(crate) fn current(&self, shared: &ArcSwap<Snapshot>) -> Current {
        let now = shared.load();
        let mut remembered = self.lock();
        match &remembered.current {
            Some(current) if Arc::ptr_eq(&**current, &*now) => Arc::clone(current),
            _ => {
                let current = Arc::new(Arc::clone(&now));
                *remembered = Remembered {
                    current: Some(Arc::clone(&current)),
                    ..Remembered::default()
                };
                current
            }
        }
    }

    /// The site of this head, if it is the one of the request before under the same policy.
    pub(crate) fn find(&self, current: &Current, head: &request::Parts) -> Option<Arc<Known>> {
        let remembered = self.lock();
        let known = remembered.known.as_ref()?;
        let is_current = remembered
            .current
            .as_ref()
            .is_some_and(|here| Arc::ptr_eq(here, current));
        let asked = remembered.asked.as_ref()?;
        (is_current && asked_for(head) == Some(asked.as_bytes())).then(|| Arc::clone(known))
    }

    /// Remembers the site of this head.
    pub(crate) fn keep(&self, current: &Current, head: &request::Parts, known: &Arc<Known>) {
        let asked = asked_for(head).and_then(|asked| HeaderValue::from_bytes(asked).ok());
        let mut remembered = self.lock();
        if let Some(asked) = asked
            && let Some(here) = &remembered.current
            && Arc::ptr_eq(here, current)
        {
            remembered.asked = Some(asked);
            remembered.known = Some(Arc::clone(known));
        }
    }

    /// Forgets everything: the connection sleeps.
    pub(crate) fn forget(&self) {
        *self.lock() = Remembered::default();
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passing<'_> {
    /// The site that is asked for, on a connection that may ask for it.
    pub(super) fn recognise(&mut self, head: &request::Parts) -> Result<Arc<Known>, Refused> {
        if let Some(known) = self.secure.memory.find(self.current, head) {
            self.asked_for(&known.host);
            return Ok(self.is_of(known));
        }
        let transport = self.snapshot.policy.transport();
        let host = check::host(head)?;
        self.asked_for(&host);
        self.host = Some(host.clone());
        let route = check::site(self.snapshot, &host)?;
        let Secure {
            peer, encrypted, ..
        } = self.secure;
        let known = Known::new(host, route, self.snapshot, *peer, encrypted);
        let known = known.ok_or_else(|| Refused::bad_head("a host that no field can hold"))?;
        let known = self.is_of(Arc::new(known));
        let identity = self.secure.identity.as_ref();
        let covered = check::certificate(&known.host, encrypted, identity);
        let listener = self.secure.shared.https_port;
        let ours = check::port(&known.host, *peer, listener, transport);
        let is_clear = covered.is_ok() && ours.is_ok();
        self.relax(Observed::Certificate, covered)?;
        self.relax(Observed::Port, ours)?;
        check::client(&known.route, &self.secure.proof)?;
        if is_clear {
            self.secure.memory.keep(self.current, head, &known);
        }
        Ok(known)
    }

    /// From here on the request is one of this site.
    fn is_of(&mut self, known: Arc<Known>) -> Arc<Known> {
        if let Some(record) = &mut self.record {
            record.site(&known.cells);
        }
        self.known = Some(Arc::clone(&known));
        known
    }

    fn asked_for(&mut self, host: &Host) {
        if let Some(record) = &mut self.record {
            record.host(host.name());
        }
    }

    /// What the answer says of HTTPS.
    pub(super) fn promise(&self) -> Promise {
        // Without a known site, the one that the handshake named.
        let named = self.secure.encrypted.server_name();
        let transport = self.snapshot.policy.transport();
        let value = match (&self.known, &self.host) {
            (Some(known), _) => known.hsts.clone(),
            (None, host) => {
                let name = host.as_ref().map(Host::name).or(named);
                let Some((route, name)) =
                    named.and_then(|named| self.snapshot.route(named)).zip(name)
                else {
                    return Promise::Field(None);
                };
                hsts::field(&transport.hsts, &self.secure.encrypted, name, &route.site)
            }
        };
        match self.secure.shared.observe {
            // The promise of HTTPS is the policy's: whoever only observes leaves the origin's.
            true => Promise::Origins,
            false => Promise::Field(value),
        }
    }
}

/// What an answer over TLS promises of HTTPS.
pub(super) enum Promise {
    /// This and nothing else (RFC 6797, 8.1).
    Field(Option<HeaderValue>),
    /// What the origin says.
    Origins,
}

impl Promise {
    /// Writes it.
    pub(super) fn keep(self, headers: &mut HeaderMap) {
        match self {
            Self::Field(Some(value)) => drop(headers.insert(STRICT_TRANSPORT_SECURITY, value)),
            Self::Field(None) => hsts::remove(headers),
            Self::Origins => {}
        }
    }
}

/// The one place where a head says what it asks for; `None` when there are two or none, or it is the
/// wrong one, which is for [`crate::check::host`] to judge.
fn asked_for(head: &request::Parts) -> Option<&[u8]> {
    let mut fields = head.headers.get_all(HOST).iter();
    match (head.uri.authority(), fields.next(), fields.next()) {
        (Some(authority), None, None) if head.version == Version::HTTP_2 => {
            Some(authority.as_str().as_bytes())
        }
        (None, Some(field), None) => Some(field.as_bytes()),
        _ => None,
    }
}
