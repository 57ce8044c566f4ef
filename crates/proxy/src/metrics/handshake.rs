//! Why a TLS handshake came to nothing, in kinds that tell an operator where to look.

use std::io;

use policy::Text;

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandshakeFailure {
    /// Over its deadline.
    Late,
    /// The client left, or the network did.
    Closed,
    /// No certificate for the name asked for, or no name was asked for.
    NoCertificate,
    /// No version, suite or group in common.
    Incompatible,
    /// The client refused what it was shown: our certificate, as a rule.
    Rejected,
    /// The client's own certificate is missing or bad.
    ClientCertificate,
    /// Not TLS, or not as TLS is spoken.
    Malformed,
}

impl HandshakeFailure {
    pub(crate) const ALL: [Self; 7] = [
        Self::Late,
        Self::Closed,
        Self::NoCertificate,
        Self::Incompatible,
        Self::Rejected,
        Self::ClientCertificate,
        Self::Malformed,
    ];

    /// Its name in the metrics.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Closed => "closed",
            Self::NoCertificate => "no-certificate",
            Self::Incompatible => "incompatible",
            Self::Rejected => "rejected-by-client",
            Self::ClientCertificate => "client-certificate",
            Self::Malformed => "malformed",
        }
    }

    /// What a person reads.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Late => Text::new("trop lente", "too slow"),
            Self::Closed => Text::new("le client est parti", "the client left"),
            Self::NoCertificate => Text::new(
                "aucun certificat pour ce nom",
                "no certificate for that name",
            ),
            Self::Incompatible => Text::new(
                "aucune version ni suite en commun",
                "no version or suite in common",
            ),
            Self::Rejected => Text::new(
                "le client a refusé notre certificat",
                "the client refused our certificate",
            ),
            Self::ClientCertificate => Text::new(
                "certificat du client absent ou refusé",
                "client certificate missing or refused",
            ),
            Self::Malformed => Text::new("ce n’était pas du TLS", "that was not TLS"),
        }
    }

    /// The kind of an error that ended a handshake.
    pub(crate) fn of(error: &io::Error) -> Self {
        use rustls::Error;
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Error>());
        match inner {
            None => Self::Closed,
            // What rustls says when nothing is shown for a name.
            Some(Error::General(_)) => Self::NoCertificate,
            Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => Self::Incompatible,
            Some(Error::AlertReceived(_)) => Self::Rejected,
            Some(Error::NoCertificatesPresented | Error::InvalidCertificate(_)) => {
                Self::ClientCertificate
            }
            Some(_) => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn an_error_has_the_kind_that_helps() {
        let wrapped = |error: Error| io::Error::new(io::ErrorKind::InvalidData, error);
        for (error, kind) in [
            (
                io::ErrorKind::UnexpectedEof.into(),
                HandshakeFailure::Closed,
            ),
            (
                wrapped(Error::General("none".to_owned())),
                HandshakeFailure::NoCertificate,
            ),
            (
                wrapped(Error::PeerIncompatible(
                    PeerIncompatible::NoCipherSuitesInCommon,
                )),
                HandshakeFailure::Incompatible,
            ),
            (
                wrapped(Error::AlertReceived(AlertDescription::UnknownCA)),
                HandshakeFailure::Rejected,
            ),
            (
                wrapped(Error::NoCertificatesPresented),
                HandshakeFailure::ClientCertificate,
            ),
            (
                wrapped(Error::InvalidMessage(InvalidMessage::InvalidContentType)),
                HandshakeFailure::Malformed,
            ),
        ] {
            assert_eq!(HandshakeFailure::of(&error), kind, "{error}");
        }
    }

    #[test]
    fn every_kind_has_its_place_a_name_and_words_in_both_languages() {
        for (place, kind) in HandshakeFailure::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
            assert_ne!(kind.text().fr, kind.text().en, "{}", kind.code());
        }
        assert_eq!(
            HandshakeFailure::Malformed as usize + 1,
            HandshakeFailure::ALL.len()
        );
    }
}
