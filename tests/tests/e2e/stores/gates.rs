//! Several programs, one store, as a policy names it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use access::postgres::migrate;
use access::remote::{ConnectError, Endpoint, OpenError};
use access::{Admission, Throttle, ThrottleError, Visitor};
use policy::access::AccessPolicy;
use rempart_tests::{postgres, redis};
use tokio::task::JoinSet;

use super::now;

const PASSWORD: &str = "a password with spaces, and 'quotes'";

/// A policy's folder with the key and the password in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in [
        ("access.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("store.password", PASSWORD),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, format!("{content}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    folder
}

fn policy(url: &str, more: &str) -> AccessPolicy {
    let text = format!(
        "version = 1\n[access]\nstore = \"{url}\"\n\
         store-password = {{ file = \"store.password\" }}\n\
         key = {{ file = \"access.key\" }}\n{more}\n\
         mechanism = \"block\"\n[access.block]\nafter = 10\n"
    );
    let loaded = policy::load(&text).unwrap_or_else(|report| panic!("{report:?}"));
    loaded.policy.access().clone()
}

async fn connect(policy: &AccessPolicy, base: &Path) -> Throttle {
    Throttle::connect(policy, base).await.expect("a throttle")
}

/// 1,000 attempts at once over two gates: as many pass as over one.
async fn two_gates_count_together(policy: &AccessPolicy) {
    let folder = folder();
    let gates = [
        connect(policy, folder.path()).await,
        connect(policy, folder.path()).await,
    ];
    let now = now();
    let mut attempts = JoinSet::new();
    for number in 0..1_000 {
        let gate = gates[number % 2].clone();
        attempts.spawn(async move {
            let admission = gate.admit(&Visitor::new("ana@example.fr"), now).await;
            matches!(admission.expect("an answer"), Admission::Go(_))
        });
    }
    let passed = attempts.join_all().await.into_iter().filter(|went| *went);
    assert_eq!(passed.count(), 10, "of 1,000 attempts over two gates");
    let ana = Visitor::new("ANA@example.fr");
    gates[0].unlock(&ana, now).await.expect("an answer");
    let admission = gates[1].admit(&ana, now).await.expect("an answer");
    assert!(matches!(admission, Admission::Go(_)), "{admission:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gates_share_one_redis() {
    let server = redis::Redis::with(&["--requirepass", PASSWORD]);
    let policy = policy(&server.url(), "store-deadline = \"30s\"");
    two_gates_count_together(&policy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gates_share_one_postgres() {
    let server = postgres::Postgres::start();
    let owner = postgres::Postgres::OWNER;
    let sql = format!(
        "ALTER ROLE {owner} PASSWORD '{}'",
        PASSWORD.replace('\'', "''")
    );
    server.ask(&sql);
    let endpoint = Endpoint::new(server.url(owner)).password(PASSWORD);
    migrate(&endpoint).await.expect("a new database");
    let policy = policy(&server.url(owner), "store-deadline = \"30s\"");
    two_gates_count_together(&policy).await;
}

/// A frozen store under both choices of the policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_store_is_answered_as_the_policy_says() {
    let server = redis::Redis::with(&["--requirepass", PASSWORD]);
    let folder = folder();
    let closed = policy(&server.url(), "store-deadline = \"200ms\"");
    let mut open = closed.clone();
    open.when_store_is_down = policy::access::WhenStoreIsDown::Open;
    let (closed, open) = (
        connect(&closed, folder.path()).await,
        connect(&open, folder.path()).await,
    );
    server.freeze();
    let ana = Visitor::new("ana@example.fr");
    let refused = closed.admit(&ana, now()).await;
    assert!(
        matches!(
            refused,
            Err(ThrottleError::Late(_) | ThrottleError::Store(_))
        ),
        "{refused:?}"
    );
    let Ok(Admission::Go(attempt)) = open.admit(&ana, now()).await else {
        panic!("the policy says open")
    };
    assert!(attempt.unrestricted().is_some(), "it must say so");
    server.thaw();
    for _ in 0..200 {
        if closed.admit(&ana, now()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store never answered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_at_the_start() {
    let server = redis::Redis::with(&["--requirepass", PASSWORD]);
    let policy = policy(&server.url(), "");
    let folder = folder();
    let password = folder.path().join("store.password");
    fs::write(&password, "another\n").expect("a file");
    let error = Throttle::connect(&policy, folder.path()).await.err();
    let wrong = matches!(error, Some(ConnectError::Remote(OpenError::WrongPassword)));
    assert!(wrong, "{error:?}");
    fs::remove_file(&password).expect("removed");
    let error = Throttle::connect(&policy, folder.path()).await.err();
    let missing = matches!(
        error,
        Some(ConnectError::Remote(OpenError::NoPassword { .. }))
    );
    assert!(missing, "{error:?}");
    fs::remove_file(folder.path().join("access.key")).expect("removed");
    let error = Throttle::connect(&policy, folder.path()).await.err();
    assert!(matches!(error, Some(ConnectError::Key(_))), "{error:?}");
}
