//! The policy made ready to serve: sites by name, certificates, origins.
//!
//! A [`Snapshot`] is built whole or not at all, then swapped in. A request keeps the one
//! that it started with, whatever is loaded meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use policy::site::{Certificate, Scheme};
use policy::transport::TlsProfile;
use policy::{Policy, Site};
use rustls::pki_types::CertificateDer;
use rustls::server::ProducesTickets;
use rustls::{ClientConfig, RootCertStore};
use transport::answer::Fields;
use transport::certificate::Certificates;
use transport::clients::ClientAuth;

use crate::acme::{Answers, Desk};
use crate::certify::{self, Shown};
use crate::error::StartError;
use crate::form::Checker;
use crate::handshake::Welcome;
use crate::metrics::{Sharded, SiteCounts};
use crate::state::{self, Files};
use crate::upstream::Pool;

/// One policy in force.
pub(crate) struct Snapshot {
    pub(crate) policy: Policy,
    pub(crate) welcome: Welcome,
    pub(crate) certificates: Arc<Certificates>,
    /// What is shown for each site of the policy, in its order.
    pub(crate) shown: Vec<Shown>,
    /// What orders are made with; `None` when no site asks for `acme`.
    pub(crate) desk: Option<Arc<Desk>>,
    pub(crate) checker: Checker,
    routes: Vec<Arc<Route>>,
    by_host: HashMap<String, Arc<Route>>,
}

/// One site, ready.
pub(crate) struct Route {
    pub(crate) site: Site,
    pub(crate) pool: Arc<Pool>,
    /// Largest request body, in bytes.
    pub(crate) max_body: u64,
    /// Kept over reloads, for the site of the same first name.
    pub(crate) counts: Arc<Sharded<SiteCounts>>,
    /// What its answers get beside what the origin says.
    pub(crate) fields: Fields,
    /// Which clients are let in.
    pub(crate) clients: Option<Arc<ClientAuth>>,
    /// Whether the operator was told that the origin redirects for ever. Once is enough: an
    /// access log has a line for each.
    pub(crate) told: AtomicBool,
}

/// What every snapshot of a gate is made with.
pub(crate) struct Workshop {
    pub(crate) files: Files,
    /// Trusted for origins beside the system's own.
    pub(crate) trust: Vec<CertificateDer<'static>>,
    /// Kept over reloads, so that sessions are too.
    pub(crate) ticketer: Arc<dyn ProducesTickets>,
    /// What answers the challenges of orders; kept over reloads, so that an order is too.
    pub(crate) answers: Arc<Answers>,
}

impl Snapshot {
    /// The site of a host, if there is one.
    pub(crate) fn route(&self, host: &str) -> Option<&Arc<Route>> {
        self.by_host.get(host)
    }

    /// Every site, in the order of the policy.
    pub(crate) fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// Closes the connections to origins that have waited too long.
    pub(crate) fn sweep(&self) {
        for route in &self.routes {
            route.pool.sweep();
        }
    }
}

