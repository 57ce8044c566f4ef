//! `hsts`: the ladder of promises to browsers, seen, climbed and left.
//!
//! Clauses: RFC 6797, 6.1.1 (`max-age=0`), 11.2 (the promise changes by configuration only),
//! 11.4 (subdomains); hstspreload.org. `advance` changes one line of the policy file, and only
//! when what the gate has seen speaks for it; `forget` asks for nothing, since a way back has
//! to be there when things go wrong. A running gate takes either up when it loads its policy
//! again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use policy::edit::Promise;
use policy::transport::HstsStage;
use policy::{Language, Policy};
use proxy::evidence;
use proxy::probe::{Answered, Probe, ProbeTrouble};
use transport::ladder::{self, Days, Standing};

use crate::args::{Cli, Format};
use crate::source::{self, Source};
use crate::{Answer, Failure, Outcome, rules, serve};

mod file;
mod preload;
mod words;

/// `hsts …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Hsts {
    /// Tell where the promise stands and what the next stage asks for: exit code 1 if not yet
    Status(Status),
    /// Write the next stage in the policy file, if what the gate has seen speaks for it
    Advance(Advance),
    /// Write max-age = "0s" in the policy file: browsers that come again forget the promise
    Forget,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Look at every host and listed subdomain over HTTPS
    #[arg(long)]
    pub(crate) probe: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Advance {
    #[command(flatten)]
    pub(crate) look: Look,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Look {
    /// The state folder of the gate
    #[arg(long, value_name = "DIRECTORY", env = "REMPART_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Look for every host at this address instead of asking for its name
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) connect_to: Option<SocketAddr>,
    /// An authority to trust beside those of the system (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
}

/// Everything that is known of the promise.
pub(crate) struct Known {
    /// Announced now, in seconds.
    pub(crate) max_age: u64,
    /// The step up, if there is one.
    pub(crate) next: Option<HstsStage>,
    /// Every host that announces HSTS, in the order of the policy.
    pub(crate) hosts: Vec<(String, Standing)>,
    /// What a look from outside found; empty without one.
    pub(crate) seen: BTreeMap<String, Result<Answered, ProbeTrouble>>,
    /// The subdomains that the promise covers, by full name.
    pub(crate) covered: Vec<String>,
    /// The hosts that a preload list would hold.
    pub(crate) bases: Vec<String>,
}

/// Runs one of the commands.
pub(crate) fn run(cli: &Cli, command: &Hsts) -> Outcome {
    let (source, policy, language) = source::open(cli)?;
    match command {
        Hsts::Status(options) => {
            let known = Known::gather(&policy, &options.look, options.probe, language)?;
            rules::print(&match options.format {
                Format::Text => words::status(&known, &policy, language),
                Format::Json => words::json(&known, &policy, None, language),
            });
            Ok(match known.is_ready() {
                true => Answer::Yes,
                false => Answer::No,
            })
        }
        Hsts::Advance(options) => advance(&source, &policy, options, language),
        Hsts::Forget => {
            let line = file::write(&source, Promise::Forget, language)?;
            anstream::eprintln!("{}", words::forgotten(&source.name, line, language));
            Ok(Answer::Yes)
        }
    }
}

fn advance(source: &Source, policy: &Policy, options: &Advance, language: Language) -> Outcome {
    // Subdomains that are covered must answer before the promise lasts longer.
    let covers = policy.transport().hsts.include_subdomains;
    let known = Known::gather(policy, &options.look, covers, language)?;
    let json = options.format == Format::Json;
    let Some(next) = known.next.filter(|_| known.is_ready()) else {
        match json {
            true => rules::print(&words::json(&known, policy, None, language)),
            false => rules::print(&words::status(&known, policy, language)),
        }
        return Ok(Answer::No);
    };
    let line = file::write(source, Promise::Stage(next), language)?;
    if json {
        rules::print(&words::json(&known, policy, Some(next), language));
    }
    anstream::eprintln!("{}", words::advanced(&source.name, line, next, language));
    Ok(Answer::Yes)
}

