//! Hashes of other systems: accepted, renewed, wrapped, and at the same work.

use policy::Language;
use policy::hash::LegacyFormat;

use super::super::super::foreign::{Foreign, ForeignError, Weak};
use super::super::super::{StoredHashError, Wrap, WrapError};
use super::*;

/// Hashes of `TEXT`, written by PHP 8.2.
const BCRYPT: &str = "$2y$04$58oX64c86yU.hUy43IrEs./xdWeueOo4uFrgwopxfdPvtWwyqD1UG";
const SSHA: &str = "{SSHA}HZxu1yQuHcdltlSZ6OJn9sxU0fRhYmNkZWZnaA==";
const SHA_CRYPT: &str = "$5$rounds=1000$saltsalt$YAx1SmikXm7Qf.u70OOgAQ0Y8iYDcOkzACtb4swsLy2";
const MD5_CRYPT: &str = "$1$saltsalt$KB5n2mAMxxH1z1xTTU1bW1";
const MD5: &str = "9adc233b4826fbe9bb10ac7323a1ecff";
const SHA1: &str = "bebd1c4c662a2f3f1e06671be376b8489695d090";

/// A bcrypt hash of eight times `0123456789`, of which bcrypt reads 72 bytes.
const LONG_BCRYPT: &str = "$2y$04$SCZi0pa2Vpkuo5f4YInF0u2pZjeb8gF87NaO21JgvzeSOKuY2bf52";

fn accepting(formats: &[LegacyFormat]) -> Hasher {
    let mut policy = policy(64);
    policy.accept = formats.to_vec();
    open(&policy)
}

fn wrap(hasher: &Hasher, text: &str) -> StoredHash {
    match hasher.wrap(text, &mut Matrix::new()).expect("a wrap") {
        // What is stored is read back.
        Wrap::Wrapped(hash) => stored(hash.as_str()),
        Wrap::Strong => panic!("not Argon2"),
    }
}

fn verify(hasher: &Hasher, text: &str, hash: &StoredHash) -> Verification {
    let password = typed(text).expect("a password");
    hasher
        .verify(&password, hash, &mut Matrix::new())
        .expect("verified")
}

#[test]
fn formats_are_verified_if_the_policy_accepts_them() {
    let rows = [
        (BCRYPT, LegacyFormat::Bcrypt),
        (SSHA, LegacyFormat::LdapSsha),
        (SHA_CRYPT, LegacyFormat::ShaCrypt),
    ];
    for (text, format) in rows {
        let (hash, hasher) = (stored(text), accepting(&[format]));
        let renew = Verification::YesRenew(RenewReason::Foreign);
        assert_eq!(verify(&hasher, TEXT, &hash), renew, "{text}");
        assert_eq!(
            verify(&hasher, "another", &hash),
            Verification::No,
            "{text}"
        );

        let others: Vec<_> = rows
            .iter()
            .map(|row| row.1)
            .filter(|f| *f != format)
            .collect();
        let refused = check(&accepting(&others), typed(TEXT), Some(&hash));
        let Err(error) = refused else {
            panic!("{text} is not accepted");
        };
        assert_eq!(error, HashError::NotAccepted(format));
        for language in [Language::Fr, Language::En] {
            let word = format!("\"{}\"", format.name());
            assert!(error.message(language).contains(&word), "{error}");
        }
    }
}

#[test]
fn a_foreign_hash_takes_the_work_of_any_other() {
    let hasher = accepting(&[LegacyFormat::Bcrypt, LegacyFormat::ShaCrypt]);
    let (own, bcrypt, sha) = (made_by(&hasher), stored(BCRYPT), stored(SHA_CRYPT));
    let refused = stored(SSHA);
    for seen in [&bcrypt, &sha] {
        let _ = check(&hasher, typed("wrong"), Some(seen));
    }
    assert_eq!(hasher.inner.in_use.all().len(), 3);
    let long = "x".repeat(257);
    same_work_for(
        &hasher,
        &[
            ("unknown account", TEXT, None, Expected::No),
            ("right", TEXT, Some(&own), Expected::Yes),
            ("wrong", "another", Some(&own), Expected::No),
            ("bcrypt, right", TEXT, Some(&bcrypt), Expected::Yes),
            ("bcrypt, wrong", "another", Some(&bcrypt), Expected::No),
            ("bcrypt, empty", "", Some(&bcrypt), Expected::No),
            ("bcrypt, over-long", &long, Some(&bcrypt), Expected::No),
            ("SHA, right", TEXT, Some(&sha), Expected::Yes),
            ("SHA, wrong", "another", Some(&sha), Expected::No),
            ("not accepted", TEXT, Some(&refused), Expected::Error),
        ],
    );
    // Where all is wrapped, the old function is paid beside Argon2 and not in its place.
    let hasher = accepting(&[]);
    let (own, wrapped) = (made_by(&hasher), wrap(&hasher, BCRYPT));
    let _ = check(&hasher, typed("wrong"), Some(&wrapped));
    same_work_for(
        &hasher,
        &[
            ("unknown account", TEXT, None, Expected::No),
            ("right", TEXT, Some(&own), Expected::Yes),
            ("wrapped, right", TEXT, Some(&wrapped), Expected::Yes),
            ("wrapped, wrong", "another", Some(&wrapped), Expected::No),
            ("wrapped, empty", "", Some(&wrapped), Expected::No),
        ],
    );
}

