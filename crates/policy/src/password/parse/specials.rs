//! Lists of specials: what may stand in one, and lists that cannot do what they are for.

use std::collections::BTreeSet;

use crate::password::{Characters, Class, Specials};
use crate::read::Span;
use crate::report::Fault;
use crate::{Text, code};

/// The first sign that may not stand in a list of specials, or that stands there twice.
pub(super) fn unfit(signs: &str) -> Option<char> {
    let mut seen = BTreeSet::new();
    signs
        .chars()
        .find(|&sign| !is_sign(sign) || !seen.insert(sign))
}

/// Whether a person can see and type this sign, and whether it reaches the judge as typed:
/// the ranges hold no invisible or combining sign and nothing that NFC replaces. The signs of
/// the default list are all welcome, although `µ` is a letter to Unicode.
fn is_sign(sign: char) -> bool {
    match sign {
        '\u{b5}' => true,
        // The soft hyphen is invisible.
        '\u{ad}' => false,
        '\u{a1}'..='\u{bf}'
        | '\u{d7}'
        | '\u{f7}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{20a0}'..='\u{20c0}'
        | '\u{2100}'..='\u{214f}'
        // NFC replaces the angle brackets U+2329 and U+232A.
        | '\u{2190}'..='\u{2328}'
        | '\u{232b}'..='\u{23ff}'
        | '\u{2500}'..='\u{27bf}' => !sign.is_alphanumeric(),
        _ => sign.is_ascii_punctuation(),
    }
}

/// A list of specials that nobody can type, though one has to appear or may.
pub(super) fn untypable(form: &Characters, span: Span) -> Option<Fault> {
    let typable = |sign| Specials::DEFAULT.contains(sign);
    if !form.classes.contains(&Class::Special) || form.specials.iter().any(typable) {
        return None;
    }
    Some(
        Fault::warning(
            code::SPECIALS_UNTYPABLE,
            span,
            Text::new(
                "personne ne peut taper un signe de cette liste",
                "nobody can type a sign of this list",
            ),
        )
        .label(
            "aucun de ces signes n’est sur un clavier français",
            "none of these signs is on a French keyboard",
        )
        .fix(
            "ajouter des signes courants, comme \"!#$%&*+-=?@_\", ou retirer `specials`",
            "add common signs, such as \"!#$%&*+-=?@_\", or remove `specials`",
        ),
    )
}

/// A list of specials beside classes that leave them out.
pub(super) fn unused(form: &Characters, span: Span) -> Option<Fault> {
    if form.classes.contains(&Class::Special) {
        return None;
    }
    Some(
        Fault::warning(
            code::SPECIALS_UNUSED,
            span,
            Text::new(
                "cette liste de signes est sans effet",
                "this list of signs has no effect",
            ),
        )
        .label(
            "`classes` n’a pas \"special\"",
            "`classes` does not have \"special\"",
        )
        .fix(
            "ajouter \"special\" à `classes`, ou retirer `specials`",
            "add \"special\" to `classes`, or remove `specials`",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_specials_holds_signs_only_and_once() {
        for (signs, sign) in [
            ("!?€", None),
            (Specials::DEFAULT, None),
            ("!a", Some('a')),
            ("!9", Some('9')),
            ("! ", Some(' ')),
            ("!\u{a0}", Some('\u{a0}')),
            ("!?!", Some('!')),
            ("é", Some('é')),
            ("µ¿×÷–…€↑⌘─✔", None),
            ("!ª", Some('ª')),
            ("!²", Some('²')),
            ("!½", Some('½')),
            ("!\u{2126}", Some('\u{2126}')),
            ("!➀", Some('➀')),
            ("!\u{ad}", Some('\u{ad}')),
            ("!\u{7f}", Some('\u{7f}')),
            ("!\u{301}", Some('\u{301}')),
            ("!\u{200b}", Some('\u{200b}')),
            ("!\u{202e}", Some('\u{202e}')),
            ("!\u{2060}", Some('\u{2060}')),
            ("!\u{2329}", Some('\u{2329}')),
            ("!\u{1fef}", Some('\u{1fef}')),
            ("!\u{37e}", Some('\u{37e}')),
            ("!\u{fe0f}", Some('\u{fe0f}')),
            ("!\u{fdd0}", Some('\u{fdd0}')),
            ("!\u{ffff}", Some('\u{ffff}')),
            ("!\u{e000}", Some('\u{e000}')),
            ("!\u{1f600}", Some('\u{1f600}')),
        ] {
            assert_eq!(unfit(signs), sign, "{signs}");
        }
    }
}
