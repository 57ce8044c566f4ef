//! A sign-in that is sent back with a question, in the place of a captcha.
//!
//! Clause: [`clause::CNIL_CAPTCHA`]. The question is that of `[access]` ([`access::captcha`]): the
//! browser answers it with work, and the answer comes back as a cookie with the form that is sent
//! again, where the counters check it and admit one attempt. Nothing is kept here meanwhile.
//!
//! A client that shows no page, by `Authorization: Basic` or XML-RPC, has nobody who could answer.
//! It is told when the question ends by itself, to the hour, and that a sign-in on the site's page may
//! end it. A site that has no such page has no captcha: the policy refuses it.
//!
//! [`clause::CNIL_CAPTCHA`]: policy::clause::CNIL_CAPTCHA

use std::time::Duration;

use ::form::SignIn;
use access::{AnswerFault, Challenge};
use journal::Kind;
use policy::Text;
use policy::site::Encoding;

use super::super::{Admitted, Passing};
use super::sign_in::counted;
use crate::check::Refused;
use crate::form::FormEvent;
use crate::respond::{Details, Notice};
use crate::route::SiteForms;

/// Whether what a sign-in is answered reaches somebody who can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// A page, or a program of the site's own.
    Page,
    /// A program that knows passwords and nothing else.
    Program,
}

impl Reach {
    pub(super) fn of(sign_in: &SignIn) -> Self {
        let encodings = &sign_in.form.policy().encodings;
        match sign_in.in_head || encodings.contains(&Encoding::XmlRpc) {
            true => Self::Program,
            false => Self::Page,
        }
    }
}

impl Passing<'_> {
    /// What is answered where the counters ask for presence.
    pub(super) fn ask_for_presence(
        &mut self,
        forms: &SiteForms,
        question: Challenge,
        reach: Reach,
        admitted: &Admitted,
    ) -> Refused {
        // What is late or was used is no attack.
        if let Some(AnswerFault::Unreadable | AnswerFault::Foreign | AnswerFault::Unsolved) =
            question.fault()
        {
            self.event(FormEvent::PresenceRefused);
        }
        self.event(FormEvent::PresenceAsked);
        let kind = Kind::PresenceAsked {
            account: None,
            scope: journal::Scope::Account,
        };
        self.note(forms, kind, admitted);
        let refused = Refused::new(
            Notice::PresenceAsked,
            "sign-in: a calculation is to be answered",
        );
        match reach {
            Reach::Page => refused.explained(Details {
                challenge: Some(question),
                ..Details::default()
            }),
            Reach::Program => {
                let ends_in = question.ends_in().map(to_the_hour);
                Refused {
                    retry_after: ends_in,
                    ..refused.explained(Details {
                        advice: Some(for_a_program(ends_in)),
                        ..Details::default()
                    })
                }
            }
        }
    }
}

/// Strangers ask too: when the last failure was is not told them to the second.
fn to_the_hour(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs().div_ceil(HOUR).max(1) * HOUR)
}

const HOUR: u64 = 60 * 60;

/// What a program is told, and whoever reads its log.
fn for_a_program(ends_in: Option<Duration>) -> Text {
    let wait = ends_in.map(|time| counted(time.as_secs()));
    let (fr, en) = match &wait {
        Some(Text { fr, en }) => (
            format!(", réessayez dans {fr}"),
            format!(", try again in {en}"),
        ),
        None => Default::default(),
    };
    Text::new(
        format!(
            "Trop d’essais ont échoué sur ce compte, et un programme ne peut pas répondre à la vérification qui est demandée. Connectez-vous d’abord dans un navigateur, si le site a une page de connexion{fr}, ou adressez-vous à l’exploitant du site, qui peut parfois rouvrir le compte."
        ),
        format!(
            "Too many attempts on this account have failed, and a program cannot pass the check that is asked for. Sign in with a browser first, if the site has a sign-in page{en}, or ask the operator of the site, who may be able to open the account."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_hours() {
        for (seconds, hours) in [
            (0, 1),
            (1, 1),
            (3_600, 1),
            (3_601, 2),
            (86_399, 24),
            (86_400, 24),
        ] {
            let told = to_the_hour(Duration::from_secs(seconds));
            assert_eq!(told.as_secs(), hours * HOUR, "{seconds}");
        }
    }
}
