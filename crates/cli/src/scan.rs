//! `scan`: what an inspector finds of a live site, from outside and gently.
//!
//! The looking is `scan`'s, the crate; here it is printed, in six forms, and compared. Data goes
//! to standard output. Yes when nothing as grave as `--fail-on` was found. A site that does not
//! answer at all cannot be judged, and takes nothing from those that do; neither can one whose
//! scan ran out of time before anything grave was found. What else is partial is told on standard
//! error.

mod compare;
mod content;
mod facts;
mod json;
mod junit;
mod sarif;

pub(crate) use content::about_decisions;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use policy::Language;
use scan::{Address, Options, Roots, Severity};

use crate::args::Cli;
use crate::locale::{self, pick};
use crate::report::{self, Layout};
use crate::source::io_reason;
use crate::{Answer, Failure, Outcome, tell};

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// The address of the site, or only its name; several look at each, and let redirects go
    /// from one to another
    #[arg(value_name = "URL", required_unless_present = "schema")]
    urls: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// The file to write to; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit code 1 from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::High, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Tell what changed since a scan that was kept as JSON; as text, JSON, Markdown or HTML
    #[arg(long, value_name = "BEFORE.json")]
    compare: Option<PathBuf>,
    /// Seconds that the scan of one site may take
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600), value_name = "SECONDS")]
    deadline: u64,
    /// Pages behind the first that are read, where links promise a password field
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=20), value_name = "NUMBER")]
    pages: u8,
    /// The port of plain HTTP; otherwise 80
    #[arg(long, value_name = "PORT")]
    http_port: Option<u16>,
    /// The port of HTTPS; otherwise 443
    #[arg(long, value_name = "PORT")]
    https_port: Option<u16>,
    /// Look for every name at this address instead of asking for it
    #[arg(long, value_name = "ADDRESS")]
    connect_to: Option<IpAddr>,
    /// An authority to trust beside those of the system (PEM)
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Print the JSON Schema of the JSON instead
    #[arg(long)]
    schema: bool,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    Markdown,
    Html,
    Sarif,
    Junit,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Note,
    Low,
    Medium,
    High,
    Never,
}

impl FailOn {
    const fn severity(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Never => None,
        }
    }
}

/// Yes when nothing as grave as asked was found.
pub(crate) fn run(cli: &Cli, options: &Scan) -> Outcome {
    let language = locale::without_policy(cli);
    let output = options.output.as_deref();
    if options.schema {
        let schema = format!("{:#}\n", json::schema());
        return report::write(output, &schema, language).map(|()| Answer::Yes);
    }
    if options.compare.is_some() && matches!(options.format, Form::Sarif | Form::Junit) {
        return Err(not_compared(language));
    }
    let before = match &options.compare {
        Some(file) => Some(compare::Before::read(file, language)?),
        None => None,
    };
    let mut addresses = Vec::new();
    for url in &options.urls {
        addresses.push(Address::parse(url).ok_or_else(|| bad_address(url, language))?);
    }
    let scans = scan::scan(&addresses, &how(options, language)?);
    let (answered, silent): (Vec<_>, Vec<_>) = scans.into_iter().partition(scan::Scan::is_answered);
    let sites = Sites {
        answered,
        silent: silent.into_iter().map(|scan| scan.address).collect(),
    };
    if sites.answered.is_empty() {
        return Err(Failure::new(sites.unanswered(language)));
    }
    let fails = |severity: Severity| {
        options
            .fail_on
            .severity()
            .is_some_and(|least| severity >= least)
    };
    let text = match (options.format, &before) {
        (Form::Json, None) => format!("{:#}\n", json::scans(&sites, language)),
        (Form::Json, Some(before)) => format!("{:#}\n", before.json(&sites, language)),
        (Form::Sarif, _) => format!("{:#}\n", sarif::log(&sites, language)),
        (Form::Junit, _) => junit::suites(&sites, &fails, language),
        (form, before) => {
            let document = match before {
                None => content::document(&sites, language),
                Some(before) => before.document(&sites, language),
            };
            report::lay_out(
                &document,
                match form {
                    Form::Markdown => Layout::Markdown,
                    Form::Html => Layout::Html,
                    _ => Layout::Text,
                },
            )
        }
    };
    report::write(output, &text, language)?;
    let partial = |scan: &scan::Scan| {
        let why = content::partial(scan, language)?;
        let address = &scan.address;
        Some(match language {
            Language::Fr => format!("rempart : {address} : {why}"),
            Language::En => format!("rempart: {address}: {why}"),
        })
    };
    let mut told: Vec<String> = sites.answered.iter().filter_map(partial).collect();
    let is_over = sites.answered.iter().any(|scan| scan.is_over);
    if is_over {
        told.push(more_time(language).to_owned());
    }
    if !sites.silent.is_empty() {
        told.push(sites.unanswered(language));
    }
    let worst = sites.answered.iter().filter_map(scan::Scan::worst).max();
    let is_unjudged = is_over || !sites.silent.is_empty();
    if !worst.is_some_and(fails) && is_unjudged && options.fail_on != FailOn::Never {
        return Err(Failure::new(told.join("\n")));
    }
    told.iter().for_each(|text| tell(text));
    Ok(match worst.is_some_and(fails) {
        true => Answer::No,
        false => Answer::Yes,
    })
}

