//! Nobody's mailbox is flooded, and nobody is kept out by it.

use super::*;

fn count(asked: Asked) -> usize {
    match asked {
        Asked::Sent(notices) => notices.len(),
        Asked::Wait(time) => panic!("wait {time:?}"),
    }
}

#[tokio::test]
async fn a_mailbox_receives_a_few_links_and_always_has_one_that_works() {
    let bench = bench("").with_ana().await;
    let mut last = String::new();
    let mut sent = 0;
    // A stranger asks from a thousand places, for a day.
    for n in 0..96_u64 {
        let source = Visitor {
            source: Some(std::net::IpAddr::from([
                198,
                51,
                (n / 250) as u8,
                (n % 250) as u8,
            ])),
            ..ana()
        };
        for _ in 0..3 {
            if let Asked::Sent(notices) = bench.accounts.ask_reset(&source).await.expect("done")
                && let Some(notice) = notices.first()
            {
                notice
                    .token()
                    .expect("a link")
                    .expose()
                    .clone_into(&mut last);
                sent += 1;
            }
        }
        bench.pass(15 * MINUTE);
    }
    assert!(sent <= 4 + 96, "{sent} messages in a day");
    // She asks, and whether or not a message comes, one that works is there.
    let asked = bench.accounts.ask_reset(&ana()).await.expect("done");
    if let Asked::Sent(notices) = asked
        && let Some(notice) = notices.first()
    {
        notice
            .token()
            .expect("a link")
            .expose()
            .clone_into(&mut last);
    }
    assert!(matches!(bench.reset(&last, NEW).await, Reset::Done { .. }));
}

#[tokio::test]
async fn a_full_mailbox_answers_like_any_other_known_or_not() {
    for who in ["ana@example.fr", "nobody@example.fr"] {
        let bench = bench("").with_ana().await;
        let visitor = Visitor::new(who);
        let known = usize::from(who.starts_with("ana"));
        for n in 0..8 {
            let sent = count(bench.accounts.ask_reset(&visitor).await.expect("done"));
            assert_eq!(sent, if n < 4 { known } else { 0 }, "{who}, request {n}");
        }
        // Another mailbox has room of its own, and so have other links of this one.
        let other = Visitor::new("ana2@example.fr");
        assert_eq!(
            count(bench.accounts.ask_reset(&other).await.expect("done")),
            0
        );
        let registered = bench.accounts.register(&visitor, bytes(NEW), &[]).await;
        assert!(matches!(registered, Ok(Register::Asked(notices)) if notices.len() == 1));
        bench.pass(15 * MINUTE + 1);
        assert_eq!(
            count(bench.accounts.ask_reset(&visitor).await.expect("done")),
            known
        );
    }
}

#[tokio::test]
async fn a_source_is_restricted_over_all_addresses() {
    let bench = bench("[access.limits]\nsource = 5\n").with_ana().await;
    for n in 0..7 {
        let who = format!("user{n}@example.fr");
        let visitor = Visitor {
            identifier: &who,
            ..from(1)
        };
        let asked = bench.accounts.ask_reset(&visitor).await.expect("done");
        assert_eq!(
            matches!(asked, Asked::Wait(_)),
            n >= 5,
            "request {n}: {asked:?}"
        );
    }
    assert_eq!(too_often(&bench), [journal::Scope::Source; 2]);
    let registered = bench.accounts.register(&from(1), bytes(NEW), &[]).await;
    assert_eq!(bench.noted(), ["password-accepted", "asked-too-often"]);
    assert!(
        matches!(registered, Ok(Register::Wait(_))),
        "{registered:?}"
    );
    assert_eq!(
        count(bench.accounts.ask_reset(&from(2)).await.expect("done")),
        1
    );
}

#[tokio::test]
async fn a_source_that_waits_is_not_told_whose_mailbox_is_full() {
    let bench = bench("[access.limits]\nsource = 5\n").with_ana().await;
    let ask = async |who, last| {
        let visitor = Visitor {
            identifier: who,
            ..from(last)
        };
        bench.accounts.ask_reset(&visitor).await.expect("done")
    };
    // Nobody's mailbox is full for longer than the source has to wait.
    for last in 1..=4 {
        assert_eq!(count(ask("nobody@example.fr", last).await), 0);
    }
    for _ in 0..5 {
        let _ = ask("somebody@example.fr", 9).await;
    }
    for who in ["ana@example.fr", "nobody@example.fr", ""] {
        let asked = ask(who, 9).await;
        assert!(matches!(asked, Asked::Wait(_)), "{who}: {asked:?}");
    }
}

/// The counters of which the journal says that they were used up.
fn too_often(bench: &Bench) -> Vec<journal::Scope> {
    let events = bench.journal.take();
    let scopes = events.iter().filter_map(|event| match &event.kind {
        Kind::AskedTooOften { scope, .. } => Some(*scope),
        _ => None,
    });
    scopes.collect()
}

#[tokio::test]
async fn the_journal_says_which_limit_was_met() {
    let bench = bench("[access.limits]\nsource = 50\nsite = 6\n")
        .with_ana()
        .await;
    for n in 0..6 {
        let _ = bench.accounts.ask_reset(&from(n)).await.expect("done");
    }
    assert_eq!(too_often(&bench), [journal::Scope::Account; 2]);
    // A counter that is refused counts nothing, so the site has two left.
    for n in 0..4 {
        let who = format!("user{n}@example.fr");
        let visitor = Visitor {
            identifier: &who,
            ..from(10 + n)
        };
        let asked = bench.accounts.ask_reset(&visitor).await.expect("done");
        assert_eq!(matches!(asked, Asked::Wait(_)), n >= 2, "{n}: {asked:?}");
    }
    assert_eq!(too_often(&bench), [journal::Scope::Site; 2]);
}

