//! Where a policy stands towards CNIL 2022-100 on logging, conservation, change, reset and
//! compromise.

use super::Part::{Accounts, Gate, Hash, Journal, Loader};
use super::{Mark, Row, built, set, stated, yours};
use crate::hash::LegacyFormat;
use crate::{JournalPolicy, LoginPolicy, Policy};

pub(super) const ROWS: &[Row] = &[
    set("cnil-log-attempts", &[Journal], |policy| {
        Mark::kept(policy.journal().folder.is_some())
    }),
    built("cnil-log-no-secret", &[Journal, Gate]),
    built("cnil-log-no-hash", &[Journal, Gate]),
    set("cnil-log-retention", &[Journal], |policy| {
        let journal = policy.journal();
        let kept = (JournalPolicy::SHORTEST..=JournalPolicy::LONGEST).contains(&journal.keep);
        match journal.folder {
            Some(_) => Mark::kept(kept),
            None => Mark::Apart,
        }
    }),
    yours(
        "cnil-log-protected",
        "Confiez le journal à un compte que ses auteurs ne peuvent pas modifier, et faites-le lire : docs/JOURNAL.md.",
        "Keep the journal where those it records cannot alter it, and have it read: docs/JOURNAL.md.",
    ),
    built("cnil-never-stored-in-clear", &[Hash]),
    built("cnil-hash", &[Hash]),
    built("cnil-dedicated-function", &[Hash]),
    built("cnil-salt", &[Hash]),
    stated("cnil-salt-beside"),
    set("cnil-key-apart", &[Hash], pepper),
    set("cnil-key-care", &[Hash], pepper),
    set("cnil-obsolete-hash", &[Hash], |policy| {
        let accept = &policy.hash().accept;
        Mark::kept(
            !accept.contains(&LegacyFormat::LdapSsha) && !accept.contains(&LegacyFormat::Phpass),
        )
    }),
    built("cnil-upgrade-hash", &[Hash, Accounts]),
    built("cnil-no-periodic-change", &[Accounts]),
    set("cnil-privileged-renewal", &[Accounts], |policy| {
        Mark::kept(policy.login().privileged_renewal.is_some())
    }),
    built("cnil-self-change", &[Accounts]),
    built("cnil-human-reset", &[Accounts]),
    set("cnil-reset-link", &[Accounts], |policy| {
        Mark::kept(policy.login().reset_link_lifetime <= LoginPolicy::LONGEST_RESET_LINK)
    }),
    set("cnil-reset-channel", &[Accounts], |policy| {
        Mark::kept(!policy.login().contact_delay.is_zero())
    }),
    built("cnil-recovery-data", &[Accounts]),
    built("cnil-secret-questions", &[Accounts]),
    built("cnil-notify-change", &[Accounts]),
    set("cnil-history", &[Accounts], |policy| {
        Mark::concerned(policy.login().history > 0)
    }),
    set("cnil-compromise", &[Accounts], |policy| {
        Mark::kept(policy.login().compromise_delay <= LoginPolicy::LONGEST_COMPROMISE_DELAY)
    }),
    yours(
        "cnil-inform-of-logs",
        "Dites aux personnes que les connexions sont journalisées, pourquoi et combien de temps.",
        "Tell people that sign-ins are logged, why, and for how long.",
    ),
    stated("cnil-other-secrets"),
    built("cnil-old-case-withdrawn", &[Loader]),
    stated("cnil-old-cases"),
    stated("cnil-anssi-companion"),
];

/// The rules on a key concern a policy that has one.
fn pepper(policy: &Policy) -> Mark {
    Mark::concerned(policy.hash().pepper.is_some())
}
