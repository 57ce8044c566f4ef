//! Where a policy stands towards the other texts on passwords: ANSSI, NIST, OWASP, RFC 8265
//! and RFC 9106. They do not bind whoever chose the CNIL's rules: a line that is not reached
//! is told, not held against the policy.

use std::time::Duration;

use super::Part::{Access, Accounts, Gate, Hash, Journal, Judge};
use super::{Mark, Row, built, set, stated, yours};
use crate::Policy;
use crate::access::Mechanism;
use crate::hash::Cost;
use crate::password::{Case, Form};
use crate::transport::{Hsts, Redirect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const ROWS: &[Row] = &[
    set("anssi-limit-attempts", &[Access], |policy| {
        Mark::kept(policy.access().mechanism != Mechanism::None)
    }),
    built("anssi-secure-channel", &[Gate]),
    yours(
        "anssi-bounded-session",
        "Bornez la durée des sessions dans l’application : rempart n’en tient aucune.",
        "Bound the length of sessions in the application: rempart keeps none.",
    ),
    built("anssi-protect-verifier", &[Hash]),
    built("anssi-mute-failure", &[Accounts]),
    stated("anssi-policy"),
    set("anssi-length", &[Judge], |policy| {
        Mark::kept(shortest(policy) >= 12)
    }),
    set("anssi-max-length", &[Judge], |policy| {
        Mark::kept(policy.password().max_length >= 200)
    }),
    built("anssi-complexity", &[Judge]),
    built("anssi-no-expiry", &[Accounts]),
    set("anssi-privileged-expiry", &[Accounts], |policy| {
        Mark::kept(
            policy
                .login()
                .privileged_renewal
                .is_some_and(|period| period <= DAY * 3 * 366),
        )
    }),
    set("anssi-compromise", &[Accounts], |policy| {
        Mark::kept(policy.login().compromise_delay <= DAY)
    }),
    set("anssi-automatic-check", &[Judge], |policy| {
        let refuse = &policy.password().refuse;
        Mark::kept(refuse.common && refuse.context)
    }),
    built("anssi-salt", &[Hash]),
    built("anssi-memory-hard", &[Hash]),
    built("anssi-recovery", &[Accounts]),
    yours(
        "anssi-vault",
        "Fournissez un coffre-fort de mots de passe.",
        "Provide a password vault.",
    ),
    yours(
        "anssi-defaults",
        "Changez les identifiants livrés par défaut.",
        "Change the credentials shipped by default.",
    ),
    set("nist-length", &[Judge], |policy| {
        let least = match policy.password().case {
            Case::PasswordAlone | Case::RestrictedAccess => 15,
            Case::DeviceUnlock => 8,
        };
        Mark::kept(shortest(policy) >= least)
    }),
    set("nist-no-composition", &[Judge], no_composition),
    set("nist-max-length", &[Judge], |policy| {
        Mark::kept(policy.password().max_length >= 64)
    }),
    set("nist-blocklist", &[Judge], |policy| {
        Mark::kept(policy.password().refuse.common)
    }),
    set("nist-no-rotation", &[Accounts], no_rotation),
    set("nist-throttle", &[Access], |policy| {
        match &policy.access().mechanism {
            Mechanism::Block(block) => Mark::kept(block.after <= 100),
            Mechanism::Delay(_) | Mechanism::Captcha(_) | Mechanism::None => Mark::Below,
        }
    }),
    built("nist-salt", &[Hash]),
    built("nist-no-secret-questions", &[Accounts]),
    yours(
        "nist-managers",
        "Laissez vos pages accepter les gestionnaires et le collage.",
        "Let your pages accept managers and pasting.",
    ),
    set("asvs-length", &[Judge], |policy| {
        Mark::kept(shortest(policy) >= 8)
    }),
    set("asvs-common", &[Judge], |policy| {
        Mark::kept(policy.password().refuse.common)
    }),
    set("asvs-no-composition", &[Judge], no_composition),
    yours(
        "asvs-paste",
        "Laissez vos pages accepter le collage et les aides du navigateur.",
        "Let your pages accept pasting and the helpers of the browser.",
    ),
    built("asvs-no-truncation", &[Judge, Hash]),
    set("asvs-max-length", &[Judge], |policy| {
        Mark::kept(policy.password().max_length >= 64)
    }),
    set("asvs-no-rotation", &[Accounts], no_rotation),
    set("asvs-context", &[Judge], |policy| {
        Mark::kept(policy.password().refuse.context)
    }),
    set("asvs-breached", &[Judge], |policy| {
        let refuse = &policy.password().refuse;
        Mark::kept(refuse.breached.is_some() || refuse.online.is_some())
    }),
    set("asvs-throttle", &[Access], |policy| {
        Mark::kept(policy.access().mechanism != Mechanism::None)
    }),
    built("asvs-no-enumeration", &[Accounts]),
    built("asvs-initial-secret", &[Accounts]),
    built("asvs-end-sessions", &[Accounts]),
    set("asvs-hash-cost", &[Hash], argon2_floor),
    yours(
        "asvs-cookie-prefix",
        "Nommez les cookies de session __Host- ou __Secure- ; la passerelle ajoute Secure sans renommer.",
        "Name session cookies __Host- or __Secure-; the gate adds Secure and renames nothing.",
    ),
    set("asvs-hsts", &[Gate], |policy| {
        Mark::kept(policy.transport().hsts.max_age >= Hsts::ONE_YEAR)
    }),
    set("asvs-preload", &[Gate], |policy| {
        Mark::kept(policy.transport().hsts.preload)
    }),
    set("asvs-redirect", &[Gate], |policy| {
        let transport = policy.transport();
        Mark::kept(transport.http.is_none() || transport.redirect == Redirect::Refuse)
    }),
    built("asvs-tls-versions", &[Gate]),
    built("asvs-tls-suites", &[Gate]),
    built("asvs-no-fallback", &[Gate]),
    set("asvs-public-trust", &[Gate], |policy| {
        let dev = |site: &crate::Site| site.certificate == crate::site::Certificate::Dev;
        Mark::kept(!policy.sites().iter().any(dev))
    }),
    set(
        "asvs-internal-hops",
        &[Gate],
        super::transport::origins_over_tls,
    ),
    built("asvs-log-no-credentials", &[Journal, Gate]),
    built("asvs-tokens", &[Accounts]),
    set("owasp-argon2", &[Hash], argon2_floor),
    stated("owasp-others"),
    built("rfc8265-opaque", &[Judge, Hash]),
    set("rfc9106-first", &[Hash], |policy| {
        let cost = policy.hash().cost;
        Mark::kept(cost.memory_kib >= 1 << 21 && cost.parallelism >= 4)
    }),
    set("rfc9106-second", &[Hash], |policy| {
        let cost = policy.hash().cost;
        Mark::kept(cost.memory_kib >= 1 << 16 && cost.iterations >= 3 && cost.parallelism >= 4)
    }),
];

/// The fewest characters that a form of the policy asks for.
fn shortest(policy: &Policy) -> usize {
    let forms = &policy.password().forms;
    forms.iter().map(Form::shortest).min().unwrap_or(0)
}

fn no_composition(policy: &Policy) -> Mark {
    Mark::kept(policy.password().forms.iter().all(|form| match form {
        Form::Characters(form) => form.required == 0,
        Form::Passphrase(_) => true,
    }))
}

fn no_rotation(policy: &Policy) -> Mark {
    Mark::kept(policy.login().privileged_renewal.is_none())
}

fn argon2_floor(policy: &Policy) -> Mark {
    let cost = policy.hash().cost;
    Mark::kept(cost.memory_kib >= Cost::floor_kib(cost.iterations))
}
