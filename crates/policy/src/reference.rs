//! The commented reference policy, and the short file that `rempart init` writes.

use crate::{Language, Preset};

/// `policy.toml` at the root of the repository: every key, with its default, in both
/// languages. It loads to [`crate::Policy::reference`].
pub fn reference_text() -> &'static str {
    include_str!("../../../policy.toml")
}

/// A short starter file of a preset for some sites, each a host and its origin, with comments
/// in one language. It loads without fault for every host and origin that the loader accepts.
pub fn template(preset: Preset, sites: &[(&str, &str)], language: Language) -> String {
    let words = Words::of(language);
    let mut file = format!(
        "# {}\n# {}\n\nversion = 1\nlanguage = \"{language}\"\n# {}\npreset = \"{}\"\n\n\
         [password]\n# {}\ncase = \"password-alone\"\n",
        words.title,
        words.more,
        words.preset(preset),
        preset.name(),
        words.case,
    );
    for (host, upstream) in sites {
        file.push_str(&format!(
            "\n[[site]]\nhosts = [{}]\n# {}\nupstream = {}\n# {}\ncertificate = \"dev\"\n",
            quote(host),
            words.upstream,
            quote(upstream),
            words.certificate,
        ));
    }
    file
}

struct Words {
    title: &'static str,
    more: &'static str,
    presets: [&'static str; 4],
    case: &'static str,
    upstream: &'static str,
    certificate: &'static str,
}

impl Words {
    const fn preset(&self, preset: Preset) -> &'static str {
        self.presets[preset as usize]
    }

    const fn of(language: Language) -> Self {
        match language {
            Language::Fr => Self {
                title: "Politique de mots de passe et de connexion, pour rempart.",
                more: "Vérifier : rempart lint. Tout ce qui n’est pas écrit a une valeur sûre.",
                presets: [
                    "Les exemples de la CNIL : 12 caractères des quatre types, 14 sans signe spécial, 7 mots.",
                    "ANSSI : 13 caractères des quatre types, ou 7 mots ; compromission dite en 24 h.",
                    "NIST : 18 caractères sans composition, ni renouvellement ; blocage après 100 échecs.",
                    "OWASP ASVS : 18 caractères sans composition, ni renouvellement.",
                ],
                case: "password-alone : 80 bits. restricted-access : 50 bits, tentatives restreintes.",
                upstream: "Là où le site est vraiment servi.",
                certificate: "dev pour essayer ; ensuite { chain = \"chain.pem\", key = \"key.pem\" }.",
            },
            Language::En => Self {
                title: "Password and connection policy, for rempart.",
                more: "Check it: rempart lint. Whatever is not written has a safe value.",
                presets: [
                    "The CNIL's examples: 12 characters of all four types, 14 without special sign, 7 words.",
                    "ANSSI: 13 characters of all four types, or 7 words; a compromise told in 24 h.",
                    "NIST: 18 characters without composition, no renewal; a block after 100 failures.",
                    "OWASP ASVS: 18 characters without composition, no renewal.",
                ],
                case: "password-alone: 80 bits. restricted-access: 50 bits, attempts restricted.",
                upstream: "Where the site is really served.",
                certificate: "dev to try; then { chain = \"chain.pem\", key = \"key.pem\" }.",
            },
        }
    }
}

/// A TOML text in quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            sign if sign.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(sign)));
            }
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}
