//! Names of fields as origins may read them.
//!
//! PHP drops spaces in front, turns space, `.` and a lone `[` into `_`, and makes arrays of
//! `a[b]`; ASP.NET, Go and Jackson ignore letter case; some frameworks trim. Brackets are read in
//! more ways than one (`[pass]` is `pass` to qs, `user[pass` is `user[pass]` to Rack), a model's
//! name may stand in front (`model.Pass`, ASP.NET), and Spring has `!pass` and `_pass` for what
//! is not sent. A name that one of them takes for a watched one without being it to the letter
//! is refused.

use crate::Ambiguity;

/// How a sent name meets a watched one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// It is another field for everyone.
    Other,
    /// It is that field.
    Same,
    /// Some origin may take it for that field.
    Unclear(Ambiguity),
}

/// A name, and how the loosest origin folds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    literal: Vec<u8>,
    base: Vec<u8>,
    keys: Vec<Vec<u8>>,
    /// Signs that belong to no key: `a[b]c`.
    odd: bool,
    /// What stands between brackets and dots, each piece behind a NUL.
    pieces: Vec<u8>,
}

impl Name {
    pub(crate) fn new(literal: Vec<u8>) -> Self {
        let trimmed = literal.trim_ascii();
        let open = trimmed.iter().position(|&byte| byte == b'[');
        // A bracket in front is part of the name, and so is one that nothing closes.
        let open = open.filter(|&at| at > 0 && trimmed[at..].contains(&b']'));
        let (base, mut rest) = trimmed.split_at(open.unwrap_or(trimmed.len()));
        let base = lower(base).into_iter().map(fold).collect();
        let mut keys = Vec::new();
        let mut odd = false;
        while let [b'[', inner @ ..] = rest {
            let Some(end) = inner.iter().position(|&byte| byte == b']') else {
                odd = true;
                break;
            };
            keys.push(lower(inner[..end].trim_ascii()));
            rest = &inner[end + 1..];
        }
        odd |= !rest.is_empty();
        let mut pieces = Vec::with_capacity(trimmed.len() + 1);
        for piece in trimmed.split(|byte| b"[].".contains(byte)) {
            let piece = piece.trim_ascii();
            if !piece.is_empty() {
                pieces.push(0);
                pieces.extend(lower(piece).into_iter().map(fold));
            }
        }
        Self {
            literal,
            base,
            keys,
            odd,
            pieces,
        }
    }

    /// The name as it was sent.
    pub(crate) fn literal(&self) -> &[u8] {
        &self.literal
    }

    /// Whether both are one name to the letter.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.literal == other.literal
    }

    /// How this name, as it was sent, meets a watched one.
    pub(crate) fn meets(&self, watched: &Self) -> Meeting {
        if self.is(watched) {
            return Meeting::Same;
        }
        if self.base == watched.base {
            if self.odd || self.keys == watched.keys {
                return Meeting::Unclear(Ambiguity::Name);
            }
            let part = self.keys.starts_with(&watched.keys) || watched.keys.starts_with(&self.keys);
            if part || self.keys.iter().any(Vec::is_empty) {
                return Meeting::Unclear(Ambiguity::Array);
            }
        }
        match self.ends_in(watched) {
            true => Meeting::Unclear(Ambiguity::Name),
            false => Meeting::Other,
        }
    }

    /// Whether PHP, and whoever reads names more loosely, puts something where the watched name
    /// is.
    pub(crate) fn fills(&self, watched: &Self) -> bool {
        self.base == watched.base && self.keys.starts_with(&watched.keys)
    }

    /// Whether the last pieces of the name are those of a watched one, or the whole of it but
    /// for the sign in front that Spring looks at.
    fn ends_in(&self, watched: &Self) -> bool {
        let marked = |name: &Self| {
            let piece = name.pieces.strip_prefix(b"\0")?;
            let piece = piece.strip_prefix(b"!").or(piece.strip_prefix(b"_"))?;
            Some(piece.to_vec())
        };
        !watched.pieces.is_empty()
            && (self.pieces.ends_with(&watched.pieces)
                || marked(self).is_some_and(|piece| piece == watched.pieces[1..]))
    }

    /// Whether some origin may put this plain name into an object of its own, where the watched
    /// one is: Rails makes `session[password]` of the JSON `{"password": …}`.
    pub(crate) fn is_wrapped_as(&self, watched: &Self) -> bool {
        let last = watched.pieces.rsplit(|&byte| byte == 0).next();
        !watched.keys.is_empty()
            && self.keys.is_empty()
            && self
                .pieces
                .strip_prefix(b"\0")
                .is_some_and(|own| last == Some(own))
    }

    /// Whether an object of this key may hold a watched name.
    pub(crate) fn holds(&self, watched: &Self) -> bool {
        self.base == watched.base && watched.keys.len() > self.keys.len()
    }
}

