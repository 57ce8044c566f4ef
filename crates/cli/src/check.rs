//! `check`: one password, or one per line.
//!
//! What was typed is never written back, neither in a verdict nor in an error.

use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::time::Instant;

use password::{Assessment, Context, Judge};
use policy::{Language, Text};
use serde_json::json;

use crate::args::{Check, Cli, Format};
use crate::locale::pick;
use crate::secret::{self, Lines};
use crate::{Answer, Failure, Outcome, rules, source};

/// Accepted or not is the answer: exit code 0 or 1. In a batch, 0 if every line is accepted.
pub(crate) fn run(cli: &Cli, options: &Check) -> Outcome {
    let (judge, _, language) = source::judge(cli)?;
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
        let said = Text::of_system(&error);
        let error = said.in_language(language);
        Failure::new(match language {
            Language::Fr => format!("rempart : lecture ou écriture interrompue : {error}"),
            Language::En => format!("rempart: reading or writing stopped: {error}"),
        })
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let mut all = Answer::Yes;
    let mut count = Count::new(language);
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
        count.show(index + 1);
    }
    count.clear();
    output.flush().map_err(failed)?;
    Ok(all)
}

/// How many were judged, on a terminal that the verdicts do not go to.
struct Count {
    language: Language,
    terminal: bool,
    begun: Instant,
    drawn: Instant,
}

impl Count {
    fn new(language: Language) -> Self {
        let now = Instant::now();
        Self {
            language,
            terminal: io::stderr().is_terminal() && !io::stdout().is_terminal(),
            begun: now,
            drawn: now,
        }
    }

    fn show(&mut self, judged: usize) {
        // The clock is read for some lines only: it costs as much as a short judgement.
        if !self.terminal || !judged.is_multiple_of(64) || self.drawn.elapsed().as_millis() < 200 {
            return;
        }
        self.drawn = Instant::now();
        let each_second = judged as f64 / self.begun.elapsed().as_secs_f64();
        let words = pick(self.language, "jugés, par seconde :", "judged, per second:");
        anstream::eprint!("\r{judged} {words} {each_second:.0}\x1b[K");
    }

    /// Removes the line.
    fn clear(&self) {
        if self.terminal && self.drawn != self.begun {
            anstream::eprint!("\r\x1b[K");
        }
    }
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
