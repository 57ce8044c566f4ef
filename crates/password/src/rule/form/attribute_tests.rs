//! What a password manager draws by the `passwordrules` attribute meets a form.

use proptest::prelude::*;

use super::is_met;
use policy::Policy;

/// The characters of one `required` part.
fn class(text: &str) -> Vec<char> {
    match text {
        "lower" => ('a'..='z').collect(),
        "upper" => ('A'..='Z').collect(),
        "digit" => ('0'..='9').collect(),
        custom => {
            let inner = custom
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(']'));
            inner.expect("a class in brackets").chars().collect()
        }
    }
}

/// A draw by the attribute: one sign of each required class, the rest from all of them.
fn draw(rules: &str, seeds: &[usize]) -> String {
    // A `;` inside brackets ends no part.
    let (least, classes) = {
        let mut parts = rules.split("; required: ");
        let head = parts.next().expect("a first part");
        let least = head.split([' ', ';']).nth(1).expect("minlength first");
        let classes: Vec<Vec<char>> = parts
            .map(|part| class(part.strip_suffix(';').unwrap_or(part)))
            .collect();
        (least.parse::<usize>().expect("a number"), classes)
    };
    let all: Vec<char> = classes.iter().flatten().copied().collect();
    (0..least)
        .map(|place| {
            let from = classes.get(place).unwrap_or(&all);
            from[seeds[place % seeds.len()] % from.len()]
        })
        .collect()
}

const POLICIES: [&str; 6] = [
    "",
    "preset = \"anssi\"",
    "preset = \"nist\"",
    "preset = \"asvs\"",
    "[password]\ncase = \"restricted-access\"",
    "[[password.form]]\nkind = \"characters\"\nlength = 22\n\
     classes = [\"lower\", \"upper\", \"digit\", \"special\"]\nrequired = 2\nspecials = \"-]€;\"",
];

proptest! {
    #[test]
    fn a_drawn_password_meets_a_form(
        policy in prop::sample::select(&POLICIES[..]),
        seeds in prop::collection::vec(any::<usize>(), 64),
    ) {
        let loaded = policy::load(&format!("version = 1\n{policy}")).expect("a lawful policy");
        let password = Policy::password(&loaded.policy);
        let rules = password.password_rules().expect("sayable");
        let drawn = draw(&rules, &seeds);
        prop_assert!(is_met(&drawn, password), "{drawn} by {rules}");
        prop_assert!(drawn.chars().count() >= password.min_length());
    }
}
