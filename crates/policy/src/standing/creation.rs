//! Where a policy stands towards CNIL 2022-100 on governance, creation, the three cases and
//! the channel.

use std::time::Duration;

use super::Part::{Access, Accounts, Gate, Hash, Judge, Loader};
use super::{Mark, Row, built, set, stated, yours};
use crate::Policy;
use crate::access::Mechanism;
use crate::password::Case;

pub(super) const ROWS: &[Row] = &[
    built("cnil-state-of-the-art", &[Loader]),
    stated("cnil-scope"),
    stated("cnil-minimum-level"),
    yours(
        "cnil-stronger-when-sensitive",
        "Si les données sont à haut risque, ajoutez un second facteur : rempart ne traite que le mot de passe.",
        "Where data are high-risk, add a second factor: rempart deals with the password only.",
    ),
    stated("cnil-publishers"),
    yours(
        "cnil-written-policy",
        "Gardez avec ce fichier le document qui dit à quelle population et à quels risques il répond.",
        "Keep beside this file the document that says which population and which risks it answers.",
    ),
    built("cnil-enforced", &[Loader, Judge, Accounts]),
    set("cnil-administrators", &[Accounts], |policy| {
        Mark::kept(policy.login().privileged_renewal.is_some())
    }),
    yours(
        "cnil-individual-accounts",
        "Donnez un identifiant à chaque personne ; validez, tracez et renouvelez les comptes partagés.",
        "Give each person an identifier; approve, trace and renew shared accounts.",
    ),
    yours(
        "cnil-awareness",
        "Sensibilisez et formez les utilisateurs ; dites les pratiques interdites.",
        "Make users aware and train them; say which practices are forbidden.",
    ),
    yours(
        "cnil-reassess",
        "Revoyez la politique chaque année et après un incident ; `rempart calibrate` propose les coûts du moment.",
        "Look at the policy each year and after an incident; `rempart calibrate` proposes the costs of the day.",
    ),
    stated("cnil-entropy"),
    built("cnil-entropy-of-policy", &[Loader]),
    set("cnil-guess", &[Judge], |policy| {
        Mark::concerned(policy.password().guess.min_log10 > 0.0)
    }),
    built("cnil-checked-at-creation", &[Judge, Accounts]),
    built("cnil-tell-the-rules", &[Judge]),
    set("cnil-common-list", &[Judge], |policy| {
        Mark::kept(policy.password().refuse.common)
    }),
    set("cnil-context", &[Judge], |policy| {
        Mark::kept(policy.password().refuse.context)
    }),
    built("cnil-wide-characters", &[Judge]),
    set("cnil-max-length", &[Judge], |policy| {
        Mark::kept(policy.password().max_length >= 50)
    }),
    yours(
        "cnil-paste",
        "Vérifiez que vos pages ne bloquent ni le collage ni le remplissage automatique.",
        "Check that your pages block neither pasting nor automatic filling.",
    ),
    yours(
        "cnil-managers",
        "Recommandez un gestionnaire de mots de passe, et un mot de passe maître solide.",
        "Recommend a password manager, and a strong master password.",
    ),
    yours(
        "cnil-no-defaults",
        "Changez les mots de passe livrés avec vos logiciels et vos matériels.",
        "Change the passwords that came with your software and hardware.",
    ),
    built("cnil-first-login", &[Accounts]),
    built("cnil-never-sent-in-clear", &[Accounts]),
    built("cnil-generated", &[Accounts]),
    set("cnil-case-1", &[Loader, Judge], |policy| {
        case(policy, Case::PasswordAlone)
    }),
    stated("cnil-case-1-examples"),
    stated("cnil-case-1-words"),
    set("cnil-case-2", &[Loader, Judge, Access], |policy| {
        case(policy, Case::RestrictedAccess).unless_by_work(policy)
    }),
    stated("cnil-case-2-examples"),
    stated("cnil-case-2-words"),
    set("cnil-restriction", &[Access], |policy| {
        Mark::concerned(policy.access().mechanism != Mechanism::None).unless_by_work(policy)
    }),
    set("cnil-delay", &[Access], |policy| {
        Mark::concerned(matches!(policy.access().mechanism, Mechanism::Delay(_)))
    }),
    set("cnil-delay-figures", &[Access], |policy| {
        match &policy.access().mechanism {
            Mechanism::Delay(delay) => {
                Mark::kept(delay.after(5) > Duration::from_secs(60) && delay.attempts_per_day <= 25)
            }
            _ => Mark::Apart,
        }
    }),
    set("cnil-captcha", &[Access], |policy| {
        let captcha = matches!(policy.access().mechanism, Mechanism::Captcha(_));
        Mark::concerned(captcha).unless_by_work(policy)
    }),
    set("cnil-block", &[Access], |policy| {
        match &policy.access().mechanism {
            Mechanism::Block(block) => Mark::kept(block.after <= 10),
            _ => Mark::Apart,
        }
    }),
    set("cnil-unlock", &[Access, Accounts], |policy| {
        Mark::concerned(matches!(policy.access().mechanism, Mechanism::Block(_)))
    }),
    set("cnil-case-3", &[Loader, Judge], |policy| {
        case(policy, Case::DeviceUnlock)
    }),
    set("cnil-case-3-block", &[Access], |policy| {
        match (policy.password().case, &policy.access().mechanism) {
            (Case::DeviceUnlock, Mechanism::Block(block)) => Mark::kept(block.after <= 3),
            (Case::DeviceUnlock, _) => Mark::Below,
            _ => Mark::Apart,
        }
    }),
    built("cnil-sound-function", &[Hash]),
    built("cnil-channel", &[Gate]),
    built("cnil-no-clear-http", &[Gate]),
    built("cnil-tls-version", &[Gate]),
    built("cnil-private-keys", &[Gate]),
    built("cnil-mute-failure", &[Accounts]),
    built("cnil-no-enumeration", &[Accounts]),
    yours(
        "cnil-url-secrets",
        "Vérifiez que vos formulaires envoient mots de passe et identifiants par POST, jamais dans une adresse.",
        "Check that your forms send passwords and identifiers by POST, never in an address.",
    ),
    set("cnil-cookies", &[Gate], |policy| {
        Mark::kept(policy.sites().iter().all(|site| site.repair.cookies))
    }),
];

/// The case of the policy is kept when each of its forms reaches it.
fn case(policy: &Policy, case: Case) -> Mark {
    if policy.password().case != case {
        return Mark::Apart;
    }
    let forms = &policy.password().forms;
    Mark::kept(forms.iter().all(|form| form.conformity(case).is_some()))
}