#[tokio::test]
async fn one_name_has_one_counter_however_much_space_is_typed_around_it() {
    let bench = bench("").with_ana().await;
    let typed: Vec<String> = [1022, 1023, 1024, 1025, 2000]
        .into_iter()
        .flat_map(|count| {
            let space = " ".repeat(count);
            [
                format!("ana@example.fr{space}"),
                format!("{space}ANA@example.fr"),
            ]
        })
        .collect();
    let mut tried = 0;
    // A day of guesses, each under another spelling, and the CNIL's 25.
    for n in 0..24 * 60 {
        let visitor = Visitor::new(&typed[n % typed.len()]);
        match bench.sign_in_as(&visitor, NEW).await {
            SignIn::No => tried += 1,
            SignIn::Wait(_) => {}
            other => panic!("{other:?}"),
        }
        bench.pass(MINUTE);
    }
    assert!(tried <= 25, "{tried} passwords were tried in a day");
}

#[tokio::test]
async fn whoever_makes_accounts_to_see_which_names_are_taken_waits() {
    let bench = bench("[access.limits]\nsource = 5\n").with_ana().await;
    let before = bench.hashes();
    let mut answers = Vec::new();
    for n in 0..9 {
        let who = format!("user{}@example.fr", n / 2);
        let visitor = Visitor {
            identifier: &who,
            ..from(1)
        };
        let made = bench.accounts.create(&visitor, bytes(OLD), &[]).await;
        answers.push(match made.expect("an answer") {
            Create::Done(_) => "done",
            Create::Taken => "taken",
            Create::Wait(time) if !time.is_zero() => "wait",
            other => panic!("{other:?}"),
        });
    }
    let expected = ["done", "taken", "done", "taken", "done"];
    assert_eq!(answers[..5], expected);
    assert_eq!(answers[5..], ["wait"; 4]);
    // Nothing was computed for who waits, and a sign-in from there waits too.
    assert_eq!(bench.hashes() - before, 5);
    let found = bench.sign_in_as(&from(1), OLD).await;
    assert!(matches!(found, SignIn::Wait(_)), "{found:?}");

    // One name, from anywhere.
    let before = bench.hashes();
    for n in 10..30 {
        let made = bench.accounts.create(&from(n), bytes(NEW), &[]).await;
        let made = made.expect("an answer");
        assert!(matches!(made, Create::Taken | Create::Wait(_)), "{made:?}");
    }
    // Its own creation was counted for this name as well.
    assert_eq!(bench.hashes() - before, 3);
}

#[tokio::test]
async fn asking_for_links_neither_restricts_nor_frees_sign_ins() {
    let bench = bench("").with_ana().await;
    for _ in 0..20 {
        let _ = bench.accounts.ask_reset(&ana()).await.expect("done");
    }
    assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Wait(_)));
    let _ = bench.accounts.ask_reset(&ana()).await.expect("done");
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Wait(_)));
}

#[tokio::test]
async fn a_link_that_is_followed_over_and_over_computes_a_bounded_number_of_hashes() {
    let bench = bench("[login]\nhistory = 24\n").with_ana().await;
    let link = bench.reset_link().await;
    let before = bench.hashes();
    let mut waits = 0;
    for _ in 0..50 {
        match bench.reset(&link, OLD).await {
            Reset::Refused(Refused::Used) => {}
            Reset::Wait(_) => waits += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((bench.hashes() - before, waits), (12, 38));
    bench.pass(10 * MINUTE);
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
}

#[tokio::test]
async fn a_store_of_counters_that_is_down_closes_every_door() {
    struct Down;
    impl access::Store for Down {
        fn admit<'a>(&'a self, _: &'a access::Ask) -> access::store::Answer<'a, access::Verdict> {
            Box::pin(async { Err(access::StoreError::Unreachable("down".into())) })
        }
        fn succeed<'a>(&'a self, _: &'a access::Ask) -> access::store::Answer<'a, ()> {
            Box::pin(async { Err(access::StoreError::Unreachable("down".into())) })
        }
        fn unlock(&self, _: access::CounterKey, _: Timestamp) -> access::store::Answer<'_, ()> {
            Box::pin(async { Err(access::StoreError::Unreachable("down".into())) })
        }
    }
    let bench = bench("").with_ana().await;
    let keys = access::KeyMaker::with_secret([1; 32]);
    let policy = bench.accounts.login.policy().access().clone();
    let throttle = access::Throttle::new(Down, keys, &policy);
    let login = bench.accounts.login.clone().with_throttle(throttle);
    let accounts = Accounts::new(login, bench.store.clone());
    let before = bench.hashes();
    assert!(matches!(
        accounts.sign_in(&ana(), bytes(OLD)).await,
        Err(FlowError::Counters(_))
    ));
    assert_eq!(bench.noted(), ["store-down"]);
    assert!(
        accounts
            .change(&ana(), bytes(OLD), bytes(NEW), &[])
            .await
            .is_err()
    );
    assert!(accounts.ask_reset(&ana()).await.is_err());
    assert_eq!(bench.hashes(), before);
}
