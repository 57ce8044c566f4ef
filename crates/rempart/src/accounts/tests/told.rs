//! What is noted and shown holds nothing that anybody typed.

use super::*;
use crate::notice::Site;

/// Runs the flows of one account, right and wrong, and gives everything that a program might
/// print of their outcomes.
async fn everything(bench: &Bench) -> String {
    let mut shown = Vec::new();
    let accounts = &bench.accounts;
    let visitor = from(7);
    let stranger = Visitor {
        identifier: "hunter2-typed-in-the-wrong-field",
        ..visitor
    };
    let nobody = Visitor::new("\0");
    let mut show = |what: String| shown.push(what);

    show(format!(
        "{:?}",
        accounts.create(&visitor, bytes(OLD), &["Katzenbach"]).await
    ));
    show(format!(
        "{:?}",
        accounts.register(&stranger, bytes(NEW), &[]).await
    ));
    show(format!(
        "{:?}",
        accounts.register(&visitor, bytes(NEW), &[]).await
    ));
    for (who, typed) in [
        (&visitor, OLD),
        (&visitor, NEW),
        (&visitor, NEW),
        (&stranger, OLD),
        (&stranger, OLD),
        (&nobody, OLD),
    ] {
        show(format!("{:?}", accounts.sign_in(who, bytes(typed)).await));
        show(format!("{who:?}"));
    }
    bench.pass(DAY);
    show(format!(
        "{:?}",
        accounts
            .change(&visitor, bytes(THIRD), bytes(NEW), &[])
            .await
    ));
    bench.pass(DAY);
    show(format!(
        "{:?}",
        accounts
            .change(&visitor, bytes(OLD), bytes("short"), &[])
            .await
    ));
    show(format!(
        "{:?}",
        accounts.change(&visitor, bytes(OLD), bytes(NEW), &[]).await
    ));
    let asked = accounts.ask_reset(&visitor).await;
    show(format!("{asked:?}"));
    let link = secret(asked.expect("an answer"));
    show(format!(
        "{:?}",
        accounts
            .reset("nonsense", &visitor, bytes(THIRD), &[])
            .await
    ));
    show(format!(
        "{:?}",
        accounts.reset(&link, &visitor, bytes(NEW), &[]).await
    ));
    show(format!(
        "{:?}",
        accounts.reset(&link, &visitor, bytes(THIRD), &[]).await
    ));
    show(format!("{:?}", accounts.ask_unlock(&visitor).await));
    show(format!("{:?}", accounts.unlock(&link, &visitor).await));
    let given = accounts.attribute(&name(), None).await.expect("a password");
    show(format!("{given:?}"));
    let typed = given.password.expose().to_owned();
    show(format!(
        "{:?}",
        accounts.sign_in(&visitor, bytes(&typed)).await
    ));
    show(format!("{:?}", accounts.compromise(&name()).await));
    show(format!("{:?}", accounts.due(None, 10).await));
    show(format!("{:?}", accounts.contact_changed(&name()).await));
    show(format!("{:?}", bench.credential().await));
    show(format!(
        "{accounts:?} {:?}",
        accounts.generation(&name()).await
    ));
    for event in bench.journal.take() {
        show(format!(
            "{event:?} {:?} {}",
            event.code(),
            event.code().name()
        ));
    }
    let shown = shown.join("\n");
    assert!(!shown.contains(&link) && !shown.contains(&typed), "{shown}");
    shown
}

#[tokio::test]
async fn outcomes_and_events_show_no_password_no_hash_no_link_and_no_name() {
    let shown = everything(&bench("[access]\nmechanism = \"block\"\n")).await;
    for secret in [
        OLD,
        NEW,
        THIRD,
        "short",
        "nonsense",
        "argon2",
        "ana",
        "hunter2",
        "Katzenbach",
    ] {
        // `short` is also a word of a finding, and `ana` of other words.
        let (secret, shown) = match secret {
            "short" | "ana" => (format!("\"{secret}"), shown.clone()),
            _ => (secret.to_lowercase(), shown.to_lowercase()),
        };
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
    for seen in [
        "SignedIn",
        "ResetDone",
        "TemporaryIssued",
        "CompromiseMarked",
    ] {
        assert!(shown.contains(seen), "{seen} is not in {shown}");
    }
}

#[tokio::test]
async fn every_decision_is_noted_once() {
    let bench = bench("").with_ana().await;
    let accounts = bench.accounts.clone();
    let visitor = ana();
    assert!(matches!(bench.sign_in(NEW).await, SignIn::No));
    assert!(matches!(bench.sign_in(NEW).await, SignIn::Wait(_)));
    assert_eq!(bench.noted(), ["sign-in-failed", "sign-in-delayed"]);
    let asked = accounts.ask_reset(&visitor).await;
    let link = secret(asked.expect("an answer"));
    let asked = accounts.ask_reset(&Visitor::new("nobody")).await;
    assert!(matches!(asked, Ok(Asked::Sent(_))));
    // The same for the known and the unknown, so that the journal does not tell either.
    let events = bench.journal.take();
    assert!(events[0].kind == Kind::ResetAsked && events[1].kind == Kind::ResetAsked);
    assert!(matches!(bench.reset("nonsense", NEW).await, Reset::Stale));
    assert!(matches!(bench.reset(&link, NEW).await, Reset::Done { .. }));
    assert_eq!(bench.noted(), ["reset-refused", "reset-done", "unlocked"]);
    let _ = accounts.attribute(&name(), None).await.expect("a password");
    assert_eq!(bench.noted(), ["temporary-issued", "unlocked"]);
    let _ = accounts
        .register(&visitor, bytes(NEW), &[])
        .await
        .expect("an answer");
    let _ = accounts
        .register(&visitor, bytes("x"), &[])
        .await
        .expect("an answer");
    assert_eq!(bench.noted(), ["password-accepted", "password-refused"]);
}

#[tokio::test]
async fn a_message_holds_no_secret_but_its_link() {
    let bench = bench("").with_ana().await;
    let site = Site::new("Exemple", "https://example.fr");
    let Change::Done { notices, .. } = bench.change(OLD, NEW).await else {
        panic!("a change");
    };
    let given = bench
        .accounts
        .attribute(&name(), None)
        .await
        .expect("a password");
    for notice in notices.iter().chain(&given.notices) {
        for language in [policy::Language::Fr, policy::Language::En] {
            let message = notice.message(&site, language);
            for secret in [OLD, NEW, given.password.expose()] {
                assert!(!message.text.contains(secret) && !message.subject.contains(secret));
            }
        }
    }
}
