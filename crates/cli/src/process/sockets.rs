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
use policy::{Language, Policy, Text};
use proxy::{Listeners, StartError};

use crate::{Failure, serve};

/// The listeners of a policy.
pub(super) fn open(policy: &Policy, language: Language) -> Result<Listeners, Failure> {
    match received(policy, language)? {
        Some(listeners) => Ok(listeners),
        None => ours(policy.transport()).map_err(|error| serve::fault(&error, language)),
    }
}

/// Those that systemd passed on to this process, if it did; a second time there are none.
pub(crate) fn received(policy: &Policy, language: Language) -> Result<Option<Listeners>, Failure> {
    inherited(policy.transport()).map_err(|Text { fr, en }| {
        Failure::new(match language {
            Language::Fr => format!(
                "rempart : les écoutes reçues de systemd ne conviennent pas : {fr}\n  à faire : donnez à chacune un nom dans son unité .socket, FileDescriptorName=https ou FileDescriptorName=http"
            ),
            Language::En => format!(
                "rempart: the listeners received from systemd do not fit: {en}\n  fix: give each a name in its .socket unit, FileDescriptorName=https or FileDescriptorName=http"
            ),
        })
    })
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
fn inherited(transport: &TransportPolicy) -> Result<Option<Listeners>, Text> {
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
            .map_err(|error| {
                let Text { fr, en } = Text::of_system(&error);
                Text::new(format!("{name} : {fr}"), format!("{name}: {en}"))
            })?
            .ok_or_else(|| Text::new(format!("{name} manque"), format!("{name} is missing")))?;
        let address = listener
            .local_addr()
            .map_err(|error| Text::of_system(&error))?;
        let plain = transport
            .http
            .is_some_and(|http| http.port() == address.port());
        let place = match name {
            "https" => &mut https,
            "http" => &mut http,
            _ if address.port() == transport.https.port() => &mut https,
            _ if plain => &mut http,
            _ => {
                return Err(Text::new(
                    format!("« {name} » ({address}) n’est ni http ni https"),
                    format!("“{name}” ({address}) is neither http nor https"),
                ));
            }
        };
        if place.replace(listener).is_some() {
            return Err(Text::new(
                format!("« {name} » ({address}) est là deux fois"),
                format!("“{name}” ({address}) is there twice"),
            ));
        }
    }
    match (https, http) {
        (Some(https), http) if http.is_some() || transport.http.is_none() => {
            Ok(Some(Listeners { http, https }))
        }
        (Some(_), _) => Err(Text::new("http manque", "http is missing")),
        (None, _) => Err(Text::new("https manque", "https is missing")),
    }
}
