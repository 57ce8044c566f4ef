//! A sign-in that is sent back with a question, in the place of a captcha.
//!
//! Clause: [`clause::CNIL_CAPTCHA`]. The question is that of `[access]` ([`access::captcha`]): the
//! browser answers it with work, and the answer comes back as a cookie with the form that is sent
//! again, where the counters check it and admit one attempt. Nothing is kept here meanwhile.
//!
//! A client that shows no page, by `Authorization: Basic` or XML-RPC, has nobody who could answer.
//! It is told when the question ends by itself, and that a sign-in on the site's page ends it too.
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
    /// What is answered where a proof of presence is asked for.
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
        let refused = Refused::new(Notice::PresenceAsked, "sign-in: presence is to be proved");
        match reach {
            Reach::Page => refused.explained(Details {
                challenge: Some(question),
                ..Details::default()
            }),
            Reach::Program => Refused {
                retry_after: question.ends_in(),
                ..refused.explained(Details {
                    advice: Some(for_a_program(question.ends_in())),
                    ..Details::default()
                })
            },
        }
    }
}

/// What a program is told, and whoever reads its log.
fn for_a_program(ends_in: Option<Duration>) -> Text {
    let wait = ends_in.map(|time| counted(time.as_secs()));
    let (fr, en) = match &wait {
        Some(Text { fr, en }) => (
            format!(", ou réessayez dans {fr}"),
            format!(", or try again in {en}"),
        ),
        None => Default::default(),
    };
    Text::new(
        format!(
            "Trop d’essais ont échoué sur ce compte, et un programme ne peut pas répondre à la vérification qui est demandée. Connectez-vous d’abord par la page du site, dans un navigateur{fr}."
        ),
        format!(
            "Too many attempts on this account have failed, and a program cannot pass the check that is asked for. Sign in on the page of the site first, in a browser{en}."
        ),
    )
}
