//! What every store of accounts must do, as a test to run against one's own.
//!
//! ```no_run
//! # async fn demo(mine: impl rempart::store::Credentials) {
//! // In a test of yours, on a runtime with several threads:
//! rempart::contract::check(std::sync::Arc::new(mine)).await;
//! # }
//! ```
//!
//! Clauses: CNIL 2022-100, reset (a link works once, the newer cancels the older).
//!
//! The names are drawn for each run and removed at its end, so that a store with accounts in
//! it can be checked; nobody else may be at work in it meanwhile. A store that keeps accounts
//! beyond the process must also be opened again by its own test: [`plant`] before,
//! [`look_after`] after.
//!
//! Everything here panics with what the store did wrong.

use std::collections::BTreeSet;
use std::sync::Arc;

use access::Timestamp;
use tokio::task::JoinSet;

use crate::Account;
use crate::credential::Credential;
use crate::random::{bytes, hex};
use crate::store::{Credentials, Digest, Purpose, Record, Slot, StoreError, Token, Which};

/// How many change the same thing at once.
const CROWD: usize = 100;

/// Checks everything, one subject after the other.
///
/// # Panics
/// When the store does what it must not, or fails.
pub async fn check<S: Credentials>(store: Arc<S>) {
    records_are_kept_as_they_are(&*store).await;
    names_that_look_alike_are_apart(&*store).await;
    a_record_is_replaced_only_from_what_it_was(&*store).await;
    a_token_is_taken_once(&*store).await;
    tokens_past_their_time_are_swept(&*store).await;
    a_removed_account_leaves_nothing(&*store).await;
    pages_show_each_account_once(&*store).await;
    of_many_changes_at_once_one_wins(&store).await;
    of_many_insertions_at_once_one_wins(&store).await;
    of_many_that_take_a_token_one_has_it(&store).await;
    of_many_tokens_put_at_once_one_is_left(&store).await;
}

/// An account and a token, left in a store that is about to be closed or killed.
///
/// # Panics
/// When the store fails.
pub async fn plant<S: Credentials>(store: &S) -> (Account, Digest) {
    let account = fresh();
    let token = token(Slot::of(&account), Purpose::Reset);
    assert!(done(store.insert(&account, &record("planted")).await));
    done(store.put_token(&token, Timestamp::default()).await);
    (account, token.digest)
}

/// What was planted is there when the store is opened again; it is removed.
///
/// # Panics
/// When it is not, or the store fails.
pub async fn look_after<S: Credentials>(store: &S, planted: &(Account, Digest)) {
    let (account, digest) = planted;
    let kept = done(store.read(account).await);
    assert_eq!(
        kept,
        Some(record("planted")),
        "an account did not outlive its process"
    );
    let token = done(store.take_token(digest).await);
    assert!(token.is_some(), "a token did not outlive its process");
    assert!(done(store.remove(account).await));
}

async fn records_are_kept_as_they_are(store: &dyn Credentials) {
    let account = fresh();
    assert_eq!(
        done(store.read(&account).await),
        None,
        "nobody has a record"
    );
    let longest = "é".repeat(Credential::LONGEST / 2);
    let mut kept = None;
    for text in [
        "{}",
        "'; DROP TABLE \"x\" \\ $1 %s",
        "\u{1f511} \t\n",
        &longest,
    ] {
        let new = record(text);
        let written = match &kept {
            None => done(store.insert(&account, &new).await),
            Some(old) => done(store.replace(&account, old, &new).await),
        };
        assert!(written, "a record was not written");
        let read = done(store.read(&account).await).expect("a record");
        assert!(read.as_str() == text, "a record was not kept as it was");
        kept = Some(new);
    }
    assert!(
        !done(store.insert(&account, &record("{}")).await),
        "an account was made twice"
    );
    assert!(done(store.remove(&account).await));

    let longest = named(&"n".repeat(Account::LONGEST - 40));
    assert!(done(store.insert(&longest, &record("1")).await));
    assert!(done(store.read(&longest).await).is_some());
    assert!(done(store.remove(&longest).await));
}

