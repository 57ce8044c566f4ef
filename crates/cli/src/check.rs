//! `check`: one password, or one per line.
//!
//! What was typed is never written back, neither in a verdict nor in an error.

use std::io::{self, BufReader, BufWriter, Write};

use password::{Assessment, Context, Judge};
use policy::Language;
use serde_json::json;

use crate::args::{Check, Cli, Format};
use crate::locale::pick;
use crate::secret::{self, Lines};
use crate::{Answer, Failure, Outcome, rules, source};

/// Accepted or not is the answer: exit code 0 or 1. In a batch, 0 if every line is accepted.
pub(crate) fn run(cli: &Cli, options: &Check) -> Outcome {
    let (judge, _, language) = source::judge(cli, &["password", "preset"])?;
    let context = Context::new(options.context.iter().map(String::as_str));
    if options.batch {
        return batch(&judge, &context, language);
    }
    let assessment = judge.read_and_assess(secret::ask(language)?, &context);
    match options.format {
        Format::Json => rules::print(&format!("{}\n", assessment.to_json(language))),
        Format::Text => rules::print(&text(&assessment, language)),
    }
    Ok(answer(&assessment))
}

fn batch(judge: &Judge, context: &Context, language: Language) -> Outcome {
    let failed = |error: io::Error| {
        Failure::new(match language {
            Language::Fr => format!("rempart : lecture ou écriture interrompue : {error}"),
            Language::En => format!("rempart: reading or writing stopped: {error}"),
        })
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let mut all = Answer::Yes;
    for (index, line) in Lines::new(BufReader::new(io::stdin().lock())).enumerate() {
        let assessment = judge.read_and_assess(line.map_err(failed)?, context);
        if answer(&assessment) == Answer::No {
            all = Answer::No;
        }
        let mut object = json!({ "line": index + 1 });
        if let (Some(object), serde_json::Value::Object(verdict)) =
            (object.as_object_mut(), assessment.to_json(language))
        {
            object.extend(verdict);
        }
        writeln!(output, "{object}").map_err(failed)?;
    }
    output.flush().map_err(failed)?;
    Ok(all)
}

fn answer(assessment: &Assessment) -> Answer {
    if assessment.accepted() {
        Answer::Yes
    } else {
        Answer::No
    }
}

/// The verdict for people: each reason with its clause and what to do.
pub(crate) fn text(assessment: &Assessment, language: Language) -> String {
    let verdict = match assessment.accepted() {
        true => pick(language, "accepté", "accepted"),
        false => pick(language, "refusé", "refused"),
    };
    let summary = match language {
        Language::Fr => format!(
            "{verdict} : cas {}, politique de {} bits, environ 10^{:.1} essais pour le deviner",
            assessment.case().name(),
            assessment.bits(),
            assessment.guesses_log10()
        ),
        Language::En => format!(
            "{verdict}: case {}, policy of {} bits, about 10^{:.1} guesses to find it",
            assessment.case().name(),
            assessment.bits(),
            assessment.guesses_log10()
        ),
    };
    summary + "\n" + &reasons(assessment, language)
}

/// Each reason of a refusal, with its clause and what to do.
pub(crate) fn reasons(assessment: &Assessment, language: Language) -> String {
    let advice = pick(language, "à faire : ", "fix: ");
    let clause = pick(language, "clause : ", "clause: ");
    assessment
        .findings()
        .iter()
        .map(|finding| {
            format!(
                "  {} [{}]\n    {clause}{}\n    {advice}{}\n",
                finding.message(language),
                finding.code(),
                finding.clause().reference(language),
                finding.advice(language),
            )
        })
        .collect()
}
