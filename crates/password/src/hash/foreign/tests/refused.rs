//! Texts that are no hash, or too dear, or known and not computed; and any text at all.

use policy::Language;
use policy::hash::Cost;
use proptest::prelude::*;

use super::super::*;
use super::written;

#[test]
fn what_is_refused_says_why() {
    use ForeignError as Error;
    use Notation as In;
    let bcrypt = "$2y$04$smOB7XWpg74WH.DenRLfsu/BA.IOx.iQ7.eb3ZYbN3RKEsAVBjhma";
    let tag = "A".repeat(43);
    let rows: &[(&str, Error)] = &[
        ("", Error::Unknown),
        ("motdepasse", Error::Unknown),
        ("$", Error::Unknown),
        ("$$", Error::Unknown),
        ("{", Error::Unknown),
        ("{}", Error::Unsupported(Unsupported::Braces)),
        ("{unknown}abc", Error::Unsupported(Unsupported::Braces)),
        ("{noop}mot de passe é", Error::Plaintext),
        ("{CLEARTEXT}secret", Error::Plaintext),
        ("plain$$secret", Error::Plaintext),
        // The methods of crypt(3) that are known by name.
        (
            &bcrypt.replace("2y", "2x"),
            Error::Unsupported(Unsupported::Bcrypt2x),
        ),
        (
            "$7$BU..../....7/q0XbZNbLXAeq38R2xup1$p2L2BWpcRvI57InNzAZnurUwRV/cXDMAQ9ZKacmx/o0",
            Error::Unsupported(Unsupported::Scrypt7),
        ),
        (
            "$gy$j75$Fv0ShVcx3QINWaqYZLrPU.$mhPSUM8fUgwjGGH.tJLE/MqrObjoP0CU4lNIFmC3kd5",
            Error::Unsupported(Unsupported::GostYescrypt),
        ),
        (
            "$md5,rounds=34791$0lSCINKQ$$OFk93NairuSkv.QiHtxWA0",
            Error::Unsupported(Unsupported::OtherCrypt),
        ),
        (
            "$3$$3d211b74dd729be1e552b4727594f3eb",
            Error::Unsupported(Unsupported::OtherCrypt),
        ),
        (
            "_J9..rasmBYk8r9AiWNc",
            Error::Unsupported(Unsupported::OtherCrypt),
        ),
        ("YghOlsqsSdgQs", Error::Unsupported(Unsupported::DesCrypt)),
        (
            "{CRYPT}YghOlsqsSdgQs",
            Error::Unsupported(Unsupported::DesCrypt),
        ),
        (
            "{CRYPT}QRQddEiA4cooMnDA9qw9tXHUK9BLP.NASmY",
            Error::Unsupported(Unsupported::DesCrypt),
        ),
        ("{CRYPT}*", Error::Unknown),
        ("$S$DeZZ", Error::Unsupported(Unsupported::Drupal)),
        (
            "$y$/75$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
            Error::Unsupported(Unsupported::YescryptFlavour),
        ),
        (
            "$y$j9T0$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
            Error::Unsupported(Unsupported::YescryptFlavour),
        ),
        // Costs over the caps, or under what the function takes.
        (&bcrypt.replace("$04$", "$17$"), Error::Cost(In::Bcrypt)),
        (&bcrypt.replace("$04$", "$31$"), Error::Cost(In::Bcrypt)),
        (&bcrypt.replace("$04$", "$03$"), Error::Cost(In::Bcrypt)),
        (&bcrypt.replace("$04$", "$99$"), Error::Cost(In::Bcrypt)),
        (
            &bcrypt.replace("$04$", "$+4$"),
            Error::Malformed(In::Bcrypt),
        ),
        (
            &bcrypt.replace("$04$", "$4$$"),
            Error::Malformed(In::Bcrypt),
        ),
        (&bcrypt.replace("2y", "wp"), Error::Malformed(In::WordPress)),
        (
            &format!("$6$rounds=1000001$salt${}", &"A".repeat(86)),
            Error::Malformed(In::ShaCrypt),
        ),
        (
            &format!("$6$rounds=1000001$salt${}", &".".repeat(86)),
            Error::Cost(In::ShaCrypt),
        ),
        (
            &format!("$6$rounds=999999999999999$salt${}", &".".repeat(86)),
            Error::Cost(In::ShaCrypt),
        ),
        (
            &format!("$6$rounds=999$salt${}", &".".repeat(86)),
            Error::Cost(In::ShaCrypt),
        ),
        (
            &format!("$6$rounds=05000$salt${}", &".".repeat(86)),
            Error::Malformed(In::ShaCrypt),
        ),
        (
            &format!("$6$rounds=$salt${}", &".".repeat(86)),
            Error::Malformed(In::ShaCrypt),
        ),
        (
            &format!("$6$salt-of-17-signs.${}", &".".repeat(86)),
            Error::Malformed(In::ShaCrypt),
        ),
        (
            "$y$jHT$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
            Error::Cost(In::Yescrypt),
        ),
        (
            "$y$jkT$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
            Error::Cost(In::Yescrypt),
        ),
        (
            "$y$j9z$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
            Error::Cost(In::Yescrypt),
        ),
        (
            "$P$JzoWg/nvxfDvMZ3HCOjWOW1briEOAG.",
            Error::Cost(In::Phpass),
        ),
        (
            "$P$zzoWg/nvxfDvMZ3HCOjWOW1briEOAG.",
            Error::Cost(In::Phpass),
        ),
        (
            "$P$-zoWg/nvxfDvMZ3HCOjWOW1briEOAG.",
            Error::Malformed(In::Phpass),
        ),
        (
            &format!("pbkdf2_sha256$10000001$salt${tag}="),
            Error::Cost(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha256$99999999999999999999$salt${tag}="),
            Error::Cost(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha256$0$salt${tag}="),
            Error::Cost(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha256$-1$salt${tag}="),
            Error::Malformed(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha256$1000$salt${tag}"),
            Error::Malformed(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha1$1000$salt${tag}="),
            Error::Malformed(In::DjangoPbkdf2),
        ),
        (
            &format!("pbkdf2_sha256$1000${tag}="),
            Error::Malformed(In::DjangoPbkdf2),
        ),
        (
            &format!("$pbkdf2-sha256$10000001$c2FsdA${tag}"),
            Error::Cost(In::PasslibPbkdf2),
        ),
        (
            &format!("$pbkdf2-sha256$i=10000001$c2FsdA${tag}"),
            Error::Cost(In::PhcPbkdf2),
        ),
        (
            &format!("$pbkdf2-sha256$i=1000,l=31$c2FsdA${tag}"),
            Error::Malformed(In::PhcPbkdf2),
        ),
        // Two blocks of output are twice the work.
        (
            &format!("$pbkdf2-sha256$i=5000001$c2FsdA${}", "A".repeat(86)),
            Error::Cost(In::PhcPbkdf2),
        ),
        (
            "$pbkdf2-sha256$i=1000$c2FsdA$QUJDREVGR0g",
            Error::Malformed(In::PhcPbkdf2),
        ),
        (
            &format!("$scrypt$ln=21,r=8,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=63,r=8,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=999,r=8,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=0,r=8,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=10,r=0,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=10,r=8,p=65$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=1,r=4194304,p=1$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=1,r=4294967295,p=64$c2FsdA${tag}"),
            Error::Cost(In::PhcScrypt),
        ),
        (
            &format!("$scrypt$ln=10,p=1,r=8$c2FsdA${tag}"),
            Error::Malformed(In::PhcScrypt),
        ),
        (
            &format!("scrypt:2097152:8:1$salt${}", "0".repeat(128)),
            Error::Cost(In::WerkzeugScrypt),
        ),
        (
            &format!("scrypt:99999999999:8:1$salt${}", "0".repeat(128)),
            Error::Cost(In::WerkzeugScrypt),
        ),
        (
            &format!("scrypt:1000:8:1$salt${}", "0".repeat(128)),
            Error::Malformed(In::WerkzeugScrypt),
        ),
        (
            &format!("pbkdf2:sha256$salt${}", "0".repeat(64)),
            Error::Malformed(In::WerkzeugPbkdf2),
        ),
        (
            &format!("pbkdf2:md5:1000$salt${}", "0".repeat(32)),
            Error::Malformed(In::WerkzeugPbkdf2),
        ),
        (
            &format!("pbkdf2:sha256:10000001$salt${}", "0".repeat(64)),
            Error::Cost(In::WerkzeugPbkdf2),
        ),
        (
            &format!("pbkdf2:sha512:5000001$salt${}", "0".repeat(128)),
            Error::Cost(In::WerkzeugPbkdf2),
        ),
        (
            &format!("scrypt$2097152$salt$8$1${tag}="),
            Error::Cost(In::DjangoScrypt),
        ),
        (
            &format!("{{scrypt}}$150801$c2FsdA==${tag}="),
            Error::Cost(In::SpringScrypt),
        ),
        (
            &format!("{{scrypt}}$ffffffff1$c2FsdA==${tag}="),
            Error::Cost(In::SpringScrypt),
        ),
        (
            &format!("{{scrypt}}$E0801$c2FsdA==${tag}="),
            Error::Malformed(In::SpringScrypt),
        ),
        (
            &format!("{{pbkdf2}}{}", "0".repeat(78)),
            Error::Malformed(In::SpringPbkdf2),
        ),
        (
            &format!("{{PBKDF2-SHA256}}10000001$c2FsdA${tag}"),
            Error::Cost(In::LdapPbkdf2),
        ),
        // Digest and no salt where there should be one, and the other way round.
        (
            "{SSHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=",
            Error::Malformed(In::Ldap),
        ),
        (
            "{SHA}wqmt38B8q9IF7Tk6HGIBmatKN78kzA98",
            Error::Malformed(In::Ldap),
        ),
        ("{SSHA}", Error::Malformed(In::Ldap)),
        ("{ldap}{ldap}{SSHA}abc", Error::Malformed(In::Ldap)),
        ("argon2$md5$abc", Error::Malformed(In::DjangoArgon2)),
        (
            "$1$saltsalt9$FJnhH2Y/RcFrHuFWQq6BM.",
            Error::Malformed(In::Md5Crypt),
        ),
        (
            "{\"credentialData\":{},\"secretData\":{}}",
            Error::Malformed(In::Keycloak),
        ),
        ("{\"credentialData\"", Error::Malformed(In::Keycloak)),
        (
            "{\"credentialData\":{\"algorithm\":\"pbkdf2-sha256\",\"hashIterations\":10000001},\
             \"secretData\":{\"value\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"salt\":\"AAAA\"}}",
            Error::Cost(In::Keycloak),
        ),
        // Neither MD5 nor SHA-1: not hexadecimal, of mixed case, of another length.
        (&"g".repeat(32), Error::Unknown),
        (&"aA".repeat(16), Error::Unknown),
        (&"a".repeat(33), Error::Unknown),
        (&"é".repeat(16), Error::Unknown),
        (&"a".repeat(TEXT + 1), Error::TooLong),
    ];
    for (text, error) in rows {
        assert_eq!(read(text).err(), Some(*error), "{text}");
    }
}

#[test]
fn costs_at_the_caps_are_read() {
    let bcrypt = "$2y$16$smOB7XWpg74WH.DenRLfsu/BA.IOx.iQ7.eb3ZYbN3RKEsAVBjhma";
    let tag = "A".repeat(43);
    for text in [
        bcrypt,
        &format!("$6$rounds=1000000$salt${}", ".".repeat(86)),
        &format!("pbkdf2_sha256$10000000$salt${tag}="),
        &format!("pbkdf2:sha512:5000000$salt${}", "0".repeat(128)),
        &format!("$scrypt$ln=20,r=8,p=1$c2FsdA${tag}"),
        "$y$jFT$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33",
        "$P$IzoWg/nvxfDvMZ3HCOjWOW1briEOAG.",
    ] {
        let hash = Foreign::parse(text).expect(text);
        // The mixing needs a few blocks beside the gibibyte.
        assert!(
            hash.memory_kib() <= u64::from(Cost::CEILING.memory_kib) + 64,
            "{text}"
        );
    }
}

#[test]
fn errors_are_distinct_in_both_languages() {
    use ForeignError as Error;
    let mut all = vec![
        Error::TooLong,
        Error::Unknown,
        Error::Plaintext,
        Error::NotWrapped,
        Error::Recipe,
    ];
    all.extend(Notation::ALL.map(Error::Malformed));
    all.extend(Notation::ALL.map(Error::Cost));
    all.extend(Weak::ALL.map(Error::OnlyWrapped));
    all.extend(Unsupported::ALL.map(Error::Unsupported));
    let mut seen = std::collections::BTreeSet::new();
    let mut codes = std::collections::BTreeSet::new();
    for error in all {
        codes.insert(error.code());
        assert_eq!(error.to_string(), error.message(Language::En));
        for language in [Language::Fr, Language::En] {
            let message = error.message(language);
            assert!(message.ends_with('.'), "{message}");
            assert!(seen.insert(message), "{error:?}: twice");
        }
    }
    assert_eq!(codes.len(), 9);
}

/// Texts near real ones: pieces of them, with signs that mean something.
fn near() -> impl Strategy<Value = String> {
    let texts: Vec<&'static str> = written().map(|row| row.text).collect();
    let piece = "[0-9a-zA-Z./+=$:,{}\"@_é-]{0,6}";
    (
        proptest::sample::select(texts),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        piece,
    )
        .prop_map(|(text, from, to, piece)| {
            let floor = |at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at));
            let from = floor(from.index(text.len() + 1)).unwrap_or(0);
            let to = floor((from + to.index(12)).min(text.len())).unwrap_or(0);
            [&text[..from], &piece, &text[to.max(from)..]].concat()
        })
}

/// Whatever is read asks for bounded work, and is written in one way.
fn is_bounded(text: &str) {
    let Ok(Taken::Parsed(parsed)) = take_apart(text) else {
        return;
    };
    assert!(parsed.class.0.is_within_caps(), "{text}");
    assert!(parsed.class.memory_kib() <= (1 << 20) + 1024, "{text}");
    if let Ok(recipe) = Recipe::of(text) {
        assert!(Recipe::parse(&recipe.to_string()).is_ok(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,300}") {
        is_bounded(&text);
        let _ = Recipe::parse(&text);
    }

    #[test]
    fn texts_near_real_ones_are_answered(text in near()) {
        is_bounded(&text);
    }
}
