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
