//! Hashes on the command line: pepper, wrap and calibrate as an operator uses them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{GOOD, err, folder, out, run};

/// Hashes of "9fK!r2Vq#tZ7", written by PHP 8.2.
const OLD: &[u8] = b"9fK!r2Vq#tZ7";
const OLD_MD5: &str = "9adc233b4826fbe9bb10ac7323a1ecff";
const OLD_BCRYPT: &str = "$2y$04$58oX64c86yU.hUy43IrEs./xdWeueOo4uFrgwopxfdPvtWwyqD1UG";

fn code(folder: &Path, arguments: &[&str], input: &[u8]) -> Option<i32> {
    run(folder, arguments, input).status.code()
}

#[test]
fn a_pepper_is_made_used_and_rotated() {
    let here = folder();
    let made = run(here.path(), &["pepper", "new", "keys", "--id", "2025"], b"");
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let file = here.path().join("keys");
    let first = fs::read_to_string(&file).expect("written");
    let key = first
        .trim()
        .strip_prefix("2025 ")
        .expect("the name")
        .to_owned();
    assert!(!err(&made).contains(&key) && out(&made).is_empty());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(&file).expect("there").permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
    // Never over a file.
    assert_eq!(code(here.path(), &["pepper", "new", "keys"], b""), Some(2));

    fs::write(
        here.path().join("policy.toml"),
        "version = 1\nlanguage = \"en\"\n[hash]\npepper = { file = \"keys\" }\n",
    )
    .expect("written");
    let old = out(&run(here.path(), &["hash"], GOOD));
    assert!(old.contains(",keyid=MjAyNQ$"), "{old}");
    let same = run(here.path(), &["verify", old.trim()], GOOD);
    assert_eq!(out(&same), "match\n");

    // The same name again, then the name of the day.
    let rotate = ["pepper", "rotate", "keys", "--id", "2025"];
    assert_eq!(code(here.path(), &rotate, b""), Some(2));
    assert_eq!(
        code(here.path(), &["pepper", "rotate", "keys"], b""),
        Some(0)
    );
    let both = fs::read_to_string(&file).expect("written");
    assert!(both.starts_with(&first) && both.lines().count() == 2);
    let renewed = out(&run(here.path(), &["verify", old.trim()], GOOD));
    assert!(renewed.starts_with("match, renew: "), "{renewed}");
    let new = out(&run(here.path(), &["hash"], GOOD));
    assert!(new.contains(",keyid=") && !new.contains(",keyid=MjAyNQ$"));

    // Without its key a hash cannot be decided on, and that is no "no match".
    fs::write(&file, both.lines().nth(1).expect("two keys")).expect("written");
    let lost = run(here.path(), &["verify", old.trim()], GOOD);
    assert_eq!(lost.status.code(), Some(2));
    assert!(err(&lost).contains("2025") && out(&lost).is_empty());
    // A line without its end is completed before another one follows.
    let rotate = ["pepper", "rotate", "keys", "--id", "x"];
    assert_eq!(code(here.path(), &rotate, b""), Some(0));
    assert_eq!(
        fs::read_to_string(&file).expect("written").lines().count(),
        2
    );
}

#[cfg(unix)]
#[test]
fn a_pepper_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let here = folder();
    let policy = "version = 1\n[hash]\npepper = { file = \"keys\" }\n";
    fs::write(here.path().join("policy.toml"), policy).expect("written");
    assert_eq!(code(here.path(), &["pepper", "new", "keys"], b""), Some(0));
    let file = here.path().join("keys");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("ours");
    for arguments in [
        &["hash"][..],
        &[
            "verify",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ],
        &["pepper", "rotate", "keys"],
    ] {
        let refused = run(here.path(), arguments, GOOD);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(err(&refused).contains("chmod 600"), "{}", err(&refused));
    }
}

#[test]
fn formats_are_verified_once_the_policy_accepts_them() {
    let here = folder();
    let refused = run(here.path(), &["verify", OLD_BCRYPT, "--lang", "en"], OLD);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        err(&refused).contains("add \"bcrypt\""),
        "{}",
        err(&refused)
    );
    let weak = run(here.path(), &["verify", OLD_MD5, "--lang", "en"], OLD);
    assert_eq!(weak.status.code(), Some(2));
    assert!(!err(&weak).contains(OLD_MD5));

    let policy = "version = 1\nlanguage = \"en\"\n[hash]\naccept = [\"bcrypt\"]\n";
    fs::write(here.path().join("policy.toml"), policy).expect("written");
    let renew = run(here.path(), &["verify", OLD_BCRYPT], OLD);
    assert!(out(&renew).starts_with("match, renew: "), "{}", err(&renew));
    assert_eq!(
        code(here.path(), &["verify", OLD_BCRYPT], b"another"),
        Some(1)
    );
}

