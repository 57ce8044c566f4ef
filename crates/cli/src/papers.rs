//! `completions` and `man`.

use std::path::Path;

use clap_complete::Shell;
use policy::Language;

use crate::source::io_reason;
use crate::{Answer, Failure, Outcome, args, locale, rules};

/// The completion script of a shell, to standard output.
pub(crate) fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut args::command(locale::before_parsing()),
        "rempart",
        &mut script,
    );
    rules::print(&String::from_utf8_lossy(&script));
    Ok(Answer::Yes)
}

/// The main manual page to standard output, or every page to a folder.
pub(crate) fn man(directory: Option<&Path>) -> Outcome {
    let language = locale::before_parsing();
    let command = args::command(language);
    let failed = |error: std::io::Error| {
        let (fr, en) = io_reason(&error);
        Failure::new(match language {
            Language::Fr => format!("rempart : page de manuel non écrite : {fr}"),
            Language::En => format!("rempart: manual page not written: {en}"),
        })
    };
    match directory {
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(failed)?;
            clap_mangen::generate_to(command, directory).map_err(failed)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command)
                .render(&mut page)
                .map_err(failed)?;
            rules::print(&String::from_utf8_lossy(&page));
        }
    }
    Ok(Answer::Yes)
}
