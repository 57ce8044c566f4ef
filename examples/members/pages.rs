//! The pages, in French and English. They work without scripts; with them, a meter follows
//! what is typed.
//!
//! Nothing that was typed in a password field is ever shown again. Pasting is allowed, and the
//! fields tell password managers what to do (`autocomplete`, `passwordrules`). A field that is at
//! fault says so to whoever does not see the page, and has the focus.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rempart::{Accounts, Assessment, Finding, FlowError, Language};
use serde_json::{Value, json};

pub(crate) use crate::words::{Answer, Fault};
use crate::words::{escape, pick};

/// A page of the site, with what is wrong with the form that was sent.
pub(crate) enum Page {
    /// The name of who is signed in.
    Home(Option<String>),
    /// With the address that was typed.
    SignUp(String, Option<Fault>),
    /// With the secret of the link.
    Confirm(String, Option<Fault>),
    /// The same with another password.
    Anew(String, Option<Fault>),
    /// With the address that was typed.
    SignIn(String, Option<Fault>),
    /// Whose password.
    Change(String, Option<Fault>),
    Forgotten,
    /// With the secret of the link.
    Reset(String, Option<Fault>),
    /// Whose account.
    Blocked(String),
    /// With the secret of the link.
    Unlock(String),
    Say(Answer),
}

impl Page {
    pub(crate) const fn wait(time: Duration) -> Self {
        Self::Say(Answer::Wait(time))
    }

    const fn fault(&self) -> Option<&Fault> {
        match self {
            Self::SignUp(_, fault)
            | Self::Confirm(_, fault)
            | Self::Anew(_, fault)
            | Self::SignIn(_, fault)
            | Self::Change(_, fault)
            | Self::Reset(_, fault) => fault.as_ref(),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Say(answer) => answer.status(),
            Self::Blocked(_) => StatusCode::FORBIDDEN,
            _ => self.fault().map_or(StatusCode::OK, Fault::status),
        }
    }
}

impl From<FlowError> for Page {
    fn from(error: FlowError) -> Self {
        Self::Say(Answer::Failed(error))
    }
}

