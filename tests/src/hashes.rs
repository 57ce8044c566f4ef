//! Hashes that other programs write at run time, and their word on ours.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::binary::run;
use crate::root;

/// A hash, and the program that wrote it.
#[derive(Debug)]
pub struct Written {
    /// Program and method.
    pub writer: String,
    /// The stored text.
    pub text: String,
}

/// One password hashed by every program that `tests/run` installs.
///
/// # Panics
/// When one is missing, fails, or writes nothing.
pub fn written(password: &str) -> Vec<Written> {
    let mut all = Vec::new();
    for mut program in [python("write"), php("write")] {
        for line in lines(&mut program, password) {
            let (writer, text) = line.split_once('\t').expect("a writer, a tab, a text");
            all.push(Written {
                writer: writer.to_owned(),
                text: text.to_owned(),
            });
        }
    }
    for words in [
        "openssl passwd -stdin -1",
        "openssl passwd -stdin -apr1",
        "openssl passwd -stdin -5",
        "openssl passwd -stdin -6",
        "mkpasswd -s -m sha256crypt",
        "mkpasswd -s -m sha512crypt",
        "mkpasswd -s -m yescrypt",
        "mkpasswd -s -m yescrypt -R 1",
        "mkpasswd -s -m bcrypt -R 8",
        "htpasswd -n -i -B -C 8 user",
        "htpasswd -n -i -2 user",
        "htpasswd -n -i -5 user",
        "htpasswd -n -i -m user",
        "htpasswd -n -i -s user",
    ] {
        let mut words = words.split(' ');
        let program = words.next().expect("a program");
        let options: Vec<&str> = words.collect();
        all.push(one(
            Command::new(program).args(&options),
            &[program, &options.join(" ")].join(" "),
            password,
        ));
    }
    // This one takes the whole of a file, where others take a line.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("password");
    fs::write(&file, password).expect("a temporary folder is writable");
    for (scheme, module) in [
        ("{SSHA}", None),
        ("{SMD5}", None),
        ("{SHA}", None),
        ("{MD5}", None),
        ("{SSHA256}", Some("pw-sha2")),
        ("{SSHA384}", Some("pw-sha2")),
        ("{SSHA512}", Some("pw-sha2")),
        ("{SHA256}", Some("pw-sha2")),
        ("{ARGON2}", Some("argon2")),
    ] {
        let mut command = Command::new("/usr/sbin/slappasswd");
        if let Some(module) = module {
            command.args(["-o", "module-path=/usr/lib/ldap", "-o"]);
            command.arg(format!("module-load={module}"));
        }
        command.args(["-n", "-h", scheme, "-T"]).arg(&file);
        all.push(one(&mut command, &format!("slappasswd {scheme}"), ""));
    }
    all
}

/// Who finds that an Argon2 string belongs to a password: `argon2-cffi`, `django`, `php`.
///
/// # Panics
/// When one of them is missing or fails.
pub fn found_elsewhere(password: &str, text: &str) -> Vec<String> {
    let input = format!("{password}\n{text}");
    [python("check"), php("check")]
        .iter_mut()
        .flat_map(|program| lines(program, &input))
        .collect()
}

fn one(command: &mut Command, writer: &str, password: &str) -> Written {
    let lines = lines(command, password);
    let [line] = lines.as_slice() else {
        panic!("{writer}: {} lines instead of one", lines.len());
    };
    Written {
        writer: writer.to_owned(),
        // `htpasswd` writes the user's name first.
        text: line.strip_prefix("user:").unwrap_or(line).to_owned(),
    }
}

fn lines(command: &mut Command, input: &str) -> Vec<String> {
    let program = command.get_program().display().to_string();
    let run = run(command, input.as_bytes());
    assert_eq!(run.code, Some(0), "{program}: {}{}", run.out, run.err);
    run.out
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn python(what: &str) -> Command {
    let program = root().join("target/hashes/bin/python");
    assert!(
        program.exists(),
        "{} is not there; tests/run installs it",
        program.display()
    );
    let mut command = Command::new(program);
    command.arg(script("frameworks.py")).arg(what);
    command
}

fn php(what: &str) -> Command {
    let mut command = Command::new("php");
    command.arg(script("php.php")).arg(what);
    command
}

fn script(name: &str) -> PathBuf {
    root().join("tests/hashes").join(name)
}
