//! What a report says, before anybody chose how to print it.
//!
//! The content is written once, in the language of the reader; terminal, Markdown and HTML
//! only lay it out, so that they cannot say different things.

use policy::standing::State;

/// A report, or the difference of two policies.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) language: policy::Language,
    pub(crate) blocks: Vec<Block>,
}

#[derive(Debug)]
pub(crate) enum Block {
    Heading(String),
    Paragraph(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    List(Vec<String>),
    Entries(Vec<Entry>),
    Chart(Chart),
}

/// One clause, or one duty.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) mark: Mark,
    /// The reference, short.
    pub(crate) lead: String,
    /// A stable name for programs and for `explain`.
    pub(crate) id: Option<&'static str>,
    pub(crate) text: String,
    /// What enforces it, what was decided, what to do.
    pub(crate) notes: Vec<String>,
}

/// A state in a sign, a word and a class: no colour is needed to read it.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) sign: &'static str,
    pub(crate) class: &'static str,
    pub(crate) word: String,
}

/// The entropy of each form beside the three floors.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) caption: String,
    pub(crate) bars: Vec<Bar>,
    /// Bits at the right end.
    pub(crate) most: f64,
    pub(crate) floors: [f64; 3],
}

#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) bits: f64,
    /// The bits in words, and why they are enough.
    pub(crate) words: String,
    pub(crate) enough: bool,
}

impl Mark {
    pub(crate) fn of(state: State<'_>, language: policy::Language) -> Self {
        let (sign, class) = match state {
            State::Kept => ("✓", "kept"),
            State::Library => ("◐", "library"),
            State::Explained(_) => ("≈", "explained"),
            State::Below => ("✗", "below"),
            State::Yours(_) => ("→", "yours"),
            State::Apart => ("–", "apart"),
            State::Stated => ("·", "stated"),
        };
        let word = state.words(language).to_owned();
        Self { sign, class, word }
    }
}

impl Chart {
    /// Where a number of bits stands on the width, in percent.
    pub(crate) fn place(&self, bits: f64) -> f64 {
        (bits / self.most * 100.0).clamp(0.0, 100.0)
    }
}
