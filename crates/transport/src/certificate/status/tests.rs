//! Answers made here by a responder that can be told to lie. The real one, OpenSSL's, answers in
//! `tests/tests/e2e/stapling.rs`.

use policy::Language;
use proptest::prelude::*;
use rcgen::{
    CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose, KeyPair,
    SigningKey,
};

use super::*;
use crate::certificate::tests::{authority, now, params};
use crate::certificate::{CertificateWarning, Identity};

const HOUR: Duration = Duration::from_secs(60 * 60);
const ADDRESS: &str = "http://ocsp.example.fr/";
/// `ecdsa-with-SHA256` and `ecdsa-with-SHA1`.
const SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
/// Where responders are named: `id-ad-ocsp`, and `id-ad-caIssuers` beside it.
const AD_OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
const AD_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];

/// `authorityInfoAccess` with these addresses.
fn access(of: &[(&[u8], &str)]) -> CustomExtension {
    let one = |(method, address): &(&[u8], &str)| {
        let method = value(OBJECT_IDENTIFIER, &[method]);
        value(SEQUENCE, &[&method, &value(bare(6), &[address.as_bytes()])])
    };
    let all = of.iter().map(one).collect::<Vec<_>>().concat();
    let of = value(SEQUENCE, &[&all]);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], of)
}

/// The features of RFC 7633 by their numbers.
fn features(of: &[u8]) -> CustomExtension {
    let all: Vec<u8> = of.iter().flat_map(|of| value(INTEGER, &[&[*of]])).collect();
    let of = value(SEQUENCE, &[&all]);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 24], of)
}

fn site(issuer: &CertifiedIssuer<'_, KeyPair>, extensions: Vec<CustomExtension>) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = params(|_| {});
    params.custom_extensions = extensions;
    let leaf = params.signed_by(&key, issuer).unwrap();
    let chain = leaf.pem() + &issuer.pem();
    Identity::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes(), now()).unwrap()
}

/// What an answer says, and who signs it.
struct Answer<'a> {
    refusal: u8,
    id: Vec<u8>,
    hash: &'a [u8],
    state: Vec<u8>,
    from: SystemTime,
    until: Option<SystemTime>,
    copies: usize,
    name: Vec<u8>,
    algorithm: &'a [u8],
    key: &'a KeyPair,
    delegates: Vec<Vec<u8>>,
}

fn moment(time: SystemTime) -> Vec<u8> {
    let time = jiff::Timestamp::try_from(time).unwrap();
    let text = time.strftime("%Y%m%d%H%M%SZ").to_string();
    value(0x18, &[text.as_bytes()])
}

fn by_key(key: &KeyPair) -> Vec<u8> {
    let hash = Sha1::digest(rcgen::PublicKeyData::der_bytes(key));
    value(context(2), &[&value(OCTET_STRING, &[&hash])])
}

fn by_name(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let (_, certificate) = parse_x509_certificate(certificate).unwrap();
    value(context(1), &[certificate.subject().as_raw()])
}

