//! Certificates ordered from an authority (RFC 8555), for the sites that ask for `acme`.
//!
//! Everything here happens beside the requests: a gate starts and serves whether or not the
//! authority answers. A site without a certificate yet refuses handshakes for its names, as
//! for any unknown name (RFC 9325, 3.7), and the log says why; every other site is served. A
//! certificate that could not be renewed is served to its end and beyond, and the log grows
//! louder; it is only ever replaced by a better one.
//!
//! - `schedule.rs`: when to order, as a pure machine.
//! - `order.rs`, `desk.rs`, `client.rs`: one order, and what it is made with.
//! - `folder.rs`: what is kept, how several gates share it.
//! - `keeper.rs`: the loop of a gate; [`Office`]: the same by hand, for a command line.
//!
//! What is issued reaches the listener like any other file that changed: see `certify.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use http::{Method, request};
use sha2::{Digest, Sha256};
use transport::certificate::{ChallengeAnswer, Challenges};

mod client;
mod desk;
mod folder;
mod keeper;
mod office;
mod order;
mod progress;
mod schedule;
mod trouble;
mod work;

#[cfg(test)]
mod tests;

pub(crate) use desk::{Desk, read_roots};
pub(crate) use folder::{CertificateTrouble, Folder, Kept};
pub(crate) use keeper::keep;
pub use office::{Office, OrderState, RevocationReason};
pub use trouble::Trouble;
pub(crate) use trouble::quote;

use folder::{Challenge, ChallengeKind};

/// Where `http-01` is answered (RFC 8555, 8.3).
const WELL_KNOWN: &str = "/.well-known/acme-challenge/";

/// Does a request to the authority again while it only refuses our nonce (RFC 8555, 6.5),
/// beyond the tries of the library: the expression is evaluated each time.
macro_rules! patiently {
    ($call:expr) => {{
        let mut tries = 0;
        loop {
            match $call.await {
                Err(instant_acme::Error::Api(problem))
                    if tries < $crate::acme::NONCES && $crate::acme::is_bad_nonce(&problem) =>
                {
                    tries += 1;
                }
                other => break other,
            }
        }
    }};
}
pub(crate) use patiently;

/// How often a refused nonce is replaced, each time after the library's own three tries.
const NONCES: u32 = 10;

fn is_bad_nonce(problem: &instant_acme::Problem) -> bool {
    problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce")
}

/// What answers the challenges in flight, on both listeners.
#[derive(Default)]
pub(crate) struct Answers {
    /// Answers to `http-01`, by token: the host that it is for, and the text.
    files: RwLock<HashMap<String, (String, Bytes)>>,
    /// Answers to `tls-alpn-01`.
    pub(crate) handshakes: Arc<Challenges>,
    /// Why the last order of a site failed, by its first host.
    troubles: Mutex<HashMap<String, Trouble>>,
}

impl Answers {
    /// Puts these in the place of all others.
    fn show(&self, challenges: &[Challenge]) {
        let of_kind = |kind| {
            let challenges = challenges.iter();
            challenges.filter(move |challenge| challenge.kind == kind)
        };
        let files = of_kind(ChallengeKind::Http01).map(|challenge| {
            let answer = Bytes::from(challenge.answer.clone());
            (challenge.token.clone(), (challenge.host.clone(), answer))
        });
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files.collect();
        let handshakes = of_kind(ChallengeKind::TlsAlpn01).filter_map(|challenge| {
            let digest = Sha256::digest(challenge.answer.as_bytes());
            ChallengeAnswer::new(&challenge.host, digest.into()).ok()
        });
        self.handshakes.replace(handshakes);
    }

    /// The answer to a request in clear, if it is a challenge in flight for this host. The
    /// path is compared with tokens that we know; nothing is ever opened by it.
    pub(crate) fn file(&self, head: &request::Parts, host: &str) -> Option<Bytes> {
        if !matches!(head.method, Method::GET | Method::HEAD) || head.uri.query().is_some() {
            return None;
        }
        let token = head.uri.path().strip_prefix(WELL_KNOWN)?;
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let (asked, answer) = files.get(token)?;
        (asked == host).then(|| answer.clone())
    }

    /// Why the last order of a site failed, by its first host.
    pub(crate) fn trouble(&self, host: &str) -> Option<Trouble> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.get(host).cloned()
    }
}