impl Workshop {
    /// Reads the certificates and prepares the sites. Blocks on files.
    ///
    /// The pools of `previous` go on serving the same origins.
    pub(crate) fn build(
        &self,
        policy: Policy,
        previous: Option<&Snapshot>,
    ) -> Result<Snapshot, StartError> {
        let now = SystemTime::now();
        let asks = |site: &Site| site.certificate == Certificate::Acme;
        let desk = match policy.sites().iter().any(asks) {
            true => {
                let Files { base, state } = &self.files;
                Some(Arc::new(Desk::open(policy.transport(), base, state)?))
            }
            false => None,
        };
        let mut shown = Vec::with_capacity(policy.sites().len());
        for site in policy.sites() {
            let mut here = Shown::read(&self.files, desk.as_deref(), site, now)?;
            if let (Certificate::Acme, Some(previous)) = (&site.certificate, previous) {
                here.keep_from(site, previous);
            }
            certify::warn_about(&here, site, now);
            shown.push(here);
        }
        let client = self.client_config(&policy)?;
        let mut routes: Vec<Arc<Route>> = Vec::with_capacity(policy.sites().len());
        let mut by_host = HashMap::new();
        for site in policy.sites() {
            let known = routes
                .iter()
                .chain(previous.into_iter().flat_map(|previous| &previous.routes))
                .find(|route| *route.pool.upstream() == site.upstream);
            let pool = match known {
                Some(route) => Arc::clone(&route.pool),
                None => Arc::new(Pool::new(site.upstream.clone(), client.clone())),
            };
            let before = previous.into_iter().flat_map(|previous| &previous.routes);
            let counts = before
                .filter(|route| route.site.hosts.first() == site.hosts.first())
                .map(|route| Arc::clone(&route.counts));
            let max_body = site.max_body.unwrap_or(policy.transport().limits.body);
            let route = Arc::new(Route {
                site: site.clone(),
                pool,
                max_body: max_body.get(),
                counts: counts.take(1).next().unwrap_or_default(),
                fields: Fields::new(&site.headers),
                clients: self.clients(site)?.map(Arc::new),
                told: AtomicBool::new(false),
            });
            for host in &site.hosts {
                // The first site that names a host keeps it, as for certificates.
                by_host
                    .entry(host.clone())
                    .or_insert_with(|| Arc::clone(&route));
            }
            routes.push(route);
        }
        let (welcome, certificates) =
            self.listener(policy.transport().tls, &routes, &shown, desk.is_some())?;
        Ok(Snapshot {
            checker: Checker::open(&policy, &self.files.base).map_err(StartError::Password)?,
            policy,
            welcome,
            certificates,
            shown,
            desk,
            routes,
            by_host,
        })
    }

    /// The same policy with other certificates.
    pub(crate) fn recertify(
        &self,
        snapshot: &Snapshot,
        shown: Vec<Shown>,
    ) -> Result<Snapshot, StartError> {
        let (welcome, certificates) = self.listener(
            snapshot.policy.transport().tls,
            &snapshot.routes,
            &shown,
            snapshot.desk.is_some(),
        )?;
        Ok(Snapshot {
            policy: snapshot.policy.clone(),
            welcome,
            certificates,
            shown,
            desk: snapshot.desk.clone(),
            checker: snapshot.checker.clone(),
            routes: snapshot.routes.clone(),
            by_host: snapshot.by_host.clone(),
        })
    }

    /// The TLS settings towards clients, with the certificates that they choose from.
    pub(crate) fn listener(
        &self,
        profile: TlsProfile,
        routes: &[Arc<Route>],
        shown: &[Shown],
        orders: bool,
    ) -> Result<(Welcome, Arc<Certificates>), StartError> {
        let entries = shown.iter().flat_map(|shown| shown.entries.iter().cloned());
        let mut certificates = Certificates::new(entries.collect());
        if orders {
            certificates = certificates.with_challenges(Arc::clone(&self.answers.handshakes));
        }
        let certificates = Arc::new(certificates);
        let ticketer = Arc::clone(&self.ticketer);
        let welcome = Welcome::new(profile, routes, &certificates, ticketer);
        Ok((welcome.map_err(StartError::Tls)?, certificates))
    }

    /// What a site asks of its clients.
    pub(crate) fn clients(&self, site: &Site) -> Result<Option<ClientAuth>, StartError> {
        let Some(clients) = &site.client_certificates else {
            return Ok(None);
        };
        let path = self.files.base.join(&clients.authorities);
        let authorities = state::read(&path)?;
        let revoked = clients.revoked.as_ref();
        let revoked = revoked.map(|revoked| state::read(&self.files.base.join(revoked)));
        ClientAuth::from_pem(clients.mode, &authorities, revoked.transpose()?.as_deref())
            .map(Some)
            .map_err(|error| StartError::Clients { path, error })
    }

    /// The TLS settings towards origins, if any origin needs them: reading the system's
    /// roots takes longer than everything else here.
    pub(crate) fn client_config(
        &self,
        policy: &Policy,
    ) -> Result<Option<Arc<ClientConfig>>, StartError> {
        let needed = |site: &Site| site.upstream.scheme == Scheme::Https;
        if !policy.sites().iter().any(needed) {
            return Ok(None);
        }
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        roots.add_parsable_certificates(self.trust.iter().cloned());
        if roots.is_empty() {
            return Err(StartError::NoRoots);
        }
        Ok(Some(Arc::new(transport::tls::client_config(roots))))
    }
}
