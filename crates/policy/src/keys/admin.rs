//! `[transport.admin]`.

use super::{Key, Kind, Table};
use crate::read::words;
use crate::transport::admin::SocketMode;

pub(super) const ADMIN: Table = Table::new(
    "transport.admin",
    "La page de surveillance de la porte, ses mesures et son état de santé, pour cette machine seule.",
    "The page that watches the gate, its metrics and its health, for this machine alone.",
    &[
        Key::new(
            "listen",
            Kind::Text,
            "\"off\"",
            "Où l’ouvrir : off, une adresse de bouclage comme 127.0.0.1:9180, ou unix:CHEMIN d’une prise.",
            "Where to open it: off, a loopback address such as 127.0.0.1:9180, or unix:PATH of a socket.",
        ),
        Key::new(
            "mode",
            Kind::Word(words::<SocketMode>),
            "\"0600\"",
            "Qui peut ouvrir la prise unix : 0600 son propriétaire, 0660 son groupe aussi.",
            "Who may open the unix socket: 0600 its owner, 0660 its group too.",
        ),
    ],
);
