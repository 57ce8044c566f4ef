//! Names that are spelt alike: what owning one of them is worth against the others.

use super::*;

/// What two accounts of names that are spelt alike are worth to a guesser who owns one of them.
#[tokio::test]
async fn whoever_owns_a_name_that_is_spelt_alike_has_no_more_tries() {
    for (lines, most) in [
        ("", 25),
        ("[access]\nmechanism = \"block\"\n", 10),
        ("[access]\nmechanism = \"captcha\"\n", 3),
    ] {
        let throttle = throttle(&format!("{lines}\n[access.limits]\nsource = 0\npair = 0"));
        let (victim, own) = (Visitor::new("ana"), Visitor::new("an\u{e1}"));
        let mut tries = 0;
        // A guess every quarter of an hour, for a day.
        for quarter in 0..95 {
            let now = at(quarter * 900);
            if let Admission::Go(_) = admit(&throttle, &victim, now).await {
                tries += 1;
            }
            if let Admission::Go(attempt) = admit(&throttle, &own, now).await {
                let _ = attempt.succeed().await;
            }
            throttle.unlock(&own, now).await.expect("an answer");
        }
        assert_eq!(tries, most, "{lines}");
    }
}

#[tokio::test]
async fn many_spellings_have_no_more_tries_than_their_cap() {
    for (lines, most) in [
        ("", 25),
        ("[access]\nmechanism = \"block\"\n", 20),
        ("[access]\nmechanism = \"captcha\"\n", 25),
    ] {
        let throttle = throttle(&format!("{lines}\n[access.limits]\nsource = 0\npair = 0"));
        let mut tries = 0;
        for spelling in 0..200_usize {
            // Zero-width signs and an accent are no other name to a directory that folds them.
            let name = format!("an{}a", "\u{200b}".repeat(spelling));
            if let Admission::Go(_) = admit(&throttle, &Visitor::new(&name), at(1)).await {
                tries += 1;
            }
        }
        assert_eq!(tries, most, "{lines}");
        let ana = Visitor::new("ana");
        assert_eq!(waits(&throttle, &ana, at(2)).await, Some(Scope::Alike));
        // Her browser is known, and goes on.
        let token = throttle.trust("ana", at(2)).expect("randomness");
        let token = token.expect("trust").as_str().to_owned();
        let known = Visitor {
            device: Some(&token),
            ..ana
        };
        drop(go(&throttle, &known, at(2)).await);
        // An operator looks whose they are.
        throttle.unlock_alike(&ana, at(3)).await.expect("an answer");
        assert_eq!(
            waits(&throttle, &Visitor::new("an\u{e1}"), at(3)).await,
            None
        );
        // A directory that tells them apart has no cap on them together.
        let exact = throttle.with_exact_names();
        for spelling in 0..30_usize {
            let name = format!("bo{}b", "\u{200b}".repeat(spelling));
            drop(go(&exact, &Visitor::new(&name), at(1)).await);
        }
    }
}

#[tokio::test]
async fn what_the_caller_knows_to_be_one_name_has_one_cap() {
    let throttle = throttle("[access.limits]\nsource = 0\npair = 0");
    for try_ in 0..40 {
        let name = format!("jean{}dupont", ".".repeat(try_));
        let visitor = Visitor {
            alike: Some("jeandupont"),
            ..Visitor::new(&name)
        };
        let admission = admit(&throttle, &visitor, at(1)).await;
        assert_eq!(matches!(admission, Admission::Go(_)), try_ < 25, "{try_}");
    }
}

/// Three tries of each spelling are asked for no proof: the day bounds them all the same, and a
/// success takes back its own place.
#[tokio::test]
async fn the_free_tries_of_many_spellings_are_bounded_under_a_captcha() {
    let throttle =
        throttle("[access]\nmechanism = \"captcha\"\n[access.limits]\nsource = 0\npair = 0");
    let mut free = 0;
    for spelling in 0..40_usize {
        let name = format!("jean{}", ".".repeat(spelling));
        let visitor = Visitor {
            alike: Some("jean"),
            ..Visitor::new(&name)
        };
        for _ in 0..3 {
            match admit(&throttle, &visitor, at(1)).await {
                Admission::Go(attempt) if spelling == 0 => drop(attempt.succeed().await),
                Admission::Go(_) => free += 1,
                Admission::Wait { scope, .. } => assert_eq!(scope, Scope::Alike),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(free, 25);
}

/// What nothing proves is given back to the counter of the device, and has a day's cap all the same.
#[tokio::test]
async fn a_known_browser_has_a_day_too() {
    for (lines, most) in [
        ("", 25),
        ("[access]\nmechanism = \"block\"\n", 20),
        ("[access]\nmechanism = \"captcha\"\n", 25),
    ] {
        let throttle = throttle(lines);
        let text = token(&throttle, "ana", at(0)).await;
        let known = Visitor {
            device: Some(&text),
            ..Visitor::new("ana")
        };
        // Proved ones take their place back.
        for _ in 0..30 {
            let _ = go(&throttle, &known, at(1)).await.succeed().await;
        }
        for _ in 0..most {
            let attempt = go(&throttle, &known, at(1)).await;
            assert!(attempt.unproven().await.is_none());
        }
        let scope = waits(&throttle, &known, at(2)).await;
        assert_eq!(scope, Some(Scope::Device), "{lines}");
        // Others of the name have not lost a try, nor is the day longer than one.
        drop(go(&throttle, &Visitor::new("ana"), at(2)).await);
        drop(go(&throttle, &known, at(1 + 24 * 60 * 60)).await);
        // Who asks from there for an unlock has all of it.
        throttle.unlock(&known, at(3)).await.expect("an answer");
        drop(go(&throttle, &known, at(3)).await);
    }
}
