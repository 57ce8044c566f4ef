//! `serve --check`: would the gate start, and what would it meet? Nothing is started.
//!
//! Every fault in one run, in the order in which a start would meet them; then, beside a gate that
//! serves this file, the keys that are written differently from what is in force, and what puts each
//! in force. Exit code 0: it would start. 1: it would not. 2: the question could not be asked, as
//! when there is no such file.

use std::path::Path;

use policy::{Change, Effect, Language, Policy, Text};
use proxy::{Finding, Options, State};
use serde_json::json;

use super::{in_force, ready, state_folder};
use crate::args::{Cli, Format, Serve};
use crate::locale::{self, pick};
use crate::process::{closed_folders, received};
use crate::source::Source;
use crate::{Answer, Failure, Outcome, rules};

/// Looks at everything, says everything.
pub(crate) fn run(cli: &Cli, options: &Serve) -> Outcome {
    let source = Source::find(cli)?;
    let loaded = match policy::load(&source.text) {
        Ok(loaded) => loaded,
        Err(report) => {
            let language = locale::without_policy(cli);
            match options.format {
                Format::Text => {
                    anstream::eprintln!("{}", source.render(&report, language).trim_end());
                    rules::print(&verdict(&source, false, language));
                }
                Format::Json => {
                    let faults = report.to_json(&source.name, &source.text, language);
                    print_json(&source, false, &[], None, faults, language);
                }
            }
            return Ok(Answer::No);
        }
    };
    let language = locale::of(cli, &loaded.policy);
    let warnings = loaded
        .warnings
        .to_json(&source.name, &source.text, language);
    let policy = match ready(&source, loaded, language) {
        Ok(policy) => policy,
        Err(Failure(text)) => {
            anstream::eprintln!("{}", text.trim_end());
            match options.format {
                Format::Text => rules::print(&verdict(&source, false, language)),
                Format::Json => print_json(&source, false, &[], None, warnings, language),
            }
            return Ok(Answer::No);
        }
    };
    let state = state_folder(options.state.clone(), language)?;
    let changes = changes(&source, &policy, &state);
    let gate_options = Options {
        base: source.base(),
        state,
        listeners: received(&policy, language)?,
        ..Options::default()
    };
    let runtime = super::runtime(language)?;
    let found = {
        // Sockets are made in its context; nothing runs on it.
        let _inside = runtime.enter();
        proxy::preflight(&policy, gate_options)
    };
    let starts = found.iter().all(|finding| finding.state != State::Fault);
    match options.format {
        Format::Text => {
            let mut text: String = found
                .iter()
                .map(|finding| line(finding, language))
                .collect();
            text += &told(changes.as_deref(), language);
            text += &verdict(&source, starts, language);
            rules::print(&text);
        }
        Format::Json => {
            print_json(
                &source,
                starts,
                &found,
                changes.as_deref(),
                warnings,
                language,
            );
        }
    }
    Ok(if starts { Answer::Yes } else { Answer::No })
}

/// One finding on one line: the state as a word, so that colour is not needed.
fn line(finding: &Finding, language: Language) -> String {
    let state = match finding.state {
        State::Good => pick(language, "bon  ", "good "),
        State::Note => pick(language, "note ", "note "),
        State::Fault => pick(language, "FAUTE", "FAULT"),
    };
    let colon = pick(language, " :", ":");
    let text = finding.text.in_language(language);
    format!("{state}  {}{colon} {text}\n", finding.subject)
}

/// What is written differently from what the gate in service has in force, and what puts it in
/// force; `None` when no gate serves this file.
fn changes(source: &Source, policy: &Policy, state: &Path) -> Option<Vec<(String, Effect)>> {
    let text = in_force::text(source, state)?;
    let old = policy::load(&text).ok()?.policy;
    let keys = policy::changes(&text, &source.text)?;
    let mut changes: Vec<_> = keys
        .into_iter()
        .map(|Change { key, effect, .. }| (key, effect))
        .collect();
    for folder in closed_folders(&old, policy, &source.base(), state) {
        changes.push((folder.display().to_string(), Effect::Replace));
    }
    Some(changes)
}

/// One line for each change.
fn told(changes: Option<&[(String, Effect)]>, language: Language) -> String {
    let word = pick(language, "diff.", "diff ");
    let colon = pick(language, " :", ":");
    match changes {
        None => String::new(),
        Some([]) => {
            let text = pick(
                language,
                "rien : la politique en vigueur est écrite de même",
                "nothing: the policy in force is written the same",
            );
            format!("{word}  {text}\n")
        }
        Some(changes) => changes
            .iter()
            .map(|(key, effect)| {
                let text = effect.text();
                format!("{word}  {key}{colon} {}\n", text.in_language(language))
            })
            .collect(),
    }
}

fn verdict(source: &Source, starts: bool, language: Language) -> String {
    let name = &source.name;
    let text = match starts {
        true => Text::new(
            format!("{name} : la porte démarrerait"),
            format!("{name}: the gate would start"),
        ),
        false => Text::new(
            format!("{name} : la porte ne démarrerait pas"),
            format!("{name}: the gate would not start"),
        ),
    };
    format!("{}\n", text.in_language(language))
}

fn print_json(
    source: &Source,
    starts: bool,
    found: &[Finding],
    changes: Option<&[(String, Effect)]>,
    faults: serde_json::Value,
    language: Language,
) {
    let found: Vec<_> = found
        .iter()
        .map(|finding| {
            json!({
                "state": match finding.state {
                    State::Good => "good",
                    State::Note => "note",
                    State::Fault => "fault",
                },
                "subject": finding.subject,
                "message": finding.text.in_language(language),
            })
        })
        .collect();
    let changes = changes.map(|changes| {
        let change = |(key, effect): &(String, Effect)| {
            json!({
                "key": key,
                "effect": effect.code(),
                "message": effect.text().in_language(language),
            })
        };
        changes.iter().map(change).collect::<Vec<_>>()
    });
    let document = json!({
        "file": source.name,
        "starts": starts,
        "faults": faults,
        "findings": found,
        "changes": changes,
    });
    rules::print(&format!("{document:#}\n"));
}
