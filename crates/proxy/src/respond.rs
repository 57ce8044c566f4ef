//! Every answer that the gate makes itself.
//!
//! One exhaustive list, in French and English, as a page for people and as a problem
//! document (RFC 9457) for programs. An answer says what to do next and nothing about the
//! origin: details belong to the log, and the reference joins the two.
//!
//! Absent on purpose: `Strict-Transport-Security`. The stages set it on every answer, these
//! and the origin's, in one place.

use bytes::Bytes;
use http::header::{ALLOW, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use policy::Text;
use transport::framing::Fault;

use crate::manner::Manner;

mod captcha;
mod meter;
mod page;
mod serial;
mod template;

pub(crate) use meter::{script, verdict};
use page::Message;
pub(crate) use page::{Details, Reason};
pub(crate) use serial::serialise;
pub(crate) use template::Template;
pub use template::TemplateError;

/// What the gate has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The head breaks the grammar or is ambiguous.
    BadRequest,
    /// No site of that name, or not on this connection (RFC 9110, 15.5.20).
    Misdirected,
    /// `CONNECT`, `TRACE`.
    MethodNotAllowed,
    /// An `Expect` that is not `100-continue`.
    ExpectationFailed,
    /// A transfer coding that is not `chunked`.
    UnknownCoding,
    /// A method that is none.
    UnknownMethod,
    /// Neither HTTP/1.0 nor HTTP/1.1.
    UnknownVersion,
    /// The request body stopped coming.
    RequestTimeout,
    /// The request body is over the limit.
    BodyTooLarge,
    /// The request target is over the limit.
    TargetTooLong,
    /// The request head is over the limits.
    HeadTooLarge,
    /// Credentials were sent in clear.
    CredentialsExposed,
    /// In clear, where the policy serves nothing in clear.
    Cleartext,
    /// The same place, over https.
    Moved,
    /// `OPTIONS` that is to go no further.
    Options,
    /// The request has come round in a circle.
    Loop,
    /// The origin sends the client to where it is, for ever.
    EndlessRedirect,
    /// The origin is down or answers garbage.
    BadGateway,
    /// The origin is too slow.
    GatewayTimeout,
    /// No origin of the site is up.
    Unavailable,
    /// A chosen password that the policy refuses.
    WeakPassword,
    /// A request to a protected form that can be read in two ways.
    UnclearForm,
    /// A side door that the policy shuts.
    ClosedForm,
    /// Too many forms at once: nothing was judged.
    CrowdedForms,
    /// Too many failed sign-ins: not now.
    SignInDelayed,
    /// Too many failed sign-ins: not until somebody unlocks.
    SignInBlocked,
    /// Too many failed sign-ins: not without a proof of presence.
    PresenceAsked,
    /// The store of counters does not answer, and the policy says to refuse then.
    CountersDown,
    /// Asked from a page of another site.
    OtherSite,
    /// Where a password is changed.
    ChangePassword,
}

impl Notice {
    /// Every notice, in the order of their declaration.
    pub(crate) const ALL: [Self; 30] = [
        Self::BadRequest,
        Self::Misdirected,
        Self::MethodNotAllowed,
        Self::ExpectationFailed,
        Self::UnknownCoding,
        Self::UnknownMethod,
        Self::UnknownVersion,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::TargetTooLong,
        Self::HeadTooLarge,
        Self::CredentialsExposed,
        Self::Cleartext,
        Self::Moved,
        Self::Options,
        Self::Loop,
        Self::EndlessRedirect,
        Self::BadGateway,
        Self::GatewayTimeout,
        Self::Unavailable,
        Self::WeakPassword,
        Self::UnclearForm,
        Self::ClosedForm,
        Self::CrowdedForms,
        Self::SignInDelayed,
        Self::SignInBlocked,
        Self::PresenceAsked,
        Self::CountersDown,
        Self::OtherSite,
        Self::ChangePassword,
    ];

