//! Settings of `[password]` that work against each other.
//!
//! Each is told as a warning: the file can be used, and does something else than it seems to
//! say. What only a judge can tell, `rempart lint` tells with the help of [`crate::Trouble`].

use crate::password::{Characters, Form, PasswordPolicy, ReadForm};
use crate::read::Span;
use crate::report::Fault;
use crate::{Text, code};

/// Forms whose stated length can never be worth the guesses asked for, as far as the signs
/// that they count go. `written` is where `min-log10` stands, if it does.
pub(super) fn guesses_above_forms(
    policy: &PasswordPolicy,
    read: &[ReadForm],
    written: Option<&Span>,
) -> Vec<Fault> {
    let asked = policy.guess.min_log10;
    // The forms of the file, or those that the preset put in their place.
    let places = read.iter().map(|read| Some(read.length.clone()));
    policy
        .forms
        .iter()
        .zip(places.chain(std::iter::repeat(None)))
        .filter_map(|(form, place)| {
            let Form::Characters(form) = form else {
                return None;
            };
            let most = log10_of(form, form.length);
            let span = written.cloned().or(place).filter(|_| most < asked)?;
            Some(guess_above_form(form, policy, span))
        })
        .collect()
}

/// The base-10 logarithm of the number of texts of some length over all the signs that the
/// form counts.
fn log10_of(form: &Characters, length: usize) -> f64 {
    let signs: usize = form.classes.iter().map(|&class| form.pool_of(class)).sum();
    length as f64 * (signs.max(1) as f64).log10()
}

fn guess_above_form(form: &Characters, policy: &PasswordPolicy, span: Span) -> Fault {
    let (length, asked, max) = (form.length, policy.guess.min_log10, policy.max_length);
    let fault = Fault::warning(
        code::GUESS_ABOVE_FORM,
        span,
        Text::new(
            format!("{length} caractères de cette forme ne peuvent pas valoir 10^{asked} essais"),
            format!("{length} characters of this form cannot be worth 10^{asked} guesses"),
        ),
    )
    .label(
        format!("10^{:.2} au plus", log10_of(form, length)),
        format!("10^{:.2} at most", log10_of(form, length)),
    );
    let enough = (length..=max).find(|&length| log10_of(form, length) >= asked);
    match enough {
        Some(enough) => fault.fix(
            format!("baisser `min-log10`, ou allonger la forme : `length = {enough}` au moins"),
            format!("lower `min-log10`, or lengthen the form: `length = {enough}` at the least"),
        ),
        None => fault.fix(
            format!("baisser `min-log10` : même {max} caractères, la longueur maximale, n’y suffisent pas"),
            format!("lower `min-log10`: even {max} characters, the maximum length, are not enough"),
        ),
    }
}

pub(super) fn unchecked_when_down(span: Span) -> Fault {
    Fault::warning(
        code::UNCHECKED_WHEN_DOWN,
        span,
        Text::new(
            "pendant une panne du service, des mots de passe divulgués seraient acceptés",
            "while the service is down, leaked passwords would be accepted",
        ),
    )
    .label(
        "et aucun index local ne prend le relais",
        "and no local index takes over",
    )
    .fix(
        "nommer un index avec `breached` dans [password.refuse], ou écrire `when-down = \"refuse\"`",
        "name an index with `breached` in [password.refuse], or write `when-down = \"refuse\"`",
    )
}
