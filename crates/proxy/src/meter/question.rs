//! What the script asks, and what it is told.
//!
//! A question is lines of UTF-8: the password, then words that it may not be built on. Lines,
//! since they are read where they lie: what is typed is copied once, into memory that the judge
//! wipes. A verdict has nothing of it.

use password::{Assessment, Context, Finding};
use policy::{Language, PasswordPolicy, Text};
use serde_json::{Value, json};

/// Most lines of words; a form has fewer fields.
const WORDS: usize = 32;

/// A question, as read.
pub(crate) struct Question {
    /// The bytes of the password, for whoever wipes them.
    pub(crate) password: Vec<u8>,
    pub(crate) context: Context,
}

impl Question {
    /// Reads one; `hosts` are words too. `None` for anything that the script does not write.
    pub(crate) fn read(bytes: &[u8], hosts: &[String]) -> Option<Self> {
        let mut lines = bytes.split(|&byte| byte == b'\n');
        let typed = lines.next()?;
        // Blanks around it do not count, as when the form is sent.
        let typed = std::str::from_utf8(typed).map_or(typed, |text| text.trim().as_bytes());
        let password = typed.to_vec();
        let words: Vec<&[u8]> = lines.collect();
        if words.len() > WORDS {
            return None;
        }
        let words = words.into_iter().map(std::str::from_utf8);
        let words: Vec<&str> = words.collect::<Result<_, _>>().ok()?;
        let hosts = hosts.iter().map(String::as_str);
        Some(Self {
            password,
            context: Context::new(words.into_iter().chain(hosts)),
        })
    }
}

/// What the script shows. `None` for an assessment when nothing is typed yet: the rules are told.
pub(crate) fn verdict(
    assessment: Option<&Assessment>,
    forms: &Text,
    policy: &PasswordPolicy,
    language: Language,
) -> Value {
    let accepted = assessment.is_some_and(Assessment::accepted);
    let asks = policy.refuse.online.is_some();
    let summary = match (assessment, accepted, asks) {
        (None, _, _) => Text::new(
            format!("Règles : {}", forms.fr),
            format!("Rules: {}", forms.en),
        ),
        (_, true, false) => Text::new("Ce mot de passe convient.", "This password will do."),
        (_, true, true) => Text::new(
            "Ce mot de passe convient, sauf s’il a fuité : cela se vérifie à l’envoi.",
            "This password will do, unless it has leaked: that is checked when the form is sent.",
        ),
        (_, false, _) => Text::new(
            "Ce mot de passe ne convient pas encore.",
            "This password will not do yet.",
        ),
    };
    let findings = assessment.map(Assessment::findings).unwrap_or_default();
    let finding = |finding: &Finding| {
        json!({
            "code": finding.code(),
            "message": finding.message(language),
            "advice": finding.advice(language),
        })
    };
    json!({
        "accepted": accepted,
        "share": share(assessment, policy.guess.min_log10),
        "summary": summary.in_language(language),
        "findings": findings.iter().map(finding).collect::<Vec<Value>>(),
    })
}

/// How full the bar is, from 0 to 1. Full only once accepted: a long bar beside a refusal would
/// be read as a yes.
fn share(assessment: Option<&Assessment>, enough: f64) -> f64 {
    let Some(assessment) = assessment else {
        return 0.0;
    };
    if assessment.accepted() {
        return 1.0;
    }
    let share = 0.9 * assessment.guesses_log10() / enough.max(1.0);
    (share.clamp(0.0, 0.9) * 100.0).floor() / 100.0
}

#[cfg(test)]
mod tests {
    use password::Judge;
    use policy::Policy;

    use super::*;

    #[test]
    fn a_question_is_the_password_and_a_few_words() {
        for (bytes, password) in [
            (&b""[..], Some(&b""[..])),
            (b"abc", Some(b"abc")),
            (b" a b\t\nx", Some(b"a b")),
            (b"a\xff\nJean\n\n", Some(b"a\xff")),
            (b"abc\n\xff", None),
        ] {
            let question = Question::read(bytes, &[]);
            let read = question.map(|question| question.password);
            assert_eq!(read.as_deref(), password, "{bytes:?}");
        }
        let many = "\n".repeat(WORDS);
        assert!(Question::read(many.as_bytes(), &[]).is_some());
        assert!(Question::read(format!("{many}\n").as_bytes(), &[]).is_none());
    }

    #[test]
    fn a_verdict_says_what_the_judge_says_and_nothing_of_the_password() {
        let policy = Policy::reference();
        let judge = Judge::new(policy.password());
        let hosts = ["www.example.fr".to_owned()];
        for (typed, accepted, code) in [
            ("azertyuiop", false, "common-password"),
            ("Jean.Dupont-1234#Jean\njean.dupont", false, "context-word"),
            ("Qv7#mZ2!pLx9&Td4\njean.dupont", true, ""),
        ] {
            let question = Question::read(typed.as_bytes(), &hosts).expect("a question");
            let found = judge.read_and_glance(question.password, &question.context);
            for language in [Language::Fr, Language::En] {
                let told = verdict(Some(&found), judge.forms(), policy.password(), language);
                assert_eq!(told["accepted"], accepted, "{typed}");
                let share = told["share"].as_f64().expect("a number");
                assert!(
                    (share >= 1.0) == accepted && share >= 0.0,
                    "{typed}: {share}"
                );
                let codes: Vec<_> = found.findings().iter().map(Finding::code).collect();
                assert!(codes.is_empty() || codes.contains(&code), "{codes:?}");
                let told = told.to_string();
                let (password, _) = typed.split_once('\n').unwrap_or((typed, ""));
                assert!(!told.contains(password), "{told}");
            }
        }
        let empty = verdict(None, judge.forms(), policy.password(), Language::En);
        let summary = empty["summary"].as_str().expect("a text");
        assert!(summary.contains(judge.forms().en.as_str()), "{summary}");
        assert_eq!(empty["share"], 0.0);
    }
}
