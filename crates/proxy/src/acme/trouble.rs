//! What goes wrong with an order: said in both languages, kept beside the certificates.
//!
//! An authority's words are quoted, for they often hold the reason; they are cut short and
//! stripped of control signs first, since a log and a terminal are no place for a stranger's
//! bytes.

use std::fmt;

use policy::Text;
use serde::{Deserialize, Serialize};

use super::schedule::Setback;

/// Longest quotation of an authority, in characters.
const LONGEST_QUOTE: usize = 300;

/// Why a certificate could not be ordered, renewed or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trouble {
    /// The authority cannot be reached.
    Unreachable {
        /// What the system said.
        detail: String,
    },
    /// Something answers at its address, but not as RFC 8555 says.
    NotAcme {
        /// What was wrong.
        detail: String,
    },
    /// The authority did not finish in time.
    Slow,
    /// The order began, and nobody has noted how it ended: it runs, or its process was stopped.
    Interrupted,
    /// The authority says that we ask too often.
    Limited {
        /// Its words.
        detail: String,
    },
    /// The authority says no.
    Refused {
        /// The last part of the problem's type, such as `rejectedIdentifier`.
        problem: String,
        /// Its words.
        detail: String,
    },
    /// The authority found no proof that a host is ours.
    Unproved {
        /// The host.
        host: String,
        /// Its words.
        detail: String,
    },
    /// The authority offers no challenge that the policy allows.
    NoChallenge {
        /// The host.
        host: String,
    },
    /// What the authority issued cannot be served.
    Unusable {
        /// Why not, in French.
        fr: String,
        /// Why not, in English.
        en: String,
    },
    /// The folder or a file in it cannot be read or written.
    Folder {
        /// The file or folder.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// The file of `root` holds no certificate.
    NoRoot {
        /// The file.
        path: String,
    },
    /// The key of the external account is not there, or is not base64url.
    NoExternalKey,
    /// Another process is ordering at this moment.
    Busy,
    /// The policy names no site of this host that asks for `acme`.
    NoSite {
        /// The host.
        host: String,
    },
    /// There is no certificate to revoke.
    NoCertificate {
        /// The host.
        host: String,
    },
}

impl Trouble {
    /// What a person reads.
    pub fn text(&self) -> Text {
        match self {
            Self::Unreachable { detail } => Text::new(
                format!(
                    "L’autorité de certification n’est pas joignable ({detail}). Vérifiez le réseau et `directory` ; un nouvel essai suit."
                ),
                format!(
                    "The certificate authority cannot be reached ({detail}). Check the network and `directory`; another try follows."
                ),
            ),
            Self::NotAcme { detail } => Text::new(
                format!(
                    "Ce qui répond à l’adresse de l’autorité ne parle pas ACME ({detail}). Vérifiez `directory` ; un nouvel essai suit."
                ),
                format!(
                    "What answers at the address of the authority does not speak ACME ({detail}). Check `directory`; another try follows."
                ),
            ),
            Self::Slow => Text::new(
                "L’autorité de certification n’a pas fini à temps. Un nouvel essai suit.",
                "The certificate authority did not finish in time. Another try follows.",
            ),
            Self::Interrupted => Text::new(
                "Une demande de certificat est en cours, ou a été interrompue ; un nouvel essai suit alors.",
                "An order is under way, or was interrupted; then another try follows.",
            ),
            Self::Limited { detail } => Text::new(
                format!(
                    "L’autorité limite le nombre de demandes (« {detail} »). Le prochain essai attend ce qu’elle demande."
                ),
                format!(
                    "The authority limits the number of orders (“{detail}”). The next try waits as long as it asks."
                ),
            ),
            Self::Refused { problem, detail } => Text::new(
                format!(
                    "L’autorité refuse ({problem} : « {detail} »). Suivez ce qu’elle dit ; un nouvel essai suit."
                ),
                format!(
                    "The authority refuses ({problem}: “{detail}”). Do what it says; another try follows."
                ),
            ),
            Self::Unproved { host, detail } => Text::new(
                format!(
                    "L’autorité n’a pas trouvé la preuve pour {host} (« {detail} »). Vérifiez que ce nom mène à cette machine et que le port 80 ou 443 lui est ouvert."
                ),
                format!(
                    "The authority did not find the proof for {host} (“{detail}”). Check that this name leads to this machine and that port 80 or 443 is open to it."
                ),
            ),
            Self::NoChallenge { host } => Text::new(
                format!(
                    "L’autorité n’offre pas pour {host} le défi que demande la politique. Changez `challenge`."
                ),
                format!(
                    "The authority does not offer for {host} the challenge that the policy asks for. Change `challenge`."
                ),
            ),
            Self::Unusable { fr, en } => Text::new(
                format!("Le certificat reçu ne peut pas servir. {fr}"),
                format!("The certificate received cannot be used. {en}"),
            ),
            Self::Folder { path, detail } => Text::new(
                format!(
                    "{path} : {detail}. Donnez ce dossier à l’utilisateur qui lance rempart, avec le mode 0700."
                ),
                format!(
                    "{path}: {detail}. Give this folder to the user that runs rempart, with mode 0700."
                ),
            ),
            Self::NoRoot { path } => Text::new(
                format!(
                    "{path} ne contient aucun certificat. Indiquez dans `root` celui de l’autorité, en PEM."
                ),
                format!(
                    "{path} holds no certificate. Name in `root` the one of the authority, in PEM."
                ),
            ),
            Self::NoExternalKey => Text::new(
                "La clé de `external-account-key` manque ou n’est pas en base64url. Copiez de nouveau celle que l’autorité a donnée.",
                "The key of `external-account-key` is missing or is not base64url. Copy again the one that the authority gave.",
            ),
            Self::Busy => Text::new(
                "Un autre programme demande un certificat en ce moment. Réessayez dans une minute.",
                "Another program is ordering a certificate at this moment. Try again in a minute.",
            ),
            Self::NoSite { host } => Text::new(
                format!("Aucun site nommé {host} n’a `certificate = \"acme\"` dans la politique."),
                format!("No site named {host} has `certificate = \"acme\"` in the policy."),
            ),
            Self::NoCertificate { host } => Text::new(
                format!("Il n’y a pas de certificat pour {host}."),
                format!("There is no certificate for {host}."),
            ),
        }
    }

