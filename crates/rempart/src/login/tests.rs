use journal::Collected;

use super::*;

const RIGHT: &str = "9fK!r2Vq#tZ7";

fn login(more: &str, kib: u32) -> (Login, Collected) {
    let text = format!(
        "version = 1\n{more}\n[hash]\nmemory = \"{kib} KiB\"\niterations = 1\n[[deviation]]\n\
         clause = \"asvs-hash-cost\"\nreason = \"tests count hashes, not time\"\n"
    );
    let loaded = policy::load(&text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("test", &text, policy::Language::En, false)
        )
    });
    let journal = Collected::default();
    let login = Login::new(&loaded).expect("a login flow");
    (login.with_journal(journal.clone()), journal)
}

async fn kept(login: &Login) -> StoredHash {
    let chosen = login.choose(RIGHT.into(), Context::none()).await;
    match chosen {
        Ok(Choice::Kept(hash)) => hash,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_smaller_face_judges_compares_and_notes() {
    let (login, journal) = login("", 64);
    let hash = kept(&login).await;
    let refused = login.choose(b"short".to_vec(), Context::none()).await;
    assert!(matches!(refused, Ok(Choice::Refused(found)) if !found.findings().is_empty()));
    let ana = Visitor::new("ana");
    let found = login.sign_in(&ana, RIGHT.into(), Some(&hash)).await;
    let Ok(SignIn::Yes {
        renewed: None,
        device: Some(device),
    }) = found
    else {
        panic!("{found:?}");
    };
    let wrong = login.sign_in(&ana, b"wrong".to_vec(), Some(&hash)).await;
    assert!(matches!(wrong, Ok(SignIn::No)), "{wrong:?}");
    let wait = login.sign_in(&ana, RIGHT.into(), Some(&hash)).await;
    assert!(matches!(wait, Ok(SignIn::Wait(_))), "{wait:?}");
    let known = Visitor {
        device: Some(device.as_str()),
        ..ana
    };
    let found = login.sign_in(&known, RIGHT.into(), Some(&hash)).await;
    assert!(matches!(found, Ok(SignIn::Yes { .. })), "{found:?}");
    login.unlock(&ana).await.expect("an answer");
    let found = login.sign_in(&ana, RIGHT.into(), Some(&hash)).await;
    assert!(matches!(found, Ok(SignIn::Yes { .. })), "{found:?}");
    let nobody = login
        .sign_in(&Visitor::new("bob"), RIGHT.into(), None)
        .await;
    assert!(matches!(nobody, Ok(SignIn::No)), "{nobody:?}");
    let codes: Vec<_> = journal
        .take()
        .iter()
        .map(|event| event.code().name())
        .collect();
    assert_eq!(
        codes,
        [
            "password-accepted",
            "password-refused",
            "signed-in",
            "sign-in-failed",
            "sign-in-delayed",
            "signed-in",
            "unlocked",
            "signed-in",
            "sign-in-failed"
        ]
    );
}

#[tokio::test]
async fn a_hash_of_another_age_comes_back_renewed() {
    let (old, _) = login("", 32);
    let (new, _) = login("", 64);
    let hash = kept(&old).await;
    let ana = Visitor::new("ana");
    let found = new.sign_in(&ana, RIGHT.into(), Some(&hash)).await;
    let Ok(SignIn::Yes {
        renewed: Some(renewed),
        ..
    }) = found
    else {
        panic!("{found:?}");
    };
    let found = new.sign_in(&ana, RIGHT.into(), Some(&renewed)).await;
    assert!(
        matches!(found, Ok(SignIn::Yes { renewed: None, .. })),
        "{found:?}"
    );
    // Back at the older policy nothing is renewed: no ping-pong.
    let found = old.sign_in(&ana, RIGHT.into(), Some(&renewed)).await;
    assert!(
        matches!(found, Ok(SignIn::Yes { renewed: None, .. })),
        "{found:?}"
    );
}

/// A store that goes down once it has admitted, and does not tell what it forgets.
struct Shaky;

impl access::Store for Shaky {
    fn admit<'a>(&'a self, _: &'a access::Ask) -> access::store::Answer<'a, access::Verdict> {
        Box::pin(async { Ok(access::Verdict::Admit) })
    }

    fn succeed<'a>(&'a self, _: &'a access::Ask) -> access::store::Answer<'a, ()> {
        Box::pin(async { Err(access::StoreError::Unreachable("cut".into())) })
    }

    fn unlock(&self, _: access::CounterKey, _: Timestamp) -> access::store::Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn may_forget(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_counters_is_noted() {
    let (login, journal) = login("", 64);
    let hash = kept(&login).await;
    journal.take();
    let keys = access::KeyMaker::with_secret([1; 32]);
    let throttle = Throttle::new(Shaky, keys, login.policy().access());
    let login = login.with_throttle(throttle);
    let ana = Visitor::new("ana");
    let found = login.sign_in(&ana, RIGHT.into(), Some(&hash)).await;
    assert!(matches!(found, Ok(SignIn::Yes { .. })), "{found:?}");
    let events = journal.take();
    let codes: Vec<_> = events.iter().map(|event| event.code().name()).collect();
    assert_eq!(codes, ["store-may-forget", "signed-in", "store-down"]);
    let last = format!("{:?}", events[2]);
    assert!(last.contains("Counted"), "{last}");
}

#[tokio::test]
async fn the_journal_of_the_policy_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "version = 1\n[journal]\nfolder = \"events\"\n";
    let loaded = policy::load(text).expect("a policy");
    let login = Login::open(&loaded, folder.path()).expect("a login flow");
    let nobody = Visitor::new("hunter2");
    let found = login.sign_in(&nobody, RIGHT.into(), None).await;
    assert!(matches!(found, Ok(SignIn::No)), "{found:?}");
    drop(login);
    let files = std::fs::read_dir(folder.path().join("events")).expect("the journal's folder");
    let lines: String = files
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("lines"))
        .collect();
    assert!(lines.contains("\"policy-loaded\""), "{lines}");
    assert!(lines.contains("\"sign-in-failed\""), "{lines}");
    assert!(!lines.contains("hunter2"), "{lines}");

    std::fs::write(folder.path().join("taken"), "").expect("a file");
    let text = text.replace("events", "taken");
    let loaded = policy::load(&text).expect("a policy");
    let error = Login::open(&loaded, folder.path());
    let error = error.err().expect("no folder");
    assert!(matches!(error, LoginError::Journal(_)), "{error}");
}
