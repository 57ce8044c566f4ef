//! Why the gate does not start, or does not take a new policy: what, where, why, how to mend.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use password::OpenError;
use policy::{Language, Text};
use transport::certificate::CertificateError;
use transport::clients::ClientAuthError;
use transport::dev::DevError;

use crate::acme::Trouble;
use crate::respond::TemplateError;

/// Why [`Gate::start`](crate::Gate::start) or [`Gate::reload`](crate::Gate::reload) refused.
/// A reload that fails leaves everything as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A listener could not be opened.
    Listen {
        /// The key of the policy file: `transport.http` or `transport.https`.
        key: &'static str,
        /// The address that it names.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The unix socket of `transport.admin` could not be opened.
    Socket {
        /// Where it would be.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A certificate or key file could not be read.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A private key can be read or written by others than its owner.
    KeyMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A certificate that no client should meet, or a key that is not its own.
    Certificate {
        /// The first host of the site.
        site: String,
        /// The chain's file.
        path: PathBuf,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// A certificate made here, in development, was refused.
    Development {
        /// Where the development authority is kept.
        path: PathBuf,
        /// What is wrong with it.
        error: DevError,
    },
    /// The authorities of client certificates, or their lists, cannot be used.
    Clients {
        /// The file of the authorities.
        path: PathBuf,
        /// What is wrong with it.
        error: ClientAuthError,
    },
    /// The page of a site for refused forms cannot be shown.
    RefusalPage {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// What `[transport.acme]` names cannot be used.
    Acme(Trouble),
    /// A word list or an index that `[password]` names could not be read whole.
    Password(OpenError),
    /// The counters of `[access]`, which sign-in forms need, cannot be had.
    Counters(access::remote::ConnectError),
    /// The journal cannot be opened.
    Journal(journal::OpenError),
    /// The TLS settings could not be built.
    Tls(rustls::Error),
    /// An origin is reached over TLS and the system has no root certificates.
    NoRoots,
    /// The new policy changes a listener, which only a restart can do.
    RestartNeeded {
        /// The key that changed.
        key: &'static str,
    },
    /// The system gave no thread, or no descriptor.
    Thread(io::Error),
}

impl StartError {
    /// What a person reads.
    pub fn text(&self) -> Text {
        match self {
            Self::Listen {
                key,
                address,
                error,
            } => listen_text(key, *address, error),
            Self::Socket { path, error } => socket_text(path, error),
            Self::File { path, error } => {
                let path = path.display();
                let (fr, en) = match error.kind() {
                    io::ErrorKind::NotFound => (
                        "ce fichier n’existe pas. Corrigez le chemin dans la politique (il part du dossier de la politique).",
                        "there is no such file. Correct its path in the policy (it starts from the policy’s folder).",
                    ),
                    io::ErrorKind::PermissionDenied => (
                        "la lecture est refusée. Donnez ce fichier à l’utilisateur qui lance rempart.",
                        "reading is denied. Give this file to the user that runs rempart.",
                    ),
                    _ => (
                        "la lecture a échoué. Vérifiez le disque et le chemin.",
                        "reading failed. Check the disk and the path.",
                    ),
                };
                Text::new(format!("{path} : {fr}"), format!("{path}: {en}"))
            }
            Self::KeyMode { path, mode } => {
                let path = path.display();
                Text::new(
                    format!(
                        "{path} : cette clé privée est accessible à d’autres (mode {mode:04o}). Réservez-la à son propriétaire : « chmod 600 {path} »."
                    ),
                    format!(
                        "{path}: this private key is open to others (mode {mode:04o}). Keep it to its owner: “chmod 600 {path}”."
                    ),
                )
            }
            Self::Certificate { site, path, error } => {
                let path = path.display();
                Text::new(
                    format!("Site {site}, {path} : {}", error.text(Language::Fr)),
                    format!("Site {site}, {path}: {}", error.text(Language::En)),
                )
            }
            Self::Development { path, error } => {
                let path = path.display();
                Text::new(
                    format!("{path} : {}", error.text(Language::Fr)),
                    format!("{path}: {}", error.text(Language::En)),
                )
            }
            Self::Clients { path, error } => {
                let path = path.display();
                Text::new(
                    format!("{path} : {}", error.text(Language::Fr)),
                    format!("{path}: {}", error.text(Language::En)),
                )
            }
            Self::RefusalPage { path, error } => {
                let (path, text) = (path.display(), error.text());
                Text::new(
                    format!("{path} : {}", text.fr),
                    format!("{path}: {}", text.en),
                )
            }
            Self::Acme(trouble) => trouble.text(),
            Self::Password(error) => {
                Text::new(error.message(Language::Fr), error.message(Language::En))
            }
            Self::Counters(error) => {
                let text = error.text();
                Text::new(
                    format!(
                        "[access], dont les formulaires de connexion ont besoin : {}",
                        text.fr
                    ),
                    format!("[access], which the sign-in forms need: {}", text.en),
                )
            }
            Self::Journal(error) => error.text(),
            Self::Tls(error) => Text::new(
                format!("Les réglages TLS ne peuvent pas être appliqués : {error}."),
                format!("The TLS settings cannot be applied: {error}."),
            ),
            Self::NoRoots => Text::new(
                "Un site est joint en https, mais le système n’a aucune autorité de confiance. Installez le paquet « ca-certificates ».",
                "A site is reached by https, but the system trusts no authority. Install the package “ca-certificates”.",
            ),
            Self::RestartNeeded { key } => Text::new(
                format!(
                    "« {key} » a changé : un rechargement ne suffit pas. L’ancienne politique reste en vigueur ; redémarrez rempart pour appliquer la nouvelle."
                ),
                format!(
                    "“{key}” has changed: a reload is not enough. The old policy stays in force; restart rempart to apply the new one."
                ),
            ),
            Self::Thread(error) => {
                let Text { fr, en } = Text::of_system(error);
                Text::new(
                    format!(
                        "Le système refuse un fil d’exécution ou un descripteur : {fr}. Vérifiez les limites du système."
                    ),
                    format!(
                        "The system refuses a thread or a descriptor: {en}. Check the limits of the system."
                    ),
                )
            }
        }
    }
}

/// In English, for programs; people read [`StartError::text`].
impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { error, .. }
            | Self::Socket { error, .. }
            | Self::File { error, .. }
            | Self::Thread(error) => Some(error),
            Self::Certificate { error, .. } => Some(error),
            Self::Development { error, .. } => Some(error),
            Self::Clients { error, .. } => Some(error),
            Self::Tls(error) => Some(error),
            Self::Counters(error) => Some(error),
            Self::Journal(error) => Some(error),
            Self::Password(error) => Some(error),
            Self::Acme(trouble) => Some(trouble),
            Self::KeyMode { .. }
            | Self::RefusalPage { .. }
            | Self::NoRoots
            | Self::RestartNeeded { .. } => None,
        }
    }
}

