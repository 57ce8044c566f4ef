//! Cases with one call after the other.

use std::time::Duration;

use policy::access::{Block, Delay, Limit, Unlock};

use super::asks::{ask, block, bucket, delay};
use super::model::{Dice, Model};
use super::{Keys, admit, at, expect, succeed, unlock};
use crate::state::{DAY, Presence, Restriction, Tally};
use crate::{Ask, Bucket, Rule, Scope, Store, TakenBack, Timestamp, Verdict};

pub(super) async fn check<S: Store>(store: &S) {
    every_decision_is_the_machines(store).await;
    a_refusal_by_one_counter_counts_in_none(store).await;
    a_success_gives_back_one_attempt_of_each_counter(store).await;
    a_success_that_proves_nothing_gives_back_itself_alone(store).await;
    what_is_not_proven_stays_in_the_day(store).await;
    an_unlock_opens_one_counter_and_no_other(store).await;
    a_clock_that_goes_back_shortens_no_wait(store).await;
    a_clock_that_was_set_back_keeps_nobody_waiting_for_it(store).await;
    an_account_that_signed_in_answers_like_one_never_seen(store).await;
    keys_that_differ_in_one_bit_have_their_own_counters(store).await;
    a_wait_is_told_to_the_microsecond(store).await;
    presence_opens_only_what_asks_for_it(store).await;
    one_proof_opens_one_attempt(store).await;
    a_proof_is_spent_though_its_attempt_was_taken_back(store).await;
    another_rule_holds_from_the_next_attempt_on(store).await;
    a_block_lasts_until_it_is_ended(store).await;
    an_attempt_without_counters_passes(store).await;
}

/// Random histories under every mechanism: the same verdicts as the pure machine, each.
async fn every_decision_is_the_machines(store: &impl Store) {
    for seed in 0..12 {
        let keys = Keys::drawn();
        let mut dice = Dice::new(seed);
        let mut model = Model::default();
        let mut under_way: Vec<Ask> = Vec::new();
        let account = account_rules()[usize::try_from(seed % 6).expect("below six")];
        let (mut now, mut latest) = (0_u64, 0_u64);
        let (mut asked, mut proof) = (Verdict::Admit, Tally::default());
        for step in 0..150 {
            now = match dice.roll(20) {
                // Back, but never by more than a clock is believed: a store may drop what is
                // idle, and a clock that was set back has a case of its own.
                0 => latest.saturating_sub(dice.roll(10_000_000)),
                1 => now + dice.roll(2 * 86_400_000_000),
                2..10 => now + dice.roll(1_000),
                _ => now + dice.roll(40_000_000),
            };
            latest = latest.max(now);
            let moment = Timestamp::from_micros(at(0).micros() + now);
            let key = u16::try_from(dice.roll(3)).expect("below three");
            match dice.roll(12) {
                0 => {
                    unlock(store, keys.key(key), moment).await;
                    model.unlock(keys.key(key));
                }
                1..4 if !under_way.is_empty() => {
                    let which = dice.roll(under_way.len() as u64);
                    let mut ask = under_way.swap_remove(usize::try_from(which).expect("small"));
                    // Not once a block that it began may have ended: a store may have dropped the
                    // failures before it, or keep them for the rest of their month.
                    let ended = moment.since(ask.now) >= BLOCKED;
                    ask.taken_back = match dice.roll(4) {
                        0 if !ended => TakenBack::One,
                        1 if !ended => TakenBack::Unproven,
                        _ => TakenBack::Row,
                    };
                    succeed(store, &ask).await;
                    model.succeed(&ask);
                }
                _ => {
                    let source = 10 + u16::try_from(dice.roll(2)).expect("below two");
                    let mut ask = ask(
                        &[
                            (keys.key(key), account),
                            (keys.key(source), bucket(7)),
                            (keys.key(20), bucket(40)),
                        ],
                        moment,
                    );
                    // Often as the failures stand, sometimes as they stood for others.
                    if let Verdict::ProvePresence(_, tally) = asked {
                        proof = tally;
                    }
                    ask.presence = match dice.roll(8) {
                        0 => Presence::Proved,
                        1..5 => Presence::ProvedAt(proof),
                        _ => Presence::Unproved,
                    };
                    let expected = model.admit(&ask);
                    let verdict = admit(store, &ask).await;
                    asked = verdict;
                    assert_eq!(
                        verdict, expected,
                        "history {seed}, step {step}, under {account:?}"
                    );
                    if verdict == Verdict::Admit {
                        under_way.push(ask);
                        // The oldest is lost, as by a caller that went away.
                        if under_way.len() > 4 {
                            under_way.remove(0);
                        }
                    }
                }
            }
        }
    }
}

