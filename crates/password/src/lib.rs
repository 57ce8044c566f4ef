//! Is this password good enough, and how it is kept.
//!
//! A typed password goes one way: bytes → [`Password::read`] (cap, UTF-8, RFC 8265, NFC) →
//! [`Judge`] (rules from cheap to dear) → [`Accepted`], or a [`Refusal`] with at least one
//! [`Finding`] → [`hash::Hasher`] → [`hash::StoredHash`]. Only the judge makes an
//! [`Accepted`], and a new hash takes nothing else.
//!
//! Clauses: CNIL 2022-100, creation (forms, common passwords, context) and conservation;
//! RFC 8265, 4.2; RFC 9106. The bits that an [`Assessment`] reports belong to the policy's
//! form, never to the typed string.
//!
//! Everything here is plain, bounded work on the calling thread: a judgement takes
//! milliseconds, a hash tens of them. Run both off an event loop.
//!
//! ```
//! use password::hash::{Checked, Hasher, Matrix, StoredHash};
//! use password::{Context, Judge, Password};
//! use policy::{Language, Policy};
//!
//! let policy = Policy::reference();
//! let judge = Judge::new(policy.password());
//! let known = Context::new(["ana@example.fr"]);
//!
//! let refusal = judge.read_and_judge(b"Ana2024!".to_vec(), &known).unwrap_err();
//! println!("{}", refusal.findings()[0].message(Language::En));
//!
//! let accepted = judge.read_and_judge(b"9fK!r2Vq#tZ7".to_vec(), &known).unwrap();
//! let hasher = Hasher::open(policy.hash(), ".".as_ref())?;
//! let mut matrix = Matrix::new();
//! let stored = hasher.hash(accepted, &mut matrix)?;
//!
//! let stored = StoredHash::parse(stored.as_str())?;
//! let typed = Password::read(b"9fK!r2Vq#tZ7".to_vec(), policy.password().max_length);
//! // Of the name of the account, under a secret: see `Hasher::plan`.
//! let salt = [7; 16];
//! let checked = hasher.check(typed, hasher.plan(Some(&stored), salt), &mut matrix)?;
//! assert!(matches!(checked, Checked::Yes(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Absent on purpose: a way to read a `Password` back, sockets, clocks and accounts.

pub mod generate;
pub mod hash;

mod assessment;
mod context;
mod finding;
mod fold;
mod guess;
mod judge;
mod open;
mod read;
mod rule;
mod sign;
mod words;

pub use breach::LeakService;

pub use assessment::Assessment;
pub use context::Context;
pub use finding::{Finding, all_codes, explain};
pub use judge::{Accepted, Judge, Refusal};
pub use open::OpenError;
pub use read::{Password, ReadError};