#[test]
fn a_table_is_wrapped_and_nothing_else_in_it_changes() {
    let here = folder();
    let strong = out(&run(here.path(), &["hash"], GOOD));
    let strong = strong.trim();
    let table = format!(
        "id,hash,\"note, \"\"x\"\"\"\r\n1,{OLD_MD5},\"a\nb\"\r\n2,\"{strong}\",c\r\n3,,d\r\n4,hunter2,\r\n5\r\n6,\"{OLD_BCRYPT}\", e \r\n7,{OLD_MD5},last"
    );
    fs::write(here.path().join("in.csv"), &table).expect("written");
    let wrapped = run(
        here.path(),
        &[
            "wrap", "in.csv", "out.csv", "--column", "hash", "--lang", "en",
        ],
        b"",
    );
    // Two hashes could not be read.
    assert_eq!(wrapped.status.code(), Some(1), "{}", err(&wrapped));
    let told = err(&wrapped);
    for expected in [
        "3 wrapped in Argon2",
        "2   – bare MD5",
        "1   – bcrypt",
        "1 in Argon2 already",
        "1 empty",
        "1 left as they were, lines 6: ",
        "1 left as they were, lines 7: ",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    assert!(!told.contains("hunter2"));

    let written = fs::read_to_string(here.path().join("out.csv")).expect("written");
    let hashes: Vec<&str> = written
        .split('"')
        .filter(|field| field.starts_with("$wrapped$"))
        .collect();
    assert_eq!(hashes.len(), 3);
    let back = written
        .replace(&format!("\"{}\"", hashes[0]), OLD_MD5)
        .replace(&format!("\"{}\"", hashes[2]), OLD_MD5)
        .replace(hashes[1], OLD_BCRYPT);
    assert_eq!(back, table, "every other byte is kept");
    for hash in hashes {
        let right = out(&run(here.path(), &["verify", hash, "--lang", "en"], OLD));
        assert!(right.starts_with("match, renew: "), "{right}");
        assert_eq!(
            code(here.path(), &["verify", hash], OLD_MD5.as_bytes()),
            Some(1)
        );
    }
    assert!(!here.path().join("out.csv.part").exists());

    // Never over a file, and never from a column that is not there.
    let again = ["wrap", "in.csv", "out.csv", "--column", "hash"];
    assert_eq!(code(here.path(), &again, b""), Some(2));
    let missing = ["wrap", "in.csv", "other.csv", "--column", "Hash"];
    assert_eq!(code(here.path(), &missing, b""), Some(2));
    let unread = ["wrap", "missing.csv", "other.csv"];
    assert_eq!(code(here.path(), &unread, b""), Some(2));
}

#[test]
fn a_hash_over_the_accepted_cost_is_neither_verified_nor_wrapped() {
    let here = folder();
    // bcrypt at 12 takes eleven new hashes.
    let dear = OLD_BCRYPT.replace("$04$", "$12$");
    fs::write(here.path().join("in"), format!("{dear}\n{OLD_MD5}\n")).expect("written");
    let policy = |cost: u32| {
        let policy = format!(
            "version = 1\nlanguage = \"en\"\n[hash]\naccept = [\"bcrypt\"]\naccept-cost = {cost}\n"
        );
        fs::write(here.path().join("policy.toml"), policy).expect("written");
    };
    policy(10);
    let refused = run(here.path(), &["verify", &dear], OLD);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        err(&refused).contains("set that to 11"),
        "{}",
        err(&refused)
    );
    let wrapped = run(here.path(), &["wrap", "in", "out"], b"");
    assert_eq!(wrapped.status.code(), Some(1));
    let told = err(&wrapped);
    assert!(told.contains("1 left as they were, lines 1: "), "{told}");
    assert!(told.contains("set that to 11"), "{told}");
    let written = fs::read_to_string(here.path().join("out")).expect("written");
    assert!(written.starts_with(&dear) && written.contains("$wrapped$"));
    policy(11);
    assert_eq!(code(here.path(), &["verify", &dear], OLD), Some(1));
}

#[test]
fn a_list_of_hashes_is_a_table_too() {
    let here = folder();
    fs::write(here.path().join("in"), format!("{OLD_MD5}\n\n{OLD_MD5}")).expect("written");
    let wrapped = run(here.path(), &["wrap", "in", "out"], b"");
    assert_eq!(wrapped.status.code(), Some(0), "{}", err(&wrapped));
    let written = fs::read_to_string(here.path().join("out")).expect("written");
    let lines: Vec<&str> = written.split('\n').collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("$wrapped$") && lines[2].starts_with("$wrapped$"));
    assert!(lines[1].is_empty() && lines[0] != lines[2]);
}

#[test]
fn a_table_read_as_a_list_is_told_of_its_columns() {
    let here = folder();
    fs::write(
        here.path().join("in"),
        format!("user,hash\nana,{OLD_MD5}\n"),
    )
    .expect("written");
    for (options, hint) in [
        (&["wrap", "in", "a", "--lang", "en"][..], true),
        (&["wrap", "in", "b", "--lang", "fr"][..], true),
        (&["wrap", "in", "c", "--column", "hash"][..], false),
    ] {
        let told = err(&run(here.path(), options, b""));
        assert_eq!(told.contains("--column"), hint, "{options:?}: {told}");
    }
}

