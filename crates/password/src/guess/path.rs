//! The cheapest explanation: a shortest path over all matches.
//!
//! A match is an edge from where it starts to where it ends, and costs the base-10
//! logarithm of its guesses. A sign that no match covers costs what its class is worth.
//! Putting two pieces together costs [`JOIN`]: an attacker must also guess the composition.
//! The cheapest way from the first sign to the last is the estimate, and since logarithms
//! are added, it has no ceiling. Linear in signs and matches.

use super::{Pattern, Text};

/// What each piece after the first adds: the guesses for how the pieces are composed.
const JOIN: f64 = 0.4;

/// All that was recognised in a password, within a number of steps.
pub(super) struct Graph {
    /// The last edge of each start, then a chain through `next`.
    first: Vec<u32>,
    edges: Vec<Edge>,
    steps: Steps,
}

/// The ceiling of the work, counted and not timed.
pub(super) struct Steps {
    left: u32,
    most: u32,
}

struct Edge {
    end: u32,
    next: u32,
    cost: f64,
    pattern: Pattern,
}

/// The cheapest explanation.
pub(super) struct Path {
    /// The base-10 logarithm of its guesses.
    pub(super) cost: f64,
    pub(super) pieces: Vec<Piece>,
}

/// A stretch of the password and what explains it, if anything does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) cost: f64,
    pub(super) pattern: Option<Pattern>,
}

const NONE: u32 = u32::MAX;

impl Steps {
    pub(super) const fn new(most: u32) -> Self {
        Self { left: most, most }
    }

    /// Takes so many steps; `false` when they are used up, which then counts as all of them.
    pub(super) const fn take(&mut self, steps: u32) -> bool {
        if self.left < steps {
            self.left = 0;
            return false;
        }
        self.left -= steps;
        true
    }

    pub(super) const fn taken(&self) -> u32 {
        self.most - self.left
    }
}

impl Graph {
    pub(super) fn new(length: usize, steps: Steps) -> Self {
        Self {
            first: vec![NONE; length + 1],
            edges: Vec::with_capacity(length * 4 + 16),
            steps,
        }
    }

    pub(super) const fn steps(&mut self) -> &mut Steps {
        &mut self.steps
    }

    /// Adds a match. A match costs something even when it is tried first.
    pub(super) fn add(&mut self, start: usize, end: usize, cost: f64, pattern: Pattern) {
        debug_assert!(start < end && end < self.first.len());
        self.steps.take(1);
        self.edges.push(Edge {
            end: end as u32,
            next: self.first[start],
            cost: cost.max(0.0),
            pattern,
        });
        self.first[start] = (self.edges.len() - 1) as u32;
    }

    /// The cheapest way from the first sign to the last.
    pub(super) fn cheapest(&self, text: &Text) -> Path {
        let length = text.len();
        // Two states per place: after a match (0), after a sign that nothing explains (1).
        let mut best = vec![[Step::UNREACHED; 2]; length + 1];
        best[0][0].cost = 0.0;
        for at in 0..length {
            let here = [best[at][0].cost, best[at][1].cost];
            let join = if at == 0 { 0.0 } else { JOIN };
            let (loose, from) = if here[0] + join < here[1] {
                (here[0] + join, 0)
            } else {
                (here[1], 1)
            };
            best[at + 1][1].improve(loose + text.sign_cost(at), at, from, NONE);
            let (tight, from) = if here[0] <= here[1] {
                (here[0] + join, 0)
            } else {
                (here[1] + join, 1)
            };
            let mut edge = self.first[at];
            while edge != NONE {
                let Edge {
                    end, next, cost, ..
                } = self.edges[edge as usize];
                best[end as usize][0].improve(tight + cost, at, from, edge);
                edge = next;
            }
        }
        self.trace(text, &best)
    }

    fn trace(&self, text: &Text, best: &[[Step; 2]]) -> Path {
        let mut at = text.len();
        let mut state = usize::from(best[at][1].cost < best[at][0].cost);
        let cost = best[at][state].cost;
        let mut pieces: Vec<Piece> = Vec::new();
        while at > 0 {
            let step = best[at][state];
            let (start, spent, pattern) = match step.edge {
                NONE => (step.from as usize, text.sign_cost(at - 1), None),
                edge => {
                    let edge = &self.edges[edge as usize];
                    (step.from as usize, edge.cost, Some(edge.pattern))
                }
            };
            match pieces.last_mut() {
                Some(next) if pattern.is_none() && next.pattern.is_none() => {
                    next.start = start;
                    next.cost += spent;
                }
                _ => pieces.push(Piece {
                    start,
                    end: at,
                    cost: spent,
                    pattern,
                }),
            }
            at = start;
            state = step.state as usize;
        }
        pieces.reverse();
        Path { cost, pieces }
    }
}

#[derive(Clone, Copy)]
struct Step {
    cost: f64,
    from: u32,
    edge: u32,
    state: u8,
}

impl Step {
    const UNREACHED: Self = Self {
        cost: f64::INFINITY,
        from: 0,
        edge: NONE,
        state: 0,
    };

    fn improve(&mut self, cost: f64, from: usize, state: u8, edge: u32) {
        if cost < self.cost {
            *self = Self {
                cost,
                from: from as u32,
                edge,
                state,
            };
        }
    }
}
