//! Days and years of a schedule, in a millisecond.

use super::*;

/// Any day: the certificate of these tests begins then and lasts 90 days.
fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * 20_000
}

fn day(days: f64) -> SystemTime {
    let length = DAY.mul_f64(days.abs());
    if days < 0.0 {
        start() - length
    } else {
        start() + length
    }
}

fn held(lot: f64) -> Held {
    Held {
        not_before: start(),
        not_after: start() + DAY * 90,
        fits: true,
        lot,
    }
}

/// No suggestion, asked at this time.
fn silent(given: SystemTime) -> Option<Advice> {
    Some(Advice {
        window: None,
        given,
        good_for: DAY * 365,
    })
}

/// The first tenth of a day on which a certificate is ordered.
fn ordered_on(standing: &Standing, renew_before: Option<Duration>) -> Option<f64> {
    let tenths = (0..1000).map(|tenth| f64::from(tenth) / 10.0);
    tenths.into_iter().find(|&at| {
        let step = standing.next(renew_before, day(at));
        matches!(step, Step::Order(_))
    })
}

#[test]
fn a_certificate_is_renewed_in_its_last_third_or_when_the_authority_says() {
    let window = |start, end| {
        Some(Advice {
            window: Some((day(start), day(end))),
            ..silent(day(0.0)).expect("an answer")
        })
    };
    let before = |days: u32| Some(DAY * days);
    for (what, lot, advice, renew_before, expected) in [
        ("a third is left", 0.0, silent(day(0.0)), None, 60.0),
        ("or a little more", 1.0, silent(day(0.0)), None, 57.0),
        ("the policy says", 0.0, silent(day(0.0)), before(20), 70.0),
        ("but not all of it", 0.0, silent(day(0.0)), before(89), 45.0),
        ("start of a window", 0.0, window(40.0, 50.0), None, 40.0),
        ("inside a window", 0.5, window(40.0, 50.0), None, 45.0),
        (
            "a window before the policy",
            0.5,
            window(40.0, 50.0),
            before(5),
            45.0,
        ),
        (
            "a window already past: revoked",
            0.9,
            window(-9.0, -1.0),
            None,
            0.0,
        ),
        ("a window too late", 0.5, window(88.0, 89.0), None, 75.0),
        (
            "a window after the end",
            0.0,
            window(91.0, 92.0),
            None,
            60.0,
        ),
        ("an inverted window", 0.0, window(50.0, 40.0), None, 60.0),
    ] {
        let standing = Standing {
            held: Some(held(lot)),
            advice,
            last: None,
        };
        assert_eq!(
            ordered_on(&standing, renew_before),
            Some(expected),
            "{what}"
        );
    }
}

#[test]
fn what_to_do_follows_what_is_known() {
    let now = day(1.0);
    let unfit = Held {
        fits: false,
        ..held(0.0)
    };
    let advice = |given, good_for| {
        Some(Advice {
            window: None,
            given,
            good_for,
        })
    };
    for (what, held, advice, expected) in [
        ("none", None, None, Step::Order(Why::Missing)),
        ("a host more", Some(unfit), None, Step::Order(Why::Unfit)),
        ("never asked", Some(held(0.0)), None, Step::Ask),
        (
            "asked a while ago",
            Some(held(0.0)),
            advice(day(0.5), HOUR),
            Step::Ask,
        ),
        (
            "asked in the future",
            Some(held(0.0)),
            advice(day(2.0), HOUR),
            Step::Ask,
        ),
        (
            "asked just now",
            Some(held(0.0)),
            advice(now, MINUTE),
            Step::Wait(now + MINUTE),
        ),
        (
            "nothing to do for long",
            Some(held(0.0)),
            silent(now),
            Step::Wait(now + HOUR),
        ),
    ] {
        let standing = Standing {
            held,
            advice,
            last: None,
        };
        assert_eq!(standing.next(None, now), expected, "{what}");
    }
}

#[test]
fn a_jump_of_the_clock_neither_orders_for_nothing_nor_holds_back_for_ever() {
    let mut standing = Standing {
        held: Some(held(0.0)),
        advice: silent(day(0.0)),
        last: None,
    };
    // Back before the certificate: wait, an hour at a time.
    let past = day(-300.0);
    assert_eq!(standing.next(None, past), Step::Wait(past + HOUR));
    // Far ahead: it looks expired, an order fails, and the failure is dated there.
    let ahead = day(4000.0);
    assert_eq!(standing.next(None, ahead), Step::Order(Why::Due));
    standing.failed(Setback::Refused, None, 0.5, ahead);
    assert!(matches!(standing.next(None, ahead), Step::Wait(_)));
    // Back to the right time, on which it is due: nothing holds it back.
    assert_eq!(standing.next(None, day(61.0)), Step::Order(Why::Due));
    assert_eq!(standing.next(None, day(1.0)), Step::Wait(day(1.0) + HOUR));
}