/// How long the block of [`account_rules`] that time ends lasts.
const BLOCKED: Duration = Duration::from_secs(900);

fn account_rules() -> [Rule; 6] {
    let mut quick = Delay::default();
    (quick.first, quick.factor) = (Duration::from_millis(1_500), 1.5);
    (quick.max, quick.attempts_per_day) = (Duration::from_secs(20), 12);
    let mut timed = Block::default();
    (timed.after, timed.unlock) = (3, Unlock::After(BLOCKED));
    [
        delay(),
        Rule::Restriction(Restriction::Delay(quick)),
        block(5),
        Rule::Restriction(Restriction::Block(timed)),
        Rule::Restriction(Restriction::Captcha { after: 2 }),
        Rule::Restriction(Restriction::None),
    ]
}

async fn a_refusal_by_one_counter_counts_in_none(store: &impl Store) {
    let keys = Keys::drawn();
    let (full, free, account) = (keys.key(0), keys.key(1), keys.key(2));
    let first = ask(&[(full, bucket(1))], at(0));
    expect(store, &first, Verdict::Admit, "an empty bucket").await;
    for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1]] {
        let counters = [(full, bucket(1)), (free, bucket(1)), (account, delay())];
        let ask = ask(&order.map(|index: usize| counters[index]), at(0));
        let verdict = admit(store, &ask).await;
        assert!(
            matches!(verdict, Verdict::Wait(Scope::Source, _)),
            "a full bucket among others: {verdict:?}"
        );
    }
    let rest = ask(&[(free, bucket(1)), (account, delay())], at(0));
    expect(store, &rest, Verdict::Admit, "nothing was counted").await;
}

async fn a_success_gives_back_one_attempt_of_each_counter(store: &impl Store) {
    let keys = Keys::drawn();
    let now = at(0);
    let both = ask(&[(keys.key(0), block(3)), (keys.key(1), bucket(3))], now);
    let source = ask(&[(keys.key(1), bucket(3))], now);
    for _ in 0..3 {
        expect(store, &both, Verdict::Admit, "room for three").await;
    }
    succeed(store, &both).await;
    // The account's failures in a row are over; of the source's, one is.
    expect(store, &source, Verdict::Admit, "the place given back").await;
    let verdict = admit(store, &source).await;
    assert!(
        matches!(verdict, Verdict::Wait(..)),
        "a second place: {verdict:?}"
    );
    let account = ask(&[(keys.key(0), block(3))], now);
    for _ in 0..3 {
        expect(store, &account, Verdict::Admit, "a new row of failures").await;
    }
    let blocked = Verdict::Blocked(Scope::Account);
    expect(store, &account, blocked, "three in a row").await;
}

async fn a_success_that_proves_nothing_gives_back_itself_alone(store: &impl Store) {
    let keys = Keys::drawn();
    let mut both = ask(&[(keys.key(0), block(3)), (keys.key(1), bucket(9))], at(0));
    both.taken_back = TakenBack::One;
    for _ in 0..3 {
        expect(store, &both, Verdict::Admit, "room for three").await;
    }
    let blocked = Verdict::Blocked(Scope::Account);
    for _ in 0..2 {
        succeed(store, &both).await;
        expect(store, &both, Verdict::Admit, "the place given back").await;
        expect(store, &both, blocked, "the failures before it stay").await;
    }
}

