//! Sign-in, change, attributed passwords, renewal, contact, removal.

use super::*;
use crate::credential::Origin;
use crate::notice::To;

#[tokio::test]
async fn an_account_lives_from_creation_to_removal() {
    let bench = bench("").with_ana().await;
    let SignIn::Yes(signed_in) = bench.sign_in(OLD).await else {
        panic!("the right password");
    };
    assert_eq!(signed_in.account, name());
    assert_eq!(signed_in.generation, bench.credential().await.generation());
    assert!(signed_in.device.is_some() && signed_in.weak.is_empty());
    assert_eq!(bench.noted(), ["signed-in", "device-trusted"]);

    assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    assert!(matches!(
        bench.sign_in_as(&Visitor::new("bob@example.fr"), OLD).await,
        SignIn::No
    ));
    let events = bench.journal.take();
    assert!(matches!(
        events[0].kind,
        Kind::SignInFailed { account: Some(_) }
    ));
    // What nobody has may be a password: it is not even hashed.
    assert!(matches!(
        events[1].kind,
        Kind::SignInFailed { account: None }
    ));

    bench.pass(DAY);
    let Change::Done {
        generation,
        revoke,
        notices,
        ..
    } = bench.change(OLD, NEW).await
    else {
        panic!("a change");
    };
    assert_eq!(revoke, Sessions::Others);
    assert!(matches!(
        notices[..],
        [Notice {
            what: What::PasswordChanged,
            ..
        }]
    ));
    assert_ne!(generation, signed_in.generation);
    assert_eq!(
        bench.accounts.generation(&name()).await.expect("an answer"),
        Some(generation)
    );
    assert_eq!(bench.noted(), ["password-changed"]);
    assert!(!bench.signs_in(OLD).await);
    assert!(bench.signs_in(NEW).await);

    assert!(bench.accounts.remove(&name()).await.expect("an answer"));
    assert!(!bench.accounts.remove(&name()).await.expect("an answer"));
    assert!(!bench.signs_in(NEW).await);
    assert_eq!(
        bench.accounts.generation(&name()).await.expect("an answer"),
        None
    );
}

#[tokio::test]
async fn a_name_is_the_same_however_it_is_typed() {
    let bench = bench("").with_ana().await;
    let typed = Visitor::new("  ANA@Example.FR ");
    assert!(matches!(
        bench.sign_in_as(&typed, OLD).await,
        SignIn::Yes(_)
    ));
    let again = bench.accounts.create(&typed, bytes(NEW), &[]).await;
    assert!(matches!(again.expect("an answer"), Create::Taken));
    // The kelvin sign is a `k`, and the message goes to the account.
    let mike = Visitor::new("mike@example.fr");
    let made = bench.accounts.create(&mike, bytes(OLD), &[]);
    assert!(matches!(made.await.expect("an answer"), Create::Done(_)));
    let kelvin = Visitor::new("mi\u{212a}e@example.fr");
    let asked = bench.accounts.ask_reset(&kelvin);
    let Asked::Sent(notices) = asked.await.expect("an answer") else {
        panic!("a link");
    };
    assert_eq!(notices[0].account.as_str(), "mike@example.fr");
}

#[tokio::test]
async fn a_change_asks_for_the_current_password_and_judges_the_new_one() {
    let bench = bench("[login]\nhistory = 2\n").with_ana().await;
    assert!(matches!(bench.change(NEW, THIRD).await, Change::No));
    assert_eq!(bench.noted(), ["change-failed"]);
    bench.pass(DAY);
    for (new, weak) in [("short", true), ("Example.fr4+Example", true), (OLD, false)] {
        let change = bench.change(OLD, new).await;
        match (&change, weak) {
            (Change::Refused(Refused::Weak(found)), true) => assert!(!found.accepted()),
            (Change::Refused(Refused::Used), false) => {}
            _ => panic!("{new}: {change:?}"),
        }
        assert_eq!(bench.noted(), ["password-refused"]);
    }
    // A refused choice is no failure: the current password was right each time.
    assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. }));
    assert!(matches!(
        bench.change(NEW, OLD).await,
        Change::Refused(Refused::Used)
    ));
    assert!(matches!(
        bench.change(NEW, THIRD).await,
        Change::Done { .. }
    ));
    assert!(matches!(
        bench.change(THIRD, OLD).await,
        Change::Refused(Refused::Used)
    ));
    let fourth = "z7?Nv9Wk+jR2";
    assert!(matches!(
        bench.change(THIRD, fourth).await,
        Change::Done { .. }
    ));
    assert_eq!(bench.credential().await.former.len(), 2);
    // Two are kept: the first is free again.
    assert!(matches!(
        bench.change(fourth, NEW).await,
        Change::Refused(Refused::Used)
    ));
    assert!(matches!(
        bench.change(fourth, OLD).await,
        Change::Done { .. }
    ));
}

