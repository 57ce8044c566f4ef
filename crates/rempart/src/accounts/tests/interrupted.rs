//! Futures dropped at every point, and changes that race.
//!
//! What must hold: the record is the old one or the new one, whole; what was counted stays
//! counted; of two changes one is lost and says so.

use super::*;
use crate::store::{Digest, Token, Which};

/// A store that gives way before and after everything it does.
struct Yielding(Arc<Memory>);

impl Yielding {
    fn slow<'a, T: Send + 'a>(doing: impl FnOnce() -> Answer<'a, T> + Send + 'a) -> Answer<'a, T> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let done = doing().await;
            tokio::task::yield_now().await;
            done
        })
    }
}

impl Credentials for Yielding {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        Self::slow(move || self.0.read(account))
    }
    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        Self::slow(move || self.0.insert(account, new))
    }
    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        Self::slow(move || self.0.replace(account, expected, new))
    }
    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        Self::slow(move || self.0.remove(account))
    }
    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        Self::slow(move || self.0.put_token(token, now))
    }
    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        Self::slow(move || self.0.look_token(digest))
    }
    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        Self::slow(move || self.0.take_token(digest))
    }
    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        Self::slow(move || self.0.page(which, after, most))
    }
}

fn yielding() -> Bench {
    let store = Arc::new(Memory::new());
    bench_on(
        Yielding(store.clone()),
        store,
        "[access]\nmechanism = \"block\"\n",
    )
}

/// More polls than any flow takes.
const MOST: usize = 200;

#[tokio::test]
async fn a_change_dropped_anywhere_leaves_the_old_password_or_the_new_one() {
    let (mut ended, mut old, mut new) = (false, 0, 0);
    for polls in 0..MOST {
        let bench = yielding().with_ana().await;
        let visitor = ana();
        let change = bench.accounts.change(&visitor, bytes(OLD), bytes(NEW), &[]);
        let done = dropped_after(polls, change).await;
        let (has_old, has_new) = (bench.signs_in(OLD).await, bench.signs_in(NEW).await);
        assert_ne!(has_old, has_new, "after {polls} polls");
        old += usize::from(has_old);
        new += usize::from(has_new);
        if let Some(done) = done {
            assert!(matches!(done, Ok(Change::Done { .. })) && has_new);
            ended = true;
            break;
        }
    }
    // Hashes end when they will, so that polls are counted roughly.
    assert!(ended && old > 3 && new > 0, "{old} old, {new} new");
}

