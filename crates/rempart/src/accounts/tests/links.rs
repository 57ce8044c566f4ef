//! Reset and unlock links: what they are bound to, and what ends them.

use super::*;

#[tokio::test]
async fn a_reset_replaces_the_password_and_ends_everything_else() {
    let bench = bench("").with_ana().await;
    let SignIn::Yes(before) = bench.sign_in(OLD).await else {
        panic!("the right password");
    };
    let link = bench.reset_link().await;
    bench.noted();
    // A refused password does not spend the link.
    assert!(matches!(
        bench.reset(&link, "short").await,
        Reset::Refused(Refused::Weak(_))
    ));
    assert!(matches!(
        bench.reset(&link, OLD).await,
        Reset::Refused(Refused::Used)
    ));
    let Reset::Done {
        account,
        revoke,
        generation,
        notices,
        ..
    } = bench.reset(&link, NEW).await
    else {
        panic!("a reset");
    };
    assert_eq!((account, revoke), (name(), Sessions::All));
    assert_ne!(generation, before.generation);
    assert!(matches!(
        notices[..],
        [Notice {
            what: What::PasswordReset,
            ..
        }]
    ));
    assert_eq!(
        bench.noted(),
        [
            "password-refused",
            "password-refused",
            "reset-done",
            "unlocked"
        ]
    );
    assert!(matches!(bench.reset(&link, THIRD).await, Reset::Stale));
    assert_eq!(bench.noted(), ["reset-refused"]);
    assert!(!bench.signs_in(OLD).await);
    assert!(bench.signs_in(NEW).await);
}

#[tokio::test]
async fn a_hash_that_nobody_can_verify_is_no_obstacle_to_a_reset() {
    // Its pepper's key is gone; it takes more than the whole budget of memory.
    for (from, to) in [("p=1$", "p=1,keyid=MjAyNmE$"), ("m=32,", "m=524288,")] {
        let bench = bench("");
        let hash = StoredHash::parse(&legacy().await.as_str().replace(from, to));
        let credential = Credential::import(hash.expect("a hash"), bench.accounts.now());
        let credential = credential.expect("randomness");
        assert!(
            bench
                .accounts
                .import(&name(), &credential)
                .await
                .expect("kept")
        );
        let answer = bench.sign_in(OLD).await;
        assert!(matches!(answer, SignIn::No), "{answer:?}");
        assert_eq!(bench.noted(), ["record-unreadable", "sign-in-failed"]);
        let link = bench.reset_link().await;
        let reset = bench.reset(&link, NEW).await;
        assert!(matches!(reset, Reset::Done { .. }), "{reset:?}");
        assert!(bench.signs_in(NEW).await);
    }
}

#[tokio::test]
async fn a_link_works_for_its_lifetime_and_not_a_second_longer() {
    for (passed, works) in [
        (0, true),
        (HOUR - 1, true),
        (HOUR, false),
        (100 * DAY, false),
    ] {
        let bench = bench("").with_ana().await;
        let link = bench.reset_link().await;
        bench.pass(passed);
        let reset = bench.reset(&link, NEW).await;
        assert_eq!(
            matches!(reset, Reset::Done { .. }),
            works,
            "after {passed} s: {reset:?}"
        );
    }
}

#[tokio::test]
async fn anything_that_comes_between_ends_a_link() {
    for what in [
        "newer",
        "change",
        "attribute",
        "compromise",
        "contact",
        "remove",
        "again",
    ] {
        let bench = bench("").with_ana().await;
        let link = bench.reset_link().await;
        let accounts = &bench.accounts;
        let name = name();
        match what {
            "newer" => {
                let newer = bench.reset_link().await;
                assert_ne!(newer, link);
            }
            "change" => assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. })),
            "attribute" => drop(accounts.attribute(&name, None).await.expect("a password")),
            "compromise" => assert!(accounts.compromise(&name).await.expect("done").is_some()),
            "contact" => assert!(
                accounts
                    .contact_changed(&name)
                    .await
                    .expect("done")
                    .is_some()
            ),
            "remove" => assert!(accounts.remove(&name).await.expect("done")),
            // The same name and the same password are another account.
            _ => {
                let credential = bench.credential().await;
                assert!(accounts.remove(&name).await.expect("done"));
                let again = Credential::import(credential.hash.clone(), accounts.now());
                let again = again.expect("randomness");
                assert!(accounts.import(&name, &again).await.expect("done"));
            }
        }
        assert!(
            matches!(bench.reset(&link, THIRD).await, Reset::Stale),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_renewed_hash_does_not_end_a_link() {
    let bench = bench("").with_ana().await;
    let link = bench.reset_link().await;
    let (record, credential) = bench
        .accounts
        .find(&name())
        .await
        .expect("done")
        .expect("her");
    let hash = bench.credential().await.hash;
    let renewed = Credential {
        hash,
        ..credential.clone()
    };
    assert!(
        bench
            .store
            .replace(&name(), &record, &renewed.record())
            .await
            .expect("done")
    );
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
}

#[tokio::test]
async fn a_secret_serves_its_own_purpose_only_and_is_not_in_the_store() {
    let bench = bench("[access]\nmechanism = \"block\"\n").with_ana().await;
    let reset = bench.reset_link().await;
    let unlock = secret(bench.accounts.ask_unlock(&ana()).await.expect("done"));
    assert!(matches!(bench.reset(&unlock, NEW).await, Reset::Stale));
    let visitor = Visitor::new("");
    for wrong in [
        reset.as_str(),
        "",
        "AAAA",
        &"A".repeat(43),
        &"é".repeat(1000),
    ] {
        let unlocked = bench.accounts.unlock(wrong, &visitor).await.expect("done");
        assert!(matches!(unlocked, Unlock::Stale), "{wrong}");
    }
    let digest = crate::accounts::link::LinkToken::digest(&reset).expect("a secret");
    let kept = bench
        .store
        .look_token(&digest)
        .await
        .expect("done")
        .expect("a token");
    assert!(!kept.text.contains(&reset) && !kept.slot.as_str().contains(&reset));
    assert!(matches!(
        bench.accounts.unlock(&unlock, &visitor).await,
        Ok(Unlock::Done { .. })
    ));
    assert!(matches!(bench.reset(&reset, NEW).await, Reset::Done { .. }));
}

#[tokio::test]
async fn of_many_resets_at_once_with_one_link_one_wins() {
    let bench = bench("").with_ana().await;
    let link = bench.reset_link().await;
    let tries = (0..10).map(|n| {
        let (accounts, link) = (bench.accounts.clone(), link.clone());
        tokio::spawn(async move {
            let new = format!("{NEW}-{n}");
            let reset = accounts
                .reset(&link, &Visitor::new(""), bytes(&new), &[])
                .await;
            matches!(reset.expect("done"), Reset::Done { .. }).then_some(new)
        })
    });
    let mut won = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        won.extend(one.await.expect("no panic"));
    }
    let [winner] = &won[..] else {
        panic!("{} resets with one link", won.len());
    };
    assert!(bench.signs_in(winner).await);
}

