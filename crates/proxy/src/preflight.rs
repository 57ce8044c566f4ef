//! Everything that a gate would do before it listens, with nothing started and nothing written.
//!
//! [`preflight`] goes through the same functions as [`Gate::start`](crate::Gate::start), but
//! where a start stops at the first fault, this tells them all, and says what is in order too.
//! It binds the addresses without listening on them, so that no client ever meets it. An address
//! that a running gate holds is in order: that gate is the one to be reloaded.
//!
//! Absent on purpose: orders to an authority, and anything that would leave a trace on disk: a
//! development authority that is still to be made is only announced.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use policy::access::Store;
use policy::site::{Certificate, Upstream};
use policy::transport::AdminListener;
use policy::{Policy, Site, Text};
use transport::tickets::Tickets;

use crate::acme::{Desk, Folder};
use crate::admin;
use crate::certify::days_left;
use crate::error::StartError;
use crate::form::{Checker, ways_around};
use crate::gate::Options;
use crate::route::{Workshop, refusal_page};
use crate::staple::Staples;
use crate::state::Files;

mod activation;
mod holder;
mod listeners;
mod reach;

use reach::{may_keep_files, reach, reach_url};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How it is.
    pub state: State,
    /// What was looked at: a key of the policy, the name of a site.
    pub subject: String,
    /// What was found, and for anything else than [`State::Good`] what to do.
    pub text: Text,
}

/// How a thing that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In order.
    Good,
    /// The gate would start; a person should know.
    Note,
    /// The gate would not start.
    Fault,
}

/// What was found, in the order in which a start would meet it.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

/// Looks at everything that [`Gate::start`](crate::Gate::start) would need. Blocks on files and,
/// for at most two seconds each, on origins and a shared store.
pub fn preflight(policy: &Policy, options: Options) -> Vec<Finding> {
    let mut found = Findings::default();
    let now = SystemTime::now();
    let files = Files {
        base: options.base,
        state: options.state,
    };
    let desk = found.acme(policy, &files);
    for site in policy.sites() {
        found.certificate(site, &files, desk.as_ref(), now);
    }
    found.lists(policy, &files.base);
    found.store(policy, &files.base);
    found.forms(policy, &files.base);
    let trust = options.trust;
    let base = files.base.clone();
    found.tls(policy, files, trust);
    let transport = policy.transport();
    match &options.listeners {
        Some(open) => found.received(open),
        None => {
            if let Some(http) = transport.http {
                found.listener("transport.http", http);
            }
            found.listener("transport.https", transport.https);
        }
    }
    found.admin(policy, &base);
    let mut asked: Vec<(&str, u16)> = Vec::new();
    for site in policy.sites() {
        for upstream in &site.upstreams {
            let place = (upstream.host.as_str(), upstream.port);
            if !asked.contains(&place) {
                asked.push(place);
                found.origin(upstream);
            }
        }
    }
    found.0
}

impl Findings {
    fn add(&mut self, state: State, subject: impl Into<String>, text: Text) {
        self.0.push(Finding {
            state,
            subject: subject.into(),
            text,
        });
    }

    fn fault(&mut self, subject: impl Into<String>, error: &StartError) {
        self.add(State::Fault, subject, error.text());
    }

    /// The folder of certificates ordered, and what `[transport.acme]` names.
    fn acme(&mut self, policy: &Policy, files: &Files) -> Option<Desk> {
        let subject = "transport.acme";
        if !policy.sites().iter().any(asks) {
            return None;
        }
        let desk = match Desk::look(policy.transport(), &files.base, &files.state) {
            Ok(desk) => desk,
            Err(error) => {
                self.fault(subject, &error);
                return None;
            }
        };
        match may_keep_files(desk.folder.path()) {
            Ok(()) => {
                let path = desk.folder.path().display();
                let directory = desk.policy.directory.url();
                let text = Text::new(
                    format!("dossier {path} ; annuaire {directory}, non interrogé"),
                    format!("folder {path}; directory {directory}, not asked"),
                );
                self.add(State::Good, subject, text);
            }
            Err(error) => {
                let trouble = crate::acme::Trouble::folder(desk.folder.path(), &error);
                self.add(State::Fault, subject, trouble.text());
            }
        }
        Some(desk)
    }

