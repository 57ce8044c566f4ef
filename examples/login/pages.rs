//! The pages, in French and English.

use axum::response::Html;
use rempart::web::Client;
use rempart::{Finding, Language};

pub(crate) fn home(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p><a href=/sign-up>Ouvrir un compte</a> ou <a href=/sign-in>se connecter</a>.</p>",
            "<p><a href=/sign-up>Open an account</a> or <a href=/sign-in>sign in</a>.</p>",
        ),
    )
}

pub(crate) async fn sign_up_form(client: Client) -> Html<String> {
    let language = client.language();
    Html(page(
        language,
        &form(
            language,
            "/sign-up",
            "new-password",
            pick(language, "Ouvrir un compte", "Open an account"),
        ),
    ))
}

pub(crate) async fn sign_in_form(client: Client) -> Html<String> {
    let language = client.language();
    Html(page(
        language,
        &form(
            language,
            "/sign-in",
            "current-password",
            pick(language, "Se connecter", "Sign in"),
        ),
    ))
}

/// Every reason and what to do about it. Nothing that was typed is shown again.
pub(crate) fn refused(findings: &[Finding], language: Language) -> String {
    let title = pick(
        language,
        "Ce mot de passe ne convient pas",
        "This password will not do",
    );
    let mut reasons = String::new();
    for finding in findings {
        let (message, advice) = (finding.message(language), finding.advice(language));
        reasons += &format!("<li>{} <i>{}</i>", escape(&message), escape(&advice));
    }
    let form = form(
        language,
        "/sign-up",
        "new-password",
        pick(language, "Ouvrir un compte", "Open an account"),
    );
    page(
        language,
        &format!("<h1>{title}</h1><ul>{reasons}</ul>{form}"),
    )
}

/// No account can have what was typed as its name.
pub(crate) fn no_identifier(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p>Ce n’est pas une adresse. <a href=/sign-up>Recommencer</a></p>",
            "<p>This is no address. <a href=/sign-up>Try again</a></p>",
        ),
    )
}

pub(crate) fn signed_up(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p>C’est fait. <a href=/sign-in>Connectez-vous</a>.</p>",
            "<p>Done. <a href=/sign-in>Sign in</a>.</p>",
        ),
    )
}

pub(crate) fn welcome(language: Language) -> String {
    page(
        language,
        pick(language, "<h1>Bienvenue</h1>", "<h1>Welcome</h1>"),
    )
}

/// One sentence for a wrong password and for an unknown account (CNIL 2022-100).
pub(crate) fn not_recognised(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p>Identifiant ou mot de passe inconnu. <a href=/sign-in>Recommencer</a></p>",
            "<p>Unknown identifier or password. <a href=/sign-in>Try again</a></p>",
        ),
    )
}

pub(crate) fn wait(seconds: u64, language: Language) -> String {
    let text = match language {
        Language::Fr => format!("<p>Trop d’échecs : réessayez dans {seconds} s.</p>"),
        Language::En => format!("<p>Too many failures: try again in {seconds} s.</p>"),
    };
    page(language, &text)
}

pub(crate) fn blocked(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p>Trop d’échecs : ce compte demande une autre preuve. Écrivez-nous.</p>",
            "<p>Too many failures: this account needs another proof. Write to us.</p>",
        ),
    )
}

pub(crate) fn unavailable(language: Language) -> String {
    page(
        language,
        pick(
            language,
            "<p>Indisponible, réessayez plus tard.</p>",
            "<p>Unavailable, try again later.</p>",
        ),
    )
}

fn form(language: Language, action: &str, autocomplete: &str, button: &str) -> String {
    format!(
        "<form method=post action={action}>\
         <label>{} <input name=identifier autocomplete=username required></label>\
         <label>{} <input name=password type=password autocomplete={autocomplete} required></label>\
         <button>{button}</button></form>",
        pick(language, "Adresse électronique", "E-mail address"),
        pick(language, "Mot de passe", "Password"),
    )
}

fn page(language: Language, content: &str) -> String {
    format!(
        "<!doctype html><html lang={language}><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>rempart</title>\
         <style>body{{font:1em/1.5 system-ui;max-width:36em;margin:2em auto;padding:0 1em}}\
         label,input,button{{display:block;font:inherit;margin:.3em 0}}</style>{content}"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const fn pick<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}
