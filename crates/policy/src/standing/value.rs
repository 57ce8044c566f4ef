//! The value in force of a setting, as the file would write it.
//!
//! It is read from the policy, not from the text, so that a default of the file, of a preset
//! or of a stage is told like a written value. Absent on purpose: addresses, paths and names
//! of variables, which a report that leaves the house need not hold, except whether there is
//! one.

use super::{Duty, Standing, State};
use crate::access::{Mechanism, Unlock, WhenStoreIsDown};
use crate::password::Form;
use crate::process::Sandbox;
use crate::read::unit::show;
use crate::transport::{CleartextCredentials, Redirect};
use crate::{Policy, Site, keys};

/// A setting and its value in force.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Its dotted path, such as `hash.memory`.
    pub key: String,
    /// Its value as TOML; `none` where nothing is set, `3 of 4 sites` for a key of each site.
    pub value: String,
}

/// The settings that answer to a clause, where the duty rests on settings.
pub(super) fn of_clause(policy: &Policy, standing: &Standing<'_>, duty: &Duty) -> Vec<Setting> {
    if !matches!(duty, Duty::Set(..)) || standing.state == State::Apart {
        return Vec::new();
    }
    let mut settings: Vec<Setting> = Vec::new();
    for table in keys::tables() {
        for key in table
            .keys
            .iter()
            .filter(|key| key.clauses.contains(&standing.clause))
        {
            let whole = table.path == "password.form";
            let Some(value) = value(policy, table.path, key.name) else {
                continue;
            };
            let key = match (table.path, whole) {
                (path, true) => path.to_owned(),
                ("", false) => key.name.to_owned(),
                (path, false) => format!("{path}.{}", key.name),
            };
            if settings.iter().all(|setting| setting.key != key) {
                settings.push(Setting { key, value });
            }
        }
    }
    settings
}

