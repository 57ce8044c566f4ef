//! What was counted in a dump.
//!
//! Equal hashes and shared salts are found by marks of eight bytes, keyed with a number drawn
//! for the run; [`MOST`] of each are kept by all threads together, 512 MiB in all, and a dump
//! beyond that is told so. What else is kept is bounded too, whatever a dump holds.

mod costs;
mod marks;

use std::collections::BTreeMap;

use password::hash::foreign::{CostClass, Shortfall};
use password::hash::inspect::{Made, inspect};
use policy::hash::{Cost, LegacyFormat};

pub(super) use costs::Costs;
pub(super) use marks::{MOST, Marks, Repeats};

/// The counts of a dump, or of a part of one.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Records, those without a stored text too.
    pub(super) records: u64,
    /// Records without a stored text.
    pub(super) empty: u64,
    /// Accounts that nobody can sign in to: `!`, `*` and the like. A hash that is kept behind the
    /// lock is counted among the others too.
    pub(super) locked: u64,
    /// Records that could not be read.
    pub(super) unreadable: u64,
    /// What the stored texts are.
    pub(super) made: BTreeMap<Sort, u64>,
    /// Argon2 hashes that cost less than the policy asks.
    pub(super) cheap: u64,
    /// Hashes of other functions that cost less than OWASP asks …
    pub(super) low: u64,
    /// … and those that cost so little that they are as good as fast ones.
    pub(super) as_fast: u64,
    /// Argon2 hashes without a key.
    pub(super) unkeyed: u64,
    /// The costs of Argon2 hashes, and how many have them.
    pub(super) costs: Costs<(u32, u32, u32)>,
    /// Those of other functions.
    pub(super) foreign_costs: Costs<CostClass>,
    /// Marks that may still be kept before more are asked for.
    room: usize,
    texts: Vec<u64>,
    salts: Vec<u64>,
    /// Whether marks were left out.
    pub(super) is_partial: bool,
}

/// What a stored text is, without what differs from one to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Argon2id,
    Argon2Old,
    Wrapped,
    Foreign(usize),
    Weak(usize),
    /// Not computed here, and outdated: DES and the like.
    Obsolete,
    /// Not computed here; nothing is known against it.
    Unsupported,
    TooDear,
    Malformed,
    Plaintext,
    Unknown,
}

impl Tally {
    /// Counts one record.
    pub(super) fn add(&mut self, text: Option<&[u8]>, live: Cost, marks: &Marks) {
        self.records += 1;
        let Some(text) = text else {
            self.empty += 1;
            return;
        };
        if is_shut(text) {
            self.locked += 1;
            return;
        }
        // Bytes that are no text are no hash.
        let of = |text| inspect(std::str::from_utf8(text).unwrap_or_default(), marks.keyed());
        let (mut text, mut inspection) = (text, of(text));
        if let Some(rest) = behind_lock(text) {
            let kept = of(rest);
            let is_hash = !matches!(kept.made, Made::Unknown | Made::Malformed);
            if is_hash || is_nobodys(rest) {
                self.locked += 1;
            }
            if is_hash {
                (text, inspection) = (rest, kept);
            } else if is_nobodys(rest) {
                return;
            }
        }
        *self.made.entry(Sort::of(inspection.made)).or_default() += 1;
        if let Made::Argon2id { cost, .. } | Made::Argon2Old { cost } | Made::Wrapped { cost, .. } =
            inspection.made
        {
            let costs = (cost.memory_kib, cost.iterations, cost.parallelism);
            self.costs.add(costs, 1);
            self.cheap += u64::from(is_cheaper(cost, live));
        }
        if let Made::Argon2id { keyed: false, .. } | Made::Wrapped { keyed: false, .. } =
            inspection.made
        {
            self.unkeyed += 1;
        }
        if let Made::Foreign { class, .. } = inspection.made {
            self.foreign_costs.add(class, 1);
            match class.shortfall() {
                Some(Shortfall::Low) => self.low += 1,
                Some(Shortfall::Fast) => self.as_fast += 1,
                None => {}
            }
        }
        if self.room == 0 {
            self.room = marks.reserve();
        }
        if self.room == 0 {
            self.is_partial = true;
            return;
        }
        self.room -= 1;
        self.texts.push(marks.of(text));
        self.salts.extend(inspection.salt);
    }

