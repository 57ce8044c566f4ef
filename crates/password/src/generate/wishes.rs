//! What a person asks of a generator, besides what the policy asks.

use std::path::{Path, PathBuf};

use policy::Language;

use super::{GenerateError, Kind, WordList};

/// What is asked of a generator beyond the policy. Nothing asked is the policy's own.
#[derive(Debug, Clone)]
pub struct Wishes {
    pub(super) language: Language,
    pub(super) base: PathBuf,
    pub(super) form: Option<usize>,
    pub(super) length: Option<usize>,
    pub(super) words: Option<usize>,
    pub(super) list: Option<WordList>,
    pub(super) separator: Option<String>,
    pub(super) capitalize: bool,
}

impl Wishes {
    /// No wish; `language` chooses the built-in list of words.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            base: PathBuf::new(),
            form: None,
            length: None,
            words: None,
            list: None,
            separator: None,
            capitalize: false,
        }
    }

    /// The folder that the policy's paths start from; otherwise the current one.
    #[must_use]
    pub fn base(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.base);
        self
    }

    /// A form of the policy, by its place in the file from 0. Otherwise the first one of the
    /// kind that the other wishes are about; characters if there is no other wish.
    #[must_use]
    pub const fn form(mut self, place: usize) -> Self {
        self.form = Some(place);
        self
    }

    /// How many characters, at least what the form and the case's floor ask.
    #[must_use]
    pub const fn length(mut self, characters: usize) -> Self {
        self.length = Some(characters);
        self
    }

    /// How many words, at least what the form and the case's floor ask; 64 at most.
    #[must_use]
    pub const fn words(mut self, words: usize) -> Self {
        self.words = Some(words);
        self
    }

    /// The list to draw words from, instead of the form's own or the built-in one.
    #[must_use]
    pub fn list(mut self, list: WordList) -> Self {
        self.list = Some(list);
        self
    }

    /// What stands between words: one to eight signs or spaces, no letter. Otherwise `-`.
    #[must_use]
    pub fn separator(mut self, signs: &str) -> Self {
        self.separator = Some(signs.to_owned());
        self
    }

    /// Whether each word begins with a capital, which adds nothing to the entropy.
    #[must_use]
    pub const fn capitalize(mut self, capitalize: bool) -> Self {
        self.capitalize = capitalize;
        self
    }

    /// What the wishes are about, if they tell.
    pub(super) fn kind(&self) -> Result<Option<Kind>, GenerateError> {
        let about_words = self.words.is_some()
            || self.list.is_some()
            || self.separator.is_some()
            || self.capitalize;
        match (self.length.is_some(), about_words) {
            (true, true) => Err(GenerateError::Mixed),
            (true, false) => Ok(Some(Kind::Characters)),
            (false, true) => Ok(Some(Kind::Words)),
            (false, false) => Ok(None),
        }
    }
}