#[test]
fn a_wrap_verifies_what_verified_before_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = Pepper::new_line(KeyId::new("2026").expect("a name")).expect("randomness");
    let (_, peppered) = peppered(folder.path(), &[&line]);
    for hasher in [accepting(&[]), peppered] {
        for text in [BCRYPT, SSHA, SHA_CRYPT, MD5_CRYPT, MD5, SHA1] {
            let hash = wrap(&hasher, text);
            assert!(hash.as_str().starts_with("$wrapped$"));
            let renew = Verification::YesRenew(RenewReason::Wrapped);
            assert_eq!(verify(&hasher, TEXT, &hash), renew, "{text}");
            // The old text opens nothing: that would be passing the hash.
            for wrong in ["another", text] {
                assert_eq!(verify(&hasher, wrong, &hash), Verification::No, "{text}");
            }
            let again = hasher.wrap(hash.as_str(), &mut Matrix::new());
            assert_eq!(again, Ok(Wrap::Strong), "{text}");
            assert_ne!(wrap(&hasher, text), hash, "a salt of its own: {text}");
        }
    }
}

#[test]
fn nothing_of_the_old_digest_is_left_in_a_wrap() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    for (text, digest) in [
        (MD5, MD5),
        (SHA1, SHA1),
        (SSHA, "HZxu1yQuHcdltlSZ6OJn9sxU0f"),
        (BCRYPT, "/xdWeueOo4uFrgwopxfdPvtWwyqD1UG"),
    ] {
        let hash = wrap(&accepting(&[]), text);
        let recipe = hash.as_str().split('$').nth(2).expect("a recipe");
        let recipe = Base64UrlUnpadded::decode_vec(recipe).expect("base64");
        let recipe = String::from_utf8(recipe).expect("text");
        assert!(!recipe.contains(digest), "{recipe}");
    }
}

#[test]
fn weak_hashes_are_never_verified_as_they_are() {
    for (text, weak) in [
        (MD5, Weak::Md5Hex),
        (SHA1, Weak::Sha1Hex),
        (MD5_CRYPT, Weak::Md5Crypt),
    ] {
        let error = StoredHash::parse(text).expect_err("weak");
        let expected = StoredHashError::Foreign(ForeignError::OnlyWrapped(weak));
        assert_eq!(error, expected);
        assert!(!error.to_string().contains(text));
    }
}

