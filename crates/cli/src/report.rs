//! `report`: the policy in force against every clause of the register, to show and to keep.
//!
//! Clause: `cnil-state-of-the-art` (whoever departs from the recommendation must be able to
//! show why). The same file on the same day gives the same bytes, so that reports can be kept
//! and compared.

mod content;
mod diff;
pub(crate) mod document;
mod json;
mod page;
mod plain;
mod subject;
mod summary;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use policy::{Language, Loaded};

use crate::args::Cli;
use crate::locale;
use crate::rules;
use crate::source::{Source, io_reason};
use crate::{Answer, Failure, Outcome, lint};
use document::Document;
use subject::Subject;

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    /// The file to write to; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The day that the report speaks of, YYYY-MM-DD; otherwise today
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    /// Print the JSON Schema of the JSON instead
    #[arg(long)]
    schema: bool,
    /// Tell what changes from one policy to another instead
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    diff: Option<Vec<PathBuf>>,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    Text,
    Json,
    Markdown,
    Html,
}

/// Yes when the policy does, no when a deviation has run out; for two policies, yes when
/// nothing changes.
pub(crate) fn run(cli: &Cli, options: &Report) -> Outcome {
    let output = options.output.as_deref();
    if options.schema {
        let schema = format!("{:#}\n", json::schema());
        return write(output, &schema, locale::without_policy(cli)).map(|()| Answer::Yes);
    }
    let day = options.day.unwrap_or_else(lint::today);
    if let Some([old, new]) = options.diff.as_deref() {
        return compare(cli, options, old, new, day);
    }
    let source = Source::find(cli)?;
    let loaded = source.load(cli)?;
    let language = locale::of(cli, &loaded.policy);
    let subject = subject_of(&source, &loaded);
    let text = match options.format {
        Layout::Json => format!("{:#}\n", json::report(&subject, day, language)),
        layout => lay_out(&content::document(&subject, day, language), layout),
    };
    write(output, &text, language)?;
    let expired = loaded.policy.expired_deviations(day).next().is_some();
    Ok(if expired { Answer::No } else { Answer::Yes })
}

fn compare(cli: &Cli, options: &Report, old: &Path, new: &Path, day: Date) -> Outcome {
    let words = locale::without_policy(cli);
    let (old, new) = (Source::read(old, words)?, Source::read(new, words)?);
    let (old_loaded, new_loaded) = (old.load(cli)?, new.load(cli)?);
    let language = locale::of(cli, &new_loaded.policy);
    let (old, new) = (subject_of(&old, &old_loaded), subject_of(&new, &new_loaded));
    let text = match options.format {
        Layout::Json => format!("{:#}\n", diff::json(&old, &new, day, language)),
        layout => lay_out(&diff::document(&old, &new, day, language), layout),
    };
    write(options.output.as_deref(), &text, language)?;
    Ok(if diff::is_empty(&old, &new) {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn subject_of<'p>(source: &'p Source, loaded: &'p Loaded) -> Subject<'p> {
    Subject {
        name: source.name.clone(),
        text: &source.text,
        policy: &loaded.policy,
    }
}

/// The document in one layout; JSON is made elsewhere.
pub(crate) fn lay_out(document: &Document, layout: Layout) -> String {
    match layout {
        Layout::Markdown => plain::markdown(document),
        Layout::Html => page::page(document),
        Layout::Text | Layout::Json => plain::text(document),
    }
}

/// Text as HTML and XML show it: nothing of it becomes markup.
pub(crate) fn escape(text: &str) -> String {
    page::escape(text)
}

/// Writes to the file named, or to standard output.
pub(crate) fn write(output: Option<&Path>, text: &str, language: Language) -> Result<(), Failure> {
    let Some(file) = output else {
        rules::print(text);
        return Ok(());
    };
    std::fs::write(file, text).map_err(|error| {
        let ((fr, en), name) = (io_reason(&error), file.display());
        Failure::new(match language {
            Language::Fr => format!("rempart : {name} n’est pas écrit : {fr}\n  à faire : nommez un fichier où écrire est permis"),
            Language::En => format!("rempart: {name} not written: {en}\n  fix: name a file that may be written"),
        })
    })
}

/// The French help of this command.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("report", "") => "Dit où en est la politique, exigence par exigence",
        ("report", "format") => "Forme du rapport",
        ("report", "output") => "Le fichier où écrire ; sinon la sortie standard",
        ("report", "day") => "Le jour dont parle le rapport, AAAA-MM-JJ ; sinon aujourd’hui",
        ("report", "schema") => "Écrit plutôt le schéma JSON du JSON",
        ("report", "diff") => "Dit plutôt ce qui change d’une politique à l’autre",
        _ => return None,
    })
}
