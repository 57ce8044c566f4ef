use super::*;
use std::os::unix::fs::PermissionsExt;

/// Base64 of the bytes 0 to 31.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &Path, content: &[u8], mode: u32) -> SecretSource {
    let path = folder.join("access.key");
    fs::write(&path, content).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    SecretSource::File("access.key".into())
}

fn open(source: &SecretSource, base: &Path) -> Result<KeyMaker, KeyError> {
    KeyMaker::open(Some(source), &Store::Memory, base)
}

#[test]
fn a_key_is_read_in_every_form_that_tools_write() {
    let mut secret = [0; 32];
    secret
        .iter_mut()
        .zip(0..)
        .for_each(|(byte, number)| *byte = number);
    let expected = KeyMaker::with_secret(secret).account("ana");
    let folder = folder();
    let (head, tail) = KEY.split_at(20);
    for content in [
        KEY.to_owned(),
        format!("{KEY}\n"),
        format!("{head}\r\n{tail}\r\n"),
        KEY.trim_end_matches('=').to_owned(),
    ] {
        for mode in [0o600, 0o400] {
            let source = file(folder.path(), content.as_bytes(), mode);
            let keys = open(&source, folder.path()).expect("a key");
            assert_eq!(keys.account("ana"), expected, "{content:?}");
            fs::remove_file(folder.path().join("access.key")).expect("removed");
        }
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let folder = folder();
    let long = "A".repeat(5_000);
    for content in [
        "",
        "\n",
        "c2hvcnQ=",
        &KEY[..42],
        "not base64 at all, but long enough to be a key of 32 bytes",
        &long,
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==",
    ] {
        let source = file(folder.path(), content.as_bytes(), 0o600);
        let error = open(&source, folder.path()).expect_err(content);
        assert!(
            matches!(error, KeyError::Form { .. }),
            "{content:?}: {error:?}"
        );
        let Text { fr, en } = error.text();
        let shown = format!("{fr} {en} {error:?}");
        assert!(
            content.trim().is_empty() || !shown.contains(content.trim()),
            "{shown}"
        );
    }
    let source = file(folder.path(), &[0xff; 64], 0o600);
    let error = open(&source, folder.path()).expect_err("no text");
    assert!(matches!(error, KeyError::Form { .. }), "{error:?}");
}

#[test]
fn a_key_that_others_may_open_is_refused() {
    let folder = folder();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o777] {
        let source = file(folder.path(), KEY.as_bytes(), mode);
        let error = open(&source, folder.path()).expect_err("an open key");
        assert!(
            matches!(error, KeyError::Mode { mode: found, .. } if found == mode),
            "{error:?}"
        );
    }
}

#[test]
fn a_missing_key_is_an_error_and_never_made_where_the_policy_names_it() {
    let folder = folder();
    let source = SecretSource::File("access.key".into());
    let error = open(&source, folder.path()).expect_err("no file");
    assert!(matches!(error, KeyError::File { .. }), "{error:?}");
    assert!(!folder.path().join("access.key").exists());
    let source = SecretSource::Variable("REMPART_TEST_NO_SUCH_VARIABLE".to_owned());
    let error = open(&source, folder.path()).expect_err("no variable");
    assert!(matches!(error, KeyError::Variable { .. }), "{error:?}");
    // A folder is no key either.
    let source = SecretSource::File(folder.path().to_owned());
    let error = open(&source, folder.path()).expect_err("a folder");
    assert!(matches!(error, KeyError::File { .. }), "{error:?}");
}

#[test]
fn a_file_of_counters_has_its_key_beside_it_made_once() {
    let folder = folder();
    let store = Store::Redb("counters.redb".into());
    let keys: Vec<_> = std::thread::scope(|scope| {
        let opened: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| KeyMaker::open(None, &store, folder.path())))
            .collect();
        opened
            .into_iter()
            .map(|each| {
                each.join()
                    .expect("no panic")
                    .expect("a key")
                    .account("ana")
            })
            .collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "one key for all");
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["counters.redb.key"], "nothing else is left behind");
    let path = folder.path().join("counters.redb.key");
    let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let again = KeyMaker::open(None, &store, folder.path()).expect("a key");
    assert_eq!(again.account("ana"), keys[0], "the same after a restart");
}

#[test]
fn memory_draws_a_key_and_a_shared_store_asks_for_one() {
    let folder = folder();
    let open = |store| KeyMaker::open(None, &store, folder.path());
    let one = open(Store::Memory).expect("a key").account("ana");
    let two = open(Store::Memory).expect("a key").account("ana");
    assert_ne!(one, two);
}
