//! `[transport]`: listeners, TLS, HSTS, limits, deadlines and certificates of the gate.
//!
//! Clauses: CNIL guide 2024 (TLS on every authentication page), RFC 6797 (HSTS), RFC 9325,
//! ANSSI TLS guide, Mozilla Server Side TLS.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::Size;

pub(crate) mod acme;
pub(crate) mod admin;
pub(crate) mod parse;

pub use acme::{AcmePolicy, ChallengeChoice, Directory, ExternalAccount};
pub use admin::{AdminListener, AdminPolicy, SocketMode};

/// `[transport]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportPolicy {
    /// The plain listener, which serves nothing but redirects and refusals; `None` opens none.
    pub http: Option<SocketAddr>,
    /// The TLS listener.
    pub https: SocketAddr,
    /// Protocol versions, suites and groups.
    pub tls: TlsProfile,
    /// Whether plain GET and HEAD are redirected (308) or refused.
    pub redirect: Redirect,
    /// What plain requests that carry credentials get.
    pub cleartext_credentials: CleartextCredentials,
    /// Peers whose `Forwarded` and `X-Forwarded-*` are believed. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// Listeners whose connections begin with a PROXY header and come from
    /// [`trusted_proxies`](Self::trusted_proxies). Default none.
    pub proxy_protocol: Vec<Listener>,
    /// The access log.
    pub access_log: AccessLog,
    /// Whose trace is continued towards the origin.
    pub trace_context: TraceContext,
    /// `[transport.limits]`.
    pub limits: Limits,
    /// `[transport.deadlines]`.
    pub deadlines: Deadlines,
    /// `[transport.hsts]`.
    pub hsts: Hsts,
    /// `[transport.acme]`.
    pub acme: AcmePolicy,
    /// `[transport.admin]`.
    pub admin: AdminPolicy,
}

/// The word of `http`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Off {
    /// No plain listener.
    Off,
}

/// A listener, in `proxy-protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// The plain one.
    Http,
    /// The TLS one.
    Https,
}

/// `tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsProfile {
    /// ANSSI SDE-NT-35: TLS 1.3 and 1.2, AES-256 first.
    Anssi,
    /// Mozilla Server Side TLS, intermediate: TLS 1.3 and 1.2. The default.
    MozillaIntermediate,
    /// TLS 1.3 only.
    Modern,
}

impl TlsProfile {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anssi => "anssi",
            Self::MozillaIntermediate => "mozilla-intermediate",
            Self::Modern => "modern",
        }
    }
}

/// `redirect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirect {
    /// `"https"`: 308 to the same path and query of a configured name.
    Https,
    /// `"refuse"`: 403, for APIs, whose clients must be mended instead (ASVS 4.1.2).
    Refuse,
}

/// `cleartext-credentials`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleartextCredentials {
    /// `"refuse"`: 403 and a page saying that the password was just exposed. The default.
    Refuse,
    /// `"redirect"`: like any other request. Needs a deviation.
    Redirect,
}

/// `access-log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLog {
    /// One line for people.
    Human,
    /// One JSON object per line.
    Json,
    /// The combined form of Apache, for the tools that read it.
    Combined,
    /// None.
    Off,
}

/// `trace-context`: what becomes of `traceparent` and `tracestate` (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceContext {
    /// Traces of `trusted-proxies` go on; everybody else's requests begin a new one. The
    /// default: a stranger decides neither what is sampled nor what is joined together.
    TrustedProxies,
    /// Every well-formed trace goes on.
    Everyone,
    /// The fields pass as they came, like any other.
    Off,
}

/// `[transport.limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Open client connections in all. Default 10,000.
    pub connections: usize,
    /// Open connections per source (IPv4 address, IPv6 /64). Default 256.
    pub connections_per_source: usize,
    /// TLS handshakes per second in all. Default 1,000.
    pub handshakes_per_second: u32,
    /// TLS handshakes per second per source, with a burst of twenty seconds' worth. Default 50.
    pub handshakes_per_source: u32,
    /// Size of a request head. Default 32 KiB, from 8 KiB to 1 MiB.
    pub head: Size,
    /// Fields in a request head. Default 100.
    pub fields: usize,
    /// Size of a request body. Default 64 MiB.
    pub body: Size,
    /// Bytes per second that a client must send or read while it is waited for, averaged over
    /// [`Deadlines::rate_window`]. Default 256 B, to 1 MiB; zero asks for none.
    pub min_rate: Size,
}

