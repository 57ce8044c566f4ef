//! `learn`: the operator does on the site what its users do, and the tables of its forms are
//! proposed.
//!
//! A window on the site ([`proxy::Watch`]) is opened in the browser; each step is asked here and
//! goes by itself when it was seen. What is proposed is the business of [`form::learn`]. Data goes
//! to standard output: tables to stand under a `[[site]]`. Yes when a sign-in can be restricted
//! with them.
//!
//! Nothing that is typed in the browser is printed or kept in a file.

mod words;

use std::io::BufRead;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use form::learn::{Exchange, Hint, Looked, Proposal, Step, Watched, propose};
use http::header::CONTENT_TYPE;
use policy::Language;
use proxy::Watch;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use transport::host::Host;

use crate::args::Cli;
use crate::locale;
use crate::source::io_reason;
use crate::{Answer, Failure, Outcome, report, serve, tell};

#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// Where the site is served, such as http://127.0.0.1:8080
    #[arg(value_name = "URL")]
    url: String,
    /// The name that the site is asked for, if it is not that of the URL
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// The port of the window on this machine; otherwise a free one
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "PORT"
    )]
    port: u16,
    /// The authority of an https origin (PEM); otherwise those of the system
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// A field that holds a password although neither the page nor its name says so
    #[arg(long, value_name = "NAME")]
    password_field: Vec<String>,
    /// Minutes to wait for everything together
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=240), value_name = "MINUTES")]
    minutes: u64,
    /// The file to write to; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The steps, in their order; those that may be skipped without loss come last.
const STEPS: [Step; 4] = [Step::Failed, Step::Good, Step::Change, Step::SignUp];

/// What is typed in the terminal.
enum Typed {
    Enter,
    /// There is nobody to press a key.
    End,
}

/// Yes when a sign-in can be restricted with what is proposed.
pub(crate) fn run(cli: &Cli, options: &Learn) -> Outcome {
    let language = locale::without_policy(cli);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| words::failed(&error, language))?;
    let watched = runtime.block_on(watch(options, language))?;
    let proposals = propose(&watched);
    if proposals.is_empty() {
        tell(words::nothing(language));
        return Ok(Answer::No);
    }
    let mut text = words::heading(&options.url, language);
    for proposal in &proposals {
        text.push('\n');
        text.push_str(&proposal.lines(language));
    }
    report::write(options.output.as_deref(), &text, language)?;
    let restricts = |one: &Proposal| one.is_lawful() && one.signs_in();
    match proposals.iter().any(restricts) {
        true => Ok(Answer::Yes),
        false => {
            tell(words::incomplete(language));
            Ok(Answer::No)
        }
    }
}

async fn watch(options: &Learn, language: Language) -> Result<Watched, Failure> {
    let failed = |error: std::io::Error| words::failed(&error, language);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let (mut window, path) = open(options, language).await?;
    let mut watched = Watched::new(options.password_field.clone());
    let mut keys = keys();
    let mut attended = true;
    tell(&words::guide(window.address(), &path, language));
    let deadline = tokio::time::sleep(Duration::from_secs(60 * options.minutes));
    tokio::pin!(deadline);
    for step in STEPS {
        let optional = matches!(step, Step::Change | Step::SignUp);
        if optional && !attended {
            break;
        }
        tell(words::ask(step, language));
        loop {
            let exchange = tokio::select! {
                exchange = window.next() => exchange,
                key = keys.recv(), if attended => match key {
                    Some(Typed::Enter) => break,
                    Some(Typed::End) | None => {
                        attended = false;
                        if optional {
                            return Ok(watched);
                        }
                        continue;
                    }
                },
                _ = interrupt.recv() => return Ok(watched),
                _ = terminate.recv() => return Ok(watched),
                () = &mut deadline => {
                    tell(words::over(language));
                    return Ok(watched);
                }
            };
            let Some(exchange) = exchange else {
                return Ok(watched);
            };
            if take(&mut watched, step, exchange, language) {
                break;
            }
        }
    }
    Ok(watched)
}

