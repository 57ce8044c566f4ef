//! Looks at one site and does what its schedule says, holding the folder's lock.
//!
//! Everything is looked at again once the lock is held: another gate may have ordered
//! meanwhile, and then there is nothing left to do.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use instant_acme::CertificateIdentifier;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use transport::certificate::{CertificateError, Identity};

use super::client::Client;
use super::desk::Desk;
use super::folder::{CertificateTrouble, hex};
use super::order::order;
use super::patiently;
use super::progress::Progress;
use super::schedule::{ASK_AGAIN, Advice, Held, Standing, Step};
use super::trouble::Trouble;

/// For one whole order, whatever happens.
const LONGEST_ORDER: Duration = Duration::from_secs(10 * 60);
/// Bounds on how long a suggestion is believed (RFC 9773, 4.3.2).
const GOOD_FOR: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(24 * 60 * 60));

/// What is known of one site.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) standing: Standing,
    pub(crate) progress: Progress,
    /// The certificate at hand.
    pub(crate) leaf: Option<CertificateDer<'static>>,
}

/// What came of attending to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// There is a new certificate.
    Ordered,
    /// The authority said when to renew, or nothing was to be done any more.
    Nothing,
}

impl Look {
    /// Reads the files of a site. Blocks.
    pub(crate) fn at(desk: &Desk, hosts: &[String], now: SystemTime) -> Self {
        let name = first(hosts);
        let progress = desk.folder.progress(name);
        let kept = match desk.folder.certificate(name, now) {
            // Its dates count, although it cannot be served at this time.
            Err(CertificateTrouble::Refused(
                CertificateError::Expired {
                    position: 1,
                    not_after: then,
                }
                | CertificateError::NotYetValid {
                    position: 1,
                    not_before: then,
                },
            )) => desk.folder.certificate(name, then),
            kept => kept,
        };
        // Any other fault makes it as good as none; `certify.rs` says so in the log.
        let kept = kept.ok().flatten();
        let held = kept.as_ref().map(|kept| {
            let here = kept.directory == desk.policy.directory.url();
            let covers = hosts.iter().all(|host| kept.identity.covers(host));
            held(&kept.identity, here && covers)
        });
        let leaf = kept.and_then(|kept| kept.identity.certified_key().cert.first().cloned());
        let digest = leaf.as_ref().map(|leaf| digest(leaf));
        Self {
            standing: progress.standing(held, digest.as_deref()),
            progress,
            leaf,
        }
    }
}

/// Does the next step of a site's schedule; with `force`, orders whatever it says.
pub(crate) async fn attend(
    desk: Arc<Desk>,
    hosts: Vec<String>,
    force: bool,
) -> Result<Done, Trouble> {
    let lock = desk.on_disk(|folder| folder.lock()).await?;
    let Some(lock) = lock else {
        return Err(Trouble::Busy);
    };
    let mut look = {
        let (desk, hosts) = (Arc::clone(&desk), hosts.clone());
        desk.clone()
            .on_disk(move |folder| {
                folder.tidy(&lock);
                Ok((Look::at(&desk, &hosts, SystemTime::now()), lock))
            })
            .await?
    };
    let (look, _lock) = (&mut look.0, &look.1);
    let step = look
        .standing
        .next(desk.policy.renew_before, SystemTime::now());
    match step {
        Step::Order(_) => {}
        _ if force => {}
        Step::Wait(_) => return Ok(Done::Nothing),
        Step::Ask => {
            ask(&desk, look).await;
            keep_progress(&desk, &hosts, look).await?;
            return Ok(Done::Nothing);
        }
    }
    let client = client(&desk).await?;
    // The failure is counted before the order begins, so that a gate that is killed in the
    // middle of each, or that cannot write, does not begin one after the other.
    let before = look.standing.clone();
    let begun = SystemTime::now();
    let setback = Trouble::Interrupted.setback();
    look.standing.failed(setback, None, chance(), begun);
    look.progress
        .note_attempt(look.standing.last, Some(Trouble::Interrupted));
    keep_progress(&desk, &hosts, look).await?;
    look.standing = before;
    let result =
        match tokio::time::timeout(LONGEST_ORDER, place(&desk, &client, &hosts, look)).await {
            Ok(result) => result,
            Err(_elapsed) => Err(Trouble::Slow),
        };
    let now = SystemTime::now();
    match &result {
        Ok(()) => look.standing.succeeded(now),
        Err(trouble) => {
            let wish = client.wish();
            let setback = trouble.setback();
            look.standing.failed(setback, wish, chance(), now);
        }
    }
    let trouble = result.as_ref().err().cloned();
    look.progress.note_attempt(look.standing.last, trouble);
    keep_progress(&desk, &hosts, look).await?;
    result.map(|()| Done::Ordered)
}

