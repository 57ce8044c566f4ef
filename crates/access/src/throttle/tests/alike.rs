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
        ("[access]\nmechanism = \"captcha\"\n", 100),
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
