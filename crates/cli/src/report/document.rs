//! What a report says, before anybody chose how to print it.
//!
//! The content is written once, in the language of the reader; terminal, Markdown and HTML
//! only lay it out, so that they cannot say different things.

use policy::standing::State;

/// A report, or the difference of two policies.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) language: policy::Language,
    pub(super) blocks: Vec<Block>,
}

#[derive(Debug)]
pub(super) enum Block {
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
pub(super) struct Entry {
    pub(super) mark: Mark,
    /// The reference, short.
    pub(super) lead: String,
    /// A stable name for programs and for `explain`.
    pub(super) id: Option<&'static str>,
    pub(super) text: String,
    /// What enforces it, what was decided, what to do.
    pub(super) notes: Vec<String>,
}

/// A state in a sign, a word and a class: no colour is needed to read it.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) sign: &'static str,
    pub(super) class: &'static str,
    pub(super) word: String,
}

/// The entropy of each form beside the three floors.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) caption: String,
    pub(super) bars: Vec<Bar>,
    /// Bits at the right end.
    pub(super) most: f64,
    pub(super) floors: [f64; 3],
}

#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) bits: f64,
    /// The bits in words, and why they are enough.
    pub(super) words: String,
    pub(super) enough: bool,
}

impl Mark {
    pub(super) fn of(state: State<'_>, language: policy::Language) -> Self {
        let (sign, class) = match state {
            State::Kept => ("✓", "kept"),
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
    pub(super) fn place(&self, bits: f64) -> f64 {
        (bits / self.most * 100.0).clamp(0.0, 100.0)
    }
}
