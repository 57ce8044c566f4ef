//! What the site says, in French and English.

use std::time::Duration;

use axum::http::StatusCode;
use rempart::{Assessment, FlowError, Language};

/// The one sentence of a page.
pub(crate) enum Answer {
    MailSent,
    Stale,
    NotOpened,
    ResetDone,
    Unlocked,
    Expired,
    WriteToUs,
    Wait(Duration),
    Failed(FlowError),
    Down,
}

/// What is wrong with a form that was sent.
pub(crate) enum Fault {
    Weak(Assessment),
    NoAddress,
    WrongPassword,
    UsedBefore,
    /// Nothing is wrong with it, and it opens nothing.
    ChangeFirst,
}

impl Answer {
    pub(crate) fn text(&self, language: Language) -> String {
        let (fr, en) = match self {
            Self::MailSent => (
                "Si cette adresse est la vôtre, un message vient de partir. Suivez le lien qu’il contient.",
                "If this address is yours, a message is on its way. Follow the link in it.",
            ),
            Self::Stale => (
                "Ce lien ne sert plus. Demandez-en un autre.",
                "This link no longer works. Ask for another one.",
            ),
            Self::NotOpened => (
                "Ce lien ne sert plus. Si votre compte n’est pas encore ouvert, recommencez l’inscription.",
                "This link no longer works. If your account is not open yet, open it again.",
            ),
            Self::ResetDone => (
                "Votre mot de passe est changé, et toutes vos sessions sont fermées. Connectez-vous.",
                "Your password is changed, and all your sessions are closed. Sign in.",
            ),
            Self::Unlocked => (
                "Votre compte est débloqué. Connectez-vous.",
                "Your account is unlocked. Sign in.",
            ),
            Self::Expired => (
                "Ce mot de passe temporaire n’est plus valable. Demandez un lien pour en choisir un autre.",
                "This temporary password is no longer valid. Ask for a link to choose another one.",
            ),
            Self::WriteToUs => (
                "Trop d’échecs : ce compte demande une autre preuve. Écrivez-nous.",
                "Too many failures: this account needs another proof. Write to us.",
            ),
            Self::Wait(time) => return wait(*time, language),
            Self::Failed(error) => return error.message(language).to_owned(),
            Self::Down => (
                "Le service est momentanément indisponible. Réessayez dans quelques minutes.",
                "The service is unavailable for a moment. Try again in a few minutes.",
            ),
        };
        pick(language, fr, en).to_owned()
    }

    pub(crate) const fn title(&self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::MailSent => ("Regardez votre courrier", "Look at your mail"),
            Self::Stale | Self::NotOpened => ("Lien périmé", "Link out of date"),
            Self::ResetDone => ("Mot de passe changé", "Password changed"),
            Self::Unlocked => ("Compte débloqué", "Account unlocked"),
            Self::Expired => ("Mot de passe périmé", "Password out of date"),
            Self::WriteToUs | Self::Wait(_) => ("Trop d’essais", "Too many attempts"),
            Self::Failed(_) | Self::Down => ("Un instant", "One moment"),
        };
        pick(language, fr, en)
    }

    /// Where to go from here.
    pub(crate) const fn next(&self) -> &'static [&'static str] {
        match self {
            Self::ResetDone | Self::Unlocked | Self::Wait(_) => &["/sign-in"],
            Self::Stale | Self::Expired => &["/forgotten"],
            Self::NotOpened => &["/sign-up", "/sign-in"],
            Self::MailSent | Self::WriteToUs | Self::Failed(_) | Self::Down => &["/"],
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::MailSent | Self::ResetDone | Self::Unlocked => StatusCode::OK,
            Self::Stale | Self::NotOpened => StatusCode::GONE,
            Self::Expired | Self::WriteToUs => StatusCode::FORBIDDEN,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(_) | Self::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Fault {
    pub(crate) const fn text(&self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Weak(_) => (
                "Ce mot de passe ne convient pas.",
                "This password will not do.",
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
            Self::ChangeFirst => (
                "Avant d’entrer, choisissez un autre mot de passe : celui-ci ne peut plus servir.",
                "Before you enter, choose another password: this one may serve no more.",
            ),
        };
        pick(language, fr, en)
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Weak(_) | Self::NoAddress | Self::UsedBefore => StatusCode::UNPROCESSABLE_ENTITY,
            Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::ChangeFirst => StatusCode::OK,
        }
    }
}

/// In minutes where seconds would be many.
fn wait(time: Duration, language: Language) -> String {
    let seconds = time.as_secs() + 1;
    let (count, unit) = match seconds {
        0..120 => (seconds, "s"),
        120..7200 => (seconds.div_ceil(60), "min"),
        _ => (seconds.div_ceil(3600), "h"),
    };
    match language {
        Language::Fr => format!("Par sécurité, réessayez dans {count} {unit}."),
        Language::En => format!("For safety, try again in {count} {unit}."),
    }
}

pub(crate) const fn pick<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
