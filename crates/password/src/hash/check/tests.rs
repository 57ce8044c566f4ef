//! The same work for every outcome, counted by class, and what a yes leads to.

use std::path::Path;

use policy::HashPolicy;
use policy::hash::{Cost, SecretSource};

use super::super::pepper::{KeyId, Pepper};
use super::*;
use crate::{Context, Judge};

const TEXT: &str = "9fK!r2Vq#tZ7";

/// The salt of decoys.
const SALTED: [u8; SALT] = [7; SALT];

fn policy(memory_kib: u32) -> HashPolicy {
    let mut policy = HashPolicy::default();
    (policy.cost.memory_kib, policy.cost.iterations) = (memory_kib, 1);
    policy
}

fn open(policy: &HashPolicy) -> Hasher {
    Hasher::open(policy, Path::new("")).expect("a hasher")
}

fn typed(text: &str) -> Result<Password, ReadError> {
    Password::read(text.as_bytes().to_vec(), 256)
}

fn stored(text: &str) -> StoredHash {
    StoredHash::parse(text).expect("a hash")
}

fn made_by(hasher: &Hasher) -> StoredHash {
    let accepted = Judge::new(policy::Policy::reference().password())
        .read_and_judge(TEXT.as_bytes().to_vec(), &Context::none())
        .expect("accepted");
    hasher.hash(accepted, &mut Matrix::new()).expect("a hash")
}

fn check(
    hasher: &Hasher,
    typed: Result<Password, ReadError>,
    stored: Option<&StoredHash>,
) -> Result<Checked, HashError> {
    hasher.check(typed, hasher.plan(stored, SALTED), &mut Matrix::new())
}

/// What a check adds to the counts, class by class.
fn work_of(hasher: &Hasher, work: impl FnOnce()) -> Vec<(CostClass, u64)> {
    let before = hasher.tally();
    work();
    let mut after = hasher.tally();
    for (class, count) in &mut after {
        let earlier = before.iter().find(|(counted, _)| counted == class);
        *count -= earlier.map_or(0, |(_, count)| *count);
    }
    after.retain(|(_, count)| *count > 0);
    after.sort_by_key(|(class, _)| class.to_string());
    after
}

/// Each row, the answer expected of it, and the work that it took: one computation of each
/// class in use.
fn same_work_for(hasher: &Hasher, rows: &[(&str, &str, Option<&StoredHash>, Expected)]) {
    same_work_of(1, hasher, rows);
}

/// The same for what is computed so many times.
fn same_work_of(times: u64, hasher: &Hasher, rows: &[(&str, &str, Option<&StoredHash>, Expected)]) {
    let mut in_use = hasher.inner.in_use.all();
    in_use.sort_by_key(ToString::to_string);
    let once: Vec<_> = in_use.iter().map(|class| (*class, 1)).collect();
    let expected_work: Vec<_> = in_use.iter().map(|class| (*class, times)).collect();
    for (what, text, account, expected) in rows {
        let work = work_of(hasher, || {
            let answer = match check(hasher, typed(text), *account) {
                Ok(Checked::No) => Expected::No,
                Ok(Checked::Yes(_)) => Expected::Yes,
                Err(_) => Expected::Error,
            };
            assert_eq!(answer, *expected, "{what}");
        });
        assert_eq!(work, expected_work, "{what}");
    }
    let work = work_of(hasher, || {
        hasher.spend(&mut Matrix::new()).expect("memory");
    });
    assert_eq!(work, once, "spend");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    No,
    Yes,
    Error,
}

