//! The arguments, and their help in French and English. Each subject has a module; here is
//! what all share.

use std::path::PathBuf;

use ::policy::Language;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::acme::Acme;
use crate::audit::Audit;
use crate::breach::args::Breach;
use crate::hsts::Hsts;
use crate::keep::args::{Calibrate, Pepper, Wrap};
use crate::learn::Learn;
use crate::locale;
use crate::report::Report;
use crate::scan::Scan;
use crate::tell;
use crate::unlock::Unlock;

mod fault;
mod gate;
mod help;
mod password;
mod policy;

pub(crate) use gate::{Demo, Serve};
pub(crate) use password::{Check, Generate};
pub(crate) use policy::{Init, Lint};

/// One policy for passwords and connections: check, keep, explain, serve.
#[derive(Debug, Parser)]
#[command(name = "rempart", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The policy file; otherwise ./policy.toml, otherwise the built-in reference
    #[arg(long, global = true, value_name = "FILE", env = "REMPART_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The language of messages; otherwise the policy's
    #[arg(long, global = true, value_name = "fr|en", env = "REMPART_LANG")]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    Fr,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a small old-fashioned site safely, to try everything at once
    Demo(Demo),
    /// Write a policy to start from
    Init(Init),
    /// Check a policy: every fault in one run
    Lint(Lint),
    /// Print the JSON Schema of the policy file
    Schema,
    /// Check a password against the policy
    Check(Check),
    /// Hash a password that the policy accepts
    Hash,
    /// Compare a password with a stored hash
    Verify {
        /// The stored hash: $argon2id$…, a wrapped one, or one of an accepted format
        #[arg(value_name = "HASH")]
        stored: String,
    },
    /// Measure this machine and propose costs of hashes for the policy
    Calibrate(Calibrate),
    /// Lay Argon2 over every weak hash of a table, with nobody's password known
    Wrap(Wrap),
    /// Make and rotate the keys of the pepper
    Pepper {
        #[command(subcommand)]
        command: Pepper,
    },
    /// Make passwords and passphrases that satisfy the policy
    Generate(Generate),
    /// Make and ask an offline index of leaked passwords
    Breach {
        #[command(subcommand)]
        command: Breach,
    },
    /// Tell what a code or a clause means
    Explain {
        /// A code of a refusal or of a fault, or the name of a clause
        #[arg(value_name = "CODE|CLAUSE")]
        subject: String,
    },
    /// Tell what a dump of stored hashes is worth, showing none of them
    Audit(Audit),
    /// Tell where the policy stands, clause by clause
    Report(Report),
    /// Tell what an inspector sees of a site, from outside
    Scan(Scan),
    /// Run the gate in front of the sites of the policy
    Serve(Serve),
    /// Propose the forms of a site from what you do on it
    Learn(Learn),
    /// Open an account that too many failed sign-ins through the gate have blocked
    Unlock(Unlock),
    /// See, renew and revoke the certificates ordered from an authority
    Acme {
        #[command(subcommand)]
        command: Acme,
    },
    /// See, climb and leave the ladder of HSTS promises
    Hsts {
        #[command(subcommand)]
        command: Hsts,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one per command
    Man {
        /// The folder to write to; otherwise the main page goes to standard output
        #[arg(value_name = "DIRECTORY")]
        directory: Option<PathBuf>,
    },
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Fr => Self::Fr,
            Lang::En => Self::En,
        }
    }
}

/// Reads the arguments; a fault in them is printed, and ends the program with code 2.
pub(crate) fn parse() -> Cli {
    let language = locale::before_parsing();
    let read = command(language)
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    read.unwrap_or_else(|error| match language {
        Language::Fr if fault::is_one(&error) => {
            tell(fault::french(&error).trim_end());
            std::process::exit(2)
        }
        _ => error.exit(),
    })
}

/// The command with its help in one language.
pub(crate) fn command(language: Language) -> clap::Command {
    match language {
        Language::En => Cli::command(),
        Language::Fr => help::translate(Cli::command(), "rempart"),
    }
}
