//! A mark is of an incident: made again it changes nothing, and it is told of by itself.

use super::*;

async fn marked(bench: &Bench) -> Marked {
    let marked = bench.accounts.compromise(&name()).await;
    marked.expect("an answer").expect("an account")
}

/// Marks all accounts of which it is known since a moment; whether Ana is one of them.
async fn all(bench: &Bench, known: Timestamp) -> Option<Marked> {
    let mut batch = bench
        .accounts
        .compromise_all(known, None)
        .await
        .expect("an answer");
    batch.marked.pop().map(|(_, marked)| marked)
}

#[tokio::test]
async fn to_mark_again_for_the_same_incident_changes_nothing() {
    let bench = bench("").with_ana().await;
    let known = bench.accounts.now();
    bench.pass(HOUR);
    let first = all(&bench, known).await.expect("marked");
    assert_eq!(first.incident.since, known);
    assert_eq!(bench.noted(), ["compromises-marked"]);
    // A link that she asks for meanwhile lives on, and so does the moment.
    let link = bench.reset_link().await;
    let record = bench.credential().await.record();
    bench.pass(MINUTE);
    for again in [
        all(&bench, known).await.expect("marked"),
        marked(&bench).await,
    ] {
        assert_eq!(
            (again.incident, again.tell_by),
            (first.incident, first.tell_by)
        );
        assert_eq!(again.notices.len(), 1);
    }
    assert_eq!(bench.credential().await.record(), record);
    assert_eq!(bench.noted(), ["reset-asked"]);
    // Known earlier than was thought: only the moment moves.
    let earlier = Timestamp::new(known.since(Timestamp::default()) - Duration::from_secs(MINUTE));
    let ana = name();
    let changed = bench.accounts.update(&ana, |present| {
        Ok(Some(Credential {
            since: Timestamp::default(),
            ..present.clone()
        }))
    });
    assert!(changed.await.expect("an answer").is_some());
    let moved = all(&bench, earlier).await.expect("marked");
    assert_eq!(moved.incident.since, earlier);
    assert_eq!(moved.incident.generation, first.incident.generation);
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));

    // She has changed: the same incident, begun again, forces no second change.
    bench.pass(MINUTE);
    assert!(all(&bench, known).await.is_none());
    assert!(bench.signs_in(NEW).await);
    let due = bench.accounts.due(None, 10).await.expect("an answer").due;
    assert_eq!(due.len(), 1, "she is still to be told");
    let told = bench.accounts.told(&name(), due[0].incident).await;
    assert!(told.expect("an answer"));
    assert!(all(&bench, known).await.is_none());
}

#[tokio::test]
async fn who_was_told_is_not_told_again_of_the_same_incident() {
    let bench = bench("").with_ana().await;
    let known = bench.accounts.now();
    let first = all(&bench, known).await.expect("marked");
    let told = bench.accounts.told(&name(), first.incident).await;
    assert!(told.expect("an answer"));
    bench.pass(MINUTE);
    let again = all(&bench, known).await.expect("marked");
    assert_eq!((again.incident, again.notices.len()), (first.incident, 0));
    // A later one is another.
    let later = all(&bench, bench.accounts.now()).await.expect("marked");
    assert_ne!(later.incident.generation, first.incident.generation);
    assert_eq!(later.notices.len(), 1);
}

#[tokio::test]
async fn who_was_told_since_is_not_told_again_of_a_second_incident_begun_again() {
    let bench = bench("").with_ana().await;
    let first = all(&bench, bench.accounts.now()).await.expect("marked");
    bench.pass(2 * HOUR);
    // The second one finds her marked, and not told yet: nothing changes.
    let known = bench.accounts.now();
    let second = all(&bench, known).await.expect("marked");
    assert_eq!(second.incident, first.incident);
    bench.pass(HOUR / 2);
    let told = bench.accounts.told(&name(), second.incident).await;
    assert!(told.expect("an answer"));
    let link = bench.reset_link().await;
    let record = bench.credential().await.record();
    bench.noted();
    // It is begun again with the same moment.
    let again = all(&bench, known).await.expect("marked");
    assert_eq!((again.incident, again.notices.len()), (first.incident, 0));
    assert_eq!(bench.credential().await.record(), record);
    assert_eq!(bench.noted(), [] as [&str; 0]);
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
}

#[tokio::test]
async fn a_message_of_one_incident_settles_no_other() {
    let bench = bench("").with_ana().await;
    let first = marked(&bench).await.incident;
    // She changes while the message is under way, and the new password leaks too.
    assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. }));
    bench.pass(HOUR);
    let second = marked(&bench).await.incident;
    let (accounts, ana) = (&bench.accounts, name());
    let told = |incident| accounts.told(&ana, incident);
    assert!(!told(first).await.expect("an answer"));
    let due = bench.accounts.due(None, 10).await.expect("an answer").due;
    assert_eq!(due[0].incident, second);
    // Told of the first in time.
    assert_eq!(
        due[0].tell_by,
        first.since.after(Duration::from_secs(3 * DAY))
    );
    assert!(told(second).await.expect("an answer"));
    assert!(!told(second).await.expect("an answer"));
    assert!(
        bench
            .accounts
            .due(None, 10)
            .await
            .expect("an answer")
            .due
            .is_empty()
    );
}

