//! `serve`: the gate, its signals and what it says when it starts.
//!
//! SIGTERM and SIGINT drain; SIGHUP loads the policy again and keeps the last good one when
//! the new one has a fault; SIGUSR2 leaves the listeners to a successor. The process that runs
//! this is the worker of [`crate::process`].

use std::path::PathBuf;

use policy::{Language, Loaded, Policy, Text};
use proxy::{DrainOutcome, Gate, Options, StartError};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Cli, Serve};
use crate::locale::{self, pick};
use crate::process::{Post, Word};
use crate::source::Source;
use crate::{Answer, Failure, Outcome, lint, tell};

pub(crate) mod check;
mod in_force;

use in_force::InForce;

/// Serves until told to stop.
pub(crate) fn run(cli: &Cli, options: &Serve, mut post: Post) -> Outcome {
    let source = Source::find(cli)?;
    let loaded = source.load(cli)?;
    let language = locale::of(cli, &loaded.policy);
    warn(&source, &loaded, language);
    let policy = ready(&source, loaded, language)?;
    let gate_options = Options {
        base: source.base(),
        state: state_folder(options.state.clone(), language)?,
        listeners: post.listeners(),
        tickets: post.tickets(),
        observe: options.observe,
        ..Options::default()
    };
    report_trouble();
    director(language)?.block_on(serve(cli, source, policy, gate_options, language, &post))
}

/// A runtime of this thread alone: the gate serves on threads of its own.
pub(crate) fn director(language: Language) -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| cannot_start(language, &error))
}

/// A runtime with one worker per core.
pub(crate) fn runtime(language: Language) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| cannot_start(language, &error))
}

pub(crate) fn cannot_start(language: Language, error: &std::io::Error) -> Failure {
    let said = Text::of_system(error);
    let error = said.in_language(language);
    Failure::new(match language {
        Language::Fr => format!("rempart : impossible de démarrer : {error}"),
        Language::En => format!("rempart: cannot start: {error}"),
    })
}

/// What goes wrong inside the gate is written to standard error: its own events only. The
/// libraries below it could write field values at a finer level.
fn report_trouble() {
    let ours = Targets::new().with_target("proxy", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(ours))
        .init();
}

/// Says what a policy without fault gives to think about.
fn warn(source: &Source, loaded: &Loaded, language: Language) {
    if !loaded.warnings.is_empty() {
        tell(source.render(&loaded.warnings, language).trim_end());
    }
    if lint::has_expired(&loaded.policy) {
        // Told, not refused: a site that stops on a date protects nobody.
        tell(pick(
            language,
            "rempart : un écart a dépassé sa date ; `rempart lint` dit lequel",
            "rempart: a deviation is past its date; `rempart lint` tells which",
        ));
    }
}

/// A policy that the gate can serve: one with a site.
pub(crate) fn ready(
    source: &Source,
    loaded: Loaded,
    language: Language,
) -> Result<Policy, Failure> {
    if loaded.policy.sites().is_empty() {
        return Err(Failure::new(match language {
            Language::Fr => format!(
                "rempart : {} ne nomme aucun site à servir\n  à faire : ajoutez une table [[site]] avec hosts, upstream et certificate, ou lancez `rempart init --host NOM --upstream URL`",
                source.name
            ),
            Language::En => format!(
                "rempart: {} names no site to serve\n  fix: add a [[site]] table with hosts, upstream and certificate, or run `rempart init --host NAME --upstream URL`",
                source.name
            ),
        }));
    }
    Ok(loaded.policy)
}

