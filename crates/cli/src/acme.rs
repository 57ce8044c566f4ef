//! `acme`: the certificates that the policy orders, seen and moved by hand.
//!
//! These commands work on the folder that the gate uses. `renew` needs a gate that runs with
//! it, since the authority looks for its proof there; `status` asks nobody.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand, ValueEnum};
use policy::Language;
use proxy::Options;
use proxy::acme::{Office, OrderState, RevocationReason, Trouble};
use serde_json::json;

use crate::args::{Cli, Format};
use crate::locale::pick;
use crate::{Answer, Failure, Outcome, rules, serve, source};

/// `acme …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Acme {
    /// Tell how each certificate stands: exit code 1 if one is missing or its order fails
    Status(Status),
    /// Order a certificate now, whether or not it is due; a running gate gives the proof
    Renew(Named),
    /// Revoke a certificate and put it aside; a running gate orders another at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The state folder of the gate
    #[arg(long, value_name = "DIRECTORY", env = "REMPART_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// A host of the site
    #[arg(value_name = "HOST")]
    pub(crate) host: String,
    /// The state folder of the gate
    #[arg(long, value_name = "DIRECTORY", env = "REMPART_STATE")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Why, for the authority
    #[arg(long, value_enum, default_value_t = Reason::Unspecified)]
    pub(crate) reason: Reason,
}

/// `--reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reason {
    Unspecified,
    KeyCompromise,
    Superseded,
    CessationOfOperation,
}

/// Runs one of the commands.
pub(crate) fn run(cli: &Cli, command: &Acme) -> Outcome {
    let state = match command {
        Acme::Status(options) => &options.state,
        Acme::Renew(named) | Acme::Revoke(Revoke { named, .. }) => &named.state,
    };
    let (source, policy, language) = source::open(cli)?;
    let options = Options {
        base: source.base(),
        state: serve::state_folder(state.clone(), language)?,
        ..Options::default()
    };
    let office = Office::open(&policy, &options).map_err(|error| serve::fault(&error, language))?;
    match command {
        Acme::Status(status) => show(&office.states(), status.format, language),
        Acme::Renew(named) => {
            let done = serve::runtime(language)?.block_on(office.renew(&named.host));
            done.map_err(|trouble| told(&trouble, language))?;
            anstream::eprintln!(
                "{}",
                match language {
                    Language::Fr => format!("rempart : {} a un nouveau certificat", named.host),
                    Language::En => format!("rempart: {} has a new certificate", named.host),
                }
            );
            Ok(Answer::Yes)
        }
        Acme::Revoke(Revoke { named, reason }) => {
            let done =
                serve::runtime(language)?.block_on(office.revoke(&named.host, (*reason).into()));
            done.map_err(|trouble| told(&trouble, language))?;
            anstream::eprintln!(
                "{}",
                match language {
                    Language::Fr => format!(
                        "rempart : le certificat de {} est révoqué et mis de côté ; la porte en demande un autre",
                        named.host
                    ),
                    Language::En => format!(
                        "rempart: the certificate of {} is revoked and put aside; the gate orders another",
                        named.host
                    ),
                }
            );
            Ok(Answer::Yes)
        }
    }
}

fn told(trouble: &Trouble, language: Language) -> Failure {
    Failure::told(trouble.text().in_language(language), language)
}

/// Whether a site is in good order: a certificate that can be served, for every host, and no
/// order that fails.
fn is_well(state: &OrderState, now: SystemTime) -> bool {
    let valid = state
        .validity
        .is_some_and(|(from, to)| from <= now && now < to);
    valid && state.fits && state.trouble.is_none()
}

fn show(states: &[OrderState], format: Format, language: Language) -> Outcome {
    let now = SystemTime::now();
    let text = match format {
        Format::Json => {
            let states: Vec<_> = states
                .iter()
                .map(|state| {
                    json!({
                        "hosts": state.hosts,
                        "well": is_well(state, now),
                        "not_before": state.validity.map(|(from, _)| instant(from)),
                        "not_after": state.validity.map(|(_, to)| instant(to)),
                        "fits": state.fits,
                        "failures": state.failures,
                        "trouble": state.trouble.as_ref().map(|trouble| {
                            trouble.text().in_language(language).to_owned()
                        }),
                    })
                })
                .collect();
            format!("{:#}\n", json!(states))
        }
        Format::Text if states.is_empty() => pick(
            language,
            "aucun site n’a certificate = \"acme\"\n",
            "no site has certificate = \"acme\"\n",
        )
        .to_owned(),
        Format::Text => states
            .iter()
            .map(|state| in_words(state, now, language))
            .collect(),
    };
    rules::print(&text);
    let well = states.iter().all(|state| is_well(state, now));
    Ok(if well { Answer::Yes } else { Answer::No })
}

fn in_words(state: &OrderState, now: SystemTime, language: Language) -> String {
    let hosts = state.hosts.join(", ");
    let mut text = match (state.validity, language) {
        (None, Language::Fr) => format!("{hosts} : pas de certificat\n"),
        (None, Language::En) => format!("{hosts}: no certificate\n"),
        (Some((_, to)), Language::Fr) if to <= now => {
            format!("{hosts} : certificat EXPIRÉ le {}\n", instant(to))
        }
        (Some((_, to)), Language::En) if to <= now => {
            format!("{hosts}: certificate EXPIRED on {}\n", instant(to))
        }
        (Some((_, to)), Language::Fr) => {
            format!("{hosts} : certificat valable jusqu’au {}\n", instant(to))
        }
        (Some((_, to)), Language::En) => {
            format!("{hosts}: certificate valid until {}\n", instant(to))
        }
    };
    if state.validity.is_some() && !state.fits {
        text += pick(
            language,
            "  il manque un nom, ou il vient d’une autre autorité : un autre est demandé\n",
            "  a name is missing, or it comes from another authority: another is ordered\n",
        );
    }
    if let Some(trouble) = &state.trouble {
        let why = trouble.text();
        let (failures, why) = (state.failures, why.in_language(language));
        text += &match language {
            Language::Fr => format!("  {failures} échec(s) : {why}\n"),
            Language::En => format!("  {failures} failure(s): {why}\n"),
        };
    }
    text
}

fn instant(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time);
    time.map_or_else(
        |_| "9999".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Unspecified => Self::Unspecified,
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::Superseded => Self::Superseded,
            Reason::CessationOfOperation => Self::CessationOfOperation,
        }
    }
}

/// The French help of these commands and their arguments.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("acme", "") => "Montre, renouvelle et révoque les certificats demandés à une autorité",
        ("acme status", "") => {
            "Dit où en est chaque certificat : code 1 s’il en manque un ou si sa demande échoue"
        }
        ("acme status", "format") => "Forme de ce qui est écrit",
        ("acme renew", "") => {
            "Demande un certificat tout de suite, échu ou non ; une porte en service donne la preuve"
        }
        ("acme revoke", "") => {
            "Révoque un certificat et le met de côté ; une porte en service en demande un autre aussitôt"
        }
        ("acme revoke", "reason") => "Pourquoi, pour l’autorité",
        ("acme renew" | "acme revoke", "host") => "Un nom du site",
        ("acme status" | "acme renew" | "acme revoke", "state") => "Le dossier d’état de la porte",
        _ => return None,
    })
}
