//! Accounts in a real PostgreSQL: the contract, two programs at once, and a server that goes
//! away.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::tokio_postgres::{Config, NoTls};
use deadpool_postgres::{Manager, Pool, Runtime};
use rempart::accounts::{Asked, Create, Reset, SignIn};
use rempart::store::{Credentials, Postgres, Purpose, Record, Slot, StoreError, Token, Which};
use rempart::{Account, Accounts, FlowError, Login, Timestamp, Visitor, contract, policy};
use rempart_tests::postgres::Postgres as Server;

const RIGHT: &str = "9fK!r2Vq#tZ7";
const NEW: &str = "w8$Lp3Xc&nB5";

fn pool(server: &Server, connections: usize) -> Pool {
    pool_of(server, Server::OWNER, Server::PASSWORD, connections)
}

fn pool_of(server: &Server, user: &str, password: &str, connections: usize) -> Pool {
    let mut config: Config = server.url(user).parse().expect("an address");
    config
        .password(password)
        .connect_timeout(Duration::from_secs(10));
    Pool::builder(Manager::new(config, NoTls))
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(60)))
        .build()
        .expect("a pool")
}

async fn ready(server: &Server) -> Postgres {
    let store = Postgres::new(pool(server, 10));
    store.migrate().await.expect("a new database");
    store
}

