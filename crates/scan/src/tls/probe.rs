//! The handshakes of a scan: few, one after the other, none finished.

use std::io::{Read, Write};

use super::flight::{Flight, Reader, ssl2};
use super::hello::{self, Hello};
use super::suite::{self, Suite};
use super::{Seen, Spoken, Tls, Version};
use crate::finding::Fault;
use crate::net::{Net, Silence};

/// Suites that are offered at once: some servers of the time take no more.
const AT_ONCE: usize = 100;
/// Silences after which a server is left alone.
const PATIENCE: usize = 3;
/// A name that is nobody's (RFC 6761, 6.4).
const NOBODY: &str = "rempart.invalid";

/// Where to look, and what happened so far.
struct Probe<'a> {
    net: &'a mut Net,
    host: &'a str,
    port: u16,
    /// The name that a hello carries; none for an address.
    name: Option<&'a str>,
    silences: usize,
    silence: Option<Silence>,
    malformed: Option<Fault>,
    is_cut: bool,
}

/// What one handshake came to.
enum Answer {
    Flight(Flight),
    /// An alert, or a closed connection.
    No,
    /// It is not known.
    Lost,
}

/// Looks at one server.
pub(crate) fn look(net: &mut Net, host: &str, port: u16) -> Tls {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let mut probe = Probe {
        net,
        host,
        port,
        name: (!is_address).then_some(host),
        silences: 0,
        silence: None,
        malformed: None,
        is_cut: false,
    };
    let mut tls = Tls {
        spoken: Vec::new(),
        unseen: Vec::new(),
        is_cut: false,
        own_order: Seen::Unknown,
        prime_bits: None,
        compression: Seen::Unknown,
        renegotiation: Seen::Unknown,
        extended_master_secret: Seen::Unknown,
        fallback: Seen::Unknown,
        serves_any_name: Seen::Unknown,
        chain: Vec::new(),
        malformed: None,
        silence: None,
    };
    // The newest first: that is what most servers speak, and what tells most.
    for version in Version::ALL.into_iter().rev() {
        match probe.version(version) {
            Some(Some((spoken, flight))) => {
                tls.note(version, &flight);
                tls.spoken.push(spoken);
            }
            Some(None) => {}
            None => tls.unseen.push(version),
        }
    }
    tls.spoken.reverse();
    if let Some(newest) = tls.spoken.last().map(|spoken| spoken.version) {
        probe.rest(newest, &mut tls);
    }
    tls.is_cut = probe.is_cut;
    tls.malformed = probe.malformed;
    tls.silence = probe.silence;
    tls
}