    /// Adds the counts of another part of the same dump, marked with the same number.
    pub(super) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.empty += other.empty;
        self.locked += other.locked;
        self.unreadable += other.unreadable;
        self.cheap += other.cheap;
        self.unkeyed += other.unkeyed;
        self.is_partial |= other.is_partial;
        for (sort, count) in other.made {
            *self.made.entry(sort).or_default() += count;
        }
        self.low += other.low;
        self.as_fast += other.as_fast;
        self.costs.merge(other.costs);
        self.foreign_costs.merge(other.foreign_costs);
        marks::move_all(other.texts, &mut self.texts);
        marks::move_all(other.salts, &mut self.salts);
    }

    /// How many stored texts are equal to another.
    pub(super) fn equal_texts(&mut self) -> Repeats {
        marks::repeats(&mut self.texts)
    }

    /// How many salts are equal to another.
    pub(super) fn shared_salts(&mut self) -> Repeats {
        marks::repeats(&mut self.salts)
    }

    /// How many stored texts are of a sort.
    pub(super) fn count(&self, wanted: impl Fn(Sort) -> bool) -> u64 {
        let made = self.made.iter().filter(|(sort, _)| wanted(**sort));
        made.map(|(_, count)| count).sum()
    }
}

/// What `shadow` and others write where nobody can sign in, and nothing more.
fn is_shut(text: &[u8]) -> bool {
    let is_lock = |byte: &u8| matches!(byte, b'!' | b'*');
    text.iter().all(is_lock) || matches!(text, b"x" | b"*LK*" | b"NP" | b"*NP*")
}

/// What stands behind the lock that `usermod -L` and others lay before a hash. A password may
/// begin like one.
fn behind_lock(text: &[u8]) -> Option<&[u8]> {
    let rest = match text.strip_prefix(b"*LK*") {
        Some(rest) => rest,
        None => &text[text.iter().take_while(|&&byte| byte == b'!').count()..],
    };
    (rest.len() < text.len()).then_some(rest)
}

/// Forty letters and digits behind `!`: Django's mark of an account without a password.
fn is_nobodys(rest: &[u8]) -> bool {
    rest.len() == 40 && rest.iter().all(u8::is_ascii_alphanumeric)
}

const fn is_cheaper(cost: Cost, live: Cost) -> bool {
    let lower = cost.memory_kib < live.memory_kib || cost.iterations < live.iterations;
    let higher = cost.memory_kib > live.memory_kib || cost.iterations > live.iterations;
    lower && !higher || cost.memory_kib < Cost::floor_kib(cost.iterations)
}

