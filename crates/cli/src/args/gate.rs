//! The arguments of `demo` and `serve`, and their help in French.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The port for https (the next free one if taken)
    #[arg(long, default_value_t = 8443)]
    pub(crate) https_port: u16,
    /// The port for plain http (the next free one if taken)
    #[arg(long, default_value_t = 8080)]
    pub(crate) http_port: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The folder where the gate keeps what it makes: certificates ordered, development authority
    #[arg(long, value_name = "DIRECTORY", env = "REMPART_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Check everything that the gate needs to start, and start nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// Note what the policy would refuse or mend, and do nothing of it
    #[arg(long, conflicts_with = "check")]
    pub(crate) observe: bool,
    /// How to print what --check finds
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "check")]
    pub(crate) format: Format,
}

/// The French help of these commands, as [`super::help::french`].
pub(super) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("demo", "") => {
            "Sert un petit site à l’ancienne de façon sûre, pour tout essayer d’un coup"
        }
        ("demo", "https_port") => "Le port https (le prochain libre s’il est pris)",
        ("demo", "http_port") => "Le port http en clair (le prochain libre s’il est pris)",
        ("serve", "") => "Met en service la porte devant les sites de la politique",
        ("serve", "check") => {
            "Vérifie tout ce dont la porte a besoin pour démarrer, sans rien démarrer"
        }
        ("serve", "observe") => {
            "Note ce que la politique refuserait ou corrigerait, sans rien en faire"
        }
        ("serve", "format") => "Forme de ce que trouve --check",
        ("serve", "state") => {
            "Le dossier où la porte garde ce qu’elle fabrique : certificats demandés, autorité de développement"
        }
        _ => return None,
    })
}
