//! Whole builds: every form of input, interruptions, updates, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

use policy::Language;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::Digest;

mod input;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn options() -> Options {
    Options {
        false_hit_rate: Some(1e-9),
        ..Options::default()
    }
}

/// Builds without interruption, with room for so many keys in memory.
fn made(output: &Path, inputs: &[PathBuf], options: &Options, capacity: usize) -> Built {
    let never = &mut |_| ControlFlow::Continue(());
    build_with(output, inputs, options, capacity, never)
        .unwrap_or_else(|fault| panic!("{}", BuildError(fault)))
}

fn refused(output: &Path, inputs: &[PathBuf], options: &Options) -> Fault {
    let never = &mut |_| ControlFlow::Continue(());
    build_with(output, inputs, options, 100, never).expect_err("refused")
}

/// The row of a password, in upper case.
fn row(kind: Kind, password: &str, count: u64) -> String {
    let hash: String = Digest::of(kind, password)
        .bytes()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    format!("{hash}:{count}")
}

fn passwords(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("motdepasse{n}")).collect()
}

/// The corpus of these passwords as it is published: in order of hashes, with CR LF.
fn corpus(kind: Kind, passwords: &[String]) -> String {
    let rows: BTreeSet<String> = passwords.iter().map(|text| row(kind, text, 3)).collect();
    rows.into_iter().map(|row| row + "\r\n").collect()
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("packed");
    encoder.finish().expect("packed")
}

#[track_caller]
fn holds_exactly(index: &Index, passwords: &[String]) {
    index.verify().expect("sound");
    assert_eq!(index.entries(), passwords.len() as u64);
    for password in passwords {
        assert!(index.contains(password), "{password}");
        assert!(!index.contains(&format!("{password}!")), "{password}!");
    }
}

#[test]
fn every_published_form_makes_the_same_index() {
    for kind in Kind::ALL {
        let here = folder();
        let path = |name: &str| here.path().join(name);
        let list = passwords(300);
        let text = corpus(kind, &list);
        fs::write(path("corpus.txt"), &text).expect("written");
        fs::write(path("lower.txt"), text.to_lowercase().replace('\r', "")).expect("written");
        fs::write(path("corpus.gz"), packed(&text)).expect("written");
        let half = &text[..text.len() / 300 * 100];
        fs::write(path("a.txt"), half).expect("written");
        fs::write(path("b.gz"), packed(&text[half.len()..])).expect("written");
        fs::create_dir(path("ranges")).expect("made");
        for line in text.lines() {
            let (prefix, suffix) = line.split_at(5);
            // Two of these hashes sharing a range is possible: files are added to.
            let mut file = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path("ranges").join(prefix))
                .expect("opened");
            writeln!(file, "{suffix}\r").expect("written");
        }
        let mut lines = list.clone();
        lines.reverse();
        fs::write(path("plain.txt"), lines.join("\n")).expect("written");
        let forms: [(&[&str], bool); 7] = [
            (&["corpus.txt"], false),
            (&["lower.txt"], false),
            (&["corpus.gz"], false),
            (&["a.txt", "b.gz"], false),
            (&["b.gz", "a.txt", "corpus.txt"], false),
            (&["ranges"], false),
            (&["plain.txt"], true),
        ];
        let mut first = None;
        for (names, plain) in forms {
            let inputs: Vec<PathBuf> = names.iter().map(|name| path(name)).collect();
            let options = Options {
                kind,
                plain,
                ..options()
            };
            for capacity in [40, 10_000] {
                let built = made(&path("out.idx"), &inputs, &options, capacity);
                holds_exactly(&built.index, &list);
                assert_eq!((built.counts.bad, built.resumed), (0, false));
                assert_eq!(built.missing_ranges > 0, names == ["ranges"]);
                assert!(!path("out.idx.partial").exists());
                let bytes = fs::read(path("out.idx")).expect("read");
                assert!(
                    first.get_or_insert_with(|| bytes.clone()) == &bytes,
                    "{names:?} in {capacity} keys made another file"
                );
            }
        }
    }
}

/// An input of several files, which takes several checkpoints with 40 keys in memory.
fn several_files(here: &Path, list: &[String]) -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    for (number, part) in list.chunks(70).enumerate() {
        let path = here.join(format!("part-{number}"));
        // Every other one unordered and packed.
        if number % 2 == 0 {
            fs::write(&path, corpus(Kind::Sha1, part)).expect("written");
        } else {
            let rows: Vec<String> = part.iter().map(|text| row(Kind::Sha1, text, 1)).collect();
            fs::write(&path, packed(&rows.join("\n"))).expect("written");
        }
        inputs.push(path);
    }
    inputs
}

#[test]
fn an_interrupted_build_goes_on_and_makes_the_same_file() {
    let here = folder();
    let output = here.path().join("out.idx");
    let list = passwords(500);
    let inputs = several_files(here.path(), &list);
    made(&output, &inputs, &options(), 40);
    let wanted = fs::read(&output).expect("read");
    let mut resumed = 0;
    for calls in 0.. {
        fs::remove_file(&output).expect("removed");
        let mut left = calls;
        let stopped = build_with(&output, &inputs, &options(), 40, &mut |_| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        });
        if stopped.is_ok() {
            break;
        }
        assert!(!output.exists(), "half an index was published");
        // The rest is read with another memory, as the same command may be given.
        let built = made(&output, &inputs, &options(), 60);
        assert!(
            fs::read(&output).expect("read") == wanted,
            "after {calls} calls"
        );
        assert_eq!(built.counts.lines, 500);
        resumed += usize::from(built.resumed);
        assert!(calls < 100, "the build never ends");
    }
    assert!(resumed >= 6, "only {resumed} builds went on");
    assert!(!here.path().join("out.idx.partial").exists());
}