async fn what_is_not_proven_stays_in_the_day(store: &impl Store) {
    let keys = Keys::drawn();
    let cap = Rule::Restriction(Restriction::Delay(Delay::only_per_day(3)));
    let rules = [(keys.key(0), block(2)), (keys.key(1), cap)];
    let with_room = (keys.key(2), bucket(1));
    for second in 0..3 {
        let mut all = ask(&[rules[0], rules[1], with_room], at(second));
        all.taken_back = TakenBack::Unproven;
        expect(store, &all, Verdict::Admit, "room for three in a day").await;
        succeed(store, &all).await;
    }
    let day = DAY.as_secs();
    let wait = Verdict::Wait(Scope::Account, DAY - Duration::from_secs(3));
    expect(store, &ask(&rules, at(3)), wait, "the fourth").await;
    expect(store, &ask(&rules, at(day)), Verdict::Admit, "a day later").await;
    // Of the row and of the bucket nothing is left.
    let rest = ask(&[rules[0], with_room], at(day));
    expect(store, &rest, Verdict::Admit, "one failure in the row").await;
}

async fn an_unlock_opens_one_counter_and_no_other(store: &impl Store) {
    let keys = Keys::drawn();
    let asks: Vec<Ask> = (0..2)
        .map(|key| ask(&[(keys.key(key), block(1))], at(0)))
        .collect();
    // One that was never counted may be unlocked too.
    unlock(store, keys.key(7), at(0)).await;
    for ask in &asks {
        expect(store, ask, Verdict::Admit, "the first attempt").await;
    }
    unlock(store, keys.key(0), at(1)).await;
    expect(store, &asks[0], Verdict::Admit, "after its unlock").await;
    let blocked = Verdict::Blocked(Scope::Account);
    expect(store, &asks[1], blocked, "after another's unlock").await;
}

async fn a_clock_that_goes_back_shortens_no_wait(store: &impl Store) {
    let keys = Keys::drawn();
    for (key, rule) in [(0, delay()), (1, bucket(1))] {
        let attempt = |seconds| ask(&[(keys.key(key), rule)], at(seconds));
        expect(store, &attempt(100), Verdict::Admit, "the first attempt").await;
        let Verdict::Wait(_, whole) = admit(store, &attempt(100)).await else {
            panic!("no wait after a failure under {rule:?}")
        };
        // Nine seconds back: the clock is believed, the end of the wait stands.
        let Verdict::Wait(_, wait) = admit(store, &attempt(91)).await else {
            panic!("a clock that went back opened a counter under {rule:?}")
        };
        assert_eq!(wait, whole + Duration::from_secs(9), "under {rule:?}");
    }
}

async fn a_clock_that_was_set_back_keeps_nobody_waiting_for_it(store: &impl Store) {
    let keys = Keys::drawn();
    for (key, rule) in [(0, delay()), (1, bucket(1))] {
        let attempt = |seconds| ask(&[(keys.key(key), rule)], at(seconds));
        let year = 365 * DAY.as_secs();
        expect(store, &attempt(year), Verdict::Admit, "the first attempt").await;
        let Verdict::Wait(scope, whole) = admit(store, &attempt(year)).await else {
            panic!("no wait after a failure under {rule:?}")
        };
        expect(
            store,
            &attempt(50),
            Verdict::Wait(scope, whole),
            "it begins again",
        )
        .await;
        // It is kept although the attempt was refused: the wait goes on from there.
        let rest = Verdict::Wait(scope, whole - Duration::from_secs(1));
        expect(store, &attempt(51), rest, "a second later").await;
        let end = 50 + whole.as_secs();
        expect(store, &attempt(end), Verdict::Admit, "the end of the wait").await;
    }
}