    /// Whether it says no, or that the origin failed.
    pub(crate) const fn is_refusal(self) -> bool {
        !matches!(self, Self::Moved | Self::Options | Self::ChangePassword)
    }

    /// Whether it answers a form, and an operator's page may say it.
    pub(crate) const fn is_of_forms(self) -> bool {
        matches!(
            self,
            Self::WeakPassword
                | Self::UnclearForm
                | Self::ClosedForm
                | Self::CrowdedForms
                | Self::SignInDelayed
                | Self::SignInBlocked
                | Self::PresenceAsked
                | Self::CountersDown
        )
    }

    /// Its name in the metrics: kebab-case, unique and stable.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Misdirected => "misdirected",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::ExpectationFailed => "expectation-failed",
            Self::UnknownCoding => "unknown-coding",
            Self::UnknownMethod => "unknown-method",
            Self::UnknownVersion => "unknown-version",
            Self::RequestTimeout => "request-timeout",
            Self::BodyTooLarge => "body-too-large",
            Self::TargetTooLong => "target-too-long",
            Self::HeadTooLarge => "head-too-large",
            Self::CredentialsExposed => "credentials-exposed",
            Self::Cleartext => "cleartext",
            Self::Moved => "moved",
            Self::Options => "options",
            Self::Loop => "loop",
            Self::EndlessRedirect => "endless-redirect",
            Self::BadGateway => "bad-gateway",
            Self::GatewayTimeout => "gateway-timeout",
            Self::Unavailable => "unavailable",
            Self::WeakPassword => "weak-password",
            Self::UnclearForm => "unclear-form",
            Self::ClosedForm => "closed-form",
            Self::CrowdedForms => "crowded-forms",
            Self::SignInDelayed => "sign-in-delayed",
            Self::SignInBlocked => "sign-in-blocked",
            Self::PresenceAsked => "presence-asked",
            Self::CountersDown => "counters-down",
            Self::OtherSite => "other-site",
            Self::ChangePassword => "change-password",
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ExpectationFailed => StatusCode::EXPECTATION_FAILED,
            Self::UnknownCoding | Self::UnknownMethod => StatusCode::NOT_IMPLEMENTED,
            Self::UnknownVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::CredentialsExposed | Self::Cleartext => StatusCode::FORBIDDEN,
            Self::Moved => StatusCode::PERMANENT_REDIRECT,
            Self::Options => StatusCode::OK,
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::EndlessRedirect | Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::ChangePassword => StatusCode::FOUND,
            Self::WeakPassword => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnclearForm => StatusCode::BAD_REQUEST,
            Self::ClosedForm | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::SignInDelayed | Self::SignInBlocked | Self::PresenceAsked => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Unavailable | Self::CrowdedForms | Self::CountersDown => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// The notice in the place of one of hyper's own, which are bare status lines.
    pub(crate) const fn of_parse_error(status: u16) -> Self {
        match status {
            405 => Self::MethodNotAllowed,
            414 => Self::TargetTooLong,
            431 => Self::HeadTooLarge,
            501 => Self::UnknownCoding,
            505 => Self::UnknownVersion,
            _ => Self::BadRequest,
        }
    }

