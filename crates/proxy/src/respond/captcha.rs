//! The question in the place of a captcha, as a page and a program get it.
//!
//! Clause: CNIL 2022-100, case 2 (a mechanism against automated submissions, such as a captcha).
//! There is nothing to see, to hear or to solve, and nobody else is asked. The script tries numbers
//! in slices, so that the page stays awake, shows how far it is, and leaves the answer in a cookie;
//! then the button leads back to the form, where what was typed often still stands. Without scripts
//! the page says what is left to do.

use access::Challenge;
use access::captcha::{LIFETIME, PARTS};
use policy::Language;
use serde_json::{Value, json};

use crate::form::counters::ANSWER;

/// The script. Its hash stands in the policies of the pages.
pub(super) const SCRIPT: &str = include_str!("captcha.js");

/// The question for a program: what is to be found, and the cookie in which it is brought.
pub(super) fn problem(question: &Challenge) -> Value {
    json!({
        "question": question.as_str(),
        "parts": PARTS,
        "bits": question.bits(),
        "lifetime": LIFETIME.as_secs(),
        "cookie": ANSWER,
    })
}

/// The part of the page that answers it. Everything in it is our own text.
pub(super) fn widget(question: &Challenge, language: Language) -> String {
    let words = Words::of(language);
    let (text, bits) = (question.as_str(), question.bits());
    let Words {
        working,
        done,
        kept_out,
        button,
        without,
    } = words;
    format!(
        "<div id=\"check\" data-question=\"{text}\" data-bits=\"{bits}\" data-parts=\"{PARTS}\" \
         data-cookie=\"{ANSWER}\" data-lifetime=\"{}\" hidden>\
         <p><label for=\"progress\">{working}</label> \
         <progress id=\"progress\" max=\"{PARTS}\" value=\"0\"></progress></p>\
         <p id=\"said\" role=\"status\" data-done=\"{done}\" data-kept-out=\"{kept_out}\"></p>\
         <p><button type=\"button\" id=\"back\" hidden>{button}</button></p></div>\
         <noscript><p>{without}</p></noscript><script>{SCRIPT}</script>",
        LIFETIME.as_secs()
    )
}

struct Words {
    working: &'static str,
    done: &'static str,
    kept_out: &'static str,
    button: &'static str,
    without: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::Fr => Self {
                working: "Calcul en cours :",
                done: "C’est fait. Revenez au formulaire et renvoyez-le.",
                kept_out: "Le calcul est fait, mais votre navigateur refuse le cookie qui en porte le résultat. Acceptez les cookies de ce site, puis renvoyez le formulaire.",
                button: "Revenir au formulaire",
                without: "Sans JavaScript, votre navigateur ne peut pas faire ce calcul. Activez-le pour ce site et renvoyez le formulaire, réessayez demain, ou adressez-vous à l’exploitant du site, qui peut parfois rouvrir le compte.",
            },
            Language::En => Self {
                working: "Calculating:",
                done: "Done. Go back to the form and send it again.",
                kept_out: "The calculation is done, but your browser refuses the cookie that holds its result. Accept the cookies of this site, then send the form again.",
                button: "Back to the form",
                without: "Without JavaScript your browser cannot do this calculation. Switch it on for this site and send the form again, try again tomorrow, or ask the operator of the site, who may be able to open the account.",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_names_what_the_page_has() {
        for name in [
            "check", "progress", "said", "back", "question", "bits", "parts", "cookie", "lifetime",
        ] {
            assert!(SCRIPT.contains(name), "{name}");
        }
        // It would end the element that it stands in.
        assert!(!SCRIPT.contains("</"), "a closing tag");
    }
}