    /// How the next order is held back.
    pub(crate) const fn setback(&self) -> Setback {
        match self {
            // An authority counts what it issued, whether or not we could use it.
            Self::Limited { .. } | Self::Unusable { .. } => Setback::Limited,
            Self::Unreachable { .. }
            | Self::NotAcme { .. }
            | Self::Slow
            | Self::Busy
            | Self::Folder { .. } => Setback::Unreachable,
            Self::Interrupted => Setback::Interrupted,
            Self::Refused { .. }
            | Self::Unproved { .. }
            | Self::NoChallenge { .. }
            | Self::NoRoot { .. }
            | Self::NoExternalKey
            | Self::NoSite { .. }
            | Self::NoCertificate { .. } => Setback::Refused,
        }
    }

    /// A file that gave an error.
    pub(crate) fn folder(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Folder {
            path: path.display().to_string(),
            detail: error.to_string(),
        }
    }
}

impl From<instant_acme::Error> for Trouble {
    fn from(error: instant_acme::Error) -> Self {
        use instant_acme::Error;
        match error {
            Error::Api(problem) => refusal(&problem),
            Error::Timeout(_) => Self::Slow,
            Error::Other(inner) => match inner.downcast::<super::client::ClientError>() {
                Ok(error) => error.trouble(),
                Err(other) => Self::NotAcme {
                    detail: quote(&other.to_string()),
                },
            },
            other => Self::NotAcme {
                detail: quote(&other.to_string()),
            },
        }
    }
}

/// A problem document (RFC 8555, 6.7).
pub(crate) fn refusal(problem: &instant_acme::Problem) -> Trouble {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let kind = kind.rsplit(':').next().unwrap_or_default();
    let mut detail = problem.detail.clone().unwrap_or_default();
    for sub in &problem.subproblems {
        detail += &format!("; {sub}");
    }
    let detail = quote(&detail);
    match kind {
        "rateLimited" => Trouble::Limited { detail },
        // The authority's own trouble is not held against us.
        "serverInternal" | "badNonce" => Trouble::NotAcme { detail },
        kind => Trouble::Refused {
            problem: quote(kind),
            detail,
        },
    }
}

/// A stranger's words, fit for a log and a terminal.
pub(crate) fn quote(words: &str) -> String {
    let mut quoted: String = words
        .chars()
        .take(LONGEST_QUOTE)
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect();
    if words.chars().nth(LONGEST_QUOTE).is_some() {
        quoted.push('…');
    }
    quoted
}

/// In English, for programs; people read [`Trouble::text`].
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> instant_acme::Problem {
        serde_json::from_str(json).expect("a problem document")
    }

    #[test]
    fn a_refusal_is_told_apart_from_a_limit_and_from_a_fault_of_the_authority() {
        let urn = "urn:ietf:params:acme:error:";
        for (kind, setback) in [
            ("rateLimited", Setback::Limited),
            ("rejectedIdentifier", Setback::Refused),
            ("caa", Setback::Refused),
            ("serverInternal", Setback::Unreachable),
            ("badNonce", Setback::Unreachable),
            ("", Setback::Refused),
        ] {
            let document = format!(r#"{{"type":"{urn}{kind}","detail":"why"}}"#);
            let trouble = refusal(&problem(&document));
            assert_eq!(trouble.setback(), setback, "{kind}");
            let text = trouble.text();
            assert!(text.fr.contains("why") && text.en.contains("why"), "{kind}");
        }
        assert_eq!(refusal(&problem("{}")).setback(), Setback::Refused);
    }

    #[test]
    fn the_words_of_an_authority_are_cut_and_cleaned() {
        let words = format!("a\u{1b}[31m\r\n{}", "é".repeat(1000));
        let quoted = quote(&words);
        assert!(quoted.starts_with("a [31m  é"), "{quoted}");
        assert_eq!(quoted.chars().count(), LONGEST_QUOTE + 1);
        assert!(!quoted.chars().any(char::is_control));
        assert_eq!(quote("short"), "short");
    }

    #[test]
    fn trouble_is_kept_and_read_back() {
        for trouble in [
            Trouble::Slow,
            Trouble::Unproved {
                host: "a.fr".to_owned(),
                detail: "none".to_owned(),
            },
            Trouble::Unusable {
                fr: "périmé".to_owned(),
                en: "expired".to_owned(),
            },
        ] {
            let kept = serde_json::to_string(&trouble).expect("JSON");
            let read: Trouble = serde_json::from_str(&kept).expect("read back");
            assert_eq!(read, trouble);
            assert_ne!(trouble.text().fr, trouble.text().en);
        }
    }
}
