//! Tells systemd how the service is: `sd_notify(3)` without its library.
//!
//! One datagram to the socket that `NOTIFY_SOCKET` names, in the file system or in the abstract
//! name space. Without that variable nothing is said; what cannot be delivered is lost, as
//! there it is only told, not asked.

use std::env;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Whoever started this process and wants to know.
#[derive(Debug, Default)]
pub(super) struct Notifier {
    to: Option<(UnixDatagram, SocketAddr)>,
}

impl Notifier {
    /// The one that the environment names, if any.
    pub(super) fn of_environment() -> Self {
        let to = env::var_os("NOTIFY_SOCKET").and_then(|name| {
            let address = match name.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
                [b'/', ..] => SocketAddr::from_pathname(&name),
                _ => return None,
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        });
        Self { to }
    }

    fn tell(&self, lines: &str) {
        if let Some((socket, address)) = &self.to {
            let _ = socket.send_to_addr(lines.as_bytes(), address);
        }
    }

    /// It serves, under the policy in force.
    pub(super) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// A reload has begun; [`Notifier::ready`] ends it.
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The end has begun.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// What a person reads in `systemctl status`.
    pub(super) fn status(&self, status: &str) {
        self.tell(&format!("STATUS={}", one_line(status)));
    }

    /// It lives.
    pub(super) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// How often systemd wants to hear that the service lives: half of what it allows. `None` when
/// it does not ask this process.
pub(super) fn watchdog() -> Option<Duration> {
    let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
    if number("WATCHDOG_PID").is_some_and(|pid| pid != u64::from(std::process::id())) {
        return None;
    }
    let allowed = number("WATCHDOG_USEC").filter(|allowed| *allowed > 0)?;
    Some(Duration::from_micros(allowed / 2))
}
