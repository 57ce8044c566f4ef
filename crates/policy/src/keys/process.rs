//! `[process]`.

use super::{Key, Kind, Table};
use crate::clause;
use crate::process::Sandbox;
use crate::read::words;

pub(super) const PROCESS: Table = Table::new(
    "process",
    "Ce que le processus de la porte peut faire sur sa machine.",
    "What the process of the gate may do on its machine.",
    &[
        Key::new(
            "user",
            Kind::Text,
            "",
            "Utilisateur que la porte devient après avoir ouvert ses écoutes, si root la lance ; absent, elle n’en change pas.",
            "User that the gate becomes once its listeners are open, if root starts it; without it, it stays the same.",
        )
        .answers(&[&clause::REMPART_LEAST_PRIVILEGE]),
        Key::new(
            "sandbox",
            Kind::Word(words::<Sandbox>),
            "\"try\"",
            "Enfermement (Landlock, seccomp) : try prend ce que le noyau offre, require exige tout, off n’enferme pas.",
            "Confinement (Landlock, seccomp): try takes what the kernel offers, require demands all, off confines nothing.",
        )
        .answers(&[&clause::REMPART_LEAST_PRIVILEGE]),
    ],
);