    /// The certificate and the key of one site.
    fn certificate(&mut self, site: &Site, files: &Files, desk: Option<&Desk>, now: SystemTime) {
        let name = site.hosts.first().map_or("", String::as_str);
        let subject = format!("site {name}");
        match &site.certificate {
            Certificate::Acme => {
                let folder: Option<&Folder> = desk.map(|desk| &desk.folder);
                let kept = folder.and_then(|folder| folder.certificate(name, now).ok().flatten());
                let text = match kept {
                    Some(kept) => valid(days_left(&kept.identity, now)),
                    None => {
                        let text = Text::new(
                            "pas encore de certificat : il sera demandé au démarrage, et jusque-là les poignées de main pour ces noms sont refusées",
                            "no certificate yet: it is ordered at start, and until then handshakes for these names are refused",
                        );
                        return self.add(State::Note, subject, text);
                    }
                };
                self.add(State::Good, subject, text);
            }
            Certificate::Dev if !files.has_authority() => match may_keep_files(&files.state) {
                Ok(()) => {
                    let text = Text::new(
                        "l’autorité de développement sera faite au démarrage ; sans HSTS",
                        "the development authority is made at start; no HSTS",
                    );
                    self.add(State::Note, subject, text);
                }
                Err(error) => {
                    let path = files.state.clone();
                    self.fault(subject, &StartError::File { path, error });
                }
            },
            Certificate::Files { .. } | Certificate::Dev => match files.identity(site, now) {
                Err(error) => self.fault(subject, &error),
                Ok(identity) => {
                    let warnings = match site.certificate {
                        Certificate::Dev => Vec::new(),
                        _ => identity.warnings(now, &site.hosts),
                    };
                    let text = valid(days_left(&identity, now));
                    self.add(State::Good, subject.clone(), text);
                    for warning in warnings {
                        let text = Text::new(
                            warning.text(policy::Language::Fr),
                            warning.text(policy::Language::En),
                        );
                        self.add(State::Note, subject.clone(), text);
                    }
                }
            },
        }
    }

    /// The word lists and indexes of `[password]`.
    fn lists(&mut self, policy: &Policy, base: &Path) {
        match Checker::open(policy, base) {
            Ok(_) => {
                let text = Text::new("listes lues en entier", "lists read whole");
                self.add(State::Good, "password", text);
            }
            Err(error) => self.fault("password", &StartError::Password(error)),
        }
    }

    /// The forms of the sites, and the ways around them.
    fn forms(&mut self, policy: &Policy, base: &Path) {
        for site in policy.sites() {
            if let Err(error) = refusal_page(base, site) {
                self.fault("site.refusal-page", &error);
            }
        }
        for site in policy.sites().iter().filter(|site| !site.forms.is_empty()) {
            let subject = format!("site {}", site.hosts.first().map_or("", String::as_str));
            let forms: Vec<String> = site
                .forms
                .iter()
                .map(|form| {
                    let path = form.paths.first().map_or("", String::as_str);
                    format!("{} {path}", form.kind.name())
                })
                .collect();
            let forms = forms.join(", ");
            let text = Text::new(
                format!("formulaires protégés : {forms}"),
                format!("protected forms: {forms}"),
            );
            self.add(State::Good, subject.clone(), text);
            for around in ways_around(site) {
                self.add(State::Note, subject.clone(), around);
            }
        }
    }

    /// The counters of `[access]`. A fault where sign-in forms need them: the gate does not
    /// start without.
    fn store(&mut self, policy: &Policy, base: &Path) {
        let subject = "access.store";
        let (place, reached) = match &policy.access().store {
            Store::Memory => return,
            Store::Redb(path) => {
                let path = base.join(path);
                let folder = path.parent().map_or(Path::new("."), |parent| parent);
                (path.display().to_string(), may_keep_files(folder))
            }
            Store::Redis(server) => (server.url.clone(), reach_url(&server.url, 6379)),
            Store::Postgres(server) => (server.url.clone(), reach_url(&server.url, 5432)),
        };
        let why = match reached {
            Ok(()) => {
                let text = Text::new(
                    format!("{place} est joignable"),
                    format!("{place} can be reached"),
                );
                return self.add(State::Good, subject, text);
            }
            Err(error) => Text::of_system(&error),
        };
        let Text { fr, en } = why;
        let (state, text) = match policy.sites().iter().any(Site::signs_in) {
            true => (
                State::Fault,
                Text::new(
                    format!(
                        "{place} n’est pas joignable ({fr}). Démarrez ce dépôt ou corrigez `store` ; les formulaires de connexion en ont besoin"
                    ),
                    format!(
                        "{place} cannot be reached ({en}). Start that store or correct `store`; the sign-in forms need it"
                    ),
                ),
            ),
            false => (
                State::Note,
                Text::new(
                    format!(
                        "{place} n’est pas joignable ({fr}). Démarrez ce dépôt ou corrigez `store` ; la porte démarre sans lui"
                    ),
                    format!(
                        "{place} cannot be reached ({en}). Start that store or correct `store`; the gate starts without it"
                    ),
                ),
            ),
        };
        self.add(state, subject, text);
    }