/// `None` for a setting that is not in use, or has no short value.
fn value(policy: &Policy, table: &str, key: &str) -> Option<String> {
    let word = |word: &str| Some(format!("\"{word}\""));
    let flag = |flag: bool| Some(flag.to_string());
    let given = |given: bool| Some(if given { "…" } else { "none" }.to_owned());
    let time = |time| Some(format!("\"{}\"", show(time)));
    let (password, hash, access) = (policy.password(), policy.hash(), policy.access());
    let (login, journal, transport) = (policy.login(), policy.journal(), policy.transport());
    let (refuse, hsts) = (&password.refuse, &transport.hsts);
    match (table, key) {
        ("password", "case") => word(password.case.name()),
        ("password", "max-length") => Some(password.max_length.to_string()),
        ("password.form", _) => Some(forms(&password.forms)),
        ("password.guess", "min-log10") => Some(password.guess.min_log10.to_string()),
        ("password.refuse", "common") => flag(refuse.common),
        ("password.refuse", "context") => flag(refuse.context),
        ("password.refuse", "breached") => given(refuse.breached.is_some()),
        ("password.refuse.online", "url") => given(refuse.online.is_some()),
        ("hash", "memory") => Some(format!(
            "\"{}\"",
            crate::Size::kib(hash.cost.memory_kib.into())
        )),
        ("hash", "iterations") => Some(hash.cost.iterations.to_string()),
        ("hash", "parallelism") => Some(hash.cost.parallelism.to_string()),
        ("hash", "pepper") => given(hash.pepper.is_some()),
        ("hash", "accept") => {
            let names: Vec<_> = hash
                .accept
                .iter()
                .map(|format| format!("\"{}\"", format.name()))
                .collect();
            Some(format!("[{}]", names.join(", ")))
        }
        ("access", "mechanism") => word(mechanism(&access.mechanism)),
        ("access", "when-store-is-down") => word(match access.when_store_is_down {
            WhenStoreIsDown::Closed => "closed",
            WhenStoreIsDown::Open => "open",
        }),
        ("access.delay", _) => match &access.mechanism {
            Mechanism::Delay(delay) => match key {
                "first" => time(delay.first),
                "factor" => Some(delay.factor.to_string()),
                "max" => time(delay.max),
                "attempts-per-day" => Some(delay.attempts_per_day.to_string()),
                _ => None,
            },
            _ => None,
        },
        ("access.block", _) => match &access.mechanism {
            Mechanism::Block(block) => match key {
                "after" => Some(block.after.to_string()),
                "unlock" => match block.unlock {
                    Unlock::Link => word("link"),
                    Unlock::Operator => word("operator"),
                    Unlock::After(wait) => time(wait),
                },
                _ => None,
            },
            _ => None,
        },
        ("access.captcha", "after") => match &access.mechanism {
            Mechanism::Captcha(captcha) => Some(captcha.after.to_string()),
            _ => None,
        },
        ("login", "reset-link-lifetime") => time(login.reset_link_lifetime),
        ("login", "temporary-password-lifetime") => time(login.temporary_password_lifetime),
        ("login", "privileged-renewal") => match login.privileged_renewal {
            Some(period) => time(period),
            None => word("never"),
        },
        ("login", "history") => Some(login.history.to_string()),
        ("login", "compromise-delay") => time(login.compromise_delay),
        ("login", "contact-delay") => time(login.contact_delay),
        ("journal", "folder") => given(journal.folder.is_some()),
        ("journal", "keep") => time(journal.keep),
        ("transport", "http") => given(transport.http.is_some()),
        ("transport", "tls") => word(transport.tls.name()),
        ("transport", "redirect") => word(match transport.redirect {
            Redirect::Https => "https",
            Redirect::Refuse => "refuse",
        }),
        ("transport", "cleartext-credentials") => word(match transport.cleartext_credentials {
            CleartextCredentials::Refuse => "refuse",
            CleartextCredentials::Redirect => "redirect",
        }),
        ("transport.hsts", "max-age") => time(hsts.max_age),
        ("transport.hsts", "include-subdomains") => flag(hsts.include_subdomains),
        ("transport.hsts", "preload") => flag(hsts.preload),
        ("process", "sandbox") => word(match policy.process().sandbox {
            Sandbox::Try => "try",
            Sandbox::Require => "require",
            Sandbox::Off => "off",
        }),
        ("site.repair", "cookies") => Some(share(policy, |site| site.repair.cookies)),
        ("site.repair", "location") => Some(share(policy, |site| site.repair.location)),
        ("site.repair", "stop-loops") => Some(share(policy, |site| site.repair.stop_loops)),
        ("site.headers", "content-type-options") => {
            Some(share(policy, |site| site.headers.nosniff))
        }
        ("site.headers", "referrer-policy") => {
            Some(share(policy, |site| site.headers.referrer.is_some()))
        }
        ("site.headers", "frames") => Some(share(policy, |site| site.headers.frames.is_some())),
        ("site.headers", "content-security-policy") => {
            Some(share(policy, |site| site.headers.content.is_some()))
        }
        _ => None,
    }
}

fn mechanism(mechanism: &Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Delay(_) => "delay",
        Mechanism::Block(_) => "block",
        Mechanism::Captcha(_) => "captcha",
        Mechanism::None => "none",
    }
}

/// The size of each form: `characters 12, characters 14, passphrase 7`.
fn forms(forms: &[Form]) -> String {
    let sizes = forms.iter().map(|form| match form {
        Form::Characters(form) => format!("characters {}", form.length),
        Form::Passphrase(form) => format!("passphrase {}", form.words),
    });
    sizes.collect::<Vec<_>>().join(", ")
}

/// On how many of the sites something is so.
fn share(policy: &Policy, is_so: impl Fn(&Site) -> bool) -> String {
    let sites = policy.sites();
    let count = sites.iter().filter(|site| is_so(site)).count();
    format!("{count}/{}", sites.len())
}
