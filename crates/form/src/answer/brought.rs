//! The addresses that a request brings along: where its page was, and what its fields and cookies
//! say.
//!
//! A site that sends a bad sign-in "back" takes the address from `Referer` (Laravel's `back()`,
//! Rails' `redirect_back`), from a field (`next`, `return`) or from a cookie, so that whoever
//! guesses chooses where a failure leads, and would choose the place of a success. Without a
//! `Referer` some take the page before from the session, which a guesser fills by asking for it. So
//! an answer that leads to what the request brought tells nothing, and neither does one to a request
//! that does not say where it came from.

use http::header::REFERER;
use policy::site::AnswerRule;
use zeroize::Zeroizing;

use super::local;
use crate::read::{cookie, query, unescape_loosely};
use crate::{Form, Head, Typed, glob};

/// Those addresses of one request that a rule of success by `location` would take for its own.
#[derive(Debug, Default)]
pub struct Brought {
    /// Patterns of such rules, lower-case; none where no answer is judged by where it leads.
    patterns: Vec<String>,
    /// The request says which page it came from.
    has_page: bool,
    places: Vec<Typed>,
    /// There were more of them, or longer ones, than are kept.
    has_more: bool,
}

/// Most bytes of an address that is kept.
const LONGEST: usize = 8 * 1024;

/// Most of them. Who brings more has a reason to.
const MOST: usize = 100;

/// Whether nothing but where an answer leads, and its status, tells by a rule.
pub(super) fn is_told_by_place(rule: &AnswerRule) -> bool {
    rule.proves_nothing() && place_of(rule).is_some()
}

/// The pattern of a rule, unless it is any place.
fn place_of(rule: &AnswerRule) -> Option<&str> {
    rule.location.as_deref().filter(|&pattern| pattern != "*")
}

impl Brought {
    /// What a head brings to a form.
    pub(crate) fn of(form: &Form, head: &Head<'_>) -> Self {
        let rules = form.policy().success.iter();
        let told = rules.filter(|rule| is_told_by_place(rule));
        Self::to(told.filter_map(place_of), head)
    }

    /// What it brings to some patterns.
    pub(crate) fn to<'p>(patterns: impl Iterator<Item = &'p str>, head: &Head<'_>) -> Self {
        let mut brought = Self {
            patterns: patterns.map(str::to_lowercase).collect(),
            ..Self::default()
        };
        if !brought.matters() {
            return brought;
        }
        for page in head.headers.get_all(REFERER) {
            brought.has_page = true;
            brought.add(&String::from_utf8_lossy(page.as_bytes()));
        }
        for text in query(head.query.unwrap_or_default()).chain(cookie::values(head.headers)) {
            brought.add(&String::from_utf8_lossy(&text));
        }
        brought
    }

    /// Whether anything has to be looked for.
    pub(crate) fn matters(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Keeps a text that would be a success if an answer led there.
    pub(crate) fn add(&mut self, text: &str) {
        if text.is_empty() || self.has_more {
            return;
        }
        // Among the texts is the password.
        let mut place = place(text);
        let whole = Zeroizing::new(text.to_lowercase());
        let folder = Zeroizing::new(format!("{}/", *place));
        let spellings = [&whole, &place, &folder];
        let is_success = |pattern: &String| {
            let mut spellings = spellings.iter();
            spellings.any(|spelling| glob::matches(pattern, spelling))
        };
        if !self.patterns.iter().any(is_success) {
            return;
        }
        self.has_more = text.len() > LONGEST || self.places.len() == MOST;
        if !self.has_more {
            self.places.push(Typed::new(std::mem::take(&mut *place)));
        }
    }

    /// Whether the request itself is why an answer leads somewhere, as far as anybody can tell.
    pub(crate) fn explains(&self, location: &str) -> bool {
        let to = place(location);
        let is_echo = |place: &Typed| {
            let rest = to.strip_prefix(place.expose());
            // Some add a word to it: `/home?error=1`.
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&', '#']))
        };
        self.matters() && (!self.has_page || self.has_more || self.places.iter().any(is_echo))
    }
}

/// An address in the loosest spelling: without scheme and host, escapes decoded, lower-case, one
/// slash in front and none at its end.
fn place(text: &str) -> Zeroizing<String> {
    let text = text.trim();
    let local = match text.strip_prefix("//") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => local(text),
    };
    let decoded = Zeroizing::new(unescape_loosely(local.as_bytes()));
    let decoded = Zeroizing::new(String::from_utf8_lossy(&decoded).to_lowercase());
    Zeroizing::new(format!("/{}", decoded.trim_matches('/')))
}
