//! Whether the calculation that the gate asks for in the place of a captcha can be answered, and
//! ends, at the sign-in forms of a site.
//!
//! Clause: [`clause::REMPART_WORK_AS_CAPTCHA`]. A stranger's failures bring the questions about, so
//! whoever cannot answer them is shut out by him; and one good sign-in has to end them.

use super::Places;
use crate::access::Mechanism;
use crate::read::Faults;
use crate::report::Fault;
use crate::site::{AnswerRule, FormKind, SiteForm};
use crate::{Policy, Site, Text, clause, code};

/// What the sign-in forms of each site make of a captcha.
pub(crate) fn captcha_and_forms(policy: &Policy, places: &Places<'_, '_>, faults: &mut Faults) {
    let Mechanism::Captcha(captcha) = &policy.access.mechanism else {
        return;
    };
    let mut push = |fault: Fault| faults.push(fault.clause(&clause::REMPART_WORK_AS_CAPTCHA));
    let signs_in = policy.sites.iter().any(Site::signs_in);
    if signs_in && captcha.after == 0 {
        push(without_free_try(places));
    }
    for site in &policy.sites {
        let host = site.hosts.first().map_or("", String::as_str);
        let is_sign_in = |form: &&SiteForm| form.kind == FormKind::SignIn;
        let forms: Vec<&SiteForm> = site.forms.iter().filter(is_sign_in).collect();
        if forms.is_empty() {
            continue;
        }
        if forms.iter().all(|form| form.serves_programs_alone()) {
            push(unanswerable(host, places));
            continue;
        }
        if forms.iter().any(|form| form.serves_programs()) {
            push(programs_shut_out(host, places));
        }
        let never_proved = |form: &&SiteForm| {
            !form.serves_programs_alone() && form.success.iter().all(AnswerRule::proves_nothing)
        };
        if forms.iter().any(never_proved) {
            push(without_end(host, places));
        }
    }
}

fn without_free_try(places: &Places<'_, '_>) -> Fault {
    Fault::error(
        code::CAPTCHA_WITHOUT_FREE_TRY,
        places.first(&["access.captcha.after"]),
        Text::new(
            "à la passerelle, la réponse à un calcul doit suivre un échec",
            "at the gate the answer to a calculation has to follow a failure",
        ),
    )
    .label(
        "sans échec, une même réponse ouvrirait plusieurs essais",
        "without a failure one answer would open several attempts",
    )
    .fix("écrire after = 1, ou plus", "write after = 1, or more")
}

fn unanswerable(host: &str, places: &Places<'_, '_>) -> Fault {
    Fault::error(
        code::CAPTCHA_UNANSWERABLE,
        places.first(&["access.mechanism"]),
        Text::new(
            format!("`{host}` n’a aucune page de connexion où faire le calcul demandé"),
            format!("`{host}` has no sign-in page on which to do the calculation asked for"),
        ),
    )
    .label(
        "par Authorization: Basic ou XML-RPC, personne ne répond : un inconnu fermerait un compte pour un jour",
        "by Authorization: Basic or XML-RPC nobody answers: a stranger would shut an account for a day",
    )
    .fix(
        "écrire mechanism = \"delay\", ou décrire le formulaire de connexion du site",
        "write mechanism = \"delay\", or describe the sign-in form of the site",
    )
}

fn programs_shut_out(host: &str, places: &Places<'_, '_>) -> Fault {
    Fault::warning(
        code::CAPTCHA_SHUTS_PROGRAMS_OUT,
        places.first(&["access.mechanism"]),
        Text::new(
            format!("un inconnu peut écarter de `{host}` les programmes qui s’y connectent"),
            format!("a stranger can keep out of `{host}` the programs that sign in there"),
        ),
    )
    .label(
        "par Authorization: Basic ou XML-RPC, le calcul ne se fait pas : ils attendent un jour après le dernier échec, ou une connexion prouvée par la page",
        "by Authorization: Basic or XML-RPC no calculation is done: they wait for a day after the last failure, or for a sign-in by the page that is proved",
    )
    .fix(
        "écrire mechanism = \"delay\" ; rien à faire si aucun programme ne se connecte ainsi",
        "write mechanism = \"delay\"; nothing to do where no program signs in so",
    )
}

fn without_end(host: &str, places: &Places<'_, '_>) -> Fault {
    Fault::warning(
        code::CAPTCHA_WITHOUT_END,
        places.first(&["access.mechanism"]),
        Text::new(
            format!("à un formulaire de `{host}`, aucune connexion réussie ne met fin aux calculs"),
            format!("at a form of `{host}` no good sign-in ends the calculations"),
        ),
    )
    .label(
        "rien n’y prouve une réussite : après les échecs d’un inconnu, chaque connexion en demande un",
        "nothing proves a success there: after a stranger’s failures each sign-in asks for one",
    )
    .fix(
        "ajouter à `success` ce que le site ne donne qu’à un bon mot de passe : set-cookie = \"session*\", ou une valeur de json ; ou écrire mechanism = \"delay\"",
        "add to `success` what the site gives to a good password only: set-cookie = \"session*\", or a value of json; or write mechanism = \"delay\"",
    )
}