async fn an_account_that_signed_in_answers_like_one_never_seen(store: &impl Store) {
    let keys = Keys::drawn();
    let known = ask(&[(keys.key(0), delay())], at(0));
    expect(store, &known, Verdict::Admit, "a sign-in").await;
    succeed(store, &known).await;
    for seconds in [10, 11, 14, 15, 22, 30, 40] {
        let verdicts = [
            admit(store, &ask(&[(keys.key(0), delay())], at(seconds))).await,
            admit(store, &ask(&[(keys.key(1), delay())], at(seconds))).await,
        ];
        assert_eq!(verdicts[0], verdicts[1], "known and unknown at {seconds} s");
    }
}

async fn keys_that_differ_in_one_bit_have_their_own_counters(store: &impl Store) {
    let first = *Keys::drawn().key(0).bytes();
    for bit in 0..128 {
        let mut other = first;
        other[bit / 8] ^= 1 << (bit % 8);
        let ask = ask(&[(crate::CounterKey::new(other), block(1))], at(0));
        expect(store, &ask, Verdict::Admit, "a key of its own").await;
    }
    let first = ask(&[(crate::CounterKey::new(first), block(1))], at(0));
    expect(store, &first, Verdict::Admit, "the first key").await;
    expect(
        store,
        &first,
        Verdict::Blocked(Scope::Account),
        "the same key",
    )
    .await;
}

async fn a_wait_is_told_to_the_microsecond(store: &impl Store) {
    let keys = Keys::drawn();
    let first = Timestamp::from_micros(at(0).micros() + 123_457);
    let rule = Rule::Bucket(Bucket::from(Limit {
        failures: 1,
        window: Duration::from_micros(1_000_003),
    }));
    let attempt = |micros| {
        let moment = Timestamp::from_micros(first.micros() + micros);
        ask(&[(keys.key(0), rule)], moment)
    };
    expect(store, &attempt(0), Verdict::Admit, "the first attempt").await;
    let wait = Verdict::Wait(Scope::Source, Duration::from_micros(1));
    expect(store, &attempt(1_000_002), wait, "a microsecond too early").await;
    expect(store, &attempt(1_000_003), Verdict::Admit, "in time").await;
}

async fn presence_opens_only_what_asks_for_it(store: &impl Store) {
    let keys = Keys::drawn();
    let captcha = Rule::Restriction(Restriction::Captcha { after: 1 });
    let one = Tally {
        failures: 1,
        last_failure: at(0),
    };
    for (key, rule, refused) in [
        (0, captcha, Verdict::ProvePresence(Scope::Account, one)),
        (1, block(1), Verdict::Blocked(Scope::Account)),
    ] {
        let mut ask = ask(&[(keys.key(key), rule)], at(0));
        expect(store, &ask, Verdict::Admit, "the first attempt").await;
        expect(store, &ask, refused, "the second").await;
        ask.presence = Presence::Proved;
        let proved = match rule == captcha {
            true => Verdict::Admit,
            false => refused,
        };
        expect(store, &ask, proved, "with a proof of presence").await;
    }
}

