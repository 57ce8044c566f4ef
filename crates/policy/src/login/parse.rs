//! Reads `[login]`.

use std::time::Duration;

use super::{LoginPolicy, Never};
use crate::code::{self, Code};
use crate::preset::check;
use crate::read::{Section, Span, Word, WordOr, unit};
use crate::report::Fault;
use crate::{Preset, Text, clause};

impl Word for Never {
    const WORDS: &'static [(&'static str, Self)] = &[("never", Self::Never)];
}

/// `[login]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>, preset: Preset) -> LoginPolicy {
    let mut policy = preset.login();
    let span = section.set("reset-link-lifetime", &mut policy.reset_link_lifetime);
    if let Some(fault) = over(
        LoginPolicy::LONGEST_RESET_LINK,
        policy.reset_link_lifetime,
        span,
        code::RESET_LINK_TOO_LONG,
        Text::new(
            "le lien de réinitialisation reste valable trop longtemps",
            "the reset link stays valid for too long",
        ),
    ) {
        section.depart(&clause::CNIL_RESET_LINK, fault);
    }
    section.set(
        "temporary-password-lifetime",
        &mut policy.temporary_password_lifetime,
    );
    if let Some(renewal) = section.read::<WordOr<Never, _>>("privileged-renewal") {
        let span = renewal.span();
        policy.privileged_renewal = match renewal.into_inner() {
            WordOr::Word(Never::Never) => None,
            WordOr::Value(period) => Some(period),
        };
        if let Some((clause, fault)) = check::renewal(preset, policy.privileged_renewal, span) {
            section.depart(clause, fault);
        }
    }
    section.set("history", &mut policy.history);
    section.set("contact-delay", &mut policy.contact_delay);
    let span = section.set("compromise-delay", &mut policy.compromise_delay);
    if let Some((clause, fault)) = check::compromise(preset, policy.compromise_delay, span.clone())
    {
        section.depart(clause, fault);
    }
    if let Some(fault) = over(
        LoginPolicy::LONGEST_COMPROMISE_DELAY,
        policy.compromise_delay,
        span,
        code::COMPROMISE_NOTICE_TOO_LATE,
        Text::new(
            "la personne serait prévenue trop tard d’une compromission",
            "the person would be told of a compromise too late",
        ),
    ) {
        section.depart(&clause::CNIL_COMPROMISE, fault);
    }
    policy
}

/// A fault when a written duration is over its longest.
fn over(
    longest: Duration,
    duration: Duration,
    span: Option<Span>,
    code: Code,
    message: Text,
) -> Option<Fault> {
    let span = span.filter(|_| duration > longest)?;
    let longest = unit::show(longest);
    Some(
        Fault::error(code, span, message)
            .label(format!("plus de {longest}"), format!("over {longest}"))
            .fix(
                format!("écrire \"{longest}\" ou moins"),
                format!("write \"{longest}\" or less"),
            ),
    )
}