/// A page as a response.
pub(crate) fn show(page: &Page, accounts: &Accounts, language: Language) -> Response {
    let html = Html(Writer { accounts, language }.page(page));
    let mut response = (page.status(), html).into_response();
    if let Page::Say(Answer::Wait(time)) = page {
        let seconds = HeaderValue::from(time.as_secs() + 1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
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
pub(crate) fn verdict(found: &Assessment, language: Language) -> Value {
    let accepted = found.accepted();
    let findings = found.findings().iter().map(
        |finding| json!({"message": finding.message(language), "advice": finding.advice(language)}),
    );
    // Full only once accepted: a long bar beside a refusal would be read as a yes.
    let share = match accepted {
        true => 1.0,
        false => (found.guesses_log10() / 20.0).min(0.9),
    };
    let summary = match accepted {
        true => pick(
            language,
            "Ce mot de passe convient.",
            "This password will do.",
        ),
        false => pick(language, "Pas encore.", "Not yet."),
    };
    json!({
        "accepted": accepted,
        "share": share,
        "summary": summary,
        "findings": findings.collect::<Vec<Value>>(),
    })
}

/// Writes pages in one language.
struct Writer<'a> {
    accounts: &'a Accounts,
    language: Language,
}

impl Writer<'_> {
    fn say(&self, fr: &'static str, en: &'static str) -> &'static str {
        pick(self.language, fr, en)
    }

    fn page(&self, page: &Page) -> String {
        let title = self.title(page);
        format!(
            "<!doctype html><html lang={language}><meta charset=utf-8>\
             <meta name=viewport content=\"width=device-width\"><title>{title} · Le Club</title>\
             <link rel=stylesheet href=/club.css><script src=/club.js defer></script>\
             <header><a href=/>Le Club</a></header><main><h1>{title}</h1>{content}</main>",
            language = self.language,
            content = self.content(page),
        )
    }

    fn title(&self, page: &Page) -> &'static str {
        match page {
            Page::Home(_) => self.say("Bienvenue", "Welcome"),
            Page::SignUp(..) => self.say("Ouvrir un compte", "Open an account"),
            Page::Confirm(..) => self.say("Confirmer mon compte", "Confirm my account"),
            Page::Anew(..) | Page::Reset(..) => {
                self.say("Choisir un autre mot de passe", "Choose another password")
            }
            Page::SignIn(..) => self.say("Se connecter", "Sign in"),
            Page::Change(..) => self.say("Changer de mot de passe", "Change the password"),
            Page::Forgotten => self.say("Mot de passe oublié", "Forgotten password"),
            Page::Blocked(_) => self.say("Compte bloqué", "Blocked account"),
            Page::Unlock(_) => self.say("Débloquer mon compte", "Unlock my account"),
            Page::Say(answer) => answer.title(self.language),
        }
    }

    fn content(&self, page: &Page) -> String {
        let fault = page.fault();
        match page {
            Page::Home(Some(name)) => format!(
                "<p>{}</p><p>{}</p><form method=post action=/sign-out><button>{}</button></form>",
                escape(name),
                self.links(&["/password"]),
                self.say("Se déconnecter", "Sign out"),
            ),
            Page::Home(None) => format!("<p>{}</p>", self.links(&["/sign-up", "/sign-in"])),
            Page::SignUp(name, _) => self.form(
                page,
                "/sign-up",
                &[self.address(name, fault), self.new_password(fault)],
            ) + &format!("<p>{}</p>", self.links(&["/sign-in"])),
            Page::Confirm(link, _) => {
                let known = self.form(
                    page,
                    "/confirm",
                    &[hidden("link", link), self.password("password", fault)],
                );
                let other = self.form(
                    &Page::Anew(link.clone(), None),
                    "/confirm-anew",
                    &[hidden("link", link), self.new_password(None)],
                );
                match fault {
                    Some(_) => format!("{known}<h2>{}</h2>{other}", self.title(&Page::Anew(String::new(), None))),
                    None => known,
                }
            }
            Page::Anew(link, _) => self.form(
                page,
                "/confirm-anew",
                &[hidden("link", link), self.new_password(fault)],
            ),
            Page::SignIn(name, _) => self.form(
                page,
                "/sign-in",
                &[self.address(name, fault), self.password("password", fault)],
            ) + &format!("<p>{}</p>", self.links(&["/forgotten", "/sign-up"])),
            Page::Change(name, _) => self.form(
                page,
                "/password",
                &[
                    // For a password manager that saves what is changed.
                    format!(
                        "<input name=identifier type=email autocomplete=username value=\"{}\" readonly hidden>",
                        escape(name)
                    ),
                    self.password("current", fault),
                    self.new_password(fault),
                ],
            ),
            Page::Forgotten => {
                let about = self.say(
                    "Nous vous envoyons un lien pour en choisir un autre.",
                    "We send you a link to choose another one.",
                );
                format!("<p>{about}</p>")
                    + &self.form(page, "/forgotten", &[self.address("", None)])
            }
            Page::Reset(link, _) => self.form(
                page,
                "/reset",
                &[hidden("link", link), self.new_password(fault)],
            ),
            Page::Blocked(name) => {
                let (way, form) = match self.accounts.unlocks_by_link() {
                    true => (
                        self.say(
                            "Nous pouvons vous envoyer un lien qui le débloque.",
                            "We can send you a link that unlocks it.",
                        ),
                        self.form(page, "/blocked", &[hidden("identifier", name)]),
                    ),
                    false => (self.say("Écrivez-nous.", "Write to us."), String::new()),
                };
                let why = self.say(
                    "Trop de mots de passe inexacts ont été tapés pour ce compte.",
                    "Too many wrong passwords were typed for this account.",
                );
                format!("<p role=alert>{why} {way}</p>{form}")
            }
            Page::Unlock(link) => self.form(page, "/unlock", &[hidden("link", link)]),
            Page::Say(answer) => format!(
                "<p role=status>{}</p><p>{}</p>",
                escape(&answer.text(self.language)),
                self.links(answer.next()),
            ),
        }
    }

    /// A form with what was wrong above it.
    fn form(&self, page: &Page, action: &str, parts: &[String]) -> String {
        let button = match page {
            Page::Forgotten | Page::Blocked(_) => self.say("Recevoir un lien", "Receive a link"),
            _ => self.title(page),
        };
        let why = page.fault().map_or_else(String::new, |fault| match fault {
            Fault::Weak(found) => self.reasons(found.findings()),
            _ => format!("<p role=alert id=why>{}</p>", fault.text(self.language)),
        });
        format!(
            "{why}<form method=post action={action}>{}<button>{button}</button></form>",
            parts.concat()
        )
    }

    fn address(&self, name: &str, fault: Option<&Fault>) -> String {
        let wrong = matches!(fault, Some(Fault::NoAddress));
        // Who made a slip types one thing again, and not both.
        let focus = name.is_empty() || wrong;
        format!(
            "<label for=identifier>{}</label><input id=identifier name=identifier type=email \
             autocomplete=username value=\"{}\" required{}{}>",
            self.say("Adresse électronique", "E-mail address"),
            escape(name),
            focused(focus),
            described("", wrong),
        )
    }

    fn password(&self, name: &str, fault: Option<&Fault>) -> String {
        let wrong = matches!(fault, Some(Fault::WrongPassword));
        let label = match name {
            "current" => self.say("Mot de passe actuel", "Current password"),
            _ => self.say("Mot de passe", "Password"),
        };
        format!(
            "<label for={name}>{label}</label><input id={name} name={name} type=password \
             autocomplete=current-password required{}{}>",
            focused(wrong),
            described("", wrong),
        )
    }

    /// The field of a new password: rules before, meter after. No `maxlength`, which would cut a
    /// pasted password without a word.
    fn new_password(&self, fault: Option<&Fault>) -> String {
        let wrong = matches!(fault, Some(Fault::Weak(_) | Fault::UsedBefore));
        let judge = self.accounts.login().judge();
        let rules = judge.policy().password_rules();
        let rules = rules.map_or_else(String::new, |rules| {
            format!(" passwordrules=\"{}\"", escape(&rules))
        });
        // Beside the other form of a confirmation its name is taken.
        format!(
            "<label for=new>{}</label><input id=new name=password type=password \
             autocomplete=new-password required{}{}{rules}><p id=rules><small>{}</small></p>\
             <div id=meter role=status hidden><progress max=1 aria-hidden=true></progress>\
             <output></output><ul></ul></div>",
            self.say("Nouveau mot de passe", "New password"),
            focused(wrong),
            described("rules", wrong),
            escape(judge.forms().in_language(self.language)),
        )
    }

    /// Every reason and what to do about it.
    fn reasons(&self, findings: &[Finding]) -> String {
        let items = findings.iter().map(|finding| {
            let message = finding.message(self.language);
            let advice = finding.advice(self.language);
            format!("<li>{} <i>{}</i>", escape(&message), escape(&advice))
        });
        let title = self.say(
            "Ce mot de passe ne convient pas",
            "This password will not do",
        );
        let items: String = items.collect();
        format!("<div role=alert id=why><b>{title}</b><ul>{items}</ul></div>")
    }

    /// Where one may go from here.
    fn links(&self, pages: &[&str]) -> String {
        let links = pages.iter().map(|page| {
            let text = match *page {
                "/password" => self.say("Changer mon mot de passe", "Change my password"),
                "/sign-up" => self.title(&Page::SignUp(String::new(), None)),
                "/sign-in" => self.title(&Page::SignIn(String::new(), None)),
                "/forgotten" => self.title(&Page::Forgotten),
                _ => self.say("Retour à l’accueil", "Back to the first page"),
            };
            format!("<a href={page}>{text}</a>")
        });
        links.collect::<Vec<String>>().join(" · ")
    }
}

fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=hidden name={name} value=\"{}\">",
        escape(value)
    )
}

const fn focused(focus: bool) -> &'static str {
    match focus {
        true => " autofocus",
        false => "",
    }
}

/// What describes a field, and whether it is at fault.
fn described(by: &str, wrong: bool) -> String {
    match (by, wrong) {
        ("", false) => String::new(),
        (by, false) => format!(" aria-describedby={by}"),
        ("", true) => " aria-invalid=true aria-describedby=why".to_owned(),
        (by, true) => format!(" aria-invalid=true aria-describedby=\"why {by}\""),
    }
}
