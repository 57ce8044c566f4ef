use proptest::prelude::*;

use super::*;
use crate::throttle::{Admission, Attempt, Throttle, Visitor};
use crate::{KeyMaker, Memory};

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(1_800_000_000 + seconds))
}

fn keys() -> KeyMaker {
    KeyMaker::with_secret([7; 32])
}

fn ana() -> CounterKey {
    keys().account("ana").into()
}

fn stands(failures: u32) -> Tally {
    Tally {
        failures,
        last_failure: at(0),
    }
}

fn asked(failures: u32) -> Challenge {
    Challenge::new(ana(), stands(failures), 3, None, &keys(), at(0))
}

/// What a browser does, from the description alone.
fn solved(question: &str, bits: u8) -> String {
    let seed = Sha256::digest(question.as_bytes());
    let mut numbers = Vec::new();
    for part in 0..16_u32 {
        let found = (0_u32..).find(|number| {
            let mut hash = Sha256::new();
            hash.update(seed);
            hash.update(part.to_be_bytes());
            hash.update(number.to_be_bytes());
            let hash = hash.finalize();
            let first = u64::from_be_bytes(hash[..8].try_into().expect("eight bytes"));
            first >> (64 - bits) == 0
        });
        numbers.extend(found.expect("a number").to_be_bytes());
    }
    format!("{question}.{}", Base64UrlUnpadded::encode_string(&numbers))
}

fn of(answer: &str, now: Timestamp) -> Result<Tally, AnswerFault> {
    check(answer, ana(), &keys(), now)
}

#[test]
fn an_answer_tells_how_the_failures_stood_and_the_question_does_not() {
    let question = asked(3);
    let answer = solved(question.as_str(), question.bits());
    assert_eq!(of(&answer, at(1)), Ok(stands(3)));
    let bytes = Base64UrlUnpadded::decode_vec(question.as_str()).expect("base64");
    assert_eq!(bytes.len(), QUESTION);
    let open = written(stands(3));
    assert_ne!(&bytes[HEAD..HEAD + TALLY], &open);
    let shown = format!("{question:?}");
    assert!(!shown.contains(question.as_str()), "{shown}");
    // Two questions differ in more than what they ask of: nothing is to be compared.
    let next = Challenge::new(ana(), stands(3), 3, None, &keys(), at(1));
    let next = Base64UrlUnpadded::decode_vec(next.as_str()).expect("base64");
    assert_ne!(bytes[HEAD..HEAD + TALLY], next[HEAD..HEAD + TALLY]);
}

#[test]
fn an_answer_is_for_its_account_site_and_time() {
    let question = asked(3);
    let answer = solved(question.as_str(), question.bits());
    let end = LIFETIME.as_secs();
    let other_site = keys().for_site("shop");
    let other_gate = KeyMaker::with_secret([8; 32]);
    let bob = keys().account("bob").into();
    for (counter, keys, seconds, expected) in [
        (ana(), &keys(), 0, Ok(stands(3))),
        (ana(), &keys(), end - 1, Ok(stands(3))),
        (ana(), &keys(), end, Err(AnswerFault::Expired)),
        (bob, &keys(), 1, Err(AnswerFault::Foreign)),
        (ana(), &other_site, 1, Err(AnswerFault::Foreign)),
        (ana(), &other_gate, 1, Err(AnswerFault::Foreign)),
    ] {
        assert_eq!(check(&answer, counter, keys, at(seconds)), expected);
    }
    // A clock behind the one that asked.
    let behind = Timestamp::new(Duration::from_secs(1_800_000_000 - 60));
    assert_eq!(of(&answer, behind), Ok(stands(3)));
}

#[test]
fn the_work_doubles_with_each_failure_up_to_a_bound() {
    for (failures, bits) in [(0, 15), (3, 15), (4, 16), (6, 18), (7, 18), (u32::MAX, 18)] {
        assert_eq!(asked(failures).bits(), bits, "{failures}");
    }
}

