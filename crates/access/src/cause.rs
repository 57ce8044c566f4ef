//! Why a store gave no answer, in words of our own and in both languages.
//!
//! What a system or a library says itself is told as it is.

use std::fmt;

use policy::Text;

use crate::RecordError;
use crate::store::Why;

/// A cause in French and English, for [`StoreError`](crate::StoreError). It names no account,
/// no key and no address.
#[derive(Debug)]
pub struct Cause(Text);

impl Cause {
    /// The same cause in both languages: a clause without its full stop.
    pub fn new(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Text::new(fr, en))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Cause {}

/// A cause in French, as far as there is a French for it.
pub(crate) fn in_french(why: &Why) -> String {
    if let Some(Cause(text)) = why.downcast_ref() {
        return text.fr.clone();
    }
    match why.downcast_ref() {
        Some(RecordError::Form) => "un compteur d’une forme inconnue".to_owned(),
        Some(RecordError::Damaged) => "un compteur abîmé".to_owned(),
        Some(RecordError::Kind) => "un compteur d’une autre sorte que sa clé".to_owned(),
        None => why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;

    #[test]
    fn our_own_causes_are_told_in_both_languages() {
        let cause = || Cause::new("le disque est plein", "the disk is full");
        for (why, fr, en) in [
            (cause().into(), "le disque est plein", "the disk is full"),
            (
                RecordError::Damaged.into(),
                "un compteur abîmé",
                "a damaged counter",
            ),
            ("EIO".into(), "EIO", "EIO"),
        ] {
            let text = StoreError::Storage(why).text();
            assert!(text.fr.contains(&format!("({fr})")), "{}", text.fr);
            assert!(text.en.contains(&format!("({en})")), "{}", text.en);
        }
    }
}
