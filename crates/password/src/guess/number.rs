//! Numbers that mean something: years, dates in French order first, telephone numbers and
//! postcodes.
//!
//! Years count from a year given from outside, so that a password is worth the same on any
//! day.

use super::{Graph, Pattern, Text};

/// Years that people write: those of the living, and a few ahead.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2059;
/// The closest years are tried together.
const NEAR: u32 = 20;
/// A day of a month.
const DAY: f64 = 2.56;
/// French postcodes in use, and those that end in three noughts.
const POSTCODES: f64 = 3.8;
const ROUND_POSTCODES: f64 = 2.0;

/// Every number that is found, wherever it starts.
pub(super) fn numbers(text: &Text, year: u32, graph: &mut Graph) {
    for start in 0..text.len() {
        if text.digit(start).is_none() {
            continue;
        }
        if !graph.steps().take(4) {
            return;
        }
        let digits = (start..text.len())
            .take(10)
            .take_while(|&at| text.digit(at).is_some())
            .count();
        if digits >= 4 {
            joined(text, year, graph, start, digits);
        }
        separated(text, year, graph, start);
        phone(text, graph, start);
    }
}

/// What the year costs, if it is one: 2024, or 24 when short.
fn year_cost(value: u32, short: bool, reference: u32) -> Option<f64> {
    let value = match (short, value) {
        (true, 0..=59) => 2000 + value,
        (true, _) => 1900 + value,
        (false, _) => value,
    };
    YEARS
        .contains(&value)
        .then(|| f64::from((value.abs_diff(reference) * 2).max(NEAR)).log10())
}

const fn is_day(day: u32, month: u32) -> bool {
    day >= 1 && day <= 31 && month >= 1 && month <= 12
}

/// Numbers without separators.
fn joined(text: &Text, year: u32, graph: &mut Graph, start: usize, digits: usize) {
    let read = |from: usize, to: usize| -> u32 {
        (start + from..start + to).fold(0, |value, at| value * 10 + text.digit(at).unwrap_or(0))
    };
    let mut add =
        |length: usize, cost: f64, pattern| graph.add(start, start + length, cost, pattern);
    if let Some(cost) = year_cost(read(0, 4), false, year) {
        add(4, cost, Pattern::Year);
    }
    if is_day(read(0, 2), read(2, 4)) {
        add(4, DAY, Pattern::Date);
    }
    if digits >= 5 {
        let (department, rest) = (read(0, 2), read(2, 5));
        if (1..=98).contains(&department) {
            add(
                5,
                if rest == 0 {
                    ROUND_POSTCODES
                } else {
                    POSTCODES
                },
                Pattern::Place,
            );
        }
    }
    if digits >= 6 {
        if is_day(read(0, 2), read(2, 4))
            && let Some(cost) = year_cost(read(4, 6), true, year)
        {
            add(6, DAY + cost, Pattern::Date);
        }
        if (1..=12).contains(&read(0, 2))
            && let Some(cost) = year_cost(read(2, 6), false, year)
        {
            add(6, 1.1 + cost, Pattern::Date);
        }
        // Backwards: the year first.
        if is_day(read(4, 6), read(2, 4))
            && let Some(cost) = year_cost(read(0, 2), true, year)
        {
            add(6, DAY + cost + 0.5, Pattern::Date);
        }
    }
    if digits >= 8 {
        let (first, second) = (read(0, 2), read(2, 4));
        if let Some(cost) = year_cost(read(4, 8), false, year) {
            if is_day(first, second) {
                add(8, DAY + cost, Pattern::Date);
            } else if is_day(second, first) {
                add(8, DAY + cost + 0.5, Pattern::Date);
            }
        }
        if is_day(read(6, 8), read(4, 6))
            && let Some(cost) = year_cost(read(0, 4), false, year)
        {
            add(8, DAY + cost + 0.3, Pattern::Date);
        }
    }
}

/// Dates with one separator between the parts: `14/07/1989`, `1.1.85`, `1989-07-14`.
fn separated(text: &Text, year: u32, graph: &mut Graph, start: usize) {
    let Some((first, at)) = number(text, start, 4) else {
        return;
    };
    let Some(separator) = text
        .plain
        .get(at)
        .copied()
        .filter(|sign| "/-._ ".contains(*sign))
    else {
        return;
    };
    let Some((second, middle)) = number(text, at + 1, 2) else {
        return;
    };
    if text.plain.get(middle) != Some(&separator) {
        return;
    }
    let Some((third, end)) = number(text, middle + 1, 4) else {
        return;
    };
    let of = |day: u32, month: u32, value: u32, length: usize| -> Option<f64> {
        if !is_day(day, month) {
            return None;
        }
        match length {
            2 => year_cost(value, true, year),
            4 => year_cost(value, false, year),
            _ => None,
        }
    };
    let cost = match (at - start, end - middle - 1) {
        (1 | 2, length) => of(first, second, third, length)
            .or_else(|| of(second, first, third, length).map(|cost| cost + 0.5)),
        (4, 1 | 2) => of(third, second, first, 4).map(|cost| cost + 0.3),
        _ => None,
    };
    if let Some(cost) = cost {
        graph.add(start, end, DAY + cost + 0.6, Pattern::Date);
    }
}

/// The number of at most `most` digits that starts here, and where it ends.
fn number(text: &Text, start: usize, most: usize) -> Option<(u32, usize)> {
    let mut end = start;
    let mut value = 0;
    while let Some(digit) = text.digit(end) {
        if end - start == most {
            return None;
        }
        value = value * 10 + digit;
        end += 1;
    }
    (end > start).then_some((value, end))
}

/// `0612345678`, `06 12 34 56 78`, `06.12.34.56.78`: a prefix and eight free digits.
fn phone(text: &Text, graph: &mut Graph, start: usize) {
    let (Some(0), Some(kind @ 1..)) = (text.digit(start), text.digit(start + 1)) else {
        return;
    };
    let mut at = start + 2;
    let separator = text
        .plain
        .get(at)
        .copied()
        .filter(|sign| " .-".contains(*sign));
    for _ in 0..4 {
        if let Some(separator) = separator {
            if text.plain.get(at) != Some(&separator) {
                return;
            }
            at += 1;
        }
        if text.digit(at).is_none() || text.digit(at + 1).is_none() {
            return;
        }
        at += 2;
    }
    let prefix = if matches!(kind, 6 | 7) { 0.3 } else { 0.7 };
    let cost = prefix + 8.0 + if separator.is_some() { 0.5 } else { 0.0 };
    graph.add(start, at, cost, Pattern::Phone);
}
