//! The same number and class of hashes for every outcome.
//!
//! Clause: [`policy::clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`]. Counted, not timed.

use std::collections::BTreeMap;

use super::*;

/// What a piece of work computed, by class.
async fn work<T>(bench: &Bench, doing: impl Future<Output = T>) -> (T, BTreeMap<String, u64>) {
    let count = || -> BTreeMap<String, u64> {
        let tally = bench.accounts.login().hashing().hasher().tally();
        tally
            .into_iter()
            .map(|(class, count)| (class.to_string(), count))
            .collect()
    };
    let before = count();
    let done = doing.await;
    let mut after = count();
    for (class, count) in &mut after {
        *count -= before.get(class).copied().unwrap_or(0);
    }
    after.retain(|_, count| *count > 0);
    (done, after)
}

/// Ana with a password of today, Leo with a hash of another age, Tom with an attributed
/// password that is over, Eve compromised.
async fn crowd() -> Bench {
    let bench = bench("").with_ana().await;
    let named = |name: &str| Account::read(name).expect("a name");
    let now = bench.accounts.now();
    let legacy = Credential::import(legacy().await, now).expect("randomness");
    assert!(
        bench
            .accounts
            .import(&named("leo"), &legacy)
            .await
            .expect("an answer")
    );
    let ana = bench.credential().await;
    let expired = Credential {
        origin: crate::Origin::Attributed { until: now },
        ..ana.clone()
    };
    assert!(
        bench
            .accounts
            .import(&named("tom"), &expired)
            .await
            .expect("an answer")
    );
    assert!(
        bench
            .accounts
            .import(&named("eve"), &ana)
            .await
            .expect("an answer")
    );
    let marked = bench
        .accounts
        .compromise(&named("eve"))
        .await
        .expect("an answer");
    assert!(marked.is_some());
    // The hash of another age has been seen, as it has on a site that runs for a day.
    let seen = bench.sign_in_as(&Visitor::new("leo"), NEW).await;
    assert!(matches!(seen, SignIn::No));
    bench.pass(DAY);
    bench
}

/// Who signs in, with what, and what becomes of it.
type Row<'t> = (&'t str, &'t str, fn(&SignIn) -> bool);

