//! Ten thousand sign-ins while the server of the counters is killed, twice.
//!
//! Clauses: CNIL 2022-100, case 2. Afterwards every failure that was answered is counted,
//! nobody who came in was given back more than his own attempt, and nobody came in with a wrong
//! password. Each account is tried once, under a block after one failure; each worker has a
//! source of its own, whose counter tells how many failures of it are counted in all.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use access::store::Answer;
use access::{Admission, Ask, CounterKey, KeyMaker, Store, Throttle, Timestamp, Verdict, Visitor};
use rempart::{Choice, Context, Login, SignIn, policy};
use tokio::task::JoinSet;

use super::faults::Server;
use super::{answers_again, now};

const RIGHT: &str = "9fK!r2Vq#tZ7";
const WRONG: &str = "w8$Lp3Xc&nB5";

const WORKERS: u64 = 64;
/// Answered sign-ins of each: over ten thousand together.
const SIGN_INS: u64 = 157;
/// Answered sign-ins before each kill.
const KILLS: [u64; 2] = [3_000, 6_500];
/// Failures that a source may make: more than a worker's wrong passwords, with room for those
/// that nobody was told of. It has thirty days to forget them.
const SOURCE: u64 = 150;

/// A store that notes which successes it was asked to keep and could not say that it did.
struct Noted<S> {
    store: Arc<S>,
    unsettled: Arc<AtomicU64>,
}

/// What a worker was answered.
#[derive(Default)]
struct Told {
    /// Accounts tried with the right password, and with a wrong one.
    right: Vec<u64>,
    wrong: Vec<u64>,
    /// Attempts that ended in an error: each may have been counted.
    errors: u64,
}

pub(super) async fn ten_thousand_sign_ins_lose_nothing<S: Store>(
    store: Arc<S>,
    server: &mut impl Server,
) {
    let unsettled = Arc::new(AtomicU64::new(0));
    let noted = Noted {
        store: store.clone(),
        unsettled: unsettled.clone(),
    };
    let loaded = policy();
    let keys = KeyMaker::with_secret([7; 32]);
    let throttle = Throttle::new(noted, keys, loaded.policy.access());
    let login = Login::new(&loaded).expect("a login flow");
    let login = login.with_throttle(throttle.clone());

    let answered = Arc::new(AtomicU64::new(0));
    let chosen = login.choose(RIGHT.into(), Context::default()).await;
    let Ok(Choice::Kept(hash)) = chosen else {
        panic!("{chosen:?}")
    };
    let hash = Arc::new(hash);
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (login, hash, answered) = (login.clone(), hash.clone(), answered.clone());
        workers.spawn(async move {
            let mut told = Told::default();
            for number in 0.. {
                if told.right.len() + told.wrong.len() == SIGN_INS as usize {
                    break;
                }
                let account = number * WORKERS + worker;
                let (name, typed) = (name(account), typed(account));
                let visitor = Visitor {
                    source: Some(source(worker)),
                    ..Visitor::new(&name)
                };
                let answer = login.sign_in(&visitor, typed.into(), Some(&hash)).await;
                match answer {
                    Ok(SignIn::Yes { .. }) => {
                        assert_eq!(typed, RIGHT, "a wrong password was accepted");
                        told.right.push(account);
                    }
                    Ok(SignIn::No) => {
                        assert_eq!(typed, WRONG, "the right password was refused");
                        told.wrong.push(account);
                    }
                    Ok(other) => panic!("a new account: {other:?}"),
                    Err(_) => {
                        told.errors += 1;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        continue;
                    }
                }
                answered.fetch_add(1, Ordering::Relaxed);
            }
            told
        });
    }
    for enough in KILLS {
        while answered.load(Ordering::Relaxed) < enough {
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(!workers.is_empty(), "the workers go on");
        }
        server.kill();
        server.start_again();
        answers_again(&*store).await;
    }
    let mut all = Vec::new();
    while let Some(ended) = workers.join_next().await {
        all.push(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())));
    }
    let sum = |of: fn(&Told) -> u64| all.iter().map(of).sum::<u64>();
    let (wrong, errors) = (sum(|told| told.wrong.len() as u64), sum(|told| told.errors));
    let unsettled = unsettled.load(Ordering::Relaxed);
    assert!(errors > 0, "the kills were not noticed");

    // Every account says what it was told.
    let mut checks = JoinSet::new();
    for told in &all {
        let (throttle, right, wrong) = (throttle.clone(), told.right.clone(), told.wrong.clone());
        checks.spawn(async move {
            for account in wrong {
                let again = is_blocked(&throttle, account).await;
                assert!(again, "failure {account} was answered and is not counted");
            }
            let mut still_counted = 0;
            for account in right {
                still_counted += u64::from(is_blocked(&throttle, account).await);
            }
            still_counted
        });
    }
    let still_counted: u64 = checks.join_all().await.into_iter().sum();
    assert!(
        still_counted <= unsettled,
        "{still_counted} successes are counted as failures, {unsettled} met the kills"
    );

    // And every source: never fewer failures than its worker was told of.
    let counted = Arc::new(AtomicU64::new(0));
    let mut checks = JoinSet::new();
    for told in &all {
        let worker = told.wrong[0] % WORKERS;
        let least = told.wrong.len() as u64;
        let (throttle, counted) = (throttle.clone(), counted.clone());
        checks.spawn(async move {
            let failures = SOURCE - places(&throttle, worker).await;
            assert!(
                failures >= least,
                "source {worker}: {failures} failures are counted, {least} were answered"
            );
            counted.fetch_add(failures, Ordering::Relaxed);
        });
    }
    checks.join_all().await;
    let counted = counted.load(Ordering::Relaxed);
    assert!(
        counted <= wrong + errors + unsettled,
        "{counted} failures are counted, of {wrong}, {errors} errors and {unsettled} unsettled"
    );
    println!("{wrong} failures, {errors} errors, {unsettled} unsettled; {counted} counted");
}

