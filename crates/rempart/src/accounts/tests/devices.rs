//! Browsers that are known, and nobody kept out by strangers.

use super::*;
use crate::accounts::device::DeviceCookie;

const BLOCK: &str = "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\n";

fn with<'a>(cookie: &'a DeviceCookie, identifier: &'a str) -> Visitor<'a> {
    Visitor {
        device: Some(cookie.as_str()),
        ..Visitor::new(identifier)
    }
}

fn signed_in(found: SignIn) -> SignedIn {
    match found {
        SignIn::Yes(signed_in) => signed_in,
        other => panic!("{other:?}"),
    }
}

/// Strangers block Ana's account.
async fn block(bench: &Bench) {
    while !matches!(bench.sign_in("wrong").await, SignIn::Blocked(_)) {}
}

#[tokio::test]
async fn a_browser_is_known_for_several_accounts() {
    let bench = bench(BLOCK).with_ana().await;
    let names: Vec<String> = (0..6).map(|n| format!("user{n}@example.fr")).collect();
    for name in &names {
        let made = bench
            .accounts
            .create(&Visitor::new(name), bytes(OLD), &[])
            .await;
        assert!(matches!(made, Ok(Create::Done(_))));
    }
    let first = signed_in(bench.sign_in(OLD).await);
    let mut cookie = first.device.expect("a cookie");
    for name in &names[..4] {
        let found = signed_in(bench.sign_in_as(&with(&cookie, name), OLD).await);
        assert_eq!(found.notices.len(), 1, "{name} is new on this browser");
        cookie = found.device.expect("a cookie");
    }
    block(&bench).await;
    // Ana is known still, and nobody is written to again.
    let found = signed_in(
        bench
            .sign_in_as(&with(&cookie, "ana@example.fr"), OLD)
            .await,
    );
    assert_eq!(found.notices.len(), 0);
    cookie = found.device.expect("a cookie");
    for name in &names[..4] {
        let found = signed_in(bench.sign_in_as(&with(&cookie, name), OLD).await);
        assert_eq!(found.notices.len(), 0, "{name}");
        cookie = found.device.expect("a cookie");
    }
    // The sixth takes the place of who signed in the longest ago: of Ana.
    let found = signed_in(bench.sign_in_as(&with(&cookie, &names[5]), OLD).await);
    cookie = found.device.expect("a cookie");
    let found = bench
        .sign_in_as(&with(&cookie, "ana@example.fr"), OLD)
        .await;
    assert!(matches!(found, SignIn::Blocked(_)), "{found:?}");
    let found = signed_in(bench.sign_in_as(&with(&cookie, &names[3]), OLD).await);
    assert_eq!(found.notices.len(), 0);
    assert!(
        cookie.as_str().len() < 600,
        "{} bytes",
        cookie.as_str().len()
    );
}

#[tokio::test]
async fn what_a_browser_makes_up_is_not_written_back() {
    let bench = bench("").with_ana().await;
    let made_up = format!(
        "x~a.b~{0}.c;d~{0}.\r\nset-cookie: e~{0}.{1}~{0}.good-1_",
        "0".repeat(32),
        "A".repeat(200)
    );
    let visitor = Visitor {
        device: Some(&made_up),
        ..ana()
    };
    let cookie = signed_in(bench.sign_in_as(&visitor, OLD).await).device;
    let cookie = cookie.expect("a cookie");
    let entries: Vec<&str> = cookie.as_str().split('~').collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let good = format!("{}.good-1_", "0".repeat(32));
    let visitor = Visitor {
        device: Some(&good),
        ..ana()
    };
    let cookie = signed_in(bench.sign_in_as(&visitor, OLD).await).device;
    assert!(
        cookie
            .expect("a cookie")
            .as_str()
            .ends_with(&format!("~{good}"))
    );
}

#[tokio::test]
async fn nobody_has_a_trusted_browser() {
    let bench = bench(BLOCK).with_ana().await;
    let who = "nobody@example.fr";
    // A token that is good for the name, under the generation that nobody has.
    let throttle = bench.accounts.login().throttle().clone();
    let trusted = throttle.trust(who, bench.accounts.now());
    let token = trusted.expect("randomness").expect("devices are trusted");
    let cookie = format!("{}.{}", "0".repeat(32), token.as_str());
    let stranger = Visitor::new(who);
    while !matches!(bench.sign_in_as(&stranger, NEW).await, SignIn::Blocked(_)) {}
    let known = Visitor {
        device: Some(&cookie),
        ..stranger
    };
    let found = bench.sign_in_as(&known, NEW).await;
    assert!(matches!(found, SignIn::Blocked(_)), "{found:?}");
}