/// Pairs of names, each of which some database takes for one: `utf8mb4_general_ci` of MariaDB all but
/// the second and the third, its `utf8mb4_unicode_ci` all but the fourth and the fifth.
const ALIKE: [(&str, &str); 7] = [
    ("e", "\u{e9}"),
    ("a", "\u{ff41}"),
    ("ss", "\u{df}"),
    ("s", "\u{df}"),
    ("i", "\u{131}"),
    ("s", "\u{17f}"),
    ("\u{3c3}", "\u{3c2}"),
];

async fn names_that_look_alike_are_apart(store: &dyn Credentials) {
    for (one, other) in ALIKE {
        let run = fresh();
        let (one, other) = (named_in(&run, one), named_in(&run, other));
        assert!(done(store.insert(&one, &record("1")).await));
        assert_eq!(
            done(store.read(&other).await),
            None,
            "two names were taken for one"
        );
        assert!(
            done(store.insert(&other, &record("2")).await),
            "a name was taken by one that looks like it"
        );
        let tokens = [&one, &other].map(|account| token(Slot::of(account), Purpose::Reset));
        for token in &tokens {
            done(store.put_token(token, Timestamp::default()).await);
        }
        assert!(done(store.remove(&one).await));
        assert_eq!(done(store.read(&other).await), Some(record("2")));
        let [gone, kept] = tokens;
        assert_eq!(done(store.take_token(&gone.digest).await), None);
        assert_eq!(
            done(store.take_token(&kept.digest).await),
            Some(kept),
            "a token went with another account"
        );
        assert!(done(store.remove(&other).await));
    }
}

async fn a_record_is_replaced_only_from_what_it_was(store: &dyn Credentials) {
    let account = fresh();
    let (one, two) = (record("one"), record("two"));
    assert!(
        !done(store.replace(&account, &one, &two).await),
        "a record was replaced that was not there"
    );
    assert_eq!(
        done(store.read(&account).await),
        None,
        "replacing made an account"
    );
    assert!(done(store.insert(&account, &one).await));
    assert!(
        !done(store.replace(&account, &two, &one).await),
        "a record was replaced from what it was not"
    );
    assert_eq!(done(store.read(&account).await), Some(one.clone()));
    assert!(done(store.replace(&account, &one, &two).await));
    assert!(
        done(store.replace(&account, &two, &two).await),
        "to the same text is a change"
    );
    assert!(done(store.remove(&account).await));
}

async fn a_token_is_taken_once(store: &dyn Credentials) {
    let slot = Slot::of(&fresh());
    let reset = token(slot.clone(), Purpose::Reset);
    assert_eq!(done(store.look_token(&reset.digest).await), None);
    assert_eq!(done(store.take_token(&reset.digest).await), None);
    done(store.put_token(&reset, Timestamp::default()).await);
    for _ in 0..2 {
        assert_eq!(
            done(store.look_token(&reset.digest).await),
            Some(reset.clone())
        );
    }
    assert_eq!(
        done(store.take_token(&reset.digest).await),
        Some(reset.clone())
    );
    assert_eq!(
        done(store.take_token(&reset.digest).await),
        None,
        "a token was given twice"
    );
    assert_eq!(done(store.look_token(&reset.digest).await), None);

    // The newer cancels the older of the same purpose, and no other.
    let unlock = token(slot.clone(), Purpose::Unlock);
    let newer = token(slot, Purpose::Reset);
    for token in [&unlock, &reset, &newer] {
        done(store.put_token(token, Timestamp::default()).await);
    }
    assert_eq!(
        done(store.take_token(&reset.digest).await),
        None,
        "the newer token did not cancel the older"
    );
    for token in [newer, unlock] {
        assert_eq!(
            done(store.take_token(&token.digest).await),
            Some(token.clone())
        );
    }
}

