//! Five hundred guesses at once on one account of a real site, over HTTP/1.1 and over HTTP/2.
//!
//! Clause: CNIL 2022-100, case 2 (a block after at most ten failures). curl makes the requests
//! and the site's own server counts those that reached it.

use rempart_tests::clock::Clock;
use rempart_tests::gate::Gate;
use rempart_tests::process::output_of;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN};
use rempart_tests::site::nginx;

use super::gate;

const HOST: &str = "wiki.example.test";

#[test]
fn five_hundred_guesses_at_once_never_pass_the_limit() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"dokuwiki\"";
    let gate = gate(&clock, folder.path(), HOST, wiki.address, preset);
    for (number, (flag, version)) in [("--http1.1", "1.1"), ("--http2", "2")]
        .into_iter()
        .enumerate()
    {
        // Another account for another protocol.
        let account = format!("{LOGIN}{number}");
        let answers = guesses(&gate, flag, &account);
        assert_eq!(answers.len(), 500, "{flag}");
        let spoken = answers
            .iter()
            .filter(|(spoken, _)| spoken == version)
            .count();
        assert_eq!(spoken, 500, "{flag}");
        let through = answers.iter().filter(|(_, status)| status != "429").count();
        assert_eq!(through, 10, "{flag}: {answers:?}");
        let seen = nginx::answered(folder.path(), "POST /doku.php");
        assert_eq!(seen, 10 * (number + 1), "{flag}");
    }
}

/// Five hundred requests by one curl, a hundred at a time; the protocol and the status of each
/// answer.
fn guesses(gate: &Gate, flag: &str, account: &str) -> Vec<(String, String)> {
    let url = gate.url("/doku.php?id=start&number=[1-500]");
    let fields = format!("u={account}&p=guess&do=login");
    let told = output_of(&mut gate.curl().command(&[
        flag,
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        "100",
        "--data",
        &fields,
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_version} %{http_code}\n",
        &url,
    ]));
    let pairs = told.lines().filter_map(|line| line.split_once(' '));
    pairs
        .map(|(version, status)| (version.to_owned(), status.to_owned()))
        .collect()
}
