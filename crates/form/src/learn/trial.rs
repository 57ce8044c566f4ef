//! Every proposal is tried on what was watched, as the gate would read it.

use http::StatusCode;
use policy::site::{FormKind, Software};

use super::exchange::Exchange;
use super::note::Note;
use super::proposal::{Proposal, Table, decoded};
use super::{Watched, roles};
use crate::{ANSWER_BYTES, Ambiguity, Forms, Outcome, Reading, Recognised, SignIn};

/// What the gate would make of a request.
enum Made {
    /// A sign-in.
    SignIn(SignIn),
    /// A new password.
    New,
    /// Nothing of it.
    Nothing,
    Refused(Ambiguity),
}

/// The forms of some tables, or the code of the fault that stands in the way.
fn forms_of(tables: &str) -> Result<Forms, String> {
    let text = format!(
        "version = 1\n[[site]]\nhosts = [\"learn.example\"]\nupstream = \"http://127.0.0.1:1\"\n\
         certificate = \"dev\"\n{tables}"
    );
    match policy::load(&text) {
        Ok(loaded) => match loaded.policy.sites() {
            [site] => Ok(Forms::new(&site.forms)),
            _ => Err(String::new()),
        },
        Err(report) => {
            let faults = report.faults().iter();
            Err(faults
                .map(|fault| fault.code)
                .next()
                .unwrap_or_default()
                .to_owned())
        }
    }
}

fn make(forms: &Forms, exchange: &Exchange) -> Made {
    let head = exchange.head();
    let candidates = match forms.recognise(&head) {
        Recognised::Protected(candidates) => candidates,
        Recognised::Refused(ambiguity) => return Made::Refused(ambiguity),
        Recognised::Free | Recognised::Closed(_) => return Made::Nothing,
    };
    match candidates.read(&head, &exchange.body) {
        Ok(Reading::Filled(filled)) => match (filled.sign_ins.into_iter().next(), filled.new) {
            (Some(sign_in), _) => Made::SignIn(sign_in),
            (None, Some(_)) => Made::New,
            (None, None) => Made::Nothing,
        },
        Ok(_) => Made::Nothing,
        Err(ambiguity) => Made::Refused(ambiguity),
    }
}

/// What the gate would make of the answer to a sign-in; `None` when it would not see one.
fn outcome(forms: &Forms, exchange: &Exchange) -> Option<Outcome> {
    let Made::SignIn(sign_in) = make(forms, exchange) else {
        return None;
    };
    let start = &exchange.text[..exchange.text.len().min(ANSWER_BYTES)];
    let (status, answer) = (exchange.status, &exchange.answer);
    Some(
        sign_in
            .form
            .outcome(status, answer, start, &sign_in.brought),
    )
}

/// Whether a form reads its exchanges as it should; notes what is said of it.
pub(super) fn settle(watched: &Watched, proposal: &mut Proposal) {
    let forms = match forms_of(&proposal.table()) {
        Ok(forms) => forms,
        Err(code) => {
            proposal.is_lawful = false;
            // What is missing is said already, in words.
            let said = |note: &Note| {
                matches!(
                    note,
                    Note::NoDifference | Note::NoFailure | Note::NoSuccess | Note::NoIdentifier
                )
            };
            if !proposal.notes.iter().any(said) {
                proposal.notes.push(Note::Unlawful(code));
            }
            return;
        }
    };
    let Table::Form(written) = &proposal.table else {
        return;
    };
    let kind = written.kind;
    let mut read_well = true;
    let mut refused = None;
    let mut check = |exchange: &Exchange, expected: Option<Outcome>| {
        let made = make(&forms, exchange);
        if let Made::Refused(ambiguity) = made {
            refused = Some(ambiguity);
            return;
        }
        read_well &= match expected {
            Some(expected) => match outcome(&forms, exchange) {
                // That a status alone proves nothing is said beside the rule.
                Some(Outcome::Unproven) => expected == Outcome::Success,
                said => said == Some(expected),
            },
            None => matches!(made, Made::New),
        };
    };
    match kind {
        FormKind::SignIn => {
            for exchange in &watched.failed {
                check(exchange, Some(Outcome::Failure));
            }
            for exchange in watched.good.iter().rev().take(1) {
                check(exchange, Some(Outcome::Success));
            }
        }
        _ => {
            for exchange in watched.of(kind).iter().rev().take(1) {
                check(exchange, None);
            }
        }
    }
    proposal.notes.push(match (refused, read_well) {
        (Some(ambiguity), _) => Note::WouldRefuse(ambiguity),
        (None, true) => Note::Tried,
        (None, false) => Note::TriedInVain,
    });
}

