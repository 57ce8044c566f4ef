//! What a connection must look like: TLS, HSTS, headers, cookies.
//!
//! Bytes in, bytes out. The gate owns the sockets, the clock and the files, and asks this
//! crate what a handshake may negotiate ([`tls`], [`certificate`], [`clients`], [`dev`]), who is asked
//! for and by whom ([`host`], [`forwarded`], [`hops`], [`proxy_protocol`], [`trace`]), where a
//! message begins and ends
//! ([`framing`]), what may pass in a request ([`header`]) and what must be mended in an answer
//! ([`hsts`], [`ladder`], [`cookie`], [`location`], [`endless`], [`csp`], [`answer`], [`redirect`], and pages themselves with the
//! feature `html`). The requirements are those of RFC 6797, RFC 7239, RFC 9110, RFC 9112,
//! RFC 9325, RFC 6265bis, ANSSI SDE-NT-35 and Mozilla Server Side TLS; each module names
//! its own.
//!
//! [`Encrypted`] is the proof that ties the two halves together: only a finished TLS
//! handshake makes one, and an HSTS field cannot be written without one.
//!
//! Absent on purpose: tokio, hyper, sockets, files and the clock.

pub mod answer;
pub mod certificate;
pub mod clients;
pub mod cookie;
pub mod csp;
pub mod dev;
pub mod endless;
pub mod forwarded;
pub mod framing;
pub mod header;
pub mod hops;
pub mod host;
pub mod hsts;
pub mod ladder;
pub mod location;
#[cfg(feature = "html")]
pub mod page;
pub mod proxy_protocol;
pub mod redirect;
pub mod tickets;
pub mod tls;
pub mod trace;

mod encrypted;
#[cfg(test)]
mod testing;

pub use encrypted::Encrypted;
