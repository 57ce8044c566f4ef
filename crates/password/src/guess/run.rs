//! Repeats, mirrors and sequences: what a password says again instead of something new.
//!
//! A repeat is read as a copy of what stands a few signs before it, so that repeats of
//! repeats cost no more to find than one.

use super::{Graph, Pattern, Text};
use crate::sign;

/// The longest block whose repetition is looked for.
const PERIOD: usize = 24;
/// The longest half of a mirror.
const MIRROR: usize = 16;
/// What saying something again costs, besides the number of times.
const AGAIN: f64 = 0.5;

/// Copies of the signs before them: `abcabc`, `aaaa`, `motMOT`.
pub(super) fn repeats(text: &Text, graph: &mut Graph) {
    let plain = &text.plain;
    for period in 1..=PERIOD.min(text.len() / 2) {
        if !graph.steps().take(text.len() as u32 / 4) {
            return;
        }
        let least = period.max(2);
        let mut start = period;
        while start < plain.len() {
            let copied = plain[start..]
                .iter()
                .zip(&plain[start - period..])
                .take_while(|(again, before)| again == before)
                .count();
            if copied >= least {
                let end = start + copied;
                copy(text, graph, start, end, period);
                if copied % period != 0 {
                    copy(text, graph, start, end - copied % period, period);
                }
            }
            start += copied + 1;
        }
    }
}

fn copy(text: &Text, graph: &mut Graph, start: usize, end: usize, period: usize) {
    let times = (end - start) as f64 / period as f64 + 1.0;
    let same = text.typed[start..end] == text.typed[start - period..end - period];
    let case = if same {
        0.0
    } else {
        text.case_cost(start, end).max(0.3)
    };
    graph.add(start, end, AGAIN + times.log10() + case, Pattern::Repeat);
}

/// What is said backwards right after it was said: `abccba`, `soleilielos`.
pub(super) fn mirrors(text: &Text, graph: &mut Graph) {
    let plain = &text.plain;
    for middle in 3..plain.len() {
        // With and without a sign of its own in the middle.
        for shared in [0, 1] {
            let half = plain[middle..]
                .iter()
                .zip(plain[..middle - shared].iter().rev())
                .take(MIRROR)
                .take_while(|(again, before)| again == before)
                .count();
            if !graph.steps().take(1) {
                return;
            }
            if half >= 3 {
                let case = text.case_cost(middle, middle + half);
                graph.add(middle, middle + half, AGAIN + 0.3 + case, Pattern::Repeat);
            }
        }
    }
}

/// Runs of the alphabet or of numbers, by one or by two, up or down: `abc`, `9876`, `2468`.
pub(super) fn sequences(text: &Text, graph: &mut Graph) {
    let plain = &text.plain;
    let step_at = |at: usize| -> Option<i32> {
        let (before, after) = (plain[at - 1], plain[at]);
        let alike = before.is_ascii_digit() && after.is_ascii_digit()
            || sign::is_letter(before) && sign::is_letter(after);
        let step = after as i32 - before as i32;
        (alike && step != 0 && step.abs() <= 2).then_some(step)
    };
    let mut start = 0;
    while start + 2 < plain.len() {
        let Some(step) = step_at(start + 1) else {
            start += 1;
            continue;
        };
        let mut end = start + 2;
        while end < plain.len() && step_at(end) == Some(step) {
            end += 1;
        }
        if !graph.steps().take((end - start) as u32) {
            return;
        }
        if end - start >= 3 {
            // A neighbour may need the first or the last sign for itself.
            for (from, to) in [(start, end), (start + 1, end), (start, end - 1)] {
                if to - from >= 3 {
                    sequence(text, graph, from, to, step);
                }
            }
        }
        start = end - 1;
    }
}

fn sequence(text: &Text, graph: &mut Graph, start: usize, end: usize, step: i32) {
    let base: f64 = match text.plain[start] {
        'a' | 'z' | '0' | '1' | '9' => 4.0,
        first if first.is_ascii_digit() => 10.0,
        _ => 26.0,
    };
    let manner = match step {
        1 => 1.0,
        -1 => 2.0,
        _ => 4.0,
    };
    let guesses = base * manner * (end - start) as f64;
    graph.add(
        start,
        end,
        guesses.log10() + text.case_cost(start, end),
        Pattern::Sequence,
    );
}