async fn serve(
    cli: &Cli,
    source: Source,
    policy: Policy,
    options: Options,
    language: Language,
    post: &Post,
) -> Outcome {
    let failed = |error: std::io::Error| cannot_start(language, &error);
    // Listened to before the gate opens, so that no signal is lost.
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut retire = signal(SignalKind::user_defined2()).map_err(failed)?;
    let mut orphaned = std::pin::pin!(post.orphaned());
    let announcement = announce(&policy, language);
    let observes = options.observe;
    let state = options.state.clone();
    let gate = Gate::start(policy, options)
        .await
        .map_err(|error| fault(&error, language))?;
    let mut in_force = InForce::keep(&source, &state);
    let plain = gate
        .http_addr()
        .map_or_else(|| "-".to_owned(), |address| address.to_string());
    tell(&format!(
        "rempart {}: https {}, http {plain}",
        env!("CARGO_PKG_VERSION"),
        gate.https_addr()
    ));
    tell(&announcement);
    announce_watching(&gate, observes, language);
    post.tell(Word::Drain(gate.drain_deadline()));
    post.tell(Word::Ready);
    let mut pulse = std::pin::pin!(post.pulse(gate.pulse()));
    let outcome = loop {
        tokio::select! {
            _ = hang_up.recv() => {
                let done = tokio::select! {
                    done = reload(cli, &gate, language) => done,
                    // It has no end: whoever watches hears of life meanwhile.
                    () = &mut pulse => continue,
                };
                match done {
                    Ok(source) => {
                        // The old one is let go of when the new one is kept.
                        drop(std::mem::replace(&mut in_force, InForce::keep(&source, &state)));
                        tell(pick(language, "rempart : politique rechargée", "rempart: policy reloaded"));
                        post.tell(Word::Drain(gate.drain_deadline()));
                        post.tell(Word::Reloaded);
                    }
                    Err(Failure(text)) => {
                        tell(&text);
                        tell(pick(
                            language,
                            "rempart : la politique précédente reste en vigueur",
                            "rempart: the previous policy stays in force",
                        ));
                        post.tell(Word::Kept);
                    }
                }
            },
            _ = terminate.recv() => break drain(gate, language).await,
            _ = interrupt.recv() => break drain(gate, language).await,
            () = &mut orphaned => break drain(gate, language).await,
            _ = retire.recv() => {
                let hurry = async {
                    tokio::select! {
                        _ = terminate.recv() => {}
                        _ = interrupt.recv() => {}
                        () = &mut orphaned => {}
                    }
                };
                break gate.retire(hurry).await;
            }
            () = &mut pulse => {}
        }
    };
    drop(in_force);
    if outcome.cut > 0 {
        tell(&match language {
            Language::Fr => format!(
                "rempart : {} connexion(s) coupée(s) après le délai",
                outcome.cut
            ),
            Language::En => format!(
                "rempart: {} connection(s) cut after the deadline",
                outcome.cut
            ),
        });
    }
    Ok(Answer::Yes)
}

async fn drain(gate: Gate, language: Language) -> DrainOutcome {
    tell(pick(
        language,
        "rempart : fin des requêtes en cours…",
        "rempart: finishing open requests…",
    ));
    gate.drain().await
}

/// Puts the policy as it is by now in force; where it came from.
async fn reload(cli: &Cli, gate: &Gate, language: Language) -> Result<Source, Failure> {
    let next = || {
        let source = Source::find(cli)?;
        let loaded = source.load(cli)?;
        warn(&source, &loaded, language);
        let policy = ready(&source, loaded, language)?;
        Ok((source, policy))
    };
    let (source, policy) = next().inspect_err(|_| gate.note_reload(false))?;
    gate.reload(policy)
        .await
        .map_err(|error| fault(&error, language))?;
    Ok(source)
}

/// Where the gate shows how it is, and that it only observes.
fn announce_watching(gate: &Gate, observes: bool, language: Language) {
    if let Some(place) = gate.admin_place() {
        let colon = pick(language, " :", ":");
        let what = pick(language, "surveillance", "admin page");
        tell(&format!("  {what}{colon} {place}"));
    }
    if observes {
        tell(pick(
            language,
            "rempart : OBSERVATION SEULE : la politique est notée, pas appliquée ; redémarrez sans --observe pour l’appliquer",
            "rempart: OBSERVING ONLY: the policy is noted, not enforced; restart without --observe to enforce it",
        ));
    }
}

/// Why the gate refuses, in one language.
pub(crate) fn fault(error: &StartError, language: Language) -> Failure {
    Failure::new(format!("rempart: {}", error.text().in_language(language)))
}

/// One line per site: its names and where its requests go.
fn announce(policy: &Policy, language: Language) -> String {
    let mut lines = Vec::new();
    for site in policy.sites() {
        let upstreams: Vec<String> = site.upstreams.iter().map(ToString::to_string).collect();
        let certificate = match &site.certificate {
            policy::site::Certificate::Acme => "acme".to_owned(),
            policy::site::Certificate::Dev => pick(
                language,
                "certificat de développement, sans HSTS",
                "development certificate, no HSTS",
            )
            .to_owned(),
            policy::site::Certificate::Files { chain, .. } => chain.display().to_string(),
        };
        lines.push(format!(
            "  {} → {} ({certificate})",
            site.hosts.join(", "),
            upstreams.join(", "),
        ));
    }
    lines.join("\n")
}

/// Where what the gate makes is kept: `--state`, else the folder that systemd gives,
/// else the usual place for the state of a user's programs.
pub(crate) fn state_folder(named: Option<PathBuf>, language: Language) -> Result<PathBuf, Failure> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named
        .or_else(|| variable("STATE_DIRECTORY"))
        .or_else(|| variable("XDG_STATE_HOME").map(|folder| folder.join("rempart")))
        .or_else(|| variable("HOME").map(|folder| folder.join(".local/state/rempart")))
        .ok_or_else(|| {
            Failure::new(pick(
                language,
                "rempart : aucun dossier d’état\n  à faire : nommez-en un avec --state",
                "rempart: no state folder\n  fix: name one with --state",
            ))
        })
}
