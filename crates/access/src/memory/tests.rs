//! What only counters in memory must do; what all stores must do is in the contract suite.

use super::*;
use crate::Rule;
use crate::state::{DAY, Restriction};
use policy::access::Delay;

fn key(number: u64, of: u8) -> CounterKey {
    // Spread as a keyed hash would be: the shard, the overflow counter and the hash all vary.
    let mut bytes = [of; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_le_bytes());
    bytes[15] = of;
    CounterKey::new(bytes)
}

fn ask(scope: Scope, number: u64, seconds: u64) -> Ask {
    let counter = Counter {
        key: key(number, scope as u8),
        scope,
        rule: Rule::Restriction(Restriction::Delay(Delay::default())),
    };
    let now = Timestamp::new(Duration::from_secs(seconds));
    Ask::new(vec![counter], now, false).expect("one counter")
}

fn admit(memory: &Memory, ask: &Ask) -> Verdict {
    memory.with(ask, decide).expect("an answer")
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
    memory.with(&ask, take_back).expect("an answer");
    assert!(memory.is_empty());
}

#[test]
fn threads_that_share_counters_in_any_order_all_get_an_answer() {
    let memory = Memory::new(1_000);
    let both = |first: u64, second: u64| {
        let counters = [first, second].map(|number| ask(Scope::Pair, number, 0).counters[0]);
        Ask::new(counters.to_vec(), Timestamp::default(), false).expect("two counters")
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
