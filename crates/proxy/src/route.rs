//! The policy made ready to serve: sites by name, certificates, origins.
//!
//! A [`Snapshot`] is built whole or not at all, then swapped in. A request keeps the one
//! that it started with, whatever is loaded meanwhile.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use access::Throttle;
use form::Forms;
use journal::SiteName;
use policy::site::{Certificate, Scheme, Upstream};
use policy::transport::TlsProfile;
use policy::{Policy, Site};
use rustls::pki_types::CertificateDer;
use rustls::server::ProducesTickets;
use rustls::{ClientConfig, RootCertStore};
use transport::answer::Fields;
use transport::certificate::Certificates;
use transport::clients::ClientAuth;

use crate::acme::{Answers, Desk, read_roots};
use crate::caps::Caps;
use crate::certify::{self, Shown};
use crate::checks;
use crate::dial::Way;
use crate::error::StartError;
use crate::form::{Checker, ways_around};
use crate::handshake::Welcome;
use crate::meter::Marking;
use crate::metrics::SiteCounts;
use crate::origins::{Origin, Origins};
use crate::respond::Template;
use crate::staple::Staples;
use crate::state::{self, Files};
use crate::threads::PerThread;
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
    /// Those of `[access]`, for all sites; `None` when nothing signs in.
    pub(crate) counters: Option<Throttle>,
    routes: Vec<Arc<Route>>,
    by_host: HashMap<String, Arc<Route>>,
}

/// One site, ready.
pub(crate) struct Route {
    pub(crate) site: Site,
    pub(crate) origins: Origins,
    /// How large a request body may be.
    pub(crate) caps: Caps,
    /// Kept over reloads, for the site of the same first name.
    pub(crate) counts: Arc<PerThread<SiteCounts>>,
    /// What its answers get beside what the origin says.
    pub(crate) fields: Fields,
    /// Which clients are let in.
    pub(crate) clients: Option<Arc<ClientAuth>>,
    /// Its forms; `None` when it has none, and then no request pays for them.
    pub(crate) forms: Option<SiteForms>,
    /// The operator's page for refused forms.
    pub(crate) refusal_page: Option<Arc<Template>>,
    /// Whether the operator was told that the origin redirects for ever. Once is enough: an
    /// access log has a line for each.
    pub(crate) told: AtomicBool,
}

/// The forms of a site, ready.
pub(crate) struct SiteForms {
    pub(crate) forms: Forms,
    /// The counters of the site; `None` when nothing there signs in.
    pub(crate) throttle: Option<Throttle>,
    /// The site in the journal.
    pub(crate) name: SiteName,
    /// What its pages get; `None` when they stay as they are.
    pub(crate) marking: Option<Marking>,
    /// The day, since 1970, on which the operator was last told of an undecided answer.
    told: AtomicU64,
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
    /// What authorities say of the certificates; kept over reloads too.
    pub(crate) staples: Staples,
}

impl SiteForms {
    fn of(site: &Site, policy: &Policy, counters: Option<&Throttle>) -> Option<Self> {
        let name = name_of(site);
        (!site.forms.is_empty()).then(|| Self {
            forms: Forms::new(&site.forms),
            throttle: counters
                .filter(|_| site.signs_in())
                .map(|counters| counters.for_site(name)),
            name: SiteName::of(site),
            marking: Marking::of(site, policy.password()),
            told: AtomicU64::new(u64::MAX),
        })
    }

    /// Whether an undecided answer is to be told: the first one of each day is.
    pub(crate) fn says_it_today(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let day = now.unwrap_or_default().as_secs() / (24 * 60 * 60);
        self.told.swap(day, Ordering::Relaxed) != day
    }
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
            for origin in route.origins.iter() {
                origin.pool().sweep();
            }
        }
    }
}