#[tokio::test]
async fn whoever_changes_or_replaces_a_password_stays_known() {
    let bench = bench(BLOCK).with_ana().await;
    let cookie = signed_in(bench.sign_in(OLD).await)
        .device
        .expect("a cookie");
    let visitor = with(&cookie, "ana@example.fr");
    let changed = bench
        .accounts
        .change(&visitor, bytes(OLD), bytes(NEW), &[])
        .await;
    let Ok(Change::Done {
        device: Some(cookie),
        ..
    }) = changed
    else {
        panic!("{changed:?}");
    };
    block(&bench).await;
    let found = bench
        .sign_in_as(&with(&cookie, "ana@example.fr"), NEW)
        .await;
    assert_eq!(signed_in(found).notices.len(), 0);
    // One token for one account, not one for each of its passwords.
    assert!(!cookie.as_str().contains('~'));

    let link = bench.reset_link().await;
    let reset = bench
        .accounts
        .reset(&link, &Visitor::new(""), bytes(THIRD), &[])
        .await;
    let Ok(Reset::Done {
        device: Some(cookie),
        ..
    }) = reset
    else {
        panic!("{reset:?}");
    };
    block(&bench).await;
    let found = bench
        .sign_in_as(&with(&cookie, "ana@example.fr"), THIRD)
        .await;
    assert_eq!(signed_in(found).notices.len(), 0);
}

#[tokio::test]
async fn strangers_who_go_on_trying_do_not_keep_out_who_unlocked() {
    let bench = bench(BLOCK).with_ana().await;
    block(&bench).await;
    let link = secret(bench.accounts.ask_unlock(&ana()).await.expect("done"));
    let unlocked = bench.accounts.unlock(&link, &Visitor::new("")).await;
    let Ok(Unlock::Done {
        device: Some(cookie),
        ..
    }) = unlocked
    else {
        panic!("{unlocked:?}");
    };
    block(&bench).await;
    let found = bench
        .sign_in_as(&with(&cookie, "ana@example.fr"), OLD)
        .await;
    assert!(matches!(found, SignIn::Yes(_)), "{found:?}");
}

#[tokio::test]
async fn a_known_browser_that_is_blocked_is_let_in_by_an_unlock() {
    for way in ["link", "operator"] {
        let bench = bench(BLOCK).with_ana().await;
        let cookie = signed_in(bench.sign_in(OLD).await)
            .device
            .expect("a cookie");
        let known = with(&cookie, "ana@example.fr");
        // Its own three failures, then those of everybody.
        for n in 0..6 {
            let found = bench.sign_in_as(&known, NEW).await;
            assert!(matches!(found, SignIn::No), "{n}: {found:?}");
        }
        let found = bench.sign_in_as(&known, OLD).await;
        assert!(matches!(found, SignIn::Blocked(_)), "{found:?}");
        if way == "link" {
            let link = secret(bench.accounts.ask_unlock(&known).await.expect("done"));
            let unlocked = bench.accounts.unlock(&link, &known).await;
            assert!(matches!(unlocked, Ok(Unlock::Done { .. })));
        } else {
            let done = bench.accounts.unlock_by_operator(&name(), None).await;
            done.expect("an answer");
        }
        let found = bench.sign_in_as(&known, OLD).await;
        assert!(matches!(found, SignIn::Yes(_)), "{way}: {found:?}");
    }
}

#[tokio::test]
async fn a_blocked_person_is_told_once_a_day_and_nobody_else_is() {
    let bench = bench(BLOCK).with_ana().await;
    for who in ["ana@example.fr", "nobody@example.fr"] {
        let visitor = Visitor::new(who);
        let told = || async {
            match bench.sign_in_as(&visitor, "wrong").await {
                SignIn::Blocked(notices) => notices.len(),
                SignIn::No => 0,
                other => panic!("{other:?}"),
            }
        };
        let known = usize::from(who.starts_with("ana"));
        for day in 0..3 {
            let mut sent = 0;
            for _ in 0..20 {
                sent += told().await;
            }
            assert_eq!(sent, known, "{who}, day {day}");
            // Unlocked and blocked again, the same day.
            if let Some(account) = Account::read(who) {
                let unlocked = bench.accounts.unlock_by_operator(&account, None).await;
                unlocked.expect("an answer");
            }
            for _ in 0..20 {
                assert_eq!(told().await, 0);
            }
            bench.pass(DAY);
        }
        let changed = bench
            .accounts
            .change(&visitor, bytes("wrong"), bytes(NEW), &[])
            .await;
        match changed {
            Ok(Change::Blocked(notices)) => assert_eq!(notices.len(), known),
            other => panic!("{other:?}"),
        }
    }
}
