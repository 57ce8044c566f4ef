//! `acme`, and what `lint` says of it, without any authority.

use crate::{err, folder, out, run};

#[test]
fn certificates_by_acme_are_tried_in_staging_first_and_their_state_is_told() {
    let here = folder();
    let policy = |directory: &str| {
        std::fs::write(
            here.path().join("policy.toml"),
            format!(
                "version = 1\nlanguage = \"en\"\n[[site]]\nhosts = [\"www.example.fr\"]\n\
                 upstream = \"http://127.0.0.1:1\"\ncertificate = \"acme\"\n\
                 [transport.acme]\nagree-to-terms = true\ndirectory = \"{directory}\"\n"
            ),
        )
        .expect("written");
    };
    for (directory, hint) in [("lets-encrypt", true), ("lets-encrypt-staging", false)] {
        policy(directory);
        let output = run(here.path(), &["lint"], b"");
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let told = out(&output).contains("try `directory = \"lets-encrypt-staging\"`");
        assert_eq!(told, hint, "{directory}");
    }
    let state = ["--state", "state"];
    let output = run(
        here.path(),
        &[&["acme", "status"][..], &state].concat(),
        b"",
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "www.example.fr: no certificate\n");
    let json = ["acme", "status", "--format", "json"];
    let output = run(here.path(), &[&json[..], &state].concat(), b"");
    let states: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(states[0]["well"], false);
    for (command, host, why) in [
        (
            "renew",
            "other.example.fr",
            "No site named other.example.fr",
        ),
        (
            "revoke",
            "www.example.fr",
            "no certificate for www.example.fr",
        ),
    ] {
        let output = run(
            here.path(),
            &[&["acme", command, host][..], &state].concat(),
            b"",
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(why), "{}", err(&output));
    }
}
