//! The flows, on a virtual clock, with cheap hashes. Each module is one subject.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use access::{Timestamp, Visitor};
use journal::{Collected, Kind};

use super::*;
use crate::notice::What;
use crate::store::Memory;

mod compromised;
mod devices;
mod interrupted;
mod life;
mod limits;
mod links;
mod operated;
mod registration;
mod told;
mod work;

const OLD: &str = "9fK!r2Vq#tZ7";
const NEW: &str = "w8$Lp3Xc&nB5";
const THIRD: &str = "h4@Gs6Yd%mQ1";
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Accounts of one test.
struct Bench {
    accounts: Accounts,
    journal: Collected,
    store: Arc<Memory>,
    clock: Arc<AtomicU64>,
}

/// Accounts under a policy of cheap hashes and whatever else is written.
fn bench(more: &str) -> Bench {
    let store = Arc::new(Memory::new());
    bench_on(store.clone(), store, more)
}

fn bench_on(kept: impl Credentials, store: Arc<Memory>, more: &str) -> Bench {
    let loaded = policy(more, 64);
    let clock = Arc::new(AtomicU64::new(1_800_000_000));
    let (journal, told) = (Collected::default(), clock.clone());
    let login = Login::new(&loaded)
        .expect("a login flow")
        .with_journal(journal.clone())
        .with_clock(move || Timestamp::new(Duration::from_secs(told.load(Ordering::SeqCst))));
    Bench {
        accounts: Accounts::new(login, kept),
        journal,
        store,
        clock,
    }
}

/// A policy whose hashes take so many KiB.
fn policy(more: &str, kib: u32) -> policy::Loaded {
    let text = format!(
        "version = 1\n{more}\n[hash]\nmemory = \"{kib} KiB\"\niterations = 1\nworkers = 2\n\
         [[deviation]]\nclause = \"asvs-hash-cost\"\nreason = \"tests count hashes, not time\"\n"
    );
    let loaded = policy::load(&text);
    loaded.unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("test", &text, policy::Language::En, false)
        )
    })
}

/// A hash of [`OLD`] from an age when they cost less.
async fn legacy() -> StoredHash {
    let login = Login::new(&policy("", 32)).expect("a login flow");
    match login.choose(bytes(OLD), Context::none()).await {
        Ok(crate::Choice::Kept(hash)) => hash,
        other => panic!("{other:?}"),
    }
}

impl Bench {
    fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// An account that has [`OLD`]; what was noted of it is forgotten.
    async fn with_ana(self) -> Self {
        let made = self
            .accounts
            .create(&ana(), bytes(OLD), &[])
            .await
            .expect("an answer");
        assert!(matches!(made, Create::Done(_)), "{made:?}");
        self.journal.take();
        self
    }

    async fn sign_in(&self, typed: &str) -> SignIn {
        self.sign_in_as(&ana(), typed).await
    }

    async fn sign_in_as(&self, visitor: &Visitor<'_>, typed: &str) -> SignIn {
        self.accounts
            .sign_in(visitor, bytes(typed))
            .await
            .expect("an answer")
    }

    async fn signs_in(&self, typed: &str) -> bool {
        // Not because the account waits.
        self.pass(DAY + HOUR);
        matches!(self.sign_in(typed).await, SignIn::Yes(_))
    }

    async fn change(&self, current: &str, new: &str) -> Change {
        self.accounts
            .change(&ana(), bytes(current), bytes(new), &[])
            .await
            .expect("an answer")
    }

    async fn reset(&self, secret: &str, new: &str) -> Reset {
        self.accounts
            .reset(secret, &Visitor::new(""), bytes(new), &[])
            .await
            .expect("an answer")
    }

    /// The secret of a reset link for Ana.
    async fn reset_link(&self) -> String {
        secret(self.accounts.ask_reset(&ana()).await.expect("an answer"))
    }

    async fn credential(&self) -> Credential {
        self.accounts
            .credential(&name())
            .await
            .expect("an answer")
            .expect("a record")
    }

    /// The codes of what was noted since it was last asked.
    fn noted(&self) -> Vec<&'static str> {
        let events = self.journal.take();
        events.iter().map(|event| event.code().name()).collect()
    }

    /// Hashes computed so far, of any class.
    fn hashes(&self) -> u64 {
        let tally = self.accounts.login().hashing().hasher().tally();
        tally.iter().map(|(_, count)| count).sum()
    }
}

fn ana() -> Visitor<'static> {
    Visitor::new("ana@example.fr")
}

fn from(last: u8) -> Visitor<'static> {
    Visitor {
        source: Some(std::net::IpAddr::from([192, 0, 2, last])),
        ..ana()
    }
}

fn name() -> Account {
    Account::read("ana@example.fr").expect("a name")
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// The secret of the one link that was sent.
fn secret(asked: Asked) -> String {
    match asked {
        Asked::Sent(notices) => {
            let [notice] = &notices[..] else {
                panic!("{notices:?}");
            };
            let token = notice.token().expect("a link");
            token.expose().to_owned()
        }
        Asked::Wait(time) => panic!("wait {time:?}"),
    }
}

/// Polls a future so many times and drops it; its answer if it was ready before.
async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
