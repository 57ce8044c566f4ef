//! A process that is killed in the middle of thousands of attempts loses none that it was told
//! of.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use access::contract::asks;
use access::{Ask, Redb, Store, Timestamp, Verdict};

const PATH: &str = "REMPART_TEST_COUNTERS";

/// Attempts before each kill; each on an account of its own, which allows one.
const ATTEMPTS: usize = 1_500;

fn ask(number: u64) -> Ask {
    let now = Timestamp::new(Duration::from_secs(1_800_000_000));
    asks::ask(&[(asks::key(number), asks::bucket(1))], now)
}

#[tokio::test]
async fn no_admitted_attempt_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("counters.redb");
    let mut told: Vec<u64> = Vec::new();
    for round in 0..4 {
        told.extend(killed(&path, round * 1_000_000));
        let store = Redb::open(&path).expect("the file after a kill");
        for number in &told {
            let verdict = store.admit(&ask(*number)).await.expect("an answer");
            assert!(
                matches!(verdict, Verdict::Wait(..)),
                "attempt {number} was told and is lost after kill {round}: {verdict:?}"
            );
        }
    }
    assert!(told.len() >= 4 * ATTEMPTS, "{} attempts", told.len());
}

/// Runs [`writer`] in a process of its own, kills it after enough attempts, and gives the
/// attempts that it was told of.
fn killed(path: &Path, first: u64) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "writer", "--ignored", "--nocapture", "--quiet"])
        .env(PATH, path)
        .env("REMPART_TEST_FIRST", first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let output = child.stdout.take().expect("its output");
    let mut told = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.expect("text");
        // The last line may be cut; a whole one ends with a space.
        if let Some(number) = line
            .strip_prefix("told ")
            .and_then(|rest| rest.strip_suffix(' '))
        {
            told.push(number.parse().expect("a number"));
        }
        if told.len() == ATTEMPTS {
            // SIGKILL; what the child had printed until then is still read.
            child.kill().expect("killed");
        }
    }
    let status = child.wait().expect("its end");
    assert!(!status.success(), "it was killed: {status}");
    told
}

/// Not a test: the process that [`killed`] kills.
#[test]
#[ignore = "started by the test of this file"]
fn writer() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    let first: u64 = std::env::var("REMPART_TEST_FIRST")
        .expect("a number")
        .parse()
        .expect("a number");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store = Arc::new(Redb::open(Path::new(&path)).expect("a file"));
        let tasks: Vec<_> = (0..64_u64)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in (first + task..first + 900_000).step_by(64) {
                        let verdict = store.admit(&ask(number)).await.expect("an answer");
                        assert_eq!(verdict, Verdict::Admit, "attempt {number}");
                        // One write for the whole line, so that lines do not mix.
                        let line = format!("told {number} \n");
                        std::io::stdout()
                            .write_all(line.as_bytes())
                            .expect("a reader");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
}