impl Workshop {
    /// Reads the certificates and prepares the sites. Blocks on files.
    ///
    /// The origins of `previous` that did not change stay as they are: their connections, and
    /// what is known of their health.
    pub(crate) fn build(
        &self,
        policy: Policy,
        counters: Option<Throttle>,
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
        let mut verified = Verified::new(&self.files.base, &self.trust);
        let mut routes: Vec<Arc<Route>> = Vec::with_capacity(policy.sites().len());
        let mut by_host = HashMap::new();
        for site in policy.sites() {
            let mut origins = Vec::with_capacity(site.upstreams.len());
            for upstream in &site.upstreams {
                let way = verified.way(upstream, site)?;
                let known = routes
                    .iter()
                    .chain(previous.into_iter().flat_map(|previous| &previous.routes))
                    .flat_map(|route| route.origins.iter());
                origins.push(origin(site, way, known));
            }
            let before = previous.into_iter().flat_map(|previous| &previous.routes);
            let counts = before
                .filter(|route| route.site.hosts.first() == site.hosts.first())
                .map(|route| Arc::clone(&route.counts));
            for around in ways_around(site) {
                tracing::warn!(site = name_of(site), "{}", around.en);
            }
            let max_body = site.max_body.unwrap_or(policy.transport().limits.body);
            let route = Arc::new(Route {
                site: site.clone(),
                origins: Origins::new(origins, site.origin.affinity),
                caps: Caps::new(max_body.get(), &site.limits),
                counts: counts.take(1).next().unwrap_or_default(),
                fields: Fields::new(&site.headers),
                clients: self.clients(site)?.map(Arc::new),
                forms: SiteForms::of(site, &policy, counters.as_ref()),
                refusal_page: refusal_page(&self.files.base, site)?,
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
            counters,
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
            counters: snapshot.counters.clone(),
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
        let now = SystemTime::now();
        let entries = shown.iter().flat_map(|shown| &shown.entries);
        let entries = entries
            .map(|(hosts, identity)| (hosts.clone(), self.staples.staple(identity, now)))
            .collect();
        let mut certificates = Certificates::new(entries);
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

    /// Whether every origin can be reached as its site says: its authorities are there. Blocks
    /// on files.
    pub(crate) fn reaches_origins(&self, policy: &Policy) -> Result<(), StartError> {
        let mut verified = Verified::new(&self.files.base, &self.trust);
        for site in policy.sites() {
            for upstream in &site.upstreams {
                verified.way(upstream, site)?;
            }
        }
        Ok(())
    }
}

/// The operator's page for refused forms. Blocks on its file, which starts from `base`.
pub(crate) fn refusal_page(base: &Path, site: &Site) -> Result<Option<Arc<Template>>, StartError> {
    let Some(file) = &site.refusal_page else {
        return Ok(None);
    };
    let path = base.join(file);
    match Template::read(&state::read(&path)?) {
        Ok(template) => Ok(Some(Arc::new(template))),
        Err(error) => Err(StartError::RefusalPage { path, error }),
    }
}

/// The way to the first origin of a site. Blocks on files.
pub(crate) fn way_to(site: &Site, base: &Path) -> Result<Way, StartError> {
    let upstream = site.upstreams.first().ok_or(StartError::NoRoots)?;
    Verified::new(base, &[]).way(upstream, site)
}

/// The name that a site is known by: its first host.
fn name_of(site: &Site) -> &str {
    site.hosts.first().map_or("", String::as_str)
}

/// The origin that is known already, or a new one; its connections are those of any site that
/// reaches it in the same way.
fn origin<'a>(
    site: &Site,
    way: Way,
    known: impl Iterator<Item = &'a Arc<Origin>> + Clone,
) -> Arc<Origin> {
    let name = site.hosts.first().map_or("", String::as_str);
    let health = site.health.as_ref();
    let mut same = known.clone();
    if let Some(origin) = same.find(|origin| origin.is(name, health, &way)) {
        return Arc::clone(origin);
    }
    let mut reached = known.map(|origin| origin.pool());
    let pool = match reached.find(|pool| *pool.way() == way) {
        Some(pool) => Arc::clone(pool),
        None => Arc::new(Pool::new(way)),
    };
    let origin = Origin::new(name.to_owned(), site.health.clone(), pool);
    checks::watch(&origin);
    origin
}

/// The TLS settings towards origins, made when the first origin needs them: reading the
/// system's authorities takes longer than everything else here.
struct Verified<'a> {
    base: &'a Path,
    /// Trusted beside the system's authorities.
    trust: &'a [CertificateDer<'static>],
    system: Option<ClientConfig>,
}

impl<'a> Verified<'a> {
    const fn new(base: &'a Path, trust: &'a [CertificateDer<'static>]) -> Self {
        Self {
            base,
            trust,
            system: None,
        }
    }

    /// The way to an origin of a site. Blocks on files.
    fn way(&mut self, upstream: &Upstream, site: &Site) -> Result<Way, StartError> {
        let origin = &site.origin;
        let upstream = upstream.clone();
        if upstream.scheme != Scheme::Https {
            return Ok(Way::new(upstream, origin, None, None));
        }
        let Some(path) = &origin.root else {
            return Ok(Way::new(upstream, origin, None, Some(self.system()?)));
        };
        let named = read_roots(&self.base.join(path))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(named.iter().cloned());
        if roots.is_empty() {
            return Err(StartError::NoRoots);
        }
        let config = transport::tls::client_config(roots);
        Ok(Way::new(
            upstream,
            origin,
            Some(named.into()),
            Some(&config),
        ))
    }

    fn system(&mut self) -> Result<&ClientConfig, StartError> {
        if self.system.is_none() {
            let mut roots = RootCertStore::empty();
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
            roots.add_parsable_certificates(self.trust.iter().cloned());
            if roots.is_empty() {
                return Err(StartError::NoRoots);
            }
            self.system = Some(transport::tls::client_config(roots));
        }
        self.system.as_ref().ok_or(StartError::NoRoots)
    }
}