#[test]
fn failures_wait_longer_each_time_up_to_a_bound() {
    let waits = |setback, wish| {
        let mut standing = Standing::default();
        (0..20).map(move |_| {
            standing.failed(setback, wish, 0.5, start());
            standing.last.map(|last| last.wait.as_secs())
        })
    };
    let first = |setback, wish: Option<Duration>| -> Vec<u64> {
        waits(setback, wish).take(4).flatten().collect()
    };
    let last = |setback, wish| waits(setback, wish).nth(19).flatten();
    assert_eq!(first(Setback::Unreachable, None), [5, 10, 20, 40]);
    assert_eq!(last(Setback::Unreachable, None), Some(3600));
    assert_eq!(first(Setback::Refused, None), [300, 600, 1200, 2400]);
    assert_eq!(last(Setback::Refused, None), Some(6 * 3600));
    assert_eq!(first(Setback::Limited, None), [3600, 7200, 14400, 28800]);
    assert_eq!(last(Setback::Limited, None), Some(12 * 3600));
    let day = Some(DAY);
    assert_eq!(first(Setback::Limited, day), [86400; 4]);
    let year = Some(DAY * 365);
    assert_eq!(first(Setback::Refused, year), [7 * 86400; 4]);

    // Chance spreads it by a quarter each way; a success forgets every failure.
    for (chance, wait) in [(0.0, 225), (1.0, 375)] {
        let mut standing = Standing::default();
        standing.failed(Setback::Refused, None, chance, start());
        assert_eq!(standing.last.map(|last| last.wait.as_secs()), Some(wait));
        standing.succeeded(start());
        standing.failed(Setback::Refused, None, chance, start());
        assert_eq!(standing.last.map(|last| last.failures), Some(1));
    }
}

#[test]
fn five_refusals_take_more_than_an_hour() {
    let mut standing = Standing::default();
    let (mut now, mut orders) = (start(), 0);
    while now < start() + HOUR {
        match standing.next(None, now) {
            Step::Order(_) => {
                orders += 1;
                standing.failed(Setback::Refused, None, 0.0, now);
            }
            Step::Wait(until) => now = until.max(now + Duration::from_secs(1)),
            Step::Ask => unreachable!("there is no certificate to ask about"),
        }
    }
    assert!((3..=5).contains(&orders), "{orders}");
}

#[test]
fn a_success_is_not_followed_by_another_order_at_once() {
    // An authority whose window always lies in the past.
    let mut standing = Standing {
        held: Some(held(0.0)),
        advice: None,
        last: None,
    };
    standing.succeeded(day(1.0));
    standing.advice = Some(Advice {
        window: Some((day(-2.0), day(-1.0))),
        given: day(1.0),
        good_for: HOUR,
    });
    let until = day(1.0) + AFTER_SUCCESS;
    assert_eq!(standing.next(None, day(1.0)), Step::Wait(until));
    assert_eq!(standing.next(None, until), Step::Order(Why::Due));
}

#[test]
fn a_late_renewal_is_told_long_before_the_end() {
    let long = Standing {
        held: Some(held(0.0)),
        ..Standing::default()
    };
    let short = Standing {
        held: Some(Held {
            not_after: start() + DAY * 6,
            ..held(0.0)
        }),
        ..Standing::default()
    };
    for (standing, before, rows) in [
        // 30 days are kept: warned from 15 days, loud from 10.
        (
            &long,
            None,
            &[
                (74.9, Alarm::None),
                (75.0, Alarm::Late),
                (79.9, Alarm::Late),
                (80.0, Alarm::Urgent),
                (89.9, Alarm::Urgent),
                (90.0, Alarm::Over),
                (900.0, Alarm::Over),
            ][..],
        ),
        // 18 days are kept: loud in the last week.
        (
            &long,
            Some(DAY * 18),
            &[
                (80.9, Alarm::None),
                (81.0, Alarm::Late),
                (83.0, Alarm::Late),
                (83.1, Alarm::Urgent),
            ],
        ),
        // Two days are kept: a certificate of six days is not always urgent.
        (
            &short,
            None,
            &[
                (0.0, Alarm::None),
                (4.9, Alarm::None),
                (5.0, Alarm::Late),
                (5.4, Alarm::Urgent),
            ],
        ),
    ] {
        for &(at, alarm) in rows {
            assert_eq!(standing.alarm(before, day(at)), alarm, "day {at}");
        }
    }
    assert_eq!(Standing::default().alarm(None, start()), Alarm::None);
}
