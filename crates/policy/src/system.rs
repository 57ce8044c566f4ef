//! What the system says of a failure, in words of our own where they are frequent.

use std::io::{Error, ErrorKind};

use crate::Text;

impl Text {
    /// Why the system refused something: a clause without its full stop, to stand behind a colon
    /// or in parentheses. In English the system’s own words; in French ours, with the system's
    /// behind them, which are what a search engine knows.
    pub fn of_system(error: &Error) -> Self {
        let said = error.to_string();
        let fr = match error.kind() {
            ErrorKind::NotFound => "introuvable",
            ErrorKind::PermissionDenied => "accès refusé",
            ErrorKind::ConnectionRefused => "connexion refusée",
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "connexion coupée",
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "machine hors d’atteinte",
            ErrorKind::TimedOut => "pas de réponse à temps",
            ErrorKind::AddrInUse => "adresse déjà prise",
            ErrorKind::AddrNotAvailable => "adresse d’une autre machine",
            ErrorKind::AlreadyExists => "existe déjà",
            ErrorKind::NotADirectory => "n’est pas un dossier",
            ErrorKind::IsADirectory => "est un dossier",
            ErrorKind::ReadOnlyFilesystem => "système de fichiers en lecture seule",
            ErrorKind::StorageFull => "disque plein",
            ErrorKind::QuotaExceeded => "quota atteint",
            ErrorKind::OutOfMemory => "mémoire épuisée",
            ErrorKind::UnexpectedEof => "fin trop tôt",
            ErrorKind::BrokenPipe => "lecteur parti",
            ErrorKind::Interrupted => "interrompu",
            ErrorKind::InvalidData => "contenu non valable",
            ErrorKind::InvalidInput => "demande non valable",
            ErrorKind::Unsupported => "non pris en charge par ce système",
            _ => return Self::new(said.clone(), said),
        };
        Self::new(format!("{fr}, « {said} »"), said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_failures_have_french_words_and_keep_those_of_the_system() {
        const EACCES: i32 = 13;
        let text = Text::of_system(&Error::from_raw_os_error(EACCES));
        assert_eq!(text.en, "Permission denied (os error 13)");
        assert_eq!(text.fr, "accès refusé, « Permission denied (os error 13) »");
        let missing = Error::from(ErrorKind::NotFound);
        assert!(Text::of_system(&missing).fr.starts_with("introuvable, "));
        let rare = Text::of_system(&Error::other("ESTALE"));
        assert_eq!((rare.fr.as_str(), rare.en.as_str()), ("ESTALE", "ESTALE"));
    }
}
