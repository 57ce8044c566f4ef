//! What `hsts` says, to people and to programs.

use std::io;

use jiff::ToSpan;
use jiff::civil::date;
use policy::transport::HstsStage;
use policy::{Language, Policy, Text};
use serde_json::{Value, json};
use transport::ladder::{Day, Obstacle, Standing, stage_of};

use super::{Known, preload};
use crate::locale::pick;

/// The whole state, for people.
pub(super) fn status(known: &Known, policy: &Policy, language: Language) -> String {
    let mut text = promise(known, language);
    if known.hosts.is_empty() {
        text += pick(
            language,
            "aucun site n’annonce HSTS : une adresse IP et un certificat de développement n’en ont pas\n",
            "no site announces HSTS: an IP address and a development certificate have none\n",
        );
    }
    for (host, standing) in &known.hosts {
        text += &host_line(host, standing, known.next, language);
    }
    for (name, seen) in &known.seen {
        let found = match seen {
            Ok(answered) => match (answered.announced, language) {
                (Some(said), _) => format!("{}, max-age={}", answered.status, said.max_age),
                (None, Language::Fr) => format!("{}, sans HSTS", answered.status),
                (None, Language::En) => format!("{}, no HSTS", answered.status),
            },
            Err(trouble) => trouble.text().in_language(language).to_owned(),
        };
        text += &format!("  https://{name}/: {found}\n");
    }
    text += pick(
        language,
        "Préchargement (hstspreload.org) :\n",
        "Preloading (hstspreload.org):\n",
    );
    for requirement in preload::requirements(known, policy) {
        let mark = match requirement.met {
            Some(true) => pick(language, "oui", "yes"),
            Some(false) => pick(language, "non", "no"),
            None => "?",
        };
        text += &format!(
            "  {mark}: {} ({})\n    {}\n",
            requirement.clause.in_language(language),
            requirement.clause.reference(language),
            requirement.evidence.in_language(language),
        );
    }
    text
}

/// What is announced now, and the next stage.
fn promise(known: &Known, language: Language) -> String {
    let now = match (known.max_age, stage_of(known.max_age)) {
        (0, _) => pick(language, "oubli (max-age=0)", "forget (max-age=0)").to_owned(),
        (age, Some(stage)) if stage.max_age().as_secs() == age => {
            format!("{} (max-age={age})", stage.name())
        }
        (age, _) => format!("max-age={age}"),
    };
    match (known.next, language) {
        (None, Language::Fr) => format!("Palier : {now}, le plus haut.\n"),
        (None, Language::En) => format!("Stage: {now}, the highest.\n"),
        (Some(next), Language::Fr) => {
            format!("Palier : {now}. Ensuite : {}.\n", next.name())
        }
        (Some(next), Language::En) => format!("Stage: {now}. Next: {}.\n", next.name()),
    }
}

fn host_line(
    host: &str,
    standing: &Standing,
    next: Option<HstsStage>,
    language: Language,
) -> String {
    let Standing {
        clean, needed, sum, ..
    } = standing;
    let days = match (next, language) {
        (None, _) => String::new(),
        (Some(_), Language::Fr) => format!("{clean} jour(s) sans faute sur {needed} ; "),
        (Some(_), Language::En) => format!("{clean} clean day(s) of {needed}; "),
    };
    let mut text = match language {
        Language::Fr => format!(
            "  {host} : {days}{} connexions, {} refus du certificat, {} échecs ; en clair : {} redirections, {} refus\n",
            sum.served, sum.distrusted, sum.failed, sum.redirected, sum.exposed
        ),
        Language::En => format!(
            "  {host}: {days}{} connections, {} that refused the certificate, {} that failed; in clear: {} redirected, {} refused\n",
            sum.served, sum.distrusted, sum.failed, sum.redirected, sum.exposed
        ),
    };
    if let Some(obstacle) = standing.obstacle.filter(|_| next.is_some()) {
        text += &format!("    {}\n", why(obstacle, standing, language));
    }
    text
}

/// What stands in the way, and what to do.
fn why(obstacle: Obstacle, standing: &Standing, language: Language) -> String {
    let missing = standing.needed.saturating_sub(standing.clean);
    match (obstacle, language) {
        (Obstacle::Days, Language::Fr) => format!(
            "encore {missing} jour(s) entier(s) de service à ce palier (la porte doit tourner avec ce dossier d’état)"
        ),
        (Obstacle::Days, Language::En) => format!(
            "{missing} more whole day(s) of service at this stage (the gate has to run with this state folder)"
        ),
        (Obstacle::Distrusted, Language::Fr) => format!(
            "le {}, plus d’un client sur cent a refusé le certificat : vérifier la chaîne et la date, puis attendre",
            standing.bad.map(civil).unwrap_or_default()
        ),
        (Obstacle::Distrusted, Language::En) => format!(
            "on {}, more than one client in a hundred refused the certificate: check its chain and its date, then wait",
            standing.bad.map(civil).unwrap_or_default()
        ),
        (Obstacle::Cleartext, Language::Fr) => {
            "la plupart des requêtes arrivent encore en clair : chercher quels liens ou programmes disent http://".to_owned()
        }
        (Obstacle::Cleartext, Language::En) => {
            "most requests still come in clear: find out which links or programs say http://".to_owned()
        }
    }
}

