//! `breach`: an index of leaked passwords, made, asked and described.
//!
//! What is asked comes from a hidden prompt or standard input and is never written back.

pub(crate) mod args;
mod bar;

use std::path::PathBuf;

use breach::build::{self, Built, Options};
use breach::{Digest, Index, IndexError, Kind};
use password::Password;
use policy::Language;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{Cli, Format};
use crate::locale::{self, pick};
use crate::source::Source;
use crate::{Answer, Failure, Outcome, rules, secret};
use args::{Breach, Build, Info, Query};
use bar::Bar;

/// Characters of the longest password that is asked about: the most that a policy may admit.
const LONGEST: usize = 4096;

/// One of the commands below `breach`.
pub(crate) fn run(cli: &Cli, command: &Breach) -> Outcome {
    match command {
        Breach::Build(options) => make(options, locale::without_policy(cli)),
        Breach::Query(options) => query(cli, options),
        Breach::Info(options) => info(options, locale::without_policy(cli)),
    }
}

fn make(arguments: &Build, language: Language) -> Outcome {
    let kind = match (arguments.kind, &arguments.update) {
        (Some(kind), _) => kind.into(),
        (None, Some(old)) => opened(Index::open(old), language)?.kind(),
        (None, None) => Kind::Sha1,
    };
    let options = Options {
        kind,
        plain: arguments.plain,
        least_count: arguments.least_count,
        false_hit_rate: arguments.false_hit_rate,
        memory: arguments.memory,
        update: arguments.update.clone(),
    };
    let mut bar = Bar::new(language);
    let built = build::build(
        &arguments.output,
        &arguments.inputs,
        &options,
        &mut |progress| bar.show(progress),
    );
    bar.clear();
    let built = built.map_err(|error| Failure::told(&error.message(language), language))?;
    anstream::eprint!("{}", summary(arguments, &built, language));
    Ok(Answer::Yes)
}

fn summary(arguments: &Build, built: &Built, language: Language) -> String {
    let name = arguments.output.display();
    let counts = &built.counts;
    let mut text = match language {
        Language::Fr => format!("{name} est écrit.\n"),
        Language::En => format!("{name} is written.\n"),
    };
    if built.resumed {
        text += pick(
            language,
            "Une construction interrompue a été reprise.\n",
            "An interrupted build went on.\n",
        );
    }
    text += &description(&built.index, language);
    for (count, fr, en) in [
        (Some(counts.lines), "lignes lues", "lines read"),
        (
            some(counts.rare),
            "laissées de côté, trop rares",
            "left out, too rare",
        ),
        (
            some(counts.padding),
            "laissées de côté, remplissage",
            "left out, padding",
        ),
        (
            some(counts.untypable),
            "laissées de côté, impossibles à saisir",
            "left out, impossible to type",
        ),
        (some(counts.bad), "fausses", "bad"),
        (
            some(built.missing_ranges),
            "plages absentes des dossiers : leurs mots de passe ne seront pas trouvés",
            "ranges missing from the folders: their passwords will not be found",
        ),
        (
            some(built.ignored_files),
            "fichiers des dossiers ignorés : leur nom n’est pas celui d’une plage",
            "files of the folders ignored: not named like a range",
        ),
    ] {
        if let Some(count) = count {
            let count = grouped(count, language);
            text += &format!("  {count} {}\n", pick(language, fr, en));
        }
    }
    for line in &built.bad {
        text += &format!("    {}\n", line.message(language));
    }
    text
}

fn query(cli: &Cli, options: &Query) -> Outcome {
    let (path, language) = match &options.index {
        Some(path) => (path.clone(), locale::without_policy(cli)),
        None => of_policy(cli)?,
    };
    let index = opened(Index::open(&path), language)?;
    if options.verify {
        opened(index.verify(), language)?;
    }
    let typed = secret::ask(language)?;
    let leaked = if options.hash {
        let typed = Zeroizing::new(typed);
        let digest = std::str::from_utf8(&typed)
            .ok()
            .and_then(|text| Digest::from_hex(text.trim()))
            .ok_or_else(|| no_hash(language))?;
        opened(index.look_up(&digest), language)?
    } else {
        // Read as the judge reads it, so that the two cannot disagree.
        Password::read(typed, LONGEST)
            .map_err(|error| {
                let (message, advice) = (error.message(language), error.advice(language));
                let fix = pick(language, "à faire : ", "fix: ");
                Failure::told(&format!("{message}\n  {fix}{advice}"), language)
            })?
            .is_in(&index)
    };
    rules::print(&match options.format {
        Format::Json => format!("{}\n", answer_json(&index, leaked)),
        Format::Text => answer(&index, leaked, language),
    });
    Ok(if leaked { Answer::No } else { Answer::Yes })
}

