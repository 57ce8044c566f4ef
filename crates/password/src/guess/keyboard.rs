//! Walks over neighbouring keys, on the layouts that people have under their fingers.
//!
//! A sign is looked up as it was typed: on AZERTY `é` is the key beside `"`, and digits are
//! shifted. Keys sit in quarters of a key's width, so that slanted rows touch as they do in
//! hardware.

use std::sync::OnceLock;

use super::{Graph, Pattern, Text};

/// What choosing the first key costs, and the layout.
const START: f64 = 1.5;
/// What each change of direction costs, as the neighbours of a key.
const TURN: f64 = 0.7;
/// What the length costs, per key.
const LENGTH: f64 = 0.08;
/// What each change between plain and shifted keys costs.
const SHIFT: f64 = 0.4;

/// Rows of keys from the top: where the row starts in quarters of a key, without and with
/// shift.
type Rows = &'static [(i16, &'static str, &'static str)];

const AZERTY: Rows = &[
    (0, "²&é\"'(-è_çà)=", " 1234567890°+"),
    (6, "azertyuiop^$", "AZERTYUIOP¨£"),
    (7, "qsdfghjklmù*", "QSDFGHJKLM%µ"),
    (5, "<wxcvbn,;:!", ">WXCVBN?./§"),
];
const BEPO: Rows = &[
    (0, "$\"«»()@+-/*=%", "#1234567890°`"),
    (6, "bépoè^vdljzw", "BÉPOÈ!VDLJZW"),
    (7, "auie,ctsrnmç", "AUIE;CTSRNMÇ"),
    (5, "êàyx.k'qghf", "ÊÀYX:K?QGHF"),
];
const QWERTY: Rows = &[
    (0, "`1234567890-=", "~!@#$%^&*()_+"),
    (6, "qwertyuiop[]\\", "QWERTYUIOP{}|"),
    (7, "asdfghjkl;'", "ASDFGHJKL:\""),
    (5, "<zxcvbnm,./", ">ZXCVBNM<>?"),
];
const QWERTZ: Rows = &[
    (0, "§1234567890'^", "°+\"*ç%&/()=?`"),
    (6, "qwertzuiopè¨", "QWERTZUIOPü!"),
    (7, "asdfghjkléà$", "ASDFGHJKLöä£"),
    (5, "<yxcvbnm,.-", ">YXCVBNM;:_"),
];
const KEYPAD: Rows = &[
    (0, "789", ""),
    (0, "456", ""),
    (0, "123", ""),
    (0, "000", ""),
];

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    column: i16,
    row: i16,
    shifted: bool,
}

/// Where each sign below U+0100 is.
type Layout = [Option<Key>; 256];

fn layouts() -> &'static [Layout; 5] {
    static LAYOUTS: OnceLock<[Layout; 5]> = OnceLock::new();
    LAYOUTS.get_or_init(|| [AZERTY, BEPO, QWERTY, QWERTZ, KEYPAD].map(layout))
}

fn layout(rows: Rows) -> Layout {
    let mut keys = [None; 256];
    for (row, (offset, plain, shifted)) in rows.iter().enumerate() {
        for (signs, shifted) in [(plain, false), (shifted, true)] {
            for (column, sign) in signs.chars().enumerate() {
                let place = keys.get_mut(sign as usize);
                if let Some(place) = place.filter(|place| sign != ' ' && place.is_none()) {
                    *place = Some(Key {
                        column: offset + 4 * column as i16,
                        row: row as i16,
                        shifted,
                    });
                }
            }
        }
    }
    keys
}

/// The direction from one key to a neighbour, or to itself; `None` if they do not touch.
fn direction(from: Key, to: Key) -> Option<(i16, i16)> {
    let (across, down) = (to.column - from.column, to.row - from.row);
    match down {
        0 => (across.abs() <= 4).then_some((across.signum(), 0)),
        -1 | 1 => (across.abs() <= 4).then_some((if across < 0 { -1 } else { 1 }, down)),
        _ => None,
    }
}

/// Every walk of three keys or more, on every layout.
pub(super) fn walks(text: &Text, graph: &mut Graph) {
    for layout in layouts() {
        if !graph.steps().take(text.len() as u32) {
            return;
        }
        let key = |at: usize| -> Option<Key> {
            text.typed
                .get(at)
                .and_then(|&sign| layout.get(sign as usize).copied().flatten())
        };
        let mut start = 0;
        while start + 2 < text.len() {
            let end = start
                + 1
                + (start..text.len() - 1)
                    .take_while(|&at| {
                        key(at)
                            .zip(key(at + 1))
                            .is_some_and(|(from, to)| direction(from, to).is_some())
                    })
                    .count();
            // The neighbouring words may need the signs at either end.
            for from in start..(start + 4).min(end) {
                for to in end.saturating_sub(2).max(from + 3)..=end {
                    if to - from >= 3 {
                        walk(graph, from, to, key);
                    }
                }
            }
            start = end.max(start + 1);
        }
    }
}

fn walk(graph: &mut Graph, start: usize, end: usize, key: impl Fn(usize) -> Option<Key>) {
    let mut cost = START;
    // A pattern that alternates, such as 1a2z3e, is chosen once.
    let mut before = [None; 2];
    let mut shifted = None;
    let mut shifts = 0;
    let mut moved = false;
    for at in start..end {
        let Some(here) = key(at) else { return };
        if shifted.is_some_and(|shifted| shifted != here.shifted) {
            shifts += 1;
        }
        shifted = Some(here.shifted);
        cost += LENGTH;
        if at > start {
            let Some(from) = key(at - 1) else { return };
            let towards = direction(from, here);
            moved |= towards != Some((0, 0));
            if towards != before[0] && towards != before[1] && before[0].is_some() {
                cost += TURN;
            }
            before = [towards, before[0]];
        }
    }
    // One key again and again is a repeat.
    if !moved {
        return;
    }
    // Past a few changes of shift, one more tells nothing.
    cost += SHIFT * f64::from(shifts.min(4));
    let capital = if shifts == 0 && shifted == Some(true) {
        0.3
    } else {
        0.0
    };
    graph.add(start, end, cost + capital, Pattern::Keyboard);
}
