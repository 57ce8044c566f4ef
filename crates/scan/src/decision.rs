//! Published decisions of the CNIL whose facts a visitor can see from outside.
//!
//! A finding names a decision whose reported facts are like it, and claims nothing more: no
//! decision says that another site would be sanctioned. What is known of a decision from the
//! press alone prints "to be confirmed". No decision is known that faults a missing HSTS field,
//! so nothing about HSTS names one.

use policy::Language;

/// One decision, and how we know of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who, in words.
    pub who: &'static str,
    /// The number, or what there is instead.
    pub number: &'static str,
    /// The day.
    pub day: &'static str,
    /// Whether the facts stand on the CNIL's own page or text; otherwise others report them.
    pub is_first_hand: bool,
}

/// HTTP without HTTPS; passwords of one character.
pub static KG_COM: Decision = Decision {
    who: "KG COM",
    number: "SAN-2023-008",
    day: "2023-06-08",
    is_first_hand: true,
};
/// HTTP until October 2019; MD5.
pub static DOCTISSIMO: Decision = Decision {
    who: "Doctissimo",
    number: "SAN-2023-006",
    day: "2023-05-11",
    is_first_hand: false,
};
/// Passwords of eight characters at most.
pub static INFOGREFFE: Decision = Decision {
    who: "Infogreffe",
    number: "SAN-2022-018",
    day: "2022-09-08",
    is_first_hand: false,
};
/// Six characters accepted.
pub static DISCORD: Decision = Decision {
    who: "Discord",
    number: "SAN-2022-020",
    day: "2022-11-10",
    is_first_hand: false,
};
/// Generated passwords of eight characters, sent in clear and not temporary.
pub static FREE: Decision = Decision {
    who: "Free",
    number: "SAN-2022-022",
    day: "2022-11-30",
    is_first_hand: false,
};
/// Lasting passwords sent in clear.
pub static FREE_MOBILE: Decision = Decision {
    who: "Free Mobile",
    number: "SAN-2021-021",
    day: "2021-12-28",
    is_first_hand: false,
};
/// Six digits accepted.
pub static BRICO_PRIVE: Decision = Decision {
    who: "Brico Privé",
    number: "SAN-2021-008",
    day: "2021-06",
    is_first_hand: false,
};
/// Six characters, no class required.
pub static SPARTOO: Decision = Decision {
    who: "Spartoo",
    number: "SAN-2020-003",
    day: "2020-07-28",
    is_first_hand: false,
};
/// HTTP possible, obsolete TLS, certificates and suites that do not conform.
pub static FORMAL_NOTICES: Decision = Decision {
    who: "15 mises en demeure",
    number: "",
    day: "2022-07-08",
    is_first_hand: false,
};
/// Pages in clear that send personal data.
pub static SENATE: Decision = Decision {
    who: "Sénat",
    number: "",
    day: "2023-02-15",
    is_first_hand: false,
};

impl Decision {
    /// The reference, as a finding prints it.
    pub fn reference(&self, language: Language) -> String {
        let mut text = match (self.who, language) {
            ("15 mises en demeure", Language::En) => "15 formal notices".to_owned(),
            ("Sénat", Language::Fr) => "rappel au Sénat".to_owned(),
            ("Sénat", Language::En) => "reminder to the Sénat".to_owned(),
            (who, _) => who.to_owned(),
        };
        for part in [self.number, self.day] {
            if !part.is_empty() {
                text.push(' ');
                text.push_str(part);
            }
        }
        if !self.is_first_hand {
            text.push_str(match language {
                Language::Fr => " (à confirmer)",
                Language::En => " (to be confirmed)",
            });
        }
        text
    }
}

/// The line that a finding prints about decisions; `None` when there is none.
pub fn sentence(decisions: &[&Decision], language: Language) -> Option<String> {
    if decisions.is_empty() {
        return None;
    }
    let list: Vec<String> = decisions
        .iter()
        .map(|decision| decision.reference(language))
        .collect();
    let list = list.join(match language {
        Language::Fr => " ; ",
        Language::En => "; ",
    });
    Some(match language {
        Language::Fr => format!("faits voisins, tels que rapportés : CNIL, {list}"),
        Language::En => format!("like facts, as reported: CNIL, {list}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_report_is_to_be_confirmed() {
        assert_eq!(
            sentence(&[&KG_COM, &DOCTISSIMO], Language::En).as_deref(),
            Some(
                "like facts, as reported: CNIL, KG COM SAN-2023-008 2023-06-08; Doctissimo SAN-2023-006 2023-05-11 (to be confirmed)"
            )
        );
        assert_eq!(
            sentence(&[&SENATE], Language::Fr).as_deref(),
            Some(
                "faits voisins, tels que rapportés : CNIL, rappel au Sénat 2023-02-15 (à confirmer)"
            )
        );
        assert_eq!(sentence(&[], Language::Fr), None);
    }
}
