//! How many connections may be open, in all and per source.
//!
//! A source is an IPv4 address or an IPv6 /64, the smallest block that one customer is
//! given (an attacker who owns a /64 owns 2^64 addresses). The table holds one entry per
//! source with an open connection, so its size is bounded by the total.
//!
//! Absent on purpose: rates, which [`crate::rate`] and [`crate::pace`] hold.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The open connections of the gate.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    per_source: HashMap<Source, usize>,
}

/// Who a connection comes from, as far as counting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source(IpAddr);

/// One open connection; dropping it frees the place.
#[derive(Debug)]
#[must_use = "the place is free again as soon as the permit is dropped"]
pub(crate) struct Permit {
    connections: Arc<Connections>,
    source: Source,
}

impl Connections {
    /// A place for one more connection, or `None` when either cap is reached.
    pub(crate) fn admit(
        self: &Arc<Self>,
        peer: IpAddr,
        limits: &policy::transport::Limits,
    ) -> Option<Permit> {
        let source = Source::of(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.per_source.get(&source).copied().unwrap_or(0);
        if open.total >= limits.connections || here >= limits.connections_per_source {
            return None;
        }
        open.total += 1;
        open.per_source.insert(source, here + 1);
        Some(Permit {
            connections: Arc::clone(self),
            source,
        })
    }
}

impl Connections {
    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self
            .connections
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(here) = open.per_source.get_mut(&self.source) {
            *here -= 1;
            if *here == 0 {
                open.per_source.remove(&self.source);
            }
        }
    }
}

impl Source {
    pub(crate) fn of(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from(network)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(connections: usize, connections_per_source: usize) -> policy::transport::Limits {
        let mut limits = policy::transport::Limits::default();
        limits.connections = connections;
        limits.connections_per_source = connections_per_source;
        limits
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_source_is_an_ipv4_address_or_an_ipv6_network() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(
                Source::of(address(one)) == Source::of(address(other)),
                same,
                "{one} and {other}"
            );
        }
    }

    #[test]
    fn a_source_over_its_cap_waits_for_its_own_connections_only() {
        let connections = Arc::new(Connections::default());
        let limits = limits(10, 1);
        let first = connections.admit(address("2001:db8::1"), &limits);
        assert!(first.is_some());
        assert!(connections.admit(address("2001:db8::2"), &limits).is_none());
        assert!(connections.admit(address("192.0.2.1"), &limits).is_some());
        drop(first);
        assert!(connections.admit(address("2001:db8::2"), &limits).is_some());
    }

    #[test]
    fn the_total_is_capped_and_given_back() {
        let connections = Arc::new(Connections::default());
        let limits = limits(2, 2);
        let held = [
            connections.admit(address("192.0.2.1"), &limits),
            connections.admit(address("192.0.2.2"), &limits),
        ];
        assert!(held.iter().all(Option::is_some));
        assert!(connections.admit(address("192.0.2.3"), &limits).is_none());
        drop(held);
        let open = connections.open.lock().expect("not poisoned");
        assert_eq!((open.total, open.per_source.len()), (0, 0));
    }
}