#[tokio::test]
async fn asking_for_a_temporary_password_does_not_push_the_old_one_out_of_the_history() {
    let bench = bench("[login]\nhistory = 1\n").with_ana().await;
    let given = bench
        .accounts
        .attribute(&name(), None)
        .await
        .expect("a password");
    let typed = given.password.expose().to_owned();
    let back = bench.change(&typed, OLD).await;
    assert!(matches!(back, Change::Refused(Refused::Used)), "{back:?}");
    assert!(matches!(
        bench.change(&typed, NEW).await,
        Change::Done { .. }
    ));
    let back = bench.change(NEW, OLD).await;
    assert!(matches!(back, Change::Refused(Refused::Used)), "{back:?}");
}

/// Another system hashed what was typed, with an accent that is a character of its own:
/// PHP's `password_hash("9fK!r2Vq#tZ7e\u{301}", PASSWORD_ARGON2ID, …)`.
#[tokio::test]
async fn a_password_that_another_system_hashed_as_it_came_is_no_new_one() {
    const APART: &str = "9fK!r2Vq#tZ7e\u{301}";
    const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$T3FKMC9vTGFsZ1JoMmpnZg$OQprNKozW8jKr4GiqN3XpBoHoiLl72wIiLIDk0fV//g";
    let bench = bench("[login]\nhistory = 2\n");
    let hash = StoredHash::parse(HASH).expect("a hash");
    let credential = Credential::import(hash, bench.accounts.now()).expect("randomness");
    let kept = bench.accounts.import(&name(), &credential).await;
    assert!(kept.expect("an answer"));
    let same = bench.change(APART, APART).await;
    assert!(matches!(same, Change::Refused(Refused::Used)), "{same:?}");
    assert!(matches!(
        bench.change(APART, NEW).await,
        Change::Done { .. }
    ));
    // Nor later, among the former ones.
    let back = bench.change(NEW, APART).await;
    assert!(matches!(back, Change::Refused(Refused::Used)), "{back:?}");
}

#[tokio::test]
async fn words_of_the_person_are_refused() {
    let bench = bench("").with_ana().await;
    let words = ["Katzenbach", "Montrouge"];
    let new = "Katzenbach-Montrouge1!";
    let visitor = ana();
    let change = bench
        .accounts
        .change(&visitor, bytes(OLD), bytes(new), &words);
    assert!(matches!(
        change.await.expect("an answer"),
        Change::Refused(Refused::Weak(_))
    ));
}

#[tokio::test]
async fn an_attributed_password_opens_only_its_own_change() {
    let bench = bench("").with_ana().await;
    let link = bench.reset_link().await;
    let given = bench
        .accounts
        .attribute(&name(), None)
        .await
        .expect("a password");
    let typed = given.password.expose().to_owned();
    assert!(!format!("{given:?}").contains(&typed));
    assert_eq!(given.revoke, Sessions::All);
    let message = given.notices[0].message(
        &crate::notice::Site::new("E", "https://example.fr"),
        policy::Language::En,
    );
    assert!(!message.text.contains(&typed), "a password in a message");
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Stale));

    bench.pass(DAY - MINUTE);
    assert!(matches!(bench.sign_in(OLD).await, SignIn::No));
    bench.pass(10);
    bench.noted();
    let found = bench.sign_in(&typed).await;
    assert!(
        matches!(found, SignIn::ChangeFirst(_, MustChange::Attributed(_))),
        "{found:?}"
    );
    assert_eq!(
        bench.noted(),
        ["signed-in", "device-trusted", "change-required"]
    );
    let kept = bench.change(&typed, &typed).await;
    assert!(matches!(kept, Change::Refused(Refused::Used)), "{kept:?}");
    assert!(matches!(
        bench.change(&typed, NEW).await,
        Change::Done { .. }
    ));
    assert_eq!(bench.credential().await.origin(), Origin::Chosen);
    assert!(bench.signs_in(NEW).await);
}