async fn tokens_past_their_time_are_swept(store: &dyn Credentials) {
    let ends = |seconds| Timestamp::new(std::time::Duration::from_secs(seconds));
    let token = |until| Token {
        until: ends(until),
        ..token(Slot::of(&fresh()), Purpose::Confirm)
    };
    let (over, lasting): (Vec<Token>, Token) = ((0..30).map(|_| token(1)).collect(), token(3));
    for token in over.iter().chain([&lasting]) {
        done(store.put_token(token, ends(0)).await);
    }
    // One takes the place of an old one of its own slot, which is not swept beside.
    let again = Token {
        digest: Digest::new(bytes().expect("randomness")),
        until: ends(3),
        ..over[0].clone()
    };
    done(store.put_token(&again, ends(2)).await);
    let mut others = Vec::new();
    for _ in 0..15 {
        let other = token(3);
        done(store.put_token(&other, ends(2)).await);
        others.push(other);
    }
    let mut left = 0;
    for token in &over {
        left += usize::from(done(store.take_token(&token.digest).await).is_some());
    }
    assert_eq!(left, 0, "tokens past their time pile up");
    for token in others.iter().chain([&lasting, &again]) {
        let taken = done(store.take_token(&token.digest).await);
        assert!(
            taken.as_ref() == Some(token),
            "a token ended before its time"
        );
    }
}

async fn a_removed_account_leaves_nothing(store: &dyn Credentials) {
    let (account, other) = (fresh(), fresh());
    assert!(!done(store.remove(&account).await), "nobody was removed");
    let tokens: Vec<Token> = Purpose::ALL
        .into_iter()
        .map(|purpose| token(Slot::of(&account), purpose))
        .collect();
    let others = token(Slot::of(&other), Purpose::Reset);
    for account in [&account, &other] {
        assert!(done(store.insert(account, &untold("1")).await));
    }
    for token in tokens.iter().chain([&others]) {
        done(store.put_token(token, Timestamp::default()).await);
    }
    assert!(done(store.remove(&account).await));
    assert_eq!(done(store.read(&account).await), None);
    for token in &tokens {
        assert_eq!(
            done(store.look_token(&token.digest).await),
            None,
            "a token outlived its account"
        );
    }
    assert!(!all(store, Which::Untold, 10).await.contains(&account));
    assert_eq!(
        done(store.read(&other).await).as_ref().map(Record::as_str),
        Some("1")
    );
    assert_eq!(
        done(store.take_token(&others.digest).await),
        Some(others.clone())
    );
    assert!(done(store.remove(&other).await));
}

async fn pages_show_each_account_once(store: &dyn Credentials) {
    let run = fresh();
    let name = |n: usize| named_in(&run, &format!("{n:02}-É\u{1f511}"));
    for n in 0..25 {
        let new = if n % 5 == 0 { untold("1") } else { record("1") };
        assert!(done(store.insert(&name(n), &new).await));
    }
    // A mark that is set and one that is taken back.
    assert!(done(
        store.replace(&name(1), &record("1"), &untold("2")).await
    ));
    assert!(done(
        store.replace(&name(0), &untold("1"), &record("2")).await
    ));
    let marked: Vec<usize> = vec![1, 5, 10, 15, 20];
    for most in [1, 7, 25, 1000] {
        for (which, expected) in [
            (Which::All, (0..25).collect::<Vec<usize>>()),
            (Which::Untold, marked.clone()),
        ] {
            let mut shown = all(store, which, most).await;
            shown.retain(|account| account.as_str().starts_with(run.as_str()));
            let expected: Vec<Account> = expected.into_iter().map(name).collect();
            assert_eq!(shown, expected, "{which:?}, {most} on a page");
        }
    }
    for n in 0..25 {
        assert!(done(store.remove(&name(n)).await));
    }
}

async fn of_many_changes_at_once_one_wins<S: Credentials>(store: &Arc<S>) {
    let account = fresh();
    let first = record("first");
    assert!(done(store.insert(&account, &first).await));
    let won = crowd(store, {
        let account = account.clone();
        move |store, n| {
            let (account, first) = (account.clone(), first.clone());
            async move {
                let new = record(&n.to_string());
                done(store.replace(&account, &first, &new).await).then_some(n)
            }
        }
    })
    .await;
    let [winner] = won[..] else {
        panic!("{} changes of one record won", won.len());
    };
    let kept = done(store.read(&account).await).expect("a record");
    assert_eq!(
        kept.as_str(),
        winner.to_string(),
        "the change that won is not kept"
    );
    assert!(done(store.remove(&account).await));
}