/// Looks at an exchange. Whether it was what the step awaits.
fn take(watched: &mut Watched, step: Step, exchange: Exchange, language: Language) -> bool {
    for form in forms(&exchange) {
        watched.page(form);
    }
    let path = exchange.path.clone();
    let posts = !matches!(exchange.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    match watched.look(step, exchange) {
        Looked::Taken => {
            tell(&words::taken(&path, language));
            true
        }
        Looked::LooksFailed => {
            tell(words::looks_failed(language));
            false
        }
        Looked::Other(names) if posts && !names.is_empty() => {
            tell(&words::no_password(&path, &names, language));
            false
        }
        Looked::Other(_) => false,
        Looked::Unreadable(ambiguity) => {
            tell(&words::unreadable(&path, ambiguity, language));
            false
        }
    }
}

/// The forms of a page that have a password field.
fn forms(exchange: &Exchange) -> Vec<Vec<Hint>> {
    let kind = exchange.answer.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    if !kind.starts_with("text/html") && !kind.starts_with("application/xhtml") {
        return Vec::new();
    }
    let charset = kind.split_once("charset=").map(|(_, label)| label);
    let label = charset.map(|label| label.trim_matches(['"', ' ', ';']));
    let page = scan::page::read(&exchange.text, label);
    let forms = page.forms.into_iter();
    forms
        .filter(|form| form.fields.iter().any(|field| field.kind == "password"))
        .map(|form| {
            let fields = form.fields.into_iter();
            fields
                .map(|field| Hint {
                    name: field.name,
                    kind: field.kind,
                    autocomplete: field.autocomplete,
                })
                .collect()
        })
        .collect()
}

/// Opens the window. Also gives the path that the URL names.
async fn open(options: &Learn, language: Language) -> Result<(Watch, String), Failure> {
    let url = &options.url;
    let bad = |reason: String| words::bad_url(url, &reason, language);
    let after = url
        .find("://")
        .map(|at| at + 3)
        .ok_or_else(|| bad(String::new()))?;
    let end = url[after..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| after + at);
    let (origin, path) = url.split_at(end);
    let name = options.host.as_deref().unwrap_or(&origin[after..]);
    let host = Host::parse(name).map_err(|error| bad(error.to_string()))?;
    let root = options.root.as_ref().map(|root| {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.clone());
        format!("[site.origin]\nroot = {:?}\n", root.display().to_string())
    });
    let text = format!(
        "version = 1\n[[site]]\nhosts = [\"localhost\"]\nupstream = {origin:?}\ncertificate = \"dev\"\n{}",
        root.unwrap_or_default()
    );
    let loaded = policy::load(&text).map_err(|report| {
        let first = report
            .faults()
            .iter()
            .find(|fault| !fault.message.en.is_empty());
        bad(first
            .map(|fault| fault.message.in_language(language).to_owned())
            .unwrap_or_default())
    })?;
    let window = Watch::open(
        &loaded.policy,
        host,
        std::path::Path::new("."),
        options.port,
    )
    .await;
    let window = window.map_err(|error| match error {
        proxy::StartError::Listen { address, error, .. } => {
            let (fr, en) = io_reason(&error);
            words::no_port(address, locale::pick(language, &fr, &en), language)
        }
        error => serve::fault(&error, language),
    })?;
    let path = match path {
        "" => "/".to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    };
    Ok((window, path))
}

/// The keys that are pressed, read by a thread that nobody waits for.
fn keys() -> mpsc::Receiver<Typed> {
    let (sender, keys) = mpsc::channel(4);
    std::thread::spawn(move || {
        let mut line = Vec::new();
        let mut input = std::io::stdin().lock();
        loop {
            line.clear();
            let typed = match input.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => Typed::End,
                Ok(_) => Typed::Enter,
            };
            let ends = matches!(typed, Typed::End);
            if sender.blocking_send(typed).is_err() || ends {
                return;
            }
        }
    });
    keys
}

/// The French help of this command.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("learn", "") => "Propose les formulaires d’un site d’après ce que vous y faites",
        ("learn", "url") => "Où le site est servi, comme http://127.0.0.1:8080",
        ("learn", "host") => "Le nom sous lequel demander le site, si ce n’est pas celui de l’URL",
        ("learn", "port") => "Le port de la fenêtre sur cette machine ; sinon un port libre",
        ("learn", "root") => "L’autorité d’une origine https (PEM) ; sinon celles du système",
        ("learn", "password_field") => {
            "Un champ qui porte un mot de passe bien que ni la page ni son nom ne le disent"
        }
        ("learn", "minutes") => "Minutes à attendre pour le tout",
        ("learn", "output") => "Le fichier où écrire ; sinon la sortie standard",
        _ => return None,
    })
}