#[tokio::test]
async fn an_attributed_password_is_refused_after_its_time() {
    let bench = bench("");
    let given = bench
        .accounts
        .attribute(&name(), None)
        .await
        .expect("a password");
    let typed = given.password.expose().to_owned();
    bench.pass(DAY);
    bench.noted();
    assert!(matches!(bench.sign_in(&typed).await, SignIn::Expired));
    assert_eq!(bench.noted(), ["temporary-expired"]);
    bench.pass(MINUTE);
    assert!(matches!(bench.change(&typed, NEW).await, Change::Expired));
    // It stays a failure, like any password that opens nothing.
    assert!(matches!(bench.sign_in(&typed).await, SignIn::Wait(_)));
    // Another one works at once: it opens the counters too.
    let again = bench
        .accounts
        .attribute(&name(), None)
        .await
        .expect("a password");
    let found = bench.sign_in(again.password.expose()).await;
    assert!(matches!(found, SignIn::ChangeFirst(..)), "{found:?}");
}

#[tokio::test]
async fn attributed_passwords_have_the_entropy_of_the_case_and_never_repeat() {
    let bench = bench("");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let given = bench
            .accounts
            .attribute(&name(), None)
            .await
            .expect("a password");
        assert!(seen.insert(given.password.expose().to_owned()));
    }
    let generator = bench.accounts.generator.get().expect("made at first use");
    let floor = bench.accounts.login.policy().password().case.floor();
    assert!(generator.bits() >= floor, "{} bits", generator.bits());
}

#[tokio::test]
async fn privileged_accounts_renew_and_others_do_not() {
    let bench = bench("[login]\nprivileged-renewal = \"90d\"\n")
        .with_ana()
        .await;
    bench.pass(90 * DAY);
    assert!(matches!(bench.sign_in(OLD).await, SignIn::Yes(_)));
    assert!(
        bench
            .accounts
            .set_privileged(&name(), true)
            .await
            .expect("an answer")
    );
    let found = bench.sign_in(OLD).await;
    assert!(
        matches!(found, SignIn::ChangeFirst(_, MustChange::Renewal)),
        "{found:?}"
    );
    assert!(matches!(bench.change(OLD, NEW).await, Change::Done { .. }));
    assert!(bench.credential().await.is_privileged());
    bench.pass(90 * DAY - 1);
    assert!(matches!(bench.sign_in(NEW).await, SignIn::Yes(_)));
    bench.pass(1);
    assert!(matches!(bench.sign_in(NEW).await, SignIn::ChangeFirst(..)));
}

#[tokio::test]
async fn a_contact_just_changed_receives_no_link_and_the_former_one_is_told() {
    let bench = bench("").with_ana().await;
    let link = bench.reset_link().await;
    bench.noted();
    let notices = bench
        .accounts
        .contact_changed(&name())
        .await
        .expect("an answer");
    let to: Vec<To> = notices
        .expect("an account")
        .iter()
        .map(|notice| notice.to)
        .collect();
    assert_eq!(to, [To::FormerContact, To::Contact]);
    assert_eq!(bench.noted(), ["contact-changed"]);
    assert!(
        matches!(bench.reset(&link, NEW).await, Reset::Stale),
        "sent to the former one"
    );
    for passed in [0, DAY - 1] {
        bench.pass(passed);
        let asked = bench.accounts.ask_reset(&ana()).await.expect("an answer");
        let Asked::Sent(notices) = asked else {
            panic!("an answer like any other");
        };
        assert!(
            matches!(
                notices[..],
                [Notice {
                    what: What::Held { .. },
                    ..
                }]
            ),
            "{notices:?}"
        );
    }
    bench.pass(1);
    let link = bench.reset_link().await;
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
    let nobody = Account::read("bob").expect("a name");
    assert!(
        bench
            .accounts
            .contact_changed(&nobody)
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn a_password_that_the_policy_would_refuse_today_is_told() {
    let bench = bench("");
    // Chosen where nobody knew the address.
    let weak = "Katzenbach7+Montrouge";
    let chosen = bench.accounts.login().choose(bytes(weak), Context::none());
    let crate::Choice::Kept(hash) = chosen.await.expect("an answer") else {
        panic!("accepted without context");
    };
    let visitor = Visitor::new("katzenbach@montrouge.fr");
    let account = Account::read(visitor.identifier).expect("a name");
    let credential = Credential::import(hash, bench.accounts.now()).expect("randomness");
    assert!(
        bench
            .accounts
            .import(&account, &credential)
            .await
            .expect("an answer")
    );
    bench.noted();
    let SignIn::Yes(found) = bench.sign_in_as(&visitor, weak).await else {
        panic!("the right password");
    };
    assert!(!found.weak.is_empty());
    assert_eq!(
        bench.noted(),
        ["signed-in", "device-trusted", "weak-password"]
    );
}