fn civil(day: Day) -> String {
    date(1970, 1, 1)
        .checked_add(day.days())
        .map_or_else(|_| day.to_string(), |date| date.to_string())
}

/// The same for programs; `advanced` is the stage that was just written.
pub(super) fn json(
    known: &Known,
    policy: &Policy,
    advanced: Option<HstsStage>,
    language: Language,
) -> String {
    let hosts: Vec<Value> = known
        .hosts
        .iter()
        .map(|(host, standing)| {
            let obstacle = standing.obstacle.filter(|_| known.next.is_some());
            json!({
                "host": host,
                "clean_days": standing.clean,
                "needed_days": standing.needed,
                "served": standing.sum.served,
                "distrusted": standing.sum.distrusted,
                "failed": standing.sum.failed,
                "redirected": standing.sum.redirected,
                "exposed": standing.sum.exposed,
                "obstacle": obstacle.map(|obstacle| match obstacle {
                    Obstacle::Days => "days",
                    Obstacle::Distrusted => "certificate-refused",
                    Obstacle::Cleartext => "mostly-cleartext",
                }),
            })
        })
        .collect();
    let seen: Vec<Value> = known
        .seen
        .iter()
        .map(|(host, seen)| match seen {
            Ok(answered) => json!({
                "host": host,
                "status": answered.status,
                "max_age": answered.announced.map(|said| said.max_age),
                "include_subdomains": answered.announced.map(|said| said.include_subdomains),
                "preload": answered.announced.map(|said| said.preload),
                "trouble": null,
            }),
            Err(trouble) => json!({
                "host": host,
                "trouble": trouble.text().in_language(language),
            }),
        })
        .collect();
    let preload: Vec<Value> = preload::requirements(known, policy)
        .into_iter()
        .map(|requirement| {
            json!({
                "clause": requirement.clause.id,
                "met": requirement.met,
                "evidence": requirement.evidence.in_language(language),
            })
        })
        .collect();
    let state = json!({
        "max_age": known.max_age,
        "stage": stage_of(known.max_age).map(HstsStage::name),
        "next": known.next.map(HstsStage::name),
        "ready": known.is_ready(),
        "advanced": advanced.map(HstsStage::name),
        "hosts": hosts,
        "seen": seen,
        "preload": preload,
    });
    format!("{state:#}\n")
}

pub(super) fn advanced(file: &str, line: usize, stage: HstsStage, language: Language) -> String {
    let stage = stage.name();
    match language {
        Language::Fr => format!(
            "{file}:{line}: stage = \"{stage}\"\n  à faire : recharger la porte (SIGHUP). Pour revenir : `rempart hsts forget`"
        ),
        Language::En => format!(
            "{file}:{line}: stage = \"{stage}\"\n  next: reload the gate (SIGHUP). The way back: `rempart hsts forget`"
        ),
    }
}

pub(super) fn forgotten(file: &str, line: usize, language: Language) -> String {
    match language {
        Language::Fr => format!(
            "{file}:{line}: max-age = \"0s\"\n  à faire : recharger la porte (SIGHUP). Un navigateur n’oublie qu’à sa prochaine visite en HTTPS : garder un certificat valide jusque-là"
        ),
        Language::En => format!(
            "{file}:{line}: max-age = \"0s\"\n  next: reload the gate (SIGHUP). A browser forgets at its next visit over HTTPS only: keep a valid certificate until then"
        ),
    }
}

pub(super) fn unreadable(state: &str, error: &io::Error, language: Language) -> String {
    let said = Text::of_system(error);
    let error = said.in_language(language);
    match language {
        Language::Fr => format!(
            "rempart : {state}/hsts.json est illisible : {error}\n  à faire : nommer le dossier d’état de la porte avec --state, ou écarter ce fichier : le compte des jours repart de zéro"
        ),
        Language::En => format!(
            "rempart: cannot read {state}/hsts.json: {error}\n  fix: name the state folder of the gate with --state, or put the file aside: days are counted from zero again"
        ),
    }
}

pub(super) fn no_eye(error: &io::Error, language: Language) -> String {
    let said = Text::of_system(error);
    let error = said.in_language(language);
    match language {
        Language::Fr => format!(
            "rempart : impossible de regarder en HTTPS : {error}\n  à faire : nommer avec --root un fichier PEM lisible"
        ),
        Language::En => format!(
            "rempart: cannot look over HTTPS: {error}\n  fix: name a readable PEM file with --root"
        ),
    }
}
