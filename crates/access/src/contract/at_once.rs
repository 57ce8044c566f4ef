//! Cases with many calls under way at once.

use super::asks::{ask, block, bucket, delay};
use super::together::{abandon, together};
use super::{Keys, admit, answer, at, succeed, unlock};
use crate::{Ask, Presence, Restriction, Rule, Store, Verdict};

/// Checks all cases, spreading the calls over handles of the same store.
pub(super) async fn check<S: Store>(stores: &[&S]) {
    no_more_than_the_limit_passes(stores).await;
    one_proof_of_presence_opens_one_attempt(stores).await;
    no_two_asks_wait_for_each_other(stores).await;
    each_success_gives_one_attempt_back(stores).await;
    a_caller_that_goes_away_gains_nothing(stores).await;
}

/// 1,000 attempts on one account at one moment: as many pass as one after the other.
async fn no_more_than_the_limit_passes<S: Store>(stores: &[&S]) {
    for (rule, most) in [
        (delay(), 1),
        (block(10), 10),
        (block(3), 3),
        (bucket(25), 25),
    ] {
        let ask = ask(&[(Keys::drawn().key(0), rule)], at(0));
        let verdicts = together(spread(stores, 1_000).map(|store| admit(store, &ask))).await;
        let admitted = verdicts
            .iter()
            .filter(|verdict| **verdict == Verdict::Admit)
            .count();
        assert_eq!(admitted, most, "of 1,000 attempts at once under {rule:?}");
    }
}

/// 1,000 attempts at once, all with the same proof.
async fn one_proof_of_presence_opens_one_attempt<S: Store>(stores: &[&S]) {
    let rule = Rule::Restriction(Restriction::Captcha { after: 1 });
    let mut ask = ask(&[(Keys::drawn().key(0), rule)], at(0));
    assert_eq!(admit(stores[0], &ask).await, Verdict::Admit, "the first");
    ask.now = at(1);
    let Verdict::ProvePresence(_, tally) = admit(stores[0], &ask).await else {
        panic!("no proof is asked for");
    };
    ask.presence = Presence::ProvedAt(tally);
    let verdicts = together(spread(stores, 1_000).map(|store| admit(store, &ask))).await;
    let admitted = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Admit)
        .count();
    assert_eq!(admitted, 1, "of 1,000 attempts at once with one proof");
}

/// Asks that name the same counters in different orders.
async fn no_two_asks_wait_for_each_other<S: Store>(stores: &[&S]) {
    let keys = Keys::drawn();
    let asks: Vec<Ask> = (0..300_u16)
        .map(|number| {
            // Each starts at another of eight counters, half of them go round the other way.
            let counters: Vec<_> = (0..8_u16)
                .map(|step| match number % 2 {
                    0 => (number + step) % 8,
                    _ => (number + 8 - step) % 8,
                })
                .map(|key| (keys.key(key), bucket(100)))
                .collect();
            ask(&counters, at(0))
        })
        .collect();
    let verdicts = together(
        spread(stores, asks.len())
            .zip(&asks)
            .map(|(store, ask)| admit(store, ask)),
    )
    .await;
    let admitted = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Admit)
        .count();
    assert_eq!(admitted, 100, "of 300 attempts on the same eight counters");
}

/// Of ten attempts five succeed, all at once: five places come back, no more.
async fn each_success_gives_one_attempt_back<S: Store>(stores: &[&S]) {
    let ask = ask(&[(Keys::drawn().key(0), bucket(10))], at(0));
    for _ in 0..10 {
        assert_eq!(admit(stores[0], &ask).await, Verdict::Admit, "a free place");
    }
    together(spread(stores, 5).map(|store| succeed(store, &ask))).await;
    let verdicts = together(spread(stores, 20).map(|store| admit(store, &ask))).await;
    let admitted = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Admit)
        .count();
    assert_eq!(admitted, 5, "after five successes of ten attempts");
}

/// Callers that stop waiting: the limit holds, and the store still answers others.
async fn a_caller_that_goes_away_gains_nothing<S: Store>(stores: &[&S]) {
    let key = Keys::drawn().key(0);
    let ask = ask(&[(key, bucket(10))], at(0));
    for store in spread(stores, 30) {
        abandon(store.admit(&ask)).await;
    }
    let mut admitted = 0;
    for store in spread(stores, 30) {
        if answer(store.admit(&ask).await, "an attempt") == Verdict::Admit {
            admitted += 1;
        }
    }
    assert!(
        admitted <= 10,
        "{admitted} attempts after 30 abandoned ones"
    );
    unlock(stores[0], key, at(0)).await;
    assert_eq!(
        admit(stores[0], &ask).await,
        Verdict::Admit,
        "after an unlock"
    );
}

fn spread<'a, S: Store>(stores: &[&'a S], count: usize) -> impl Iterator<Item = &'a S> {
    stores.iter().copied().cycle().take(count)
}
