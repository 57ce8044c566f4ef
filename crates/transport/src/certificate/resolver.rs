//! Many certificates on one listener, chosen by the name that the client asks for.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Identity;
use super::challenge::{self, Challenges};
use crate::host::is_address;

/// The certificate of every site, by host.
///
/// A name that is not here ends the handshake (RFC 9325, 3.7): no other site's certificate
/// is shown in its place. A client that names nothing, because it connected to an address or
/// is very old, gets the certificate of the first site that has an address among its hosts;
/// without such a site its handshake ends too.
#[derive(Debug, Clone)]
pub struct Certificates {
    by_host: HashMap<String, Arc<Identity>>,
    without_name: Option<Arc<Identity>>,
    challenges: Option<Arc<Challenges>>,
}

impl Certificates {
    /// The hosts of each site, with its certificate, in the order of the policy. The first
    /// site that names a host keeps it.
    pub fn new(sites: Vec<(Vec<String>, Arc<Identity>)>) -> Self {
        let mut by_host = HashMap::new();
        let mut without_name = None;
        for (hosts, identity) in sites {
            for host in hosts {
                if without_name.is_none() && is_address(&host) {
                    without_name = Some(Arc::clone(&identity));
                }
                by_host
                    .entry(host.to_ascii_lowercase())
                    .or_insert_with(|| Arc::clone(&identity));
            }
        }
        Self {
            by_host,
            without_name,
            challenges: None,
        }
    }

    /// The same, answering `tls-alpn-01` challenges too.
    #[must_use]
    pub fn with_challenges(mut self, challenges: Arc<Challenges>) -> Self {
        self.challenges = Some(challenges);
        self
    }

    /// Whether a listener offers [`ACME_TLS`](super::ACME_TLS).
    pub(crate) const fn answers_challenges(&self) -> bool {
        self.challenges.is_some()
    }

    /// The certificate shown to a client that asked for `server_name`, as
    /// [`Encrypted::server_name`](crate::Encrypted::server_name) gives it. With
    /// [`Identity::covers`] it answers whether a request on that connection may be served, or
    /// gets 421 (RFC 9110, 7.4).
    pub fn served(&self, server_name: Option<&str>) -> Option<&Arc<Identity>> {
        match server_name {
            Some(name) => self.by_host.get(&name.to_ascii_lowercase()),
            None => self.without_name.as_ref(),
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if let Some(challenges) = &self.challenges
            && challenge::is_challenge(&hello)
        {
            return challenges.answer(&hello);
        }
        self.served(hello.server_name())
            .map(|identity| identity.certified_key())
    }
}

#[cfg(test)]
mod tests {
    use policy::clause;

    use super::*;
    use crate::certificate::tests::{issued, load};

    #[test]
    fn the_first_site_keeps_a_host_and_an_address_serves_the_nameless() {
        let identity = || Arc::new(load(&issued(|_| {})).unwrap());
        let (one, two, three) = (identity(), identity(), identity());
        let hosts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let certificates = Certificates::new(vec![
            (hosts(&["a.fr", "b.fr"]), one.clone()),
            (hosts(&["B.fr", "192.0.2.1"]), two.clone()),
            (hosts(&["c.fr", "2001:db8::1"]), three.clone()),
        ]);
        let rows = [
            (Some("a.fr"), Some(&one)),
            (Some("A.FR"), Some(&one)),
            (Some("b.fr"), Some(&one)),
            (Some("c.fr"), Some(&three)),
            (Some("d.fr"), None),
            (Some(""), None),
            (None, Some(&two)),
        ];
        for (name, expected) in rows {
            let served = certificates.served(name).map(Arc::as_ptr);
            let expected = expected.map(Arc::as_ptr);
            assert_eq!(
                served,
                expected,
                "{}: {name:?}",
                clause::TLS_UNKNOWN_NAME.id
            );
        }
        assert!(
            Certificates::new(vec![(hosts(&["a.fr"]), one)])
                .served(None)
                .is_none()
        );
    }
}