#[tokio::test]
async fn a_blocked_account_opens_by_link_once_and_by_nobody_else() {
    let bench = bench("[access]\nmechanism = \"block\"\n").with_ana().await;
    for _ in 0..10 {
        assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    }
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Blocked(_)));
    bench.pass(30 * DAY);
    assert!(
        matches!(bench.sign_in(OLD).await, SignIn::Blocked(_)),
        "time does not open it"
    );
    let link = secret(bench.accounts.ask_unlock(&ana()).await.expect("done"));
    bench.noted();
    let visitor = Visitor::new("anybody");
    assert!(matches!(
        bench.accounts.unlock(&link, &visitor).await,
        Ok(Unlock::Done { .. })
    ));
    assert_eq!(bench.noted(), ["unlocked"]);
    assert!(matches!(
        bench.accounts.unlock(&link, &visitor).await,
        Ok(Unlock::Stale)
    ));
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Yes(_)));

    // A reset opens it too, and so does the operator.
    for way in ["reset", "operator"] {
        for _ in 0..10 {
            assert!(matches!(bench.sign_in(THIRD).await, SignIn::No));
        }
        assert!(matches!(bench.sign_in(OLD).await, SignIn::Blocked(_)));
        if way == "operator" {
            bench
                .accounts
                .unlock_by_operator(&name(), None)
                .await
                .expect("done");
            assert!(matches!(bench.sign_in(NEW).await, SignIn::Yes(_)));
        } else {
            let link = bench.reset_link().await;
            assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
            assert!(matches!(bench.sign_in(NEW).await, SignIn::Yes(_)));
            assert!(matches!(bench.change(NEW, OLD).await, Change::Done { .. }));
            let link = bench.reset_link().await;
            assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
            // What the next round blocks with.
            assert!(matches!(bench.change(NEW, OLD).await, Change::Done { .. }));
            assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. }));
        }
    }
}

#[tokio::test]
async fn only_a_policy_that_says_so_unlocks_by_link() {
    for (policy, links) in [
        ("[access]\nmechanism = \"block\"\n", 1),
        (
            "[access]\nmechanism = \"block\"\n[access.block]\nunlock = \"operator\"\n",
            0,
        ),
        ("[access]\nmechanism = \"delay\"\n", 0),
    ] {
        let bench = bench(policy).with_ana().await;
        let Asked::Sent(notices) = bench.accounts.ask_unlock(&ana()).await.expect("done") else {
            panic!("an answer like any other");
        };
        assert_eq!(notices.len(), links, "{policy}");
    }
}

#[tokio::test]
async fn a_reset_or_a_compromise_forgets_trusted_devices() {
    let bench = bench("").with_ana().await;
    let SignIn::Yes(signed_in) = bench.sign_in(OLD).await else {
        panic!("the right password");
    };
    assert_eq!(signed_in.notices.len(), 1, "a device that was not known");
    let cookie = signed_in.device.expect("a cookie");
    assert!(
        cookie.set_cookie().contains("HttpOnly")
            && !format!("{cookie:?}").contains(cookie.as_str())
    );
    let device = Visitor {
        device: Some(cookie.as_str()),
        ..ana()
    };
    let SignIn::Yes(again) = bench.sign_in_as(&device, OLD).await else {
        panic!("the right password");
    };
    assert_eq!(again.notices.len(), 0, "a device that is known");
    // Strangers make the account wait, and not the device.
    assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Wait(_)));
    assert!(matches!(
        bench.sign_in_as(&device, OLD).await,
        SignIn::Yes(_)
    ));
    assert!(
        bench
            .accounts
            .compromise(&name())
            .await
            .expect("done")
            .is_some()
    );
    assert!(
        matches!(bench.sign_in_as(&device, OLD).await, SignIn::Wait(_)),
        "trusted still"
    );
}
