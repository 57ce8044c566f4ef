//! The pages, in French and English. They work without scripts; with them, a meter follows
//! what is typed.
//!
//! Nothing that was typed in a password field is ever shown again. Pasting is allowed, and the
//! fields tell password managers what to do (`autocomplete`, `passwordrules`).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rempart::{Assessment, Finding, FlowError, Language, ReadError};
use serde_json::{Value, json};

use crate::Club;

/// A page of the site.
pub(crate) enum Page<'a> {
    /// The name of who is signed in.
    Home(Option<&'a str>),
    SignUp(&'a [Finding]),
    /// The secret of the link; whether the password was wrong.
    Confirm(&'a str, bool),
    /// The same with another password.
    Anew(&'a str, &'a [Finding]),
    /// Whether it was tried in vain.
    SignIn(bool),
    /// What stands against the new password, whose it is, and what else to say.
    Change(&'a [Finding], Option<&'a str>, Option<Answer<'a>>),
    Forgotten,
    Reset(&'a str, &'a [Finding], Option<Answer<'a>>),
    Blocked(&'a str),
    Unlock(&'a str),
    Say(Answer<'a>),
}

/// One sentence.
#[derive(Clone, Copy)]
pub(crate) enum Answer<'a> {
    MailSent,
    NoAddress,
    WrongPassword,
    UsedBefore,
    Stale,
    ResetDone,
    WriteToUs,
    Wait(Duration),
    Failed(&'a FlowError),
    Down,
}

impl Answer<'_> {
    pub(crate) fn text(&self, language: Language) -> String {
        let (fr, en) = match self {
            Self::MailSent => (
                "Si cette adresse est la vôtre, un message vient de partir. Suivez le lien qu’il contient.",
                "If this address is yours, a message is on its way. Follow the link in it.",
            ),
            Self::NoAddress => (
                "Ce n’est pas une adresse électronique. Corrigez-la, puis recommencez.",
                "This is no e-mail address. Correct it, then try again.",
            ),
            // One sentence for a wrong password and for an unknown account (CNIL 2022-100).
            Self::WrongPassword => (
                "Identifiant ou mot de passe inconnu.",
                "Unknown identifier or password.",
            ),
            Self::UsedBefore => (
                "Ce mot de passe a déjà servi ici. Choisissez-en un autre.",
                "This password has been used here before. Choose another one.",
            ),
            Self::Stale => (
                "Ce lien ne sert plus. Demandez-en un autre.",
                "This link no longer works. Ask for another one.",
            ),
            Self::ResetDone => (
                "Votre mot de passe est changé, et toutes vos sessions sont fermées. Connectez-vous.",
                "Your password is changed, and all your sessions are closed. Sign in.",
            ),
            Self::WriteToUs => (
                "Trop d’échecs : ce compte demande une autre preuve. Écrivez-nous.",
                "Too many failures: this account needs another proof. Write to us.",
            ),
            Self::Wait(time) => {
                let time = seconds(*time);
                return match language {
                    Language::Fr => format!("Trop d’essais : réessayez dans {time} s."),
                    Language::En => format!("Too many attempts: try again in {time} s."),
                };
            }
            Self::Failed(error) => return error.message(language).to_owned(),
            Self::Down => (
                "Le service est momentanément indisponible. Réessayez dans quelques minutes.",
                "The service is unavailable for a moment. Try again in a few minutes.",
            ),
        };
        pick(language, fr, en).to_owned()
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::MailSent | Self::ResetDone => StatusCode::OK,
            Self::NoAddress | Self::UsedBefore => StatusCode::UNPROCESSABLE_ENTITY,
            Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::Stale => StatusCode::GONE,
            Self::WriteToUs => StatusCode::FORBIDDEN,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(_) | Self::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A page as a response.
pub(crate) fn show(page: Page<'_>, club: &Club, language: Language) -> Response {
    let weak = |findings: &[Finding]| match findings {
        [] => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let wrong = |tried| match tried {
        true => StatusCode::UNAUTHORIZED,
        false => StatusCode::OK,
    };
    let (status, wait) = match &page {
        Page::Say(answer @ Answer::Wait(time)) => (answer.status(), Some(seconds(*time))),
        Page::Say(answer) | Page::Change(_, _, Some(answer)) | Page::Reset(_, _, Some(answer)) => {
            (answer.status(), None)
        }
        Page::SignUp(findings)
        | Page::Anew(_, findings)
        | Page::Change(findings, ..)
        | Page::Reset(_, findings, _) => (weak(findings), None),
        Page::Confirm(_, tried) | Page::SignIn(tried) => (wrong(*tried), None),
        Page::Blocked(_) => (StatusCode::FORBIDDEN, None),
        Page::Home(_) | Page::Forgotten | Page::Unlock(_) => (StatusCode::OK, None),
    };
    let html = Html(self::page(language, content(page, club, language)));
    let mut response = (status, html).into_response();
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The fields of every answer. `same-origin` keeps the secret of a link from other sites and
/// still lets the browser say where a form comes from.
pub(crate) async fn guard(mut response: Response) -> Response {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// What the meter is told: as much as the page that refuses would say.
pub(crate) fn verdict(assessment: &Assessment, language: Language) -> Value {
    let accepted = assessment.accepted();
    let findings: Vec<Value> = assessment
        .findings()
        .iter()
        .map(|finding| {
            json!({"message": finding.message(language), "advice": finding.advice(language)})
        })
        .collect();
    // Full only once accepted: a long bar beside a refusal would be read as a yes.
    let share = match accepted {
        true => 1.0,
        false => (assessment.guesses_log10() / 20.0).min(0.9),
    };
    json!({
        "accepted": accepted,
        "share": share,
        "summary": summary(accepted, language),
        "findings": findings,
    })
}

/// The same for bytes that are no password.
pub(crate) fn unreadable(error: ReadError, language: Language) -> Value {
    let finding = json!({"message": error.message(language), "advice": error.advice(language)});
    json!({
        "accepted": false,
        "share": 0,
        "summary": summary(false, language),
        "findings": [finding],
    })
}

fn summary(accepted: bool, language: Language) -> &'static str {
    match accepted {
        true => pick(
            language,
            "Ce mot de passe convient.",
            "This password will do.",
        ),
        false => pick(language, "Pas encore.", "Not yet."),
    }
}

fn content(page: Page<'_>, club: &Club, language: Language) -> String {
    let say = |fr, en| pick(language, fr, en);
    match page {
        Page::Home(Some(name)) => format!(
            "<h1>{}</h1><p>{}</p><p><a href=/password>{}</a></p>\
             <form method=post action=/sign-out><button>{}</button></form>",
            say("Bienvenue", "Welcome"),
            escape(name),
            say("Changer mon mot de passe", "Change my password"),
            say("Se déconnecter", "Sign out"),
        ),
        Page::Home(None) => format!(
            "<h1>Le Club</h1><p><a href=/sign-up>{}</a> · <a href=/sign-in>{}</a> · \
             <a href=/forgotten>{}</a></p>",
            say("Ouvrir un compte", "Open an account"),
            say("Se connecter", "Sign in"),
            say("Mot de passe oublié", "Forgotten password"),
        ),
        Page::SignUp(findings) => form(
            say("Ouvrir un compte", "Open an account"),
            "/sign-up",
            &[
                reasons(findings, language),
                address(language),
                new_password(club, language),
            ],
        ),
        Page::Confirm(link, tried) => {
            let known = form(
                say("Confirmer mon compte", "Confirm my account"),
                "/confirm",
                &[
                    wrong(tried, language),
                    hidden("link", link),
                    current("password", language),
                ],
            );
            let anew = match tried {
                true => content(Page::Anew(link, &[]), club, language),
                false => String::new(),
            };
            known + &anew
        }
        Page::Anew(link, findings) => form(
            say("Choisir un autre mot de passe", "Choose another password"),
            "/confirm-anew",
            &[
                reasons(findings, language),
                hidden("link", link),
                new_password(club, language),
            ],
        ),
        Page::SignIn(tried) => form(
            say("Se connecter", "Sign in"),
            "/sign-in",
            &[
                wrong(tried, language),
                address(language),
                current("password", language),
            ],
        ),
        Page::Change(findings, name, answer) => form(
            say("Changer de mot de passe", "Change the password"),
            "/password",
            &[
                reasons(findings, language),
                answer
                    .map(|answer| alert(&answer.text(language)))
                    .unwrap_or_default(),
                name.map_or_else(|| address(language), known_address),
                current("current", language),
                new_password(club, language),
            ],
        ),
        Page::Forgotten => form(
            say("Mot de passe oublié", "Forgotten password"),
            "/forgotten",
            &[address(language)],
        ),
        Page::Reset(link, findings, answer) => form(
            say("Choisir un autre mot de passe", "Choose another password"),
            "/reset",
            &[
                reasons(findings, language),
                answer
                    .map(|answer| alert(&answer.text(language)))
                    .unwrap_or_default(),
                hidden("link", link),
                new_password(club, language),
            ],
        ),
        Page::Blocked(name) if club.accounts.unlocks_by_link() => form(
            say("Recevoir un lien de déblocage", "Receive a link to unlock"),
            "/blocked",
            &[
                alert(&Answer::WriteToUs.text(language)),
                hidden("identifier", name),
            ],
        ),
        Page::Blocked(_) => alert(&Answer::WriteToUs.text(language)),
        Page::Unlock(link) => form(
            say("Débloquer mon compte", "Unlock my account"),
            "/unlock",
            &[hidden("link", link)],
        ),
        Page::Say(answer) => format!("<p role=status>{}</p>", escape(&answer.text(language))),
    }
}

/// A form whose title is also its button.
fn form(title: &str, action: &str, parts: &[String]) -> String {
    format!(
        "<h1>{title}</h1><form method=post action={action}>{}<button>{title}</button></form>",
        parts.concat()
    )
}

fn address(language: Language) -> String {
    format!(
        "<label>{}<input name=identifier type=email autocomplete=username required></label>",
        pick(language, "Adresse électronique", "E-mail address")
    )
}

/// For a password manager that saves what is changed.
fn known_address(name: &str) -> String {
    format!(
        "<input name=identifier type=email autocomplete=username value=\"{}\" readonly hidden>",
        escape(name)
    )
}

fn current(name: &str, language: Language) -> String {
    format!(
        "<label>{}<input name={name} type=password autocomplete=current-password required></label>",
        pick(language, "Mot de passe", "Password")
    )
}

/// The field of a new password: rules before, meter after. No `maxlength`, which would cut a
/// pasted password without a word.
fn new_password(club: &Club, language: Language) -> String {
    let judge = club.accounts.login().judge();
    let policy = judge.policy();
    let rules = policy.password_rules().map_or_else(String::new, |rules| {
        format!(" passwordrules=\"{}\"", escape(&rules))
    });
    format!(
        "<label>{}<input name=password type=password autocomplete=new-password required \
         aria-describedby=rules{rules}></label><p id=rules><small>{}</small></p>\
         <div id=meter role=status hidden><progress max=1></progress><output></output><ul></ul></div>\
         <script src=/meter.js defer></script>",
        pick(language, "Nouveau mot de passe", "New password"),
        escape(judge.forms().in_language(language)),
    )
}

fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=hidden name={name} value=\"{}\">",
        escape(value)
    )
}

/// Every reason and what to do about it.
fn reasons(findings: &[Finding], language: Language) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let items: String = findings
        .iter()
        .map(|finding| {
            let (message, advice) = (finding.message(language), finding.advice(language));
            format!("<li>{} <i>{}</i>", escape(&message), escape(&advice))
        })
        .collect();
    format!(
        "<div role=alert><b>{}</b><ul>{items}</ul></div>",
        pick(
            language,
            "Ce mot de passe ne convient pas",
            "This password will not do"
        )
    )
}

fn wrong(tried: bool, language: Language) -> String {
    match tried {
        true => alert(&Answer::WrongPassword.text(language)),
        false => String::new(),
    }
}

fn alert(text: &str) -> String {
    format!("<p role=alert>{}</p>", escape(text))
}

pub(crate) fn page(language: Language, content: String) -> String {
    format!(
        "<!doctype html><html lang={language}><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>Le Club</title>\
         <link rel=stylesheet href=/club.css><main>{content}</main>"
    )
}

/// Whole seconds, one more than what is left of the last one.
const fn seconds(time: Duration) -> u64 {
    time.as_secs() + 1
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

const fn pick<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}
