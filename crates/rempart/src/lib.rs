//! The library that a login flow adds.
//!
//! [`Login`] holds one policy and does the three things that a flow needs: judge and keep
//! a chosen password, verify a typed one, and restrict attempts. It is built from the same
//! `policy.toml` as the gate and the command line, and gives the same verdict.
//!
//! ```no_run
//! # async fn demo(typed: Vec<u8>, stored: Option<rempart::StoredHash>) -> Result<(), Box<dyn std::error::Error>> {
//! use rempart::{Choice, Context, Login, SignIn, policy};
//!
//! let loaded = policy::load("version = 1")?;
//! let login = Login::new(&loaded)?;
//!
//! // Sign up: a hash to keep, or reasons to show.
//! match login.choose(typed, Context::new(["ana@example.fr"])).await? {
//!     Choice::Kept(hash) => println!("{}", hash.as_str()),
//!     Choice::Refused(assessment) => println!("{} reasons", assessment.findings().len()),
//! }
//!
//! // Sign in: the failure is counted before the hash is computed.
//! # let typed = Vec::new();
//! match login.sign_in("ana@example.fr", typed, stored.as_ref()).await? {
//!     SignIn::Yes { .. } => println!("welcome"),
//!     SignIn::No => println!("unknown identifier or password"),
//!     SignIn::Wait(time) => println!("try again in {} s", time.as_secs()),
//!     SignIn::ProvePresence => println!("solve this first, then `sign_in_with_presence`"),
//!     SignIn::Blocked => println!("ask us to unlock it"),
//! }
//! # Ok(()) }
//! ```
//!
//! Absent on purpose: accounts, sessions and mail. Where hashes are stored is the
//! application's choice.

pub mod hashing;

mod login;

pub use login::{Choice, Login, LoginError, SignIn};
pub use password::hash::{
    Checked, HashError, Hasher, RenewReason, StoredHash, StoredHashError, Verified,
};
pub use password::{Assessment, Context, Finding, Password, ReadError};
pub use policy::{self, Language, Policy};
