//! Refuses passwords that everybody uses.
//!
//! Clauses: [`policy::clause::CNIL_COMMON_LIST`], ASVS 5.0, 6.2.4. The lists are compiled in
//! (`data/SOURCES.md`): one gathered from leaks, and our own of French ones.
//!
//! The rule: the whole password, case and accents folded, is in a list. With digits and
//! signs around it, it must take a thousand times more guesses than another: see [`super::guess`].
//!
//! For a device, any code of the list would leave too few codes to choose from: only one
//! digit repeated, straight runs and the most common codes are refused.
//!
//! Absent on purpose: words inside longer passwords, keyboard walks. They are the
//! estimator's subject.

use policy::password::Case;

use crate::finding::Kind;
use crate::guess::Lists;
use crate::{Password, sign};

/// The most used codes that are neither one digit repeated nor a straight run.
const CODES: [&str; 16] = [
    "0852", "1004", "1010", "1122", "1212", "1313", "1342", "1984", "2000", "2001", "2580", "4200",
    "5683", "6969", "121212", "123123",
];

/// Letters of the shortest core: shorter entries occur by chance in random passwords.
const SHORTEST_CORE: usize = 6;

/// What the whole password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Common {
    /// In a list.
    Password,
    /// A code tried among the first.
    Code,
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
pub(crate) fn find(password: &Password, case: Case, lists: &Lists) -> Option<Common> {
    let folded = password.folded();
    if case == Case::DeviceUnlock && folded.bytes().all(|byte| byte.is_ascii_digit()) {
        return is_common_code(folded).then_some(Common::Code);
    }
    lists.has_password(folded).then_some(Common::Password)
}

/// Whether the password is common once the digits and signs at both ends are taken away.
pub(crate) fn has_common_core(password: &Password, lists: &Lists) -> bool {
    let folded = password.folded();
    let core = folded.trim_matches(|sign: char| !sign::is_letter(sign));
    let letters = core.chars().count();
    letters >= SHORTEST_CORE && core.len() < folded.len() && lists.has_password(core)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::read(text.as_bytes().to_vec(), 256).expect("a password")
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
                find(&password(text), Case::PasswordAlone, &Lists::built_in()).is_some(),
                common,
                "{text}"
            );
        }
    }

    #[test]
    fn cores() {
        let lists = Lists::built_in();
        for (text, common) in [
            ("Soleil2024!", true),
            ("!!Doudou75", true),
            ("Monkey12345!", true),
            ("monkey", false),
            ("soleil vert", false),
        ] {
            assert_eq!(has_common_core(&password(text), &lists), common, "{text}");
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
                find(&password(code), Case::DeviceUnlock, &Lists::built_in()).is_some(),
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
