//! `serve --check`: would the gate start, and what would it meet? Nothing is started.
//!
//! Every fault in one run, in the order in which a start would meet them. Exit code 0: it would
//! start. 1: it would not. 2: the question could not be asked, as when there is no such file.

use policy::{Language, Text};
use proxy::{Finding, Options, State};
use serde_json::json;

use super::{ready, state_folder};
use crate::args::{Cli, Format, Serve};
use crate::locale::{self, pick};
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
                    print_json(&source, false, &[], faults, language);
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
                Format::Json => print_json(&source, false, &[], warnings, language),
            }
            return Ok(Answer::No);
        }
    };
    let gate_options = Options {
        base: source.base(),
        state: state_folder(options.state.clone(), language)?,
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
            text += &verdict(&source, starts, language);
            rules::print(&text);
        }
        Format::Json => print_json(&source, starts, &found, warnings, language),
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
    let document = json!({
        "file": source.name,
        "starts": starts,
        "faults": faults,
        "findings": found,
    });
    rules::print(&format!("{document:#}\n"));
}
