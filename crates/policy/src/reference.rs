//! The commented reference policy, and the short file that `rempart init` writes.

use crate::Language;

/// `policy.toml` at the root of the repository: every key, with its default, in both
/// languages. It loads to [`crate::Policy::reference`].
pub fn reference_text() -> &'static str {
    include_str!("../../../policy.toml")
}

/// A short starter file for some sites, each a host and its origin, with comments in one
/// language. It loads without fault for every host and origin that the loader accepts.
pub fn template(sites: &[(&str, &str)], language: Language) -> String {
    let words = Words::of(language);
    let mut file = format!(
        "# {}\n# {}\n\nversion = 1\nlanguage = \"{language}\"\n\n\
         [password]\n# {}\ncase = \"password-alone\"\n",
        words.title, words.more, words.case,
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
    case: &'static str,
    upstream: &'static str,
    certificate: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::Fr => Self {
                title: "Politique de mots de passe et de connexion, pour rempart.",
                more: "Vérifier : rempart lint. Tout ce qui n’est pas écrit a une valeur sûre.",
                case: "password-alone : 80 bits. restricted-access : 50 bits, tentatives restreintes.",
                upstream: "Là où le site est vraiment servi.",
                certificate: "dev pour essayer ; ensuite { chain = \"chain.pem\", key = \"key.pem\" }.",
            },
            Language::En => Self {
                title: "Password and connection policy, for rempart.",
                more: "Check it: rempart lint. Whatever is not written has a safe value.",
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
