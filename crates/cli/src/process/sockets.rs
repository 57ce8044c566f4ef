//! The listeners: those that systemd opened, else our own.
//!
//! systemd names each socket (`FileDescriptorName=`): `https` and `http`. One without such a
//! name is known by its port.
//!
//! A keeper that was killed leaves a worker that lets go of its listeners as soon as it notices,
//! so an address in use is waited for a moment.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use listenfd::ListenFd;
use policy::transport::TransportPolicy;
use policy::{Language, Policy};
use proxy::{Listeners, StartError};

use crate::{Failure, serve};

/// The listeners of a policy.
pub(super) fn open(policy: &Policy, language: Language) -> Result<Listeners, Failure> {
    let transport = policy.transport();
    match inherited(transport) {
        Ok(Some(listeners)) => Ok(listeners),
        Ok(None) => ours(transport).map_err(|error| serve::fault(&error, language)),
        Err(why) => Err(Failure::new(match language {
            Language::Fr => format!(
                "rempart : les écoutes reçues de systemd ne conviennent pas : {why}\n  à faire : donnez à chacune un nom dans son unité .socket, FileDescriptorName=https ou FileDescriptorName=http"
            ),
            Language::En => format!(
                "rempart: the listeners received from systemd do not fit: {why}\n  fix: give each a name in its .socket unit, FileDescriptorName=https or FileDescriptorName=http"
            ),
        })),
    }
}

/// Our own, once whoever held them before is gone.
fn ours(transport: &TransportPolicy) -> Result<Listeners, StartError> {
    const PATIENCE: Duration = Duration::from_secs(2);
    let end = Instant::now() + PATIENCE;
    loop {
        match Listeners::open(transport) {
            Err(StartError::Listen { error, .. })
                if error.kind() == ErrorKind::AddrInUse && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(50));
            }
            opened => return opened,
        }
    }
}

/// What systemd passed on, if it did.
fn inherited(transport: &TransportPolicy) -> Result<Option<Listeners>, String> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let mut received = ListenFd::from_env();
    if received.len() == 0 {
        return Ok(None);
    }
    let (mut http, mut https) = (None, None);
    for index in 0..received.len() {
        let name = names.next().unwrap_or_default();
        let listener = received
            .take_tcp_listener(index)
            .map_err(|error| format!("{name}: {error}"))?
            .ok_or_else(|| format!("{name}: missing"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let plain = transport
            .http
            .is_some_and(|http| http.port() == address.port());
        let place = match name {
            "https" => &mut https,
            "http" => &mut http,
            _ if address.port() == transport.https.port() => &mut https,
            _ if plain => &mut http,
            _ => return Err(format!("{name} ({address})")),
        };
        if place.replace(listener).is_some() {
            return Err(format!("{name} ({address}), twice"));
        }
    }
    match (https, http) {
        (Some(https), http) if http.is_some() || transport.http.is_none() => {
            Ok(Some(Listeners { http, https }))
        }
        (Some(_), _) => Err("http".to_owned()),
        (None, _) => Err("https".to_owned()),
    }
}