async fn one_proof_opens_one_attempt(store: &impl Store) {
    let keys = Keys::drawn();
    let rule = Rule::Restriction(Restriction::Captcha { after: 2 });
    let attempt = |seconds, presence| {
        let mut ask = ask(&[(keys.key(0), rule)], at(seconds));
        ask.presence = presence;
        ask
    };
    let stand = |failures, seconds| Tally {
        failures,
        last_failure: at(seconds),
    };
    let asked = |tally| Verdict::ProvePresence(Scope::Account, tally);
    let proved = |tally| Presence::ProvedAt(tally);
    for seconds in [0, 1] {
        let free = attempt(seconds, proved(stand(9, 9)));
        expect(store, &free, Verdict::Admit, "before any is asked for").await;
    }
    let two = stand(2, 1);
    for (presence, when) in [
        (Presence::Unproved, "nothing is proved"),
        (proved(stand(1, 0)), "proved before"),
        (proved(stand(2, 0)), "proved in a row of another time"),
        (proved(stand(3, 1)), "proved for more failures"),
    ] {
        expect(store, &attempt(2, presence), asked(two), when).await;
    }
    let third = attempt(3, proved(two));
    expect(store, &third, Verdict::Admit, "as the failures stand").await;
    let again = attempt(4, proved(two));
    expect(store, &again, asked(stand(3, 3)), "a second time").await;
    // Nobody saw the try: it is as if it had not been made, and is proved anew all the same.
    let unseen = Ask {
        taken_back: TakenBack::One,
        ..third
    };
    succeed(store, &unseen).await;
    expect(store, &again, asked(stand(2, 3)), "once it was taken back").await;
    let fourth = attempt(4, proved(stand(2, 3)));
    expect(store, &fourth, Verdict::Admit, "proved anew").await;
    succeed(store, &fourth).await;
    for seconds in [5, 6] {
        let free = attempt(seconds, Presence::Unproved);
        expect(store, &free, Verdict::Admit, "after a success").await;
    }
    let old = attempt(7, proved(two));
    expect(store, &old, asked(stand(2, 6)), "in the next row").await;
}

/// An attempt that is taken back leaves as many failures as before. Two gates may ask at one moment,
/// or the one behind the other, and the proof is spent all the same.
async fn a_proof_is_spent_though_its_attempt_was_taken_back(store: &impl Store) {
    let micros = |seconds, micros| Timestamp::from_micros(at(seconds).micros() + micros);
    for taken_back in [TakenBack::One, TakenBack::Unproven] {
        for clock in [micros(9, 0), micros(4, 0), micros(8, 999_999)] {
            let keys = Keys::drawn();
            let rule = Rule::Restriction(Restriction::Captcha { after: 1 });
            let first = ask(&[(keys.key(0), rule)], at(9));
            expect(store, &first, Verdict::Admit, "the first attempt").await;
            let mut proved = ask(&[(keys.key(0), rule)], clock);
            proved.taken_back = taken_back;
            proved.presence = Presence::ProvedAt(Tally {
                failures: 1,
                last_failure: at(9),
            });
            expect(store, &proved, Verdict::Admit, "by a clock behind").await;
            succeed(store, &proved).await;
            let now = Tally {
                failures: 1,
                last_failure: micros(9, 1),
            };
            let again = Verdict::ProvePresence(Scope::Account, now);
            expect(store, &proved, again, "once it was taken back").await;
        }
    }
}

async fn another_rule_holds_from_the_next_attempt_on(store: &impl Store) {
    let keys = Keys::drawn();
    let under = |rule| ask(&[(keys.key(0), rule)], at(0));
    for _ in 0..5 {
        expect(store, &under(block(10)), Verdict::Admit, "ten allowed").await;
    }
    let blocked = Verdict::Blocked(Scope::Account);
    expect(store, &under(block(5)), blocked, "five allowed").await;
    expect(store, &under(block(6)), Verdict::Admit, "six allowed").await;
}

async fn a_block_lasts_until_it_is_ended(store: &impl Store) {
    let keys = Keys::drawn();
    let attempt = |seconds| ask(&[(keys.key(0), block(2))], at(seconds));
    expect(store, &attempt(0), Verdict::Admit, "the first attempt").await;
    expect(store, &attempt(1), Verdict::Admit, "the second").await;
    let years = 10 * 365 * DAY.as_secs();
    let blocked = Verdict::Blocked(Scope::Account);
    expect(store, &attempt(years), blocked, "ten years later").await;
    unlock(store, keys.key(0), at(years)).await;
    expect(store, &attempt(years), Verdict::Admit, "after the unlock").await;
}

async fn an_attempt_without_counters_passes(store: &impl Store) {
    let ask = ask(&[], at(0));
    expect(store, &ask, Verdict::Admit, "nothing to ask").await;
    succeed(store, &ask).await;
}
