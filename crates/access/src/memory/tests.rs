//! What only counters in memory must do; what all stores must do is in the contract suite.

use super::*;
use crate::Restriction;
use crate::Rule;
use crate::state::DAY;
use policy::access::{Block, Delay, Unlock};

fn key(number: u64, of: u8) -> CounterKey {
    // Spread as a keyed hash would be: the shard, the overflow counter and the hash all vary.
    let mut bytes = [of; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_le_bytes());
    bytes[15] = of;
    CounterKey::new(bytes)
}

fn ask(scope: Scope, number: u64, seconds: u64) -> Ask {
    under(
        Restriction::Delay(Delay::default()),
        scope,
        key(number, scope as u8),
        seconds,
    )
}

fn under(rule: Restriction, scope: Scope, key: CounterKey, seconds: u64) -> Ask {
    let rule = Rule::Restriction(rule);
    let counter = Counter { key, scope, rule };
    let now = Timestamp::new(Duration::from_secs(seconds));
    Ask::new(vec![counter], now).expect("one counter")
}

fn admit(memory: &Memory, ask: &Ask) -> Verdict {
    memory.admit_now(ask).expect("an answer")
}

#[test]
fn a_flood_of_names_neither_grows_the_table_nor_frees_the_victim() {
    let memory = Memory::new(640);
    assert_eq!(admit(&memory, &ask(Scope::Account, 0, 0)), Verdict::Admit);
    for name in 1..20_000 {
        let _ = admit(&memory, &ask(Scope::Account, name, 1));
    }
    assert!(memory.len() <= 640, "{} counters", memory.len());
    assert!(matches!(
        admit(&memory, &ask(Scope::Account, 0, 1)),
        Verdict::Wait(Scope::Account, _)
    ));
}

#[test]
fn a_flood_of_one_scope_leaves_the_others_room() {
    let memory = Memory::new(64);
    for name in 0..5_000 {
        let _ = admit(&memory, &ask(Scope::Account, name, 0));
    }
    for source in 0..20 {
        assert_eq!(
            admit(&memory, &ask(Scope::Source, source * 7919, 0)),
            Verdict::Admit,
            "{source}"
        );
    }
}

#[test]
fn idle_counters_make_room() {
    let memory = Memory::new(64);
    for name in 0..5_000 {
        let _ = admit(&memory, &ask(Scope::Account, name, 0));
    }
    let late = 3 * DAY.as_secs();
    let before = memory.len();
    let _ = admit(&memory, &ask(Scope::Account, 5_000, late));
    assert_eq!(memory.len(), before, "one was swept, one came");
    for name in 5_001..5_064 {
        let _ = admit(&memory, &ask(Scope::Account, name, late));
    }
    assert!(matches!(
        admit(&memory, &ask(Scope::Account, 5_001, late)),
        Verdict::Wait(..)
    ));
}

#[test]
fn what_overflowed_is_not_forgotten_when_room_comes() {
    let memory = Memory::new(1);
    // Two keys of one shard: the first fills it, the second overflows.
    let second = (1..)
        .find(|number| key(*number, 0).bytes()[0] % 64 == key(0, 0).bytes()[0] % 64)
        .expect("another key of the shard");
    let _ = admit(&memory, &ask(Scope::Account, 0, 0));
    let almost = DAY.as_secs() + 8;
    assert_eq!(
        admit(&memory, &ask(Scope::Account, second, almost)),
        Verdict::Admit
    );
    // The first is idle at last; the second still waits, in the table or out of it.
    assert!(matches!(
        admit(&memory, &ask(Scope::Account, second, almost + 3)),
        Verdict::Wait(..)
    ));
    assert_eq!(
        admit(&memory, &ask(Scope::Account, second, almost + 4)),
        Verdict::Admit
    );
    assert_eq!(memory.len(), 1, "the second has the place of the first");
}

#[test]
fn a_success_leaves_no_counter_behind() {
    let memory = Memory::new(64);
    let ask = ask(Scope::Account, 1, 0);
    assert_eq!(admit(&memory, &ask), Verdict::Admit);
    assert_eq!(memory.len(), 1);
    memory.succeed_now(&ask).expect("an answer");
    assert!(memory.is_empty());
}

#[test]
fn threads_that_share_counters_in_any_order_all_get_an_answer() {
    let memory = Memory::new(1_000);
    let both = |first: u64, second: u64| {
        let counters = [first, second].map(|number| ask(Scope::Pair, number, 0).counters[0]);
        Ask::new(counters.to_vec(), Timestamp::default()).expect("two counters")
    };
    let admitted: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8_u64)
            .map(|thread| {
                let (memory, both) = (&memory, &both);
                scope.spawn(move || {
                    (0..1_000)
                        .map(|round| match (thread + round) % 2 {
                            0 => both(1, 2),
                            _ => both(2, 1),
                        })
                        .filter(|ask| admit(memory, ask) == Verdict::Admit)
                        .count()
                })
            })
            .collect();
        tries
            .into_iter()
            .map(|each| each.join().expect("no panic"))
            .sum()
    });
    assert_eq!(admitted, 1, "a delay admits one at a time");
}

