use super::*;
use crate::Memory;
use crate::store::Verdict;
use std::sync::Mutex;

mod alike;
mod other;

fn policy(lines: &str) -> AccessPolicy {
    policy::load(&format!("version = 1\n{lines}"))
        .expect("a lawful policy")
        .policy
        .access()
        .clone()
}

fn throttle(lines: &str) -> Throttle {
    let keys = KeyMaker::with_secret([7; 32]);
    Throttle::new(Memory::new(10_000), keys, &policy(lines))
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(1_800_000_000 + seconds))
}

fn from(name: &str, last: u8) -> Visitor<'_> {
    Visitor {
        source: Some(IpAddr::from([192, 0, 2, last])),
        ..Visitor::new(name)
    }
}

async fn admit(throttle: &Throttle, visitor: &Visitor<'_>, now: Timestamp) -> Admission {
    throttle.admit(visitor, now).await.expect("an answer")
}

async fn go(throttle: &Throttle, visitor: &Visitor<'_>, now: Timestamp) -> Attempt {
    match admit(throttle, visitor, now).await {
        Admission::Go(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

/// Which counter makes the visitor wait.
async fn waits(throttle: &Throttle, visitor: &Visitor<'_>, now: Timestamp) -> Option<Scope> {
    match admit(throttle, visitor, now).await {
        Admission::Wait { scope, .. } => Some(scope),
        _ => None,
    }
}

async fn token(throttle: &Throttle, name: &str, now: Timestamp) -> String {
    let success = go(throttle, &Visitor::new(name), now).await.succeed().await;
    let token = success.device_token().expect("randomness").expect("trust");
    token.as_str().to_owned()
}

#[tokio::test]
async fn an_attempt_counts_until_it_succeeds() {
    let throttle = throttle("");
    drop(go(&throttle, &from("ana", 1), at(0)).await);
    let ana = from("ana", 1);
    assert_eq!(waits(&throttle, &ana, at(0)).await, Some(Scope::Account));
    let success = go(&throttle, &ana, at(4)).await.succeed().await;
    assert!(success.unsettled().is_none());
    let again = go(&throttle, &ana, at(4)).await;
    assert!(again.unrestricted().is_none());
    assert_eq!(again.account(), throttle.account("ANA "));
}

#[tokio::test]
async fn each_cap_holds_beside_the_account() {
    let throttle = throttle("[access.limits]\nsource = 10\npair = 3\nsite = 20");
    // Four sources on one account, an hour apart so that the account itself is ready.
    let mut hour = 0;
    for _ in 0..3 {
        drop(go(&throttle, &from("ana", 1), at(hour)).await);
        hour += 3_600;
    }
    let pair = waits(&throttle, &from("ana", 1), at(hour)).await;
    assert_eq!(pair, Some(Scope::Pair));
    drop(go(&throttle, &from("ana", 2), at(hour)).await);
    // One source on many accounts.
    for name in 0..10 {
        drop(go(&throttle, &from(&format!("name-{name}"), 3), at(hour)).await);
    }
    let source = waits(&throttle, &from("name-10", 3), at(hour)).await;
    assert_eq!(source, Some(Scope::Source));
    // Its addresses are written in another way, too.
    let mapped = Visitor {
        source: Some("::ffff:192.0.2.3".parse().expect("an address")),
        ..Visitor::new("name-11")
    };
    assert_eq!(
        waits(&throttle, &mapped, at(hour)).await,
        Some(Scope::Source)
    );
    // Many sources on many accounts.
    for other in 0..9 {
        drop(
            go(
                &throttle,
                &from(&format!("other-{other}"), 10 + other),
                at(hour),
            )
            .await,
        );
    }
    let site = waits(&throttle, &from("other-9", 30), at(hour)).await;
    assert_eq!(site, Some(Scope::Site));
}

#[tokio::test]
async fn a_refused_attempt_costs_the_source_nothing() {
    let throttle = throttle("[access.limits]\nsource = 2\npair = 0");
    drop(go(&throttle, &from("ana", 1), at(0)).await);
    for _ in 0..50 {
        let scope = waits(&throttle, &from("ana", 1), at(0)).await;
        assert_eq!(scope, Some(Scope::Account));
    }
    drop(go(&throttle, &from("bob", 1), at(0)).await);
    let scope = waits(&throttle, &from("eve", 1), at(0)).await;
    assert_eq!(scope, Some(Scope::Source));
}

#[tokio::test]
async fn a_stranger_cannot_lock_out_a_known_browser() {
    let throttle = throttle("[access]\nmechanism = \"block\"");
    let token = token(&throttle, "ana", at(0)).await;
    for number in 0..10 {
        drop(go(&throttle, &from("ana", number), at(1)).await);
    }
    let blocked = admit(&throttle, &from("ana", 11), at(2)).await;
    assert!(matches!(blocked, Admission::Blocked), "{blocked:?}");
    let browser = Visitor {
        device: Some(&token),
        ..from("ana", 11)
    };
    let attempt = go(&throttle, &browser, at(2)).await;
    assert!(attempt.is_from_trusted_device());
    // Its own counter has the same limit, of which one attempt is used.
    for _ in 0..9 {
        drop(go(&throttle, &browser, at(2)).await);
    }
    let blocked = admit(&throttle, &browser, at(2)).await;
    assert!(matches!(blocked, Admission::Blocked), "{blocked:?}");
    // An unlock from that browser opens all that concerns the account.
    throttle.unlock(&browser, at(3)).await.expect("an answer");
    drop(go(&throttle, &browser, at(3)).await);
    drop(go(&throttle, &from("ana", 11), at(3)).await);
}

#[tokio::test]
async fn a_token_that_is_not_the_accounts_own_is_none() {
    let throttle = throttle("");
    let bobs = token(&throttle, "bob", at(0)).await;
    let anas = token(&throttle, "ana", at(0)).await;
    drop(go(&throttle, &Visitor::new("ana"), at(0)).await);
    let expired = at(91 * 86_400);
    for (device, now, scope) in [
        (bobs.as_str(), at(1), Some(Scope::Account)),
        ("", at(1), Some(Scope::Account)),
        ("forged", at(1), Some(Scope::Account)),
        (anas.as_str(), at(1), None),
        (anas.as_str(), at(1), Some(Scope::Device)),
    ] {
        let visitor = Visitor {
            device: Some(device),
            ..Visitor::new("ana")
        };
        assert_eq!(waits(&throttle, &visitor, now).await, scope, "{device}");
    }
    let visitor = Visitor {
        device: Some(&anas),
        ..Visitor::new("ana")
    };
    let attempt = go(&throttle, &visitor, expired).await;
    assert!(!attempt.is_from_trusted_device());
}

#[tokio::test]
async fn a_device_stays_the_same_when_its_token_is_renewed() {
    let throttle = throttle("");
    let first = token(&throttle, "ana", at(0)).await;
    let with = |device| Visitor {
        device: Some(device),
        ..Visitor::new("ana")
    };
    let success = go(&throttle, &with(&first), at(9)).await.succeed().await;
    let second = success.device_token().expect("randomness").expect("trust");
    assert_ne!(second.as_str(), first);
    drop(go(&throttle, &with(second.as_str()), at(10)).await);
    // The counter is the device's, whichever token names it.
    let scope = waits(&throttle, &with(&first), at(10)).await;
    assert_eq!(scope, Some(Scope::Device));
}

#[tokio::test]
async fn no_device_is_trusted_where_the_policy_says_never() {
    let trusting = throttle("");
    let token = token(&trusting, "ana", at(0)).await;
    let throttle = throttle("[access]\ntrusted-device = \"never\"");
    let visitor = Visitor {
        device: Some(&token),
        ..Visitor::new("ana")
    };
    let attempt = go(&throttle, &visitor, at(1)).await;
    assert!(!attempt.is_from_trusted_device());
    let success = attempt.succeed().await;
    assert!(success.device_token().expect("randomness").is_none());
}

#[tokio::test]
async fn sites_share_sources_but_not_accounts() {
    let throttle = throttle("[access.limits]\nsource = 2\npair = 0");
    let shop = throttle.for_site("shop");
    drop(go(&throttle, &from("ana", 1), at(0)).await);
    assert_ne!(throttle.account("ana"), shop.account("ana"));
    drop(go(&shop, &from("ana", 1), at(0)).await);
    let scope = waits(&shop, &from("bob", 1), at(0)).await;
    assert_eq!(scope, Some(Scope::Source));
}

#[tokio::test]
async fn presence_is_asked_for_and_taken() {
    let throttle = throttle(
        "[access]\nmechanism = \"captcha\"\n[access.captcha]\nafter = 1\n[access.limits]\npair = 0",
    );
    drop(go(&throttle, &from("ana", 1), at(0)).await);
    let asked = admit(&throttle, &from("ana", 1), at(0)).await;
    assert!(matches!(asked, Admission::ProvePresence(_)), "{asked:?}");
    let proved = Visitor {
        presence: true,
        ..from("ana", 1)
    };
    drop(go(&throttle, &proved, at(0)).await);
}

/// A store that does as it is told.
#[derive(Default)]
struct Told {
    silent: bool,
    error: Mutex<Option<StoreError>>,
    succeeded: Mutex<u32>,
}

impl Told {
    fn answer<T: Send + 'static>(&self, good: T) -> Answer<'_, T> {
        if self.silent {
            return Box::pin(std::future::pending());
        }
        let error = self.error.lock().expect("a lock").take();
        Box::pin(std::future::ready(error.map_or(Ok(good), Err)))
    }
}

impl Store for Told {
    fn admit<'a>(&'a self, _ask: &'a Ask) -> Answer<'a, Verdict> {
        self.answer(Verdict::Admit)
    }

    fn succeed<'a>(&'a self, _ask: &'a Ask) -> Answer<'a, ()> {
        *self.succeeded.lock().expect("a lock") += 1;
        self.answer(())
    }

    fn unlock(&self, _key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        self.answer(())
    }
}

fn over(told: Told, open: bool) -> (Arc<Told>, Throttle) {
    let told = Arc::new(told);
    let keys = KeyMaker::with_secret([7; 32]);
    let mut policy = policy("");
    if open {
        policy.when_store_is_down = WhenStoreIsDown::Open;
    }
    policy.store_deadline = Duration::from_millis(20);
    (told.clone(), Throttle::new(told, keys, &policy))
}

fn failing(error: StoreError) -> Told {
    Told {
        error: Mutex::new(Some(error)),
        ..Told::default()
    }
}

fn unreachable() -> StoreError {
    StoreError::Unreachable("cut".into())
}

#[tokio::test]
async fn a_store_that_is_down_closes_the_door_with_a_typed_refusal() {
    let silent = Told {
        silent: true,
        ..Told::default()
    };
    let (_, throttle) = over(silent, false);
    let error = throttle.admit(&Visitor::new("ana"), at(0)).await;
    assert!(matches!(error, Err(ThrottleError::Late(_))), "{error:?}");
    let error = throttle.unlock(&Visitor::new("ana"), at(0)).await;
    assert!(matches!(error, Err(ThrottleError::Late(_))), "{error:?}");
    let (_, throttle) = over(failing(unreachable()), false);
    let error = throttle.admit(&Visitor::new("ana"), at(0)).await;
    assert!(
        matches!(error, Err(ThrottleError::Store(StoreError::Unreachable(_)))),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_open_door_says_that_nothing_was_counted() {
    for told in [
        failing(unreachable()),
        Told {
            silent: true,
            ..Told::default()
        },
    ] {
        let (told, throttle) = over(told, true);
        let attempt = go(&throttle, &Visitor::new("ana"), at(0)).await;
        assert!(attempt.unrestricted().is_some());
        let success = attempt.succeed().await;
        assert!(success.unsettled().is_some());
        let succeeded = *told.succeeded.lock().expect("a lock");
        assert_eq!(succeeded, 0, "what may not be counted is not taken back");
    }
}

#[tokio::test]
async fn a_damaged_counter_is_no_outage() {
    let (_, throttle) = over(failing(StoreError::Corrupt("byte".into())), true);
    let error = throttle.admit(&Visitor::new("ana"), at(0)).await;
    assert!(
        matches!(error, Err(ThrottleError::Store(StoreError::Corrupt(_)))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_success_stands_when_the_store_goes_down_after_it_was_admitted() {
    let (told, throttle) = over(Told::default(), false);
    let attempt = go(&throttle, &Visitor::new("ana"), at(0)).await;
    *told.error.lock().expect("a lock") = Some(unreachable());
    let success = attempt.succeed().await;
    assert!(success.unsettled().is_some());
    let token = success.device_token().expect("randomness");
    assert!(token.is_some(), "the browser is known all the same");
}

#[tokio::test]
async fn an_excuse_takes_back_one_failure_and_no_other() {
    let throttle = throttle("[access]\nmechanism = \"block\"\n[access.block]\nafter = 2");
    let ana = Visitor::new("ana");
    drop(go(&throttle, &ana, at(0)).await);
    for second in 1..4 {
        let error = go(&throttle, &ana, at(second)).await.excuse().await;
        assert!(error.is_none());
    }
    drop(go(&throttle, &ana, at(4)).await);
    let blocked = admit(&throttle, &ana, at(5)).await;
    assert!(matches!(blocked, Admission::Blocked), "{blocked:?}");
}

#[test]
fn memory_needs_no_runtime() {
    let throttle = throttle("");
    let visitor = from("ana", 1);
    let mut future = std::pin::pin!(throttle.admit(&visitor, at(0)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let answer = future.as_mut().poll(&mut context);
    assert!(matches!(answer, Poll::Ready(Ok(Admission::Go(_)))));
}

#[test]
fn nothing_of_a_visitor_is_shown() {
    let visitor = Visitor {
        device: Some("token"),
        ..Visitor::new("hunter2")
    };
    let shown = format!("{visitor:?} {:?}", throttle(""));
    assert_eq!(shown, "Visitor(..) Throttle(..)");
}

#[tokio::test]
async fn a_policy_opens_its_own_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |lines: &str| Throttle::open(&policy(lines), folder.path());
    drop(go(&open("").expect("memory"), &Visitor::new("ana"), at(0)).await);
    let shared = "[access]\nstore = \"redis://127.0.0.1:1/0\"\nkey = { file = \"none.key\" }";
    let error = open(shared).expect_err("no key file");
    assert!(matches!(error, OpenError::Key(_)), "{error:?}");
    #[cfg(feature = "redb")]
    {
        let lines = "[access]\nstore = \"redb:counters.redb\"";
        let throttle = open(lines).expect("a file");
        drop(go(&throttle, &Visitor::new("ana"), at(0)).await);
        let error = open(lines).expect_err("a file in use");
        assert!(
            matches!(error, OpenError::Store(StoreError::InUse(_))),
            "{error:?}"
        );
        drop(throttle);
        let again = open(lines).expect("the same file");
        let scope = waits(&again, &Visitor::new("Ana"), at(0)).await;
        assert_eq!(scope, Some(Scope::Account), "the same counters and key");
    }
}
