//! What an inspector sees of a site from outside.
//!
//! Plain HTTP and where it leads, HSTS, TLS down to SSL 2, the certificate, cookies, fields, and
//! the forms of pages that ask for a password. Each thing found has a stable code ([`kind`]),
//! a severity, a clause of the register, a proof and a fix; where its facts are like those of a
//! published sanction, the decision is named ([`decision`]) and no more is claimed.
//!
//! Gentle: only hosts that the caller names, connections one after the other and bounded in
//! number, one deadline for each site, caps on all that is read. Nothing is sent but `GET`, and
//! handshakes that a client of the time would have begun.
//!
//! Absent on purpose: passwords (none is ever tried), cookies (none is sent back), scripts (none
//! is run), unpacking, attacks.

mod address;
mod certificate;
mod check;
pub mod decision;
mod finding;
mod http;
mod https;
mod judged;
pub mod kind;
mod net;
pub mod page;
mod roots;
pub mod rules;
pub mod tls;
mod walk;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

pub use address::Address;
pub use certificate::{Certificate, Chain};
pub use check::hsts::Promise;
pub use check::shown;
pub use finding::{Area, Fault, Finding, Kind, Severity};
pub use net::Silence;
pub use roots::Roots;

use check::Found;
use http::Trouble;
use net::Net;
use page::Page;
use walk::{End, Hop, Named, Walk};

/// How to look.
#[derive(Debug, Clone)]
pub struct Options {
    /// For each site.
    pub deadline: Duration,
    /// For one connection, and for one answer.
    pub step: Duration,
    /// Connections for each site.
    pub connections: usize,
    /// Every name is looked for at this address.
    pub connect_to: Option<IpAddr>,
    /// The port of plain HTTP; otherwise 80, or the port of an http address.
    pub http_port: Option<u16>,
    /// The port of HTTPS; otherwise 443, or the port of an https address.
    pub https_port: Option<u16>,
    /// Pages behind the first that are read, where its links promise a password field.
    pub pages: usize,
    /// Authorities that are trusted.
    pub roots: Roots,
    /// The time by which certificates are judged.
    pub now: SystemTime,
}

/// What was seen of one site.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The address that was named.
    pub address: Address,
    /// The way from plain HTTP, as addresses with their statuses.
    pub from_http: Vec<(String, Option<u16>)>,
    /// The way from HTTPS.
    pub from_https: Vec<(String, Option<u16>)>,
    /// What the server speaks below HTTPS.
    pub tls: Option<tls::Tls>,
    /// Its certificate.
    pub chain: Option<Chain>,
    /// What it promises by HSTS; none for an address without a name.
    pub promise: Option<Promise>,
    /// Pages that were read.
    pub pages: Vec<String>,
    /// Addresses whose answers were read to their end.
    pub answers: Vec<Address>,
    /// What was looked at; nothing is said about the rest.
    pub looked: Vec<Area>,
    /// Whether something was not looked at to its end: time or connections ran out, or the
    /// server was silent to some handshakes.
    pub is_partial: bool,
    /// Whether time or connections ran out.
    pub is_over: bool,
    /// What was found, the gravest first; of one kind at one address no more than twenty.
    pub findings: Vec<Finding>,
    /// How many more of the same were found.
    pub left_out: u64,
}

impl Options {
    /// Gentle defaults: a minute for a site, six seconds for an answer, 400 connections.
    pub fn new(roots: Roots) -> Self {
        Self {
            deadline: Duration::from_secs(60),
            step: Duration::from_secs(6),
            connections: 400,
            connect_to: None,
            http_port: None,
            https_port: None,
            pages: 4,
            roots,
            now: SystemTime::now(),
        }
    }
}

/// Looks at every site named, one after the other. Each has its own deadline and connections, so
/// that one that is slow or silent takes nothing from the next.
pub fn scan(addresses: &[Address], options: &Options) -> Vec<Scan> {
    let mut named = Named::default();
    for address in addresses {
        let (http, https) = ports(address, options);
        named.add(&address.host, http);
        named.add(&address.host, https);
    }
    addresses
        .iter()
        .map(|address| {
            let mut net = Net::new(
                options.deadline,
                options.step,
                options.connections,
                options.connect_to,
            );
            Look::at(&mut net, &named, address, options)
        })
        .collect()
}

/// The ports of plain HTTP and of HTTPS. A port of one's own is asked in both ways, unless the
/// other is named.
fn ports(address: &Address, options: &Options) -> (u16, u16) {
    let other = |usual: bool, port: u16| if usual { port } else { address.port };
    match address.is_https {
        true => (
            options.http_port.unwrap_or(other(address.port == 443, 80)),
            address.port,
        ),
        false => (
            address.port,
            options.https_port.unwrap_or(other(address.port == 80, 443)),
        ),
    }
}