#[test]
fn a_build_goes_on_without_reading_again_what_it_has() {
    let here = folder();
    let output = here.path().join("out.idx");
    let inputs = several_files(here.path(), &passwords(500));
    // Stopped while it writes, when everything is read.
    let stopped = build_with(
        &output,
        &inputs,
        &options(),
        40,
        &mut |progress| match progress.step {
            Step::Writing => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        },
    );
    assert!(matches!(stopped, Err(Fault::Stopped)));
    for path in &inputs {
        let (length, changed) = fs::metadata(path)
            .and_then(|about| Ok((about.len(), about.modified()?)))
            .expect("there");
        // The same length and date, but nothing in it can be read as rows.
        let mut file = fs::File::create(path).expect("created");
        file.write_all(&vec![b'?'; length as usize])
            .expect("written");
        file.set_modified(changed).expect("dated");
    }
    let built = made(&output, &inputs, &options(), 40);
    assert!(built.resumed);
    holds_exactly(&built.index, &passwords(500));
}

#[test]
fn the_working_files_of_another_build_are_refused_and_kept() {
    let here = folder();
    let output = here.path().join("out.idx");
    let inputs = several_files(here.path(), &passwords(200));
    let stop = &mut |progress: Progress| match progress.step {
        Step::Writing => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    assert!(build_with(&output, &inputs, &options(), 40, stop).is_err());
    let other = Options {
        least_count: 2,
        ..options()
    };
    let state = here.path().join("out.idx.partial/state");
    for (inputs, options) in [(&inputs[..], &other), (&inputs[1..], &options())] {
        let fault = refused(&output, inputs, options);
        assert!(matches!(fault, Fault::OtherBuild(_)), "{fault:?}");
        assert!(state.exists());
    }
    let run = here.path().join("out.idx.partial/run-000");
    fs::write(&run, [0; 16]).expect("written");
    let fault = refused(&output, &inputs, &options());
    assert!(matches!(fault, Fault::Damaged(_)), "{fault:?}");
}

#[test]
fn two_builds_of_one_output_do_not_mix() {
    let here = folder();
    let output = here.path().join("out.idx");
    let inputs = several_files(here.path(), &passwords(100));
    let mut inner = None;
    let outer = build_with(&output, &inputs, &options(), 40, &mut |_| {
        inner.get_or_insert_with(|| refused(&output, &inputs, &options()));
        ControlFlow::Continue(())
    });
    assert!(matches!(inner, Some(Fault::Busy(_))), "{inner:?}");
    holds_exactly(&outer.expect("built").index, &passwords(100));
}

#[test]
fn an_update_is_the_union_and_may_replace_its_own_file() {
    let here = folder();
    let (output, whole) = (here.path().join("out.idx"), here.path().join("whole.idx"));
    let list = passwords(400);
    let [old, new] = [&list[..250], &list[200..]].map(<[String]>::to_vec);
    let (a, b) = (here.path().join("a"), here.path().join("b"));
    fs::write(&a, corpus(Kind::Sha1, &old)).expect("written");
    fs::write(&b, corpus(Kind::Sha1, &new)).expect("written");
    let bits = made(&output, std::slice::from_ref(&a), &options(), 100)
        .index
        .bits();
    let update = Options {
        update: Some(output.clone()),
        ..Options::default()
    };
    let built = made(&output, std::slice::from_ref(&b), &update, 30);
    holds_exactly(&built.index, &list);
    assert_eq!(built.index.bits(), bits);
    // A wider rate makes the file that one build of both would have made.
    let options = Options {
        false_hit_rate: Some(1e-6),
        ..Options::default()
    };
    made(&whole, &[b, a], &options, 100);
    let narrowed = Options {
        update: Some(output.clone()),
        ..options
    };
    made(&output, &[], &narrowed, 100);
    assert!(fs::read(&output).expect("read") == fs::read(&whole).expect("read"));
    // What an old index has forgotten does not come back.
    let fault = refused(
        &output,
        &[],
        &Options {
            update: Some(output.clone()),
            ..super::tests::options()
        },
    );
    assert!(matches!(fault, Fault::Rate { .. }), "{fault:?}");
}

#[test]
fn an_update_refuses_what_it_cannot_trust() {
    let here = folder();
    let path = |name: &str| here.path().join(name);
    fs::write(path("list"), "un\ndeux\ntrois\n").expect("written");
    let plain = Options {
        plain: true,
        ..options()
    };
    made(&path("old.idx"), &[path("list")], &plain, 10);
    let update = |name: &str, kind| Options {
        kind,
        update: Some(path(name)),
        ..plain.clone()
    };
    let fault = refused(&path("new.idx"), &[], &update("old.idx", Kind::Ntlm));
    assert!(matches!(fault, Fault::OldKind { .. }), "{fault:?}");
    let mut bytes = fs::read(path("old.idx")).expect("read");
    let middle = bytes.len() - 20;
    bytes[middle] ^= 1;
    fs::write(path("bad.idx"), bytes).expect("written");
    for name in ["bad.idx", "list", "absent.idx"] {
        let fault = refused(&path("new.idx"), &[path("list")], &update(name, Kind::Sha1));
        assert!(matches!(fault, Fault::Old(_)), "{name}: {fault:?}");
    }
    assert!(!path("new.idx").exists());
}
