//! A process that is killed again and again during ten thousand sign-ins, on redb files for
//! accounts and counters.
//!
//! Clauses: CNIL 2022-100, case 2. Afterwards the counters hold every failure that was
//! answered, at most those that were begun, and nobody came in with a wrong password.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use rempart::accounts::{Create, SignIn};
use rempart::store::Redb;
use rempart::{Accounts, Login, Visitor, policy};

const FOLDER: &str = "REMPART_TEST_FOLDER";
const SEED: &str = "REMPART_TEST_SEED";

const RIGHT: &str = "9fK!r2Vq#tZ7";
const WRONG: &str = "w8$Lp3Xc&nB5";

/// Accounts, each tried by a task of its own, one attempt after the other.
const ACCOUNTS: usize = 40;
/// Sign-ins that were answered, over all processes.
const SIGN_INS: usize = 10_000;
/// Failures in a row that block an account: more than a run brings about by chance.
const BLOCK: u32 = 70;
/// Failures that the one source may make; it has thirty days to forget them.
const SOURCE: u32 = 11_500;

/// What may be counted: at least what was answered, at most what was begun.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counted {
    least: u32,
    most: u32,
}

#[derive(Debug, Default)]
struct Seen {
    accounts: BTreeMap<usize, Counted>,
    source: Counted,
    /// Attempts begun and not answered, by account: whether the password was right.
    open: BTreeMap<usize, bool>,
    answered: usize,
    kills: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_attempt_is_lost_or_refunded_twice_and_no_wrong_password_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    create(folder.path()).await;
    let mut seen = Seen::default();
    while seen.answered < SIGN_INS {
        // A different moment each time, some of them right at the start.
        let lines = [40, 700, 1500, 2600, 3300][seen.kills % 5] + 37 * seen.kills;
        run_and_kill(folder.path(), lines, &mut seen);
    }
    assert!(seen.kills >= 4, "{} kills", seen.kills);

    let accounts = open(folder.path());
    let mut probes = 0;
    for (account, counted) in &seen.accounts {
        let mut left = 0;
        loop {
            match sign_in(&accounts, &name(*account), WRONG).await {
                SignIn::No => left += 1,
                SignIn::Blocked(_) => break,
                other => panic!("{other:?}"),
            }
        }
        probes += left;
        let failures = BLOCK - left;
        assert!(
            (counted.least..=counted.most).contains(&failures),
            "account {account}: {failures} failures in a row, expected {counted:?}"
        );
    }
    // What is left of the source's, tried on names that nobody has.
    let mut left = 0;
    loop {
        match sign_in(&accounts, &format!("nobody-{left}"), WRONG).await {
            SignIn::No => left += 1,
            SignIn::Wait(_) => break,
            other => panic!("{other:?}"),
        }
    }
    let failures = SOURCE - probes - left;
    // The bucket frees one failure in four minutes.
    let freed = 3;
    assert!(
        (seen.source.least.saturating_sub(freed)..=seen.source.most).contains(&failures),
        "the source: {failures} failures, expected {:?}",
        seen.source
    );
    println!(
        "{} sign-ins, {} kills; source {:?}, found {failures}",
        seen.answered, seen.kills, seen.source
    );
}

/// Runs [`signer`] in a process of its own, kills it after so many lines, and notes what it
/// said.
fn run_and_kill(folder: &Path, lines: usize, seen: &mut Seen) {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "signer", "--ignored", "--nocapture", "--quiet"])
        .env(FOLDER, folder)
        .env(SEED, seen.kills.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let output = child.stdout.take().expect("its output");
    let mut read = 0;
    for line in BufReader::new(output).lines() {
        // What was printed before the kill is still read; a line cut by it has no end.
        let line = line.expect("text");
        let Some(words) = line
            .strip_prefix("seen ")
            .and_then(|rest| rest.strip_suffix(" ."))
        else {
            continue;
        };
        seen.line(&words.split(' ').collect::<Vec<_>>());
        read += 1;
        if read == lines {
            child.kill().expect("SIGKILL");
        }
    }
    let status = child.wait().expect("its end");
    assert!(!status.success(), "it was killed: {status}");
    seen.killed();
}