#[test]
fn too_little_work_opens_nothing() {
    let question = asked(4);
    let text = question.as_str();
    let nothing = format!(
        "{text}.{}",
        Base64UrlUnpadded::encode_string(&[0; PARTS * 4])
    );
    assert_eq!(of(&nothing, at(1)), Err(AnswerFault::Unsolved));
    // Work for an easier question, as if its bits could be chosen.
    let easier = solved(text, question.bits() - 4);
    assert_eq!(of(&easier, at(1)), Err(AnswerFault::Unsolved));
    let mut bytes = Base64UrlUnpadded::decode_vec(text).expect("base64");
    bytes[1] = 1;
    let rewritten = Base64UrlUnpadded::encode_string(&bytes);
    assert_eq!(of(&solved(&rewritten, 1), at(1)), Err(AnswerFault::Foreign));
    // All parts but one, and the parts in another order.
    let answer = solved(text, question.bits());
    let (_, numbers) = answer.split_once('.').expect("two parts");
    let numbers = Base64UrlUnpadded::decode_vec(numbers).expect("base64");
    let mut last = numbers.clone();
    last[PARTS * 4 - 1] ^= 1;
    let mut turned = numbers.clone();
    turned.rotate_left(4);
    for wrong in [last, turned] {
        let wrong = format!("{text}.{}", Base64UrlUnpadded::encode_string(&wrong));
        assert_eq!(of(&wrong, at(1)), Err(AnswerFault::Unsolved));
    }
}

#[test]
fn an_answer_changed_in_any_character_is_none() {
    let question = asked(3);
    let answer = solved(question.as_str(), question.bits());
    for place in 0..answer.len() {
        for sign in ["A", "B", "_", ".", "=", " ", "é", ""] {
            let mut forged = answer.clone();
            forged.replace_range(place..=place, sign);
            if forged != answer {
                assert!(of(&forged, at(1)).is_err(), "{forged}");
            }
        }
    }
    for forged in [
        String::new(),
        ".".to_owned(),
        question.as_str().to_owned(),
        format!("{}.", question.as_str()),
        format!("{answer}."),
        format!("{answer}AAAA"),
        answer.repeat(2),
        "A".repeat(100_000),
        format!("{}.{}", "A".repeat(50_000), "A".repeat(50_000)),
    ] {
        assert_eq!(of(&forged, at(1)), Err(AnswerFault::Unreadable));
    }
}

proptest! {
    /// Whatever a client sends is read or refused, and nothing but an answer is one.
    #[test]
    fn no_text_is_an_answer_by_chance(text in "\\PC{0,200}", like in "[A-Za-z0-9_-]{51}\\.[A-Za-z0-9_-]{86}") {
        prop_assert!(of(&text, at(1)).is_err());
        prop_assert!(matches!(of(&like, at(1)), Err(AnswerFault::Foreign | AnswerFault::Unreadable)));
    }

    #[test]
    fn any_tally_comes_back_as_it_was(failures: u32, micros in 0_u64..1 << 53, now in 0_u64..1 << 50) {
        let tally = Tally { failures, last_failure: Timestamp::from_micros(micros) };
        prop_assert_eq!(hidden(hidden(written(tally), &[3; SEAL], &keys()), &[3; SEAL], &keys()), written(tally));
        let question = Challenge::new(ana(), tally, failures, None, &keys(), Timestamp::from_micros(now));
        let answered = question.as_str().to_owned() + "." + &"A".repeat(86);
        // Read and ours; only the work is missing.
        prop_assert_eq!(of(&answered, Timestamp::from_micros(now)), Err(AnswerFault::Unsolved));
    }
}

fn throttle(lines: &str) -> Throttle {
    let text = format!("version = 1\n[access]\nmechanism = \"captcha\"\n{lines}");
    let policy = policy::load(&text).expect("a lawful policy").policy;
    Throttle::new(Memory::new(10_000), keys(), policy.access())
}

