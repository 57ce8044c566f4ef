//! What passwords are worth: a table of attackers' knowledge, and bounds that always hold.

use proptest::prelude::*;

use super::*;

mod published;

const MOST: u32 = 60_000;

fn estimator() -> &'static Estimator {
    static ESTIMATOR: std::sync::OnceLock<Estimator> = std::sync::OnceLock::new();
    ESTIMATOR.get_or_init(|| Estimator {
        lists: Lists::built_in(),
        year: 2026,
        max_work: MOST,
    })
}

fn estimate_in(text: &str, context: &Context) -> Estimate {
    let password = Password::read(text.as_bytes().to_vec(), 4096).expect("a password");
    estimator().estimate(&password, context)
}

fn estimate(text: &str) -> Estimate {
    estimate_in(text, &Context::none())
}

#[test]
fn what_french_and_english_people_type() {
    use Pattern::{Common, Date, Keyboard, Phone, Place, Repeat, Sequence, Word};
    type Row = (&'static str, f64, f64, Option<Pattern>);
    let rows: &[Row] = &[
        // Words: whole, accented, bent, backwards, with signs for letters, with capitals.
        ("anticonstitutionnellement", 2.0, 5.0, None),
        ("Anticonstitutionnellement", 2.3, 5.3, None),
        ("hippopotames", 3.0, 5.5, Some(Word)),
        ("élégance", 2.0, 5.0, None),
        ("3l3g4nc3", 2.5, 5.8, None),
        ("ecnagele", 2.5, 5.8, None),
        ("eLEgAnCE", 3.5, 7.5, Some(Word)),
        ("thunderstorm", 3.0, 5.5, None),
        // Common passwords and what people add to them.
        ("motdepasse", 0.0, 2.5, Some(Common)),
        ("Doudou2019", 2.5, 5.5, Some(Common)),
        ("Soleil2024!", 3.5, 5.99, Some(Common)),
        ("P@ssw0rd123!", 3.0, 6.0, Some(Common)),
        ("jetaimemoncoeur", 0.5, 5.99, Some(Common)),
        ("azertyqwerty", 1.5, 4.5, Some(Common)),
        // Names, towns and their postcodes.
        ("nathalie75", 3.0, 5.5, None),
        ("Kevin1987", 3.0, 6.0, None),
        ("lefebvre", 1.0, 4.5, None),
        ("Marseille13000!", 1.5, 5.0, None),
        ("Toulouse31", 1.0, 4.0, None),
        ("montelimar26200", 3.0, 6.0, Some(Place)),
        // Keys, on the layout where they touch.
        ("Azertyuiop1!", 2.5, 5.5, Some(Common)),
        ("qsdfghjklm", 1.0, 3.5, Some(Keyboard)),
        ("wxcvbn,;:!", 1.0, 4.0, Some(Keyboard)),
        ("bépoauie", 2.0, 5.0, Some(Keyboard)),
        ("7410852963", 1.0, 6.5, None),
        // Repeats and sequences.
        ("abcabcabcabcabc", 1.0, 4.0, Some(Repeat)),
        ("aaaaaaaaaaaaaaaa", 0.5, 3.5, Some(Repeat)),
        ("abcdefghijkl", 0.5, 3.0, None),
        ("9876543210", 0.0, 3.0, None),
        ("ijklmnopqr", 1.5, 3.5, Some(Sequence)),
        ("vixenexiv", 3.0, 6.5, None),
        // Numbers that mean something.
        ("14071989", 2.5, 4.9, Some(Date)),
        ("14/07/1989", 3.0, 5.5, Some(Date)),
        ("1989-07-14", 3.0, 6.0, Some(Date)),
        ("0639847215", 7.5, 9.0, None),
        ("06 39 84 72 15", 7.5, 9.5, Some(Phone)),
        // What is worth something.
        ("7281930465728193", 9.0, 16.0, None),
        ("9fK!r2Vq#tZ7", 10.0, 18.0, None),
        (
            "cheval pile agrafe correct piano rivage onze",
            20.0,
            45.0,
            None,
        ),
        ("correcthorsebatterystaple", 9.0, 20.0, None),
    ];
    for &(text, least, most, pattern) in rows {
        let estimate = estimate(text);
        assert!(
            (least..=most).contains(&estimate.log10),
            "{text}: {estimate:?}"
        );
        if pattern.is_some() {
            assert_eq!(estimate.pattern, pattern, "{text}: {estimate:?}");
        }
    }
}

#[test]
fn words_of_the_context_count_split_joined_cut_backwards_and_disguised() {
    let context = Context::new(["zoé.quintrand@exemple.fr"]);
    for text in [
        "Quintrand2024!",
        "ZoeQuintrand1!",
        "quintrandzoe1!",
        "Zoé-Quintrand!",
        "dnartniuq2024!",
        "Qu1ntr4nd2024!",
        "quintr2024!",
    ] {
        let known = estimate_in(text, &context).log10;
        let unknown = estimate(text).log10;
        assert!(
            known < 6.5 && known + 1.5 < unknown,
            "{text}: {known} and {unknown}"
        );
    }
}

#[test]
fn years_count_from_the_given_year_and_not_from_today() {
    let at = |year| {
        let estimator = Estimator {
            lists: Lists::built_in(),
            year,
            max_work: MOST,
        };
        let password = Password::read(b"xqz1955".to_vec(), 64).expect("a password");
        estimator.estimate(&password, &Context::none()).log10
    };
    assert!(at(1955) < at(2026));
    assert_eq!(at(2026), at(2026));
}

#[test]
fn there_is_no_ceiling_at_64_bits() {
    let text = "9fK!r2Vq#tZ7wX3&mB8*dL5@hJ6%pQ1zN4yC0";
    assert!(estimate(text).log10 > 40.0);
}

/// The next of a fixed series of numbers below `end`.
fn next(seed: &mut u64, end: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed >> 11) as usize % end
}

