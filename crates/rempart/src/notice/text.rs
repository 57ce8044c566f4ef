//! The words of the notices.
//!
//! Each says what happened, what the person can do, and what to do if it was somebody else.
//! Plain text, one idea to a paragraph, no blame.

use std::time::Duration;

use access::Timestamp;
use policy::Language::{self, En, Fr};
use zeroize::Zeroizing;

use super::{Message, Notice, Site, To, What};
use crate::accounts::LinkToken;

pub(super) fn message(notice: &Notice, site: &Site, language: Language) -> Message {
    let name = &site.name;
    let link = |page: &str, token: &LinkToken| Zeroizing::new(format!("{page}{}", token.expose()));
    let (subject, text) = match (&notice.what, language) {
        (What::Confirm { token, lifetime }, Fr) => (
            format!("{name} : confirmez votre inscription"),
            with_link(
                "Quelqu’un, sans doute vous, s’est inscrit avec cette adresse. Ouvrez ce lien et tapez le mot de passe choisi :",
                &link(&site.confirm, token),
                &format!(
                    "Il sert une fois, pendant {}. Si ce n’était pas vous, ignorez ce message : aucun compte n’est ouvert.",
                    time(*lifetime, Fr)
                ),
            ),
        ),
        (What::Confirm { token, lifetime }, En) => (
            format!("{name}: confirm your registration"),
            with_link(
                "Somebody, probably you, registered with this address. Open this link and type the password that was chosen:",
                &link(&site.confirm, token),
                &format!(
                    "It works once, for {}. If it was not you, ignore this message: no account is open.",
                    time(*lifetime, En)
                ),
            ),
        ),
        (What::AlreadyRegistered, Fr) => (
            format!("{name} : vous avez déjà un compte"),
            plain(
                "Quelqu’un, peut-être vous, s’est inscrit avec cette adresse, qui a déjà un compte. Rien n’a changé.\n\nConnectez-vous comme d’habitude. Si vous avez oublié votre mot de passe, demandez-en un autre depuis la page de connexion.",
            ),
        ),
        (What::AlreadyRegistered, En) => (
            format!("{name}: you already have an account"),
            plain(
                "Somebody, perhaps you, registered with this address, which already has an account. Nothing has changed.\n\nSign in as usual. If you forgot your password, ask for another one from the sign-in page.",
            ),
        ),
        (What::Registered, Fr) => (
            format!("{name} : votre compte est ouvert"),
            plain("Votre adresse est confirmée et votre compte est ouvert."),
        ),
        (What::Registered, En) => (
            format!("{name}: your account is open"),
            plain("Your address is confirmed and your account is open."),
        ),
        (What::Reset { token, lifetime }, Fr) => (
            format!("{name} : choisissez un autre mot de passe"),
            with_link(
                "Quelqu’un, sans doute vous, a demandé à changer le mot de passe de votre compte. Choisissez-en un autre ici :",
                &link(&site.reset, token),
                &format!(
                    "Ce lien sert une fois, pendant {}, et annule les précédents. Si ce n’était pas vous, ignorez ce message : votre mot de passe reste le même.",
                    time(*lifetime, Fr)
                ),
            ),
        ),
        (What::Reset { token, lifetime }, En) => (
            format!("{name}: choose another password"),
            with_link(
                "Somebody, probably you, asked to change the password of your account. Choose another one here:",
                &link(&site.reset, token),
                &format!(
                    "This link works once, for {}, and cancels earlier ones. If it was not you, ignore this message: your password stays the same.",
                    time(*lifetime, En)
                ),
            ),
        ),
        (What::Held { until }, Fr) => (
            format!("{name} : lien bientôt possible"),
            plain(&format!(
                "Quelqu’un, sans doute vous, a demandé un lien pour votre compte. L’adresse du compte a changé depuis peu : par sécurité, aucun lien n’y est envoyé avant le {}.\n\nRefaites la demande après ce moment. Si vous n’avez pas changé d’adresse, contactez-nous.",
                moment(*until, Fr)
            )),
        ),
        (What::Held { until }, En) => (
            format!("{name}: a link will be possible soon"),
            plain(&format!(
                "Somebody, probably you, asked for a link for your account. The address of the account changed a short while ago: for safety, no link is sent to it before {}.\n\nAsk again after that. If you did not change your address, contact us.",
                moment(*until, En)
            )),
        ),
        (What::Unlock { token, lifetime }, Fr) => (
            format!("{name} : débloquez votre compte"),
            with_link(
                "Quelqu’un, sans doute vous, a demandé à débloquer votre compte. S’il est bloqué, débloquez-le ici :",
                &link(&site.unlock, token),
                &format!(
                    "Ce lien sert une fois, pendant {}. Si vous n’avez rien demandé, ignorez ce message : rien n’a changé.",
                    time(*lifetime, Fr)
                ),
            ),
        ),
        (What::Unlock { token, lifetime }, En) => (
            format!("{name}: unlock your account"),
            with_link(
                "Somebody, probably you, asked to unlock your account. If it is blocked, unlock it here:",
                &link(&site.unlock, token),
                &format!(
                    "This link works once, for {}. If you asked for nothing, ignore this message: nothing has changed.",
                    time(*lifetime, En)
                ),
            ),
        ),
        (What::Blocked, Fr) => (
            format!("{name} : votre compte est bloqué"),
            plain(
                "Trop de mots de passe inexacts ont été tapés pour votre compte : par sécurité, il est bloqué. Ces essais ont échoué : ils ne vous obligent pas à changer de mot de passe.\n\nUn appareil dont vous vous servez d’habitude y entre toujours. Ailleurs, connectez-vous : la page vous dit comment le débloquer. Ce message ne part qu’une fois par jour.",
            ),
        ),
        (What::Blocked, En) => (
            format!("{name}: your account is blocked"),
            plain(
                "Too many wrong passwords were typed for your account: for safety, it is blocked. These tries failed: they do not oblige you to change your password.\n\nA device that you usually use still signs in. Elsewhere, sign in: the page says how to unlock it. This message is sent no more than once a day.",
            ),
        ),
        (What::PasswordChanged, Fr) => (
            format!("{name} : votre mot de passe a changé"),
            plain(
                "Le mot de passe de votre compte vient d’être changé, et vos autres sessions sont fermées.\n\nSi ce n’était pas vous, demandez tout de suite un autre mot de passe depuis la page de connexion, et contactez-nous.",
            ),
        ),
        (What::PasswordChanged, En) => (
            format!("{name}: your password has changed"),
            plain(
                "The password of your account has just been changed, and your other sessions are closed.\n\nIf it was not you, ask for another password from the sign-in page at once, and contact us.",
            ),
        ),
        (What::PasswordReset, Fr) => (
            format!("{name} : votre mot de passe a été remplacé"),
            plain(
                "Le mot de passe de votre compte vient d’être remplacé au moyen d’un lien envoyé à cette adresse, et toutes vos sessions sont fermées.\n\nSi ce n’était pas vous, quelqu’un lit votre courrier : changez le mot de passe de votre messagerie, puis celui-ci, et contactez-nous.",
            ),
        ),
        (What::PasswordReset, En) => (
            format!("{name}: your password was replaced"),
            plain(
                "The password of your account has just been replaced through a link sent to this address, and all your sessions are closed.\n\nIf it was not you, somebody reads your mail: change the password of your mailbox, then this one, and contact us.",
            ),
        ),
        (What::Attributed { lifetime }, Fr) => (
            format!("{name} : un mot de passe temporaire vous est attribué"),
            plain(&format!(
                "Un mot de passe temporaire a été attribué à votre compte ; il vous est remis par une autre voie. Il sert pendant {}, et la première connexion vous en fait choisir un autre.\n\nSi vous n’avez rien demandé, contactez-nous.",
                time(*lifetime, Fr)
            )),
        ),
        (What::Attributed { lifetime }, En) => (
            format!("{name}: you were given a temporary password"),
            plain(&format!(
                "Your account was given a temporary password, which reaches you by another way. It works for {}, and the first sign-in has you choose another one.\n\nIf you asked for nothing, contact us.",
                time(*lifetime, En)
            )),
        ),
        (What::Compromised { .. }, Fr) => (
            format!("{name} : changez votre mot de passe"),
            plain(
                "Des informations touchant votre mot de passe ont pu être divulguées. Vos sessions sont fermées, et la prochaine connexion vous fera choisir un autre mot de passe.\n\nSi vous employez le même mot de passe ailleurs, changez-le partout, en commençant par votre messagerie.",
            ),
        ),
        (What::Compromised { .. }, En) => (
            format!("{name}: change your password"),
            plain(
                "Information about your password may have been disclosed. Your sessions are closed, and the next sign-in will have you choose another password.\n\nIf you use the same password elsewhere, change it everywhere, your mailbox first.",
            ),
        ),
        (What::ContactChanged, Fr) => (
            format!("{name} : l’adresse de votre compte a changé"),
            plain(match notice.to {
                To::FormerContact => {
                    "L’adresse de votre compte vient d’être remplacée : les messages n’arriveront plus ici.\n\nSi ce n’était pas vous, contactez-nous tout de suite : aucun lien n’est encore envoyé à la nouvelle adresse."
                }
                To::Contact => {
                    "Cette adresse est désormais celle de votre compte. L’ancienne en est prévenue, et un lien de réinitialisation ne pourra être envoyé ici qu’après un délai."
                }
            }),
        ),
        (What::ContactChanged, En) => (
            format!("{name}: the address of your account has changed"),
            plain(match notice.to {
                To::FormerContact => {
                    "The address of your account has just been replaced: messages will not come here any more.\n\nIf it was not you, contact us at once: no link is sent to the new address yet."
                }
                To::Contact => {
                    "This is now the address of your account. The former one is told, and a reset link can be sent here only after a delay."
                }
            }),
        ),
        (What::NewDevice, Fr) => (
            format!("{name} : nouvelle connexion"),
            plain(
                "Quelqu’un s’est connecté à votre compte, avec le bon mot de passe, depuis un appareil que nous ne connaissions pas.\n\nSi c’était vous, tout va bien. Sinon, changez votre mot de passe.",
            ),
        ),
        (What::NewDevice, En) => (
            format!("{name}: a new sign-in"),
            plain(
                "Somebody signed in to your account, with the right password, from a device that we did not know.\n\nIf it was you, all is well. If not, change your password.",
            ),
        ),
    };
    Message { subject, text }
}

fn plain(text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{text}\n"))
}

fn with_link(before: &str, link: &str, after: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{before}\n\n{link}\n\n{after}\n"))
}

/// `30 minutes`, `1 heure`, `2 days`, rounded down to the unit, so that nobody is promised more.
fn time(time: Duration, language: Language) -> String {
    let minutes = time.as_secs() / 60;
    let (count, fr, en) = match minutes {
        0..60 => (minutes.max(1), "minute", "minute"),
        60..2880 => (minutes / 60, "heure", "hour"),
        _ => (minutes / 1440, "jour", "day"),
    };
    let unit = match language {
        Fr => fr,
        En => en,
    };
    let plural = if count > 1 { "s" } else { "" };
    format!("{count} {unit}{plural}")
}

/// To the minute, in UTC, rounded up so that what is promised is possible.
fn moment(moment: Timestamp, language: Language) -> String {
    let minutes = moment.micros().div_ceil(60_000_000);
    let seconds = i64::try_from(minutes * 60).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    let form = match language {
        Fr => "%d/%m/%Y à %H:%M (UTC)",
        En => "%Y-%m-%d at %H:%M (UTC)",
    };
    moment.strftime(form).to_string()
}

#[cfg(test)]
mod tests;
