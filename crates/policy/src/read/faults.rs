//! Faults as they are found, and the values that a deviation may excuse.

use crate::clause::Clause;
use crate::report::Fault;
use crate::{Text, code};

/// Every fault found so far. Bounded: a file full of faults stays cheap to report.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
    /// Values under the floor of a clause, until the deviations are known.
    departures: Vec<Fault>,
}

impl Faults {
    /// The most faults that one report tells.
    pub(crate) const MOST: usize = 100;

    /// Adds a fault.
    pub(crate) fn push(&mut self, fault: Fault) {
        self.push_with(|| fault);
    }

    /// Adds a fault that takes some work to word, unless there are too many already.
    pub(crate) fn push_with(&mut self, fault: impl FnOnce() -> Fault) {
        match self.found.len() {
            ..Self::MOST => self.found.push(fault()),
            Self::MOST => {
                let span = self.found[Self::MOST - 1].span.clone();
                let more = Text::new("d’autres erreurs suivent", "more faults follow");
                self.found.push(
                    Fault::error(code::TOO_MANY_FAULTS, span, more)
                        .label("et la suite", "and what follows")
                        .fix(
                            "corriger d’abord les erreurs montrées",
                            "mend the faults shown first",
                        ),
                );
            }
            _ => {}
        }
    }

    /// Adds a value under the floor of a clause. It is said, as an error or as a warning,
    /// unless a deviation names the clause.
    pub(crate) fn depart(&mut self, clause: &'static Clause, fault: Fault) {
        if self.departures.len() <= Self::MOST {
            self.departures.push(fault.clause(clause));
        }
    }

    /// Settles the departures: those that `excused` accepts are dropped, the others become
    /// faults that tell of the other way out.
    pub(crate) fn settle(&mut self, mut excused: impl FnMut(&'static Clause) -> bool) {
        for mut fault in std::mem::take(&mut self.departures) {
            let Some(clause) = fault.clause else { continue };
            if excused(clause) {
                continue;
            }
            let id = clause.id;
            fault.fix.fr.push_str(&format!(
                ", ou expliquer l’écart : [[deviation]] clause = \"{id}\""
            ));
            fault.fix.en.push_str(&format!(
                ", or explain the deviation: [[deviation]] clause = \"{id}\""
            ));
            self.push(fault);
        }
    }

    /// Every fault, in the order found.
    pub(crate) fn into_found(self) -> Vec<Fault> {
        self.found
    }
}
