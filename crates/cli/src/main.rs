//! The `rempart` command: one policy file, checked, explained and served.
//!
//! Data goes to standard output, the rest to standard error. The exit code is the answer:
//! 0 yes, 1 no (refused, no match, not conforming), 2 could not decide (usage, a fault in
//! the policy, input or output).

mod acme;
mod args;
mod audit;
mod breach;
mod check;
mod demo;
mod explain;
mod generate;
mod hsts;
mod keep;
mod learn;
mod lint;
mod locale;
mod meter;
mod papers;
mod process;
mod report;
mod rules;
mod scan;
mod secret;
mod serve;
mod shortest;
mod source;
mod table;
mod unlock;

use std::process::ExitCode;

use args::{Cli, Command};
use locale::pick;
use policy::Language;

/// Requests are made of many small pieces of memory; `docs/PERFORMANCE.md` has what this one
/// brings.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a command found out; `Err` means that it could not.
type Outcome = Result<Answer, Failure>;

/// The answer of a command, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

/// Why a command could not decide. The text is whole: what, where, why, how to fix it.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A message of a library, with the name of the program before it.
    fn told(message: &str, language: Language) -> Self {
        Self(format!(
            "{}{message}",
            pick(language, "rempart : ", "rempart: ")
        ))
    }
}

fn main() -> ExitCode {
    let cli = args::parse();
    match run(&cli) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(Failure(text)) => {
            tell(text.trim_end());
            ExitCode::from(2)
        }
    }
}

/// Says something on standard error. What it does not take is lost: a full disk ends nobody who
/// serves.
fn tell(text: &str) {
    use std::io::Write;
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn run(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Demo(options) => demo::run(cli, options),
        Command::Init(options) => rules::init(cli, options),
        Command::Lint(options) => lint::run(cli, options),
        Command::Schema => rules::schema(),
        Command::Check(options) => check::run(cli, options),
        Command::Hash => keep::hash(cli),
        Command::Verify { stored } => keep::verify(cli, stored),
        Command::Calibrate(options) => keep::calibrate::run(cli, options),
        Command::Wrap(options) => keep::wrap::run(cli, options),
        Command::Pepper { command } => keep::pepper::run(cli, command),
        Command::Generate(options) => generate::run(cli, options),
        Command::Breach { command } => breach::run(cli, command),
        Command::Explain { subject } => explain::run(cli, subject),
        Command::Audit(options) => audit::run(cli, options),
        Command::Report(options) => report::run(cli, options),
        Command::Scan(options) => scan::run(cli, options),
        Command::Learn(options) => learn::run(cli, options),
        Command::Acme { command } => acme::run(cli, command),
        Command::Hsts { command } => hsts::run(cli, command),
        Command::Serve(options) => process::run(cli, options),
        Command::Unlock(options) => unlock::run(cli, options),
        Command::Completions { shell } => papers::completions(*shell),
        Command::Man { directory } => papers::man(directory.as_deref()),
    }
}
