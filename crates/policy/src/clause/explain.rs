//! What `rempart explain CLAUSE` prints.

use super::{Clause, Evidence, Force};
use crate::Language;
use crate::keys;

impl Clause {
    /// The clause for a person: reference, sentence, force and evidence in words, and the
    /// keys of the policy that answer to it. Several lines, the last one ended too.
    pub fn explain(&self, language: Language) -> String {
        let (force, evidence, answers, none) = match language {
            Language::Fr => (
                match self.force {
                    Force::Must => "Force : obligatoire selon ce texte.",
                    Force::Should => "Force : recommandé par ce texte.",
                    Force::May => "Force : possible selon ce texte, sans être demandé.",
                },
                match self.evidence {
                    Evidence::Read => {
                        "Source : le texte, ou un texte officiel qui le reprend, a été lu."
                    }
                    Evidence::Reported => {
                        "Source : rapporté par un tiers, à confirmer sur le texte."
                    }
                    Evidence::Recalled => "Source : cité de mémoire, à confirmer sur le texte.",
                    Evidence::Derived => "Source : déduit par calcul ou par choix de conception.",
                },
                "Clés de la politique qui y répondent :",
                "Aucune clé de la politique n’y répond : cela tient au programme ou à l’organisation.",
            ),
            Language::En => (
                match self.force {
                    Force::Must => "Force: a must in this text.",
                    Force::Should => "Force: recommended by this text.",
                    Force::May => "Force: possible in this text, not asked for.",
                },
                match self.evidence {
                    Evidence::Read => {
                        "Evidence: the text, or an official text that restates it, was read."
                    }
                    Evidence::Reported => {
                        "Evidence: reported by a third party, to be confirmed against the text."
                    }
                    Evidence::Recalled => "Evidence: recalled, to be confirmed against the text.",
                    Evidence::Derived => "Evidence: derived by arithmetic or by design.",
                },
                "Keys of the policy that answer to it:",
                "No key of the policy answers to it: it rests with the program or the organisation.",
            ),
        };
        // The force is no surer than the sentence.
        let doubt = match (self.to_be_confirmed(), language) {
            (false, _) => "",
            (true, Language::Fr) => " (à confirmer)",
            (true, Language::En) => " (to be confirmed)",
        };
        let mut text = format!(
            "{} [{}]\n{}\n{}{doubt}.\n{evidence}\n",
            self.reference(language),
            self.id,
            self.in_language(language),
            force.trim_end_matches('.'),
        );
        let mut keys = keys::answering(self).peekable();
        if keys.peek().is_none() {
            text.push_str(none);
            text.push('\n');
            return text;
        }
        text.push_str(answers);
        text.push('\n');
        for (path, key) in keys {
            let colon = match language {
                Language::Fr => " :",
                Language::En => ":",
            };
            text.push_str(&format!("  {path}{colon} "));
            text.push_str(key.in_language(language));
            text.push('\n');
        }
        text
    }
}