#[test]
fn every_outcome_takes_one_hash_of_each_class_in_use() {
    let hasher = open(&policy(64));
    let own = made_by(&hasher);
    let older = made_by(&open(&policy(32)));
    let other_key = stored(&own.as_str().replace("p=1", "p=1,keyid=MjAyNmE"));
    let long = "x".repeat(257);
    let rows = [
        ("unknown account", TEXT, None, Expected::No),
        ("right", TEXT, Some(&own), Expected::Yes),
        ("wrong", "another", Some(&own), Expected::No),
        ("empty", "", Some(&own), Expected::No),
        ("empty and unknown", "", None, Expected::No),
        ("over-long", &long, Some(&own), Expected::No),
        ("a NUL in it", "a\0b", Some(&own), Expected::No),
        ("unknown key", TEXT, Some(&other_key), Expected::Error),
        ("unknown key, empty", "", Some(&other_key), Expected::Error),
    ];
    same_work_for(&hasher, &rows);
    assert_eq!(hasher.inner.in_use.all().len(), 1);

    // An older hash is met: from now on every check computes its class too.
    let _ = check(&hasher, typed("wrong"), Some(&older));
    assert_eq!(hasher.inner.in_use.all().len(), 2);
    same_work_for(&hasher, &rows);
    same_work_for(
        &hasher,
        &[
            ("older, right", TEXT, Some(&older), Expected::Yes),
            ("older, wrong", "another", Some(&older), Expected::No),
            ("older, empty", "", Some(&older), Expected::No),
        ],
    );
}

/// A text that preparing changes: accents apart, a space that does not break.
const UNPREPARED: &str = "e\u{301}te\u{301}\u{a0}9fK!";
/// What preparing makes of it.
const PREPARED: &str = "\u{e9}t\u{e9} 9fK!";

fn made_of(hasher: &Hasher, text: &str) -> StoredHash {
    let parts = hasher.make(text.as_bytes(), &mut Matrix::new());
    StoredHash::argon2(parts.expect("a hash"))
}

#[test]
fn a_hash_of_what_was_typed_as_it_came_is_verified_at_the_same_work_for_all() {
    let hasher = open(&policy(64));
    let (ours, theirs) = (made_of(&hasher, PREPARED), made_of(&hasher, UNPREPARED));
    let other_key = stored(&ours.as_str().replace("p=1", "p=1,keyid=MjAyNmE"));
    let older = made_of(&open(&policy(32)), UNPREPARED);
    let rows = [
        ("unknown", UNPREPARED, None, Expected::No),
        ("ours", UNPREPARED, Some(&ours), Expected::Yes),
        ("theirs", UNPREPARED, Some(&theirs), Expected::Yes),
        ("theirs, wrong", "e\u{301}", Some(&theirs), Expected::No),
        ("unknown key", UNPREPARED, Some(&other_key), Expected::Error),
    ];
    same_work_of(2, &hasher, &rows);
    let _ = check(&hasher, typed(UNPREPARED), Some(&older));
    same_work_of(2, &hasher, &rows);
    same_work_of(
        2,
        &hasher,
        &[("older", UNPREPARED, Some(&older), Expected::Yes)],
    );
    // Who types it prepared, as most keyboards do, is not verified before it is made again.
    same_work_for(
        &hasher,
        &[
            ("ours, prepared", PREPARED, Some(&ours), Expected::Yes),
            ("theirs, prepared", PREPARED, Some(&theirs), Expected::No),
        ],
    );
    let Ok(Checked::Yes(verified)) = check(&hasher, typed(UNPREPARED), Some(&theirs)) else {
        panic!("the password is right");
    };
    assert_eq!(verified.reason(), Some(RenewReason::Unprepared));
    let renewed = hasher.renew(verified, &mut Matrix::new()).expect("a hash");
    for text in [PREPARED, UNPREPARED] {
        let Ok(Checked::Yes(verified)) = check(&hasher, typed(text), Some(&renewed)) else {
            panic!("the password is right");
        };
        assert_eq!(verified.reason(), None);
    }
}

/// What the processor still holds of one computation shortens the next: with another order for
/// each account, time would tell whose hash is whose.
#[test]
fn classes_are_computed_in_one_order_whoever_asks() {
    let hasher = open(&policy(64));
    let own = made_by(&hasher);
    let other = |name: &str| stored(&own.as_str().replace("argon2id", name));
    let accounts = [
        own.clone(),
        made_by(&open(&policy(32))),
        // Of the same time and memory, both.
        other("argon2i"),
        other("argon2d"),
    ];
    let order = |account: Option<&StoredHash>| hasher.plan(account, SALTED).classes;
    for account in &accounts {
        order(Some(account));
    }
    let nobody = order(None);
    assert_eq!(nobody.len(), 4);
    for account in accounts.iter().chain(&accounts) {
        assert_eq!(order(Some(account)), nobody);
    }
}

