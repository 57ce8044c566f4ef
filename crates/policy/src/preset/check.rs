//! What a file says, held against the preset that it names.
//!
//! Only what is written can depart: what a preset fills in suits it. A must of its text is an
//! error and a should a warning; a `[[deviation]]` excuses both. The CNIL's floors are judged
//! elsewhere and stay what they are.
//!
//! Every function gives the clause and the fault, or nothing.

use std::time::Duration;

use super::{Composition, Preset, fault};
use crate::access::{AccessPolicy, Mechanism, Unlock};
use crate::clause::{self, Clause};
use crate::password::{Case, Characters, Class, Form, ReadForm};
use crate::read::Span;
use crate::report::Fault;

/// A departure from a clause.
pub(crate) type Departure = (&'static Clause, Fault);

/// Every departure of the forms of a file.
pub(crate) fn forms(preset: Preset, case: Case, read: &[ReadForm]) -> Vec<Departure> {
    let some_free = read.iter().any(|read| is_free(&read.form));
    read.iter()
        .flat_map(|read| {
            [
                composition(preset, case, read, some_free),
                length(preset, case, read),
            ]
        })
        .flatten()
        .collect()
}

/// A form whose shortest password is shorter than the text asks or advises.
fn length(preset: Preset, case: Case, read: &ReadForm) -> Option<Departure> {
    let shortest = read.form.shortest();
    let below =
        |bound: Option<(usize, &'static Clause)>| bound.filter(|(least, _)| shortest < *least);
    if let Some((least, clause)) = below(preset.least_length(case)) {
        let fault = fault::short_form(preset, case, read, least, clause);
        return Some((clause, fault));
    }
    let (advised, clause) = below(preset.advised_length(case))?;
    Some((
        clause,
        fault::form_under_advice(preset, case, read, advised),
    ))
}

/// A form that imposes types where the text rules that out, or too few where it asks for
/// the widest set. Words are a composition too, unless another form leaves the choice.
fn composition(preset: Preset, case: Case, read: &ReadForm, some_free: bool) -> Option<Departure> {
    match (preset.composition(), &read.form) {
        (Composition::None(clause), form) => {
            let imposes = match form {
                Form::Characters(_) => !is_free(form),
                Form::Passphrase(_) => !some_free,
            };
            imposes.then(|| (clause, fault::imposed_types(preset, case, read)))
        }
        (Composition::Widest(clause), Form::Characters(form)) if !is_widest(form) => {
            Some((clause, fault::narrow_types(preset, case, read)))
        }
        _ => None,
    }
}

/// Whether a form imposes no type: none is required, and letters count, so that any text
/// long enough is one of its passwords (digits alone have to be longer).
fn is_free(form: &Form) -> bool {
    match form {
        Form::Characters(form) => {
            let letters = [Class::Lower, Class::Upper];
            form.required == 0 && letters.iter().any(|class| form.classes.contains(class))
        }
        Form::Passphrase(_) => false,
    }
}

fn is_widest(form: &Characters) -> bool {
    form.required > 0 && form.classes.len() == Class::ALL.len()
}

/// A maximum under what the text wants accepted.
pub(crate) fn maximum(preset: Preset, max: usize, span: Option<Span>) -> Option<Departure> {
    let (least, clause) = preset.least_maximum()?;
    let span = span.filter(|_| max < least)?;
    Some((clause, fault::short_maximum(preset, least, clause, span)))
}

/// A renewal that the text rules out, or the lack of one that it recommends.
pub(crate) fn renewal(preset: Preset, renewal: Option<Duration>, span: Span) -> Option<Departure> {
    let (clause, imposes) = match preset {
        Preset::Cnil => return None,
        Preset::Anssi => (&clause::ANSSI_PRIVILEGED_EXPIRY, false),
        Preset::Nist => (&clause::NIST_NO_ROTATION, true),
        Preset::Asvs => (&clause::ASVS_NO_ROTATION, true),
    };
    let departs = match renewal {
        Some(_) if imposes => true,
        Some(period) => period > Preset::ANSSI_LONGEST_RENEWAL,
        None => !imposes,
    };
    departs.then(|| {
        let fault = match imposes {
            true => fault::renewal_imposed(preset, span),
            false => fault::renewal_missing(preset, renewal.is_some(), span),
        };
        (clause, fault)
    })
}

/// A notice of a compromise that comes after the password should be changed already.
pub(crate) fn compromise(preset: Preset, delay: Duration, span: Option<Span>) -> Option<Departure> {
    let span = span?;
    (preset == Preset::Anssi && delay > Preset::ANSSI_COMPROMISE_DELAY)
        .then(|| (&clause::ANSSI_COMPROMISE, fault::late_notice(preset, span)))
}

/// A mechanism that does not restrict attempts as the text asks. `place` finds the first of
/// some keys that is written.
pub(crate) fn access(
    preset: Preset,
    access: &AccessPolicy,
    place: impl Fn(&[&str]) -> Span,
) -> Option<Departure> {
    let mechanism = || place(&["access.mechanism", "access", "preset"]);
    match (preset, &access.mechanism) {
        (Preset::Anssi, Mechanism::None) => Some((
            &clause::ANSSI_LIMIT_ATTEMPTS,
            fault::unrestricted(preset, &clause::ANSSI_LIMIT_ATTEMPTS, mechanism()),
        )),
        (Preset::Asvs, Mechanism::None) => Some((
            &clause::ASVS_THROTTLE,
            fault::unrestricted(preset, &clause::ASVS_THROTTLE, mechanism()),
        )),
        (Preset::Asvs, Mechanism::Block(_)) => Some((
            &clause::ASVS_THROTTLE,
            fault::locks_others_out(preset, mechanism()),
        )),
        (Preset::Nist, Mechanism::Block(block)) => {
            let most = Preset::MOST_FAILURES;
            if block.after > most {
                let span = place(&["access.block.after"]);
                return Some((
                    &clause::NIST_THROTTLE,
                    fault::block_after(preset, most, span),
                ));
            }
            matches!(block.unlock, Unlock::After(_)).then(|| {
                let span = place(&["access.block.unlock"]);
                (&clause::NIST_THROTTLE, fault::reopened(preset, span))
            })
        }
        (Preset::Nist, _) => Some((
            &clause::NIST_THROTTLE,
            fault::never_disabled(preset, mechanism()),
        )),
        _ => None,
    }
}
