//! Reads `[hash]`.

use toml::Spanned;

use super::{Algorithm, Cost, HashPolicy, LegacyFormat};
use crate::read::{Section, Span, Word};
use crate::report::Fault;
use crate::{Size, Text, clause, code};

impl Word for Algorithm {
    const WORDS: &'static [(&'static str, Self)] = &[("argon2id", Self::Argon2id)];
}

impl Word for LegacyFormat {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Bcrypt.name(), Self::Bcrypt),
        (Self::Scrypt.name(), Self::Scrypt),
        (Self::Pbkdf2.name(), Self::Pbkdf2),
        (Self::ShaCrypt.name(), Self::ShaCrypt),
        (Self::Yescrypt.name(), Self::Yescrypt),
        (Self::Phpass.name(), Self::Phpass),
        (Self::LdapSsha.name(), Self::LdapSsha),
    ];
}

/// `[hash]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>) -> HashPolicy {
    let mut policy = HashPolicy::default();
    // One word only: reading it is checking it.
    let mut algorithm = Algorithm::Argon2id;
    section.set("algorithm", &mut algorithm);

    let mut memory = Size::kib(u64::from(policy.cost.memory_kib));
    let places = [
        section.set("memory", &mut memory),
        section.set("iterations", &mut policy.cost.iterations),
        section.set("parallelism", &mut policy.cost.parallelism),
    ];
    // The range of the key keeps this under the ceiling of 1 GiB.
    policy.cost.memory_kib = u32::try_from(memory.get() / 1024).unwrap_or(u32::MAX);
    if let Some(span) = places.into_iter().flatten().next() {
        cost(&mut section, policy.cost, span);
    }

    let mut workers = 0_usize;
    if section.set("workers", &mut workers).is_some() {
        policy.workers = Some(workers);
    }
    let budget = section.set("memory-budget", &mut policy.memory_budget);
    if memory > policy.memory_budget {
        let span = budget.unwrap_or_else(|| section.key_span("memory"));
        section.fault(small_budget(memory, policy.memory_budget, span));
    }
    section.set("queue-deadline", &mut policy.queue_deadline);
    section.set_some("pepper", &mut policy.pepper);
    if let Some(accept) = section.read::<Vec<Spanned<LegacyFormat>>>("accept") {
        policy.accept = accept
            .into_inner()
            .into_iter()
            .map(Spanned::into_inner)
            .collect();
    }
    section.set("accept-cost", &mut policy.accept_cost);
    policy
}

/// The three costs together: Argon2's own least, then the floor.
fn cost(section: &mut Section<'_, '_>, cost: Cost, span: Span) {
    let least = cost.parallelism * 8;
    if cost.memory_kib < least {
        section.fault(
            Fault::error(
                code::HASH_COST_INVALID,
                span,
                Text::new(
                    "Argon2 ne peut pas calculer avec si peu de mémoire par voie",
                    "Argon2 cannot compute with so little memory per lane",
                ),
            )
            .label("moins de 8 Kio par voie", "under 8 KiB per lane")
            .fix(
                format!("écrire `memory = \"{least} KiB\"` ou plus"),
                format!("write `memory = \"{least} KiB\"` or more"),
            ),
        );
        return;
    }
    let floor = Cost::floor_kib(cost.iterations);
    if cost.memory_kib < floor {
        let (has, floor) = (
            Size::kib(u64::from(cost.memory_kib)),
            Size::kib(u64::from(floor)),
        );
        let passes = cost.iterations;
        section.depart(
            &clause::ASVS_HASH_COST,
            Fault::error(
                code::HASH_COST_BELOW_FLOOR,
                span,
                Text::new(
                    "une empreinte de ce coût se casse trop vite",
                    "a hash of this cost is broken too fast",
                ),
            )
            .label(
                format!("{has} en {passes} passe(s), sous le minimum de {floor}"),
                format!("{has} in {passes} pass(es), under the minimum of {floor}"),
            )
            .fix(
                format!("écrire `memory = \"{floor}\"` ou plus"),
                format!("write `memory = \"{floor}\"` or more"),
            ),
        );
    }
}

fn small_budget(memory: Size, budget: Size, span: Span) -> Fault {
    Fault::error(
        code::HASH_BUDGET_TOO_SMALL,
        span,
        Text::new(
            "le budget de mémoire ne suffit pas à un seul calcul",
            "the memory budget is not enough for one hash",
        ),
    )
    .label(
        format!("un calcul prend {memory}, le budget est de {budget}"),
        format!("one hash takes {memory}, the budget is {budget}"),
    )
    .fix(
        format!("écrire `memory-budget = \"{memory}\"` ou plus"),
        format!("write `memory-budget = \"{memory}\"` or more"),
    )
}