impl<'a> Answer<'a> {
    /// An ordinary one.
    fn good(question: &StatusQuestion, issuer: &'a CertifiedIssuer<'_, KeyPair>) -> Self {
        Self {
            refusal: 0,
            id: question.id.clone(),
            hash: SHA_1,
            state: value(bare(0), &[]),
            from: now() - HOUR,
            until: Some(now() + HOUR),
            copies: 1,
            name: by_name(issuer.der()),
            algorithm: SHA256,
            key: issuer.key(),
            delegates: Vec::new(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let hash = value(OBJECT_IDENTIFIER, &[self.hash]);
        let id = value(SEQUENCE, &[&value(SEQUENCE, &[&hash]), &self.id]);
        let until = self.until.map(|until| value(context(0), &[&moment(until)]));
        let until = until.unwrap_or_default();
        let single = value(SEQUENCE, &[&id, &self.state, &moment(self.from), &until]);
        let singles = value(SEQUENCE, &[&single.repeat(self.copies)]);
        let signed = value(SEQUENCE, &[&self.name, &moment(self.from), &singles]);
        let algorithm = value(SEQUENCE, &[&value(OBJECT_IDENTIFIER, &[self.algorithm])]);
        let signature = self.key.sign(&signed).unwrap();
        let signature = value(BIT_STRING, &[&[0], &signature]);
        let delegates = value(context(0), &[&value(SEQUENCE, &[&self.delegates.concat()])]);
        let basic = value(SEQUENCE, &[&signed, &algorithm, &signature, &delegates]);
        let kind = value(OBJECT_IDENTIFIER, &[BASIC]);
        let typed = value(SEQUENCE, &[&kind, &value(OCTET_STRING, &[&basic])]);
        let status = value(ENUMERATED, &[&[self.refusal]]);
        value(SEQUENCE, &[&status, &value(context(0), &[&typed])])
    }
}

/// A certificate to sign answers with, its key, as changed.
fn delegate(
    issuer: &CertifiedIssuer<'_, KeyPair>,
    changes: impl FnOnce(&mut CertificateParams),
) -> (Vec<u8>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = params(|_| {});
    params
        .distinguished_name
        .push(DnType::CommonName, "responder");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    changes(&mut params);
    (params.signed_by(&key, issuer).unwrap().der().to_vec(), key)
}

#[test]
fn only_a_good_answer_about_this_certificate_of_now_is_stapled() {
    let issuer = authority("authority");
    let stranger = authority("authority");
    let identity = site(&issuer, vec![access(&[(AD_OCSP, ADDRESS)])]);
    let question = identity.status_question().unwrap().unwrap();
    assert_eq!(question.responder(), ADDRESS);

    let (answering, answering_key) = delegate(&issuer, |_| {});
    let (web, web_key) = delegate(&issuer, |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let (plain, plain_key) = delegate(&issuer, |params| params.extended_key_usages.clear());
    let (past, past_key) = delegate(&issuer, |params| {
        params.not_after = (now() - HOUR).into();
    });
    let (foreign, foreign_key) = delegate(&stranger, |_| {});

    let good = || Answer::good(&question, &issuer);
    let delegated = |certificate: &[u8], key| Answer {
        name: by_key(key),
        key,
        delegates: vec![certificate.to_owned()],
        ..good()
    };
    let revoked = value(context(1), &[&moment(now() - HOUR * 2)]);
    let other = site(&issuer, vec![access(&[(AD_OCSP, ADDRESS)])]);
    let other = other.status_question().unwrap().unwrap();

    use StatusError::*;
    let rows: Vec<(&str, Answer<'_>, Result<(), StatusError>)> = vec![
        ("good", good(), Ok(())),
        (
            "named by key",
            Answer {
                name: by_key(issuer.key()),
                ..good()
            },
            Ok(()),
        ),
        (
            "a little ahead",
            Answer {
                from: now() + SKEW,
                ..good()
            },
            Ok(()),
        ),
        ("a delegate", delegated(&answering, &answering_key), Ok(())),
        (
            "a delegate behind others",
            Answer {
                delegates: vec![web.clone(), answering.clone()],
                ..delegated(&answering, &answering_key)
            },
            Ok(()),
        ),
        (
            "revoked",
            Answer {
                state: revoked.clone(),
                ..good()
            },
            Err(Revoked {
                at: now() - HOUR * 2,
            }),
        ),
        (
            "revoked, in the words of a stranger",
            Answer {
                state: revoked,
                key: stranger.key(),
                ..good()
            },
            Err(Signature),
        ),
        (
            "unknown",
            Answer {
                state: value(bare(2), &[]),
                ..good()
            },
            Err(Unknown),
        ),
        (
            "no end",
            Answer {
                until: None,
                ..good()
            },
            Err(NoEnd),
        ),
        (
            "over",
            Answer {
                until: Some(now()),
                ..good()
            },
            Err(Over { until: now() }),
        ),
        (
            "of tomorrow",
            Answer {
                from: now() + HOUR,
                ..good()
            },
            Err(NotYet { from: now() + HOUR }),
        ),
        (
            "another certificate",
            Answer {
                id: other.id.clone(),
                ..good()
            },
            Err(AboutAnother),
        ),
        (
            "another hash",
            Answer {
                hash: SHA256,
                ..good()
            },
            Err(AboutAnother),
        ),
        (
            "said twice",
            Answer {
                copies: 2,
                ..good()
            },
            Err(AboutAnother),
        ),
        (
            "nothing said",
            Answer {
                copies: 0,
                ..good()
            },
            Err(AboutAnother),
        ),
        (
            "another key",
            Answer {
                key: stranger.key(),
                ..good()
            },
            Err(Signature),
        ),
        (
            "SHA-1",
            Answer {
                algorithm: SHA1,
                ..good()
            },
            Err(Signature),
        ),
        (
            "a certificate for the web",
            delegated(&web, &web_key),
            Err(Stranger),
        ),
        (
            "a certificate for nothing",
            delegated(&plain, &plain_key),
            Err(Stranger),
        ),
        (
            "a delegate of the past",
            delegated(&past, &past_key),
            Err(Stranger),
        ),
        (
            "a delegate of a stranger",
            delegated(&foreign, &foreign_key),
            Err(Stranger),
        ),
        (
            "a delegate that did not sign",
            Answer {
                key: &web_key,
                ..delegated(&answering, &answering_key)
            },
            Err(Signature),
        ),
        (
            "a delegate that is not there",
            Answer {
                delegates: vec![],
                ..delegated(&answering, &answering_key)
            },
            Err(Stranger),
        ),
        (
            "try later",
            Answer {
                refusal: 3,
                ..good()
            },
            Err(Refused { code: 3 }),
        ),
    ];
    for (what, answer, expected) in rows {
        let bytes = answer.bytes();
        let found = question.read(&bytes, now());
        if let Err(error) = &found {
            assert_ne!(error.text(Language::Fr), error.text(Language::En), "{what}");
        }
        match (found, expected) {
            (Ok(status), Ok(())) => {
                assert_eq!(status.answer(), bytes, "{what}");
                assert_eq!(Some(status.next_update()), answer.until, "{what}");
                assert_eq!(status.this_update(), answer.from, "{what}");
                let stapled = identity.with_status(&status).certified_key();
                assert_eq!(stapled.ocsp.as_deref(), Some(&bytes[..]), "{what}");
            }
            (found, expected) => assert_eq!(found.map(drop), expected, "{what}"),
        }
    }
    assert_eq!(identity.certified_key().ocsp, None);
    let large = vec![0; LARGEST_STATUS + 1];
    assert_eq!(question.read(&large, now()), Err(Unreadable));
}

#[test]
fn an_answer_of_openssl_is_read_in_its_hour_and_not_beyond() {
    let chain = include_bytes!("../../../tests/certificates/ocsp.pem");
    let key = include_bytes!("../../../tests/certificates/ocsp.key");
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    // 2026-11-29, from 10:11:46 to 11:11:46.
    let (from, until) = (at(1_795_947_106), at(1_795_950_706));
    let identity = Identity::from_pem(chain, key, from).unwrap();
    let question = identity.status_question().unwrap().unwrap();
    let answer = include_bytes!("../../../tests/certificates/ocsp.der");
    let status = question.read(answer, from).unwrap();
    assert_eq!((status.this_update(), status.next_update()), (from, until));
    assert_eq!(
        question.read(answer, until),
        Err(StatusError::Over { until })
    );
}

#[test]
fn a_damaged_answer_is_stapled_never() {
    let issuer = authority("authority");
    let identity = site(&issuer, vec![access(&[(AD_OCSP, ADDRESS)])]);
    let question = identity.status_question().unwrap().unwrap();
    let bytes = Answer::good(&question, &issuer).bytes();
    for end in 0..bytes.len() {
        assert!(question.read(&bytes[..end], now()).is_err(), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(question.read(&longer, now()).is_err());
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let read = question.read(&changed, now());
        assert!(read.is_err(), "{place} of {}", bytes.len());
    }
}

#[test]
fn whom_to_ask_and_whether_to_insist_is_in_the_certificate() {
    let issuer = authority("authority");
    let https = "https://ocsp.example.fr/";
    let issuers = (AD_ISSUERS, "http://ca.example.fr/ca.cer");
    let rows: [(Vec<CustomExtension>, Option<&str>, bool); 7] = [
        (vec![], None, false),
        (vec![access(&[issuers])], None, false),
        (
            vec![access(&[issuers, (AD_OCSP, ADDRESS)])],
            Some(ADDRESS),
            false,
        ),
        (
            vec![access(&[(AD_OCSP, https), (AD_OCSP, ADDRESS)])],
            Some(ADDRESS),
            false,
        ),
        (vec![access(&[(AD_OCSP, https)])], Some(https), false),
        (
            vec![access(&[(AD_OCSP, ADDRESS)]), features(&[17, 5])],
            Some(ADDRESS),
            true,
        ),
        // `status_request_v2` alone asks for what no browser sends.
        (vec![features(&[17])], None, false),
    ];
    for (extensions, responder, insists) in rows {
        let identity = site(&issuer, extensions);
        let question = identity.status_question().unwrap();
        assert_eq!(question.as_ref().map(|of| of.responder()), responder);
        assert_eq!(identity.must_staple(), insists);
        assert_eq!(identity.warnings(now(), &[]), []);
    }
}

#[test]
fn what_keeps_a_status_from_being_asked_is_said() {
    let issuer = authority("authority");
    let key = KeyPair::generate().unwrap();
    let rows = [
        (
            access(&[(AD_OCSP, ADDRESS)]),
            CertificateWarning::NoIssuer,
            Err(StatusError::NoIssuer),
        ),
        (features(&[5]), CertificateWarning::StatusImpossible, Ok(())),
    ];
    for (extension, warning, asked) in rows {
        let mut params = params(|_| {});
        params.custom_extensions = vec![extension];
        let leaf = params.signed_by(&key, &issuer).unwrap().pem();
        let key = key.serialize_pem();
        let identity = Identity::from_pem(leaf.as_bytes(), key.as_bytes(), now()).unwrap();
        assert_eq!(
            identity.warnings(now(), &[]),
            std::slice::from_ref(&warning)
        );
        assert_ne!(warning.text(Language::Fr), warning.text(Language::En));
        assert_eq!(identity.status_question().map(drop), asked);
    }
}

proptest! {
    #[test]
    fn no_bytes_are_an_answer(bytes: Vec<u8>) {
        let question = StatusQuestion {
            responder: String::new(),
            id: Vec::new(),
            issuer: CertificateDer::from(Vec::new()),
        };
        prop_assert!(question.read(&bytes, now()).is_err());
    }
}
