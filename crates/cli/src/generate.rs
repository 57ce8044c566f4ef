//! `generate`: passwords and passphrases that satisfy the policy, from the system's
//! randomness.

use std::io::{self, Write};
use std::path::Path;

use password::generate::{Generator, Kind, Wishes, WordList};
use policy::Language;

use crate::args::{Cli, Format, Generate};
use crate::{Answer, Failure, Outcome, source};

/// Passwords to standard output, one per line; their entropy to standard error. In JSON, one
/// object per line: `{"password", "bits", "form"}`, bits rounded down to two decimals and the
/// form counted from 1, as `--form` takes it.
pub(crate) fn run(cli: &Cli, options: &Generate) -> Outcome {
    let (source, policy, language) = source::open(cli)?;

    let failed = |error: password::generate::GenerateError| {
        Failure::told(&error.message(language), language)
    };
    let wishes = wishes(options, language)?.base(&source.base());
    let generator = Generator::new(policy.password(), &wishes).map_err(failed)?;
    for _ in 0..options.count {
        let generated = generator.generate().map_err(failed)?;
        print(&generated.into_text(), &generator, options.format);
    }
    if options.format == Format::Text {
        anstream::eprintln!("{}", summary(&generator, language));
    }
    Ok(Answer::Yes)
}

/// One line; a reader that went away is not an error of ours. The password goes straight to
/// the output, so that no copy of it is left behind unwiped.
fn print(password: &str, generator: &Generator, format: Format) {
    let mut output = io::stdout().lock();
    let _ = match format {
        Format::Text => writeln!(output, "{password}"),
        Format::Json => write!(output, "{{\"password\":")
            .and_then(|()| Ok(serde_json::to_writer(&mut output, password)?))
            .and_then(|()| {
                let bits = (generator.bits().get() * 100.0).floor() / 100.0;
                let form = generator.form() + 1;
                writeln!(output, ",\"bits\":{bits},\"form\":{form}}}")
            }),
    };
}

/// What the options ask for.
fn wishes(options: &Generate, language: Language) -> Result<Wishes, Failure> {
    let mut wishes = Wishes::new(language).capitalize(options.capitalize);
    if let Some(form) = options.form {
        wishes = wishes.form(form as usize - 1);
    }
    if let Some(length) = options.length {
        wishes = wishes.length(length as usize);
    }
    if let Some(words) = options.words {
        wishes = wishes.words(words as usize);
    }
    if let Some(separator) = &options.separator {
        wishes = wishes.separator(separator);
    }
    Ok(
        match options.list.as_deref().map(|list| (list, list.to_str())) {
            None => wishes,
            Some((_, Some("fr"))) => wishes.list(WordList::built_in(Language::Fr)),
            Some((_, Some("en"))) => wishes.list(WordList::built_in(Language::En)),
            Some((file, _)) => {
                let list = WordList::read(Path::new(file))
                    .map_err(|error| Failure::told(&error.message(language), language))?;
                wishes.list(list)
            }
        },
    )
}

/// The entropy, and where it comes from.
fn summary(generator: &Generator, language: Language) -> String {
    let (bits, size, choices) = (generator.bits(), generator.size(), generator.choices());
    match (generator.kind(), language) {
        (Kind::Characters, Language::Fr) => {
            format!(
                "tiré au hasard : {bits} bits d’entropie chacun ({size} signes parmi {choices})"
            )
        }
        (Kind::Characters, Language::En) => {
            format!("drawn at random: {bits} bits of entropy each ({size} signs out of {choices})")
        }
        (Kind::Words, Language::Fr) => {
            format!("tiré au hasard : {bits} bits d’entropie chacun ({size} mots parmi {choices})")
        }
        (Kind::Words, Language::En) => {
            format!("drawn at random: {bits} bits of entropy each ({size} words out of {choices})")
        }
    }
}
