//! Rules between tables.
//!
//! The central one: 50 bits are lawful only while access is really restricted, that is
//! through [`Mechanism`] and a store that fails closed (CNIL 2022-100, case 2). Each rule
//! has two sides to point at; it points at the setting that the operator wrote.

use std::time::Duration;

use toml::de::{DeTable, DeValue};

use crate::access::{AccessPolicy, Mechanism, WhenStoreIsDown};
use crate::password::Case;
use crate::read::{Faults, Span, unit};
use crate::report::Fault;
use crate::transport::Hsts;
use crate::{Site, Text, clause, code};

/// Where keys are written.
pub(crate) struct Places<'d, 'i>(pub(crate) &'d DeTable<'i>);

impl Places<'_, '_> {
    /// The value of a dotted path, if it is written.
    pub(crate) fn find(&self, path: &str) -> Option<Span> {
        let mut table = self.0;
        let mut parts = path.split('.').peekable();
        loop {
            let value = table.get(parts.next()?)?;
            if parts.peek().is_none() {
                return Some(value.span());
            }
            let DeValue::Table(inner) = value.get_ref() else {
                return None;
            };
            table = inner;
        }
    }

    /// The first of some dotted paths that is written, else the top of the file.
    fn first(&self, paths: &[&str]) -> Span {
        paths
            .iter()
            .find_map(|path| self.find(path))
            .unwrap_or(0..0)
    }
}

/// What the case asks of `[access]`.
pub(crate) fn case_and_access(
    case: Case,
    access: &AccessPolicy,
    places: &Places<'_, '_>,
    faults: &mut Faults,
) {
    match (case, &access.mechanism) {
        (Case::PasswordAlone, _) => return,
        (Case::RestrictedAccess, Mechanism::None) => faults.depart(
            &clause::CNIL_RESTRICTION,
            Fault::error(
                code::ACCESS_NOT_RESTRICTED,
                places.first(&["access.mechanism", "password.case"]),
                Text::new(
                    "50 bits ne suffisent que si l’accès est restreint",
                    "50 bits are enough only while access is restricted",
                ),
            )
            .label("rien ne restreint les tentatives", "nothing restricts attempts")
            .fix(
                "écrire `mechanism = \"delay\"` dans [access], ou `case = \"password-alone\"` dans [password]",
                "write `mechanism = \"delay\"` in [access], or `case = \"password-alone\"` in [password]",
            ),
        ),
        (Case::RestrictedAccess, Mechanism::Delay(delay)) => {
            delay_figures(delay.after(5), delay.attempts_per_day, places, faults);
        }
        (Case::RestrictedAccess, Mechanism::Block(block)) => {
            if block.after > 10 {
                let span = places.first(&["access.block.after"]);
                faults.depart(&clause::CNIL_BLOCK, block_too_late(10, span));
            }
        }
        (Case::RestrictedAccess, Mechanism::Captcha(_)) => {}
        (Case::DeviceUnlock, Mechanism::Block(block)) => {
            if block.after > 3 {
                let span = places.first(&["access.block.after", "access.mechanism"]);
                faults.depart(&clause::CNIL_CASE_3_BLOCK, block_too_late(3, span));
            }
        }
        (Case::DeviceUnlock, _) => faults.depart(
            &clause::CNIL_CASE_3_BLOCK,
            Fault::error(
                code::ACCESS_NOT_RESTRICTED,
                places.first(&["access.mechanism", "password.case"]),
                Text::new(
                    "un code court ne suffit que si le matériel se bloque",
                    "a short code is enough only while the device blocks",
                ),
            )
            .label("aucun blocage", "no block")
            .fix(
                "écrire `mechanism = \"block\"` dans [access] et `after = 3` dans [access.block]",
                "write `mechanism = \"block\"` in [access] and `after = 3` in [access.block]",
            ),
        ),
    }
    if access.when_store_is_down == WhenStoreIsDown::Open {
        faults.depart(
            &clause::CNIL_RESTRICTION,
            Fault::error(
                code::STORE_OPEN_WHEN_DOWN,
                places.first(&["access.when-store-is-down"]),
                Text::new(
                    "une panne du dépôt lèverait la restriction d’accès",
                    "a failure of the store would lift the restriction of access",
                ),
            )
            .label(
                format!("le cas `{}` l’exige", case.name()),
                format!("case `{}` requires it", case.name()),
            )
            .fix(
                "écrire `when-store-is-down = \"closed\"`",
                "write `when-store-is-down = \"closed\"`",
            ),
        );
    }
}

fn delay_figures(
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
        faults.push(
            Fault::warning(
                code::DELAY_TOO_SHORT,
                span,
                Text::new(
                    "l’attente après cinq échecs ne dépasse pas la minute recommandée",
                    "the wait after five failures is not over the recommended minute",
                ),
            )
            .clause(&clause::CNIL_DELAY_FIGURES)
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

fn block_too_late(most: u32, span: Span) -> Fault {
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

/// Warns while HSTS is on its way up the ladder, if any site announces it.
pub(crate) fn hsts_and_sites(
    hsts: &Hsts,
    sites: &[Site],
    places: &Places<'_, '_>,
    faults: &mut Faults,
) {
    let announced = sites
        .iter()
        .any(|site| site.hosts.iter().any(|host| site.announces_hsts(host)));
    if !announced || hsts.max_age >= Hsts::ONE_YEAR {
        return;
    }
    let age = unit::show(hsts.max_age);
    let span = places.first(&[
        "transport.hsts.max-age",
        "transport.hsts.stage",
        "transport.hsts",
        "transport",
        "site",
    ]);
    let (fr, en) = if hsts.max_age.is_zero() {
        (
            "les navigateurs oublient le site".to_owned(),
            "browsers forget the site".to_owned(),
        )
    } else {
        (
            format!("les navigateurs s’en souviennent {age}"),
            format!("browsers remember it for {age}"),
        )
    };
    faults.push(
        Fault::warning(
            code::HSTS_BELOW_ONE_YEAR,
            span,
            Text::new(
                "HSTS dure moins d’un an",
                "HSTS lasts less than one year",
            ),
        )
        .clause(&clause::ANSSI_HSTS)
        .label(fr, en)
        .fix(
            "quand le palier tient, passer au suivant : week, month, two-years, dans [transport.hsts]",
            "once the stage holds, take the next one: week, month, two-years, in [transport.hsts]",
        ),
    );
}
