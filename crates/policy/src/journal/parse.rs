//! Reads `[journal]`.

use super::JournalPolicy;
use crate::read::{Section, unit};
use crate::report::Fault;
use crate::{Text, clause, code};

/// `[journal]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>) -> JournalPolicy {
    let mut policy = JournalPolicy::default();
    section.set_some("folder", &mut policy.folder);
    let keep = section.set("keep", &mut policy.keep);
    section.set("most", &mut policy.most);
    if let Some(span) = keep
        && !(JournalPolicy::SHORTEST..=JournalPolicy::LONGEST).contains(&policy.keep)
    {
        let (shortest, longest) = (
            unit::show(JournalPolicy::SHORTEST),
            unit::show(JournalPolicy::LONGEST),
        );
        section.depart(
            &clause::CNIL_LOG_RETENTION,
            Fault::error(
                code::JOURNAL_RETENTION,
                span,
                Text::new(
                    "le journal n’est pas gardé de six mois à un an",
                    "the journal is not kept for six to twelve months",
                ),
            )
            .label(
                format!("hors de {shortest} à {longest}"),
                format!("not within {shortest} to {longest}"),
            )
            .fix(
                format!("écrire une durée de \"{shortest}\" à \"{longest}\""),
                format!("write a duration from \"{shortest}\" to \"{longest}\""),
            ),
        );
    }
    policy
}