/// Orders, and keeps what was issued.
async fn place(
    desk: &Arc<Desk>,
    client: &Client,
    hosts: &[String],
    look: &Look,
) -> Result<(), Trouble> {
    let failures = look.standing.last.map_or(0, |last| last.failures);
    let kind = desk.challenge(failures);
    // Only an authority that suggests windows wants to know what is replaced.
    let suggests = look
        .standing
        .advice
        .is_some_and(|advice| advice.window.is_some());
    let replaces = look.leaf.as_ref().filter(|_| suggests);
    let issued = order(desk, client, hosts, kind, replaces).await?;
    let name = first(hosts).to_owned();
    let directory = desk.policy.directory.url().to_owned();
    desk.on_disk(move |folder| {
        folder.keep_certificate(&name, &directory, &issued.key, &issued.chain)
    })
    .await
}

/// Asks the authority when to renew (RFC 9773, 4). A failure changes nothing but when to ask
/// again: the certificate still has its usual time.
async fn ask(desk: &Arc<Desk>, look: &mut Look) {
    let Some(leaf) = &look.leaf else { return };
    let answer = suggestion(desk, leaf).await;
    let given = SystemTime::now();
    let advice = match answer {
        Ok(Some((window, good_for))) => Advice {
            window: Some(window),
            given,
            good_for: good_for.clamp(GOOD_FOR.0, GOOD_FOR.1),
        },
        // It suggests nothing: it may begin to.
        Ok(None) => Advice {
            window: None,
            given,
            good_for: GOOD_FOR.1,
        },
        Err(trouble) => {
            tracing::debug!(%trouble, "no renewal information");
            Advice {
                window: look.standing.advice.and_then(|advice| advice.window),
                given,
                good_for: ASK_AGAIN,
            }
        }
    };
    look.standing.advice = Some(advice);
    look.progress.note_advice(&digest(leaf), advice);
}

type Window = (SystemTime, SystemTime);

/// The window that the authority suggests and for how long, if it suggests any.
async fn suggestion(
    desk: &Arc<Desk>,
    leaf: &CertificateDer<'_>,
) -> Result<Option<(Window, Duration)>, Trouble> {
    let Ok(id) = CertificateIdentifier::try_from(leaf) else {
        return Ok(None);
    };
    let client = client(desk).await?;
    let Some(account) = desk.known_account(&client).await? else {
        return Ok(None);
    };
    match patiently!(account.renewal_info(&id)) {
        Ok((info, good_for)) => {
            let window = info.suggested_window;
            Ok(Some(((window.start.into(), window.end.into()), good_for)))
        }
        Err(instant_acme::Error::Unsupported(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reading the system's authorities takes a while, so it is done where that hurts nobody.
pub(crate) async fn client(desk: &Arc<Desk>) -> Result<Client, Trouble> {
    let with = Arc::clone(desk);
    desk.on_disk(move |_| Ok(with.client())).await
}

async fn keep_progress(desk: &Desk, hosts: &[String], look: &Look) -> Result<(), Trouble> {
    let (name, progress) = (first(hosts).to_owned(), look.progress.clone());
    desk.on_disk(move |folder| folder.keep_progress(&name, &progress))
        .await
}

/// The host that a site's files are named after.
pub(crate) fn first(hosts: &[String]) -> &str {
    hosts.first().map_or("", String::as_str)
}

pub(crate) fn held(identity: &Identity, fits: bool) -> Held {
    let key = identity.certified_key();
    let leaf = key.cert.first().map_or(&[][..], |leaf| leaf.as_ref());
    Held {
        not_before: identity.not_before(),
        not_after: identity.not_after(),
        fits,
        lot: lot(leaf),
    }
}

fn digest(leaf: &[u8]) -> String {
    hex(&Sha256::digest(leaf))
}

/// From 0 to 1, the same for the same certificate wherever it is computed.
fn lot(leaf: &[u8]) -> f64 {
    let digest = Sha256::digest(leaf);
    let number = digest
        .iter()
        .take(4)
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    f64::from(number) / f64::from(u32::MAX)
}

/// From 0 to 1. Nothing secret hangs on it.
fn chance() -> f64 {
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    let digest = Sha256::digest([nanos.to_be_bytes(), std::process::id().to_be_bytes()].concat());
    f64::from(digest[0]) / 255.0
}
