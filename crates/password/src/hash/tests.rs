//! Hashes made here, made elsewhere, and refused.

use policy::Policy;

use super::*;
use crate::{Context, Judge};

fn password(text: &str) -> Password {
    Password::read(text.as_bytes().to_vec(), 256).expect("a password")
}

fn hasher(memory_kib: u32, iterations: u32) -> Hasher {
    let mut policy = HashPolicy::default();
    (policy.cost.memory_kib, policy.cost.iterations) = (memory_kib, iterations);
    open(&policy)
}

fn open(policy: &HashPolicy) -> Hasher {
    Hasher::open(policy, Path::new("")).expect("a hasher")
}

fn verify(hasher: &Hasher, text: &str, stored: &StoredHash) -> Verification {
    hasher
        .verify(&password(text), stored, &mut Matrix::new())
        .expect("memory")
}

fn hash(hasher: &Hasher, text: &str) -> StoredHash {
    hasher
        .hash(accepted(text), &mut Matrix::new())
        .expect("a hash")
}

fn accepted(text: &str) -> Accepted {
    Judge::new(Policy::reference().password())
        .read_and_judge(text.as_bytes().to_vec(), &Context::none())
        .expect("accepted")
}

#[test]
fn a_hash_verifies_its_password_and_no_other() {
    let hasher = open(&HashPolicy::default());
    let hash = hash(&hasher, "9fK!r2Vq#tZ7é");
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    // What is stored is read back, and NFC makes the two spellings one.
    let read = StoredHash::parse(hash.as_str()).expect("our own hash");
    for (text, expected) in [
        ("9fK!r2Vq#tZ7é", Verification::Yes),
        ("9fK!r2Vq#tZ7e\u{301}", Verification::Yes),
        ("9fK!r2Vq#tZ7É", Verification::No),
        ("9fK!r2Vq#tZ7é ", Verification::No),
        ("9", Verification::No),
    ] {
        assert_eq!(verify(&hasher, text, &read), expected, "{text}");
    }
}

#[test]
fn nothing_is_truncated_before_the_hash() {
    // Past 72 bytes, where bcrypt stops, and past 100 characters, where the estimator does.
    let hasher = hasher(64, 1);
    let text = "9fK!r2Vq#tZ7wX3&mB8*dL5@hJ6%pQ1z".repeat(8);
    let hash = hash(&hasher, &text);
    assert_eq!(text.len(), 256);
    let changed = text[..255].to_owned() + "y";
    assert_ne!(verify(&hasher, &text, &hash), Verification::No);
    for other in [&changed, &text[..255]] {
        assert_eq!(verify(&hasher, other, &hash), Verification::No);
    }
}

#[test]
fn two_hashes_of_one_password_differ() {
    let hasher = hasher(64, 1);
    let [one, other] = [0; 2].map(|_| hash(&hasher, "9fK!r2Vq#tZ7"));
    assert_ne!(one, other);
    let (one, other) = (parts(&one), parts(&other));
    assert_ne!(one.salt, other.salt);
    assert_ne!(one.tag, other.tag);
}

/// Strings written by other programs, each for its password.
///
/// Writers: `reference`, the test file of the reference implementation (P-H-C); `cffi`,
/// `PasswordHasher` of argon2-cffi 25.1.0; `kdf`, its low-level call; `php`, `password_hash`
/// of PHP 8.2.
const WRITTEN_ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "reference",
        "password",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ),
    (
        "reference",
        "password",
        "$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
    ),
    (
        "reference",
        "password",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    ),
    (
        "reference",
        "password",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
    (
        "reference",
        "password",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ),
    (
        "cffi",
        "Café à la crème 1!",
        "$argon2id$v=19$m=65536,t=3,p=4$53sdXK4adrD39+Mftz78Qg$SqYd2xYFVwVcGZ4nX+BYdFUGWDcjR/jKGbj3JeKiOUw",
    ),
    (
        "cffi",
        "correct horse",
        "$argon2id$v=19$m=102400,t=2,p=8$O7NZCjJqDqW+bdc024yydQ$vQMOquC+xVHI5MvgPR0yLA",
    ),
    (
        "kdf",
        "mot de passe",
        "$argon2d$v=19$m=1024,t=2,p=2$AP8A/wD/AP8A/wD/AP8A/wD/AP8A/wD/AP8A/wD/AP8$2h4athzp7RjNl/UF5ArQhjRh3DG2NhRU",
    ),
    (
        "kdf",
        "mot de passe",
        "$argon2i$v=19$m=1024,t=2,p=2$AP8A/wD/AP8A/wD/AP8A/wD/AP8A/wD/AP8A/wD/AP8$wWxLnaIZvUgiMB5lVzyqWk5icL2o6D2n",
    ),
    (
        "kdf",
        "mot de passe",
        "$argon2id$v=16$m=256,t=1,p=1$Af4B/gH+Af4$FrNd5d4bzBwmQku3jBBqzA",
    ),
    (
        "php",
        "Été 2024 !",
        "$argon2id$v=19$m=65536,t=4,p=1$My5XWUgzM3NaSE1LWHJWZA$3MemAuTDeILmVBtGrIZ/nQMDVz7mr6rBvkBltS2iWAA",
    ),
    (
        "php",
        "Été 2024 !",
        "$argon2i$v=19$m=65536,t=4,p=1$UDNIWlVIU3BUN1BZRFpMag$jgwBdkpCkILApBthti7tix+hiZ05Ru9LrCqQXkilmAE",
    ),
];

