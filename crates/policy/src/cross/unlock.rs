//! How a block opens again at the gate.
//!
//! Clause: [`clause::CNIL_UNLOCK`]. Ten failures of a stranger block an account for every browser
//! that is not known. The gate sends no links, so what ends a block of its own is time, or a person
//! who opens it in a store that another process can reach.

use super::Places;
use crate::access::{Mechanism, Store, Unlock};
use crate::read::Faults;
use crate::report::Fault;
use crate::{Policy, Text, clause, code};

/// Whether somebody can open what the gate has blocked.
pub(crate) fn block_and_forms(policy: &Policy, places: &Places<'_, '_>, faults: &mut Faults) {
    let Mechanism::Block(block) = policy.access.mechanism else {
        return;
    };
    if !policy.sites.iter().any(crate::Site::signs_in) {
        return;
    }
    let shared = matches!(policy.access.store, Store::Redis(_) | Store::Postgres(_));
    let fault = match block.unlock {
        Unlock::After(_) => return,
        Unlock::Link => Fault::error(
            code::UNLOCK_LINK_AT_GATE,
            places.first(&["access.block.unlock", "access.mechanism"]),
            Text::new(
                "la passerelle n’envoie pas de lien qui débloque un compte",
                "the gate sends no link that unlocks an account",
            ),
        )
        .label(
            "un inconnu bloquerait le compte pour toujours",
            "a stranger would block the account for ever",
        )
        .fix(
            "écrire unlock = \"10h\" dans [access.block], ou mechanism = \"delay\" ; unlock = \"operator\" avec un dépôt redis:// ou postgres://",
            "write unlock = \"10h\" in [access.block], or mechanism = \"delay\"; unlock = \"operator\" with a store redis:// or postgres://",
        ),
        Unlock::Operator if !shared => Fault::error(
            code::UNLOCK_OUT_OF_REACH,
            places.first(&["access.block.unlock"]),
            Text::new(
                "personne ne peut débloquer un compte dans le dépôt de la passerelle",
                "nobody can unlock an account in the store of the gate",
            ),
        )
        .label(
            "`rempart unlock` n’atteint pas un dépôt qu’elle est seule à ouvrir",
            "`rempart unlock` does not reach a store that it alone has open",
        )
        .fix(
            "écrire store = \"redis://…\" ou \"postgres://…\" dans [access], ou unlock = \"10h\"",
            "write store = \"redis://…\" or \"postgres://…\" in [access], or unlock = \"10h\"",
        ),
        Unlock::Operator => Fault::warning(
            code::BLOCKED_BY_STRANGERS,
            places.first(&["access.block.unlock"]),
            Text::new(
                "un inconnu peut bloquer un compte jusqu’à ce que l’exploitant l’ouvre",
                "a stranger can block an account until the operator opens it",
            ),
        )
        .label(
            "tout navigateur inconnu en est écarté",
            "every browser that is not known is shut out",
        )
        .fix(
            "écrire unlock = \"10h\" dans [access.block], ou mechanism = \"delay\", où l’exploitant ne répond pas vite",
            "write unlock = \"10h\" in [access.block], or mechanism = \"delay\", where the operator does not answer soon",
        ),
    };
    faults.push(fault.clause(&clause::CNIL_UNLOCK));
}
