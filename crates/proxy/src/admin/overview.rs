//! How the gate is at one moment: read once, then shown as a page, as metrics or as an answer.

use std::sync::Arc;
use std::time::SystemTime;

use policy::Text;
use policy::site::{Certificate, FormKind};
use policy::transport::Hsts;

use crate::certify::{Shown, days_left};
use crate::form::FormEvent;
use crate::gate::Shared;
use crate::metrics::SiteCounts;
use crate::observe::Observed;
use crate::origins::OriginStatus;
use crate::route::Route;
use crate::staple::Standing;
use crate::threads::PerThread;

/// What there is to show, beside the counts of the whole gate.
pub(super) struct Overview {
    pub(super) now: SystemTime,
    pub(super) most_connections: usize,
    pub(super) sites: Vec<SiteView>,
}

/// One site.
pub(super) struct SiteView {
    /// Its first host, by which it is known.
    pub(super) name: String,
    pub(super) hosts: Vec<String>,
    pub(super) origins: Vec<OriginStatus>,
    /// Where its certificate comes from.
    pub(super) source: Source,
    /// The end of its certificate, or of the first to end.
    pub(super) not_after: Option<SystemTime>,
    /// Whole days until then; negative when it has ended.
    pub(super) days: Option<i64>,
    /// Hosts without a certificate.
    pub(super) missing: Vec<String>,
    /// What its authority says of it; `None` when it names nobody to ask.
    pub(super) status: Option<Standing>,
    /// Why the last order failed.
    pub(super) trouble: Option<Text>,
    /// What browsers are told; `None` when nothing.
    pub(super) hsts: Option<Hsts>,
    pub(super) counts: Arc<PerThread<SiteCounts>>,
    /// Its forms: what each is for, and its first path.
    pub(super) forms: Vec<(FormKind, String)>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Files,
    Acme,
    Development,
}

impl Overview {
    pub(super) fn of(shared: &Shared) -> Self {
        let now = SystemTime::now();
        let snapshot = shared.snapshot.load();
        let transport = snapshot.policy.transport();
        let sites = snapshot.routes().iter().zip(&snapshot.shown);
        let sites = sites.map(|(route, shown)| {
            let mut site = SiteView::of(route, shown, now);
            let trouble = shared.workshop.answers.trouble(&site.name);
            site.trouble = trouble.map(|trouble| trouble.text());
            site.status = shared.workshop.staples.of_site(shown);
            if !shared.observe && route.site.announces_hsts(&site.name) {
                site.hsts = Some(transport.hsts.clone());
            }
            site
        });
        Self {
            now,
            most_connections: transport.limits.connections,
            sites: sites.collect(),
        }
    }

    /// How often something was observed, in all.
    pub(super) fn observed(&self, shared: &Shared, observed: Observed) -> u64 {
        let place = observed as usize;
        let of = |counts: &SiteCounts| counts.observed.at(place);
        let sites = self.sites.iter().map(|site| site.counts.sum(of));
        sites.sum::<u64>() + shared.metrics.nobody.sum(of)
    }
}

impl Overview {
    /// How often something became of a protected request, in all.
    pub(super) fn forms(&self, event: FormEvent) -> u64 {
        let of = |counts: &SiteCounts| counts.forms.at(event as usize);
        self.sites.iter().map(|site| site.counts.sum(of)).sum()
    }
}

impl SiteView {
    fn of(route: &Route, shown: &Shown, now: SystemTime) -> Self {
        let site = &route.site;
        let first = shown
            .entries
            .iter()
            .map(|(_, identity)| identity)
            .min_by_key(|identity| identity.not_after());
        let missing = site.hosts.iter();
        let missing = missing.filter(|host| shown.for_host(host).is_none());
        Self {
            name: site.hosts.first().cloned().unwrap_or_default(),
            hosts: site.hosts.clone(),
            origins: route.origins.statuses(),
            source: match site.certificate {
                Certificate::Files { .. } => Source::Files,
                Certificate::Acme => Source::Acme,
                Certificate::Dev => Source::Development,
            },
            not_after: first.map(|identity| identity.not_after()),
            days: first.map(|identity| days_left(identity, now)),
            missing: missing.cloned().collect(),
            status: None,
            trouble: None,
            hsts: None,
            counts: Arc::clone(&route.counts),
            forms: site
                .forms
                .iter()
                .map(|form| (form.kind, form.paths.first().cloned().unwrap_or_default()))
                .collect(),
        }
    }

    /// Whether a visitor of at least one of its hosts meets a valid certificate.
    pub(super) fn is_served(&self) -> bool {
        self.days.is_some_and(|days| days >= 0)
    }
}
