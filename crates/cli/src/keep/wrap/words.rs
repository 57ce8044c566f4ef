//! What a wrap says: what became of the table, or why it could not be wrapped.

use policy::Language;

use super::part::{self, PartError};
use super::row::{Counts, Why};
use crate::Failure;
use crate::keep::args::Wrap;
use crate::locale::pick;
use crate::source::io_reason;

pub(super) fn no_column(wanted: &str, options: &Wrap, language: Language) -> Failure {
    let name = options.input.display();
    Failure::told(
        &match language {
            Language::Fr => format!(
                "{name} n’a pas de colonne « {wanted} »\n  à faire : donnez à --column un nom de la première ligne, ou un numéro à partir de 1"
            ),
            Language::En => format!(
                "{name} has no column \"{wanted}\"\n  fix: give --column a name of the first line, or a number from 1"
            ),
        },
        language,
    )
}

pub(super) fn summary(
    options: &Wrap,
    counts: &Counts,
    resumed: bool,
    language: Language,
) -> String {
    let name = options.output.display();
    let mut text = match language {
        Language::Fr => format!("{name} est écrit.\n"),
        Language::En => format!("{name} is written.\n"),
    };
    if resumed {
        text += pick(
            language,
            "Une exécution interrompue a été reprise.\n",
            "An interrupted run went on.\n",
        );
    }
    let mut line = |count: u64, fr: &str, en: &str| {
        text += &format!("  {count} {}\n", pick(language, fr, en));
    };
    line(
        counts.total_wrapped(),
        "enveloppées d’Argon2",
        "wrapped in Argon2",
    );
    for ([fr, en], count) in &counts.wrapped {
        line(*count, &format!("  – {fr}"), &format!("  – {en}"));
    }
    line(counts.strong, "déjà en Argon2", "in Argon2 already");
    line(counts.empty, "vides", "empty");
    for lines in counts.unreadable.values() {
        let shown: Vec<String> = lines.first.iter().map(u64::to_string).collect();
        let more = match lines.count > lines.first.len() as u64 {
            true => ", …",
            false => "",
        };
        let list = shown.join(", ") + more;
        line(
            lines.count,
            &format!(
                "laissées telles quelles, lignes {list} : {}",
                lines.why.message(Language::Fr)
            ),
            &format!(
                "left as they were, lines {list}: {}",
                lines.why.message(Language::En)
            ),
        );
    }
    let no_hash = |why: &Why| matches!(why, Why::Hash(_));
    if options.column.is_none() && counts.unreadable.values().any(|lines| no_hash(&lines.why)) {
        text += pick(
            language,
            "Si le fichier a des colonnes, nommez celle des empreintes : --column NOM\n",
            "If the file has columns, name that of the hashes: --column NAME\n",
        );
    }
    text
}

/// A failure with the file that it is about.
pub(super) fn told(error: &PartError, options: &Wrap, language: Language) -> Failure {
    let part = part::beside(&options.output);
    let (input, output, part) = (
        options.input.display(),
        options.output.display(),
        part.display(),
    );
    let text = match (error, language) {
        (PartError::Input(error), _) => {
            let (fr, en) = io_reason(error);
            match language {
                Language::Fr => format!("table illisible : {input} : {fr}"),
                Language::En => format!("cannot read the table: {input}: {en}"),
            }
        }
        (PartError::Output(error), _) => {
            let (fr, en) = io_reason(error);
            match language {
                Language::Fr => format!(
                    "{part} n’est pas écrit : {fr}\n  à faire : corrigez la cause et relancez la même commande, qui reprendra"
                ),
                Language::En => format!(
                    "{part} not written: {en}\n  fix: mend the cause and run the same command again, which goes on"
                ),
            }
        }
        (PartError::Exists, Language::Fr) => format!(
            "{output} existe déjà\n  à faire : nommez un autre fichier, ou retirez celui-ci"
        ),
        (PartError::Exists, Language::En) => {
            format!("{output} exists already\n  fix: name another file, or remove this one")
        }
        (PartError::Busy, Language::Fr) => format!(
            "une autre exécution écrit {part}\n  à faire : attendez-la, ou nommez un autre fichier"
        ),
        (PartError::Busy, Language::En) => {
            format!("another run is writing {part}\n  fix: wait for it, or name another file")
        }
        (PartError::Changed, Language::Fr) => format!(
            "{input} a changé depuis le début de {part} : une empreinte d’avant pourrait y être\n  à faire : retirez {part} pour recommencer"
        ),
        (PartError::Changed, Language::En) => format!(
            "{input} has changed since {part} was begun: it may hold a hash from before\n  fix: remove {part} to start again"
        ),
        (PartError::Other { line }, Language::Fr) => format!(
            "{part} vient d’une autre table, ou celle-ci a changé (ligne {line})\n  à faire : retirez {part} pour recommencer"
        ),
        (PartError::Other { line }, Language::En) => format!(
            "{part} comes from another table, or this one has changed (line {line})\n  fix: remove {part} to start again"
        ),
    };
    Failure::told(&text, language)
}
