//! `init`, `lint`, `schema`: the policy file itself.

use std::io::Write;

use policy::{Language, Loaded, Policy};
use serde_json::json;

use crate::args::{Cli, Format, Init, Lint};
use crate::locale;
use crate::source::{Source, io_reason};
use crate::{Answer, Failure, Outcome};

/// Writes the commented reference, or a short policy for one site. Never over a file.
pub(crate) fn init(cli: &Cli, options: &Init) -> Outcome {
    let language = locale::without_policy(cli);
    let text = match (&options.host, &options.upstream) {
        (Some(host), Some(upstream)) => {
            policy::template(policy::Preset::Cnil, &[(host, upstream)], language)
        }
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

/// Every fault of a policy. Conforming or not is the answer: exit code 0 or 1. A deviation
/// past its day no longer excuses anything.
pub(crate) fn lint(cli: &Cli, options: &Lint) -> Outcome {
    let language = locale::without_policy(cli);
    let source = match &options.file {
        Some(file) => Source::read(file, language)?,
        None => Source::find(cli)?,
    };
    let (report, loaded, language) = match policy::load(&source.text) {
        Err(report) => (report, None, language),
        Ok(loaded) => {
            let language = locale::of(cli, &loaded.policy);
            (loaded.warnings.clone(), Some(loaded), language)
        }
    };
    let expired = loaded
        .as_ref()
        .is_some_and(|loaded| has_expired(&loaded.policy));
    let conforms = loaded.is_some() && !expired;
    match options.format {
        Format::Json => print(&format!(
            "{:#}\n",
            json!({
                "file": source.name,
                "conforms": conforms,
                "faults": report.to_json(&source.name, &source.text, language),
                "pending": loaded.as_ref().map(|loaded| pending(loaded, language)),
                "deviations": loaded.as_ref().map(|loaded| deviations(&loaded.policy)),
            })
        )),
        Format::Text => {
            if !report.is_empty() {
                anstream::eprintln!("{}", source.render(&report, language).trim_end());
            }
            if let Some(loaded) = &loaded {
                print(&summary(&source, loaded, language));
            }
        }
    }
    Ok(if conforms { Answer::Yes } else { Answer::No })
}

/// Whether a deviation is past the last day on which it counts.
pub(crate) fn has_expired(policy: &Policy) -> bool {
    policy.expired_deviations(today()).next().is_some()
}

fn today() -> jiff::civil::Date {
    jiff::tz::Offset::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
}

fn pending(loaded: &Loaded, language: Language) -> Vec<serde_json::Value> {
    loaded
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
        .collect()
}

fn deviations(policy: &Policy) -> Vec<serde_json::Value> {
    policy
        .deviations()
        .iter()
        .map(|deviation| {
            json!({
                "clause": deviation.clause.id,
                "reason": deviation.reason,
                "until": deviation.until.map(|until| until.to_string()),
                "expired": deviation.until.is_some_and(|until| until < today()),
            })
        })
        .collect()
}

/// What a policy without fault still leaves to be known: keys to come, deviations, verdict.
fn summary(source: &Source, loaded: &Loaded, language: Language) -> String {
    let name = &source.name;
    let mut text = String::new();
    for pending in &loaded.pending {
        let message = pending.message.in_language(language);
        text += &format!("{name}:{}:{}: {message}\n", pending.line, pending.column);
    }
    let mut expired = 0;
    let deviations = loaded.policy.deviations();
    for deviation in deviations {
        let clause = deviation.clause.reference(language);
        let until = match (deviation.until, language) {
            (None, _) => String::new(),
            (Some(until), _) if until < today() => {
                expired += 1;
                match language {
                    Language::Fr => format!(" (jusqu’au {until} : EXPIRÉ)"),
                    Language::En => format!(" (until {until}: EXPIRED)"),
                }
            }
            (Some(until), Language::Fr) => format!(" (jusqu’au {until})"),
            (Some(until), Language::En) => format!(" (until {until})"),
        };
        let id = deviation.clause.id;
        text += &match language {
            Language::Fr => format!(
                "{name}: écart à {clause} [{id}]{until} : {}\n",
                deviation.reason
            ),
            Language::En => format!(
                "{name}: deviates from {clause} [{id}]{until}: {}\n",
                deviation.reason
            ),
        };
    }
    let verdict = match (language, deviations.len(), expired) {
        (Language::Fr, 0, _) => "politique conforme".to_owned(),
        (Language::En, 0, _) => "the policy conforms".to_owned(),
        (Language::Fr, count, 0) => {
            format!("politique conforme, avec {count} écart(s) expliqué(s)")
        }
        (Language::En, count, 0) => {
            format!("the policy conforms, with {count} explained deviation(s)")
        }
        (Language::Fr, _, expired) => format!(
            "politique NON conforme : {expired} écart(s) expiré(s)\n  à faire : mettez le réglage en conformité, ou expliquez un nouveau délai"
        ),
        (Language::En, _, expired) => format!(
            "the policy does NOT conform: {expired} deviation(s) expired\n  fix: bring the setting into line, or explain a new date"
        ),
    };
    text + &format!("{name}: {verdict}\n")
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