/// A block after ten failures that a person must end.
fn block() -> Restriction {
    let mut block = Block::default();
    (block.after, block.unlock) = (10, Unlock::Operator);
    Restriction::Block(block)
}

/// A full table, and two names that share a counter: the attempts of each.
fn sharing() -> (Memory, impl Fn(u64, u64) -> Ask) {
    let memory = Memory::new(1);
    let name = |number: u64| {
        let mut bytes = [7; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        CounterKey::new(bytes)
    };
    let attempt = move |number, seconds| under(block(), Scope::Account, name(number), seconds);
    assert_eq!(
        admit(&memory, &attempt(0, 0)),
        Verdict::Admit,
        "a full table"
    );
    (memory, attempt)
}

#[test]
fn a_success_in_the_overflow_forgets_no_neighbours_failures() {
    let (memory, attempt) = sharing();
    let (victim, own) = (1, 2);
    let mut guesses = 0;
    for second in 1..100 {
        // Nine guesses, then a sign-in to an account of the guesser's own, which ends the row
        // of its failures.
        if admit(&memory, &attempt(victim, 2 * second)) == Verdict::Admit {
            guesses += 1;
        }
        let sign_in = attempt(own, 2 * second + 1);
        if guesses % 9 == 0 && admit(&memory, &sign_in) == Verdict::Admit {
            memory.succeed_now(&sign_in).expect("an answer");
        }
    }
    assert_eq!(guesses, 10, "of the victim's ten");
}

#[test]
fn a_success_takes_back_nothing_that_the_overflow_did_not_count() {
    let (memory, attempt) = sharing();
    let (victim, own) = (1, 2);
    // The guesser's own attempts were counted in the table, which has other names by now.
    let elsewhere: Vec<Ask> = (0..9).map(|second| attempt(own, second)).collect();
    for second in 100..110 {
        assert_eq!(admit(&memory, &attempt(victim, second)), Verdict::Admit);
    }
    for ask in &elsewhere {
        memory.succeed_now(ask).expect("an answer");
    }
    // One that was counted is given back once.
    memory
        .succeed_now(&attempt(victim, 100))
        .expect("an answer");
    memory
        .succeed_now(&attempt(victim, 100))
        .expect("an answer");
    let verdicts = [200, 201].map(|second| admit(&memory, &attempt(victim, second)));
    assert_eq!(verdicts, [Verdict::Admit, Verdict::Blocked(Scope::Account)]);
}

#[test]
fn an_unlock_in_the_overflow_opens_one_name_only() {
    let (memory, attempt) = sharing();
    let (victim, own) = (1, 2);
    for second in 1..11 {
        assert_eq!(admit(&memory, &attempt(victim, second)), Verdict::Admit);
    }
    let blocked = Verdict::Blocked(Scope::Account);
    assert_eq!(admit(&memory, &attempt(own, 20)), blocked, "they share it");
    let now = Timestamp::new(Duration::from_secs(30));
    let key = attempt(own, 0).counters[0].key;
    drop(memory.unlock(key, now));
    assert_eq!(
        admit(&memory, &attempt(victim, 31)),
        blocked,
        "the neighbour"
    );
    // It stays open after a success, although its counter holds nothing then.
    for second in [32, 33] {
        let sign_in = attempt(own, second);
        assert_eq!(admit(&memory, &sign_in), Verdict::Admit, "unlocked");
        memory.succeed_now(&sign_in).expect("an answer");
    }
    for second in 40..50 {
        assert_eq!(admit(&memory, &attempt(own, second)), Verdict::Admit);
    }
    assert_eq!(admit(&memory, &attempt(own, 50)), blocked, "ten of its own");
}

#[test]
fn a_block_in_the_overflow_ends_a_day_later() {
    let (memory, attempt) = sharing();
    for second in 1..11 {
        assert_eq!(admit(&memory, &attempt(1, second)), Verdict::Admit);
    }
    let day = DAY.as_secs();
    let blocked = Verdict::Blocked(Scope::Account);
    for second in [11, day, day + 19] {
        assert_eq!(admit(&memory, &attempt(1, second)), blocked, "{second}");
    }
    assert_eq!(admit(&memory, &attempt(1, day + 20)), Verdict::Admit);
    // The name that has a counter of its own is as the policy says.
    for second in 1..10 {
        assert_eq!(admit(&memory, &attempt(0, second)), Verdict::Admit);
    }
    assert_eq!(admit(&memory, &attempt(0, 20 * day)), blocked);
}

#[test]
fn a_flood_that_fills_the_table_leaves_newcomers_room() {
    let capacity = 20_000;
    let memory = Memory::new(capacity);
    let attempt = |number| under(block(), Scope::Account, key(number, 0), 0);
    // The table, and twice as many failures again.
    for name in 0..3 * capacity as u64 {
        let _ = admit(&memory, &attempt(name));
    }
    assert!(memory.len() <= capacity + SHARDS, "{memory:?}");
    let newcomers = 1_000_000..1_002_000;
    let blocked = newcomers
        .filter(|name| admit(&memory, &attempt(*name)) != Verdict::Admit)
        .count();
    // Two failures for each shared counter on average; ten block.
    assert!(blocked <= 2, "{blocked} of 2,000 newcomers are blocked");
}