async fn of_many_insertions_at_once_one_wins<S: Credentials>(store: &Arc<S>) {
    let account = fresh();
    let won = crowd(store, {
        let account = account.clone();
        move |store, n| {
            let account = account.clone();
            async move {
                let new = record(&n.to_string());
                done(store.insert(&account, &new).await).then_some(n)
            }
        }
    })
    .await;
    let [winner] = won[..] else {
        panic!("{} insertions of one account won", won.len());
    };
    let kept = done(store.read(&account).await).expect("a record");
    assert_eq!(
        kept.as_str(),
        winner.to_string(),
        "the insertion that won is not kept"
    );
    assert!(done(store.remove(&account).await));
}

async fn of_many_that_take_a_token_one_has_it<S: Credentials>(store: &Arc<S>) {
    for purpose in Purpose::ALL {
        let token = token(Slot::of(&fresh()), purpose);
        done(store.put_token(&token, Timestamp::default()).await);
        let digest = token.digest;
        let had = crowd(store, move |store, _| async move {
            done(store.take_token(&digest).await)
        })
        .await;
        assert!(had == [token], "a token was given {} times", had.len());
    }
}

async fn of_many_tokens_put_at_once_one_is_left<S: Credentials>(store: &Arc<S>) {
    let slot = Slot::of(&fresh());
    let digests = crowd(store, move |store, _| {
        let token = token(slot.clone(), Purpose::Reset);
        async move {
            done(store.put_token(&token, Timestamp::default()).await);
            Some(token.digest)
        }
    })
    .await;
    assert_eq!(digests.len(), CROWD);
    let mut left = 0;
    for digest in &digests {
        left += usize::from(done(store.take_token(digest).await).is_some());
    }
    assert_eq!(left, 1, "tokens of one slot and purpose that work");
}

/// Runs the same thing many times at once; the answers that are something.
async fn crowd<S: Credentials, T: Send + 'static, F>(
    store: &Arc<S>,
    act: impl Fn(Arc<S>, usize) -> F,
) -> Vec<T>
where
    F: Future<Output = Option<T>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for n in 0..CROWD {
        tasks.spawn(act(store.clone(), n));
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// All accounts, page after page, each of them once and in order.
async fn all(store: &dyn Credentials, which: Which, most: usize) -> Vec<Account> {
    let mut shown: Vec<Account> = Vec::new();
    loop {
        let page = done(store.page(which, shown.last(), most).await);
        assert!(
            page.len() <= most,
            "a page of {} instead of {most}",
            page.len()
        );
        if page.is_empty() {
            break;
        }
        for (account, _) in page {
            assert!(
                shown.last() < Some(&account),
                "pages are not in the order of bytes"
            );
            shown.push(account);
        }
    }
    let once: BTreeSet<&Account> = shown.iter().collect();
    assert_eq!(once.len(), shown.len());
    shown
}

/// An account that nobody has.
fn fresh() -> Account {
    named("")
}

fn named(rest: &str) -> Account {
    let drawn: [u8; 8] = bytes().expect("randomness");
    Account::read(&format!("contract-{}-{rest}", hex(&drawn))).expect("a name")
}

fn named_in(run: &Account, rest: &str) -> Account {
    Account::read(&format!("{}{rest}", run.as_str())).expect("a name")
}

fn record(text: &str) -> Record {
    Record::kept(text.to_owned())
}

fn untold(text: &str) -> Record {
    let since = Timestamp::new(std::time::Duration::from_secs(1_700_000_000));
    Record::new(text.to_owned(), Some(since))
}

fn token(slot: Slot, purpose: Purpose) -> Token {
    Token {
        slot,
        purpose,
        digest: Digest::new(bytes().expect("randomness")),
        text: "{\"v\":1} ' \\ é".to_owned(),
        until: Timestamp::new(std::time::Duration::from_secs(1_700_000_000)),
    }
}

fn done<T>(answer: Result<T, StoreError>) -> T {
    answer.unwrap_or_else(|error| panic!("the store failed: {error}"))
}

#[cfg(test)]
mod tests;
