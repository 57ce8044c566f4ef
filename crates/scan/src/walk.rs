//! A page, and the redirects that lead to it.
//!
//! Clauses: RFC 6797, 7.2; hstspreload.org (the first redirect). A redirect is followed only to
//! a host that was named on the command line, at a port that belongs to it; [`MOST`] of them in
//! a row are taken for endless.

use std::collections::BTreeSet;

use crate::address::{Address, Reference};
use crate::http::{self, Answer, Trouble};
use crate::https::{self, Failed, Refusal, Shown};
use crate::net::{Net, Silence};

/// Redirects that are followed in a row; browsers give up at twenty.
const MOST: usize = 8;

/// Hosts and ports that may be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named(BTreeSet<(String, u16)>);

/// One answer on the way.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    pub(crate) address: Address,
    pub(crate) answer: Answer,
}

/// How a way ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// At an answer that leads nowhere else.
    Page,
    /// At a redirect to a host that was not named.
    Elsewhere(Address),
    /// It goes round, or on and on.
    Endless,
    /// At a redirect that cannot be read.
    Nowhere,
    /// No answer.
    Trouble(Trouble),
    /// No handshake that completes.
    Tls(Refusal),
}

/// A way from an address to its page.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) start: Address,
    pub(crate) hops: Vec<Hop>,
    pub(crate) end: End,
    /// Where it ended without an answer.
    pub(crate) stopped_at: Option<Address>,
    /// What the first handshake showed.
    pub(crate) shown: Option<Shown>,
}

impl Named {
    pub(crate) fn add(&mut self, host: &str, port: u16) {
        self.0.insert((host.to_owned(), port));
    }

    pub(crate) fn has(&self, address: &Address) -> bool {
        self.0.contains(&(address.host.clone(), address.port))
    }
}

impl Walk {
    /// The answer at the end, if there is one.
    pub(crate) fn last(&self) -> Option<&Hop> {
        self.hops.last()
    }

    /// The page at the end, if the way ends at one.
    pub(crate) fn page(&self) -> Option<&Hop> {
        self.hops.last().filter(|_| self.end == End::Page)
    }
}

/// Asks for an address and follows where it leads.
pub(crate) fn walk(net: &mut Net, named: &Named, start: &Address) -> Walk {
    let mut walk = Walk {
        start: start.clone(),
        hops: Vec::new(),
        end: End::Endless,
        stopped_at: None,
        shown: None,
    };
    let mut next = start.clone();
    let mut seen = BTreeSet::new();
    while walk.hops.len() < MOST && seen.insert(next.to_string()) {
        let answer = match ask(net, &next, &mut walk.shown) {
            Ok(answer) => answer,
            Err(end) => {
                walk.end = end;
                walk.stopped_at = Some(next);
                return walk;
            }
        };
        let location = answer
            .field("location")
            .filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
        let to = location.map(|location| next.join(&location));
        walk.hops.push(Hop {
            address: next.clone(),
            answer,
        });
        next = match to {
            None => {
                walk.end = End::Page;
                return walk;
            }
            Some(Reference::Web(to)) if named.has(&to) => to,
            Some(Reference::Web(to)) => {
                walk.end = End::Elsewhere(to);
                return walk;
            }
            Some(Reference::Other | Reference::Unreadable) => {
                walk.end = End::Nowhere;
                return walk;
            }
        };
    }
    walk
}

fn ask(net: &mut Net, address: &Address, shown: &mut Option<Shown>) -> Result<Answer, End> {
    let silent = |silence: Silence| End::Trouble(Trouble::Silence(silence));
    let mut stream = net.connect(&address.host, address.port).map_err(silent)?;
    let authority = address.authority();
    if !address.is_https {
        return http::ask(&mut stream, &authority, &address.path).map_err(End::Trouble);
    }
    let (seen, secured) = https::secure(stream, &address.host);
    let asks_certificate = seen.asks_certificate;
    if shown.is_none() && !seen.chain.is_empty() {
        *shown = Some(seen);
    }
    let mut secured = secured.map_err(|failed| match failed {
        Failed::Silence(silence) => silent(silence),
        Failed::Tls(refusal) => End::Tls(refusal),
    })?;
    http::ask(&mut secured, &authority, &address.path).map_err(|trouble| match trouble {
        // Under TLS 1.3 a server refuses a visitor once the handshake is over on this side.
        Trouble::Silence(Silence::Closed) if asks_certificate => End::Tls(Refusal::Certificate),
        trouble => End::Trouble(trouble),
    })
}