/// The preset that reads the failed and the good sign-in as they were, and where the software
/// is installed.
pub(super) fn preset(watched: &Watched) -> Option<(Software, String)> {
    let (failed, good) = (watched.failed.last()?, watched.good.last()?);
    let read = good.read().ok()?;
    roles::of_sign_in(&read, &watched.forms, &watched.named)?;
    let path = decoded(good.path.split(';').next().unwrap_or_default());
    // From the deepest folder to the root; the one that a cookie is for comes first.
    let mut bases: Vec<String> = path
        .match_indices('/')
        .map(|(at, _)| path[..at].to_owned())
        .rev()
        .collect();
    if let Some(own) = cookie_path(good).filter(|own| bases.contains(own)) {
        bases.insert(0, own);
    }
    for software in Software::ALL {
        if !looks_like(software, good, failed, &read) {
            continue;
        }
        for base in &bases {
            let Ok(forms) = forms_of(&table(software, base)) else {
                continue;
            };
            let (bad, well) = (outcome(&forms, failed), outcome(&forms, good));
            let told_apart = well == Some(Outcome::Success) || software == Software::Adminer;
            if bad == Some(Outcome::Failure) && well.is_some() && told_apart {
                return Some((software, base.clone()));
            }
        }
    }
    None
}

/// Whether a preset judges what was watched of another form.
pub(super) fn covers(software: Software, base: &str, exchanges: &[Exchange]) -> bool {
    let Some(last) = exchanges.last() else {
        return false;
    };
    forms_of(&table(software, base)).is_ok_and(|forms| matches!(make(&forms, last), Made::New))
}

fn table(software: Software, base: &str) -> String {
    let base = match base {
        "" => String::new(),
        base => format!("base = {base:?}\n"),
    };
    format!("[[site.form]]\npreset = \"{}\"\n{base}", software.name())
}

/// What tells a software whose fields have names that others use too.
fn looks_like(
    software: Software,
    good: &Exchange,
    failed: &Exchange,
    read: &super::exchange::Read,
) -> bool {
    let sends = |name: &str| read.fields.iter().any(|field| field.name == name);
    match software {
        Software::DjangoAdmin => {
            let page = String::from_utf8_lossy(&failed.text);
            sends("csrfmiddlewaretoken")
                && good.status == StatusCode::FOUND
                && page.contains("admin/css/")
        }
        Software::Adminer => sends("auth[driver]"),
        // Their cookies or paths are their own, and are asked for by their presets.
        Software::Dokuwiki
        | Software::Wordpress
        | Software::Mediawiki
        | Software::Phpmyadmin
        | Software::TomcatForm => true,
    }
}

/// The `Path` of a cookie that the answer sets, without the slash at its end.
fn cookie_path(exchange: &Exchange) -> Option<String> {
    let lines = exchange.answer.get_all(http::header::SET_COOKIE);
    lines.iter().find_map(|line| {
        let mut attributes = line.to_str().ok()?.split(';').skip(1);
        let path = attributes.find_map(|attribute| {
            let (name, value) = attribute.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("path")
                .then_some(value.trim())
        })?;
        Some(path.trim_end_matches('/').to_owned())
    })
}
