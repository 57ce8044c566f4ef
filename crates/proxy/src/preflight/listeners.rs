//! Whether the gate gets its listeners: opened before, free, or in hands that will pass them on.

use std::io;
use std::net::{SocketAddr, TcpListener};

use policy::Text;

use super::activation::{self, Opened};
use super::{Findings, State, holder};
use crate::bind::{self, Listeners};
use crate::error::StartError;

impl Findings {
    /// Listeners that came open.
    pub(super) fn received(&mut self, open: &Listeners) {
        let open = [
            ("transport.http", open.http.as_ref()),
            ("transport.https", Some(&open.https)),
        ];
        for (key, listener) in open {
            let Some(Ok(address)) = listener.map(TcpListener::local_addr) else {
                continue;
            };
            let text = Text::new(
                format!("{address} est reçue ouverte de systemd"),
                format!("{address} is received open from systemd"),
            );
            self.add(State::Good, key, text);
        }
    }

    /// Whether an address can be listened on.
    pub(super) fn listener(&mut self, key: &'static str, address: SocketAddr) {
        let error = match bind::bound(address) {
            Ok(_) => {
                let text = Text::new(format!("{address} est libre"), format!("{address} is free"));
                return self.add(State::Good, key, text);
            }
            Err(error) => error,
        };
        let holder = match error.kind() {
            io::ErrorKind::AddrInUse => holder::of(address),
            _ => None,
        };
        match holder {
            Some(holder) if holder.is_rempart() => {
                let pid = holder.pid;
                let text = Text::new(
                    format!("{address} est tenue par la porte en service (processus {pid})"),
                    format!("{address} is held by the gate in service (process {pid})"),
                );
                self.add(State::Good, key, text);
            }
            holder => {
                let unit = activation::unit();
                let opened = activation::opened(
                    error.kind(),
                    holder.as_ref(),
                    address.port(),
                    unit.as_deref(),
                );
                if let Some(opened) = opened {
                    return self.opened(key, address, opened);
                }
                let text = StartError::Listen {
                    key,
                    address,
                    error,
                }
                .text();
                let text = match holder {
                    None => text,
                    Some(holder) => Text::new(
                        format!(
                            "{} Il l’est par « {} » (processus {}).",
                            text.fr, holder.name, holder.pid
                        ),
                        format!(
                            "{} It is by “{}” (process {}).",
                            text.en, holder.name, holder.pid
                        ),
                    ),
                };
                self.add(State::Fault, key, text);
            }
        }
    }

    /// An address that systemd opens in place of the gate.
    fn opened(&mut self, key: &'static str, address: SocketAddr, opened: Opened) {
        let (state, text) = match opened {
            Opened::ByUnit => (
                State::Good,
                Text::new(
                    format!("{address} est ouverte par systemd (rempart.socket)"),
                    format!("{address} is opened by systemd (rempart.socket)"),
                ),
            ),
            Opened::BySystemd => (
                State::Note,
                Text::new(
                    format!(
                        "{address} est tenue par systemd : en ordre si l’unité .socket est celle de cette porte ; voyez « systemctl list-sockets »"
                    ),
                    format!(
                        "{address} is held by systemd: in order if the .socket unit is that of this gate; see “systemctl list-sockets”"
                    ),
                ),
            ),
        };
        self.add(state, key, text);
    }
}