fn login() -> Login {
    let text = "version = 1\n[hash]\nmemory = \"64 KiB\"\niterations = 1\n[[deviation]]\n\
        clause = \"asvs-hash-cost\"\nreason = \"tests count hashes, not time\"\n";
    let loaded = policy::load(text).expect("a policy");
    Login::new(&loaded).expect("a login flow")
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_the_contract() {
    let mut server = Server::start();
    let store = Arc::new(ready(&server).await);
    contract::check(store.clone()).await;
    let left = server.ask("SELECT count(*) FROM rempart_account");
    assert_eq!(left, "0", "the contract leaves nothing behind");

    // What was answered outlives a server that is killed; the pool finds the next one.
    let planted = contract::plant(&*store).await;
    server.kill();
    let down = store.read(&planted.0).await;
    assert!(matches!(down, Err(StoreError::Unreachable(_))), "{down:?}");
    server.start_again();
    contract::look_after(&*store, &planted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_leaves_no_transaction_behind() {
    let server = Server::start();
    let store = ready(&server).await;
    // Another table of the same name: the migration stops in the middle.
    server.ask("DROP TABLE rempart_account CASCADE");
    server.ask("CREATE VIEW rempart_account AS SELECT 1 AS account");
    let one = Postgres::new(pool(&server, 1));
    let failed = one.migrate().await;
    assert!(failed.is_err(), "{failed:?}");
    server.ask("DROP VIEW rempart_account");
    store.migrate().await.expect("the table is missing");
    // The only connection of the pool is as good as new.
    let nobody = Account::read("nobody").expect("a name");
    let found = one.read(&nobody).await;
    assert!(matches!(found, Ok(None)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_programs_may_migrate_at_once_and_again() {
    let server = Server::start();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = Postgres::new(pool(&server, 1));
            tokio::spawn(async move { store.migrate().await })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("a migration");
    }
    ready(&server).await;
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'rempart_%'";
    assert_eq!(server.ask(tables), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_say_whose_they_are_and_quote_no_row() {
    let server = Server::start();
    let account = Account::read("ana@example.fr").expect("a name");
    let store = Postgres::new(pool(&server, 2));
    let missing = store.read(&account).await.expect_err("no table");
    assert!(matches!(missing, StoreError::Corrupt(_)), "{missing:?}");
    assert!(missing.to_string().contains("migration"), "{missing}");

    store.migrate().await.expect("a new database");
    let stranger = Postgres::new(pool_of(&server, Server::OWNER, "another", 1));
    let refused = stranger.read(&account).await.expect_err("a wrong password");
    assert!(matches!(refused, StoreError::Unreachable(_)), "{refused:?}");

    // PostgreSQL itself quotes the row that breaks a rule.
    server.ask("ALTER TABLE rempart_account ADD CHECK (record <> 'secret record')");
    let record = Record::kept("secret record".to_owned());
    let broken = store.insert(&account, &record).await.expect_err("a rule");
    let said = format!("{broken} {broken:?}");
    assert!(said.contains("23514"), "{said}");
    assert!(!said.contains("secret") && !said.contains("ana@"), "{said}");

    server.ask("INSERT INTO rempart_token VALUES ('ana', 9, decode(repeat('00', 32), 'hex'), 'x')");
    let digest = rempart::store::Digest::new([0; 32]);
    let unknown = store
        .take_token(&digest)
        .await
        .expect_err("a purpose of later");
    assert!(matches!(unknown, StoreError::Corrupt(_)), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_cycle_runs_over_two_programs() {
    let server = Server::start();
    let one = Accounts::new(login(), ready(&server).await);
    let two = Accounts::new(login(), Postgres::new(pool(&server, 10)));
    let ana = Visitor::new("ana@example.fr");
    let made = one.create(&ana, bytes(RIGHT), &[]).await;
    assert!(matches!(made, Ok(Create::Done(_))), "{made:?}");
    let found = two.sign_in(&ana, bytes(RIGHT)).await;
    assert!(matches!(found, Ok(SignIn::Yes(_))), "{found:?}");

    let asked = two.ask_reset(&ana).await.expect("an answer");
    let Asked::Sent(notices) = asked else {
        panic!("{asked:?}");
    };
    let link = notices[0].token().expect("a link").expose();
    let rows = server.ask("SELECT slot, bound, encode(digest, 'escape') FROM rempart_token");
    assert!(
        rows.contains("ana@example.fr") && !rows.contains(link),
        "{rows}"
    );
    let nobody = one.ask_reset(&Visitor::new("nobody@example.fr")).await;
    assert!(matches!(nobody, Ok(Asked::Sent(notices)) if notices.is_empty()));
    let rows = server.ask("SELECT count(*) FROM rempart_token WHERE slot LIKE '%nobody%'");
    assert_eq!(rows, "0", "an address that nobody has is not kept");
    assert_eq!(server.ask("SELECT count(*) FROM rempart_token"), "2");

    // Both programs have the link; one of the two resets wins.
    let (first, second) = tokio::join!(
        one.reset(link, &ana, bytes(NEW), &[]),
        two.reset(link, &ana, bytes("h4@Gs6Yd%mQ1"), &[]),
    );
    let won = [first, second].map(|reset| matches!(reset, Ok(Reset::Done { .. })));
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let right = if won[0] { NEW } else { "h4@Gs6Yd%mQ1" };
    let found = two.sign_in(&ana, bytes(right)).await;
    assert!(matches!(found, Ok(SignIn::Yes(_))), "{found:?}");

    let account = Account::read("ana@example.fr").expect("a name");
    let marked = one.compromise(&account).await.expect("an answer");
    let incident = marked.expect("an account").incident;
    assert_eq!(two.due(None, 10).await.expect("an answer").due.len(), 1);
    assert!(two.told(&account, incident).await.expect("an answer"));
    assert_eq!(one.due(None, 10).await.expect("an answer").due, []);
    assert!(one.remove(&account).await.expect("an answer"));
    assert_eq!(server.ask("SELECT count(*) FROM rempart_account"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_waited_for_no_longer_than_for_a_page() {
    let server = Server::start();
    let accounts = Accounts::new(login(), ready(&server).await);
    let ana = Visitor::new("ana@example.fr");
    let made = accounts.create(&ana, bytes(RIGHT), &[]).await;
    assert!(matches!(made, Ok(Create::Done(_))), "{made:?}");
    server.freeze();
    let found = tokio::time::timeout(
        Duration::from_secs(30),
        accounts.sign_in(&ana, bytes(RIGHT)),
    );
    let found = found.await.expect("an end");
    assert!(
        matches!(found, Err(FlowError::Store(StoreError::Silent))),
        "{found:?}"
    );
    server.thaw();
    let found = accounts.sign_in(&ana, bytes(RIGHT)).await;
    assert!(matches!(found, Ok(SignIn::Yes(_))), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_during_changes_keeps_what_it_answered() {
    let mut server = Server::start();
    let store = Arc::new(ready(&server).await);
    let account = |n: usize| Account::read(&format!("account-{n}")).expect("a name");
    let record = |n: usize| Record::kept(n.to_string());
    for n in 0..20 {
        assert!(
            store
                .insert(&account(n), &record(0))
                .await
                .expect("an answer")
        );
    }
    for _ in 0..3 {
        // Each account counts up by compare-and-set until the server is gone.
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let (store, account) = (store.clone(), account(n));
                tokio::spawn(async move {
                    let kept = store
                        .read(&account)
                        .await
                        .expect("an answer")
                        .expect("a record");
                    let mut answered: usize = kept.as_str().parse().expect("a number");
                    loop {
                        let (old, new) = (record(answered), record(answered + 1));
                        match store.replace(&account, &old, &new).await {
                            Ok(true) => answered += 1,
                            Ok(false) => panic!("account {n} was changed by somebody else"),
                            Err(_) => return answered,
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.kill();
        let mut answered = Vec::new();
        for task in tasks {
            answered.push(task.await.expect("no panic"));
        }
        server.start_again();
        assert!(answered.iter().sum::<usize>() > 20, "{answered:?}");
        for (n, answered) in answered.into_iter().enumerate() {
            let kept = store
                .read(&account(n))
                .await
                .expect("an answer")
                .expect("a record");
            let kept: usize = kept.as_str().parse().expect("a number");
            // The last change was made and not answered, or not made.
            assert!(
                kept == answered || kept == answered + 1,
                "{n}: {answered}, kept {kept}"
            );
        }
    }
    let page = store.page(Which::All, None, 100).await.expect("an answer");
    assert_eq!(page.len(), 20);
    let token = Token {
        slot: Slot::of(&account(1)),
        purpose: Purpose::Reset,
        digest: rempart::store::Digest::new([7; 32]),
        text: "{}".to_owned(),
        until: Timestamp::new(Duration::from_secs(1)),
    };
    store
        .put_token(&token, Timestamp::default())
        .await
        .expect("an answer");
    assert!(store.remove(&account(1)).await.expect("an answer"));
    assert!(
        store
            .take_token(&token.digest)
            .await
            .expect("an answer")
            .is_none()
    );
}
