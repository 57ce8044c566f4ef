//! Words of the lists: forwards, backwards, with signs for letters, with common endings.
//!
//! From each place the lists are walked letter by letter, all readings of a sign at once
//! (`1` may be itself, `i` or `l`). What keeps this linear: the lists bound how deep a walk
//! goes, [`READINGS`] how many readings are followed, and every step is counted.

use fst::raw::{CompiledAddr, Output};

use super::lists::{Kind, Lists};
use super::{Graph, Pattern, Text};

/// Readings followed at once. The plain one comes first and is never dropped.
const READINGS: usize = 12;
/// What one word of several costs at least: even common words are chosen among others.
const PART: f64 = 1.0;
/// What a word read backwards costs more.
const BACKWARDS: f64 = 0.5;
/// What one of the common endings costs.
const ENDING: f64 = 0.6;
/// Letters of the shortest word that takes an ending, and of one read backwards.
const STEM: usize = 4;
/// Letters of the shortest word looked for.
const SHORTEST: usize = 3;

/// Plurals, feminines and endings of verbs, French and English.
const ENDINGS: [&str; 22] = [
    "s", "x", "e", "es", "er", "ez", "ent", "ons", "ais", "ait", "ant", "ee", "ees", "ment",
    "ette", "eur", "euse", "ed", "ing", "ly", "ou", "oune",
];

/// The words of two letters that hold sentences together.
const SMALL: [&str; 36] = [
    "je", "tu", "il", "on", "me", "te", "se", "la", "le", "de", "du", "un", "et", "en", "au", "ma",
    "ta", "sa", "ce", "ne", "ou", "si", "es", "ai", "my", "is", "to", "of", "in", "it", "am", "we",
    "be", "no", "go", "so",
];

/// The letters that a sign may stand for.
pub(super) const fn letters_for(sign: char) -> &'static [char] {
    match sign {
        '4' | '@' => &['a'],
        '8' => &['b'],
        '(' | '{' | '[' | '<' => &['c'],
        '3' | '€' | '&' => &['e'],
        '6' | '9' => &['g'],
        '1' | '!' | '|' => &['i', 'l'],
        '0' => &['o'],
        '5' | '$' | '§' => &['s'],
        '7' => &['t', 'l'],
        '+' => &['t'],
        '2' => &['z'],
        '%' => &['x'],
        _ => &[],
    }
}

/// What signs for letters cost: whether to, then each more that may or may not be done.
pub(super) fn swap_cost(swaps: usize) -> f64 {
    match swaps {
        0 => 0.0,
        swaps => 0.3 + 0.2 * (swaps - 1) as f64,
    }
}

/// Every word of the lists, wherever it starts.
pub(super) fn words(text: &Text, lists: &Lists, graph: &mut Graph) {
    small(text, graph);
    let backwards: zeroize::Zeroizing<Vec<char>> =
        zeroize::Zeroizing::new(text.plain.iter().rev().copied().collect());
    for start in 0..text.len() {
        if !forwards(text, lists, graph, start) {
            return;
        }
    }
    for start in 0..text.len() {
        let walked = walk(
            lists,
            &backwards[start..],
            graph,
            |graph, length, kind, cost, swaps| {
                if length >= STEM && length < text.len() {
                    let (from, to) = (text.len() - start - length, text.len() - start);
                    add(text, graph, (from, to), cost + BACKWARDS, swaps, kind);
                }
            },
        );
        if !walked {
            return;
        }
    }
}

fn forwards(text: &Text, lists: &Lists, graph: &mut Graph, start: usize) -> bool {
    walk(
        lists,
        &text.plain[start..],
        graph,
        |graph, length, kind, cost, swaps| {
            let end = start + length;
            add(text, graph, (start, end), cost, swaps, kind);
            if text.digit(end).is_some() {
                department(text, lists, graph, start, end);
            }
            if length >= STEM && kind.bends() && end < text.len() && text.is_letter(end) {
                for ending in ENDINGS {
                    let fits = text.plain[end..]
                        .iter()
                        .copied()
                        .take(ending.len())
                        .eq(ending.chars());
                    if fits {
                        add(
                            text,
                            graph,
                            (start, end + ending.len()),
                            cost + ENDING,
                            swaps,
                            kind,
                        );
                    }
                }
            }
        },
    )
}

