//! `explain`: what a code of a refusal, a fault of a policy, or a clause means.

use policy::{Language, clause};

use crate::args::Cli;
use crate::{Answer, Failure, Outcome, locale, rules, source};

/// Looks the subject up among the codes of refusals, then of faults, then the clauses.
pub(crate) fn run(cli: &Cli, subject: &str) -> Outcome {
    // A broken policy must not keep anyone from reading what is wrong with it.
    let language =
        source::open(cli).map_or_else(|_| locale::without_policy(cli), |(_, _, language)| language);
    let subject = subject.trim().to_lowercase();
    let text = password::explain(&subject, language)
        .or_else(|| policy::explain_fault(&subject, language))
        .or_else(|| clause::find(&subject).map(|clause| clause.explain(language)));
    match text {
        Some(text) => {
            rules::print(&format!("{}\n", text.trim_end()));
            Ok(Answer::Yes)
        }
        None => Err(unknown(&subject, language)),
    }
}

fn unknown(subject: &str, language: Language) -> Failure {
    // Far longer than any name, and a distance costs the product of the lengths.
    let subject: String = subject.chars().take(100).collect();
    let subject = subject.as_str();
    let names = password::all_codes()
        .iter()
        .copied()
        .chain(policy::fault_codes().iter().copied())
        .chain(clause::register().iter().map(|clause| clause.id));
    let nearest = names
        .map(|name| (strsim::damerau_levenshtein(name, subject), name))
        .min()
        .filter(|&(distance, name)| distance <= name.len() / 2)
        .map(|(_, name)| name);
    let shown: String = subject
        .chars()
        .take(60)
        .filter(|letter| !letter.is_control())
        .collect();
    Failure::new(match (language, nearest) {
        (Language::Fr, Some(name)) => {
            format!(
                "rempart : ni code ni clause « {shown} »\n  à faire : vouliez-vous dire « {name} » ?"
            )
        }
        (Language::En, Some(name)) => {
            format!("rempart: no code and no clause `{shown}`\n  fix: did you mean `{name}`?")
        }
        (Language::Fr, None) => {
            format!(
                "rempart : ni code ni clause « {shown} »\n  à faire : docs/RULES.md donne la liste des clauses"
            )
        }
        (Language::En, None) => {
            format!(
                "rempart: no code and no clause `{shown}`\n  fix: docs/RULES.md lists the clauses"
            )
        }
    })
}