fn info(options: &Info, language: Language) -> Outcome {
    let index = opened(Index::open(&options.index), language)?;
    if options.verify {
        opened(index.verify(), language)?;
    }
    rules::print(&match options.format {
        Format::Json => format!("{}\n", description_json(&index)),
        Format::Text => description(&index, language),
    });
    Ok(Answer::Yes)
}

/// The index that the policy names, and the policy's language.
fn of_policy(cli: &Cli) -> Result<(PathBuf, Language), Failure> {
    let source = Source::find(cli)?;
    let policy = source.load(cli)?.policy;
    let language = locale::of(cli, &policy);
    match &policy.password().refuse.breached {
        Some(path) => Ok((source.base().join(path), language)),
        None => Err(Failure::told(
            pick(
                language,
                "aucun index à interroger\n  à faire : nommez-en un avec --index, ou par `breached` dans la table [password.refuse] de la politique",
                "no index to ask\n  fix: name one with --index, or with `breached` in the table [password.refuse] of the policy",
            ),
            language,
        )),
    }
}

fn answer(index: &Index, leaked: bool, language: Language) -> String {
    let rate = rate(index, language);
    match (leaked, language) {
        (true, Language::Fr) => format!(
            "divulgué : ce mot de passe figure parmi ceux qui ont fuité (taux de fausses alertes : {rate})\n  à faire : choisissez-en un autre, et changez-le partout où il sert\n"
        ),
        (true, Language::En) => format!(
            "leaked: this password is among those that leaked (rate of false hits: {rate})\n  fix: choose another one, and change it wherever it is used\n"
        ),
        (false, Language::Fr) => {
            "absent : ce mot de passe ne figure pas dans l’index ; cela ne dit pas qu’il est bon\n"
                .into()
        }
        (false, Language::En) => {
            "not found: this password is not in the index; that does not make it a good one\n"
                .into()
        }
    }
}

fn answer_json(index: &Index, leaked: bool) -> serde_json::Value {
    json!({ "leaked": leaked, "index": description_json(index) })
}

fn description(index: &Index, language: Language) -> String {
    let entries = grouped(index.entries(), language);
    let length = grouped(index.length(), language);
    let (kind, bits, rate) = (index.kind(), index.bits(), rate(index, language));
    let mut text = match language {
        Language::Fr => format!(
            "  {entries} mots de passe divulgués, par {bits} bits de leur empreinte {kind}\n  {length} octets\n  taux de fausses alertes : {rate}\n"
        ),
        Language::En => format!(
            "  {entries} leaked passwords, by {bits} bits of their {kind} hash\n  {length} bytes\n  rate of false hits: {rate}\n"
        ),
    };
    if index.least_count() > 1 {
        let count = grouped(index.least_count(), language);
        text += &match language {
            Language::Fr => format!("  ceux vus moins de {count} fois n’y sont pas tous\n"),
            Language::En => format!("  those seen fewer than {count} times are not all in it\n"),
        };
    }
    text
}

fn description_json(index: &Index) -> serde_json::Value {
    json!({
        "kind": match index.kind() {
            Kind::Sha1 => "sha1",
            Kind::Ntlm => "ntlm",
        },
        "entries": index.entries(),
        "bits": index.bits(),
        "bytes": index.length(),
        "false_hit_rate": index.false_hit_rate(),
        "least_count": index.least_count(),
    })
}

/// The rate of false hits as one in so many.
fn rate(index: &Index, language: Language) -> String {
    if index.entries() == 0 {
        return pick(language, "nul", "none").to_owned();
    }
    // Rounded down, so that the rate is not promised lower than it is.
    let many = (1.0 / index.false_hit_rate()).floor() as u64;
    let many = grouped(many, language);
    match language {
        Language::Fr => format!("1 sur {many}"),
        Language::En => format!("1 in {many}"),
    }
}

/// A number with its thousands apart.
fn grouped(number: u64, language: Language) -> String {
    let separator = pick(language, "\u{202f}", ",");
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text += separator;
        }
        text.push(digit);
    }
    text
}

fn some(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

fn opened<T>(result: Result<T, IndexError>, language: Language) -> Result<T, Failure> {
    result.map_err(|error| Failure::told(&error.message(language), language))
}

fn no_hash(language: Language) -> Failure {
    Failure::told(
        pick(
            language,
            "ce n’est pas une empreinte\n  à faire : donnez les 40 chiffres hexadécimaux d’un SHA-1, ou les 32 d’une empreinte NTLM",
            "this is not a hash\n  fix: give the 40 hexadecimal digits of a SHA-1, or the 32 of an NTLM hash",
        ),
        language,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, fr, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1\u{202f}000", "1,000"),
            (1_234_567, "1\u{202f}234\u{202f}567", "1,234,567"),
        ] {
            assert_eq!(grouped(number, Language::Fr), fr);
            assert_eq!(grouped(number, Language::En), en);
        }
    }
}
