//! `when`: whether a parameter has one of the values that tell a form.
//!
//! Origins compare more loosely than a policy is written: blanks, letter case, and numbers (PHP's
//! `'01' == '1'`). A value that is one of the expected only so is refused, since it would be a way
//! around the form.

use policy::site::Condition;

use crate::Ambiguity;

pub(super) fn holds(condition: &Condition, value: &str) -> Result<bool, Ambiguity> {
    let expected = || condition.values.iter();
    if expected().any(|expected| expected == value) {
        return Ok(true);
    }
    let folded = |text: &str| text.trim().to_lowercase();
    let alike = |expected: &String| {
        folded(expected) == folded(value)
            || number(expected).is_some_and(|expected| number(value) == Some(expected))
    };
    match expected().any(alike) {
        true => Err(Ambiguity::Condition),
        false => Ok(false),
    }
}

/// What a text is as a number to PHP: decimal, perhaps with a sign, a point, an exponent and blanks
/// around it.
fn number(text: &str) -> Option<f64> {
    let blank = |sign: char| sign.is_ascii_whitespace() || sign == '\u{b}';
    let text = text.trim_matches(blank);
    let sign = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number: f64 = text.bytes().all(sign).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_expected_to_the_letter_or_unclear() {
        use Ambiguity::Condition as Unclear;
        for (expected, value, holds) in [
            ("1", "1", Ok(true)),
            ("1", "2", Ok(false)),
            ("1", "", Ok(false)),
            ("1", "a1", Ok(false)),
            ("1", "1a", Ok(false)),
            ("1", "0x1", Ok(false)),
            ("1", "01", Err(Unclear)),
            ("1", "1.0", Err(Unclear)),
            ("1", "+1", Err(Unclear)),
            ("1", "10e-1", Err(Unclear)),
            ("1", ".1E1", Err(Unclear)),
            ("1", "\t1 ", Err(Unclear)),
            ("0", "-0", Err(Unclear)),
            ("inf", "infinity", Ok(false)),
            ("login", "login", Ok(true)),
            ("login", " Login", Err(Unclear)),
            ("login", "logins", Ok(false)),
        ] {
            assert_eq!(told(expected, value), holds, "{expected} {value:?}");
        }
    }

    fn told(expected: &str, value: &str) -> Result<bool, Ambiguity> {
        let text = format!(
            "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
             certificate = \"dev\"\n[[site.form]]\nkind = \"closed\"\npath = \"/\"\n\
             when = {{ a = {expected:?} }}\n"
        );
        let policy = policy::load(&text).expect("a policy").policy;
        holds(&policy.sites()[0].forms[0].when[0], value)
    }
}
