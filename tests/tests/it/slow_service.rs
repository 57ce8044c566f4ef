//! A service of leaked passwords that never answers, and the people who only sign in.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use rempart::{Choice, Context, Login, SignIn, Visitor, policy};

/// A password that the reference policy accepts.
const GOOD: &[u8] = b"Tulipe+Orage=27kW";

#[tokio::test(flavor = "multi_thread")]
async fn sign_ups_that_wait_for_it_hold_up_no_sign_in() {
    // Connections are taken by the system and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let text = format!(
        "version = 1\n[password.refuse.online]\nurl = \"http://{address}/range/\"\nwhen-down = \"refuse\"\ndeadline = \"8s\"\n"
    );
    let waiting = Login::new(&policy::load(&text).expect("a policy")).expect("a login flow");

    let plain = Login::new(&policy::load("version = 1").expect("a policy")).expect("a login flow");
    let choice = plain.choose(GOOD.to_vec(), Context::none()).await;
    let Ok(Choice::Kept(stored)) = choice else {
        panic!("{choice:?}");
    };

    // More of them than hashes may be computed at once on any machine that runs this.
    let sign_ups: Vec<_> = (0..40)
        .map(|n| {
            let login = waiting.clone();
            let typed = format!("Tulipe+Orage={n}kW").into_bytes();
            tokio::spawn(async move { login.choose(typed, Context::none()).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    let answer = waiting
        .sign_in(&Visitor::new("ana"), GOOD.to_vec(), Some(&stored))
        .await;
    assert!(matches!(answer, Ok(SignIn::Yes { .. })), "{answer:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    // And every sign-up is refused as the policy says, with its reason.
    for sign_up in sign_ups {
        let choice = sign_up.await.expect("it ends").expect("a verdict");
        let Choice::Refused(assessment) = choice else {
            panic!("{choice:?}");
        };
        assert_eq!(assessment.findings()[0].code(), "leak-unchecked");
    }
}
