//! What `learn` says, in French and in English.

use std::fmt::Display;
use std::net::SocketAddr;

use form::Ambiguity;
use form::learn::Step;
use policy::Language;

use crate::Failure;
use crate::locale::pick;

/// What stands over the tables.
pub(super) fn heading(url: &str, language: Language) -> String {
    // A comment is one line, whatever the address holds.
    let url: String = url.chars().filter(|sign| !sign.is_control()).collect();
    match language {
        Language::Fr => format!(
            "# Appris de {url}. À placer sous le [[site]] dans policy.toml, puis : rempart lint\n"
        ),
        Language::En => format!(
            "# Learnt from {url}. To stand under the [[site]] in policy.toml, then: rempart lint\n"
        ),
    }
}

pub(super) fn guide(address: SocketAddr, path: &str, language: Language) -> String {
    match language {
        Language::Fr => format!(
            "
Ouvrez dans un navigateur de cette machine, de préférence dans une fenêtre privée :

  http://{address}{path}

C’est le site, vu à travers rempart. Prenez un compte d’essai : ce que vous y tapez part vers le
site, n’est ni montré ni gardé, et les étapes s’enchaînent d’elles-mêmes. Entrée passe une étape,
Ctrl-C propose ce qui a été vu.
"
        ),
        Language::En => format!(
            "
Open in a browser of this machine, a private window if you can:

  http://{address}{path}

It is the site, seen through rempart. Take an account for tests: what you type there goes to the
site, is neither shown nor kept, and the steps follow by themselves. Enter skips a step, Ctrl-C
proposes what was seen.
"
        ),
    }
}

pub(super) const fn ask(step: Step, language: Language) -> &'static str {
    match (step, language) {
        (Step::Failed, Language::Fr) => {
            "1/4  Connectez-vous avec un vrai compte et un mauvais mot de passe."
        }
        (Step::Failed, Language::En) => "1/4  Sign in with a real account and a wrong password.",
        (Step::Good, Language::Fr) => {
            "2/4  Connectez-vous avec le même compte et le bon mot de passe."
        }
        (Step::Good, Language::En) => "2/4  Sign in with the same account and the right password.",
        (Step::Change, Language::Fr) => {
            "3/4  Changez le mot de passe de ce compte (Entrée : passer)."
        }
        (Step::Change, Language::En) => "3/4  Change the password of this account (Enter: skip).",
        (Step::SignUp, Language::Fr) => {
            "4/4  Déconnectez-vous, puis ouvrez un compte (Entrée : passer)."
        }
        (Step::SignUp, Language::En) => "4/4  Sign out, then open an account (Enter: skip).",
    }
}

pub(super) fn taken(path: &str, language: Language) -> String {
    match language {
        Language::Fr => format!("     Vu : {path}"),
        Language::En => format!("     Seen: {path}"),
    }
}

pub(super) const fn looks_failed(language: Language) -> &'static str {
    pick(
        language,
        "     La réponse est celle d’un échec. Recommencez avec le bon mot de passe, ou passez (Entrée).",
        "     The answer is that of a failure. Try again with the right password, or skip (Enter).",
    )
}

pub(super) fn no_password(path: &str, names: &[String], language: Language) -> String {
    let names = names.join(", ");
    match language {
        Language::Fr => format!(
            "     {path} : aucun champ n’y ressemble à un mot de passe ({names}). Si c’en est un, relancez avec --password-field NOM."
        ),
        Language::En => format!(
            "     {path}: no field there looks like a password ({names}). If one is, start again with --password-field NAME."
        ),
    }
}

pub(super) fn unreadable(path: &str, ambiguity: Ambiguity, language: Language) -> String {
    let (message, code) = (ambiguity.message(language), ambiguity.code());
    match language {
        Language::Fr => {
            format!("     {path} : {message} ({code}) La porte refuserait cette requête.")
        }
        Language::En => {
            format!("     {path}: {message} ({code}) The gate would refuse this request.")
        }
    }
}

pub(super) const fn over(language: Language) -> &'static str {
    pick(
        language,
        "rempart : le temps est écoulé (--minutes) ; voici ce qui a été vu",
        "rempart: the time is over (--minutes); this is what was seen",
    )
}

pub(super) const fn nothing(language: Language) -> &'static str {
    pick(
        language,
        "rempart : aucun formulaire n’a été vu, rien n’est proposé",
        "rempart: no form was seen, nothing is proposed",
    )
}

pub(super) const fn incomplete(language: Language) -> &'static str {
    pick(
        language,
        "rempart : aucune connexion ne peut être restreinte avec ce qui a été vu ; les remarques disent quoi compléter",
        "rempart: no sign-in can be restricted with what was seen; the remarks say what to complete",
    )
}

pub(super) fn failed(error: &dyn Display, language: Language) -> Failure {
    Failure::new(match language {
        Language::Fr => format!("rempart : impossible de démarrer : {error}"),
        Language::En => format!("rempart: cannot start: {error}"),
    })
}

pub(super) fn bad_url(url: &str, reason: &str, language: Language) -> Failure {
    // A user or a query may hold a secret.
    let url = url.rsplit('@').next().unwrap_or_default();
    let url = url.split('?').next().unwrap_or_default();
    let reason = match reason {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    Failure::new(match language {
        Language::Fr => format!(
            "rempart : {url} n’est pas une origine que l’on puisse regarder{reason}\n  à faire : écrivez http://127.0.0.1:8080 ou https://www.example.fr, et pour un nom à part --host ; une origine en clair se regarde de sa propre machine, ou par un tunnel ssh"
        ),
        Language::En => format!(
            "rempart: {url} is no origin that can be watched{reason}\n  fix: write http://127.0.0.1:8080 or https://www.example.fr, and --host for a name of its own; watch an origin in clear from its own machine, or through an ssh tunnel"
        ),
    })
}

pub(super) fn no_port(address: SocketAddr, reason: &str, language: Language) -> Failure {
    Failure::new(match language {
        Language::Fr => format!(
            "rempart : {address} ne peut être ouvert : {reason}\n  à faire : choisissez un autre port avec --port, ou laissez rempart en choisir un"
        ),
        Language::En => format!(
            "rempart: {address} cannot be opened: {reason}\n  fix: choose another port with --port, or let rempart choose one"
        ),
    })
}