impl Scan {
    /// Whether anything answered at all. Silence is none, however long it lasted.
    pub fn is_answered(&self) -> bool {
        let answered =
            |way: &[(String, Option<u16>)]| way.iter().any(|(_, status)| status.is_some());
        answered(&self.from_http)
            || answered(&self.from_https)
            || self
                .tls
                .as_ref()
                .is_some_and(|tls| !tls.spoken.is_empty() || tls.malformed.is_some())
            || self.findings.iter().any(|finding| {
                finding.kind.area == Area::Behaviour && finding.kind.code != kind::SLOW.code
            })
    }

    /// The gravest severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings
            .iter()
            .map(|finding| finding.kind.severity)
            .max()
    }
}

/// One site that is being looked at.
struct Look<'a> {
    net: &'a mut Net,
    named: &'a Named,
    found: Found,
    looked: Vec<Area>,
    pages: Vec<String>,
    answers: Vec<Address>,
    /// In seconds of Unix time.
    now: i64,
}

impl Look<'_> {
    fn at(net: &mut Net, named: &Named, address: &Address, options: &Options) -> Scan {
        let (http_port, https_port) = ports(address, options);
        let on = |is_https, port| Address {
            is_https,
            port,
            ..address.clone()
        };
        let mut look = Look {
            net,
            named,
            found: Found::default(),
            looked: Vec::new(),
            pages: Vec::new(),
            answers: Vec::new(),
            now: certificate::seconds(options.now),
        };
        // Plain HTTP at the port of an https address would only hear an alert.
        let ask_plain = !address.is_https || http_port != https_port;
        let plain = ask_plain.then(|| walk::walk(look.net, named, &on(false, http_port)));
        let https = walk::walk(look.net, named, &on(true, https_port));
        look.hear(&https);
        let https_at = https.start.clone();

        let tls = tls::look(look.net, &https_at.host, https_at.port);
        let shared_port = ask_plain && http_port == https_port;
        if !(shared_port && tls.spoken.is_empty()) {
            check::tls::check(&mut look.found, &https_at, &tls);
        }
        if !tls.spoken.is_empty() {
            look.looked.push(Area::Tls);
        }
        let shown = https.shown.clone();
        let (sent, is_stapled) = match &shown {
            Some(shown) => (&shown.chain, shown.is_stapled),
            None => (&tls.chain, false),
        };
        let chain = (!sent.is_empty())
            .then(|| certificate::judge(sent, options.roots.store(), &https_at.host, is_stapled));
        if let Some(chain) = &chain {
            look.looked.push(Area::Certificate);
            check::certificate::check(&mut look.found, &https_at, chain, options.now);
        }
        let is_sound = chain.as_ref().is_some_and(|chain| {
            chain.is_trusted
                && chain.names_host
                && chain
                    .leaf()
                    .is_some_and(|leaf| (leaf.not_before..=leaf.not_after).contains(&look.now))
        });

        if let Some(plain) = &plain {
            look.plain(plain, &https, &tls);
        }
        if let End::Tls(refusal) = https.end
            && tls.is_modern()
        {
            check::behaviour::unread(&mut look.found, &https_at, refusal, &tls);
        }
        // A port that answers in clear and does not speak TLS is told as such, not as bad HTTP.
        if !(shared_port && https.hops.is_empty()) {
            check::behaviour::check(&mut look.found, &https);
        }
        let mut promise = None;
        if let Some(first) = https.hops.first() {
            look.looked.extend([Area::Hsts, Area::Cookies]);
            promise = check::hsts::check(&mut look.found, first, is_sound, plain.as_ref());
        }
        let page = look.way(&https);
        if let Some(hop) = https.page().filter(|hop| hop.address.is_https) {
            look.looked.push(Area::Fields);
            check::fields::check(&mut look.found, hop, page.as_ref());
        }
        let home = match (&page, plain.as_ref().and_then(Walk::page)) {
            (Some(page), _) => https.page().map(|hop| (hop.address.clone(), page.clone())),
            (None, Some(hop)) => Some((hop.address.clone(), look.read(hop))),
            (None, None) => None,
        };
        if let Some((at, page)) = home {
            // A site that redirects its first page may serve the others in clear all the same.
            let clear = plain.as_ref().filter(|plain| !plain.hops.is_empty());
            look.others(&at, &page, options.pages, clear.map(|_| http_port));
        }

        let is_over = look.net.is_over();
        let is_partial = is_over || !tls.unseen.is_empty() || tls.is_cut;
        let mut findings = look.found.list;
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity));
        let mut looked = look.looked;
        looked.push(Area::Behaviour);
        looked.sort_unstable();
        looked.dedup();
        Scan {
            address: address.clone(),
            from_http: plain.as_ref().map(way).unwrap_or_default(),
            from_https: way(&https),
            tls: (!tls.spoken.is_empty() || tls.malformed.is_some()).then_some(tls),
            chain,
            promise,
            pages: look.pages,
            answers: look.answers,
            looked,
            is_partial,
            is_over,
            findings,
            left_out: look.found.left_out,
        }
    }

    fn walk(&mut self, to: &Address) -> Walk {
        let walk = walk::walk(self.net, self.named, to);
        if to.is_https {
            self.hear(&walk);
            check::behaviour::check(&mut self.found, &walk);
        } else {
            self.clear(&walk);
        }
        walk
    }

    fn hear(&mut self, walk: &Walk) {
        let whole = walk.hops.iter().filter(|hop| hop.answer.is_whole());
        self.answers.extend(whole.map(|hop| hop.address.clone()));
    }

    fn plain(&mut self, plain: &Walk, https: &Walk, tls: &tls::Tls) {
        let is_closed = plain.end == End::Trouble(Trouble::Silence(Silence::Refused));
        if !plain.hops.is_empty() || is_closed {
            self.looked.push(Area::Cleartext);
        }
        check::cleartext::check(&mut self.found, plain, https, tls);
        self.clear(plain);
    }

    /// What every way that begins in clear is looked at for.
    fn clear(&mut self, walk: &Walk) {
        self.hear(walk);
        check::behaviour::check(&mut self.found, walk);
        check::cleartext::downgrade(&mut self.found, walk);
        let hop = walk.page().filter(|hop| !hop.address.is_https);
        let page = hop.map(|hop| self.read(hop));
        check::cleartext::served(&mut self.found, walk, page.as_ref());
        if let (Some(hop), Some(page)) = (hop, &page) {
            check::pages::check(&mut self.found, hop, page);
        }
    }

    /// What every way over HTTPS is looked at for; its page.
    fn way(&mut self, walk: &Walk) -> Option<Page> {
        check::cleartext::downgrade(&mut self.found, walk);
        for hop in walk.hops.iter().filter(|hop| hop.address.is_https) {
            check::cookies::check(&mut self.found, hop, self.now);
        }
        let hop = walk.page()?;
        let page = self.read(hop);
        check::pages::check(&mut self.found, hop, &page);
        Some(page)
    }

    fn read(&mut self, hop: &Hop) -> Page {
        if !hop.answer.is_page() || hop.answer.is_unread() {
            return Page::default();
        }
        self.looked.push(Area::Pages);
        let address = hop.address.to_string();
        if !self.pages.contains(&address) {
            self.pages.push(address);
        }
        let kind = hop
            .answer
            .field("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let charset = kind
            .split("charset=")
            .nth(1)
            .map(|label| label.trim_matches(['"', ' ', ';']).to_owned());
        page::read_while(&hop.answer.body, charset.as_deref(), || !self.net.is_over())
    }

    /// Pages of the same host where a password is likely asked for; `clear` is the port where
    /// they are asked for in clear too.
    fn others(&mut self, at: &Address, page: &Page, most: usize, clear: Option<u16>) {
        let (mut left, mut asked) = (most, BTreeSet::new());
        for (href, words) in &page.links {
            let address::Reference::Web(to) = at.join(href) else {
                continue;
            };
            let is_new = !self.pages.contains(&to.to_string());
            if left == 0 || !is_new || to.host != at.host || !self.named.has(&to) {
                continue;
            }
            if !check::pages::leads_to_password(href, words) {
                continue;
            }
            if !asked.insert(to.to_string()) {
                continue;
            }
            left -= 1;
            let in_clear = clear.filter(|_| to.is_https).map(|port| Address {
                is_https: false,
                port,
                ..to.clone()
            });
            let in_clear = in_clear.filter(|address| self.named.has(address));
            let mut walk = self.walk(in_clear.as_ref().unwrap_or(&to));
            // Where plain HTTP led to the page itself, it is not asked for again.
            if in_clear.is_some() && walk.hops.iter().all(|hop| hop.address != to) {
                walk = self.walk(&to);
            }
            let page = self.way(&walk);
            if let Some(hop) = walk.page().filter(|hop| !hop.address.is_https) {
                check::cleartext::page(&mut self.found, hop, page.as_ref());
            }
            if let Some(hop) = walk.page().filter(|hop| hop.address.is_https) {
                check::fields::check(&mut self.found, hop, page.as_ref());
            }
        }
    }
}

fn way(walk: &Walk) -> Vec<(String, Option<u16>)> {
    let hops = walk
        .hops
        .iter()
        .map(|hop| (hop.address.to_string(), Some(hop.answer.status)));
    let last = match &walk.end {
        End::Elsewhere(to) => Some((to.to_string(), None)),
        _ => walk.stopped_at.as_ref().map(|at| (at.to_string(), None)),
    };
    hops.chain(last).collect()
}
