//! What the text of a preset says beyond a file without fault: told, never held against it.

use super::Preset;
use crate::access::Mechanism;
use crate::clause::{self, Clause};
use crate::password::{Case, Form};
use crate::site::Site;
use crate::{Policy, Text};

/// A remark on a policy without fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The clause that it comes from.
    pub clause: &'static Clause,
    /// The remark, one sentence without a full stop.
    pub text: Text,
}

impl Policy {
    /// What the texts say beyond this policy: the next level, what another setting would
    /// allow, where a reading is ours.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut note = |clause, fr: &str, en: &str| {
            notes.push(Note {
                clause,
                text: Text::new(fr, en),
            });
        };
        let password = self.password();
        let free = matches!(self.preset(), Preset::Nist | Preset::Asvs);
        if free
            && password.case == Case::PasswordAlone
            && password.forms == self.preset().forms(password.case)
        {
            note(
                &clause::CNIL_CASE_1,
                "rien d’autre ne protège le compte, d’où 18 caractères (80 bits) ; 15 suffisent avec `case = \"restricted-access\"`, quand [access] restreint vraiment les tentatives",
                "nothing else protects the account, hence 18 characters (80 bits); 15 are enough with `case = \"restricted-access\"`, where [access] really restricts attempts",
            );
        }
        let without_composition = password
            .forms
            .iter()
            .any(|form| matches!(form, Form::Characters(form) if form.required == 0));
        if free && without_composition {
            note(
                &clause::REMPART_CAREFUL_POOL,
                "aucun type n’est exigé, mais des chiffres seuls doivent être plus nombreux pour atteindre les bits du cas : c’est une longueur, pas une composition, selon notre lecture",
                "no type is required, but digits alone have to be more numerous to reach the bits of the case: a length and no composition, in our reading",
            );
        }
        if self.preset() == Preset::Asvs
            && password.refuse.breached.is_none()
            && password.refuse.online.is_none()
        {
            note(
                &clause::ASVS_BREACHED,
                "niveau 1 ; à partir du niveau 2, nommer un ensemble de mots de passe divulgués : `breached` ou [password.refuse.online]",
                "level 1; from level 2 on, name a set of leaked passwords: `breached` or [password.refuse.online]",
            );
        }
        if self.asks_for_work() {
            note(
                &clause::REMPART_WORK_AS_CAPTCHA,
                "la passerelle demande un calcul au navigateur ; que la CNIL y voie un captcha est à confirmer, alors qu’un délai (`mechanism = \"delay\"`) est dans son texte",
                "the gate asks a calculation of the browser; that the CNIL sees a captcha in it is to be confirmed, while a delay (`mechanism = \"delay\"`) is in its text",
            );
        }
        notes
    }

    /// Whether the gate asks for a calculation in the place of a captcha.
    pub(crate) fn asks_for_work(&self) -> bool {
        matches!(self.access().mechanism, Mechanism::Captcha(_))
            && self.sites().iter().any(Site::signs_in)
    }
}