#[test]
fn what_cannot_be_wrapped_is_told_and_not_shown() {
    let hasher = accepting(&[]);
    let own = made_by(&hasher);
    let wrap = |text: &str| hasher.wrap(text, &mut Matrix::new());
    assert_eq!(wrap(own.as_str()), Ok(Wrap::Strong));
    for text in ["", "hunter2", "$2y$04$short", "{noop}hunter2", "$wrapped$x"] {
        let error = wrap(text).expect_err(text);
        assert!(matches!(error, WrapError::Unreadable(_)), "{text}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn a_damaged_wrap_is_an_error() {
    let good = wrap(&accepting(&[]), MD5);
    let text = good.as_str();
    let recipe = text.split('$').nth(2).expect("a recipe");
    for damaged in [
        text.replace(recipe, ""),
        text.replace(recipe, "AAAA"),
        text.replace(recipe, &recipe[1..]),
        text.replace("argon2id", "argon3"),
        text.replace("m=64", "m=4294967295"),
        format!("{text}$"),
        format!("$wrapped${recipe}"),
        "$wrapped$".to_owned(),
    ] {
        assert!(StoredHash::parse(&damaged).is_err(), "{damaged}");
    }
}

#[test]
fn a_slip_of_the_finger_is_never_made_the_password() {
    let hasher = accepting(&[LegacyFormat::Bcrypt]);
    let whole = "0123456789".repeat(8);
    let slip = whole[..79].to_owned() + "x";
    // bcrypt stopped at 72 bytes, so both are right, and neither may be hashed as typed.
    for hash in [stored(LONG_BCRYPT), wrap(&hasher, LONG_BCRYPT)] {
        for text in [&whole, &slip] {
            assert_eq!(verify(&hasher, text, &hash), Verification::Yes);
        }
        let short = &whole[..71];
        assert_eq!(verify(&hasher, short, &hash), Verification::No);
    }
    // WordPress trims spaces. Django gives bcrypt a digest, and the rest read all as it is.
    let [wordpress, django] = [BCRYPT.replacen("$2y", "$wp$2y", 1), {
        BCRYPT.replacen("$2y", "bcrypt_sha256$$2b", 1)
    }];
    for (hash, text, read) in [
        (BCRYPT, &whole[..72], true),
        (BCRYPT, &whole[..73], false),
        (BCRYPT, " 0123456789 ", true),
        (&wordpress, "0123456789", true),
        (&wordpress, "01234 56789", true),
        (&wordpress, " 0123456789", false),
        (&wordpress, "0123456789 ", false),
        (&wordpress, &whole, true),
        (&django, &whole, true),
        (&django, " 0123456789", true),
        (SHA_CRYPT, " 0123456789", true),
    ] {
        let class = Foreign::parse(hash).expect(hash).class();
        assert_eq!(class.reads_whole(text.as_bytes()), read, "{text}: {hash}");
    }
}

/// PHP's `password_hash("e\u{301}" . str_repeat("a", 77), PASSWORD_BCRYPT, ["cost" => 4])`.
const RAW_LONG_BCRYPT: &str = "$2y$04$hzQ/IwdiBVHiQ0ELHJT16OjKrD6f00telthlMnZ33krg6kGGaYhum";

#[test]
fn nor_is_a_slip_in_a_text_that_preparing_changes() {
    let hasher = accepting(&[LegacyFormat::Bcrypt]);
    let whole = format!("e\u{301}{}", "a".repeat(77));
    let slip = whole[..79].to_owned() + "x";
    for hash in [stored(RAW_LONG_BCRYPT), wrap(&hasher, RAW_LONG_BCRYPT)] {
        for text in [&whole, &slip] {
            let Ok(Checked::Yes(verified)) = check(&hasher, typed(text), Some(&hash)) else {
                panic!("bcrypt stops at 72 bytes");
            };
            assert_eq!(verified.reason(), None, "{text}");
        }
        let checked = check(&hasher, typed(&whole[..71]), Some(&hash));
        assert!(matches!(checked, Ok(Checked::No)));
    }
}

#[test]
fn a_decoy_of_another_function_is_computed_over_the_salt_of_the_plan() {
    let scrypt = "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$zaEt5C4DPbivH6zxzHFdAzwsRNMu8NxXc4R9t4yFYRw";
    for text in [BCRYPT, SSHA, SHA_CRYPT, scrypt] {
        let class = Foreign::parse(text).expect(text).class();
        let decoy = |salt| class.decoy(b"a", salt).expect("memory");
        assert_eq!(decoy(&SALTED), decoy(&SALTED), "{text}");
        assert_ne!(decoy(&SALTED), decoy(&[8; SALT]), "{text}");
    }
}

#[test]
fn a_function_over_the_accepted_cost_is_an_error_and_slows_nobody() {
    let mut policy = policy(64);
    policy.accept = vec![LegacyFormat::Bcrypt];
    let hasher = open(&policy);
    // Two to the fourteenth rounds are 41 new hashes, two to the thirteenth 21.
    let dear = stored(&BCRYPT.replace("$04$", "$14$"));
    let error = HashError::TooDear { times: 41 };
    assert_eq!(
        hasher.too_dear(Foreign::parse(BCRYPT).expect("bcrypt").class()),
        None
    );
    same_work_for(
        &hasher,
        &[
            ("too dear", TEXT, Some(&dear), Expected::Error),
            ("too dear, empty", "", Some(&dear), Expected::Error),
            ("unknown account", TEXT, None, Expected::No),
        ],
    );
    assert_eq!(check(&hasher, typed(TEXT), Some(&dear)).err(), Some(error));
    for language in [Language::Fr, Language::En] {
        assert!(error.message(language).contains("41"), "{error}");
    }
    let wrap = hasher.wrap(dear.as_str(), &mut Matrix::new());
    assert_eq!(wrap, Err(WrapError::TooDear(error)));
    // Under it, and then over it by a policy that accepts less.
    let near = stored(&BCRYPT.replace("$04$", "$13$"));
    assert_eq!(hasher.obstacle(&near), None);
    policy.accept_cost = 20;
    let error = HashError::TooDear { times: 21 };
    assert_eq!(open(&policy).obstacle(&near), Some(error));
}

#[test]
fn the_memory_of_a_check_is_that_of_both_functions() {
    // scrypt takes memory of its own while the matrix of Argon2 is kept.
    let scrypt =
        "$scrypt$ln=10,r=8,p=1$1br3npOytlaKUUppbU0pBQ$zaEt5C4DPbivH6zxzHFdAzwsRNMu8NxXc4R9t4yFYRw";
    let hasher = accepting(&[LegacyFormat::Scrypt]);
    let own = Foreign::parse(scrypt).expect("scrypt").memory_kib();
    let (own, scrypt) = (u32::try_from(own).expect("small"), stored(scrypt));
    assert!(own > 1024);
    assert_eq!(scrypt.memory_kib(), own);
    assert_eq!(hasher.plan(Some(&scrypt), SALTED).memory_kib(), 64 + own);
    assert_eq!(hasher.plan(None, SALTED).memory_kib(), 64 + own, "in use");
    let wrapped = wrap(&hasher, scrypt.as_str());
    assert_eq!(wrapped.memory_kib(), 64 + own);
    let both = [made_by(&hasher), scrypt.clone()];
    assert_eq!(StoredHash::memory_kib_of(&both), 64 + own);

    // Where the budget holds one of two, decoys give way to what an account needs.
    let mut policy = policy(64);
    policy.accept = vec![LegacyFormat::Scrypt];
    policy.memory_budget = policy::Size::kib(u64::from(own) + 64);
    let hasher = open(&policy);
    let _ = check(&hasher, typed("wrong"), Some(&scrypt));
    assert_eq!(hasher.plan(None, SALTED).memory_kib(), 64 + own);
    let larger = made_by(&open(&super::policy(1024)));
    assert_eq!(hasher.plan(Some(&larger), SALTED).memory_kib(), 1024);
    let answer = check(&hasher, typed(TEXT), Some(&larger));
    assert!(matches!(answer, Ok(Checked::Yes(_))));
}

#[test]
fn what_cannot_be_verified_is_no_earlier_password() {
    let hasher = accepting(&[]);
    let own = made_by(&hasher);
    let lost = stored(&own.as_str().replace("p=1", "p=1,keyid=MjAyNmE"));
    let accepted = || {
        Judge::new(policy::Policy::reference().password())
            .read_and_judge(TEXT.as_bytes().to_vec(), &Context::none())
            .expect("accepted")
    };
    for (earlier, expected) in [
        (vec![lost.clone(), stored(BCRYPT)], false),
        (vec![lost, stored(BCRYPT), own], true),
    ] {
        let used = hasher.was_used(&accepted(), &earlier, &mut Matrix::new());
        assert_eq!(used, Ok(expected));
    }
}

/// `openssl passwd -5` and `md5sum` of [`UNPREPARED`].
const RAW_SHA_CRYPT: &str = "$5$rounds=1000$saltsalt$ybB0yrvfmJ.Q2nE8PhajSMDTiQgcwjroXCrF6YwlHF8";
const RAW_MD5: &str = "d573ce9af6bc9aad283c88ada4e0470b";

#[test]
fn other_systems_hashed_what_was_typed_as_it_came() {
    let hasher = accepting(&[LegacyFormat::ShaCrypt]);
    for (hash, reason) in [
        (stored(RAW_SHA_CRYPT), RenewReason::Foreign),
        (wrap(&hasher, RAW_MD5), RenewReason::Wrapped),
    ] {
        let Ok(Checked::Yes(verified)) = check(&hasher, typed(UNPREPARED), Some(&hash)) else {
            panic!("the password is right");
        };
        assert_eq!(verified.reason(), Some(reason));
        same_work_of(
            2,
            &hasher,
            &[
                ("theirs", UNPREPARED, Some(&hash), Expected::Yes),
                ("wrong", "e\u{301}", Some(&hash), Expected::No),
                ("unknown", UNPREPARED, None, Expected::No),
            ],
        );
    }
}