/// Starts a wrap, kills it (SIGKILL) once it has written some records, and runs it again.
#[test]
fn a_wrap_that_was_killed_goes_on() {
    let here = folder();
    let rows = 200;
    let table: String = std::iter::once("id\thash\n".to_owned())
        .chain((0..rows).map(|id| format!("{id}\t{OLD_MD5}\n")))
        .collect();
    fs::write(here.path().join("in.tsv"), &table).expect("written");
    // One worker, so that there is time to kill it in.
    let policy = "version = 1\nlanguage = \"en\"\n[hash]\nworkers = 1\n";
    fs::write(here.path().join("policy.toml"), policy).expect("written");
    let arguments = ["wrap", "in.tsv", "out.tsv", "--column", "hash"];
    let part = here.path().join("out.tsv.part");

    let mut child = Command::new(env!("CARGO_BIN_EXE_rempart"))
        .current_dir(here.path())
        .args(arguments)
        .env_clear()
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let written = || {
        let text = fs::read_to_string(&part).unwrap_or_default();
        text.lines().count()
    };
    while written() < 10 {
        assert_eq!(child.try_wait().expect("ours"), None, "it ended too soon");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().expect("ours");
    child.wait().expect("killed");
    assert!(!here.path().join("out.tsv").exists());
    // As if it had been in the middle of a record.
    let before = fs::read_to_string(&part).expect("written");
    assert!((10..=rows).contains(&before.lines().count()));
    fs::write(&part, format!("{before}77\t$wrap")).expect("written");

    // Another input is not mixed in: neither other accounts, nor the same ones with one hash
    // changed since, whose record looks like any other.
    let changed = table.replacen(OLD_MD5, "0cc175b9c0f1b6a831c399e269772661", 1);
    for other in [table.replace("\n3\t", "\n33\t"), changed] {
        fs::write(here.path().join("in.tsv"), other).expect("written");
        let mixed = run(here.path(), &arguments, b"");
        assert_eq!(mixed.status.code(), Some(2));
        assert!(
            err(&mixed).contains("in.tsv has changed"),
            "{}",
            err(&mixed)
        );
    }
    // Nor is a part that another program changed taken for ours.
    let strange = before.replacen("\n3\t", "\n33\t", 1);
    fs::write(&part, strange).expect("written");
    fs::write(here.path().join("in.tsv"), &table).expect("written");
    let mixed = run(here.path(), &arguments, b"");
    assert_eq!(mixed.status.code(), Some(2));
    assert!(err(&mixed).contains("(line 5)"), "{}", err(&mixed));
    fs::write(&part, format!("{before}77\t$wrap")).expect("written");

    let resumed = run(here.path(), &arguments, b"");
    assert_eq!(resumed.status.code(), Some(0), "{}", err(&resumed));
    assert!(err(&resumed).contains("An interrupted run went on"));
    assert!(err(&resumed).contains(&format!("  {rows} wrapped in Argon2")));
    let after = fs::read_to_string(here.path().join("out.tsv")).expect("written");
    assert!(after.starts_with(&before), "what was done is kept");
    let ids: Vec<String> = after
        .lines()
        .skip(1)
        .map(|line| {
            let (id, hash) = line.split_once('\t').expect("two fields");
            assert!(hash.starts_with("$wrapped$"), "{line}");
            id.to_owned()
        })
        .collect();
    assert!(ids.into_iter().eq((0..rows).map(|id| id.to_string())));
    let (_, last) = after.trim_end().rsplit_once('\t').expect("a hash");
    assert_eq!(code(here.path(), &["verify", last], OLD), Some(0));
    assert!(!part.exists() && !here.path().join("out.tsv.part.of").exists());
}

#[test]
fn calibrate_proposes_lines_that_load() {
    let here = folder();
    let calibrate = |arguments: &[&str]| {
        run(
            here.path(),
            &[&["calibrate", "--concurrency", "1"], arguments].concat(),
            b"",
        )
    };
    // Long enough for the slowest machine, and no memory to climb in.
    let proposal = calibrate(&["--target", "10s", "--memory", "12MiB"]);
    assert_eq!(proposal.status.code(), Some(0), "{}", err(&proposal));
    let policy = format!("version = 1\n{}", out(&proposal));
    assert!(policy.contains("memory = \"12 MiB\"") && policy.contains("iterations = 3"));
    fs::write(here.path().join("policy.toml"), policy).expect("written");
    assert_eq!(code(here.path(), &["lint"], b""), Some(0));

    // Too short for any machine.
    let none = calibrate(&["--target", "1ms", "--memory", "19MiB", "--format", "json"]);
    assert_eq!(none.status.code(), Some(1), "{}", err(&none));
    let none: serde_json::Value = serde_json::from_str(&out(&none)).expect("JSON");
    assert!(none["proposed"].is_null());
    assert_eq!(none["measured"].as_array().map(Vec::len), Some(2));
    assert!(none["measured"][0]["p95_ms"].as_f64() > Some(1.0));
    assert_eq!(none["concurrency"], 1);
}