fn add(
    text: &Text,
    graph: &mut Graph,
    (start, end): (usize, usize),
    cost: f64,
    swaps: usize,
    kind: Kind,
) {
    let whole = start == 0 && end == text.len();
    let cost = if whole { cost } else { cost.max(PART) };
    graph.add(
        start,
        end,
        cost + text.case_cost(start, end) + swap_cost(swaps),
        kind.pattern(),
    );
}

/// A town is often followed by its département, or by its postcode.
fn department(text: &Text, lists: &Lists, graph: &mut Graph, start: usize, end: usize) {
    let Some(code) = lists.department(&text.plain[start..end]) else {
        return;
    };
    let code: Vec<char> = code.chars().collect();
    if text.plain[end..].get(..code.len()) != Some(&code) {
        return;
    }
    graph.add(end, end + code.len(), 0.3, Pattern::Place);
    let more = (end + code.len()..text.len())
        .take(3)
        .take_while(|&at| text.digit(at).is_some())
        .count();
    if code.len() == 2 && more == 3 {
        let rest = end + 2;
        let round = (rest..rest + 3).all(|at| text.digit(at) == Some(0));
        graph.add(end, end + 5, if round { 0.5 } else { 1.5 }, Pattern::Place);
    }
}

/// The smallest words, which the lists leave out.
fn small(text: &Text, graph: &mut Graph) {
    for start in 0..text.len().saturating_sub(1) {
        let pair = [text.plain[start], text.plain[start + 1]];
        if SMALL.iter().any(|word| word.chars().eq(pair)) {
            let cost = PART + text.case_cost(start, start + 2);
            graph.add(start, start + 2, cost, Pattern::Word);
        }
    }
}

/// One way to read the signs so far.
#[derive(Clone, Copy)]
struct Reading {
    node: CompiledAddr,
    output: Output,
    swaps: usize,
}

/// Walks every list from the start of the signs, and tells each word found: how many signs,
/// its kind, what it costs, how many signs stand for letters. `false` when out of steps.
fn walk(
    lists: &Lists,
    signs: &[char],
    graph: &mut Graph,
    mut found: impl FnMut(&mut Graph, usize, Kind, f64, usize),
) -> bool {
    for index in lists.indexes() {
        let root = Reading {
            node: index.root().addr(),
            output: Output::zero(),
            swaps: 0,
        };
        // Two sets of readings, of this sign and of the next, in turn.
        let mut sets = [[root; READINGS]; 2];
        let mut count = 1;
        for (depth, &sign) in signs.iter().enumerate() {
            let [even, odd] = &mut sets;
            let (now, then) = if depth % 2 == 0 {
                (even, odd)
            } else {
                (odd, even)
            };
            let mut next = 0;
            for reading in &now[..count] {
                let node = index.node(reading.node);
                let mut keep = |letter: u8, more: usize| {
                    if let Some(place) = node.find_input(letter)
                        && next < READINGS
                    {
                        let step = node.transition(place);
                        then[next] = Reading {
                            node: step.addr,
                            output: reading.output.cat(step.out),
                            swaps: reading.swaps + more,
                        };
                        next += 1;
                    }
                };
                // The lists hold ASCII only; any other sign ends a word.
                if sign.is_ascii() {
                    keep(sign as u8, 0);
                }
                for &letter in letters_for(sign) {
                    keep(letter as u8, 1);
                }
            }
            if !graph.steps().take(count as u32) {
                return false;
            }
            if next == 0 {
                break;
            }
            count = next;
            let readings = &then[..count];
            let length = depth + 1;
            if length < SHORTEST {
                continue;
            }
            for reading in readings {
                let node = index.node(reading.node);
                // Where most signs stand for letters, the word is a coincidence.
                if node.is_final() && reading.swaps * 2 <= length {
                    let value = reading.output.cat(node.final_output()).value();
                    if let Some((kind, cost)) = lists.cheapest(value) {
                        found(graph, length, kind, cost, reading.swaps);
                    }
                }
            }
        }
    }
    true
}
