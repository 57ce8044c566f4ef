//! Connections that end in time: one deadline for a site, one for each answer, a cap on how many
//! are made.
//!
//! Clause: [`clause::REMPART_DEADLINES`]. A scan is a visitor, not a load: connections are made
//! one after the other, and a server that is silent several times is left alone.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Addresses of one name that are tried.
const ADDRESSES: usize = 3;

/// What may still be done.
#[derive(Debug)]
pub(crate) struct Net {
    end: Instant,
    /// For one connection, and for one answer.
    step: Duration,
    connect_to: Option<IpAddr>,
    left: usize,
    known: HashMap<(String, u16), SocketAddr>,
}

/// Why nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The name leads nowhere.
    Name,
    /// Nobody listens.
    Refused,
    /// No way leads to it from here.
    Unreachable,
    /// Nothing came in time.
    Slow,
    /// The connection was closed before anything came.
    Closed,
    /// The scan has used up its time or its connections for this site.
    Over,
}

impl Net {
    pub(crate) fn new(
        whole: Duration,
        step: Duration,
        connections: usize,
        connect_to: Option<IpAddr>,
    ) -> Self {
        Self {
            end: Instant::now() + whole,
            step,
            connect_to,
            left: connections,
            known: HashMap::new(),
        }
    }

    /// Whether the scan has to end.
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0 || Instant::now() >= self.end
    }

    /// A connection whose reads and writes end in time, all together within one step.
    pub(crate) fn connect(&mut self, host: &str, port: u16) -> Result<Timed, Silence> {
        if self.is_over() {
            return Err(Silence::Over);
        }
        self.left -= 1;
        let known = self.known.get(&(host.to_owned(), port)).copied();
        let addresses = match known {
            Some(address) => vec![address],
            None => self.resolve(host, port)?,
        };
        let mut silence = Silence::Unreachable;
        for address in addresses {
            let end = (Instant::now() + self.step).min(self.end);
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Silence::Over);
            }
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => {
                    let _ = stream.set_nodelay(true);
                    self.known.insert((host.to_owned(), port), address);
                    return Ok(Timed {
                        stream,
                        end: (Instant::now() + self.step).min(self.end),
                    });
                }
                Err(error) => {
                    // Of several addresses the one that says least: a refusal by one says
                    // nothing of another that is silent.
                    silence = match (error.kind(), silence) {
                        (io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock, _)
                        | (_, Silence::Slow) => Silence::Slow,
                        (io::ErrorKind::ConnectionRefused, _) => Silence::Refused,
                        (_, before) => before,
                    }
                }
            }
        }
        Err(silence)
    }

    /// The addresses of a host. The system's resolver has no deadline, so it gets a thread that
    /// is left behind if it does not answer.
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Silence> {
        if let Some(address) = self.connect_to {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let (sender, receiver) = mpsc::channel();
        let name = host.to_owned();
        thread::spawn(move || {
            let found = (name.as_str(), port).to_socket_addrs();
            // Nobody waits any more once the deadline has passed.
            let _ = sender.send(found.map(|found| found.take(ADDRESSES).collect::<Vec<_>>()));
        });
        let left = self
            .end
            .saturating_duration_since(Instant::now())
            .min(self.step);
        match receiver.recv_timeout(left) {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            _ => Err(Silence::Name),
        }
    }
}

/// A connection with one end for everything that is read and written on it.
#[derive(Debug)]
pub(crate) struct Timed {
    stream: TcpStream,
    end: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(left)
        }
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(bytes)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl From<&io::Error> for Silence {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Slow,
            _ => Self::Closed,
        }
    }
}
