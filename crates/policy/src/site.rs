//! `[[site]]`: a name, where it is really served, and what is mended on the way.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::Size;

mod client;
mod form;
mod headers;
pub(crate) mod host;
mod origin;
pub(crate) mod parse;
mod repair;
mod upstream;

pub use client::{ClientCertificates, ClientMode};
pub use form::{
    AnswerRule, Charset, Condition, Encoding, FormKind, FormMethod, SiteForm, Software,
};
pub(crate) use headers::Sniffing;
pub use headers::{Frames, Headers, Opener, Referrer};
pub use origin::{Affinity, Alpn, Health, OriginPolicy, StatusRange};
pub use repair::{CookieRule, Repair, SameSite};

/// One `[[site]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// The names, lower-case, at least one. No wildcard. An IP literal is allowed and gets
    /// no HSTS (RFC 6797, 8.1.1).
    pub hosts: Vec<String>,
    /// Where the requests go; at least one, each of them once.
    pub upstreams: Vec<Upstream>,
    /// `[site.origin]`: how they are reached.
    pub origin: OriginPolicy,
    /// `[site.health]`: how they are checked. `None` without a path to ask for.
    pub health: Option<Health>,
    /// How the site proves its name.
    pub certificate: Certificate,
    /// Which clients are let in by the handshake; `None` asks nobody for a certificate.
    pub client_certificates: Option<ClientCertificates>,
    /// Largest request body of this site, if not the one of `[transport.limits]`.
    pub max_body: Option<Size>,
    /// Where a password is changed, path and query; `None` leaves the question to the origin.
    pub change_password: Option<String>,
    /// The operator's page for refused forms; `None` shows the gate's own.
    pub refusal_page: Option<PathBuf>,
    /// Caps for parts of the site, in the order of the file.
    pub limits: Vec<SiteLimit>,
    /// What is mended in the origin's answers.
    pub repair: Repair,
    /// Security fields that are added to them.
    pub headers: Headers,
    /// The forms that hold a password.
    pub forms: Vec<SiteForm>,
}

/// `upstream`: an origin by scheme, host and port; no path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Upstream {
    /// Whether the gate speaks TLS to the origin, and which HTTP in clear.
    pub scheme: Scheme,
    /// Name or address, IPv6 without brackets.
    pub host: String,
    /// Port; 80 or 443 when the file names none.
    pub port: u16,
}

/// How the origin is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain HTTP. Loopback only, unless `danger-cleartext-upstream = true`.
    Http,
    /// TLS with verification.
    Https,
    /// HTTP/2 in clear, with prior knowledge (RFC 9113, 3.3). Loopback only, as for `Http`.
    H2c,
}

/// `certificate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// `"acme"`: from a certificate authority by RFC 8555.
    Acme,
    /// `"dev"`: from a development authority made here. Gets no HSTS.
    Dev,
    /// `{ chain = "…", key = "…" }`: PEM files, relative to the policy file.
    Files {
        /// Certificates, the site's own first.
        chain: PathBuf,
        /// Its private key, readable by its owner only.
        key: PathBuf,
    },
}

/// The words of `certificate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertificateWord {
    /// See [`Certificate::Acme`].
    Acme,
    /// See [`Certificate::Dev`].
    Dev,
}

/// One `[[site.limit]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteLimit {
    /// The path at which the part begins: itself, and all that is below it.
    pub path: String,
    /// Largest request body there.
    pub max_body: Size,
}

impl Site {
    /// A site with one origin and every optional setting at its default.
    pub fn new(hosts: Vec<String>, upstream: Upstream, certificate: Certificate) -> Self {
        Self {
            hosts,
            upstreams: vec![upstream],
            origin: OriginPolicy::default(),
            health: None,
            certificate,
            client_certificates: None,
            max_body: None,
            change_password: None,
            refusal_page: None,
            limits: Vec::new(),
            repair: Repair::default(),
            headers: Headers::default(),
            forms: Vec::new(),
        }
    }
}

impl Upstream {
    /// An origin: IPv6 without brackets.
    pub fn new(scheme: Scheme, host: impl Into<String>, port: u16) -> Self {
        Self {
            scheme,
            host: host.into(),
            port,
        }
    }
}

impl Scheme {
    /// The word before `://`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::H2c => "h2c",
        }
    }
}

/// As the policy writes it: `http://[::1]:8080`.
impl std::fmt::Display for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { scheme, host, port } = self;
        match host.contains(':') {
            true => write!(f, "{}://[{host}]:{port}", scheme.name()),
            false => write!(f, "{}://{host}:{port}", scheme.name()),
        }
    }
}

impl Site {
    /// Whether a form of the site that signs in is described.
    pub fn signs_in(&self) -> bool {
        self.forms.iter().any(|form| form.kind == FormKind::SignIn)
    }

    /// Whether a form of the site that sets a password is described.
    pub fn sets_passwords(&self) -> bool {
        let sets = |kind| matches!(kind, FormKind::SignUp | FormKind::Change | FormKind::Reset);
        self.forms.iter().any(|form| sets(form.kind))
    }

    /// Whether browsers are told HSTS for a name of this site: never for an IP literal
    /// (RFC 6797, 8.1.1), never behind a development certificate, whose warning could not be
    /// clicked through any more.
    pub fn announces_hsts(&self, host: &str) -> bool {
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let is_address = inner.unwrap_or(host).parse::<IpAddr>().is_ok();
        self.certificate != Certificate::Dev && !is_address
    }
}

impl Upstream {
    /// Whether the origin runs on this machine: a loopback address, or `localhost` itself.
    /// A name under it, such as `app.localhost`, is not trusted: resolvers differ on it.
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host == "localhost",
        }
    }
}
