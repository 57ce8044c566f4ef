//! The store in Redis.

use std::sync::Arc;
use std::time::Duration;

use access::contract::{Lasting, check};
use access::redis::{Eviction, Redis};
use access::remote::{Endpoint, OpenError};
use access::{Store, StoreError, Verdict};
use rempart_tests::authority::{Authority, Validity};
use rempart_tests::redis::Redis as Server;
use rempart_tests::wire::Wire;

use super::{admit, ask, block, bucket, delay, faults, history, key, kill, now};

impl faults::Server for Server {
    fn kill(&mut self) {
        Server::kill(self);
    }
    fn start_again(&mut self) {
        Server::start_again(self);
    }
    fn freeze(&self) {
        Server::freeze(self);
    }
    fn thaw(&self) {
        Server::thaw(self);
    }
}

async fn open(server: &Server) -> Redis {
    let endpoint = Endpoint::new(server.url());
    Redis::open(&endpoint).await.expect("a server that runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_the_contract() {
    let server = Server::with(&[]);
    check(Lasting::Shared, async || open(&server).await).await;
}

#[test]
fn redis_agrees_with_the_machine_over_long_histories() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = Server::with(&[]);
    let store = runtime.block_on(open(&server));
    history::agree(&runtime, &store, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_forgets_its_scripts_and_nothing_is_lost() {
    let server = Server::with(&[]);
    let store = open(&server).await;
    let attempt = ask(&[(key(1), bucket(3))], now());
    for _ in 0..3 {
        server.ask(&["SCRIPT", "FLUSH"]);
        assert_eq!(
            admit(&store, &attempt).await.expect("an answer"),
            Verdict::Admit
        );
    }
    server.ask(&["SCRIPT", "FLUSH"]);
    store.succeed(&attempt).await.expect("an answer");
    assert_eq!(
        admit(&store, &attempt).await.expect("an answer"),
        Verdict::Admit
    );
    let verdict = admit(&store, &attempt).await.expect("an answer");
    assert!(matches!(verdict, Verdict::Wait(..)), "{verdict:?}");
}

/// A counter vanishes by itself, but never while a decision depends on it.
#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_a_counter_as_long_as_it_restricts() {
    let server = Server::with(&[]);
    let store = open(&server).await;
    let day = 24 * 3_600_000;
    for (number, rule, least, most) in [
        (1, delay(), Some(day + 10_000), day + 70_000),
        (2, bucket(10), Some(370_000), 430_000),
        (3, block(2), Some(30 * day + 10_000), 30 * day + 70_000),
        (4, block(1), None, 0),
    ] {
        let ask = ask(&[(key(number), rule)], now());
        assert_eq!(
            admit(&store, &ask).await.expect("an answer"),
            Verdict::Admit
        );
        let name = only_key(&server);
        let left: i64 = server.ask(&["PTTL", &name]).parse().expect("a number");
        match least {
            // A second for the test itself.
            Some(least) => assert!((least - 1_000..=most).contains(&left), "{rule:?}: {left}"),
            None => assert_eq!(left, -1, "{rule:?} must not expire"),
        }
        assert!(name.starts_with("rempart:{rempart}:"), "{name}");
        store.succeed(&ask).await.expect("an answer");
        assert_eq!(
            server.ask(&["DBSIZE"]),
            "0",
            "after a success under {rule:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_names_in_one_redis_are_two_stores() {
    let server = Server::with(&[]);
    let open = async |name| {
        let endpoint = Endpoint::new(server.url()).name(name);
        Redis::open(&endpoint).await.expect("a server that runs")
    };
    let stores = [open("shop").await, open("forum").await];
    let ask = ask(&[(key(1), block(1))], now());
    for store in &stores {
        assert_eq!(admit(store, &ask).await.expect("an answer"), Verdict::Admit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_counter_is_told_until_it_is_unlocked() {
    let server = Server::with(&[]);
    let store = open(&server).await;
    let both = ask(&[(key(1), delay()), (key(2), bucket(9))], now());
    let other = ask(&[(key(2), bucket(9))], now());
    assert_eq!(
        admit(&store, &ask(&[(key(1), delay())], now()))
            .await
            .expect("ok"),
        Verdict::Admit
    );
    let name = only_key(&server);
    for damage in ["", "x", "\u{1}too short", "\u{2}1234567"] {
        server.ask(&["SET", &name, damage]);
        for _ in 0..2 {
            let answer = admit(&store, &both).await;
            assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
            let answer = store.succeed(&both).await;
            assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
        }
        assert_eq!(admit(&store, &other).await.expect("ok"), Verdict::Admit);
        assert_eq!(
            server.ask(&["GET", &name]),
            damage,
            "kept for who looks into it"
        );
    }
    store.unlock(key(1), now()).await.expect("an answer");
    assert_eq!(admit(&store, &both).await.expect("ok"), Verdict::Admit);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_may_lose_counters_is_refused() {
    for (settings, expected) in [
        (
            &["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"][..],
            None,
        ),
        (
            &["--maxmemory", "50mb", "--maxmemory-policy", "volatile-ttl"],
            None,
        ),
        (
            &["--maxmemory", "50mb", "--maxmemory-policy", "noeviction"],
            Some(Eviction::Never),
        ),
        // Without a limit nothing is ever dropped.
        (
            &["--maxmemory-policy", "allkeys-lru"],
            Some(Eviction::Never),
        ),
    ] {
        let server = Server::with(settings);
        match (Redis::open(&Endpoint::new(server.url())).await, expected) {
            (Ok(store), Some(expected)) => assert_eq!(store.eviction(), expected),
            (Err(OpenError::Evicts(policy)), None) => assert_eq!(policy, settings[3]),
            (answer, _) => panic!("{settings:?}: {answer:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_full_says_so() {
    let server = Server::with(&["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
    let store = open(&server).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1mb"]);
    let answer = admit(&store, &ask(&[(key(1), delay())], now())).await;
    assert!(matches!(answer, Err(StoreError::Storage(_))), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_refused() {
    let server = Server::with(&["--replicaof", "127.0.0.1", "1"]);
    let answer = Redis::open(&Endpoint::new(server.url())).await;
    assert!(matches!(answer, Err(OpenError::ReadOnly)), "{answer:?}");
}

/// The user with no more rights than `docs/STORES.md` gives, in a database of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_are_enough_and_less_is_not() {
    let server = Server::with(&["--requirepass", "root's password"]);
    let rights = documented("redis-acl");
    let words: Vec<&str> = rights.split_whitespace().collect();
    let place = words
        .iter()
        .position(|word| word.starts_with('>'))
        .expect("a password");
    let password = words[place].trim_start_matches('>').to_owned();
    server.ask(&words);
    let url = server.url().replace("://", "://rempart@") + "/3";
    let endpoint = Endpoint::new(&url).password(&password);
    let open = async || Redis::open(&endpoint).await;
    check(Lasting::Shared, async || {
        open().await.expect("rights enough")
    })
    .await;
    assert_eq!(
        open().await.expect("rights enough").eviction(),
        Eviction::Never
    );

    server.ask(&["ACL", "SETUSER", "rempart", "-config|get"]);
    let store = open().await.expect("INFO tells it too");
    assert_eq!(store.eviction(), Eviction::Never);
    server.ask(&["ACL", "SETUSER", "rempart", "-info"]);
    let store = open().await.expect("counters need it not");
    assert_eq!(store.eviction(), Eviction::Unknown);
    let keys = access::KeyMaker::with_secret([1; 32]);
    let loaded = policy::load("version = 1").expect("a policy");
    let throttle = access::Throttle::new(store, keys, loaded.policy.access());
    assert!(throttle.may_forget(), "the operator is to be told");

    for right in ["-eval", "-evalsha", "-mget", "-set", "-del", "resetkeys"] {
        server.ask(&["ACL", "SETUSER", "rempart", "reset"]);
        server.ask(&words);
        server.ask(&["ACL", "SETUSER", "rempart", right]);
        server.ask(&["SCRIPT", "FLUSH"]);
        let answer = open().await;
        assert!(
            matches!(answer, Err(OpenError::Forbidden(_))),
            "{right}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_without_it() {
    let server = Server::with(&["--requirepass", "the right one"]);
    let url = server.url();
    let named = url.replace("://", "://nobody@");
    for endpoint in [
        Endpoint::new(&url).password("hunter2"),
        Endpoint::new(&url),
        Endpoint::new(&named).password("hunter2"),
        Endpoint::new(&named).password("the right one"),
    ] {
        let error = Redis::open(&endpoint).await.expect_err("a wrong password");
        assert!(matches!(error, OpenError::WrongPassword), "{error:?}");
        let text = format!("{error} {error:?} {:?} {endpoint:?}", error.text());
        assert!(
            !text.contains("hunter2") && !text.contains("right one"),
            "{text}"
        );
    }
    let secret = url.replace("://", "://:hunter2@");
    let error = Redis::open(&Endpoint::new(secret))
        .await
        .expect_err("a secret");
    assert!(matches!(error, OpenError::SecretInAddress), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
    let right = Endpoint::new(&url).password("the right one");
    assert!(Redis::open(&right).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_certificate() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &["localhost", "127.0.0.1"], Validity::Good);
    let server = Server::with_tls(&files, authority.root());
    let root = std::fs::read(authority.root()).expect("a root");
    let trusted = Endpoint::new(server.url()).authorities(root.clone());
    check(Lasting::Shared, async || {
        Redis::open(&trusted).await.expect("a trusted server")
    })
    .await;

    let stranger = tempfile::tempdir().expect("a temporary folder");
    let stranger = std::fs::read(Authority::new(stranger.path()).root()).expect("a root");
    let unnamed = authority.issue(folder.path(), &["other.example.test"], Validity::Good);
    let expired = authority.issue(folder.path(), &["127.0.0.1"], Validity::Expired);
    let other = Server::with_tls(&unnamed, authority.root());
    let late = Server::with_tls(&expired, authority.root());
    for (what, endpoint) in [
        (
            "another authority",
            Endpoint::new(server.url()).authorities(stranger),
        ),
        ("the system's authorities", Endpoint::new(server.url())),
        (
            "another name",
            Endpoint::new(other.url()).authorities(root.clone()),
        ),
        (
            "an expired certificate",
            Endpoint::new(late.url()).authorities(root),
        ),
    ] {
        let answer = Redis::open(&endpoint).await;
        assert!(
            matches!(
                answer,
                Err(OpenError::Unreachable(_) | OpenError::NoAuthority)
            ),
            "{what}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_is_not_there_is_unreachable() {
    let port = rempart_tests::process::free_port();
    let endpoint = Endpoint::new(format!("redis://127.0.0.1:{port}"));
    let answer = Redis::open(&endpoint).await;
    assert!(
        matches!(answer, Err(OpenError::Unreachable(_))),
        "{answer:?}"
    );
    for address in [
        "redis://",
        "http://127.0.0.1",
        "redis://127.0.0.1?db=1",
        "redis://h:x/0",
    ] {
        let answer = Redis::open(&Endpoint::new(address)).await;
        assert!(
            matches!(answer, Err(OpenError::Address)),
            "{address}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_killed_during_ten_thousand_sign_ins_loses_none() {
    let mut server = Server::start();
    let store = Arc::new(open(&server).await);
    kill::ten_thousand_sign_ins_lose_nothing(store, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_restarted_is_found_again() {
    let mut server = Server::start();
    let store = open(&server).await;
    faults::a_restart_is_survived(&store, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_frozen_holds_nobody() {
    let server = Server::with(&[]);
    let store = Arc::new(open(&server).await);
    let clients = || server.ask(&["CLIENT", "LIST"]).lines().count();
    faults::a_frozen_server_holds_nobody(store, &server, clients).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_a_bad_cable_counts_once() {
    let server = Server::with(&[]);
    let wire = Wire::to(server.port());
    let endpoint = Endpoint::new(format!("redis://127.0.0.1:{}", wire.port()))
        .patience(Duration::from_millis(500));
    let store = Redis::open(&endpoint).await.expect("a server that runs");
    faults::a_lost_answer_is_counted_once(&store, &wire).await;
    faults::a_lost_success_gives_back_one_place_at_most(&store, &wire).await;
    faults::a_silent_connection_is_replaced(&store, &wire).await;
}

/// The one key of the store.
fn only_key(server: &Server) -> String {
    let keys = server.ask(&["KEYS", "*"]);
    assert_eq!(keys.lines().count(), 1, "{keys}");
    keys
}

/// The lines between a mark in `docs/STORES.md` and the end of its block.
pub(super) fn documented(mark: &str) -> String {
    let path = rempart_tests::root().join("docs/STORES.md");
    let text = std::fs::read_to_string(path).expect("docs/STORES.md");
    let (_, rest) = text
        .split_once(&format!("<!-- {mark} -->\n```"))
        .unwrap_or_else(|| panic!("no block {mark} in docs/STORES.md"));
    let (_, block) = rest.split_once('\n').expect("a block has lines");
    let (block, _) = block.split_once("```").expect("a block ends");
    block.trim().to_owned()
}