impl Sort {
    fn of(made: Made) -> Self {
        use password::hash::foreign::{Unsupported, Weak};
        let place = |format: LegacyFormat| {
            let all = LegacyFormat::ALL.iter();
            all.take_while(|&&other| other != format).count()
        };
        match made {
            Made::Argon2id { .. } => Self::Argon2id,
            Made::Argon2Old { .. } => Self::Argon2Old,
            Made::Wrapped { .. } => Self::Wrapped,
            Made::Foreign { format, .. } => Self::Foreign(place(format)),
            Made::Weak(weak) => {
                Self::Weak(Weak::ALL.iter().take_while(|&&other| other != weak).count())
            }
            Made::Unsupported(
                Unsupported::Bcrypt2x | Unsupported::OtherCrypt | Unsupported::DesCrypt,
            ) => Self::Obsolete,
            Made::Unsupported(_) => Self::Unsupported,
            Made::TooDear => Self::TooDear,
            Made::Malformed => Self::Malformed,
            Made::Plaintext => Self::Plaintext,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "6d33843ec7f0f7a4ba46bed3b1e0f9ef";

    #[test]
    fn parts_of_a_dump_add_up_to_the_whole() {
        let marks = Marks::new(MOST);
        let add = |texts: &[Option<&str>]| {
            let mut tally = Tally::default();
            for text in texts {
                tally.add(text.map(str::as_bytes), Cost::REFERENCE, &marks);
            }
            tally
        };
        let mut tally = add(&[Some(MD5), None, Some("!"), Some("Soleil2024!")]);
        tally.merge(add(&[
            Some(MD5),
            Some(MD5),
            Some("$argon2id$v=19$m=8192,t=1,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"),
        ]));
        assert_eq!((tally.records, tally.empty, tally.locked), (7, 1, 1));
        assert_eq!(tally.count(|sort| matches!(sort, Sort::Weak(0))), 3);
        assert_eq!(tally.count(|sort| sort == Sort::Unknown), 1);
        assert_eq!((tally.cheap, tally.unkeyed), (1, 1));
        assert_eq!(
            tally.equal_texts(),
            Repeats {
                records: 3,
                largest: 3
            }
        );
        assert_eq!(tally.shared_salts(), Repeats::default());
        assert!(!tally.is_partial);
    }

    /// Whatever a dump holds, so many costs are kept apart, by one thread or by several.
    #[test]
    fn costs_without_end_are_counted_together() {
        let marks = Marks::new(MOST);
        let part = |costs: std::ops::Range<u32>| {
            let mut tally = Tally::default();
            for memory in costs {
                let text = format!(
                    "$argon2id$v=19$m={memory},t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
                );
                tally.add(Some(text.as_bytes()), Cost::REFERENCE, &marks);
            }
            tally
        };
        let mut tally = part(1024..2024);
        assert_eq!((tally.costs.iter().count(), tally.costs.others), (64, 936));
        tally.merge(part(2000..3000));
        let kept: u64 = tally.costs.iter().map(|(_, count)| count).sum();
        assert_eq!((tally.costs.iter().count(), kept), (64, 64));
        assert_eq!(kept + tally.costs.others, 2000);
    }

    /// The marks of two threads come out of one number.
    #[test]
    fn threads_share_the_room_for_marks() {
        let marks = Marks::new(3);
        let part = |texts: &[&str]| {
            let mut tally = Tally::default();
            for text in texts {
                tally.add(Some(text.as_bytes()), Cost::REFERENCE, &marks);
            }
            tally
        };
        let mut tally = part(&[MD5, MD5]);
        assert!(!tally.is_partial);
        tally.merge(part(&[MD5, MD5]));
        assert!(tally.is_partial);
        assert!(tally.texts.len() <= 3, "{}", tally.texts.len());
        assert!(tally.equal_texts().records >= 2);
        assert_eq!(tally.records, 4);
    }

    #[test]
    fn a_salt_used_twice_is_found_under_different_digests() {
        let marks = Marks::new(MOST);
        let mut tally = Tally::default();
        for digest in [MD5, "00000000000000000000000000000000"] {
            let text = format!("md5$abcdef${digest}");
            tally.add(Some(text.as_bytes()), Cost::REFERENCE, &marks);
        }
        assert_eq!(tally.equal_texts(), Repeats::default());
        assert_eq!(
            tally.shared_salts(),
            Repeats {
                records: 2,
                largest: 2
            }
        );
    }

    #[test]
    fn a_lock_hides_no_hash_and_no_password_is_one() {
        let marks = Marks::new(MOST);
        let hashed = format!("!{MD5}");
        let other = format!("*LK*{MD5}");
        // Django draws forty letters and digits for an account without a password.
        let django = "!8fK2mQzW0aLxPv7RtYcBnE4hGd1sJu9oIqT3wX5k";
        for (text, locked, weak, unknown) in [
            ("!", 1, 0, 0),
            ("!!", 1, 0, 0),
            ("!*", 1, 0, 0),
            ("*", 1, 0, 0),
            ("x", 1, 0, 0),
            ("*LK*", 1, 0, 0),
            (&hashed, 1, 1, 0),
            (&other, 1, 1, 0),
            (django, 1, 0, 0),
            ("!Soleil2024", 0, 0, 1),
            ("!!Soleil", 0, 0, 1),
            ("*Soleil2024", 0, 0, 1),
        ] {
            let mut tally = Tally::default();
            tally.add(Some(text.as_bytes()), Cost::REFERENCE, &marks);
            let found = (
                tally.locked,
                tally.count(|sort| matches!(sort, Sort::Weak(_))),
                tally.count(|sort| sort == Sort::Unknown),
            );
            assert_eq!(found, (locked, weak, unknown), "{text}");
        }
    }
}
