use super::*;
use crate::certificate::{CertificateWarning, Identity};

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * 21_000
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn identity(issued: &IssuedPem, now: SystemTime) -> Identity {
    Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes(), now).unwrap()
}

#[test]
fn an_issued_certificate_passes_the_rules_of_every_other() {
    let names = hosts(&[
        "localhost",
        "WWW.Example.fr",
        "127.0.0.1",
        "[::1]",
        "2001:db8::1",
    ]);
    let issued = Authority::new(now()).unwrap().issue(&names, now()).unwrap();
    let identity = identity(&issued, now());
    assert_eq!(identity.warnings(now(), &names), []);
    for host in [
        "localhost",
        "www.example.fr",
        "127.0.0.1",
        "::1",
        "[2001:db8::1]",
    ] {
        assert!(identity.covers(host), "{host}");
    }
    assert!(!identity.covers("example.fr"));
    assert_eq!(identity.not_after(), now() + LEAF_LIFE);
}

#[test]
fn an_authority_kept_on_disk_goes_on_issuing() {
    let first = Authority::new(now()).unwrap();
    let second = Authority::from_pem(first.cert_pem(), &first.key_pem()).unwrap();
    assert_eq!(second.cert_pem(), first.cert_pem());
    assert_eq!(second.key_pem(), first.key_pem());
    assert_eq!(second.not_after(), first.not_after());

    let issued = second.issue(&hosts(&["localhost"]), now()).unwrap();
    // The chain of leaf and authority is in order, so the names and the signature agree.
    let chain = format!("{}{}", issued.chain, first.cert_pem());
    let whole = Identity::from_pem(chain.as_bytes(), issued.key.as_bytes(), now());
    assert!(whole.is_ok(), "{whole:?}");
    assert!(
        !identity(&issued, now())
            .warnings(now(), &[])
            .contains(&CertificateWarning::SelfSigned)
    );
}

#[test]
fn nothing_outlives_the_authority() {
    let authority = Authority::new(now()).unwrap();
    let late = now() + AUTHORITY_LIFE - DAY;
    let issued = authority.issue(&hosts(&["localhost"]), late).unwrap();
    assert_eq!(identity(&issued, late).not_after(), authority.not_after());
    let after = authority.issue(&hosts(&["localhost"]), now() + AUTHORITY_LIFE);
    assert_eq!(after.unwrap_err(), DevError::Expired);
}

#[test]
fn the_authority_says_what_it_is_and_can_do_little() {
    let authority = Authority::new(now()).unwrap();
    let der = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).unwrap();
    let (_, certificate) = parse_x509_certificate(&der).unwrap();
    let name = certificate.subject().iter_common_name().next().unwrap();
    assert_eq!(name.as_str().unwrap(), AUTHORITY_NAME);
    let constraints = certificate.basic_constraints().unwrap().unwrap();
    assert_eq!(constraints.value.path_len_constraint, Some(0));
    let usage = certificate.extended_key_usage().unwrap().unwrap();
    assert!(usage.value.server_auth && !usage.value.any && !usage.value.code_signing);
}

#[test]
fn bad_input_is_refused_in_words() {
    let authority = Authority::new(now()).unwrap();
    let other = Authority::new(now()).unwrap();
    let issue = |names: &[&str]| authority.issue(&hosts(names), now()).unwrap_err();
    let host = |host: &str, reason| DevError::Host {
        host: host.to_owned(),
        reason,
    };
    let read = |cert: &str, key: &str| Authority::from_pem(cert, key).unwrap_err();
    let leaf = authority.issue(&hosts(&["localhost"]), now()).unwrap();
    let rows = [
        (issue(&[]), DevError::NoHost),
        (issue(&["localhost", ""]), host("", HostError::Empty)),
        (
            issue(&["localhost:8443"]),
            host("localhost:8443", HostError::Port),
        ),
        (
            issue(&["*.example.fr"]),
            host("*.example.fr", HostError::Character),
        ),
        (read("", &authority.key_pem()), DevError::Unreadable),
        (read(authority.cert_pem(), "garbage"), DevError::Unreadable),
        (
            read(authority.cert_pem(), &other.key_pem()),
            DevError::KeyMismatch,
        ),
        (read(&leaf.chain, &leaf.key), DevError::Unreadable),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
        assert_ne!(found.text(Language::Fr), found.text(Language::En));
    }
}

#[test]
fn keys_are_never_shown() {
    let authority = Authority::new(now()).unwrap();
    let issued = authority.issue(&hosts(&["localhost"]), now()).unwrap();
    let shown = format!("{authority:?} {issued:?}");
    for key in [authority.key_pem(), issued.key] {
        let secret = key.lines().nth(1).unwrap();
        assert!(!shown.contains(secret));
    }
    assert!(!shown.contains("PRIVATE KEY"));
}