/// `[transport.deadlines]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// For the PROXY header of a connection. Default 5 s.
    pub proxy_header: Duration,
    /// For the TLS handshake. Default 10 s.
    pub handshake: Duration,
    /// For a whole request head. Default 15 s.
    pub head: Duration,
    /// Between two pieces of a body, either way. Default 30 s.
    pub body_idle: Duration,
    /// Time spent waiting for a client over which [`Limits::min_rate`] is measured. Default
    /// 30 s.
    pub rate_window: Duration,
    /// Of a connection without request. Default 60 s.
    pub idle: Duration,
    /// Of a tunnel (WebSocket) without traffic. Default 1 h.
    pub tunnel_idle: Duration,
    /// To connect to the origin. Default 5 s.
    pub connect: Duration,
    /// For the head of the origin's answer. Default 60 s.
    pub answer: Duration,
    /// For open requests to end after SIGTERM. Default 30 s.
    pub drain: Duration,
}

/// `[transport.hsts]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hsts {
    /// How long browsers are told to remember, in seconds when sent. Zero makes them forget.
    pub max_age: Duration,
    /// Whether subdomains are covered; only with an inventory.
    pub include_subdomains: bool,
    /// The subdomains that the operator says are served over HTTPS (RFC 6797, 11.4).
    pub subdomains: Vec<String>,
    /// Whether `preload` is sent. Never by default.
    pub preload: bool,
}

impl Hsts {
    /// The least that ANSSI and ASVS ask for, and that browsers preload: 365 days.
    pub const ONE_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
}

/// `stage`: the steps of the HSTS ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HstsStage {
    /// 300 s. The default: a mistake is over in five minutes.
    FiveMinutes,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 730 days.
    TwoYears,
}

impl HstsStage {
    /// Every stage, from the lowest.
    pub const ALL: [Self; 4] = [Self::FiveMinutes, Self::Week, Self::Month, Self::TwoYears];

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FiveMinutes => "five-minutes",
            Self::Week => "week",
            Self::Month => "month",
            Self::TwoYears => "two-years",
        }
    }

    /// The `max-age` of the stage.
    pub const fn max_age(self) -> Duration {
        const DAY: u64 = 24 * 60 * 60;
        Duration::from_secs(match self {
            Self::FiveMinutes => 300,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::TwoYears => 730 * DAY,
        })
    }
}

impl Default for TransportPolicy {
    fn default() -> Self {
        Self {
            http: Some(SocketAddr::from(([0, 0, 0, 0], 80))),
            https: SocketAddr::from(([0, 0, 0, 0], 443)),
            tls: TlsProfile::MozillaIntermediate,
            redirect: Redirect::Https,
            cleartext_credentials: CleartextCredentials::Refuse,
            trusted_proxies: Vec::new(),
            proxy_protocol: Vec::new(),
            access_log: AccessLog::Human,
            trace_context: TraceContext::TrustedProxies,
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            hsts: Hsts::default(),
            acme: AcmePolicy::default(),
            admin: AdminPolicy::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_source: 256,
            handshakes_per_second: 1000,
            handshakes_per_source: 50,
            head: Size::kib(32),
            fields: 100,
            body: Size::mib(64),
            min_rate: Size::bytes(256),
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            proxy_header: seconds(5),
            handshake: seconds(10),
            head: seconds(15),
            body_idle: seconds(30),
            rate_window: seconds(30),
            idle: seconds(60),
            tunnel_idle: seconds(3600),
            connect: seconds(5),
            answer: seconds(60),
            drain: seconds(30),
        }
    }
}

impl Default for Hsts {
    fn default() -> Self {
        Self {
            max_age: HstsStage::FiveMinutes.max_age(),
            include_subdomains: false,
            subdomains: Vec::new(),
            preload: false,
        }
    }
}
