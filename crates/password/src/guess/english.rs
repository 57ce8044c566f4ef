//! What zxcvbn says of stretches of letters that the lists explain badly.
//!
//! The crate knows English words, names, television and more layouts. Asked about a whole
//! password it may take half a second, read today's date and stop at 2^64; asked about a
//! short run of letters, without digits and signs, it does none of that.

use zeroize::Zeroizing;

use super::path::Path;
use super::{Graph, Pattern, Text};

/// Letters of the shortest and of the longest run, and runs, that are asked about.
const SHORTEST: usize = 4;
const LONGEST: usize = 16;
const RUNS: usize = 4;
/// What the cheapest path must give to a run before it is worth asking, per letter.
const DEAR: f64 = 0.7;
/// Steps that asking about one letter is worth.
const STEPS: u32 = 150;

/// Asks about each run of letters whose part of the path is dear. Whether anything was added.
pub(super) fn ask(text: &Text, path: &Path, graph: &mut Graph) -> bool {
    let mut added = false;
    for (start, end) in runs(text, path).into_iter().take(RUNS) {
        if !graph.steps().take((end - start) as u32 * STEPS) {
            break;
        }
        let letters: Zeroizing<String> = Zeroizing::new(text.plain[start..end].iter().collect());
        let guesses = zxcvbn::zxcvbn(&letters, &[]).guesses_log10();
        graph.add(
            start,
            end,
            guesses + text.case_cost(start, end),
            Pattern::Word,
        );
        added = true;
    }
    added
}

/// Runs of letters that pieces of the path cover dearly: a piece that nothing explains, or
/// neighbouring words that may be one.
fn runs(text: &Text, path: &Path) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = start
            + (start..text.len())
                .take_while(|&at| text.is_letter(at))
                .count();
        if end == start {
            start += 1;
            continue;
        }
        let cost: f64 = path
            .pieces
            .iter()
            .filter(|piece| piece.start < end && piece.end > start)
            .map(|piece| {
                let inside = piece.end.min(end) - piece.start.max(start);
                piece.cost * inside as f64 / (piece.end - piece.start) as f64
            })
            .sum();
        let length = end - start;
        if (SHORTEST..=LONGEST).contains(&length) && cost > DEAR * length as f64 {
            runs.push((start, end));
        }
        // What is unexplained inside a longer run, or beside a word.
        for piece in &path.pieces {
            let (from, to) = (piece.start.max(start), piece.end.min(end));
            if piece.pattern.is_none()
                && from < to
                && (from, to) != (start, end)
                && (SHORTEST..=LONGEST).contains(&(to - from))
            {
                runs.push((from, to));
            }
        }
        start = end;
    }
    runs
}
