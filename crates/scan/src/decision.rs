//! Published decisions of the CNIL whose facts a visitor, or whoever reads the table of hashes,
//! can see. A scan and an audit name them from here alone.
//!
//! A finding names a decision whose reported facts are like it, figure by figure, and claims
//! nothing more: no decision says that another site would be sanctioned. What is known of a
//! decision from the press alone prints "to be confirmed". No decision is known that faults a
//! missing HSTS field, so nothing about HSTS names one; none is known that faults a function of
//! the SHA-2 family, so no such hash names one for its function.

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
/// MD5 until July 2022; others hashed without salt.
pub static EDF: Decision = Decision {
    who: "EDF",
    number: "SAN-2022-021",
    day: "2022-11-24",
    is_first_hand: false,
};
/// Passwords in clear, others in SHA-1.
pub static NS_CARDS: Decision = Decision {
    who: "NS Cards",
    number: "SAN-2023-023",
    day: "2023-12-29",
    is_first_hand: false,
};
/// The date of birth for a password, sent in clear.
pub static ACTIVE_ASSURANCES: Decision = Decision {
    who: "Active Assurances",
    number: "SAN-2019-007",
    day: "2019-07-18",
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

/// Passwords kept in clear.
pub static KEPT_IN_CLEAR: [&Decision; 3] = [&INFOGREFFE, &FREE, &NS_CARDS];
/// Hashes of MD5.
pub static KEPT_AS_MD5: [&Decision; 3] = [&DOCTISSIMO, &EDF, &BRICO_PRIVE];
/// Hashes of SHA-1.
pub static KEPT_AS_SHA1: [&Decision; 1] = [&NS_CARDS];
/// Hashes without a salt, whatever the function.
pub static KEPT_WITHOUT_SALT: [&Decision; 1] = [&EDF];

/// What decisions with like facts are named by.
pub(crate) type Like = &'static [&'static Decision];

/// A page, or a form, that sends what a visitor writes in clear.
pub(crate) static SENT_IN_CLEAR: [&Decision; 2] = [&SENATE, &FORMAL_NOTICES];
static EIGHT_AT_MOST: [&Decision; 1] = [&INFOGREFFE];
static ONE_CHARACTER: [&Decision; 1] = [&KG_COM];
static SIX_CHARACTERS: [&Decision; 2] = [&DISCORD, &SPARTOO];
static SIX_DIGITS: [&Decision; 1] = [&BRICO_PRIVE];

/// Decisions like a greatest length: eight was one's.
pub(crate) fn of_greatest(length: u32) -> Like {
    match length {
        ..=8 => &EIGHT_AT_MOST,
        _ => &[],
    }
}

/// Decisions like a least length: one was one's, six were others'.
pub(crate) fn of_least(length: u32) -> Like {
    match length {
        ..=1 => &ONE_CHARACTER,
        2..=6 => &SIX_CHARACTERS,
        _ => &[],
    }
}

/// Decisions like a least number of digits, and nothing else: six were one's.
pub(crate) fn of_digits(length: u32) -> Like {
    match length {
        ..=6 => &SIX_DIGITS,
        _ => &[],
    }
}

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
    fn a_figure_names_only_decisions_about_it() {
        let who = |like: Like| -> Vec<&str> { like.iter().map(|one| one.who).collect() };
        for (length, greatest, least, digits) in [
            (
                1,
                &["Infogreffe"][..],
                &["KG COM"][..],
                &["Brico Privé"][..],
            ),
            (
                6,
                &["Infogreffe"],
                &["Discord", "Spartoo"],
                &["Brico Privé"],
            ),
            (7, &["Infogreffe"], &[], &[]),
            (8, &["Infogreffe"], &[], &[]),
            (9, &[], &[], &[]),
            (15, &[], &[], &[]),
            (49, &[], &[], &[]),
        ] {
            assert_eq!(who(of_greatest(length)), greatest, "{length}");
            assert_eq!(who(of_least(length)), least, "{length}");
            assert_eq!(who(of_digits(length)), digits, "{length}");
        }
    }

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
