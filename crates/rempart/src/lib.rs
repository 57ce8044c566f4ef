//! The library that a login flow adds.
//!
//! [`Accounts`] is the whole of it: it keeps the passwords of an application under one
//! `policy.toml`, the same file as the gate's and the command line's, from registration to
//! removal. Each flow is one method; each answer is an enum to match. `docs/LIBRARY.md` adds it
//! to a site in an afternoon, and `examples/members` is such a site.
//!
//! ```no_run
//! use rempart::accounts::{Asked, Change, Register, Reset, SignIn};
//! use rempart::{Account, Accounts, Login, Visitor, policy, store};
//!
//! # fn show_form_again<T>(_: T) {}
//! # fn open_session<T>(_: T) {}
//! # fn show_change_page() {}
//! # fn say<T>(_: T) {}
//! # fn deliver<T>(_: T) {}
//! # fn end_sessions<A, B>(_: A, _: B) {}
//! # async fn demo(typed: fn() -> Vec<u8>, link: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let loaded = policy::load(&std::fs::read_to_string("policy.toml")?)?;
//! let accounts = Accounts::new(Login::new(&loaded)?, store::Memory::new());
//! // Its address and cookie are fields of Visitor: without an address no source is limited.
//! let visitor = Visitor::new("ana@example.fr");
//!
//! // Register: the same page whether or not the address has an account.
//! match accounts.register(&visitor, typed(), &["Ana", "Martin"]).await? {
//!     Register::Asked(notices) => deliver(notices),
//!     Register::Refused(found) => show_form_again(found),
//!     Register::Unusable(why) => say(why.message(policy::Language::En)),
//!     Register::Wait(_) => say("later"),
//! }
//!
//! // Sign in: the failure is counted before the hash is computed. Keep `generation` in the session,
//! // and at each request compare it with `accounts.generation(&account)`: if it differs, it is over.
//! match accounts.sign_in(&visitor, typed()).await? {
//!     SignIn::Yes(signed_in) => open_session(signed_in),
//!     SignIn::ChangeFirst(..) => show_change_page(),
//!     SignIn::Wait(time) => say(time),
//!     _ => say("wrong identifier or password"),
//! }
//!
//! // Change: the current password is asked.
//! match accounts.change(&visitor, typed(), typed(), &["Ana", "Martin"]).await? {
//!     // A session that kept its `generation` is over; what `revoke` names is tidied away.
//!     Change::Done { account, revoke, notices, .. } => { end_sessions(account, revoke); deliver(notices) }
//!     Change::Refused(why) => show_form_again(why),
//!     _ => say("wrong password"),
//! }
//!
//! // Reset: ask for a link, then choose. The same page for every address.
//! let Asked::Sent(notices) = accounts.ask_reset(&visitor).await? else { return Ok(say("later")) };
//! deliver(notices);
//! match accounts.reset(link, &visitor, typed(), &[]).await? {
//!     Reset::Done { account, revoke, notices, .. } => { end_sessions(account, revoke); deliver(notices) }
//!     Reset::Refused(why) => show_form_again(why),
//!     Reset::Stale | Reset::Wait(_) => say("ask for another link"),
//! }
//!
//! // By an operator: a temporary password, and a leak.
//! let ana = Account::read("ana@example.fr").ok_or("no name")?;
//! say(accounts.attribute(&ana, None).await?.password.expose());
//! if let Some(marked) = accounts.compromise(&ana).await? { deliver(marked.notices) }
//! for person in accounts.due(None, 100).await?.due { say((person.account, person.tell_by)) }
//! # Ok(()) }
//! ```
//!
//! [`Login`] is its smaller face, for applications that keep hashes their own way: it judges
//! and hashes a chosen password, compares a typed one and restricts attempts.
//!
//! ```no_run
//! # async fn demo(typed: Vec<u8>, stored: Option<rempart::StoredHash>) -> Result<(), Box<dyn std::error::Error>> {
//! use rempart::{Choice, Context, Login, SignIn, Visitor, policy};
//!
//! let login = Login::new(&policy::load("version = 1")?)?;
//! if let Choice::Kept(hash) = login.choose(typed, Context::new(["ana@example.fr"])).await? {
//!     println!("{}", hash.as_str()); // into your table
//! }
//! # let typed = Vec::new();
//! let visitor = Visitor::new("ana@example.fr");
//! if let SignIn::Yes { .. } = login.sign_in(&visitor, typed, stored.as_ref()).await? {
//!     println!("welcome");
//! }
//! # Ok(()) }
//! ```
//!
//! Everything runs on tokio, off its event loop where it is slow. The judge ([`Login::judge`])
//! and the machine that restricts attempts (`access::state`) need no runtime.
//!
//! Absent on purpose: sessions, addresses and mail. Outcomes say which sessions end and what to
//! tell to whom.

pub mod accounts;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod hashing;
pub mod notice;
pub mod store;
#[cfg(feature = "axum")]
pub mod web;

/// The program in the README, built and run as it is printed.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod account;
mod clock;
mod credential;
mod error;
mod judging;
mod login;
mod random;

pub use access::{self, DeviceToken, Timestamp, Visitor};
pub use account::{Account, NameFault};
pub use accounts::Accounts;
pub use clock::{Clock, SystemClock};
pub use credential::{Compromise, Credential, CredentialError, Generation, Origin};
pub use error::{FlowError, LoginError};
pub use journal;
pub use login::{Choice, Login, SignIn};
pub use notice::Notice;
pub use password::hash::{
    Checked, HashError, Hasher, RenewReason, StoredHash, StoredHashError, Verified,
};
pub use password::{Assessment, Context, Finding, Password, ReadError};
pub use policy::{self, Language, Policy};
pub use random::NoRandomness;
