//! Which requests hold a password, and what they say: recognised and read as the origin would
//! read them, or refused.
//!
//! Clauses: CNIL 2022-100, checks when a password is made, and the restriction of access
//! ([`CNIL_CHECKED_AT_CREATION`], [`CNIL_RESTRICTION`]); CNIL guide 2024, no secret in an
//! address ([`CNIL_URL_SECRETS`]).
//!
//! One promise: what is judged here is what the origin sees. Origins differ on paths, names,
//! encodings and types; wherever two readings of a request to a protected path are possible
//! and one of them holds a password, the request is refused with an [`Ambiguity`] instead of
//! being passed unjudged. The bytes themselves are never changed.
//!
//! Everything is bounded: one pass over the bytes, [`MOST_FIELDS`] fields, and the caller's cap
//! on the body ([`Candidates::max_body`]). What was typed is kept in [`Typed`], wiped when it
//! is dropped, and is part of no error.
//!
//! [`learn`] goes the other way: from what a person does on a site to the tables of a policy.
//!
//! Absent on purpose: sockets, time, and any verdict on a password. The gate reads bodies and
//! asks the judge; this crate says which bytes are the password.
//!
//! [`CNIL_CHECKED_AT_CREATION`]: policy::clause::CNIL_CHECKED_AT_CREATION
//! [`CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION
//! [`CNIL_URL_SECRETS`]: policy::clause::CNIL_URL_SECRETS

mod account;
mod ambiguity;
mod answer;
mod charset;
mod glob;
pub mod learn;
mod media;
mod name;
mod path;
mod read;
mod recognise;
mod typed;

pub use account::fold as account;
pub use ambiguity::Ambiguity;
pub use answer::{ANSWER_BYTES, Brought, Outcome};
pub use path::{Meeting, Part, RequestPath};
pub use read::{Filled, MOST_FIELDS, NewPassword, Reading, SignIn};
pub use recognise::{Candidates, Form, Forms, Head, Recognised};
pub use typed::Typed;
