//! Certificates made here and, for what rcgen refuses to make, in `tests/certificates`.

use std::time::{Duration, SystemTime};

use policy::{Language, clause};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_ED25519, PKCS_RSA_SHA256,
};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A day in 2027, inside the validity of the stored certificates.
pub(super) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * 21_000
}

/// What a row changes about an ordinary certificate.
pub(super) type Changes = fn(&mut CertificateParams);

pub(super) fn params(changes: Changes) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["www.example.fr".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "site");
    params.not_before = (now() - DAY * 10).into();
    params.not_after = (now() + DAY * 80).into();
    changes(&mut params);
    params
}

pub(super) fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.subject_alt_names.clear();
    });
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate with these changes, signed by an authority that is not in the chain.
pub(super) fn issued(changes: Changes) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = params(changes).signed_by(&key, &authority("authority"));
    (certificate.unwrap().pem(), key.serialize_pem())
}

pub(super) fn load(pems: &(String, String)) -> Result<Identity, CertificateError> {
    Identity::from_pem(pems.0.as_bytes(), pems.1.as_bytes(), now())
}

/// A pair of files of `tests/certificates`.
macro_rules! stored {
    ($chain:literal, $key:literal) => {
        (
            include_str!(concat!("../../tests/certificates/", $chain, ".pem")).to_owned(),
            include_str!(concat!("../../tests/certificates/", $key, ".key")).to_owned(),
        )
    };
    ($name:literal) => {
        stored!($name, $name)
    };
}
pub(super) use stored;

#[test]
fn a_certificate_that_browsers_would_refuse_is_refused_at_load() {
    use CertificateError::*;
    let rows = [
        (None, issued(|_| {}), None),
        (
            Some(&clause::TLS_KEY_SIZES),
            stored!("rsa-1024"),
            Some(RsaTooSmall {
                position: 1,
                bits: 1024,
            }),
        ),
        (
            Some(&clause::TLS_KEY_SIZES),
            stored!("secp256k1"),
            Some(KeyKindRefused { position: 1 }),
        ),
        (Some(&clause::TLS_KEY_SIZES), stored!("secp521r1"), None),
        (
            Some(&clause::ANSSI_TLS_SIGNATURES),
            stored!("rsa-2048-sha1"),
            Some(WeakSignature { position: 1 }),
        ),
        (
            Some(&clause::ANSSI_TLS_SIGNATURES),
            stored!("rsa-2048-md5"),
            Some(WeakSignature { position: 1 }),
        ),
        (
            Some(&clause::ANSSI_TLS_SIGNATURES),
            stored!("rsa-2048-pss-sha1"),
            Some(WeakSignature { position: 1 }),
        ),
        (
            Some(&clause::ANSSI_TLS_SIGNATURES),
            stored!("rsa-2048-pss"),
            None,
        ),
        (
            Some(&clause::ANSSI_TLS_CERTIFICATE),
            issued(|params| params.subject_alt_names.clear()),
            Some(NoNames),
        ),
        (
            Some(&clause::ANSSI_TLS_CERTIFICATE),
            issued(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            Some(NotForServers),
        ),
        (
            Some(&clause::ANSSI_TLS_CERTIFICATE),
            issued(|params| {
                params.extended_key_usages = vec![
                    ExtendedKeyUsagePurpose::ClientAuth,
                    ExtendedKeyUsagePurpose::ServerAuth,
                ];
            }),
            None,
        ),
        (
            Some(&clause::ANSSI_TLS_CERTIFICATE),
            issued(|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]),
            Some(NotForSigning),
        ),
        (
            Some(&clause::ANSSI_TLS_CERTIFICATE),
            issued(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            Some(Authority),
        ),
        (
            None,
            issued(|params| params.not_after = (now() - DAY).into()),
            Some(Expired {
                position: 1,
                not_after: now() - DAY,
            }),
        ),
        (
            None,
            issued(|params| params.not_before = (now() + DAY).into()),
            Some(NotYetValid {
                position: 1,
                not_before: now() + DAY,
            }),
        ),
    ];
    for (clause, pems, expected) in rows {
        let found = load(&pems).err();
        assert_eq!(found, expected, "{:?}", clause.map(|clause| clause.id));
        if let Some(error) = found {
            assert_eq!(error.clause(), clause, "{error}");
        }
    }
}

#[test]
fn every_usual_kind_of_key_is_served() {
    for algorithm in [
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_ECDSA_P521_SHA512,
        &PKCS_ED25519,
        &PKCS_RSA_SHA256,
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = params(|_| {}).self_signed(&key).unwrap();
        let found = load(&(certificate.pem(), key.serialize_pem()));
        assert!(found.is_ok(), "{algorithm:?}: {found:?}");
    }
    let older_form = stored!("rsa-2048-pss", "rsa-2048-pss-pkcs1");
    assert!(load(&older_form).is_ok());
}

#[test]
fn the_key_must_be_that_of_the_first_certificate() {
    let (chain, key) = issued(|_| {});
    let (other, other_key) = issued(|_| {});
    use CertificateError::*;
    let garbage = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let bad_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let rows = [
        (chain.clone(), other_key, KeyMismatch),
        (
            format!("{other}{chain}"),
            key.clone(),
            LeafNotFirst { position: 2 },
        ),
        (String::new(), key.clone(), NoCertificate),
        (key.clone(), key.clone(), NoCertificate),
        (garbage.to_owned(), key.clone(), ChainUnreadable),
        (
            no_der.to_owned(),
            key.clone(),
            CertificateUnreadable { position: 1 },
        ),
        (chain.repeat(11), key.clone(), ChainTooLong { max: 10 }),
        (chain.clone(), String::new(), NoKey),
        (chain.clone(), chain.clone(), NoKey),
        (chain.clone(), bad_key.to_owned(), KeyUnreadable),
        (
            chain.clone(),
            stored!("rsa-2048-pss", "encrypted-pkcs8").1,
            KeyEncrypted,
        ),
        (
            chain,
            stored!("rsa-2048-pss", "encrypted-pkcs1").1,
            KeyEncrypted,
        ),
    ];
    for (chain, key, expected) in rows {
        assert_eq!(load(&(chain, key)).err(), Some(expected));
    }
    let both = load(&(format!("{}{}", key, issued(|_| {}).0), key));
    assert_eq!(
        both.err(),
        Some(KeyMismatch),
        "a key in the chain file is skipped"
    );
}

#[test]
fn each_certificate_must_be_issued_by_the_next() {
    let root = authority("root");
    let middle_key = KeyPair::generate().unwrap();
    let middle_params = params(|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(DnType::CommonName, "middle");
    });
    let middle = CertifiedIssuer::signed_by(middle_params, middle_key, &root).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params(|_| {}).signed_by(&key, &middle).unwrap();
    // Same name, other key: the names agree and the signature does not.
    let impostor = authority("middle");

    let leaf = Certificate::pem(&leaf);
    let (middle, root, impostor) = (middle.pem(), root.pem(), impostor.pem());
    let broken = |position| Some(CertificateError::ChainBroken { position });
    let rows = [
        (vec![&leaf], None),
        (vec![&leaf, &middle], None),
        (vec![&leaf, &middle, &root], None),
        (vec![&leaf, &root], broken(1)),
        (vec![&leaf, &root, &middle], broken(1)),
        (vec![&leaf, &impostor], broken(1)),
        (vec![&leaf, &middle, &impostor], broken(2)),
        (vec![&leaf, &leaf], broken(1)),
        (
            vec![&middle, &leaf],
            Some(CertificateError::LeafNotFirst { position: 2 }),
        ),
    ];
    for (chain, expected) in rows {
        let chain: String = chain.into_iter().map(String::as_str).collect();
        assert_eq!(load(&(chain, key.serialize_pem())).err(), expected);
    }
}