async fn go(throttle: &Throttle, visitor: &Visitor<'_>, now: Timestamp) -> Attempt {
    match throttle.admit(visitor, now).await.expect("an answer") {
        Admission::Go(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

async fn question(throttle: &Throttle, visitor: &Visitor<'_>, now: Timestamp) -> Challenge {
    match throttle.admit(visitor, now).await.expect("an answer") {
        Admission::ProvePresence(question) => question,
        other => panic!("{other:?}"),
    }
}

fn with<'a>(answer: &'a str, name: &'a str) -> Visitor<'a> {
    Visitor {
        answer: Some(answer),
        ..Visitor::new(name)
    }
}

#[tokio::test]
async fn one_answer_opens_one_attempt_of_its_account() {
    let throttle = throttle("[access.captcha]\nafter = 1\n");
    for name in ["ana", "bob"] {
        let attempt = go(&throttle, &Visitor::new(name), at(0)).await;
        assert!(!attempt.is_answered());
    }
    let asked = question(&throttle, &Visitor::new("ana"), at(1)).await;
    assert_eq!(asked.fault(), None);
    assert_eq!(asked.ends_in(), Some(DAY - Duration::from_secs(1)));
    let answer = solved(asked.as_str(), asked.bits());
    let other = question(&throttle, &with(&answer, "bob"), at(2)).await;
    assert_eq!(other.fault(), Some(AnswerFault::Foreign));
    let attempt = go(&throttle, &with(&answer, " ANA"), at(2)).await;
    assert!(attempt.is_answered());
    let again = question(&throttle, &with(&answer, "ana"), at(2)).await;
    assert_eq!(again.fault(), Some(AnswerFault::Spent));
    assert_eq!(again.bits(), asked.bits() + 1);
    // The right password was behind it, and another row begins: the old answer stays spent.
    attempt.succeed().await;
    drop(go(&throttle, &Visitor::new("ana"), at(3)).await);
    let next = question(&throttle, &with(&answer, "ana"), at(4)).await;
    assert_eq!(next.fault(), Some(AnswerFault::Spent));
}

#[tokio::test]
async fn an_answer_of_a_stranger_opens_no_known_browser_and_the_reverse() {
    let throttle = throttle("[access.captcha]\nafter = 1\n");
    let success = go(&throttle, &Visitor::new("ana"), at(0))
        .await
        .succeed()
        .await;
    let token = success.device_token().expect("randomness").expect("trust");
    let known = Visitor {
        device: Some(token.as_str()),
        ..Visitor::new("ana")
    };
    drop(go(&throttle, &known, at(1)).await);
    drop(go(&throttle, &Visitor::new("ana"), at(1)).await);
    let asked = question(&throttle, &known, at(2)).await;
    let answer = solved(asked.as_str(), asked.bits());
    let stranger = question(&throttle, &with(&answer, "ana"), at(2)).await;
    assert_eq!(stranger.fault(), Some(AnswerFault::Foreign));
    let answered = Visitor {
        answer: Some(&answer),
        ..known
    };
    assert!(go(&throttle, &answered, at(2)).await.is_answered());
}

#[tokio::test]
async fn the_days_cap_stays_whatever_is_solved() {
    let throttle =
        throttle("[access.captcha]\nafter = 10\n[access.limits]\npair = 0\nsource = 0\n");
    for _ in 0..10 {
        drop(go(&throttle, &Visitor::new("ana"), at(0)).await);
    }
    let proved = Visitor {
        presence: true,
        ..Visitor::new("ana")
    };
    for _ in 10..25 {
        drop(go(&throttle, &proved, at(1)).await);
    }
    let refused = throttle.admit(&proved, at(2)).await.expect("an answer");
    assert!(matches!(refused, Admission::Wait { .. }), "{refused:?}");
}

#[tokio::test]
async fn where_nothing_is_asked_an_answer_is_not_looked_at() {
    let policy = policy::Policy::reference();
    let throttle = Throttle::new(Memory::new(100), keys(), policy.access());
    let attempt = go(&throttle, &with("no answer", "ana"), at(0)).await;
    assert!(!attempt.is_answered());
}