fn socket_text(path: &Path, error: &io::Error) -> Text {
    let path = path.display();
    let (fr, en) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            "un autre processus écoute sur cette prise. Arrêtez-le, ou changez « transport.admin.listen ».".to_owned(),
            "another process listens on this socket. Stop it, or change “transport.admin.listen”.".to_owned(),
        ),
        io::ErrorKind::AlreadyExists => (
            "un fichier qui n’est pas une prise est à cette place. Déplacez-le, ou changez « transport.admin.listen ».".to_owned(),
            "a file that is no socket is in this place. Move it, or change “transport.admin.listen”.".to_owned(),
        ),
        io::ErrorKind::NotFound => (
            "son dossier n’existe pas. Créez-le, ou changez « transport.admin.listen ».".to_owned(),
            "its folder does not exist. Make it, or change “transport.admin.listen”.".to_owned(),
        ),
        _ => {
            let Text { fr, en } = Text::of_system(error);
            (
                format!("la prise ne peut pas être ouverte ({fr}). Donnez son dossier à l’utilisateur qui lance rempart."),
                format!("the socket cannot be opened ({en}). Give its folder to the user that runs rempart."),
            )
        }
    };
    Text::new(format!("{path} : {fr}"), format!("{path}: {en}"))
}

fn listen_text(key: &str, address: SocketAddr, error: &io::Error) -> Text {
    let port = address.port();
    match error.kind() {
        io::ErrorKind::AddrInUse => Text::new(
            format!(
                "Le port {port} ({address}, « {key} ») est déjà pris. Voyez par qui avec « ss -ltnp 'sport = :{port}' », arrêtez ce programme, ou choisissez un autre port."
            ),
            format!(
                "Port {port} ({address}, “{key}”) is already in use. See by whom with “ss -ltnp 'sport = :{port}'”, stop that program, or choose another port."
            ),
        ),
        io::ErrorKind::PermissionDenied => Text::new(
            format!(
                "Le port {port} ({address}, « {key} ») demande un privilège. Donnez-le au programme avec « setcap cap_net_bind_service=+ep », ou choisissez un port à partir de 1024."
            ),
            format!(
                "Port {port} ({address}, “{key}”) needs a privilege. Give it to the program with “setcap cap_net_bind_service=+ep”, or choose a port from 1024."
            ),
        ),
        io::ErrorKind::AddrNotAvailable => Text::new(
            format!(
                "L’adresse {address} (« {key} ») n’est pas celle de cette machine. Voyez les siennes avec « ip addr », ou écrivez 0.0.0.0 pour toutes."
            ),
            format!(
                "Address {address} (“{key}”) is not one of this machine. See its own with “ip addr”, or write 0.0.0.0 for all."
            ),
        ),
        _ => {
            let Text { fr, en } = Text::of_system(error);
            Text::new(
                format!("L’adresse {address} (« {key} ») ne peut pas être ouverte : {fr}."),
                format!("Address {address} (“{key}”) cannot be opened: {en}."),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_fails_says_which_port_why_and_what_to_do() {
        let address = SocketAddr::from(([0, 0, 0, 0], 443));
        for (kind, en, fr) in [
            (
                io::ErrorKind::AddrInUse,
                "ss -ltnp 'sport = :443'",
                "déjà pris",
            ),
            (io::ErrorKind::PermissionDenied, "setcap", "privilège"),
            (
                io::ErrorKind::AddrNotAvailable,
                "ip addr",
                "0.0.0.0 pour toutes",
            ),
            (
                io::ErrorKind::Other,
                "cannot be opened",
                "ne peut pas être ouverte",
            ),
        ] {
            let error = StartError::Listen {
                key: "transport.https",
                address,
                error: kind.into(),
            };
            let text = error.text();
            assert!(
                text.en.contains(en) && text.en.contains("443"),
                "{}",
                text.en
            );
            assert!(
                text.fr.contains(fr) && text.fr.contains("443"),
                "{}",
                text.fr
            );
            assert_eq!(error.to_string(), text.en);
        }
    }
}
