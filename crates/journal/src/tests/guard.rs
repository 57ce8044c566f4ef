//! Who may read the journal, and what lies in its way.

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use super::{Hand, Place, at, count, entries, flush, note_many};
use crate::{FileName, Journal, OpenError};

const NOON: &str = "2026-11-24T12:00:00Z";

fn mode(path: &Path) -> u32 {
    let about = std::fs::symlink_metadata(path).expect("it is there");
    about.permissions().mode() & 0o7777
}

fn refusal(place: &Place) -> OpenError {
    Journal::open(&place.policy, place.folder.path()).expect_err("refused")
}

#[test]
fn only_the_owner_reads_the_folder_and_its_files() {
    let place = Place::new();
    let _journal = place.open(&Hand::new(NOON));
    assert_eq!(mode(&place.path()), 0o700);
    for name in place.names() {
        assert_eq!(mode(&place.path().join(name)), 0o600);
    }
}

#[test]
fn missing_folders_above_are_made_for_the_owner_only() {
    let mut place = Place::new();
    place.policy.folder = Some("above/journal".into());
    drop(place.open(&Hand::new(NOON)));
    assert_eq!(mode(&place.folder.path().join("above")), 0o700);
    assert_eq!(entries(&place.folder.path().join("above/journal")).len(), 2);
}

#[test]
fn a_folder_open_to_others_is_refused() {
    for shared in [0o755, 0o710, 0o702, 0o777] {
        let place = Place::new();
        std::fs::create_dir(place.path()).expect("a folder");
        std::fs::set_permissions(place.path(), PermissionsExt::from_mode(shared)).expect("a mode");
        let error = refusal(&place);
        assert!(
            matches!(error, OpenError::Exposed { mode, .. } if mode == shared),
            "{error}"
        );
        assert!(error.text().fr.contains("chmod 700") && error.text().en.contains("chmod 700"));
        assert_eq!(place.names(), Vec::<String>::new());
    }
}

#[test]
fn the_folder_of_another_user_is_refused() {
    let mut place = Place::new();
    std::fs::create_dir(place.path()).expect("a folder");
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o700)).expect("a mode");
    let other = rustix::process::geteuid().as_raw() + 1;
    if chown(place.path(), Some(other), None).is_err() {
        // Without the right to give a folder away, the root of all folders will do.
        place.policy.folder = Some("/".into());
    }
    let error = refusal(&place);
    assert!(matches!(error, OpenError::NotOurs(_)), "{error}");
}

#[test]
fn a_link_in_the_place_of_the_folder_is_refused() {
    let mut place = Place::new();
    let elsewhere = place.folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    std::fs::set_permissions(&elsewhere, PermissionsExt::from_mode(0o700)).expect("a mode");
    symlink(&elsewhere, place.path()).expect("a link");
    for folder in ["journal", "journal/", "journal/."] {
        place.policy.folder = Some(folder.into());
        let error = refusal(&place);
        assert!(
            matches!(error, OpenError::NotAFolder(_)),
            "{folder}: {error}"
        );
    }
    assert_eq!(super::names(&elsewhere), Vec::<String>::new());
    assert!(crate::read(&place.path()).is_err(), "nor is it read");
}

#[test]
fn a_dangling_link_or_a_file_in_the_place_of_the_folder_is_refused() {
    let place = Place::new();
    symlink(place.folder.path().join("nowhere"), place.path()).expect("a link");
    let error = refusal(&place);
    assert!(matches!(error, OpenError::NotAFolder(_)), "{error}");
    assert!(!place.folder.path().join("nowhere").exists());

    let place = Place::new();
    std::fs::write(place.path(), "a file").expect("a file");
    let error = refusal(&place);
    assert!(matches!(error, OpenError::NotAFolder(_)), "{error}");
}

/// Whoever could put a link where the next file will be must not have us write through it.
#[test]
fn a_link_in_the_place_of_a_file_is_passed_by() {
    let place = Place::new();
    let victim = place.folder.path().join("victim");
    std::fs::write(&victim, "untouched").expect("a file");
    std::fs::create_dir(place.path()).expect("a folder");
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o700)).expect("a mode");
    let name = |part| {
        FileName::new(
            "2026-11-24".parse().expect("a day"),
            at(NOON),
            std::process::id(),
            part,
        )
    };
    symlink(&victim, place.path().join(name(0).as_str())).expect("a link");
    std::fs::hard_link(&victim, place.path().join(name(1).as_str())).expect("a link");

    let journal = place.open(&Hand::new(NOON));
    note_many(&journal, at(NOON), 5);
    drop(journal);
    assert_eq!(
        std::fs::read_to_string(&victim).expect("a file"),
        "untouched"
    );
    let ours = std::fs::read_to_string(place.path().join(name(2).as_str())).expect("a file");
    assert_eq!(ours.matches("reset-asked").count(), 5);
}

/// Neither is deleted, read, ended or waited for.
#[test]
fn links_pipes_and_folders_with_names_of_files_are_none() {
    let place = Place::new();
    let clock = Hand::new("2026-11-23T12:00:00Z");
    drop(place.open(&clock));
    let outside = place.folder.path().join("outside");
    std::fs::write(&outside, "no line end").expect("a file");
    let old = |part| {
        let day = "2020-01-01".parse().expect("a day");
        place
            .path()
            .join(FileName::new(day, at(NOON), 1, part).as_str())
    };
    symlink(&outside, old(0)).expect("a link");
    std::fs::create_dir(old(1)).expect("a folder");
    rustix::fs::mkfifoat(rustix::fs::CWD, old(2), rustix::fs::Mode::RWXU).expect("a pipe");

    clock.set(NOON);
    let journal = place.open(&clock);
    flush(&journal);
    drop(journal);
    assert_eq!(
        std::fs::read_to_string(&outside).expect("a file"),
        "no line end"
    );
    for part in 0..3 {
        assert!(
            std::fs::symlink_metadata(old(part)).is_ok(),
            "{part} is still there"
        );
    }
    assert_eq!(count(&place.entries(), "journal-opened"), 2);
}

#[test]
fn errors_say_what_to_do_in_both_languages() {
    let path = || Path::new("journal").to_owned();
    let io = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    for error in [
        OpenError::NotAFolder(path()),
        OpenError::NotOurs(path()),
        OpenError::Exposed {
            path: path(),
            mode: 0o755,
        },
        OpenError::Io {
            path: path(),
            error: io(),
        },
        OpenError::Thread(io()),
    ] {
        let text = error.text();
        assert!(text.fr.matches(['.', ':']).count() >= 2, "{}", text.fr);
        assert!(text.en.matches(['.', ':']).count() >= 2, "{}", text.en);
        assert_ne!(text.fr, text.en);
    }
}
