//! How an answer of the gate is written: a page for people, a problem document for programs.
//!
//! Clauses: RFC 9457 (problem documents); [`clause::CNIL_TELL_THE_RULES`] (a refusal says the
//! rules). A page loads nothing from anywhere; what little style and script it has is named in
//! its `Content-Security-Policy` by its hash, and it reads as well without either.
//!
//! Nothing that a client sent is in any of them: every part is our own text.
//!
//! [`clause::CNIL_TELL_THE_RULES`]: policy::clause::CNIL_TELL_THE_RULES

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use policy::{Language, Text};
use serde_json::{Value, json};

use access::Challenge;

use super::captcha;
use super::template::{Place, Template};
use crate::manner::{Format, Manner};

/// What an answer says.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) title: Text,
    pub(super) advice: Text,
    pub(super) details: &'a Details,
}

/// What an answer says beside the words of its notice.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// In the place of the status of the notice.
    pub(crate) status: Option<StatusCode>,
    /// In the place of the words of the notice.
    pub(crate) advice: Option<Text>,
    /// Why, one by one.
    pub(crate) reasons: Vec<Reason>,
    /// A question to be answered before the form is sent again.
    pub(crate) challenge: Option<Challenge>,
    /// Whether there is a form to go back to.
    pub(crate) back: bool,
    /// The methods that are served here, in the place of all.
    pub(crate) methods: Option<&'static str>,
    /// The operator's page, for people.
    pub(crate) template: Option<Arc<Template>>,
    /// Where to go instead.
    pub(crate) location: Option<HeaderValue>,
}

/// One reason.
#[derive(Debug)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    /// The clause, as texts name it.
    pub(crate) clause: Option<String>,
    pub(crate) message: Text,
    pub(crate) advice: Text,
}

const STYLE: &str = "body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em}h1{font-size:1.5em;line-height:1.3;text-wrap:balance}small{color:#555}li{margin:.6em 0}button{font:inherit;padding:.6em 1.2em}@media(max-width:40em){body{margin-top:1.5em}}";
/// Shows the button, which without scripts would do nothing. Going back keeps what was typed
/// in the other fields, where the browser can.
const SCRIPT: &str =
    "var b=document.getElementById('back');b.hidden=false;b.onclick=function(){history.back()}";
/// The policy of the pages: nothing but the style above, named by its SHA-256.
const CSP: &str = "default-src 'none'; style-src 'sha256-AyRbEeDUa67iHT5tTXQnTp8rn/gPO/O6hwXlOX2JnjE='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The policy of an operator's page: files of the site, and styles written into it. Nothing in it
/// comes from a client. A sign-in may stand in a frame of its site.
const CSP_OWN: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self' 'sha256-TxrmOXy0aSxMRMAbPHO0Qib2tzOTrD9ASRH8MFIhiuM=' 'sha256-6g6W/vygwhi7GSdc9uk+HigRENha6F+dlROAMeQFOEc='; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
/// The same as the first for pages with a question, and its script. Where the form stands in a frame
/// of its site, so does what answers it.
const CSP_CHALLENGE: &str = "default-src 'none'; style-src 'sha256-AyRbEeDUa67iHT5tTXQnTp8rn/gPO/O6hwXlOX2JnjE='; script-src 'sha256-6g6W/vygwhi7GSdc9uk+HigRENha6F+dlROAMeQFOEc='; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// The same for pages with the script above.
const CSP_BACK: &str = "default-src 'none'; style-src 'sha256-AyRbEeDUa67iHT5tTXQnTp8rn/gPO/O6hwXlOX2JnjE='; script-src 'sha256-TxrmOXy0aSxMRMAbPHO0Qib2tzOTrD9ASRH8MFIhiuM='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Message<'_> {
    /// The head and the body. `reference` is the identifier of the request in the log.
    pub(super) fn response(&self, manner: Manner, reference: &str) -> Response<Bytes> {
        let (kind, body) = match manner.format {
            Format::Html => (
                "text/html; charset=utf-8",
                self.page(manner.language, reference),
            ),
            Format::Json => (
                "application/problem+json",
                self.problem(manner.language, reference).to_string(),
            ),
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        let language = match manner.language {
            Language::Fr => "fr",
            Language::En => "en",
        };
        let csp = match (&self.details.template, &self.details.challenge) {
            (Some(_), _) => CSP_OWN,
            (None, Some(_)) => CSP_CHALLENGE,
            (None, None) if self.details.back => CSP_BACK,
            (None, None) => CSP,
        };
        for (name, value) in [
            (CONTENT_TYPE, kind),
            (CONTENT_LANGUAGE, language),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, csp),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
        ] {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }

    fn problem(&self, language: Language, reference: &str) -> Value {
        let mut problem = json!({
            "title": self.title.in_language(language),
            "status": self.status.as_u16(),
            "detail": self.advice.in_language(language),
            "code": self.code,
            "reference": reference,
        });
        if !self.details.reasons.is_empty() {
            let reasons = self.details.reasons.iter();
            let findings: Vec<Value> = reasons
                .map(|reason| {
                    json!({
                        "code": reason.code,
                        "clause": reason.clause,
                        "message": reason.message.in_language(language),
                        "advice": reason.advice.in_language(language),
                    })
                })
                .collect();
            problem["findings"] = Value::Array(findings);
        }
        if let Some(challenge) = &self.details.challenge {
            problem["challenge"] = captcha::problem(challenge);
        }
        problem
    }

    /// The language asked for first, the other one below: who reads an error page may be
    /// neither the person who set the browser up nor at home in its language.
    fn page(&self, first: Language, reference: &str) -> String {
        if let Some(template) = &self.details.template {
            return template.page(first, |place| self.place(place, first, reference));
        }
        let second = match first {
            Language::Fr => Language::En,
            Language::En => Language::Fr,
        };
        let (heading, text) = (
            self.title.in_language(first),
            self.advice.in_language(first),
        );
        let (heading, text) = (escaped(heading), escaped(text));
        let other_heading = escaped(self.title.in_language(second));
        let other_text = escaped(self.advice.in_language(second));
        let reasons = self.reasons(first);
        let back = if self.details.back {
            back(first)
        } else {
            String::new()
        };
        let label = match first {
            Language::Fr => "Référence :",
            Language::En => "Reference:",
        };
        format!(
            "<!doctype html>\n<html lang=\"{first}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{heading}</title>\
             <style>{STYLE}</style></head>\n<body><main><h1>{heading}</h1><p>{text}</p>{reasons}{back}\
             <p lang=\"{second}\"><small><b>{other_heading}.</b> {other_text}</small></p>\
             <p><small>{label} {reference}</small></p></main></body></html>\n"
        )
    }

    /// What stands in a place of an operator's page.
    fn place(&self, place: Place, language: Language, reference: &str) -> String {
        match place {
            Place::Language => language.to_string(),
            Place::Title => escaped(self.title.in_language(language)),
            Place::Text => escaped(self.advice.in_language(language)),
            Place::Reasons => self.reasons(language),
            Place::Back if self.details.back => back(language),
            Place::Back => String::new(),
            Place::Status => self.status.as_u16().to_string(),
            Place::Reference => escaped(reference),
        }
    }

    /// What there is to read or to be done beside the text, which an operator's page always has a
    /// place for.
    fn reasons(&self, language: Language) -> String {
        if let Some(challenge) = &self.details.challenge {
            return captcha::widget(challenge, language);
        }
        if self.details.reasons.is_empty() {
            return String::new();
        }
        let mut list = String::from("<ul>");
        for reason in &self.details.reasons {
            let message = escaped(reason.message.in_language(language));
            let advice = escaped(reason.advice.in_language(language));
            list += &format!("<li><b>{message}</b> {advice}</li>");
        }
        list + "</ul>"
    }
}

