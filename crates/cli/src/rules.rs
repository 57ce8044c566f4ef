//! `init`, `lint`, `schema`: the policy file itself.

use std::io::Write;

use policy::{Language, Report};
use serde_json::json;

use crate::args::{Cli, Format, Init, Lint};
use crate::locale::{self, pick};
use crate::source::{Source, io_reason};
use crate::{Answer, Failure, Outcome};

/// Writes the commented reference, or a short policy for one site. Never over a file.
pub(crate) fn init(cli: &Cli, options: &Init) -> Outcome {
    let language = locale::without_policy(cli);
    let text = match (&options.host, &options.upstream) {
        (Some(host), Some(upstream)) => policy::template(&[(host, upstream)], language),
        _ => policy::reference_text().to_owned(),
    };
    // The names come from the command line: what would not load is not written.
    if let Err(report) = policy::load(&text) {
        return Err(Failure::new(report.render(
            "--host, --upstream",
            &text,
            language,
            false,
        )));
    }
    let output = options.output.as_path();
    if output.as_os_str() == "-" {
        print(&text);
        return Ok(Answer::Yes);
    }
    let written =
        std::fs::File::create_new(output).and_then(|mut file| file.write_all(text.as_bytes()));
    let name = output.display();
    if let Err(error) = written {
        let (fr, en) = io_reason(&error);
        return Err(Failure::new(match language {
            Language::Fr => format!(
                "rempart : {name} n’est pas écrit : {fr}\n  à faire : nommez un autre fichier, ou - pour la sortie standard"
            ),
            Language::En => format!(
                "rempart: {name} not written: {en}\n  fix: name another file, or - for standard output"
            ),
        }));
    }
    anstream::eprintln!(
        "{}",
        match language {
            Language::Fr =>
                format!("{name} est écrit. Ensuite : `rempart lint {name}`, puis `rempart serve`."),
            Language::En =>
                format!("{name} is written. Next: `rempart lint {name}`, then `rempart serve`."),
        }
    );
    Ok(Answer::Yes)
}

/// Every fault of a policy. Conforming or not is the answer: exit code 0 or 1.
pub(crate) fn lint(cli: &Cli, options: &Lint) -> Outcome {
    let language = locale::without_policy(cli);
    let source = match &options.file {
        Some(file) => Source::read(file, language)?,
        None => Source::find(cli)?,
    };
    match policy::load(&source.text) {
        Err(report) => {
            show(
                &source,
                &report,
                &json!([]),
                options.format,
                language,
                false,
            );
            Ok(Answer::No)
        }
        Ok(loaded) => {
            let language = locale::of(cli, &loaded.policy);
            let pending: Vec<_> = loaded
                .pending
                .iter()
                .map(|pending| {
                    json!({
                        "key": pending.key,
                        "line": pending.line,
                        "column": pending.column,
                        "message": pending.message.in_language(language),
                    })
                })
                .collect();
            show(
                &source,
                &loaded.warnings,
                &json!(pending),
                options.format,
                language,
                true,
            );
            if options.format == Format::Text {
                for pending in &loaded.pending {
                    let message = pending.message.in_language(language);
                    anstream::eprintln!(
                        "{}:{}:{}: {message}",
                        source.name,
                        pending.line,
                        pending.column
                    );
                }
                let verdict = pick(language, "politique conforme", "the policy conforms");
                anstream::println!("{}: {verdict}", source.name);
            }
            Ok(Answer::Yes)
        }
    }
}

fn show(
    source: &Source,
    report: &Report,
    pending: &serde_json::Value,
    format: Format,
    language: Language,
    conforms: bool,
) {
    match format {
        Format::Json => print(&format!(
            "{:#}\n",
            json!({
                "file": source.name,
                "conforms": conforms,
                "faults": report.to_json(&source.name, &source.text, language),
                "pending": pending,
            })
        )),
        Format::Text if report.is_empty() => {}
        Format::Text => anstream::eprintln!("{}", source.render(report, language).trim_end()),
    }
}

/// The JSON Schema of the policy file.
pub(crate) fn schema() -> Outcome {
    print(&format!("{:#}\n", policy::schema()));
    Ok(Answer::Yes)
}

/// Writes to standard output; a reader that went away is not an error of ours.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