/// Lower-case, with the two signs outside ASCII that fold to a letter of it: Go's JSON takes
/// `ſ` for `s` and the sign of Kelvin for `k`.
fn lower(name: &[u8]) -> Vec<u8> {
    let mut lower = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(&byte) = rest.first() {
        let (byte, length) = match rest {
            [0xc5, 0xbf, ..] => (b's', 2),
            [0xe2, 0x84, 0xaa, ..] => (b'k', 3),
            _ => (byte.to_ascii_lowercase(), 1),
        };
        lower.push(byte);
        rest = &rest[length..];
    }
    lower
}

fn fold(byte: u8) -> u8 {
    match byte {
        b' ' | b'.' | b'[' | b'+' | b'\t' => b'_',
        byte => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_origins_may_read_them() {
        use Ambiguity::{Array, Name as Unclear};
        for (watched, sent, expected) in [
            ("pass", "pass", Meeting::Same),
            ("pass", "pass2", Meeting::Other),
            ("pass", "Pass", Meeting::Unclear(Unclear)),
            ("pass", "paſſ", Meeting::Unclear(Unclear)),
            ("key", "\u{212a}ey", Meeting::Unclear(Unclear)),
            ("pass", " pass", Meeting::Unclear(Unclear)),
            ("pass", "pass ", Meeting::Unclear(Unclear)),
            ("my_pass", "my pass", Meeting::Unclear(Unclear)),
            ("my_pass", "my.pass", Meeting::Unclear(Unclear)),
            ("my_pass", "my[pass", Meeting::Unclear(Unclear)),
            ("my.pass", "my_pass", Meeting::Unclear(Unclear)),
            ("pass", "pass[]", Meeting::Unclear(Array)),
            ("pass", "pass[a]", Meeting::Unclear(Array)),
            ("pass", "pass[a]b", Meeting::Unclear(Unclear)),
            ("auth[password]", "auth[password]", Meeting::Same),
            ("auth[password]", "auth[driver]", Meeting::Other),
            ("auth[password]", "auth", Meeting::Unclear(Array)),
            ("auth[password]", "auth[]", Meeting::Unclear(Array)),
            (
                "auth[password]",
                "auth[password][]",
                Meeting::Unclear(Array),
            ),
            (
                "auth[password]",
                "auth[ password]",
                Meeting::Unclear(Unclear),
            ),
            (
                "auth[password]",
                "auth[password]x",
                Meeting::Unclear(Unclear),
            ),
            (
                "auth[password]",
                "AUTH[password]",
                Meeting::Unclear(Unclear),
            ),
            ("auth[password]", "auth_password", Meeting::Other),
            ("auth[password]", "fields[password]", Meeting::Other),
            ("auth[password]", "auth[password", Meeting::Unclear(Unclear)),
            (
                "auth[password]",
                "auth[[password]",
                Meeting::Unclear(Unclear),
            ),
            ("auth[password]", "auth.password", Meeting::Unclear(Unclear)),
            ("pass", "[pass]", Meeting::Unclear(Unclear)),
            ("pass", "[pass", Meeting::Unclear(Unclear)),
            ("pass", "pass]", Meeting::Unclear(Unclear)),
            ("pass", "model.Pass", Meeting::Unclear(Unclear)),
            ("pass", "model[pass]", Meeting::Unclear(Unclear)),
            ("pass", "a[b][pass]", Meeting::Unclear(Unclear)),
            ("pass", "!pass", Meeting::Unclear(Unclear)),
            ("pass", "_pass", Meeting::Unclear(Unclear)),
            ("pass", "old_pass", Meeting::Other),
            ("pass", "oldpass", Meeting::Other),
            ("pass", "[]", Meeting::Other),
            ("pass", "", Meeting::Other),
        ] {
            let name = |text: &str| Name::new(text.as_bytes().to_vec());
            assert_eq!(
                name(sent).meets(&name(watched)),
                expected,
                "{watched} {sent}"
            );
        }
    }
}