#[test]
fn hashes_written_elsewhere_are_verified() {
    let hasher = hasher(19_456, 2);
    for (writer, text, stored) in WRITTEN_ELSEWHERE {
        let hash = StoredHash::parse(stored).unwrap_or_else(|error| panic!("{writer}: {error}"));
        let right = verify(&hasher, text, &hash);
        assert_ne!(right, Verification::No, "{writer}: {stored}");
        let wrong = verify(&hasher, "another", &hash);
        assert_eq!(wrong, Verification::No, "{writer}: {stored}");
    }
}

#[test]
fn a_missing_version_is_not_read_as_the_last_one() {
    // The same text with and without `v=19` are two hashes of different versions.
    let without = WRITTEN_ELSEWHERE[0].2;
    let with = without.replace("$m=", "$v=19$m=");
    let hash = StoredHash::parse(&with).expect("a hash");
    let verification = verify(&hasher(64, 1), "password", &hash);
    assert_eq!(verification, Verification::No);
}

#[test]
fn the_function_beneath_gives_the_vectors_of_rfc_9106() {
    // RFC 9106, section 5: a secret and associated data, which stored hashes here have not.
    let rows = [
        (
            argon2::Algorithm::Argon2d,
            "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb",
        ),
        (
            argon2::Algorithm::Argon2i,
            "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8",
        ),
        (
            argon2::Algorithm::Argon2id,
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
        ),
    ];
    for (algorithm, expected) in rows {
        let params = argon2::ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .output_len(32)
            .data(argon2::AssociatedData::new(&[4; 12]).expect("short"))
            .build()
            .expect("possible");
        let argon2 = Argon2::new_with_secret(&[3; 8], algorithm, argon2::Version::V0x13, params)
            .expect("short");
        let mut tag = [0; 32];
        argon2
            .hash_password_into(&[1; 32], &[2; 16], &mut tag)
            .expect("possible");
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{algorithm:?}");
    }
}

#[test]
fn a_stored_hash_cannot_ask_for_terabytes() {
    let stored = WRITTEN_ELSEWHERE[3].2.replace("m=256", "m=4294967295");
    assert_eq!(StoredHash::parse(&stored), Err(StoredHashError::Cost));
}

#[test]
fn a_weaker_hash_is_renewed_once() {
    let (weak, strong) = (hasher(1024, 1), hasher(19_456, 2));
    let text = "9fK!r2Vq#tZ7";
    let old = hash(&weak, text);
    assert_eq!(
        verify(&strong, text, &old),
        Verification::YesRenew(RenewReason::Cost)
    );
    let new = hash(&strong, text);
    assert_eq!(verify(&strong, text, &new), Verification::Yes);
    // The other application, with lower costs, leaves the stronger hash alone.
    assert_eq!(verify(&weak, text, &new), Verification::Yes);
}

#[test]
fn a_matrix_is_wiped_after_each_use_and_serves_every_cost() {
    let mut matrix = Matrix::new();
    for (memory, passes) in [(64, 1), (256, 2), (8, 1), (128, 3)] {
        let hasher = hasher(memory, passes);
        let hash = hasher
            .hash(accepted("9fK!r2Vq#tZ7"), &mut matrix)
            .expect("a hash");
        assert!(matrix.is_wiped(), "{memory} KiB");
        let typed = password("9fK!r2Vq#tZ7");
        let right = hasher.verify(&typed, &hash, &mut matrix).expect("memory");
        assert_ne!(right, Verification::No, "{memory} KiB");
        assert!(matrix.is_wiped(), "{memory} KiB");
    }
}

#[test]
fn a_capped_matrix_refuses_a_dearer_hash() {
    let hash = hash(&hasher(128, 1), "9fK!r2Vq#tZ7");
    let mut matrix = Matrix::capped(64);
    let refused = hasher(64, 1).verify(&password("9fK!r2Vq#tZ7"), &hash, &mut matrix);
    assert_eq!(refused, Err(HashError::Memory));
}

#[test]
fn costs_that_argon2_has_not_are_refused() {
    let mut policy = HashPolicy::default();
    policy.cost.memory_kib = 7;
    let error = Hasher::open(&policy, Path::new("")).expect_err("too little");
    assert_eq!(
        error.message(Language::Fr),
        HashError::Cost.message(Language::Fr)
    );
}

#[test]
fn errors_differ_in_both_languages_and_hold_no_hash() {
    use StoredHashError as S;
    let id = KeyId::new("2026").expect("a name");
    let hash_errors = [
        HashError::Memory,
        HashError::Randomness,
        HashError::Cost,
        HashError::UnknownKey(id),
        HashError::NotAccepted(policy::hash::LegacyFormat::Bcrypt),
        HashError::TooDear { times: 41 },
    ];
    let stored_errors = [
        S::TooLong,
        S::Algorithm,
        S::Version,
        S::Parameters,
        S::KeyId,
        S::Cost,
        S::Salt,
        S::Tag,
        S::Fields,
    ];
    let mut seen = std::collections::BTreeSet::new();
    let mut check = |code: &str, texts: [String; 2]| {
        for text in texts.into_iter().chain([code.to_owned()]) {
            assert!(seen.insert(text.clone()), "{text}: twice");
        }
    };
    let languages = [Language::Fr, Language::En];
    for error in hash_errors {
        check(
            error.code(),
            languages.map(|language| error.message(language)),
        );
    }
    for error in stored_errors {
        check(
            error.code(),
            languages.map(|language| error.message(language)),
        );
    }
}

pub(super) fn parts(stored: &StoredHash) -> &Parts {
    match stored.form() {
        Form::Argon2(parts) => parts,
        #[cfg(feature = "foreign")]
        _ => panic!("not Argon2"),
    }
}
