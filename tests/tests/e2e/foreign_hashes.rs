//! Hashes that real programs write now are verified, or wrapped and then verified; ours are
//! verified by real programs.
//!
//! Costs are the programs' own, so this also shows that the caps are above them.

use std::path::Path;

use password::hash::foreign::{Recipe, Weak};
use password::hash::{
    Checked, Hasher, Matrix, RenewReason, StoredHash, StoredHashError, Verification, Wrap,
};
use password::{Context, Judge, Password};
use policy::hash::LegacyFormat;
use policy::{HashPolicy, Policy};
use rempart_tests::hashes::{Written, found_elsewhere, written};

const PASSWORDS: [&str; 2] = ["9fK!r2Vq#tZ7", "Café à la crème 1!"];

#[test]
fn hashes_of_real_programs_are_verified_or_wrapped() {
    let hasher = hasher();
    let mut matrix = Matrix::new();
    for password in PASSWORDS {
        let (mut formats, mut weak, mut argon2) = (Vec::new(), 0, 0);
        for Written { writer, text } in written(password) {
            let stored = match StoredHash::parse(&text) {
                Ok(stored) => stored,
                Err(StoredHashError::Foreign(_)) if Weak::recognise(&text).is_some() => {
                    weak += 1;
                    let Ok(Wrap::Wrapped(stored)) = hasher.wrap(&text, &mut matrix) else {
                        panic!("{writer}: not wrapped: {text}");
                    };
                    // Nothing that an attacker could try passwords against is left.
                    assert!(!stored.as_str().contains(&text), "{writer}: {text}");
                    StoredHash::parse(stored.as_str()).expect(&writer)
                }
                Err(error) => panic!("{writer}: {error}: {text}"),
            };
            match Recipe::of(&text) {
                Ok(recipe) => formats.extend(recipe.format()),
                Err(_) => argon2 += 1,
            }
            let mut verify = |password: &str| {
                hasher
                    .verify(&read(password), &stored, &mut matrix)
                    .expect(&writer)
            };
            let right = verify(password);
            assert_ne!(right, Verification::No, "{writer}: {text}");
            assert_eq!(verify("another"), Verification::No, "{writer}: {text}");
        }
        for format in LegacyFormat::ALL {
            assert!(formats.contains(&format), "{}: no writer", format.name());
        }
        assert!(weak >= 15 && argon2 >= 5, "{weak} weak, {argon2} Argon2");
    }
}

#[test]
fn a_hash_of_another_system_becomes_ours_at_the_next_sign_in() {
    let hasher = hasher();
    let mut matrix = Matrix::new();
    let password = PASSWORDS[1];
    let bcrypt = written(password)
        .into_iter()
        .find(|written| written.writer == "php default")
        .expect("PHP writes one");
    let stored = StoredHash::parse(&bcrypt.text).expect("bcrypt");
    let plan = hasher.plan(Some(&stored), [0; 16]);
    let checked = hasher.check(Ok(read(password)), plan, &mut matrix);
    let Ok(Checked::Yes(verified)) = checked else {
        panic!("{checked:?}");
    };
    assert_eq!(verified.reason(), Some(RenewReason::Foreign));
    let renewed = hasher.renew(verified, &mut matrix).expect("memory");
    assert_eq!(
        found_elsewhere(password, renewed.as_str()),
        ["argon2-cffi", "django", "php"]
    );
}

#[test]
fn our_hashes_are_verified_by_php_argon2_cffi_and_django() {
    let hasher = hasher();
    let judge = Judge::new(Policy::reference().password());
    for password in PASSWORDS {
        let accepted = judge
            .read_and_judge(password.as_bytes().to_vec(), &Context::none())
            .expect("accepted");
        let stored = hasher.hash(accepted, &mut Matrix::new()).expect("memory");
        let everyone = ["argon2-cffi", "django", "php"];
        assert_eq!(found_elsewhere(password, stored.as_str()), everyone);
        let nobody: [&str; 0] = [];
        assert_eq!(found_elsewhere("another", stored.as_str()), nobody);
    }
}

/// A hasher that accepts every format.
fn hasher() -> Hasher {
    let mut policy = HashPolicy::default();
    policy.accept = LegacyFormat::ALL.to_vec();
    Hasher::open(&policy, Path::new(".")).expect("a hasher")
}

fn read(password: &str) -> Password {
    Password::read(password.as_bytes().to_vec(), 256).expect("a password")
}
