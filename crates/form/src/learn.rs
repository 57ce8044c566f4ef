//! What a person does on a site while somebody watches, turned into `[[site.form]]` tables.
//!
//! Clauses: CNIL 2022-100, the restriction of access and the checks when a password is made
//! ([`CNIL_RESTRICTION`], [`CNIL_CHECKED_AT_CREATION`]): both rest on knowing the forms of a site
//! and what its answers mean, which an operator can show more easily than write.
//!
//! Everything here is a function from exchanges to text. Which field is the password is told by
//! the origin's own page (`type=password`) and by names; which of several is the new one, by
//! comparing what was typed, in memory that is wiped. Nothing that was typed stands in a
//! proposal: a text of the origin that repeats it is not used, and every proposal is tried on
//! what was watched before it is told.
//!
//! Absent on purpose: sockets and terminal (the gate watches, the command line asks); XML-RPC,
//! whose parameters have no names; and any change to a policy that stands.
//!
//! [`CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION
//! [`CNIL_CHECKED_AT_CREATION`]: policy::clause::CNIL_CHECKED_AT_CREATION

mod apart;
mod exchange;
mod lines;
mod note;
mod proposal;
mod roles;
mod rule;
mod trial;

pub use exchange::{Exchange, Step};
pub use note::Note;
pub use proposal::{Proposal, propose};
pub use roles::Hint;

use std::collections::BTreeSet;

/// Most exchanges of a step that are kept.
const MOST: usize = 8;

/// What was watched, step by step.
#[derive(Debug, Default)]
pub struct Watched {
    failed: Vec<Exchange>,
    good: Vec<Exchange>,
    change: Vec<Exchange>,
    sign_up: Vec<Exchange>,
    /// The forms of the origin's pages, field by field.
    forms: Vec<Vec<Hint>>,
    /// Names of cookies that somebody has who is not signed in.
    strangers: BTreeSet<String>,
    /// Fields that the operator named as passwords.
    named: Vec<String>,
}

/// What an exchange means to the step that awaits one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// It holds no password. The names of the fields that it did send, when it sent any.
    Other(Vec<String>),
    /// It is what the step awaits.
    Taken,
    /// A sign-in that should have been good, and whose answer is that of a bad one. It is kept.
    LooksFailed,
    /// It is to be a password, and the gate would refuse to read it.
    Unreadable(crate::Ambiguity),
}

impl Watched {
    /// Nothing yet; `named` are fields that hold passwords whatever the pages say.
    pub fn new(named: Vec<String>) -> Self {
        Self {
            named,
            ..Self::default()
        }
    }

    /// A form of one of the origin's pages. Bounded: the latest hundred are kept.
    pub fn page(&mut self, form: Vec<Hint>) {
        if self.forms.contains(&form) {
            return;
        }
        if self.forms.len() >= 100 {
            self.forms.remove(0);
        }
        self.forms.push(form);
    }

    /// Looks at an exchange that came while a step was awaited, and keeps it if it is the one.
    pub fn look(&mut self, step: Step, exchange: Exchange) -> Looked {
        if matches!(step, Step::Failed | Step::Good) {
            self.strangers.extend(exchange.cookies_sent());
        }
        let read = match exchange.read() {
            Ok(read) => read,
            Err(ambiguity) => return Looked::Unreadable(ambiguity),
        };
        if !roles::holds_password(&read, &self.forms, &self.named) {
            if step != Step::Change && step != Step::SignUp {
                self.strangers.extend(exchange.cookies_kept());
            }
            let names = read.fields.iter().map(|field| field.name.clone());
            return Looked::Other(names.collect());
        }
        let list = match step {
            Step::Failed => {
                self.strangers.extend(exchange.cookies_kept());
                &mut self.failed
            }
            Step::Good => &mut self.good,
            Step::Change => &mut self.change,
            Step::SignUp => &mut self.sign_up,
        };
        if list.len() >= MOST {
            list.remove(0);
        }
        list.push(exchange);
        if step != Step::Good || self.failed.is_empty() {
            return Looked::Taken;
        }
        // Those that looked like failures were.
        let last = self.good.len() - 1;
        let (earlier, last) = self.good.split_at(last);
        let typed = self.typed();
        let like = |failed: &[&Exchange]| rule::success(failed, last, &self.strangers, &typed);
        let mut failed: Vec<&Exchange> = self.failed.iter().collect();
        failed.extend(earlier);
        if like(&failed).is_none() {
            return Looked::LooksFailed;
        }
        let earlier = self.good.len() - 1;
        for exchange in self.good.drain(..earlier) {
            self.strangers.extend(exchange.cookies_kept());
            self.failed.push(exchange);
        }
        Looked::Taken
    }

    /// Whether anything was watched that a proposal can be made of.
    pub fn is_empty(&self) -> bool {
        [&self.failed, &self.good, &self.change, &self.sign_up]
            .iter()
            .all(|list| list.is_empty())
    }

    /// Everything that was typed, which no text that is written may hold.
    fn typed(&self) -> Vec<crate::Typed> {
        let lists = [&self.failed, &self.good, &self.change, &self.sign_up];
        let exchanges = lists.into_iter().flatten();
        exchanges
            .filter_map(|exchange| exchange.read().ok())
            .flat_map(|read| roles::typed(read, &self.forms))
            .collect()
    }
}
