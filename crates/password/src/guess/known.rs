//! Words about the person and the service, wherever they stand in the password.
//!
//! Clause: [`policy::clause::CNIL_CONTEXT`]. Whole, cut short, backwards, with signs for
//! letters. Joining and splitting is the business of [`crate::Context`] and of the path.

use super::{Graph, Pattern, Text, word};
use crate::Context;

/// What a context word costs: it is among the first things tried.
const KNOWN: f64 = 0.5;
/// What the beginning of one costs more.
const CUT: f64 = 0.7;
const BACKWARDS: f64 = 0.3;
/// Letters of the shortest beginning that counts.
const SHORTEST_CUT: usize = 4;

/// Every place where a context word or its beginning stands.
pub(super) fn words(text: &Text, context: &Context, graph: &mut Graph) {
    for word in context.words() {
        let forwards: Vec<char> = word.chars().collect();
        let backwards: Vec<char> = forwards.iter().rev().copied().collect();
        for (letters, extra) in [(&forwards, 0.0), (&backwards, BACKWARDS)] {
            if !graph.steps().take(text.len() as u32 / 4 + 1) {
                return;
            }
            for start in 0..text.len() {
                find(text, graph, start, letters, extra);
            }
        }
    }
}

fn find(text: &Text, graph: &mut Graph, start: usize, letters: &[char], extra: f64) {
    let mut swaps = 0;
    let mut length = 0;
    for (sign, letter) in text.plain[start..].iter().zip(letters) {
        if sign != letter {
            if !word::letters_for(*sign).contains(letter) {
                break;
            }
            swaps += 1;
        }
        length += 1;
    }
    let whole = length == letters.len();
    if !whole && (length < SHORTEST_CUT || length * 2 < letters.len()) {
        return;
    }
    // Where nothing of the word itself is left, the match is a coincidence.
    if swaps * 2 > length {
        return;
    }
    let end = start + length;
    let cost = KNOWN
        + extra
        + if whole { 0.0 } else { CUT }
        + word::swap_cost(swaps)
        + text.case_cost(start, end);
    graph.add(start, end, cost, Pattern::Context);
}
