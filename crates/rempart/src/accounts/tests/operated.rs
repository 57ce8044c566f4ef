//! What operators do to one account or to many.

use super::*;

#[tokio::test]
async fn one_record_that_cannot_be_read_keeps_no_other_from_being_marked_and_told() {
    let bench = bench("").with_ana().await;
    let record = bench.store.read(&name()).await;
    let record = record.expect("an answer").expect("a record");
    let named = |name: &str| Account::read(name).expect("a name");
    let torn = Record::kept("{".to_owned());
    for (who, record) in [("bea", &record), ("mia", &torn), ("zoe", &record)] {
        let kept = bench.store.insert(&named(who), record).await;
        assert!(kept.expect("an answer"));
    }
    let names = |marked: &[(Account, Marked)]| -> Vec<String> {
        let names = marked.iter().map(|(account, _)| account.as_str());
        names.map(str::to_owned).collect()
    };
    let listed = ["bea", "mia", "zoe"].map(named);
    let some = bench
        .accounts
        .compromise_many(&listed, bench.accounts.now())
        .await;
    let some = some.expect("an answer");
    assert_eq!(names(&some.marked), ["bea", "zoe"]);
    assert_eq!(some.unreadable, [named("mia")]);
    let all = bench
        .accounts
        .compromise_all(bench.accounts.now(), None)
        .await;
    let all = all.expect("an answer");
    assert_eq!(names(&all.marked), ["ana@example.fr", "bea", "zoe"]);
    assert_eq!((all.unreadable, all.next), (vec![named("mia")], None));

    // A record that was marked and torn since.
    let bea = bench.store.read(&named("bea")).await;
    let bea = bea.expect("an answer").expect("a record");
    let untold = Record::new("{".to_owned(), Some(bench.accounts.now()));
    let torn = bench.store.replace(&named("bea"), &bea, &untold).await;
    assert!(torn.expect("an answer"));
    let first = bench.accounts.due(None, 2).await.expect("an answer");
    assert_eq!(first.due[0].account, name());
    assert_eq!(first.unreadable, [named("bea")]);
    assert_eq!(first.next, Some(named("bea")));
    let rest = bench.accounts.due(first.next.as_ref(), 2).await;
    let rest = rest.expect("an answer");
    assert_eq!((rest.due.len(), rest.next), (1, None));
}

#[tokio::test]
async fn a_link_to_an_address_that_was_the_account_s_for_a_moment_is_dead() {
    let bench = bench("[login]\ncontact-delay = \"0s\"\n").with_ana().await;
    let changed = || async {
        let changed = bench.accounts.contact_changed(&name()).await;
        assert!(changed.expect("an answer").is_some());
    };
    changed().await;
    let link = bench.reset_link().await;
    // In the same second.
    changed().await;
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Stale));
}

#[tokio::test]
async fn whom_an_operator_helps_does_not_wait_for_failures_of_their_own() {
    for (what, known) in [("unlock", true), ("attribute", true), ("unlock", false)] {
        let policy = "[access]\nmechanism = \"block\"\n[access.limits]\npair = 3\n";
        let bench = bench(policy).with_ana().await;
        // She tries until her own address has to wait.
        for _ in 0..3 {
            assert!(matches!(bench.sign_in_as(&from(9), NEW).await, SignIn::No));
        }
        assert!(matches!(
            bench.sign_in_as(&from(9), OLD).await,
            SignIn::Wait(_)
        ));
        let source = from(9).source.filter(|_| known);
        let typed = match what {
            "unlock" => {
                let done = bench.accounts.unlock_by_operator(&name(), source).await;
                done.expect("an answer");
                OLD.to_owned()
            }
            _ => {
                let given = bench.accounts.attribute(&name(), source).await;
                given.expect("a password").password.expose().to_owned()
            }
        };
        let found = bench.sign_in_as(&from(9), &typed).await;
        let is_in = matches!(found, SignIn::Yes(_) | SignIn::ChangeFirst(..));
        assert_eq!(is_in, known, "{what}: {found:?}");
    }
    let bench = bench("");
    let done = bench.accounts.unlock_by_operator(&name(), None).await;
    done.expect("an answer");
    assert!(bench.noted().is_empty(), "a name that nobody has");
}

#[tokio::test]
async fn what_an_operator_decides_is_noted() {
    let bench = bench("").with_ana().await;
    let nobody = Account::read("nobody").expect("a name");
    for (account, known) in [(nobody, false), (name(), true)] {
        for rank in [true, false] {
            let set = bench.accounts.set_privileged(&account, rank).await;
            assert_eq!(set.expect("an answer"), known);
        }
        let removed = bench.accounts.remove(&account).await;
        assert_eq!(removed.expect("an answer"), known);
        let expected = ["rank-changed", "rank-changed", "account-removed"];
        let expected: &[&str] = if known { &expected } else { &[] };
        assert_eq!(bench.noted(), expected);
    }
    let _ = bench.accounts.ask_unlock(&ana()).await.expect("an answer");
    let _ = bench.accounts.confirm("x", &ana(), bytes(OLD)).await;
    let _ = bench.accounts.unlock("x", &ana()).await;
    // Under this policy nothing is unlocked by a link.
    assert_eq!(bench.noted(), ["confirm-refused", "unlock-refused"]);
}
