use std::time::Duration;

use policy::access::{Delay, Limit};
use proptest::prelude::*;

use super::*;
use crate::store::{Counter, CounterKey, Scope};

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(1_800_000_000 + seconds))
}

fn state() -> Record {
    Record::State(State {
        failures: 300,
        last_failure: at(0),
        attempts: vec![at(0), at(0), at(5)],
    })
}

#[test]
fn a_record_is_a_few_bytes_and_stays_the_same_from_version_to_version() {
    // Form 1, 300, the moment, three attempts: the first whole, then what each is later.
    let moment = [0x80, 0x80, 0xe2, 0xc4, 0xf2, 0xa2, 0x99, 0x03];
    let mut bytes = vec![1, 0xac, 0x02];
    bytes.extend(moment);
    bytes.push(3);
    bytes.extend(moment);
    bytes.extend([0, 0xc0, 0x96, 0xb1, 0x02]);
    assert_eq!(state().encode(), bytes);
    let mut bytes = vec![2];
    bytes.extend(moment);
    assert_eq!(Record::Level(Level::empty_at(at(0))).encode(), bytes);
    assert_eq!(Record::State(State::default()).encode(), [1, 0, 0, 0]);
    let day = State {
        attempts: (0..25).map(|hour| at(hour * 3_600)).collect(),
        ..State::default()
    };
    assert!(Record::State(day).encode().len() < 160);
}

#[test]
fn the_longest_record_is_read_back() {
    let far = Timestamp::MAX.micros();
    let longest = Record::State(State {
        failures: u32::MAX,
        last_failure: Timestamp::MAX,
        attempts: (0..State::MOST_ATTEMPTS as u64)
            .map(|place| Timestamp::from_micros(far / 1_000 * (place + 1)))
            .collect(),
    });
    let bytes = longest.encode();
    assert!(bytes.len() <= Record::LONGEST, "{} bytes", bytes.len());
    assert_eq!(Record::decode(&bytes), Ok(longest));
}

#[test]
fn what_is_not_written_by_us_is_not_read() {
    let whole = state().encode();
    for length in 0..whole.len() {
        let cut = Record::decode(&whole[..length]);
        assert_eq!(cut, Err(RecordError::Damaged), "{length} bytes");
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(Record::decode(&longer), Err(RecordError::Damaged));
    for (bytes, error) in [
        (&[][..], RecordError::Damaged),
        (&[0], RecordError::Form),
        (&[3, 0, 0, 0], RecordError::Form),
        (b"1", RecordError::Form),
        // A number in a longer form than it needs.
        (&[2, 0x80, 0], RecordError::Damaged),
        // More failures than 32 bits, a moment past the last, one number of nine bytes.
        (
            &[1, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0],
            RecordError::Damaged,
        ),
        (
            &[2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
            RecordError::Damaged,
        ),
        (
            &[2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
            RecordError::Damaged,
        ),
        // A thousand and one attempts, of which none is there.
        (&[1, 0, 0, 0xe9, 0x07], RecordError::Damaged),
    ] {
        assert_eq!(Record::decode(bytes), Err(error), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_or_read_back_to_themselves(
        form in 0_u8..4,
        bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), 0_u8..3, any::<u8>()], 0..60),
    ) {
        let bytes = [vec![form], bytes].concat();
        if let Ok(record) = Record::decode(&bytes) {
            prop_assert_eq!(record.encode(), bytes);
        }
    }
}

fn counter(number: u8, rule: Rule) -> Counter {
    let scope = match rule {
        Rule::Restriction(_) => Scope::Account,
        Rule::Bucket(_) => Scope::Source,
    };
    let key = CounterKey::new([number; 16]);
    Counter { key, scope, rule }
}

fn rules() -> (Rule, Rule) {
    (
        Rule::Restriction(Restriction::Delay(Delay::default())),
        Rule::Bucket(Bucket::from(Limit {
            failures: 1,
            window: Duration::from_secs(100),
        })),
    )
}

#[test]
fn a_record_of_the_other_kind_is_an_error() {
    let (delay, bucket) = rules();
    for (rule, other) in [(delay, bucket), (bucket, delay)] {
        let record = Some(Record::fresh(&other));
        assert_eq!(Cell::new(&rule, record), Err(RecordError::Kind));
        assert!(Cell::new(&rule, Some(Record::fresh(&rule))).is_ok());
    }
}

#[test]
fn the_strictest_counter_speaks_and_a_refusal_changes_none() {
    let (delay, bucket) = rules();
    let counters = vec![counter(1, delay), counter(2, bucket)];
    let ask = Ask::new(counters, at(0)).expect("two counters");
    let mut cells: Vec<Cell> = [delay, bucket]
        .map(|rule| Cell::new(&rule, None).expect("fresh"))
        .to_vec();
    assert_eq!(decide(&ask, &mut cells), Verdict::Admit);
    assert!(cells.iter().all(Cell::changed));
    let kept: Vec<Record> = cells.into_iter().map(Cell::into_record).collect();
    let mut cells: Vec<Cell> = [delay, bucket]
        .iter()
        .zip(&kept)
        .map(|(rule, record)| Cell::new(rule, Some(record.clone())).expect("its kind"))
        .collect();
    // Both refuse; the bucket's wait is longer.
    let wait = Verdict::Wait(Scope::Source, Duration::from_secs(100));
    assert_eq!(decide(&ask, &mut cells), wait);
    assert!(!cells.iter().any(Cell::changed));
    let after: Vec<Record> = cells.into_iter().map(Cell::into_record).collect();
    assert_eq!(after, kept);
}

#[test]
fn an_ask_names_few_counters_and_each_once() {
    let (_, bucket) = rules();
    let counters = |count: u8| (0..count).map(|number| counter(number, bucket)).collect();
    assert!(Ask::new(counters(8), at(0)).is_some());
    assert!(Ask::new(counters(9), at(0)).is_none());
    let twice = vec![counter(1, bucket), counter(2, bucket), counter(1, bucket)];
    assert!(Ask::new(twice, at(0)).is_none());
}