#[test]
fn a_decoy_is_computed_over_the_salt_of_the_plan() {
    let hasher = open(&policy(8));
    let work = super::super::tests::parts(&made_by(&hasher)).work;
    let decoy = |salt: [u8; SALT]| {
        let plan = hasher.plan(None, salt);
        let mut matrix = Matrix::new();
        hasher
            .decoy_argon2(NOBODY, &work, &plan.salt, &mut matrix)
            .expect("memory")
    };
    for (one, other) in [(SALTED, [8; SALT]), (SALTED, [0; SALT])] {
        assert_eq!(decoy(one), decoy(one));
        assert_ne!(decoy(one), decoy(other));
    }
}

#[test]
fn a_hash_far_dearer_than_new_ones_does_not_slow_every_sign_in() {
    let hasher = open(&policy(8));
    let dear = made_by(&open(&policy(65)));
    let plan = hasher.plan(Some(&dear), SALTED);
    assert_eq!(plan.memory_kib(), 65);
    let work = work_of(&hasher, || {
        let checked = hasher.check(typed(TEXT), plan, &mut Matrix::new());
        assert!(matches!(checked, Ok(Checked::Yes(_))));
    });
    assert_eq!(work.len(), 2);
    assert_eq!(hasher.plan(None, SALTED).memory_kib(), 8);
}

#[test]
fn a_plan_says_the_memory_of_the_dearest_class() {
    let hasher = open(&policy(64));
    assert_eq!(hasher.plan(None, SALTED).memory_kib(), 64);
    let older = made_by(&open(&policy(32)));
    assert_eq!(hasher.plan(Some(&older), SALTED).memory_kib(), 64);
    let larger = made_by(&open(&policy(128)));
    assert_eq!(hasher.plan(Some(&larger), SALTED).memory_kib(), 128);
    assert_eq!(
        hasher.plan(None, SALTED).memory_kib(),
        128,
        "the class is in use"
    );
}

#[test]
fn a_proof_makes_the_next_hash() {
    let (weak, strong) = (open(&policy(32)), open(&policy(64)));
    let old = made_by(&weak);
    let Ok(Checked::Yes(verified)) = check(&strong, typed(TEXT), Some(&old)) else {
        panic!("the password is right");
    };
    assert_eq!(verified.reason(), Some(RenewReason::Cost));
    let new = strong.renew(verified, &mut Matrix::new()).expect("a hash");
    let Ok(Checked::Yes(verified)) = check(&strong, typed(TEXT), Some(&new)) else {
        panic!("the password is the same");
    };
    assert_eq!(verified.reason(), None);
    assert_eq!(new.memory_kib(), 64);
}