fn back(language: Language) -> String {
    let (label, without) = match language {
        Language::Fr => (
            "Revenir au formulaire",
            "Le bouton Retour du navigateur ramène aussi au formulaire, où le reste est souvent encore rempli.",
        ),
        Language::En => (
            "Back to the form",
            "The Back button of the browser also leads to the form, where the rest is often still filled in.",
        ),
    };
    format!(
        "<p><button type=\"button\" id=\"back\" hidden>{label}</button></p><p>{without}</p>\
         <script>{SCRIPT}</script>"
    )
}

/// Our own texts hold signs that HTML reserves, such as those that a policy names.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_style_and_the_script_are_the_ones_that_the_policy_allows() {
        let hash = |text: &str| {
            let digest = Base64::encode_string(&Sha256::digest(text.as_bytes()));
            format!("'sha256-{digest}'")
        };
        assert!(CSP.contains(&hash(STYLE)), "style {}", hash(STYLE));
        assert!(CSP_BACK.contains(&hash(STYLE)), "style {}", hash(STYLE));
        assert!(CSP_BACK.contains(&hash(SCRIPT)), "script {}", hash(SCRIPT));
        assert!(CSP_OWN.contains(&hash(SCRIPT)), "script {}", hash(SCRIPT));
        let question = hash(captcha::SCRIPT);
        for csp in [CSP_OWN, CSP_CHALLENGE] {
            assert!(csp.contains(&question), "script {question}");
        }
        assert!(CSP_CHALLENGE.contains(&hash(STYLE)));
    }

    #[test]
    fn reasons_are_escaped_in_pages_and_whole_in_problems() {
        let details = Details {
            reasons: vec![Reason {
                code: "a-code",
                clause: None,
                message: Text::new("<&>", "<&>"),
                advice: Text::new("« \" »", "\""),
            }],
            back: true,
            ..Details::default()
        };
        let message = Message {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "code",
            title: Text::new("titre", "title"),
            advice: Text::new("quoi", "what"),
            details: &details,
        };
        let page = message.page(Language::Fr, "0");
        assert!(
            page.contains("<li><b>&lt;&amp;&gt;</b> « &quot; »</li>"),
            "{page}"
        );
        assert!(page.contains(SCRIPT) && page.contains("hidden>Revenir"));
        let problem = message.problem(Language::En, "0");
        assert_eq!(problem["findings"][0]["message"], "<&>");
        assert_eq!(problem["status"], 422);
    }
}