impl Seen {
    fn line(&mut self, words: &[&str]) {
        let [what, account, right, rest @ ..] = words else {
            panic!("{words:?}");
        };
        let account: usize = account.parse().expect("a number");
        let right = *right == "right";
        if *what == "begin" {
            assert_eq!(self.open.insert(account, right), None);
            return;
        }
        assert_eq!(self.open.remove(&account), Some(right));
        self.answered += 1;
        let counted = self.accounts.entry(account).or_default();
        match (right, rest) {
            (true, ["yes"]) => *counted = Counted::default(),
            (false, ["no"]) => {
                for counted in [counted, &mut self.source] {
                    counted.least += 1;
                    counted.most += 1;
                }
            }
            _ => panic!("account {account}, right: {right}: {rest:?}"),
        }
    }

    /// What was begun may have been counted, and may have succeeded.
    fn killed(&mut self) {
        self.kills += 1;
        for (account, right) in std::mem::take(&mut self.open) {
            let counted = self.accounts.entry(account).or_default();
            counted.most += 1;
            if right {
                counted.least = 0;
            }
            self.source.most += 1;
        }
    }
}

/// Not a test: the process that is killed.
#[test]
#[ignore = "started by the test of this file"]
fn signer() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let seed: u64 = std::env::var(SEED)
        .expect("a seed")
        .parse()
        .expect("a number");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let accounts = open(Path::new(&folder));
        let tasks: Vec<_> = (0..ACCOUNTS)
            .map(|account| {
                let accounts = accounts.clone();
                tokio::spawn(async move { sign_in_for_ever(&accounts, account, seed).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
}

async fn sign_in_for_ever(accounts: &Accounts, account: usize, seed: u64) {
    let name = name(account);
    let mut random = seed * 1000 + account as u64 + 1;
    for _ in 0..SIGN_INS {
        // Chance enough to mix right and wrong (Knuth's multiplier).
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let right = random >> 60 < 4;
        let (word, typed) = if right {
            ("right", RIGHT)
        } else {
            ("wrong", WRONG)
        };
        say(&format!("seen begin {account} {word} ."));
        let answer = match sign_in(accounts, &name, typed).await {
            SignIn::Yes(_) => "yes",
            SignIn::No => "no",
            _ => "other",
        };
        say(&format!("seen end {account} {word} {answer} ."));
    }
}

/// One write for the whole line, so that lines do not mix.
fn say(line: &str) {
    let line = format!("{line}\n");
    std::io::stdout()
        .write_all(line.as_bytes())
        .expect("a reader");
}

async fn sign_in(accounts: &Accounts, name: &str, typed: &str) -> SignIn {
    let visitor = Visitor {
        source: Some(IpAddr::from([192, 0, 2, 1])),
        ..Visitor::new(name)
    };
    let answer = accounts.sign_in(&visitor, typed.as_bytes().to_vec());
    answer.await.expect("an answer")
}

fn name(account: usize) -> String {
    format!("account-{account}")
}

fn open(folder: &Path) -> Accounts {
    let text = format!(
        "version = 1\n\
         [access]\nmechanism = \"block\"\nstore = \"redb:counters.redb\"\nstore-deadline = \"30s\"\n\
         trusted-device = \"never\"\nkey = {{ file = \"access.key\" }}\n\
         [access.block]\nafter = {BLOCK}\n\
         [access.limits]\npair = 0\nsource = {SOURCE}\nsource-window = \"30d\"\n\
         [hash]\nmemory = \"64 KiB\"\niterations = 1\n\
         [[deviation]]\nclause = \"asvs-hash-cost\"\nreason = \"tests count hashes, not time\"\n"
    );
    let loaded = policy::load(&text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("test", &text, policy::Language::En, false)
        )
    });
    let login = Login::open(&loaded, folder).expect("a login flow");
    let store = Redb::open(&folder.join("accounts.redb")).expect("a store");
    Accounts::new(login, store)
}

async fn create(folder: &Path) {
    let key = folder.join("access.key");
    std::fs::write(&key, "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n").expect("a key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner_only = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&key, owner_only).expect("a mode");
    }
    let accounts = open(folder);
    for account in 0..ACCOUNTS {
        let name = name(account);
        let visitor = Visitor::new(&name);
        let made = accounts.create(&visitor, RIGHT.as_bytes().to_vec(), &[]);
        assert!(matches!(made.await, Ok(Create::Done(_))));
    }
}