#[test]
fn an_earlier_password_is_found_and_all_are_computed() {
    let hasher = open(&policy(8));
    let (own, other) = (made_by(&hasher), {
        let text = made_by(&hasher).as_str().to_owned();
        let (start, _) = text.rsplit_once('$').expect("fields");
        stored(&format!(
            "{start}$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        ))
    });
    let accepted = || {
        Judge::new(policy::Policy::reference().password())
            .read_and_judge(TEXT.as_bytes().to_vec(), &Context::none())
            .expect("accepted")
    };
    let others = vec![other.clone(); EARLIER];
    let first = [vec![own.clone()], others.clone()].concat();
    let after = [others.clone(), vec![own]].concat();
    for (earlier, expected) in [(others, false), (first, true), (after, false)] {
        let work = work_of(&hasher, || {
            let used = hasher.was_used(&accepted(), &earlier, &mut Matrix::new());
            assert_eq!(used, Ok(expected));
        });
        assert_eq!(work[0].1, EARLIER as u64);
    }
}

#[test]
fn an_earlier_password_is_found_as_it_was_typed_too() {
    let hasher = open(&policy(8));
    let accepted = |text: &str| {
        Judge::new(policy::Policy::reference().password())
            .read_and_judge(text.as_bytes().to_vec(), &Context::none())
            .expect("accepted")
    };
    let apart = "9fK!r2Vq#tZ7e\u{301}";
    let joined = "9fK!r2Vq#tZ7\u{e9}";
    let (theirs, ours) = (made_of(&hasher, apart), made_of(&hasher, joined));
    for (typed, earlier, expected, computed) in [
        (apart, &theirs, true, 2),
        (apart, &ours, true, 2),
        (joined, &ours, true, 1),
        (TEXT, &theirs, false, 1),
    ] {
        let work = work_of(&hasher, || {
            let earlier = std::slice::from_ref(earlier);
            let used = hasher.was_used(&accepted(typed), earlier, &mut Matrix::new());
            assert_eq!(used, Ok(expected), "{typed}");
        });
        assert_eq!(work[0].1, computed, "{typed}");
    }
}

/// A policy whose pepper is a file with these keys.
fn peppered(folder: &Path, keys: &[&str]) -> (HashPolicy, Hasher) {
    let path = folder.join("pepper");
    std::fs::write(&path, keys.concat()).expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("ours");
    let mut policy = policy(8);
    policy.pepper = Some(SecretSource::File("pepper".into()));
    let hasher = Hasher::open(&policy, folder).expect("a hasher");
    (policy, hasher)
}

#[test]
fn a_pepper_rotates_without_a_lost_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = ["2025", "2026"].map(|name| {
        let id = KeyId::new(name).expect("a name");
        Pepper::new_line(id).expect("randomness")
    });
    let none = open(&policy(8));
    let (_, first) = peppered(folder.path(), &[&keys[0]]);
    let (_, both) = peppered(folder.path(), &[&keys[0], &keys[1]]);
    let (_, second) = peppered(folder.path(), &[&keys[1]]);
    let (plain, old, new) = (made_by(&none), made_by(&first), made_by(&both));
    // "2025" and "2026" in base64.
    assert!(old.as_str().contains("p=1,keyid=MjAyNQ$"));
    assert!(new.as_str().contains("p=1,keyid=MjAyNg$"));
    assert!(!plain.as_str().contains("keyid"));

    let unknown = |name| Err(HashError::UnknownKey(KeyId::new(name).expect("a name")));
    let renew = Ok(Verification::YesRenew(RenewReason::Pepper));
    for (what, hasher, hash, expected) in [
        ("no pepper yet", &first, &plain, renew),
        ("the key of the day", &first, &old, Ok(Verification::Yes)),
        ("an older key", &both, &old, renew),
        ("the new key", &both, &new, Ok(Verification::Yes)),
        ("the new key alone", &second, &new, Ok(Verification::Yes)),
        // Never "wrong password".
        ("a key gone", &second, &old, unknown("2025")),
        ("a key to come", &first, &new, unknown("2026")),
        ("a pepper gone", &none, &new, unknown("2026")),
    ] {
        let password = typed(TEXT).expect("a password");
        let answer = hasher.verify(&password, hash, &mut Matrix::new());
        assert_eq!(answer, expected, "{what}");
    }
}

#[test]
fn the_pepper_is_the_secret_of_argon2_and_not_a_part_of_the_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("k {}\n", "QUFB".repeat(12));
    let (_, hasher) = peppered(folder.path(), &[&line]);
    let hash = made_by(&hasher);
    let parts = super::super::tests::parts(&hash);
    let Cost {
        memory_kib,
        iterations,
        parallelism,
        ..
    } = parts.work.cost;
    let params = argon2::Params::new(memory_kib, iterations, parallelism, Some(32));
    let argon2 = argon2::Argon2::new_with_secret(
        &[b'A'; 36],
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        params.expect("possible"),
    );
    let mut tag = [0; 32];
    argon2
        .expect("a short secret")
        .hash_password_into(TEXT.as_bytes(), &parts.salt, &mut tag)
        .expect("possible");
    assert_eq!(parts.tag, tag);
}

#[cfg(feature = "foreign")]
mod foreign;
