//! The store in PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use access::contract::{Lasting, check};
use access::postgres::{Migrated, Pool, Postgres, migrate};
use access::remote::{Endpoint, OpenError};
use access::{Store, StoreError, Verdict};
use rempart_tests::authority::{Authority, Validity};
use rempart_tests::postgres::Postgres as Server;
use rempart_tests::wire::Wire;

use super::redis::documented;
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

fn owner(server: &Server) -> Endpoint {
    as_user(server, Server::OWNER, Server::PASSWORD)
}

/// Proving a password to PostgreSQL costs four thousand hashes, which a build without
/// optimisation takes its time for.
fn as_user(server: &Server, user: &str, password: &str) -> Endpoint {
    Endpoint::new(server.url(user))
        .password(password)
        .patience(Duration::from_secs(10))
}

/// A server with the tables in it.
async fn ready(settings: &[&str]) -> Server {
    let server = Server::with(settings);
    migrate(&owner(&server)).await.expect("a new database");
    server
}

async fn open(endpoint: &Endpoint) -> Postgres {
    Postgres::open(endpoint).await.expect("a server that runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_the_contract() {
    let server = ready(&[]).await;
    let endpoint = owner(&server);
    check(Lasting::Shared, async || open(&endpoint).await).await;
}

#[test]
fn postgres_agrees_with_the_machine_over_long_histories() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // Nothing here depends on the disk.
    let server = runtime.block_on(ready(&["fsync=off"]));
    let store = runtime.block_on(open(&owner(&server)));
    history::agree(&runtime, &store, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_made_once_and_only_when_asked() {
    let server = Server::start();
    let endpoint = owner(&server);
    let answer = Postgres::open(&endpoint).await;
    assert!(
        matches!(
            answer,
            Err(OpenError::Migration {
                found: None,
                needed: 1
            })
        ),
        "{answer:?}"
    );
    // Eight programs at once.
    let all: Vec<_> = (0..8)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { migrate(&endpoint).await.expect("a migration") })
        })
        .collect();
    let mut made = 0;
    for each in all {
        let migrated = each.await.expect("no panic");
        made += i32::from(migrated == Migrated { from: 0, to: 1 });
        assert_eq!(migrated.to, 1);
    }
    assert_eq!(made, 1, "one of eight made the tables");
    open(&endpoint).await;
    server.ask("INSERT INTO rempart.migration (part, version) VALUES ('counters', 2)");
    let newer = Some(2);
    for answer in [
        Postgres::open(&endpoint).await.map(drop),
        migrate(&endpoint).await.map(drop),
    ] {
        assert!(
            matches!(answer, Err(OpenError::Migration { found, needed: 1 }) if found == newer),
            "{answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_roles_are_enough_and_less_is_not() {
    let server = Server::start();
    server.ask(&documented("postgres-roles"));
    let as_user = |user| as_user(&server, user, "change me");
    migrate(&as_user("rempart_owner"))
        .await
        .expect("rights of the owner");
    server.ask(&documented("postgres-grants"));
    let service = as_user("rempart");
    check(Lasting::Shared, async || open(&service).await).await;
    let answer = migrate(&service).await.map(drop);
    assert!(answer.is_ok(), "nothing to do needs no right: {answer:?}");
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        server.ask(&format!("REVOKE {right} ON rempart.counter FROM rempart"));
        let answer = Postgres::open(&service).await;
        assert!(
            matches!(answer, Err(OpenError::Forbidden(_))),
            "{right}: {answer:?}"
        );
        server.ask(&format!("GRANT {right} ON rempart.counter TO rempart"));
    }
    // The service owns nothing.
    let pool = Pool::open(&service).await.expect("a connection");
    for statement in [
        "DROP TABLE rempart.counter",
        "CREATE TABLE rempart.other ()",
    ] {
        let answer = pool.run(statement, &[]).await;
        assert!(
            matches!(answer, Err(StoreError::Storage(_))),
            "{statement}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_without_it() {
    let server = ready(&[]).await;
    for endpoint in [
        owner(&server).password("hunter2"),
        Endpoint::new(server.url("nobody")).password("hunter2"),
        Endpoint::new(server.url(Server::OWNER)),
    ] {
        let error = Postgres::open(&endpoint)
            .await
            .expect_err("a wrong password");
        assert!(matches!(error, OpenError::WrongPassword), "{error:?}");
        let text = format!("{error} {error:?} {:?} {endpoint:?}", error.text());
        assert!(
            !text.contains("hunter2") && !text.contains("nobody"),
            "{text}"
        );
    }
    for secret in [
        server.url("owner:hunter2"),
        server.url(Server::OWNER) + "?password=hunter2",
    ] {
        let error = Postgres::open(&Endpoint::new(secret))
            .await
            .expect_err("a secret");
        assert!(matches!(error, OpenError::SecretInAddress), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
    let missing = server.url(Server::OWNER).replace("/postgres", "/none");
    let endpoint = Endpoint::new(missing).password(Server::PASSWORD);
    let answer = Postgres::open(&endpoint).await;
    assert!(
        matches!(answer, Err(OpenError::Unreachable(_))),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_certificate() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &["localhost", "127.0.0.1"], Validity::Good);
    let server = Server::with_tls(&files);
    let root = std::fs::read(authority.root()).expect("a root");
    let url = server.url(Server::OWNER) + "?sslmode=require";
    let encrypted = |root: &[u8]| {
        Endpoint::new(&url)
            .password(Server::PASSWORD)
            .authorities(root)
    };
    migrate(&encrypted(&root)).await.expect("a trusted server");
    let store = open(&encrypted(&root)).await;
    let attempt = ask(&[(key(1), block(1))], now());
    assert_eq!(
        admit(&store, &attempt).await.expect("an answer"),
        Verdict::Admit
    );

    let stranger = tempfile::tempdir().expect("a temporary folder");
    let stranger = std::fs::read(Authority::new(stranger.path()).root()).expect("a root");
    // The server does not take anyone in clear either.
    for endpoint in [encrypted(&stranger), owner(&server)] {
        let answer = Postgres::open(&endpoint).await;
        assert!(
            matches!(
                answer,
                Err(OpenError::Unreachable(_) | OpenError::WrongPassword)
            ),
            "{answer:?}"
        );
    }
    let plain = ready(&[]).await;
    let url = plain.url(Server::OWNER) + "?sslmode=require";
    let endpoint = Endpoint::new(url)
        .password(Server::PASSWORD)
        .authorities(root);
    let answer = Postgres::open(&endpoint).await;
    assert!(
        matches!(answer, Err(OpenError::Unreachable(_))),
        "{answer:?}"
    );
}

/// Another machine is not even spoken to in clear.
#[tokio::test(flavor = "multi_thread")]
async fn clear_text_goes_to_this_machine_only() {
    for url in [
        "postgres://rempart@db.example.test/rempart?sslmode=disable",
        "postgres://rempart@192.0.2.1/rempart?sslmode=disable",
        "postgres://rempart@127.0.0.1,192.0.2.1/rempart?sslmode=disable",
    ] {
        let answer = Postgres::open(&Endpoint::new(url)).await;
        assert!(
            matches!(answer, Err(OpenError::ClearText)),
            "{url}: {answer:?}"
        );
    }
    // An address that is connected to instead of the name that is verified.
    for url in [
        "postgres://rempart@localhost/rempart?hostaddr=192.0.2.1",
        "mysql://rempart@localhost/rempart",
        "postgres:///rempart",
    ] {
        let answer = Postgres::open(&Endpoint::new(url)).await;
        assert!(
            matches!(answer, Err(OpenError::Address)),
            "{url}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_rows_are_swept_and_no_others() {
    let server = ready(&[]).await;
    let store = open(&owner(&server)).await;
    let rows = || server.ask("SELECT count(*) FROM rempart.counter");
    for number in 0..2_500 {
        let ask = ask(&[(key(number), delay())], now());
        assert_eq!(store.admit(&ask).await.expect("ok"), Verdict::Admit);
    }
    let blocked = ask(&[(key(5_000), block(1))], now());
    assert_eq!(store.admit(&blocked).await.expect("ok"), Verdict::Admit);
    assert_eq!(
        store.sweep().await.expect("a sweep"),
        0,
        "nothing is idle yet"
    );
    let kept = "SELECT count(*) FROM rempart.counter WHERE idle_at < now() + interval '24 hours'";
    assert_eq!(
        server.ask(kept),
        "0",
        "a failure of the day would be forgotten"
    );
    server.ask("UPDATE rempart.counter SET idle_at = idle_at - interval '26 hours'");
    assert_eq!(store.sweep().await.expect("a sweep"), 2_500);
    assert_eq!(rows(), "1", "the block that nobody ended");
    store.succeed(&blocked).await.expect("ok");
    assert_eq!(rows(), "0", "a success leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_attempt_leaves_no_row() {
    let server = ready(&[]).await;
    let store = open(&owner(&server)).await;
    let source = (key(1), bucket(1));
    let first = ask(&[source], now());
    assert_eq!(store.admit(&first).await.expect("ok"), Verdict::Admit);
    for number in 10..30 {
        let ask = ask(&[(key(number), delay()), source], now());
        let verdict = store.admit(&ask).await.expect("ok");
        assert!(matches!(verdict, Verdict::Wait(..)), "{verdict:?}");
    }
    assert_eq!(server.ask("SELECT count(*) FROM rempart.counter"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_counter_is_told_until_it_is_unlocked() {
    let server = ready(&[]).await;
    let store = open(&owner(&server)).await;
    let both = ask(&[(key(1), delay()), (key(2), bucket(9))], now());
    assert_eq!(store.admit(&both).await.expect("ok"), Verdict::Admit);
    server.ask(r"UPDATE rempart.counter SET record = '\x00' WHERE substr(record, 1, 1) = '\x01'");
    for _ in 0..2 {
        let answer = store.admit(&both).await;
        assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
    }
    let other = ask(&[(key(2), bucket(9))], now());
    assert_eq!(store.admit(&other).await.expect("ok"), Verdict::Admit);
    store.unlock(key(1), now()).await.expect("ok");
    assert_eq!(store.admit(&both).await.expect("ok"), Verdict::Admit);
}

/// Somebody else locks the same rows the other way round: PostgreSQL gives one of the two up,
/// and an attempt that was given up is made again.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_postgres_gives_up_is_made_again() {
    let server = ready(&[
        "deadlock_timeout=50ms",
        "default_transaction_isolation=serializable",
    ])
    .await;
    let store = Arc::new(open(&owner(&server)).await);
    let both = ask(&[(key(1), bucket(100)), (key(2), bucket(100))], now());
    assert_eq!(store.admit(&both).await.expect("ok"), Verdict::Admit);
    let pool = Pool::open(&owner(&server)).await.expect("a connection");
    let mut given_up = 0;
    for _ in 0..10 {
        let other = pool.borrow().await.expect("a connection");
        let lock = |number| {
            format!(
                "SELECT FROM rempart.counter WHERE key = '{}' FOR UPDATE",
                hex(number)
            )
        };
        other.batch_execute("BEGIN").await.expect("ok");
        other.batch_execute(&lock(2)).await.expect("ok");
        let attempt = tokio::spawn({
            let (store, both) = (store.clone(), both.clone());
            async move { store.admit(&both).await }
        });
        // By then the attempt holds the first row and waits for the second. Whoever waits
        // 50 ms first is given up, which should be the attempt.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let other = match other.batch_execute(&lock(1)).await {
            Ok(()) => {
                other.batch_execute("COMMIT").await.expect("ok");
                given_up += 1;
                Some(other)
            }
            Err(_) => None,
        };
        drop(other);
        let answer = attempt.await.expect("no panic");
        assert!(matches!(answer, Ok(Verdict::Admit)), "{answer:?}");
    }
    assert!(given_up > 0, "no attempt was ever given up");
}

/// Of two counters of a success one has vanished and comes again while the success waits for
/// the other: an attempt that is under way on it is not overwritten.
#[tokio::test(flavor = "multi_thread")]
async fn a_success_leaves_a_counter_alone_that_came_meanwhile() {
    let server = ready(&[]).await;
    let store = Arc::new(open(&owner(&server)).await);
    let pool = Pool::open(&owner(&server)).await.expect("connections");
    let row = |number| format!("SELECT FROM rempart.counter WHERE key = '{}'", hex(number));
    let held = async |number| {
        let connection = pool.borrow().await.expect("a connection");
        connection.batch_execute("BEGIN").await.expect("ok");
        let lock = format!("{} FOR UPDATE", row(number));
        connection.batch_execute(&lock).await.expect("ok");
        connection
    };
    let both = ask(&[(key(1), block(5)), (key(2), block(2))], now());
    assert_eq!(store.admit(&both).await.expect("ok"), Verdict::Admit);
    store.unlock(key(2), now()).await.expect("ok");
    let twice = ask(&[(key(3), block(2))], now());
    for _ in 0..2 {
        assert_eq!(store.admit(&twice).await.expect("ok"), Verdict::Admit);
    }

    let first = held(1).await;
    let success = tokio::spawn({
        let (store, both) = (store.clone(), both.clone());
        async move { store.succeed(&both).await }
    });
    while server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = ask(&[(key(2), block(2))], now());
    assert_eq!(store.admit(&second).await.expect("ok"), Verdict::Admit);
    let under_way = held(2).await;
    first.batch_execute("COMMIT").await.expect("ok");
    tokio::time::sleep(Duration::from_millis(300)).await;
    // What a second failure writes.
    let count = format!(
        "UPDATE rempart.counter SET record = \
         (SELECT record FROM rempart.counter WHERE key = '{}') WHERE key = '{}'; COMMIT",
        hex(3),
        hex(2)
    );
    under_way.batch_execute(&count).await.expect("ok");
    success.await.expect("no panic").expect("a success");
    let verdict = store.admit(&second).await.expect("ok");
    assert!(matches!(verdict, Verdict::Blocked(_)), "{verdict:?}");
}

/// A key as PostgreSQL writes it.
fn hex(number: u64) -> String {
    let bytes = *key(number).bytes();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r"\x{digits}")
}

/// What the server's settings may not take away.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_the_disk_and_no_statement_lasts() {
    let server = ready(&["synchronous_commit=off"]).await;
    let pool = Pool::open(&owner(&server).patience(Duration::from_millis(300)))
        .await
        .expect("a connection");
    let connection = pool.borrow().await.expect("a connection");
    for (setting, value) in [
        ("synchronous_commit", "on"),
        ("statement_timeout", "1500ms"),
        ("lock_timeout", "1500ms"),
        ("idle_in_transaction_session_timeout", "1500ms"),
    ] {
        let row = connection
            .query_one(&format!("SHOW {setting}"), &[])
            .await
            .expect("ok");
        assert_eq!(row.get::<_, &str>(0), value, "{setting}");
    }
    let shown = format!("{pool:?} {connection:?}");
    assert!(!shown.contains(Server::PASSWORD), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_killed_during_ten_thousand_sign_ins_loses_none() {
    let mut server = ready(&[]).await;
    let store = Arc::new(open(&owner(&server).connections(32)).await);
    kill::ten_thousand_sign_ins_lose_nothing(store, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_restarted_is_found_again() {
    let mut server = ready(&[]).await;
    let store = open(&owner(&server)).await;
    faults::a_restart_is_survived(&store, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_frozen_holds_nobody() {
    let server = ready(&["max_connections=60"]).await;
    let store = Arc::new(open(&owner(&server)).await);
    let connections = || {
        let count = server.ask("SELECT count(*) FROM pg_stat_activity");
        count.parse().expect("a number")
    };
    faults::a_frozen_server_holds_nobody(store, &server, connections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_behind_a_bad_cable_counts_once() {
    let server = ready(&[]).await;
    let wire = Wire::to(server.port());
    let url = format!(
        "postgres://{}@127.0.0.1:{}/postgres",
        Server::OWNER,
        wire.port()
    );
    let endpoint = Endpoint::new(url)
        .password(Server::PASSWORD)
        .patience(Duration::from_millis(500));
    let store = open(&endpoint).await;
    faults::a_lost_answer_is_counted_once(&store, &wire).await;
    faults::a_lost_success_gives_back_one_place_at_most(&store, &wire).await;
    faults::a_silent_connection_is_replaced(&store, &wire).await;
}