impl Probe<'_> {
    /// Every suite and group of a version; `None` inside when the server does not speak it,
    /// outside when that is not known.
    fn version(&mut self, version: Version) -> Option<Option<(Spoken, Flight)>> {
        if version == Version::Ssl2 {
            return self.ssl2();
        }
        let is_13 = version == Version::Tls13;
        let groups = suite::groups(is_13);
        let offered: Vec<u16> = Suite::all(is_13)
            .filter(|number| match version {
                Version::Tls12 | Version::Tls13 => true,
                Version::Ssl3 => Suite(*number).is_ancient(),
                _ => Suite(*number).is_old(),
            })
            .collect();
        let (mut taken, mut first, mut lost) = (Vec::new(), None, false);
        for part in offered.chunks(AT_ONCE) {
            let mut left = part.to_vec();
            while !left.is_empty() {
                let hello = Hello {
                    suites: &left,
                    groups: &groups,
                    ..self.hello(version)
                };
                match self.ask(&hello) {
                    Answer::Flight(flight) => {
                        let Some(choice) = flight.hello.as_ref().map(|hello| hello.suite) else {
                            break;
                        };
                        let Some(place) = left.iter().position(|suite| *suite == choice) else {
                            break;
                        };
                        left.remove(place);
                        taken.push(Suite(choice));
                        first.get_or_insert(flight);
                    }
                    Answer::No => break,
                    Answer::Lost => {
                        lost = true;
                        break;
                    }
                }
            }
        }
        match (first, lost) {
            (Some(flight), _) => {
                self.is_cut |= lost;
                // SSL 3 names no groups.
                let groups = match version {
                    Version::Ssl2 | Version::Ssl3 => Vec::new(),
                    _ => self.groups(version, &taken, groups),
                };
                Some(Some((
                    Spoken {
                        version,
                        suites: taken,
                        groups,
                    },
                    flight,
                )))
            }
            (None, false) => Some(None),
            (None, true) => None,
        }
    }

    /// The groups that go with the suites that were taken.
    fn groups(&mut self, version: Version, taken: &[Suite], mut left: Vec<u16>) -> Vec<u16> {
        let is_13 = version == Version::Tls13;
        let suites: Vec<u16> = taken
            .iter()
            .filter(|suite| is_13 || suite.is_elliptic())
            .map(|suite| suite.0)
            .collect();
        let mut groups = Vec::new();
        while !suites.is_empty() && !left.is_empty() {
            let hello = Hello {
                suites: &suites,
                groups: &left,
                ..self.hello(version)
            };
            let flight = match self.ask(&hello) {
                Answer::Flight(flight) => flight,
                Answer::No => break,
                Answer::Lost => {
                    self.is_cut = true;
                    break;
                }
            };
            let of_hello = flight.hello.as_ref().and_then(|hello| hello.group);
            let Some(group) = flight.group.or(of_hello) else {
                break;
            };
            let Some(place) = left.iter().position(|offered| *offered == group) else {
                break;
            };
            left.remove(place);
            groups.push(group);
        }
        groups
    }

    /// What is asked once, of the newest version that answers it.
    fn rest(&mut self, newest: Version, tls: &mut Tls) {
        let groups = suite::groups(false);
        let before_13 = tls
            .spoken
            .iter()
            .rev()
            .find(|spoken| (Version::Ssl3..=Version::Tls12).contains(&spoken.version));
        if let Some(old) = before_13 {
            let version = old.version;
            let mut suites: Vec<u16> = old.suites.iter().map(|suite| suite.0).collect();
            if suites.len() > 1 {
                // The same choice from a list and from its reverse is the server's own.
                let mut chosen = [None, None];
                for choice in &mut chosen {
                    let hello = Hello {
                        suites: &suites,
                        groups: &groups,
                        ..self.hello(version)
                    };
                    if let Answer::Flight(flight) = self.ask(&hello) {
                        *choice = flight.hello.map(|hello| hello.suite);
                    }
                    suites.reverse();
                }
                tls.own_order = match chosen {
                    [Some(one), Some(other)] if one == other => Seen::Yes,
                    [Some(_), Some(_)] => Seen::No,
                    _ => Seen::Unknown,
                };
            }
            let finite: Vec<u16> = suites
                .iter()
                .copied()
                .filter(|suite| Suite(*suite).is_finite())
                .collect();
            if !finite.is_empty() {
                let hello = Hello {
                    suites: &finite,
                    ..self.hello(version)
                };
                if let Answer::Flight(flight) = self.ask(&hello) {
                    tls.prime_bits = flight.prime_bits;
                }
            }
            let hello = Hello {
                suites: &suites,
                groups: &groups,
                compression: true,
                ..self.hello(version)
            };
            tls.compression = self.choice(&hello, |flight| {
                flight
                    .hello
                    .as_ref()
                    .is_some_and(|hello| hello.compression != 0)
            });
            // Only a server that speaks something newer can tell that a client fell back.
            if version != newest || tls.spoken.len() > 1 {
                let older = tls
                    .spoken
                    .iter()
                    .rev()
                    .find(|spoken| spoken.version < newest && spoken.version >= Version::Ssl3);
                if let Some(older) = older {
                    let suites: Vec<u16> = older.suites.iter().map(|suite| suite.0).collect();
                    let hello = Hello {
                        suites: &suites,
                        groups: &groups,
                        fallback: true,
                        ..self.hello(older.version)
                    };
                    tls.fallback = match self.ask(&hello) {
                        Answer::Flight(_) => Seen::No,
                        Answer::No => Seen::Yes,
                        Answer::Lost => Seen::Unknown,
                    };
                }
            }
        }
        if self.name.is_some()
            && let Some(spoken) = tls.of(newest)
            && newest >= Version::Tls10
        {
            let suites: Vec<u16> = spoken.suites.iter().map(|suite| suite.0).collect();
            let groups = suite::groups(newest == Version::Tls13);
            let hello = Hello {
                suites: &suites,
                groups: &groups,
                name: Some(NOBODY),
                ..self.hello(newest)
            };
            tls.serves_any_name = self.choice(&hello, |_| true);
        }
    }

    fn choice(&mut self, hello: &Hello<'_>, wanted: impl Fn(&Flight) -> bool) -> Seen {
        match self.ask(hello) {
            Answer::Flight(flight) if wanted(&flight) => Seen::Yes,
            Answer::Flight(_) | Answer::No => Seen::No,
            Answer::Lost => Seen::Unknown,
        }
    }

    fn hello<'h>(&self, version: Version) -> Hello<'h>
    where
        Self: 'h,
    {
        Hello {
            version,
            suites: &[],
            groups: &[],
            name: None,
            compression: false,
            fallback: false,
        }
    }

    /// One handshake up to the end of the server's first flight.
    fn ask(&mut self, hello: &Hello<'_>) -> Answer {
        let name = hello.name.or(self.name);
        let bytes = Hello {
            name,
            ..hello.clone()
        }
        .bytes(&random());
        let version = hello.version.number();
        let mut reader = Reader::new();
        let heard = self.exchange(&bytes, |bytes| match reader.push(bytes) {
            Ok(()) => Ok(reader.flight().ended),
            Err(malformed) => Err(malformed.0),
        });
        let flight = reader.flight().clone();
        match (heard, &flight.hello) {
            // What stands before the fault, or before the silence, was said.
            (_, Some(hello)) if hello.version == version => Answer::Flight(flight),
            // Another version than the one that was offered.
            (_, Some(_)) => Answer::No,
            (Ok(()), None) => Answer::No,
            (Err(()), None) => Answer::Lost,
        }
    }

    fn ssl2(&mut self) -> Option<Option<(Spoken, Flight)>> {
        let (mut held, mut found) = (Vec::new(), false);
        let heard = self.exchange(&hello::ssl2(&random()), |bytes| {
            held.extend_from_slice(bytes);
            // An alert of TLS, or an HTTP error, is an answer like any other: no.
            found = matches!(ssl2(&held), Ok(Some(_)));
            Ok(found || ssl2(&held).is_err())
        });
        match (heard, found) {
            (_, true) => {
                let spoken = Spoken {
                    version: Version::Ssl2,
                    suites: Vec::new(),
                    groups: Vec::new(),
                };
                Some(Some((spoken, Flight::default())))
            }
            (Ok(()), false) => Some(None),
            // Most servers of today say nothing to such a hello, or wait for more of it.
            (Err(()), false) => (!self.net.is_over()).then_some(None),
        }
    }

    /// Sends, and reads until `take` has enough; `Err` when nothing certain came.
    fn exchange(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<bool, Fault>,
    ) -> Result<(), ()> {
        if self.silences >= PATIENCE {
            return Err(());
        }
        let mut stream = match self.net.connect(self.host, self.port) {
            Ok(stream) => stream,
            Err(silence) => {
                self.silences += 1;
                self.silence.get_or_insert(silence);
                return Err(());
            }
        };
        let mut piece = [0; 4096];
        let mut heard = stream.write_all(bytes);
        while heard.is_ok() {
            match stream.read(&mut piece) {
                // A server may hang up instead of explaining itself.
                Ok(0) => return Ok(()),
                Ok(read) => match take(&piece[..read]) {
                    Ok(true) => return Ok(()),
                    Ok(false) => {}
                    Err(why) => {
                        self.malformed.get_or_insert(why);
                        self.silences += 1;
                        return Err(());
                    }
                },
                Err(error) => heard = Err(error),
            }
        }
        match heard.as_ref().map_err(Silence::from) {
            Err(Silence::Slow) => {
                self.silences += 1;
                self.silence.get_or_insert(Silence::Slow);
                Err(())
            }
            // A reset is a refusal.
            _ => Ok(()),
        }
    }
}

impl Tls {
    /// What the first flight of a version says beside its suite.
    fn note(&mut self, version: Version, flight: &Flight) {
        let Some(hello) = &flight.hello else { return };
        if version == Version::Tls13 {
            return;
        }
        let seen = |said: bool| if said { Seen::Yes } else { Seen::No };
        if self.renegotiation == Seen::Unknown {
            self.renegotiation = seen(hello.renegotiation);
            self.extended_master_secret = seen(hello.extended_master_secret);
        }
        if self.chain.is_empty() {
            self.chain.clone_from(&flight.chain);
        }
    }
}

/// Numbers that nothing depends on: no key is ever made.
fn random() -> [u8; 32] {
    let mut random = [0; 32];
    // Without randomness a fixed number does as well here.
    let _ = getrandom::fill(&mut random);
    random
}
