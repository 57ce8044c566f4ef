//! Whether a host could be on the list that browsers carry with them, and how we know.
//!
//! Clauses: the requirements of hstspreload.org. Leaving the list takes months, so nothing is
//! claimed that was not seen: what only a look from outside can tell is unknown without one.

use policy::transport::{Hsts, Redirect};
use policy::{Clause, Policy, Text, clause};
use transport::hsts::Announced;

use super::Known;

/// One requirement, for all hosts.
pub(super) struct Requirement {
    pub(super) clause: &'static Clause,
    /// `None` when nobody looked.
    pub(super) met: Option<bool>,
    /// What it rests on, or what is missing.
    pub(super) evidence: Text,
}

/// Every requirement, in the order of the list's own page.
pub(super) fn requirements(known: &Known, policy: &Policy) -> Vec<Requirement> {
    vec![
        certificate(known),
        redirect(policy),
        subdomains(known, policy),
        header(known, policy),
    ]
}

fn certificate(known: &Known) -> Requirement {
    let looked = known.bases.iter().map(|base| known.seen.get(base));
    let (met, evidence) = match all(looked.map(|seen| seen.map(Result::is_ok))) {
        None => (
            None,
            Text::new(
                "pas regardé : ajouter --probe",
                "not looked at: add --probe",
            ),
        ),
        Some(true) => (
            Some(true),
            Text::new(
                "vérifié par une connexion, avec les autorités de cette machine",
                "verified by a connection, with the authorities of this machine",
            ),
        ),
        Some(false) => (
            Some(false),
            Text::new("une connexion a échoué", "a connection failed"),
        ),
    };
    Requirement {
        clause: &clause::PRELOAD_CERTIFICATE,
        met,
        evidence,
    }
}

/// What the policy asks of the gate is no look at port 80, where something else may answer: a
/// load balancer, or a program that was there before.
fn redirect(policy: &Policy) -> Requirement {
    let transport = policy.transport();
    let (met, evidence) = match (transport.http, transport.redirect) {
        (None, _) => (
            None,
            Text::new(
                "la porte n’écoute pas en clair (`http = \"off\"`) ; ce qui répond au port 80 : `rempart scan`",
                "the gate does not listen in clear (`http = \"off\"`); what answers on port 80: `rempart scan`",
            ),
        ),
        (Some(_), Redirect::Https) => (
            None,
            Text::new(
                "la porte redirige vers le même nom (`redirect = \"https\"`) ; ce qui répond au port 80 : `rempart scan`",
                "the gate redirects to the same name (`redirect = \"https\"`); what answers on port 80: `rempart scan`",
            ),
        ),
        (Some(_), Redirect::Refuse) => (
            Some(false),
            Text::new(
                "la porte refuse au lieu de rediriger (`redirect = \"refuse\"`)",
                "the gate refuses instead of redirecting (`redirect = \"refuse\"`)",
            ),
        ),
    };
    Requirement {
        clause: &clause::PRELOAD_REDIRECT,
        met,
        evidence,
    }
}

fn subdomains(known: &Known, policy: &Policy) -> Requirement {
    let hsts = &policy.transport().hsts;
    let looked = known.covered.iter().map(|name| known.seen.get(name));
    let (met, evidence) = if !hsts.include_subdomains || hsts.subdomains.is_empty() {
        (
            Some(false),
            Text::new(
                "pas d’inventaire : écrire `subdomains` et `include-subdomains = true`",
                "no inventory: write `subdomains` and `include-subdomains = true`",
            ),
        )
    } else {
        match all(looked.map(|seen| seen.map(Result::is_ok))) {
            None => (
                None,
                Text::new(
                    "l’inventaire n’a pas été regardé : ajouter --probe",
                    "the inventory was not looked at: add --probe",
                ),
            ),
            Some(true) => (
                Some(true),
                Text::new(
                    "chaque nom de l’inventaire répond en HTTPS ; d’autres noms peuvent exister",
                    "every name of the inventory answers over HTTPS; other names may exist",
                ),
            ),
            Some(false) => (
                Some(false),
                Text::new(
                    "un nom de l’inventaire ne répond pas en HTTPS",
                    "a name of the inventory does not answer over HTTPS",
                ),
            ),
        }
    };
    Requirement {
        clause: &clause::PRELOAD_SUBDOMAINS,
        met,
        evidence,
    }
}

fn header(known: &Known, policy: &Policy) -> Requirement {
    let hsts = &policy.transport().hsts;
    let year = Hsts::ONE_YEAR.as_secs();
    let written = hsts.max_age.as_secs() >= year && hsts.include_subdomains && hsts.preload;
    let announces = |announced: &Announced| {
        announced.max_age >= year && announced.include_subdomains && announced.preload
    };
    let looked = known.bases.iter().map(|base| known.seen.get(base));
    let announced = all(looked.map(|seen| {
        seen.map(|seen| {
            let answered = seen.as_ref().ok();
            answered
                .and_then(|seen| seen.announced)
                .is_some_and(|said| announces(&said))
        })
    }));
    let (met, evidence) = match (written, announced) {
        (false, _) => (
            Some(false),
            Text::new(
                "il faut `stage = \"two-years\"`, `include-subdomains = true` et `preload = true`",
                "`stage = \"two-years\"`, `include-subdomains = true` and `preload = true` are needed",
            ),
        ),
        (true, None) => (
            None,
            Text::new(
                "écrit dans la politique ; pas regardé : ajouter --probe",
                "written in the policy; not looked at: add --probe",
            ),
        ),
        (true, Some(true)) => (
            Some(true),
            Text::new(
                "écrit dans la politique, et annoncé par les noms regardés",
                "written in the policy, and announced by the hosts that were looked at",
            ),
        ),
        (true, Some(false)) => (
            Some(false),
            Text::new(
                "écrit dans la politique, mais un nom annonce autre chose : la porte l’a-t-elle rechargée ?",
                "written in the policy, but a host announces something else: has the gate loaded it again?",
            ),
        ),
    };
    Requirement {
        clause: &clause::PRELOAD_HEADER,
        met,
        evidence,
    }
}

/// Whether all are true; `None` when one is unknown and none is false, or there is none.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let answers: Vec<Option<bool>> = answers.collect();
    if answers.contains(&Some(false)) {
        return Some(false);
    }
    (!answers.is_empty() && !answers.contains(&None)).then_some(true)
}