/// What the default thresholds are chosen by: a password drawn at random in the form of one
/// of the CNIL's examples is accepted.
#[test]
fn random_passwords_in_the_cnils_forms_stay_above_the_thresholds() {
    let special = policy::password::Specials::DEFAULT;
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let digits = "0123456789";
    let mut seed = 88_172_645_463_325_252;
    for (length, signs, threshold, draws) in [
        (12, format!("{letters}{digits}{special}"), 9.0, 20_000),
        (14, format!("{letters}{digits}"), 9.0, 20_000),
        (8, format!("{letters}{digits}{special}"), 6.0, 40_000),
        (16, digits.to_owned(), 6.0, 20_000),
    ] {
        let signs: Vec<char> = signs.chars().collect();
        for _ in 0..draws {
            let text: String = (0..length)
                .map(|_| signs[next(&mut seed, signs.len())])
                .collect();
            let classes = [
                text.contains(|sign: char| sign.is_ascii_lowercase()),
                text.contains(|sign: char| sign.is_ascii_uppercase()),
                text.contains(|sign: char| sign.is_ascii_digit()),
                text.contains(|sign: char| !sign.is_ascii_alphanumeric()),
            ];
            let present = classes.iter().filter(|&&present| present).count();
            if length == 8 && present < 3 {
                continue;
            }
            let estimate = estimate(&text);
            assert!(estimate.log10 >= threshold, "{text}: {estimate:?}");
        }
    }
}

/// Inputs made to cost: each stays within the steps allowed.
#[test]
fn hostile_inputs_stay_within_their_steps() {
    let long = [
        "4@({[<69!|1$57+2%".repeat(240),
        "a".repeat(4096),
        "ab".repeat(2048),
        "abcabcabd".repeat(455),
        "passwordpassword1".repeat(240),
        "azertyuiopqsdfghjklm".repeat(204),
        "0612345678".repeat(409),
        "é".repeat(2048),
        "\u{130}".repeat(1024),
        "\u{301}".repeat(2000),
        "👩\u{200d}👩\u{200d}👧".repeat(200),
        "\u{202e}שלום".repeat(300),
        "1!1!|1l1i".repeat(450),
        "je t'aime ".repeat(400),
    ];
    for text in &long {
        let estimate = estimate(text);
        // Used up, they would count as all of them: the text was not read to its end.
        assert!(estimate.steps < MOST, "{} steps", estimate.steps);
        assert!(estimate.log10.is_finite() && estimate.log10 >= 0.0);
    }
}

#[test]
fn an_operators_list_replaces_a_built_in_one_or_is_added() {
    use policy::password::ListKind;
    let with = |lists: &[(Option<ListKind>, &str)], text: &str| {
        let estimator = Estimator {
            lists: Lists::with_own(lists.iter().copied()),
            year: 2026,
            max_work: MOST,
        };
        let password = Password::read(text.as_bytes().to_vec(), 64).expect("a password");
        estimator.estimate(&password, &Context::none()).log10
    };
    let added = [(None, "# lieux\nKerguéhennec\nTrou du Cru\n")];
    assert!(with(&added, "kerguehennec44") + 3.0 < with(&[], "kerguehennec44"));
    assert!(with(&added, "troudu44") <= with(&[], "troudu44"));
    let replaced = [(Some(ListKind::Towns), "Springfield\nOgdenville\n")];
    assert!(with(&replaced, "romorantinlanthenay41") > with(&[], "romorantinlanthenay41") + 1.0);
    assert!(with(&replaced, "ogdenville") < 1.0);
}

proptest! {
    #[test]
    fn any_text_has_a_finite_estimate_in_bounded_steps(text in "\\PC{1,300}") {
        let Ok(password) = Password::read(text.into_bytes(), 4096) else { return Ok(()) };
        let estimate = estimator().estimate(&password, &Context::new(["jean.dupont"]));
        prop_assert!(estimate.log10.is_finite() && estimate.log10 >= 0.0);
        prop_assert!(estimate.steps < MOST);
    }

    #[test]
    fn the_same_text_is_always_worth_the_same(text in "[a-zA-Z0-9éà!@$ ]{1,40}") {
        let first = estimate(&text);
        for _ in 0..4 {
            prop_assert_eq!(&estimate(&text), &first);
        }
    }

    #[test]
    fn the_order_of_context_words_never_matters(
        text in "[a-z]{2,12}[0-9]{0,4}",
        mut words in proptest::collection::vec("[a-z]{3,9}", 1..6),
    ) {
        let forwards = estimate_in(&text, &Context::new(&words));
        words.reverse();
        prop_assert_eq!(forwards, estimate_in(&text, &Context::new(&words)));
    }

    #[test]
    fn an_added_character_lowers_the_estimate_only_by_completing_a_pattern(
        text in "[a-zA-Z0-9!@$]{1,24}",
        more in "[a-zA-Z0-9!@$]",
    ) {
        let before = estimate(&text);
        let after = estimate(&(text.clone() + &more));
        let ends_in_pattern = {
            let read = Text::read(&(text + &more), 100);
            explained(&read).pieces.last().is_some_and(|piece| piece.pattern.is_some())
        };
        prop_assert!(after.log10 + 1e-9 >= before.log10 || ends_in_pattern);
    }
}

/// The path of a text, for what it says of its pieces.
fn explained(text: &Text) -> path::Path {
    estimator().explain(text, &Context::none()).0
}
