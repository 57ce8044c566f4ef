//! The figures of a delay and of a block, held against the case.
//!
//! Clauses: CNIL 2022-100, cases 2 and 3. Where a clause gives a principle without a figure,
//! the figure is ours and its function says so.

use std::time::Duration;

use super::Places;
use crate::access::{Block, Delay, Unlock};
use crate::read::{Faults, Span, unit};
use crate::report::Fault;
use crate::{Text, clause, code};

/// A wait that stays the same, or that stops growing before the fifth failure, is no delay
/// that grows exponentially. The two figures are ours: the clause gives none.
pub(super) fn delay_growth(delay: &Delay, places: &Places<'_, '_>, faults: &mut Faults) {
    const LEAST_FACTOR: f64 = 1.5;
    if delay.factor <= 1.0 || delay.max <= delay.first {
        // Said already, in any case, where the keys are read.
        return;
    }
    let fifth = delay.first.as_secs_f64() * delay.factor.powi(4);
    let slow = delay.factor < LEAST_FACTOR;
    if !slow && delay.max.as_secs_f64() >= fifth {
        return;
    }
    let paths: &[&str] = if slow {
        &["access.delay.factor"]
    } else {
        &[
            "access.delay.max",
            "access.delay.first",
            "access.delay.factor",
        ]
    };
    faults.depart(
        &clause::CNIL_DELAY,
        Fault::error(
            code::DELAY_NOT_GROWING,
            places.first(paths),
            Text::new(
                "l’attente ne croît pas assez d’un échec au suivant",
                "the wait does not grow enough from one failure to the next",
            ),
        )
        .label(
            "la croissance doit durer cinq échecs, d’un facteur 1.5 au moins",
            "growth has to last five failures, by a factor of 1.5 at least",
        )
        .fix(
            "écrire `factor = 1.5` ou plus, et un `max` d’au moins `first` × `factor`^4 ; 4s, 2 et 1h conviennent",
            "write `factor = 1.5` or more, and a `max` of at least `first` × `factor`^4; 4s, 2 and 1h will do",
        ),
    );
}

/// A block that ends by itself leaves as many attempts a day as it ends times a day. The
/// most is the figure recommended of a delay, which does the same by other means.
pub(super) fn block_reopened(block: &Block, places: &Places<'_, '_>, faults: &mut Faults) {
    const DAY: f64 = 24.0 * 3600.0;
    const MOST: f64 = 25.0;
    let Unlock::After(duration) = block.unlock else {
        return;
    };
    let attempts = f64::from(block.after) * DAY / duration.as_secs_f64();
    if attempts <= MOST {
        return;
    }
    // At least one minute, so the figure is small.
    let shown = attempts.ceil();
    faults.depart(
        &clause::CNIL_BLOCK,
        Fault::error(
            code::BLOCK_REOPENED,
            places.first(&["access.block.unlock"]),
            Text::new(
                "le blocage se lève trop tôt pour restreindre les tentatives",
                "the block ends too soon to restrict attempts",
            ),
        )
        .label(
            format!("{shown} tentatives par jour, plus que 25"),
            format!("{shown} attempts a day, more than 25"),
        )
        .fix(
            "allonger la durée (10h pour dix échecs) ou diminuer `after` dans [access.block] ; `unlock = \"link\"` où la bibliothèque connecte",
            "lengthen the duration (10h for ten failures) or lower `after` in [access.block]; `unlock = \"link\"` where the library signs people in",
        ),
    );
}

pub(super) fn device_reopened(span: Span) -> Fault {
    Fault::error(
        code::BLOCK_REOPENED,
        span,
        Text::new(
            "un matériel bloqué ne se débloque pas tout seul",
            "blocked hardware does not open again by itself",
        ),
    )
    .clause(&clause::CNIL_CASE_3_BLOCK)
    .label(
        "quatre chiffres se trouveraient avec le temps",
        "four digits would be found in time",
    )
    .fix(
        "écrire `unlock = \"link\"` ou `unlock = \"operator\"`",
        "write `unlock = \"link\"` or `unlock = \"operator\"`",
    )
}

pub(super) fn delay_figures(
    after_five: Duration,
    attempts: u32,
    places: &Places<'_, '_>,
    faults: &mut Faults,
) {
    const MINUTE: Duration = Duration::from_secs(60);
    if after_five <= MINUTE {
        let wait = unit::show(Duration::from_secs(after_five.as_secs()));
        let span = places.first(&[
            "access.delay.first",
            "access.delay.factor",
            "access.delay.max",
        ]);
        faults.depart(
            &clause::CNIL_DELAY_FIGURES,
            Fault::warning(
                code::DELAY_TOO_SHORT,
                span,
                Text::new(
                    "l’attente après cinq échecs ne dépasse pas la minute recommandée",
                    "the wait after five failures is not over the recommended minute",
                ),
            )
            .label(
                format!("{wait} après cinq échecs"),
                format!("{wait} after five failures"),
            )
            .fix(
                "augmenter `first`, `factor` ou `max` ; 4s, 2 et 1h conviennent",
                "raise `first`, `factor` or `max`; 4s, 2 and 1h will do",
            ),
        );
    }
    if attempts > 25 {
        faults.depart(
            &clause::CNIL_DELAY_FIGURES,
            Fault::error(
                code::TOO_MANY_ATTEMPTS,
                places.first(&["access.delay.attempts-per-day"]),
                Text::new(
                    format!("{attempts} tentatives par jour, plus que les 25 recommandées"),
                    format!("{attempts} attempts a day, more than the recommended 25"),
                ),
            )
            .label("au-dessus de 25", "over 25")
            .fix(
                "écrire `attempts-per-day = 25` ou moins",
                "write `attempts-per-day = 25` or less",
            ),
        );
    }
}

pub(super) fn block_too_late(most: u32, span: Span) -> Fault {
    Fault::error(
        code::BLOCK_TOO_LATE,
        span,
        Text::new(
            "le blocage vient après trop d’échecs",
            "the block comes after too many failures",
        ),
    )
    .label(format!("au plus {most}"), format!("at most {most}"))
    .fix(
        format!("écrire `after = {most}` ou moins dans [access.block]"),
        format!("write `after = {most}` or less in [access.block]"),
    )
}