    /// The notice for a fault of the framing.
    pub(crate) const fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::MethodUnknown => Self::UnknownMethod,
            _ => Self::of_parse_error(fault.status()),
        }
    }

    pub(crate) fn title(self) -> Text {
        match self {
            Self::BadRequest => Text::new("Requête incorrecte", "Bad request"),
            Self::Misdirected => Text::new("Site inconnu ici", "Unknown site"),
            Self::MethodNotAllowed => Text::new("Méthode refusée", "Method refused"),
            Self::ExpectationFailed => Text::new("Attente inconnue", "Unknown expectation"),
            Self::UnknownCoding => Text::new("Codage inconnu", "Unknown coding"),
            Self::UnknownMethod => Text::new("Méthode inconnue", "Unknown method"),
            Self::UnknownVersion => Text::new("Version de HTTP inconnue", "Unknown HTTP version"),
            Self::RequestTimeout => Text::new("Envoi interrompu", "Upload interrupted"),
            Self::BodyTooLarge => Text::new("Envoi trop volumineux", "Upload too large"),
            Self::TargetTooLong => Text::new("Adresse trop longue", "Address too long"),
            Self::HeadTooLarge => Text::new("En-têtes trop volumineux", "Headers too large"),
            Self::CredentialsExposed => Text::new(
                "Votre mot de passe vient d’être exposé",
                "Your password has just been exposed",
            ),
            Self::Cleartext => Text::new("Connexion non chiffrée", "Unencrypted connection"),
            Self::Moved => Text::new("Cette page est en HTTPS", "This page is on HTTPS"),
            Self::Options => Text::new("Méthodes acceptées", "Methods accepted"),
            Self::Loop => Text::new("La requête tourne en rond", "The request goes in a circle"),
            Self::EndlessRedirect => {
                Text::new("Le site redirige sans fin", "The site redirects for ever")
            }
            Self::BadGateway => Text::new("Site momentanément indisponible", "Site unavailable"),
            Self::Unavailable => Text::new("Site en pause", "Site down for a moment"),
            Self::GatewayTimeout => {
                Text::new("Le site tarde à répondre", "The site is slow to answer")
            }
            Self::WeakPassword => Text::new(
                "Ce mot de passe n’est pas assez sûr",
                "This password is not safe enough",
            ),
            Self::UnclearForm => Text::new("Formulaire ambigu", "Ambiguous form"),
            Self::ClosedForm => Text::new("Accès fermé", "Access closed"),
            Self::CrowdedForms => Text::new("Trop d’envois à la fois", "Too much at once"),
            Self::SignInDelayed => Text::new("Trop d’essais", "Too many attempts"),
            Self::SignInBlocked => Text::new("Compte bloqué", "Account blocked"),
            Self::PresenceAsked => Text::new(
                "Une vérification avant l’essai suivant",
                "A check before the next attempt",
            ),
            Self::OtherSite => Text::new("Demande d’un autre site", "Asked by another site"),
            Self::ChangePassword => Text::new("Changer de mot de passe", "Change the password"),
            Self::CountersDown => Text::new(
                "Connexion momentanément impossible",
                "Signing in is not possible for now",
            ),
        }
    }

    fn advice(self) -> Text {
        match self {
            Self::BadRequest => Text::new(
                "La requête est mal formée ou ambiguë. Vérifiez l’adresse, puis réessayez.",
                "The request is malformed or ambiguous. Check the address, then try again.",
            ),
            Self::Misdirected => Text::new(
                "Ce serveur ne sert pas ce site sur cette connexion. Vérifiez l’adresse, puis réessayez.",
                "This server does not serve that site on this connection. Check the address, then try again.",
            ),
            Self::MethodNotAllowed => Text::new(
                "Ce serveur n’accepte pas cette méthode HTTP. Employez GET ou POST.",
                "This server does not accept that HTTP method. Use GET or POST.",
            ),
            Self::ExpectationFailed => Text::new(
                "L’en-tête « Expect » demande ce que ce serveur ne sait pas faire. Retirez-le.",
                "The “Expect” header asks for what this server cannot do. Remove it.",
            ),
            Self::UnknownCoding => Text::new(
                "Le champ « Transfer-Encoding » demande ce que ce serveur ne sait pas lire. Employez « chunked » seul.",
                "The “Transfer-Encoding” field asks for what this server cannot read. Use “chunked” alone.",
            ),
            Self::UnknownMethod => Text::new(
                "Ce serveur ne connaît pas cette méthode HTTP. Les méthodes s’écrivent en capitales, comme GET ou POST.",
                "This server does not know that HTTP method. Methods are written in capitals, such as GET or POST.",
            ),
            Self::UnknownVersion => Text::new(
                "Ce serveur parle HTTP/1.1, et HTTP/2 quand la connexion l’a convenu. Employez l’un des deux.",
                "This server speaks HTTP/1.1, and HTTP/2 where the connection agreed to it. Use either.",
            ),
            Self::RequestTimeout => Text::new(
                "Les données ont cessé d’arriver. Vérifiez votre connexion, puis recommencez l’envoi.",
                "The data stopped coming. Check your connection, then send it again.",
            ),
            Self::BodyTooLarge => Text::new(
                "Le fichier ou le formulaire dépasse la taille acceptée. Envoyez-en un plus petit.",
                "The file or form is over the accepted size. Send a smaller one.",
            ),
            Self::TargetTooLong => Text::new(
                "L’adresse demandée est trop longue. Raccourcissez-la.",
                "The requested address is too long. Shorten it.",
            ),
            Self::HeadTooLarge => Text::new(
                "Les en-têtes dépassent la taille acceptée. Effacez les cookies de ce site, puis réessayez.",
                "The headers are over the accepted size. Delete the cookies of this site, then try again.",
            ),
            Self::CredentialsExposed => Text::new(
                "Ce qui vient d’être envoyé a traversé le réseau en clair, et rien n’a été transmis au site. \
                 Si un mot de passe s’y trouvait, considérez-le comme connu d’autrui : ouvrez le site en \
                 https:// et changez-le maintenant, ici et partout où il sert.",
                "What was just sent crossed the network in clear, and nothing was passed on to the site. If \
                 it held a password, consider it known to others: open the site with https:// and change \
                 it now, here and wherever else it is used.",
            ),
            Self::Cleartext => Text::new(
                "Ce serveur ne répond que sur une connexion chiffrée. Remplacez http:// par https:// dans l’adresse.",
                "This server answers on encrypted connections only. Replace http:// by https:// in the address.",
            ),
            Self::Moved => Text::new(
                "Votre navigateur va l’ouvrir sur une connexion chiffrée.",
                "Your browser will open it on an encrypted connection.",
            ),
            Self::Options => Text::new(
                "Ce serveur transmet les méthodes du champ « Allow ».",
                "This server passes on the methods of the “Allow” field.",
            ),
            Self::Loop => Text::new(
                "L’origine du site ramène à ce serveur, qui ne l’atteindrait jamais. Réessayez plus tard ; \
                 l’exploitant doit corriger l’adresse de l’origine (`upstream`).",
                "The origin of the site leads back to this server, which would never reach it. Try again \
                 later; the operator must correct the address of the origin (`upstream`).",
            ),
            Self::EndlessRedirect => Text::new(
                "Le site renvoie sans cesse à la page demandée : il ignore que votre connexion est déjà \
                 chiffrée. Réessayez plus tard ; son exploitant doit lui faire lire « X-Forwarded-Proto: \
                 https » (en PHP et pour WordPress : $_SERVER['HTTPS'] = 'on'), ou retirer sa propre \
                 redirection vers https.",
                "The site keeps sending you to the page that you asked for: it does not know that your \
                 connection is encrypted already. Try again later; its operator must make it read \
                 “X-Forwarded-Proto: https” (in PHP and for WordPress: $_SERVER['HTTPS'] = 'on'), or \
                 remove its own redirect to https.",
            ),
            Self::BadGateway => Text::new(
                "Le site n’a pas pu répondre. Réessayez dans quelques minutes.",
                "The site could not answer. Try again in a few minutes.",
            ),
            Self::Unavailable => Text::new(
                "Aucune des machines de ce site ne répond. Rien n’a été perdu ni envoyé : réessayez dans un instant.",
                "None of the machines of this site answers. Nothing was sent or lost: try again in a moment.",
            ),
            Self::GatewayTimeout => Text::new(
                "Le site n’a pas répondu à temps. Réessayez dans quelques minutes.",
                "The site did not answer in time. Try again in a few minutes.",
            ),
            Self::WeakPassword => Text::new(
                "Rien n’a été enregistré. Choisissez un autre mot de passe.",
                "Nothing was saved. Choose another password.",
            ),
            Self::UnclearForm => Text::new(
                "Le formulaire a été envoyé d’une façon qui peut se lire de deux manières. Rien n’a été transmis au site.",
                "The form was sent in a way that can be read in two ways. Nothing was passed on to the site.",
            ),
            Self::ClosedForm => Text::new(
                "Cet accès du site est fermé pour protéger les comptes. Connectez-vous par la page habituelle.",
                "This access of the site is shut, to protect accounts. Sign in on the usual page.",
            ),
            Self::CrowdedForms => Text::new(
                "Trop de formulaires arrivent en même temps. Rien n’a été transmis au site : renvoyez le vôtre dans un instant.",
                "Too many forms arrive at the same time. Nothing was passed on to the site: send yours again in a moment.",
            ),
            Self::SignInDelayed => Text::new(
                "Trop d’essais ont échoué. Attendez un peu avant le prochain ; même le bon mot de passe serait refusé d’ici là.",
                "Too many attempts have failed. Wait a little before the next one; even the right password would be refused until then.",
            ),
            Self::SignInBlocked => Text::new(
                "Trop d’essais ont échoué sur ce compte, qui est bloqué pour le protéger. Demandez à l’exploitant du site de le débloquer.",
                "Too many attempts on this account have failed, and it is blocked to protect it. Ask the operator of the site to unblock it.",
            ),
            Self::PresenceAsked => Text::new(
                "Trop d’essais ont échoué. Votre navigateur fait un calcul à votre place, en quelques secondes : il n’y a rien à lire, à écouter ni à deviner. Revenez ensuite au formulaire et renvoyez-le : un essai vous est ouvert.",
                "Too many attempts have failed. Your browser does a calculation for you, within seconds: there is nothing to read, to listen to or to guess. Then go back to the form and send it again: one attempt is open to you.",
            ),
            Self::OtherSite => Text::new(
                "Ceci ne répond qu’aux pages de ce site. Ouvrez le site lui-même, puis réessayez.",
                "This answers pages of this site only. Open the site itself, then try again.",
            ),
            Self::ChangePassword => Text::new(
                "Votre navigateur va ouvrir la page du site où le mot de passe se change.",
                "Your browser will open the page of the site where the password is changed.",
            ),
            Self::CountersDown => Text::new(
                "Les essais ne peuvent pas être comptés pour l’instant, et personne ne peut se connecter d’ici là. Réessayez dans quelques minutes.",
                "Attempts cannot be counted for now, and nobody can sign in until they can. Try again in a few minutes.",
            ),
        }
    }

    /// The head and the body. `reference` is the identifier of the request in the log.
    pub(crate) fn response(self, manner: Manner, reference: &str) -> Response<Bytes> {
        self.explained(&Details::default(), manner, reference)
    }

    /// The same, with what there is to say beside.
    pub(crate) fn explained(
        self,
        details: &Details,
        manner: Manner,
        reference: &str,
    ) -> Response<Bytes> {
        let message = Message {
            status: details.status.unwrap_or_else(|| self.status()),
            code: self.code(),
            title: self.title(),
            advice: details.advice.clone().unwrap_or_else(|| self.advice()),
            details,
        };
        let mut response = message.response(manner, reference);
        if matches!(self, Self::MethodNotAllowed | Self::Options) {
            const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
            let methods = HeaderValue::from_static(details.methods.unwrap_or(METHODS));
            response.headers_mut().insert(ALLOW, methods);
        }
        if let Some(location) = &details.location {
            response.headers_mut().insert(LOCATION, location.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests;