#[tokio::test]
async fn a_reset_dropped_anywhere_leaves_the_old_password_or_the_new_one() {
    let mut ended = false;
    for polls in 0..MOST {
        let bench = yielding().with_ana().await;
        let link = bench.reset_link().await;
        let visitor = Visitor::new("");
        let reset = bench.accounts.reset(&link, &visitor, bytes(NEW), &[]);
        let done = dropped_after(polls, reset).await;
        let (has_old, has_new) = (bench.signs_in(OLD).await, bench.signs_in(NEW).await);
        assert_ne!(has_old, has_new, "after {polls} polls");
        // The link that has served is dead, whatever was tidied up; else it still works.
        bench.clock.fetch_sub(2 * (DAY + HOUR), Ordering::SeqCst);
        let again = bench.reset(&link, THIRD).await;
        assert_eq!(
            matches!(again, Reset::Stale),
            has_new,
            "after {polls} polls: {again:?}"
        );
        if done.is_some() {
            ended = true;
            break;
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn a_sign_in_dropped_anywhere_is_a_failure_or_never_began_until_it_succeeds() {
    let mut ended = false;
    for polls in 0..MOST {
        let bench = yielding().with_ana().await;
        // Nine failures before: one more blocks.
        for _ in 0..9 {
            assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
        }
        let visitor = ana();
        let done = dropped_after(polls, bench.accounts.sign_in(&visitor, bytes(OLD))).await;
        let blocked = matches!(bench.sign_in(NEW).await, SignIn::Blocked(_));
        if let Some(done) = done {
            assert!(matches!(done, Ok(SignIn::Yes(_))));
            assert!(!blocked, "a success is not counted");
            ended = true;
            break;
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn a_sign_in_dropped_while_it_waits_for_its_hash_stays_a_failure() {
    let bench = yielding().with_ana().await;
    for _ in 0..9 {
        assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    }
    // So that no hash begins.
    let (end, jobs) = busy(&bench).await;
    let visitor = ana();
    let mut sign_in = Box::pin(bench.accounts.sign_in(&visitor, bytes(OLD)));
    while bench.accounts.login.hashing().load().waiting == 0 {
        let polled = poll_fn(|context| Poll::Ready(sign_in.as_mut().poll(context))).await;
        assert!(polled.is_pending());
        tokio::task::yield_now().await;
    }
    drop(sign_in);
    drop(end);
    for job in jobs {
        job.await.expect("no panic");
    }
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Blocked(_)));
}

/// A bench whose workers are all busy until the sender is dropped.
async fn busy(
    bench: &Bench,
) -> (
    std::sync::mpsc::Sender<()>,
    Vec<tokio::task::JoinHandle<()>>,
) {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = Arc::new(std::sync::Mutex::new(ended));
    let jobs = (0..2).map(|_| {
        let (login, ended) = (bench.accounts.login.clone(), ended.clone());
        tokio::spawn(async move {
            let wait = move |_: &password::hash::Hasher, _: &mut password::hash::Matrix| {
                let _ = ended.lock().expect("no panic").recv();
            };
            login.hashing().run(64, wait).await.expect("done");
        })
    });
    let jobs = jobs.collect();
    while bench.accounts.login.hashing().load().free_workers > 0 {
        tokio::task::yield_now().await;
    }
    (end, jobs)
}

#[tokio::test]
async fn a_sign_in_under_way_opens_nothing_once_its_password_is_over() {
    for what in ["compromise", "replace", "remove", "nothing"] {
        let bench = yielding().with_ana().await;
        let (end, jobs) = busy(&bench).await;
        let visitor = ana();
        let mut sign_in = Box::pin(bench.accounts.sign_in(&visitor, bytes(OLD)));
        while bench.accounts.login.hashing().load().waiting == 0 {
            let polled = poll_fn(|context| Poll::Ready(sign_in.as_mut().poll(context))).await;
            assert!(polled.is_pending());
            tokio::task::yield_now().await;
        }
        // Whoever ends the sessions now does not know of this one.
        let accounts = &bench.accounts;
        match what {
            "compromise" => drop(accounts.compromise(&name()).await.expect("done")),
            "remove" => assert!(accounts.remove(&name()).await.expect("done")),
            "nothing" => {}
            _ => {
                let hash = bench.credential().await.hash().clone();
                let (now, origin) = (accounts.now(), crate::Origin::Chosen);
                let ana = name();
                let changed = accounts.update(&ana, |present| {
                    Ok(Some(present.changed(hash.clone(), now, origin, 0)?))
                });
                assert!(changed.await.expect("done").is_some());
            }
        }
        bench.noted();
        drop(end);
        for job in jobs {
            job.await.expect("no panic");
        }
        let found = sign_in.await.expect("an answer");
        if what == "nothing" {
            assert!(matches!(found, SignIn::Yes(_)), "{found:?}");
            continue;
        }
        assert!(matches!(found, SignIn::No), "{what}: {found:?}");
        assert_eq!(bench.noted(), ["sign-in-failed"], "{what}");
    }
}

#[tokio::test]
async fn a_confirmation_dropped_anywhere_opens_one_account_or_none() {
    let mut ended = false;
    for polls in 0..MOST {
        let bench = yielding();
        let registered = bench.accounts.register(&ana(), bytes(OLD), &[]).await;
        let Ok(Register::Asked(notices)) = registered else {
            panic!("{registered:?}");
        };
        let link = notices[0].token().expect("a link").expose().to_owned();
        let visitor = Visitor::new("");
        let confirm = bench.accounts.confirm(&link, &visitor, bytes(OLD));
        let done = dropped_after(polls, confirm).await;
        let there = bench
            .accounts
            .generation(&name())
            .await
            .expect("done")
            .is_some();
        let again = bench.accounts.confirm(&link, &visitor, bytes(OLD)).await;
        match again.expect("done") {
            Confirm::Done(_) => assert!(!there, "opened twice after {polls} polls"),
            // Taken, and dropped before the account was opened: another registration will do.
            Confirm::Stale => {}
            other => panic!("{other:?}"),
        }
        if done.is_some() {
            assert!(there);
            ended = true;
            break;
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn an_attribution_or_a_compromise_dropped_anywhere_is_whole_or_not_there() {
    for what in ["attribute", "compromise", "contact"] {
        let mut ended = false;
        for polls in 0..MOST {
            let bench = yielding().with_ana().await;
            let before = bench.credential().await.record();
            let accounts = &bench.accounts;
            let name = name();
            let done = match what {
                "attribute" => dropped_after(polls, accounts.attribute(&name, None))
                    .await
                    .is_some(),
                "compromise" => dropped_after(polls, accounts.compromise(&name))
                    .await
                    .is_some(),
                _ => dropped_after(polls, accounts.contact_changed(&name))
                    .await
                    .is_some(),
            };
            let after = bench.credential().await;
            let changed = after.record() != before;
            let whole = match what {
                "attribute" => after.origin() != crate::Origin::Chosen,
                "compromise" => after.compromise().is_some(),
                _ => after.contact.is_some(),
            };
            assert_eq!(changed, whole, "{what} after {polls} polls");
            if done {
                assert!(changed);
                ended = true;
                break;
            }
        }
        assert!(ended, "{what}");
    }
}

#[tokio::test]
async fn a_renewal_at_sign_in_never_undoes_a_change() {
    let legacy = legacy().await;
    let mut ended = false;
    for polls in 0..MOST {
        let bench = yielding();
        let credential = Credential::import(legacy.clone(), bench.accounts.now());
        let credential = credential.expect("randomness");
        assert!(
            bench
                .accounts
                .import(&name(), &credential)
                .await
                .expect("done")
        );
        // The sign-in stops half way, the change happens, the sign-in goes on.
        let visitor = ana();
        let mut sign_in = Box::pin(bench.accounts.sign_in(&visitor, bytes(OLD)));
        let stopped = dropped_after(polls, poll_fn(|context| sign_in.as_mut().poll(context))).await;
        let change = bench.change(OLD, NEW).await;
        assert!(
            matches!(change, Change::Done { .. }),
            "after {polls} polls: {change:?}"
        );
        let answer = match stopped {
            Some(answer) => {
                ended = true;
                answer
            }
            None => sign_in.await,
        };
        assert!(
            matches!(answer, Ok(SignIn::Yes(_) | SignIn::No)),
            "{answer:?}"
        );
        assert!(
            bench.signs_in(NEW).await,
            "a change was undone after {polls} polls"
        );
        assert!(!bench.signs_in(OLD).await, "after {polls} polls");
        if ended {
            break;
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn of_two_changes_that_race_one_wins_and_the_other_says_so() {
    for _ in 0..20 {
        let bench = yielding().with_ana().await;
        let (visitor, accounts) = (ana(), &bench.accounts);
        let (one, two) = tokio::join!(
            accounts.change(&visitor, bytes(OLD), bytes(NEW), &[]),
            accounts.change(&visitor, bytes(OLD), bytes(THIRD), &[]),
        );
        let won = [one, two].map(|change| matches!(change, Ok(Change::Done { .. })));
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let winner = if won[0] { NEW } else { THIRD };
        assert!(bench.signs_in(winner).await);
    }
}

#[tokio::test]
async fn marks_and_a_change_that_race_are_all_kept() {
    let bench = yielding().with_ana().await;
    let (visitor, accounts, name) = (ana(), &bench.accounts, name());
    let (change, privileged, contact) = tokio::join!(
        accounts.change(&visitor, bytes(OLD), bytes(NEW), &[]),
        accounts.set_privileged(&name, true),
        accounts.contact_changed(&name),
    );
    assert!(matches!(change, Ok(Change::Done { .. })), "{change:?}");
    assert!(privileged.expect("done") && contact.expect("done").is_some());
    let credential = bench.credential().await;
    assert!(credential.is_privileged() && credential.contact.is_some());
    assert!(bench.signs_in(NEW).await);
}
