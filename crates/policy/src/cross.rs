//! Rules between tables.
//!
//! The central one: 50 bits are lawful only while access is really restricted, that is
//! through [`Mechanism`] and a store that fails closed (CNIL 2022-100, case 2). Each rule
//! has two sides to point at; it points at the setting that the operator wrote.

use toml::de::{DeTable, DeValue};

use crate::access::{AccessPolicy, Mechanism, Unlock, WhenStoreIsDown};
use crate::password::Case;
use crate::preset::check;
use crate::read::{Faults, Span, unit};
use crate::report::Fault;
use crate::transport::Hsts;
use crate::{Policy, Preset, Text, clause, code};

mod captcha;
mod figures;
mod unlock;

pub(crate) use captcha::captcha_and_forms;
use figures::{block_reopened, block_too_late, delay_figures, delay_growth, device_reopened};
pub(crate) use unlock::block_and_forms;

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
    pub(crate) fn first(&self, paths: &[&str]) -> Span {
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
            delay_growth(delay, places, faults);
            delay_figures(delay.after(5), delay.attempts_per_day, places, faults);
        }
        (Case::RestrictedAccess, Mechanism::Block(block)) => {
            if block.after > 10 {
                let span = places.first(&["access.block.after"]);
                faults.depart(&clause::CNIL_BLOCK, block_too_late(10, span));
            }
            block_reopened(block, places, faults);
        }
        (Case::RestrictedAccess, Mechanism::Captcha(_)) => {}
        (Case::DeviceUnlock, Mechanism::Block(block)) => {
            if block.after > 3 {
                let span = places.first(&["access.block.after", "access.mechanism"]);
                faults.depart(&clause::CNIL_CASE_3_BLOCK, block_too_late(3, span));
            }
            if let Unlock::After(_) = block.unlock {
                faults.push(device_reopened(places.first(&["access.block.unlock"])));
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

/// Case 3 is about hardware that the person holds. That a site on the web is no such thing
/// is our reading, and the fault says so.
pub(crate) fn case_and_sites(
    case: Case,
    written: usize,
    places: &Places<'_, '_>,
    faults: &mut Faults,
) {
    if case != Case::DeviceUnlock || written == 0 {
        return;
    }
    faults.push(
        Fault::error(
            code::DEVICE_ON_THE_WEB,
            places.first(&["password.case"]),
            Text::new(
                "le cas `device-unlock` ne vaut pas pour un site web",
                "case `device-unlock` does not do for a web site",
            ),
        )
        .clause(&clause::CNIL_CASE_3)
        .label(
            "réservé à un matériel détenu ; qu’un site n’en soit pas un est notre lecture",
            "only for hardware in hand; that a site is none is our reading",
        )
        .fix(
            "écrire `case = \"restricted-access\"` ou `case = \"password-alone\"`, ou retirer les [[site]]",
            "write `case = \"restricted-access\"` or `case = \"password-alone\"`, or remove the [[site]] tables",
        ),
    );
}

/// Warns of sites whose sign-in the gate cannot restrict although the case rests on it. The
/// library may be what signs in there, which no policy file tells.
pub(crate) fn case_and_forms(policy: &Policy, places: &Places<'_, '_>, faults: &mut Faults) {
    if policy.password.case != Case::RestrictedAccess {
        return;
    }
    for site in policy.sites.iter().filter(|site| !site.signs_in()) {
        let host = site.hosts.first().map_or("", String::as_str);
        faults.push(
            Fault::warning(
                code::SIGN_IN_UNNAMED,
                places.first(&["password.case"]),
                Text::new(
                    format!("aucun formulaire de connexion n’est décrit pour `{host}`"),
                    format!("no sign-in form is described for `{host}`"),
                ),
            )
            .clause(&clause::CNIL_RESTRICTION)
            .label(
                "ce cas exige que l’accès y soit restreint",
                "this case requires that access is restricted there",
            )
            .fix(
                format!("ajouter au site `{host}` un [[site.form]] de kind \"sign-in\", ou un preset ; rien à faire si l’application restreint elle-même par la bibliothèque"),
                format!("add a [[site.form]] of kind \"sign-in\" to the site `{host}`, or a preset; nothing to do where the application restricts by itself with the library"),
            ),
        );
    }
}

/// What the preset asks of `[access]`.
pub(crate) fn preset_and_access(
    preset: Preset,
    access: &AccessPolicy,
    places: &Places<'_, '_>,
    faults: &mut Faults,
) {
    let departure = check::access(preset, access, |paths| places.first(paths));
    if let Some((clause, fault)) = departure {
        faults.depart(clause, fault);
    }
}

/// Warns while HSTS is on its way up the ladder, if any site announces it.
pub(crate) fn hsts_and_sites(policy: &Policy, places: &Places<'_, '_>, faults: &mut Faults) {
    let hsts = &policy.transport.hsts;
    let announced = policy
        .sites
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
        .clause(match policy.preset {
            Preset::Asvs => &clause::ASVS_HSTS,
            _ => &clause::ANSSI_HSTS,
        })
        .label(fr, en)
        .fix(
            "quand le palier tient, passer au suivant : week, month, two-years, dans [transport.hsts]",
            "once the stage holds, take the next one: week, month, two-years, in [transport.hsts]",
        ),
    );
}