#[test]
fn every_error_says_what_to_do_in_both_languages_and_shows_no_key() {
    use CertificateError::*;
    let (position, not_after) = (1, now());
    let errors = [
        ChainUnreadable,
        NoCertificate,
        ChainTooLong { max: 10 },
        CertificateUnreadable { position },
        NoKey,
        KeyUnreadable,
        KeyEncrypted,
        KeyMismatch,
        LeafNotFirst { position },
        ChainBroken { position },
        Expired {
            position,
            not_after,
        },
        NotYetValid {
            position,
            not_before: not_after,
        },
        RsaTooSmall {
            position,
            bits: 1024,
        },
        KeyKindRefused { position },
        WeakSignature { position },
        NoNames,
        Authority,
        NotForServers,
        NotForSigning,
    ];
    for error in errors {
        let (french, english) = (error.text(Language::Fr), error.text(Language::En));
        assert!(french.ends_with('.') && english.ends_with('.'), "{error:?}");
        assert_ne!(french, english);
    }
    assert!(
        Expired {
            position,
            not_after
        }
        .text(Language::En)
        .contains("2027-07-01")
    );

    let pems = issued(|_| {});
    let shown = format!("{:?}", load(&pems).unwrap());
    assert!(!shown.contains("PRIVATE") && shown.contains("www.example.fr"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_without_panic(chain: Vec<u8>, key: Vec<u8>) {
        prop_assert!(Identity::from_pem(&chain, &key, now()).is_err());
    }

    #[test]
    fn a_damaged_certificate_never_panics(at in 0usize..400, byte: u8) {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        let (chain, _) = stored!("secp521r1");
        let mut der = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap().to_vec();
        let at = at % der.len();
        der[at] = byte;
        let damaged = [CertificateDer::from(der)];
        if let Ok(parsed) = parse::chain(&damaged) {
            let _ = parse::check(&parsed, now());
        }
    }
}
