//! Refuses passwords that everybody uses.
//!
//! Clauses: [`policy::clause::CNIL_COMMON_LIST`], ASVS 5.0, 6.2.4. Two lists are compiled in
//! (`data/SOURCES.md`): one gathered from leaks, and our own list of French ones.
//!
//! The rule: the whole password, case and accents folded, is in a list. A password whose
//! *core* (what is left without digits and signs at both ends) is in a list must reach a
//! thousand times the guesses that the policy asks of others: the estimator takes every
//! piece of the decoration for a choice, and people choose `2024!` more often than that.
//!
//! For a device, any code of the list would leave too few codes to choose from: only one
//! digit repeated, straight runs and the most common codes are refused.
//!
//! Absent on purpose: words inside longer passwords, keyboard walks. They are the
//! estimator's subject.

use policy::password::Case;
use zeroize::Zeroizing;

use crate::finding::Kind;
use crate::{Password, fold};

/// Gathered from leaks; sorted, folded, one per line.
const LEAKED: &str = include_str!("../../data/common.txt");
/// Common among French speakers; sorted, folded, one per line.
const FRENCH: &str = include_str!("../../data/french.txt");

/// The most used codes that are neither one digit repeated nor a straight run.
const CODES: [&str; 16] = [
    "0852", "1004", "1010", "1122", "1212", "1313", "1342", "1984", "2000", "2001", "2580", "4200",
    "5683", "6969", "121212", "123123",
];

/// Letters of the shortest core. Shorter entries of lists so long occur by chance in random
/// passwords: one in a million of eight characters has a leaked core of six.
const SHORTEST_LEAKED: usize = 6;
const SHORTEST_FRENCH: usize = 5;
/// What a common core adds to the guesses asked for, in powers of ten.
const DECORATED_MARGIN: f64 = 3.0;

/// What the whole password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Common {
    /// In a list.
    Password,
    /// A code tried among the first.
    Code,
}

/// The core of a password that is in a list.
pub(crate) struct Core {
    /// The core, folded.
    pub(crate) text: Zeroizing<String>,
    /// Whether it is in the French list, of which the estimator knows nothing.
    pub(crate) french: bool,
}

impl From<Common> for Kind {
    fn from(common: Common) -> Self {
        match common {
            Common::Password => Self::Common,
            Common::Code => Self::CommonDigits,
        }
    }
}

/// Whether the whole password is common.
pub(crate) fn find(password: &Password, case: Case) -> Option<Common> {
    let folded = fold::folded(password.expose());
    if case == Case::DeviceUnlock && folded.bytes().all(|byte| byte.is_ascii_digit()) {
        return is_common_code(&folded).then_some(Common::Code);
    }
    (contains(LEAKED, &folded) || contains(FRENCH, &folded)).then_some(Common::Password)
}

/// The core of the password, if it is in a list.
pub(crate) fn core(password: &Password) -> Option<Core> {
    let folded = fold::folded(password.expose());
    let core = folded.trim_matches(|sign: char| !sign.is_alphabetic());
    let letters = core.chars().count();
    let french = letters >= SHORTEST_FRENCH && contains(FRENCH, core);
    let leaked = letters >= SHORTEST_LEAKED && contains(LEAKED, core);
    (french || leaked).then(|| Core {
        text: Zeroizing::new(core.to_owned()),
        french,
    })
}

/// The guesses asked of a password with a common core, given what is asked of others, as
/// powers of ten. A policy that asks for nothing asks for nothing here either.
pub(crate) fn asked_of_decorated(min_log10: f64) -> f64 {
    if min_log10 > 0.0 {
        min_log10 + DECORATED_MARGIN
    } else {
        0.0
    }
}

fn is_common_code(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let runs_by = |step: i16| {
        bytes
            .windows(2)
            .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step)
    };
    [0, 1, -1].into_iter().any(runs_by) || CODES.contains(&digits)
}

/// Whether a sorted text of one entry per line has the entry: a binary search over bytes,
/// so that nothing is built at start.
fn contains(list: &str, entry: &str) -> bool {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[..middle]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = bytes[middle..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(bytes.len(), |at| middle + at);
        match bytes[start..end].cmp(entry.as_bytes()) {
            std::cmp::Ordering::Equal => return !entry.is_empty(),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::read(text.as_bytes().to_vec(), 256).expect("a password")
    }

    #[test]
    fn lists_are_sorted_folded_and_found_whole() {
        for (name, list, least) in [("common.txt", LEAKED, 40_000), ("french.txt", FRENCH, 150)] {
            let entries: Vec<&str> = list.lines().collect();
            assert!(entries.len() >= least, "{name}: {} entries", entries.len());
            assert!(
                entries.is_sorted_by(|one, next| one < next),
                "{name} is not sorted"
            );
            for entry in entries {
                assert_eq!(fold::folded(entry).as_str(), entry, "{name}");
                assert!(contains(list, entry), "{name}: {entry}");
            }
        }
        assert!(!contains(LEAKED, ""));
        assert!(!contains("", "a"));
    }

    #[test]
    fn whole_passwords() {
        for (text, common) in [
            ("123456", true),
            ("PassWord", true),
            ("Azerty", true),
            ("MotDePasse", true),
            ("doudou", true),
            ("Mégane", true),
            ("trustno1", true),
            ("motdepasse plus long", false),
            ("9fK!r2Vq#tZ7", false),
        ] {
            assert_eq!(
                find(&password(text), Case::PasswordAlone).is_some(),
                common,
                "{text}"
            );
        }
    }

    #[test]
    fn cores() {
        for (text, core_text, french) in [
            ("Soleil2024!", Some("soleil"), true),
            ("!!Doudou75", Some("doudou"), true),
            ("Monkey12345!", Some("monkey"), false),
            ("Abcd2024!", None, false),
            ("soleil vert", None, false),
            ("12345678", None, false),
        ] {
            let core = core(&password(text));
            assert_eq!(
                core.as_ref().map(|core| core.text.as_str()),
                core_text,
                "{text}"
            );
            assert_eq!(core.is_some_and(|core| core.french), french, "{text}");
        }
    }

    #[test]
    fn codes_for_a_device() {
        for (code, common) in [
            ("0000", true),
            ("777777", true),
            ("1234", true),
            ("9876", true),
            ("2580", true),
            ("2468", false),
            ("7291", false),
            // Leaked, and yet fit for a device: else hardly any date would be left.
            ("1503", false),
        ] {
            assert_eq!(
                find(&password(code), Case::DeviceUnlock).is_some(),
                common,
                "{code}"
            );
        }
    }

    #[test]
    fn a_device_refuses_few_of_its_codes() {
        let refused = (0..10_000)
            .filter(|code| is_common_code(&format!("{code:04}")))
            .count();
        // 10 of one digit, 14 runs, 14 of the list.
        assert_eq!(refused, 38);
    }
}
