//! `[transport.admin]`: where the gate shows how it is. Never reachable from another machine.
//!
//! The page names sites, certificates and origins to whoever can open it, so the address is a
//! loopback one or a socket with a mode. Behind a name of its own, put it behind a site of the
//! gate that asks who comes.

use std::net::SocketAddr;
use std::path::PathBuf;

use toml::Spanned;

use crate::read::{Section, Span, Word, shorten};
use crate::report::Fault;
use crate::{Text, code};

/// Longest path of a unix socket; the kernel keeps 108 bytes for it.
const LONGEST: usize = 100;

/// `[transport.admin]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AdminPolicy {
    /// Where it listens. Default: nowhere.
    pub listen: AdminListener,
    /// Who may open a unix socket. Default: its owner.
    pub mode: SocketMode,
}

/// `listen`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AdminListener {
    /// `"off"`. The default.
    #[default]
    Off,
    /// A loopback address.
    Loopback(SocketAddr),
    /// `"unix:PATH"`; a relative path starts from the policy's folder.
    Socket(PathBuf),
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SocketMode {
    /// `"0600"`: its owner. The default.
    #[default]
    Owner,
    /// `"0660"`: its owner and its group.
    Group,
}

impl SocketMode {
    /// The permission bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Group => 0o660,
        }
    }
}

impl Word for SocketMode {
    const WORDS: &'static [(&'static str, Self)] = &[("0600", Self::Owner), ("0660", Self::Group)];
}

/// `[transport.admin]` with what the file leaves out. `taken` are the listeners of the gate.
pub(super) fn parse(mut section: Section<'_, '_>, taken: &[SocketAddr]) -> AdminPolicy {
    let mut policy = AdminPolicy::default();
    if let Some(text) = section.read::<String>("listen") {
        match listener(&text, taken) {
            Ok(listener) => policy.listen = listener,
            Err(fault) => section.fault(*fault),
        }
    }
    section.set("mode", &mut policy.mode);
    policy
}

fn listener(text: &Spanned<String>, taken: &[SocketAddr]) -> Result<AdminListener, Box<Fault>> {
    let (word, span) = (text.get_ref().as_str(), text.span());
    if word == "off" {
        return Ok(AdminListener::Off);
    }
    if let Some(path) = word.strip_prefix("unix:") {
        return match path.len() {
            1..=LONGEST => Ok(AdminListener::Socket(PathBuf::from(path))),
            _ => Err(Box::new(bad_listener(word, span))),
        };
    }
    let Ok(address) = word.parse::<SocketAddr>() else {
        return Err(Box::new(bad_listener(word, span)));
    };
    if !address.ip().to_canonical().is_loopback() {
        return Err(Box::new(not_loopback(word, span)));
    }
    // Port 0 lets the system choose, so two of them are not the same address.
    if address.port() != 0 && taken.contains(&address) {
        return Err(Box::new(taken_already(word, span)));
    }
    Ok(AdminListener::Loopback(address))
}

fn bad_listener(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_ADMIN_LISTENER,
        span,
        Text::new(
            format!("« {shown} » n’est pas une écoute de surveillance"),
            format!("`{shown}` is not an admin listener"),
        ),
    )
    .label(
        "off, une adresse de bouclage ou unix:CHEMIN attendus",
        "expected off, a loopback address or unix:PATH",
    )
    .fix(
        "écrire \"off\", une adresse comme \"127.0.0.1:9180\", ou \"unix:\" suivi d’un chemin d’au plus 100 octets",
        "write \"off\", an address such as \"127.0.0.1:9180\", or \"unix:\" followed by a path of at most 100 bytes",
    )
}

fn not_loopback(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::ADMIN_NOT_LOOPBACK,
        span,
        Text::new(
            format!("« {shown} » montrerait l’état de la porte à d’autres machines, en clair et sans mot de passe"),
            format!("`{shown}` would show the state of the gate to other machines, in clear and without a password"),
        ),
    )
    .label("pas une adresse de bouclage", "not a loopback address")
    .fix(
        "écrire \"127.0.0.1:9180\" ou \"unix:/run/rempart/admin.sock\" ; de loin, passer par ssh",
        "write \"127.0.0.1:9180\" or \"unix:/run/rempart/admin.sock\"; from afar, go through ssh",
    )
}

fn taken_already(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::SAME_LISTENER,
        span,
        Text::new(
            format!("« {shown} » est déjà l’adresse de `http` ou de `https`"),
            format!("`{shown}` is the address of `http` or `https` already"),
        ),
    )
    .label("déjà prise", "taken already")
    .fix("changer le port", "change the port")
}
