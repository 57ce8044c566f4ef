//! What a person typed, in memory that is wiped.

use std::fmt;

use zeroize::Zeroizing;

/// Text of a form: wiped on drop; not cloned, shown or serialised.
#[derive(Default, PartialEq, Eq)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The only way to the text. Search this name to audit every use.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The bytes, for whoever wipes them next.
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0).into_bytes()
    }

    /// The text without blanks around it.
    #[must_use]
    pub fn trimmed(self) -> Self {
        Self::new(self.0.trim().to_owned())
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(..)")
    }
}
