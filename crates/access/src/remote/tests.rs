use super::*;

#[test]
fn an_address_with_a_password_is_known() {
    for (url, secret) in [
        ("redis://127.0.0.1:6379/0", false),
        ("redis://user@cache.example.fr", false),
        ("redis://:s3cret@cache.example.fr", true),
        ("redis://user:s3@cret@cache.example.fr", true),
        ("postgres://rempart%3As3cret@db.example.fr/rempart", true),
        ("redis://s3/cret@cache.example.fr", true),
    ] {
        assert_eq!(has_password(url), secret, "{url}");
    }
}

#[test]
fn nothing_is_sent_in_clear_to_another_machine() {
    for (host, clear) in [
        ("127.0.0.1", true),
        ("127.8.9.10", true),
        ("::1", true),
        ("[::1]", true),
        ("::ffff:127.0.0.1", true),
        ("LocalHost", true),
        ("localhost.example.fr", false),
        ("10.0.0.1", false),
        ("redis", false),
        ("2001:db8::1", false),
        ("127.0.0.1.example.fr", false),
    ] {
        let endpoint = Endpoint::new("redis://h");
        assert_eq!(endpoint.encrypts(host, false).is_ok(), clear, "{host}");
        assert!(endpoint.encrypts(host, true).is_ok_and(|tls| tls), "{host}");
        let endpoint = endpoint.danger_clear_text();
        assert!(endpoint.encrypts(host, false).is_ok_and(|tls| !tls));
    }
}

#[test]
fn an_endpoint_prints_no_secret() {
    let endpoint = Endpoint::new("redis://:hunter2@host").password("hunter3");
    assert!(!format!("{endpoint:?}").contains("hunter"), "{endpoint:?}");
}

#[test]
fn a_name_stays_inside_its_braces() {
    let endpoint = Endpoint::new("redis://host").name("a}:{b shop-1.é");
    assert_eq!(endpoint.name, "abshop-1.");
}

#[test]
fn every_error_tells_what_to_do_in_both_languages() {
    for error in [
        OpenError::Address,
        OpenError::SecretInAddress,
        OpenError::ClearText,
        OpenError::NoPassword {
            place: "redis.password".to_owned(),
        },
        OpenError::NoAuthority,
        OpenError::Unreachable("refused".into()),
        OpenError::WrongPassword,
        OpenError::Forbidden("eval".to_owned()),
        OpenError::Evicts("allkeys-lru".to_owned()),
        OpenError::ReadOnly,
        OpenError::Migration {
            found: None,
            needed: 1,
        },
        OpenError::Migration {
            found: Some(2),
            needed: 1,
        },
    ] {
        let text = error.text();
        // What happened, then what to do.
        assert!(text.fr.contains([';', '?']), "{}", text.fr);
        assert!(text.en.contains(';'), "{}", text.en);
        assert!(!text.fr.contains('\''), "typography: {}", text.fr);
        assert_ne!(text.fr, text.en);
        assert_eq!(error.to_string(), text.en);
    }
}
