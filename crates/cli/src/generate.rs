//! `generate`: passwords that satisfy the policy, from the system's randomness.

use policy::Language;

use crate::args::{Cli, Generate};
use crate::{Answer, Failure, Outcome, rules, source};

/// Passwords to standard output, one per line; their entropy to standard error.
pub(crate) fn run(cli: &Cli, options: &Generate) -> Outcome {
    let (policy, language) = source::policy(cli, &["password", "preset"])?;
    let form = options.form.map(|form| form as usize - 1);
    let mut bits = None;
    for _ in 0..options.count {
        let generated = password::generate::generate(policy.password(), form)
            .map_err(|error| Failure::new(format!("rempart: {}", error.message(language))))?;
        bits = Some(generated.bits());
        let text = generated.into_text();
        rules::print(&text);
        rules::print("\n");
    }
    if let Some(bits) = bits {
        anstream::eprintln!(
            "{}",
            match language {
                Language::Fr => format!("tiré au hasard : {bits} bits d’entropie chacun"),
                Language::En => format!("drawn at random: {bits} bits of entropy each"),
            }
        );
    }
    Ok(Answer::Yes)
}
