//! What may happen to any shared store, on a server that is given.

use std::sync::Arc;
use std::time::Duration;

use access::{Store, Verdict};
use rempart_tests::wire::{Mode, Wire};
use tokio::task::JoinSet;

use super::{admit, answers_again, ask, block, bucket, delay, key, now};

/// A server that a test treats badly.
pub(super) trait Server {
    fn kill(&mut self);
    fn start_again(&mut self);
    fn freeze(&self);
    fn thaw(&self);
}

/// The same store, after its server stopped and started: it answers, and remembers.
pub(super) async fn a_restart_is_survived(store: &impl Store, server: &mut impl Server) {
    let first = ask(&[(key(1), block(1)), (key(2), bucket(1))], now());
    assert_eq!(
        admit(store, &first).await.expect("an answer"),
        Verdict::Admit
    );
    server.kill();
    let refused = store.admit(&first).await;
    assert!(refused.is_err(), "{refused:?} from no server");
    server.start_again();
    answers_again(store).await;
    let verdict = admit(store, &first).await.expect("an answer");
    assert!(matches!(verdict, Verdict::Blocked(_)), "{verdict:?}");
}

/// A server that is frozen: every attempt ends at its deadline at the latest, what waits does
/// not grow, and the store answers again when the server does.
pub(super) async fn a_frozen_server_holds_nobody<S: Store>(
    store: Arc<S>,
    server: &impl Server,
    most_waiting: impl Fn() -> usize,
) {
    answers_again(&*store).await;
    server.freeze();
    let mut attempts = JoinSet::new();
    for number in 0..3_000 {
        let store = store.clone();
        attempts.spawn(async move {
            let ask = ask(&[(key(10_000 + number), delay())], now());
            admit(&*store, &ask).await.is_err()
        });
        if number % 300 == 299 {
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }
    let refused = attempts.join_all().await;
    assert!(
        refused.iter().all(|refused| *refused),
        "an answer from a frozen server"
    );
    server.thaw();
    answers_again(&*store).await;
    assert!(most_waiting() < 100, "{} connections", most_waiting());
}

/// The answer of an attempt is lost: it is an error for the caller, counted once in the store,
/// and never asked again.
pub(super) async fn a_lost_answer_is_counted_once(store: &impl Store, wire: &Wire) {
    answers_again(store).await;
    let attempt = ask(&[(key(1), bucket(3))], now());
    wire.set(Mode::LosesAnswers);
    let answer = admit(store, &attempt).await;
    assert!(answer.is_err(), "{answer:?} although the answer was lost");
    wire.set(Mode::Cut);
    wire.set(Mode::Whole);
    answers_again(store).await;
    let mut left = 0;
    while admit(store, &attempt).await.expect("an answer") == Verdict::Admit {
        left += 1;
        assert!(left <= 3, "the lost attempt was not counted");
    }
    // Two round trips of PostgreSQL: the first answer is lost, so nothing is committed.
    assert!((2..=3).contains(&left), "{left} places left of three");
}

/// The answer of a success is lost: one place at most comes back, however often it is tried
/// by the store on its own.
pub(super) async fn a_lost_success_gives_back_one_place_at_most(store: &impl Store, wire: &Wire) {
    answers_again(store).await;
    let attempt = ask(&[(key(2), bucket(4))], now());
    for _ in 0..4 {
        let verdict = admit(store, &attempt).await.expect("an answer");
        assert_eq!(verdict, Verdict::Admit, "room for four");
    }
    wire.set(Mode::LosesAnswers);
    let deadline = Duration::from_secs(3);
    let answer = tokio::time::timeout(deadline, store.succeed(&attempt)).await;
    assert!(
        !matches!(answer, Ok(Ok(()))),
        "a success although the answer was lost"
    );
    wire.set(Mode::Cut);
    wire.set(Mode::Whole);
    answers_again(store).await;
    let mut back = 0;
    while admit(store, &attempt).await.expect("an answer") == Verdict::Admit {
        back += 1;
        assert!(back <= 1, "a success was given back twice");
    }
}

/// A cable that carries nothing any more, without telling: the store gives the connection up
/// and makes another.
pub(super) async fn a_silent_connection_is_replaced(store: &impl Store, wire: &Wire) {
    answers_again(store).await;
    let before = wire.made();
    wire.set(Mode::Held);
    for number in 0..30 {
        let ask = ask(&[(key(30_000 + number), delay())], now());
        assert!(admit(store, &ask).await.is_err(), "an answer from nowhere");
        tokio::time::sleep(Duration::from_millis(100)).await;
        if wire.made() > before {
            break;
        }
    }
    assert!(wire.made() > before, "the silent connection is kept");
    wire.set(Mode::Whole);
    answers_again(store).await;
}