async fn is_blocked(throttle: &Throttle, account: u64) -> bool {
    let name = name(account);
    let admission = throttle.admit(&Visitor::new(&name), now()).await;
    matches!(admission.expect("a server that runs"), Admission::Blocked)
}

/// How many failures a source still may make, on names that nobody has.
async fn places(throttle: &Throttle, worker: u64) -> u64 {
    for left in 0.. {
        let name = format!("nobody-{worker}-{left}");
        let visitor = Visitor {
            source: Some(source(worker)),
            ..Visitor::new(&name)
        };
        match throttle.admit(&visitor, now()).await {
            Ok(Admission::Go(_)) => {}
            Ok(Admission::Wait { .. }) => return left,
            other => panic!("{other:?}"),
        }
    }
    unreachable!("a source has a limit")
}

fn name(account: u64) -> String {
    format!("account-{account}")
}

/// One of three people knows the password.
fn typed(account: u64) -> &'static str {
    match account % 3 {
        0 => RIGHT,
        _ => WRONG,
    }
}

fn source(worker: u64) -> IpAddr {
    IpAddr::from([192, 0, 2, u8::try_from(worker).expect("a few workers")])
}

fn policy() -> policy::Loaded {
    let text = format!(
        "version = 1\n\
         [access]\nmechanism = \"block\"\nstore-deadline = \"2s\"\n\
         trusted-device = \"never\"\n[access.block]\nafter = 1\n\
         [access.limits]\npair = 0\nsource = {SOURCE}\nsource-window = \"30d\"\n\
         [hash]\nmemory = \"64 KiB\"\niterations = 1\n\
         [[deviation]]\nclause = \"asvs-hash-cost\"\nreason = \"tests count attempts, not time\"\n"
    );
    policy::load(&text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("test", &text, policy::Language::En, false)
        )
    })
}

impl<S: Store> Store for Noted<S> {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        self.store.admit(ask)
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(async move {
            // Also when the caller's deadline drops this.
            self.unsettled.fetch_add(1, Ordering::Relaxed);
            self.store.succeed(ask).await?;
            self.unsettled.fetch_sub(1, Ordering::Relaxed);
            Ok(())
        })
    }

    fn unlock(&self, key: CounterKey, now: Timestamp) -> Answer<'_, ()> {
        self.store.unlock(key, now)
    }
}