#[tokio::test]
async fn every_sign_in_computes_the_same_hashes() {
    let bench = crowd().await;
    let long = "x".repeat(100_000);
    let rows: [Row<'_>; 12] = [
        ("nobody", OLD, |found| matches!(found, SignIn::No)),
        ("nobody", "", |found| matches!(found, SignIn::No)),
        ("nobody", &long, |found| matches!(found, SignIn::No)),
        ("", OLD, |found| matches!(found, SignIn::No)),
        ("\0", OLD, |found| matches!(found, SignIn::No)),
        ("ana@example.fr", NEW, |found| matches!(found, SignIn::No)),
        ("ana@example.fr", "", |found| matches!(found, SignIn::No)),
        ("ana@example.fr", &long, |found| matches!(found, SignIn::No)),
        ("ana@example.fr", "nul\0", |found| {
            matches!(found, SignIn::No)
        }),
        ("leo", NEW, |found| matches!(found, SignIn::No)),
        ("tom", OLD, |found| matches!(found, SignIn::Expired)),
        ("eve", OLD, |found| matches!(found, SignIn::ChangeFirst(..))),
    ];
    let (_, expected) = work(&bench, bench.sign_in(OLD)).await;
    assert_eq!(expected.len(), 2, "one of each class in use: {expected:?}");
    assert!(expected.values().all(|&count| count == 1), "{expected:?}");
    for (who, typed, is_expected) in rows {
        bench.pass(DAY + HOUR);
        let visitor = Visitor::new(who);
        let (found, done) = work(&bench, bench.sign_in_as(&visitor, typed)).await;
        let typed = &typed[..typed.len().min(12)];
        assert!(is_expected(&found), "{who:?} {typed:?}: {found:?}");
        assert_eq!(done, expected, "{who:?} {typed:?}");
    }
    // The one difference, and only for who has the password: the renewal.
    bench.pass(DAY + HOUR);
    let (found, mut done) = work(&bench, bench.sign_in_as(&Visitor::new("leo"), OLD)).await;
    assert!(matches!(found, SignIn::Yes(_)), "{found:?}");
    let live = "argon2id$v=19$m=64,t=1,p=1";
    assert_eq!(done.remove(live), Some(2), "{done:?}");
    assert_eq!(done.len(), 1);
    let renewed = bench
        .accounts
        .credential(&Account::read("leo").expect("a name"))
        .await;
    let renewed = renewed.expect("an answer").expect("a record");
    assert!(renewed.hash().as_str().contains("m=64,"));
    bench.pass(DAY + HOUR);
    let (found, done) = work(&bench, bench.sign_in_as(&Visitor::new("leo"), OLD)).await;
    assert!(matches!(found, SignIn::Yes(_)));
    assert_eq!(done, expected);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_opens_nothing() {
    let bench = bench("").with_ana().await;
    let record = bench
        .store
        .read(&name())
        .await
        .expect("an answer")
        .expect("a record");
    let later = Record::kept(record.as_str().replace("\"v\":1", "\"v\":2"));
    assert!(
        bench
            .store
            .replace(&name(), &record, &later)
            .await
            .expect("an answer")
    );
    // An error would tell that there is something to read.
    assert!(matches!(bench.sign_in(OLD).await, SignIn::No));
    assert_eq!(bench.noted(), ["record-unreadable", "sign-in-failed"]);
    bench.pass(DAY);
    assert!(matches!(bench.change(OLD, NEW).await, Change::No));
    let asked = bench.accounts.ask_reset(&ana()).await.expect("an answer");
    assert!(matches!(asked, Asked::Sent(notices) if notices.is_empty()));
    // An operator is told.
    let error = bench.accounts.credential(&name()).await;
    let error = error.expect_err("unreadable");
    assert!(
        matches!(error, FlowError::Record(crate::CredentialError::Version(2))),
        "{error}"
    );
}

#[tokio::test]
async fn an_account_that_nobody_can_verify_is_like_one_that_nobody_has() {
    let bench = crowd().await;
    let named = |name: &str| Account::read(name).expect("a name");
    let ana = bench.credential().await;
    // Its pepper's key is gone; it takes more than the whole budget; it cannot be read.
    for (who, from, to) in [
        ("kim", "p=1$", "p=1,keyid=MjAyNmE$"),
        ("max", "m=64,", "m=524288,"),
    ] {
        let hash = StoredHash::parse(&ana.hash().as_str().replace(from, to)).expect("a hash");
        let credential = Credential::import(hash, bench.accounts.now()).expect("randomness");
        let kept = bench.accounts.import(&named(who), &credential).await;
        assert!(kept.expect("an answer"), "{who}");
    }
    let (liz, torn) = (named("liz"), Record::kept("{".to_owned()));
    let kept = bench.store.insert(&liz, &torn).await;
    assert!(kept.expect("an answer"));
    let nobody = Visitor::new("nobody");
    let (_, expected) = work(&bench, bench.sign_in_as(&nobody, OLD)).await;
    bench.noted();
    for who in ["kim", "max", "liz"] {
        let visitor = Visitor::new(who);
        for typed in [OLD, NEW, ""] {
            bench.pass(DAY + HOUR);
            let (found, done) = work(&bench, bench.sign_in_as(&visitor, typed)).await;
            assert!(matches!(found, SignIn::No), "{who}: {found:?}");
            assert_eq!(done, expected, "{who}");
            assert_eq!(
                bench.noted(),
                ["record-unreadable", "sign-in-failed"],
                "{who}"
            );
        }
        bench.pass(DAY + HOUR);
        let change = bench.accounts.change(&visitor, bytes(OLD), bytes(NEW), &[]);
        let (change, done) = work(&bench, change).await;
        assert!(matches!(change, Ok(Change::No)), "{who}: {change:?}");
        assert_eq!(done, expected, "{who}");
        let asked = bench.accounts.ask_reset(&visitor).await;
        assert!(matches!(asked, Ok(Asked::Sent(_))), "{who}: {asked:?}");
        bench.noted();
    }
}

#[tokio::test]
async fn an_attempt_refused_before_it_is_compared_computes_nothing_for_anybody() {
    for (mechanism, more) in [
        ("delay", ""),
        ("block", "[access.block]\nafter = 1\n"),
        ("captcha", "[access.captcha]\nafter = 1\n"),
    ] {
        let bench = bench(&format!("[access]\nmechanism = \"{mechanism}\"\n{more}"));
        let bench = bench.with_ana().await;
        for who in ["ana@example.fr", "nobody", ""] {
            let visitor = Visitor::new(who);
            assert!(matches!(bench.sign_in_as(&visitor, NEW).await, SignIn::No));
            let before = bench.hashes();
            let found = bench.sign_in_as(&visitor, OLD).await;
            let refused = match mechanism {
                "delay" => matches!(found, SignIn::Wait(_)),
                "block" => matches!(found, SignIn::Blocked(_)),
                _ => matches!(found, SignIn::ProvePresence),
            };
            assert!(refused, "{mechanism} {who}: {found:?}");
            assert_eq!(bench.hashes(), before, "{mechanism} {who}");
        }
    }
}

#[tokio::test]
async fn asking_for_a_link_computes_and_writes_the_same_for_everybody() {
    let bench = crowd().await;
    for who in ["ana@example.fr", "leo", "nobody", "", "\0"] {
        let tokens = bench.store.puts();
        let visitor = Visitor::new(who);
        let asked = bench.accounts.ask_reset(&visitor);
        let (asked, done) = work(&bench, asked).await;
        assert!(matches!(asked, Ok(Asked::Sent(_))));
        assert_eq!(done.len(), 0, "{who:?}");
        assert_eq!(bench.store.puts(), tokens + 1, "{who:?}");
    }
    let mut all = Vec::new();
    for who in ["ana@example.fr", "leo", "nobody", "somebody@example.fr"] {
        let tokens = bench.store.puts();
        let visitor = Visitor::new(who);
        let asked = bench.accounts.register(&visitor, bytes(NEW), &[]);
        let (asked, done) = work(&bench, asked).await;
        assert!(matches!(asked, Ok(Register::Asked(ref notices)) if notices.len() == 1));
        assert_eq!(bench.store.puts(), tokens + 1, "{who:?}");
        all.push(done);
    }
    assert!(
        all.iter()
            .all(|done| done == &all[0] && done.values().sum::<u64>() == 1)
    );
}

#[tokio::test]
async fn who_asks_too_often_has_the_same_work_done_known_or_not() {
    // Nobody's room may have been filled by strangers; it must not be told by that.
    for policy in ["", "[access]\nmechanism = \"block\"\n"] {
        let bench = bench(policy).with_ana().await;
        for who in ["ana@example.fr", "nobody", "\0"] {
            for n in 0..8 {
                let tokens = bench.store.puts();
                let visitor = Visitor::new(who);
                let asked = match policy {
                    "" => bench.accounts.ask_reset(&visitor).await,
                    _ => bench.accounts.ask_unlock(&visitor).await,
                };
                let Ok(Asked::Sent(notices)) = asked else {
                    panic!("{asked:?}");
                };
                let is_sent = n < 4 && who.starts_with("ana");
                assert_eq!(notices.len(), usize::from(is_sent), "{who:?} {n}");
                assert_eq!(bench.store.puts(), tokens + 1, "{who:?} {n}");
            }
        }
    }
}

#[tokio::test]
async fn the_work_of_a_change_is_bounded_by_the_history() {
    let bench = bench("[login]\nhistory = 24\n").with_ana().await;
    let mut current = OLD.to_owned();
    for n in 0..30_u64 {
        let new = format!("{OLD}-{n:03}-{NEW}");
        let (change, done) = work(&bench, bench.change(&current, &new)).await;
        assert!(matches!(change, Change::Done { .. }), "{change:?}");
        // The current one typed, the new one against it and those before, the new one.
        assert_eq!(
            done.values().sum::<u64>(),
            1 + 1 + n.min(24) + 1,
            "change {n}"
        );
        current = new;
    }
    // The oldest that is kept is found, the one before it is not.
    let kept = format!("{OLD}-005-{NEW}");
    assert!(matches!(
        bench.change(&current, &kept).await,
        Change::Refused(Refused::Used)
    ));
    let gone = format!("{OLD}-004-{NEW}");
    assert!(matches!(
        bench.change(&current, &gone).await,
        Change::Done { .. }
    ));
    // A wrong current password costs one hash, whatever the history.
    let (change, done) = work(&bench, bench.change(OLD, NEW)).await;
    assert!(matches!(change, Change::No));
    assert_eq!(done.values().sum::<u64>(), 1);
}
