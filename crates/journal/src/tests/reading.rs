//! Reading what a crash, a later version or a stranger left.

use std::os::unix::fs::PermissionsExt;

use policy::Language;

use super::{Hand, Place, at, names, note_many};
use crate::{Code, Fault, FaultKind, FileName, LONGEST};

const NAME: &str = "2026-11-24_20261124T120000.000000Z_0000000001_0000.jsonl";
const GOOD: &str = r#"{"v":1,"n":0,"at":"2026-11-24T12:00:00Z","kind":"reset-asked"}"#;

fn place_with(text: &[u8]) -> Place {
    let place = Place::new();
    std::fs::create_dir(place.path()).expect("a folder");
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o700)).expect("a mode");
    std::fs::write(place.path().join(NAME), text).expect("a file");
    place
}

/// How each line reads: the name of its kind, or what is wrong.
fn read(text: &[u8]) -> Vec<String> {
    let place = place_with(text);
    crate::read(&place.path())
        .expect("a folder")
        .map(|item| match item {
            Ok(entry) => entry.kind,
            Err(Fault { line, kind, .. }) => match kind {
                FaultKind::Unfinished => format!("{line} unfinished"),
                FaultKind::Broken => format!("{line} broken"),
                FaultKind::TooLong => format!("{line} too long"),
                FaultKind::Later(version) => format!("{line} later {version}"),
                FaultKind::Io(error) => format!("{line} {error}"),
            },
        })
        .collect()
}

#[test]
fn one_bad_line_spoils_no_other() {
    let long = format!("{{\"v\":1,\"x\":\"{}\"}}", "a".repeat(100_000));
    let edge = format!("{GOOD:width$}", width = LONGEST - 1);
    let over = format!("{GOOD:width$}", width = LONGEST);
    let rows: [(&str, &[u8], &[&str]); 12] = [
        ("nothing", b"", &[]),
        ("an empty line", b"\n", &["1 broken"]),
        ("no line end", GOOD.as_bytes(), &["1 unfinished"]),
        ("half a line", &GOOD.as_bytes()[..20], &["1 unfinished"]),
        ("half a line, ended", b"{\"v\":1,\"n\"\n", &["1 broken"]),
        ("zeros after a loss of power", &[0; 300], &["1 unfinished"]),
        ("no object", b"[1]\n", &["1 broken"]),
        ("no UTF-8", b"\xff\xfe\n", &["1 broken"]),
        ("a later version", b"{\"v\":2,\"when\":0}\n", &["1 later 2"]),
        ("a long line", long.as_bytes(), &["1 too long"]),
        ("the longest line", edge.as_bytes(), &["1 unfinished"]),
        ("one byte more", over.as_bytes(), &["1 too long"]),
    ];
    for (what, text, expected) in rows {
        assert_eq!(read(text), expected, "{what}");
        // Between two good lines, with an end.
        let mut between = format!("{GOOD}\n").into_bytes();
        between.extend_from_slice(text);
        if !text.ends_with(b"\n") {
            between.push(b'\n');
        }
        between.extend_from_slice(format!("{GOOD}\n").as_bytes());
        let read = read(&between);
        assert_eq!(read.len(), 3, "{what}");
        assert_eq!(
            (&*read[0], &*read[2]),
            ("reset-asked", "reset-asked"),
            "{what}"
        );
    }
}

#[test]
fn a_field_that_is_not_what_it_should_be_makes_no_entry() {
    let rest = r#""n":0,"at":"2026-11-24T12:00:00Z","kind":"reset-asked""#;
    for (line, expected) in [
        (format!("{{\"v\":1,{rest}}}"), "reset-asked"),
        (
            format!("{{\"v\":1,{rest},\"colour\":[1,null]}}"),
            "reset-asked",
        ),
        (format!("{{{rest}}}"), "1 broken"),
        (format!("{{\"v\":\"1\",{rest}}}"), "1 broken"),
        (format!("{{\"v\":1,{rest},\"account\":\"00\"}}"), "1 broken"),
        (
            format!("{{\"v\":1,{rest},\"account\":\"{}\"}}", "é".repeat(16)),
            "1 broken",
        ),
        (
            format!("{{\"v\":1,{rest},\"account\":\"{}\"}}", "A".repeat(32)),
            "1 broken",
        ),
        (
            format!("{{\"v\":1,{rest},\"account\":\"{}\"}}", "a".repeat(32)),
            "reset-asked",
        ),
        (
            format!("{{\"v\":1,{rest},\"source\":\"here\"}}"),
            "1 broken",
        ),
        (format!("{{\"v\":1,{rest},\"port\":65536}}"), "1 broken"),
        (format!("{{\"v\":1,{rest},\"site\":1}}"), "1 broken"),
        (
            r#"{"v":1,"n":-1,"at":"2026-11-24T12:00:00Z","kind":"a"}"#.to_owned(),
            "1 broken",
        ),
        (
            r#"{"v":1,"n":0,"at":"noon","kind":"a"}"#.to_owned(),
            "1 broken",
        ),
        (
            r#"{"v":1,"n":0,"at":"2026-11-24T12:00:00Z"}"#.to_owned(),
            "1 broken",
        ),
    ] {
        assert_eq!(read(format!("{line}\n").as_bytes()), [expected], "{line}");
    }
}

#[test]
fn a_kind_of_a_later_version_is_an_entry_without_a_code() {
    let line =
        r#"{"v":1,"n":0,"at":"2026-11-24T12:00:00Z","kind":"not-yet","colour":"red\u001b[31m"}"#;
    let place = place_with(format!("{line}\n").as_bytes());
    let entries = place.entries();
    assert_eq!(entries[0].code(), None);
    assert_eq!(entries[0].text(Language::Fr), "not-yet (red[31m)");
    assert_eq!(Code::parse("reset-asked"), Some(Code::ResetAsked));
}

#[test]
fn files_come_by_day_and_other_files_not_at_all() {
    let place = Place::new();
    let clock = Hand::new("2026-11-25T12:00:00Z");
    let journal = place.open(&clock);
    note_many(&journal, at("2026-11-25T12:00:00Z"), 1);
    drop(journal);
    clock.set("2026-11-24T12:00:00Z");
    let journal = place.open(&clock);
    note_many(&journal, at("2026-11-24T12:00:00Z"), 1);
    drop(journal);
    std::fs::write(place.path().join("readme.txt"), "not a line").expect("a file");
    let days: Vec<String> = place
        .entries()
        .iter()
        .map(|entry| entry.at.to_string())
        .collect();
    assert!(days.is_sorted(), "{days:?}");
    assert_eq!(names(&place.path()).len(), 3);
}

#[test]
fn a_file_deleted_while_others_are_read_is_passed_by() {
    let place = place_with(format!("{GOOD}\n").as_bytes());
    let second = NAME.replace("2026-11-24_", "2026-11-25_");
    std::fs::write(place.path().join(&second), format!("{GOOD}\n")).expect("a file");
    let mut entries = crate::read(&place.path()).expect("a folder");
    assert!(entries.next().is_some_and(|item| item.is_ok()));
    std::fs::remove_file(place.path().join(&second)).expect("a file");
    assert!(entries.next().is_none());
    assert!(FileName::parse(&second).is_some());
}
