use std::collections::BTreeSet;

use super::*;
use crate::Account;

const HOUR: Duration = Duration::from_secs(3600);

/// Every notice; a new one has no place to hide, since `message` is exhaustive and this list
/// is compared with the number of its subjects.
fn all() -> Vec<Notice> {
    let account = Account::read("ana@example.fr").expect("a name");
    let token = || LinkToken::for_tests();
    let until = Timestamp::new(Duration::from_secs(1_800_000_001));
    let whats = vec![
        What::Confirm {
            token: token(),
            lifetime: HOUR,
        },
        What::AlreadyRegistered,
        What::Registered,
        What::Reset {
            token: token(),
            lifetime: HOUR,
        },
        What::Held { until },
        What::Unlock {
            token: token(),
            lifetime: HOUR,
        },
        What::PasswordChanged,
        What::PasswordReset,
        What::Attributed {
            lifetime: 24 * HOUR,
        },
        What::Compromised { tell_by: until },
        What::ContactChanged,
        What::NewDevice,
    ];
    whats
        .into_iter()
        .map(|what| Notice::new(&account, what))
        .collect()
}

#[test]
fn every_notice_has_a_message_of_its_own_in_both_languages() {
    let site = Site::new("Exemple", "https://example.fr/");
    let mut seen = BTreeSet::new();
    for notice in all() {
        for language in [Fr, En] {
            let Message { subject, text } = notice.message(&site, language);
            assert!(
                subject.starts_with("Exemple") && !subject.contains('\n'),
                "{subject}"
            );
            assert!(
                text.ends_with(".\n") && text.lines().count() < 12,
                "{}",
                *text
            );
            // Who the account is of is on the envelope.
            assert!(!text.contains("ana@"), "{}", *text);
            assert!(seen.insert(subject.clone()), "{subject}: twice");
            assert!(seen.insert(text.to_string()), "{}: twice", *text);
            if language == Fr {
                assert!(!text.contains('\''), "a typewriter apostrophe in {}", *text);
            }
            let quoted = format!("{notice:?} {:?}", notice.message(&site, language));
            let secret = notice.token().map(LinkToken::expose);
            if let Some(secret) = secret {
                assert!(text.contains(&format!("link={secret}\n")), "{}", *text);
                assert!(!subject.contains(secret) && !quoted.contains(secret));
            } else {
                assert!(!text.contains("https://"), "{}", *text);
            }
        }
    }
    assert_eq!(seen.len(), 12 * 4);
}

#[test]
fn the_two_addresses_are_told_different_things_of_a_change() {
    let site = Site::new("Exemple", "https://example.fr");
    let account = Account::read("ana").expect("a name");
    let texts: BTreeSet<String> = [To::Contact, To::FormerContact]
        .into_iter()
        .flat_map(|to| {
            let notice = Notice::new(&account, What::ContactChanged).to(to);
            [Fr, En].map(|language| notice.message(&site, language).text.to_string())
        })
        .collect();
    assert_eq!(texts.len(), 4);
}

#[test]
fn a_compromise_advises_to_change_the_password_elsewhere() {
    let site = Site::new("Exemple", "https://example.fr");
    let account = Account::read("ana").expect("a name");
    let notice = Notice::new(
        &account,
        What::Compromised {
            tell_by: Timestamp::default(),
        },
    );
    for (language, words) in [(Fr, "partout"), (En, "everywhere")] {
        assert!(notice.message(&site, language).text.contains(words));
    }
}

#[test]
fn times_are_said_in_words() {
    for (seconds, fr, en) in [
        (1, "1 minute", "1 minute"),
        (1800, "30 minutes", "30 minutes"),
        (3600, "1 heure", "1 hour"),
        (5400, "1 heure", "1 hour"),
        (86_400, "24 heures", "24 hours"),
        (172_800, "2 jours", "2 days"),
    ] {
        let length = Duration::from_secs(seconds);
        assert_eq!(time(length, Fr), fr);
        assert_eq!(time(length, En), en);
    }
    let late = Timestamp::new(Duration::from_secs(1_800_000_001));
    assert_eq!(moment(late, Fr), "15/01/2027 à 08:01 (UTC)");
    assert_eq!(moment(late, En), "2027-01-15 at 08:01 (UTC)");
}
