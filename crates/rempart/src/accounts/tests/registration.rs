//! Registration: the same answer for all, and an account for who has the address and the
//! password.

use super::*;

const BOB: &str = "bob@example.fr";

async fn register(bench: &Bench, who: &str, typed: &str) -> Notice {
    let visitor = Visitor::new(who);
    let registered = bench.accounts.register(&visitor, bytes(typed), &[]).await;
    let Ok(Register::Asked(mut notices)) = registered else {
        panic!("{registered:?}");
    };
    notices.pop().expect("a notice")
}

fn link(notice: &Notice) -> &str {
    notice.token().expect("a link").expose()
}

async fn confirm(bench: &Bench, secret: &str, typed: &str) -> Confirm {
    let visitor = Visitor::new("whatever is typed here");
    let confirmed = bench.accounts.confirm(secret, &visitor, bytes(typed)).await;
    confirmed.expect("an answer")
}

#[tokio::test]
async fn an_account_opens_with_its_link_and_its_password() {
    let bench = bench("");
    let notice = register(&bench, " Bob@example.fr", OLD).await;
    assert_eq!(notice.account.as_str(), BOB);
    let bob = Visitor::new(BOB);
    // Nothing is open yet: trying to sign in tells nobody whether the address was free.
    assert!(matches!(bench.sign_in_as(&bob, OLD).await, SignIn::No));
    bench.pass(MINUTE);
    assert!(matches!(
        confirm(&bench, link(&notice), NEW).await,
        Confirm::No
    ));
    bench.pass(MINUTE);
    bench.noted();
    let Confirm::Done(signed_in) = confirm(&bench, link(&notice), OLD).await else {
        panic!("the right password");
    };
    assert_eq!(signed_in.account.as_str(), BOB);
    assert_eq!(bench.noted(), ["registered", "signed-in", "device-trusted"]);
    assert!(matches!(
        confirm(&bench, link(&notice), OLD).await,
        Confirm::Stale
    ));
    assert!(matches!(bench.sign_in_as(&bob, OLD).await, SignIn::Yes(_)));
}

#[tokio::test]
async fn registering_an_account_that_exists_changes_nothing_and_tells_its_owner() {
    let bench = bench("").with_ana().await;
    let before = bench.credential().await.record();
    let notice = register(&bench, "ana@example.fr", NEW).await;
    assert!(matches!(notice.what, What::AlreadyRegistered));
    assert_eq!(bench.credential().await.record(), before);
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Yes(_)));
}

#[tokio::test]
async fn a_stranger_who_registers_my_address_has_no_account_there() {
    let bench = bench("");
    let mine = register(&bench, BOB, OLD).await;
    let theirs = register(&bench, BOB, NEW).await;
    // Their link cancels mine, and without their password it opens nothing by itself.
    assert!(matches!(
        confirm(&bench, link(&mine), OLD).await,
        Confirm::Stale
    ));
    assert!(matches!(
        confirm(&bench, link(&theirs), OLD).await,
        Confirm::No
    ));
    // It reached my address all the same: I choose anew.
    let visitor = Visitor::new("");
    let accounts = &bench.accounts;
    let weak = accounts
        .confirm_anew(link(&theirs), &visitor, bytes("short"), &[])
        .await;
    assert!(matches!(weak, Ok(Confirm::Refused(_))), "{weak:?}");
    let done = accounts
        .confirm_anew(link(&theirs), &visitor, bytes(THIRD), &[])
        .await;
    assert!(matches!(done, Ok(Confirm::Done(_))), "{done:?}");
    bench.pass(DAY + HOUR);
    let bob = Visitor::new(BOB);
    assert!(matches!(bench.sign_in_as(&bob, NEW).await, SignIn::No));
    bench.pass(MINUTE);
    assert!(matches!(
        bench.sign_in_as(&bob, THIRD).await,
        SignIn::Yes(_)
    ));
    let again = accounts
        .confirm_anew(link(&theirs), &visitor, bytes(OLD), &[])
        .await;
    assert!(matches!(again, Ok(Confirm::Stale)), "{again:?}");
}

#[tokio::test]
async fn a_link_of_registration_opens_no_account_that_was_opened_or_removed_meanwhile() {
    let bench = bench("");
    let notice = register(&bench, "ana@example.fr", NEW).await;
    let bench = bench.with_ana().await;
    assert!(matches!(
        confirm(&bench, link(&notice), NEW).await,
        Confirm::Stale
    ));
    bench.pass(MINUTE);
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Yes(_)));
    assert!(bench.accounts.remove(&name()).await.expect("done"));
    bench.pass(MINUTE);
    assert!(matches!(
        confirm(&bench, link(&notice), NEW).await,
        Confirm::Stale
    ));
    let late = register(&bench, "ana@example.fr", NEW).await;
    bench.pass(HOUR);
    assert!(matches!(
        confirm(&bench, link(&late), NEW).await,
        Confirm::Stale
    ));
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_at_once() {
    let bench = bench("");
    let long = "x".repeat(400);
    for who in ["", " ", "a\0b", "bob\u{200b}@example.fr", long.as_str()] {
        let visitor = Visitor::new(who);
        let registered = bench.accounts.register(&visitor, bytes(OLD), &[]).await;
        assert!(
            matches!(registered, Ok(Register::Unusable(_))),
            "{registered:?}"
        );
    }
    for typed in ["short", "bob@example.fr", ""] {
        let registered = bench
            .accounts
            .register(&Visitor::new(BOB), bytes(typed), &[])
            .await;
        assert!(
            matches!(registered, Ok(Register::Refused(_))),
            "{registered:?}"
        );
    }
}
