//! Forms that share a path and a field, told apart by what their pages fill in.
//!
//! A condition is a way around wherever the origin reads more loosely than it says, so one is
//! proposed only where two forms would be taken for each other.

use super::note::Note;
use super::proposal::{Proposal, Table, Written};
use super::{Watched, roles};

/// Gives conditions to forms that would be taken for each other, or says so.
pub(super) fn tell(watched: &Watched, proposals: &mut [Proposal]) {
    for later in 1..proposals.len() {
        for earlier in 0..later {
            let (Table::Form(one), Table::Form(other)) =
                (&proposals[earlier].table, &proposals[later].table)
            else {
                continue;
            };
            let same = one.password == other.password
                && one.method == other.method
                && one.paths.iter().any(|path| other.paths.contains(path));
            if !same {
                continue;
            }
            let conditions = difference(watched, one, other);
            for (place, condition) in [(earlier, 0), (later, 1)] {
                let proposal = &mut proposals[place];
                let Table::Form(form) = &mut proposal.table else {
                    continue;
                };
                let note = match &conditions {
                    Some(pair) if form.when.is_none() => {
                        form.when = Some(pair[condition].clone());
                        Note::Conditions
                    }
                    Some(_) => continue,
                    None => Note::Overlaps,
                };
                if !proposal.notes.contains(&note) {
                    proposal.notes.push(note);
                }
            }
        }
    }
}

/// A parameter that both forms have, with different values.
fn difference(watched: &Watched, one: &Written, other: &Written) -> Option<[(String, String); 2]> {
    let of = |form: &Written| {
        let read = watched.of(form.kind).last()?.read().ok()?;
        Some(roles::constants(&read, &watched.forms))
    };
    let (one, other) = (of(one)?, of(other)?);
    one.into_iter().find_map(|(name, value)| {
        let mut others = other.iter().filter(|(known, _)| *known == name);
        let (_, different) = others.next().filter(|(_, other)| *other != value)?;
        Some([(name.clone(), value), (name, different.clone())])
    })
}