    /// The settings towards clients and towards origins.
    fn tls(
        &mut self,
        policy: &Policy,
        files: Files,
        trust: Vec<rustls::pki_types::CertificateDer<'static>>,
    ) {
        let built = Tickets::alone()
            .map_err(StartError::Tls)
            .and_then(|ticketer| {
                let workshop = Workshop {
                    files,
                    trust,
                    ticketer: Arc::new(ticketer),
                    answers: Arc::default(),
                    staples: Staples::default(),
                };
                workshop.listener(policy.transport().tls, &[], &[], false)?;
                for site in policy.sites() {
                    workshop.clients(site)?;
                }
                workshop.reaches_origins(policy)
            });
        match built {
            Ok(_) => {
                let profile = policy.transport().tls.name();
                let text = Text::new(format!("profil {profile}"), format!("profile {profile}"));
                self.add(State::Good, "transport.tls", text);
            }
            Err(error) => self.fault("transport.tls", &error),
        }
    }

    /// The admin listener.
    fn admin(&mut self, policy: &Policy, base: &Path) {
        let subject = "transport.admin.listen";
        match &policy.transport().admin.listen {
            AdminListener::Off => {}
            AdminListener::Loopback(address) => self.listener(subject, *address),
            AdminListener::Socket(path) => {
                let path = base.join(path);
                let folder = path.parent().unwrap_or(Path::new("/"));
                let ready = match folder.is_dir() {
                    true => may_keep_files(folder).and_then(|()| admin::probe(&path)),
                    false => Err(io::ErrorKind::NotFound.into()),
                };
                let shown = path.display();
                match ready {
                    Ok(false) => {
                        let text =
                            Text::new(format!("{shown} est libre"), format!("{shown} is free"));
                        self.add(State::Good, subject, text);
                    }
                    Ok(true) => {
                        let text = Text::new(
                            format!(
                                "{shown} est tenue par un processus : la porte en service, sans doute"
                            ),
                            format!("{shown} is held by a process: the gate in service, no doubt"),
                        );
                        self.add(State::Note, subject, text);
                    }
                    Err(error) => {
                        let path = path.clone();
                        self.fault(subject, &StartError::Socket { path, error });
                    }
                }
            }
        }
    }

    /// Whether an origin accepts connections now. It may come later, so this is
    /// never a fault.
    fn origin(&mut self, upstream: &Upstream) {
        let place = format!("{}:{}", upstream.host, upstream.port);
        let subject = format!("upstream {place}");
        match reach(&upstream.host, upstream.port) {
            Ok(()) => {
                let text = Text::new("accepte les connexions", "accepts connections");
                self.add(State::Good, subject, text);
            }
            Err(error) => {
                let Text { fr, en } = Text::of_system(&error);
                let text = Text::new(
                    format!(
                        "ne répond pas ({fr}). Démarrez l’origine ou corrigez `upstream` ; la porte démarre, et répond 502 jusque-là"
                    ),
                    format!(
                        "does not answer ({en}). Start the origin or correct `upstream`; the gate starts, and answers 502 until then"
                    ),
                );
                self.add(State::Note, subject, text);
            }
        }
    }
}

fn asks(site: &Site) -> bool {
    site.certificate == Certificate::Acme
}

fn valid(days: i64) -> Text {
    Text::new(
        format!("certificat et clé en ordre, encore {days} jours"),
        format!("certificate and key in order, {days} days left"),
    )
}