impl Known {
    fn gather(
        policy: &Policy,
        look: &Look,
        probe: bool,
        language: Language,
    ) -> Result<Self, Failure> {
        let state = serve::state_folder(look.state.clone(), language)?;
        let days = evidence::read(&state).map_err(|error| {
            Failure::new(words::unreadable(
                &state.display().to_string(),
                &error,
                language,
            ))
        })?;
        let hsts = &policy.transport().hsts;
        let max_age = hsts.max_age.as_secs();
        let (today, none) = (evidence::today(), Days::new());
        let hosts: Vec<(String, Standing)> = announcing(policy)
            .map(|host| {
                let days = days.get(host).unwrap_or(&none);
                (host.to_owned(), ladder::standing(days, today, max_age))
            })
            .collect();
        let bases = bases(policy);
        let covered = match hsts.include_subdomains {
            true => covered(&bases, &hsts.subdomains),
            false => Vec::new(),
        };
        let mut seen = BTreeMap::new();
        if probe {
            let eye = Probe::new(look.root.as_deref(), look.connect_to)
                .map_err(|error| Failure::new(words::no_eye(&error, language)))?;
            for name in hosts.iter().map(|(host, _)| host).chain(&covered) {
                if !seen.contains_key(name) {
                    seen.insert(name.clone(), eye.look(name));
                }
            }
        }
        Ok(Self {
            max_age,
            next: ladder::next_stage(max_age),
            hosts,
            seen,
            covered,
            bases,
        })
    }

    /// Whether the next step may be taken, as far as was looked.
    pub(crate) fn is_ready(&self) -> bool {
        let climbed = self.next.is_none();
        let stands = self
            .hosts
            .iter()
            .all(|(_, standing)| standing.obstacle.is_none());
        let answers = self.seen.values().all(Result::is_ok);
        !self.hosts.is_empty() && (climbed || stands) && answers
    }
}

/// The hosts to which a promise is made.
fn announcing(policy: &Policy) -> impl Iterator<Item = &str> {
    policy.sites().iter().flat_map(|site| {
        let hosts = site.hosts.iter().map(String::as_str);
        hosts.filter(|host| site.announces_hsts(host))
    })
}

/// Hosts that are not below another one of the policy.
fn bases(policy: &Policy) -> Vec<String> {
    let below = |host: &str, other: &str| {
        host.strip_suffix(other)
            .is_some_and(|start| start.ends_with('.'))
    };
    let all: Vec<&str> = announcing(policy).collect();
    let base = |host: &&&str| !all.iter().any(|other| below(host, other));
    all.iter()
        .filter(base)
        .map(|host| (*host).to_owned())
        .collect()
}

/// The listed subdomains of every base, by full name; a whole name stands for itself.
fn covered(bases: &[String], subdomains: &[String]) -> Vec<String> {
    let mut covered = Vec::new();
    for base in bases {
        for subdomain in subdomains {
            let whole = bases.iter().any(|base| {
                subdomain
                    .strip_suffix(base.as_str())
                    .is_some_and(|start| start.ends_with('.'))
            });
            let name = match whole {
                true => subdomain.clone(),
                false => format!("{subdomain}.{base}"),
            };
            if !covered.contains(&name) {
                covered.push(name);
            }
        }
    }
    covered
}

/// The French help of these commands and their arguments.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("hsts", "") => {
            "La promesse de HTTPS faite aux navigateurs : la voir, l’allonger, la retirer"
        }
        ("hsts status", "") => {
            "Dit où en est la promesse et ce que demande le palier suivant : code 1 si pas encore"
        }
        ("hsts status", "probe") => {
            "Regarde en HTTPS chaque nom et chaque sous-domaine de l’inventaire"
        }
        ("hsts advance", "") => {
            "Écrit le palier suivant dans la politique, si ce que la porte a vu y engage"
        }
        ("hsts forget", "") => {
            "Écrit max-age = \"0s\" dans la politique : les navigateurs qui reviennent oublient la promesse"
        }
        ("hsts status" | "hsts advance", "state") => "Le dossier d’état de la porte",
        ("hsts status" | "hsts advance", "format") => "Forme de ce qui est écrit",
        ("hsts status" | "hsts advance", "connect_to") => {
            "Cherche chaque nom à cette adresse au lieu de la demander"
        }
        ("hsts status" | "hsts advance", "root") => {
            "Une autorité à croire en plus de celles du système (PEM)"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_are_those_of_the_highest_names() {
        let text = "version = 1\n[[site]]\nhosts = [\"www.a.fr\", \"a.fr\", \"192.0.2.1\", \"ba.fr\"]\n\
                    upstream = \"http://[::1]\"\ncertificate = { chain = \"c\", key = \"k\" }\n\
                    [[site]]\nhosts = [\"dev.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n";
        let policy = policy::load(text).expect("a policy").policy;
        assert_eq!(bases(&policy), ["a.fr", "ba.fr"]);
        let list = ["www".to_owned(), "x.a.fr".to_owned()];
        let names = covered(&bases(&policy), &list);
        assert_eq!(names, ["www.a.fr", "x.a.fr", "www.ba.fr"]);
    }
}