#[tokio::test]
async fn a_compromise_forces_a_change_and_is_told_in_time() {
    let bench = bench("").with_ana().await;
    let link = bench.reset_link().await;
    let SignIn::Yes(before) = bench.sign_in(OLD).await else {
        panic!("the right password");
    };
    bench.noted();
    let marked = bench.accounts.compromise(&name()).await.expect("an answer");
    let marked = marked.expect("an account");
    assert_eq!(marked.revoke, Sessions::All);
    assert!(matches!(
        marked.notices[..],
        [Notice {
            what: What::Compromised { .. },
            ..
        }]
    ));
    assert_eq!(bench.noted(), ["compromise-marked"]);
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Stale));
    assert_ne!(bench.credential().await.generation(), before.generation);
    let found = bench.sign_in(OLD).await;
    assert!(
        matches!(found, SignIn::ChangeFirst(_, MustChange::Compromised)),
        "{found:?}"
    );

    // The duty outlives the change, and a second mark does not put it off.
    bench.pass(DAY);
    assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. }));
    assert!(matches!(bench.sign_in(NEW).await, SignIn::Yes(_)));
    let due = || async { bench.accounts.due(None, 10).await.expect("an answer").due };
    let [one] = &due().await[..] else {
        panic!("one person to tell");
    };
    assert_eq!(
        (&one.account, one.tell_by, one.late),
        (&name(), marked.tell_by, false)
    );
    bench.pass(2 * DAY);
    assert!(!due().await[0].late, "at 72 hours to the second");
    bench.pass(1);
    assert!(due().await[0].late);
    let again = bench.accounts.compromise(&name()).await.expect("an answer");
    let again = again.expect("an account");
    assert_eq!(again.tell_by, marked.tell_by);

    let ana = name();
    let told = || bench.accounts.told(&ana, again.incident);
    assert!(told().await.expect("an answer"));
    assert!(!told().await.expect("an answer"));
    assert_eq!(due().await, []);
    // Told is not changed.
    assert!(matches!(bench.sign_in(NEW).await, SignIn::ChangeFirst(..)));
    assert!(matches!(
        bench.change(NEW, THIRD).await,
        Change::Done { .. }
    ));
    assert_eq!(bench.credential().await.compromise(), None);
    // A later one counts from its own beginning.
    bench.pass(DAY);
    let later = bench.accounts.compromise(&name()).await.expect("an answer");
    assert!(later.expect("an account").tell_by > marked.tell_by);
}

#[tokio::test]
async fn many_and_all_are_marked_once_each_over_any_number_of_pages() {
    let bench = bench("").with_ana().await;
    let hash = bench.credential().await.hash().clone();
    let account = |n: usize| Account::read(&format!("user-{n:04}")).expect("a name");
    for n in 0..1100 {
        let credential = Credential::import(hash.clone(), Timestamp::default());
        let credential = credential.expect("randomness");
        assert!(
            bench
                .accounts
                .import(&account(n), &credential)
                .await
                .expect("an answer")
        );
    }
    let listed = [account(3), account(9999), account(5)];
    let some = bench
        .accounts
        .compromise_many(&listed, bench.accounts.now())
        .await
        .expect("an answer");
    let marked: Vec<&str> = some
        .marked
        .iter()
        .map(|(account, _)| account.as_str())
        .collect();
    assert_eq!(marked, ["user-0003", "user-0005"]);
    let mut all = std::collections::BTreeSet::new();
    let (mut next, mut pages) = (None, 0);
    loop {
        let batch = bench
            .accounts
            .compromise_all(bench.accounts.now(), next.as_ref())
            .await
            .expect("an answer");
        for (account, _) in batch.marked {
            assert!(all.insert(account), "twice");
        }
        pages += 1;
        next = match batch.next {
            Some(next) => Some(next),
            None => break,
        };
    }
    assert_eq!((all.len(), pages), (1101, 3));
    let due = bench.accounts.due(None, 10_000).await.expect("an answer");
    assert_eq!((due.due.len(), due.next), (1101, None));
    let events = bench.journal.take();
    let counts: Vec<u64> = events
        .iter()
        .filter_map(|event| match event.kind {
            Kind::CompromisesMarked { count, .. } => Some(count),
            _ => None,
        })
        .collect();
    // Two of the first page were marked already.
    assert_eq!(counts, [2, 498, 500, 101]);
}