/// What was asked, and what came of it.
struct Sites {
    /// Sites that said something, in the order of the command line.
    answered: Vec<scan::Scan>,
    /// Sites that nothing was heard of.
    silent: Vec<Address>,
}

impl Sites {
    /// The silent ones, in a sentence each, and what to do.
    fn unanswered(&self, language: Language) -> String {
        let mut lines: Vec<String> = self
            .silent
            .iter()
            .map(|address| match language {
                Language::Fr => format!("rempart : {}", content::silent_site(address, language)),
                Language::En => format!("rempart: {}", content::silent_site(address, language)),
            })
            .collect();
        lines.push(
            pick(
                language,
                "  à faire : vérifiez le nom et les ports (--http-port, --https-port), ou donnez plus de temps avec --deadline",
                "  fix: check the name and the ports (--http-port, --https-port), or give more time with --deadline",
            )
            .to_owned(),
        );
        lines.join("\n")
    }
}

fn how(options: &Scan, language: Language) -> Result<Options, Failure> {
    let roots = Roots::load(options.root.as_deref()).map_err(|error| {
        let (fr, en) = io_reason(&error);
        let name = options
            .root
            .as_ref()
            .map(|file| file.display().to_string())
            .unwrap_or_default();
        Failure::new(match language {
            Language::Fr => format!(
                "rempart : {name} : {fr}\n  à faire : nommez un fichier PEM d’autorité avec --root"
            ),
            Language::En => {
                format!("rempart: {name}: {en}\n  fix: name a PEM file of an authority with --root")
            }
        })
    })?;
    let mut how = Options::new(roots);
    how.deadline = Duration::from_secs(options.deadline);
    how.connect_to = options.connect_to;
    (how.http_port, how.https_port) = (options.http_port, options.https_port);
    how.pages = usize::from(options.pages);
    Ok(how)
}

fn bad_address(url: &str, language: Language) -> Failure {
    Failure::new(match language {
        Language::Fr => format!(
            "rempart : {url} n’est pas une adresse http ou https\n  à faire : écrivez https://www.example.fr/connexion, ou le nom seul"
        ),
        Language::En => format!(
            "rempart: {url} is no http or https address\n  fix: write https://www.example.fr/login, or the name alone"
        ),
    })
}

const fn more_time(language: Language) -> &'static str {
    pick(
        language,
        "  à faire : donnez plus de temps avec --deadline ; avec --fail-on never, un scan partiel suffit",
        "  fix: give more time with --deadline; with --fail-on never a partial scan is enough",
    )
}

fn not_compared(language: Language) -> Failure {
    Failure::new(pick(
        language,
        "rempart : une comparaison ne s’écrit ni en SARIF ni en JUnit\n  à faire : demandez --format text, json, markdown ou html ; ou retirez --compare",
        "rempart: a comparison is written neither as SARIF nor as JUnit\n  fix: ask for --format text, json, markdown or html; or leave out --compare",
    ))
}

/// The French help of this command.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("scan", "") => "Dit ce qu’un inspecteur voit d’un site, de l’extérieur",
        ("scan", "urls") => {
            "L’adresse du site, ou son seul nom ; plusieurs sont regardées l’une après l’autre, et les redirections de l’une à l’autre suivies"
        }
        ("scan", "format") => "Forme du résultat",
        ("scan", "output") => "Le fichier où écrire ; sinon la sortie standard",
        ("scan", "fail_on") => "Code de sortie 1 à partir de cette gravité",
        ("scan", "compare") => {
            "Dit ce qui a changé depuis un scan gardé en JSON ; en texte, JSON, Markdown ou HTML"
        }
        ("scan", "deadline") => "Secondes que peut durer le scan d’un site",
        ("scan", "pages") => {
            "Pages lues derrière la première, là où des liens promettent un mot de passe"
        }
        ("scan", "http_port") => "Le port HTTP en clair ; sinon 80",
        ("scan", "https_port") => "Le port HTTPS ; sinon 443",
        ("scan", "connect_to") => "Cherche chaque nom à cette adresse au lieu de la demander",
        ("scan", "root") => "Une autorité à reconnaître en plus de celles du système (PEM)",
        ("scan", "schema") => "Écrit plutôt le schéma JSON du JSON",
        _ => return None,
    })
}
