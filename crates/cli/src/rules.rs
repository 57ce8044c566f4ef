//! `init`, `schema`: a policy file to start from, and what it may say.

use std::io::Write;

use policy::{Language, Preset};

use crate::args::{Cli, Init};
use crate::locale;
use crate::source::io_reason;
use crate::{Answer, Failure, Outcome};

/// Writes the commented reference, or a short policy for one site or of one preset. Never
/// over a file.
pub(crate) fn init(cli: &Cli, options: &Init) -> Outcome {
    let language = locale::without_policy(cli);
    let preset = options.preset.map(Preset::from);
    let text = match (&options.host, &options.upstream, preset) {
        (Some(host), Some(upstream), preset) => policy::template(
            preset.unwrap_or(Preset::Cnil),
            &[(host, upstream)],
            language,
        ),
        (_, _, Some(preset)) => policy::template(preset, &[], language),
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

/// The JSON Schema of the policy file.
pub(crate) fn schema() -> Outcome {
    print(&format!("{:#}\n", policy::schema()));
    Ok(Answer::Yes)
}

/// Writes to standard output; a reader that went away is not an error of ours.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
