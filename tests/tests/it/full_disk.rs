//! A disk without room for the access log.

use std::fs;
use std::process::Command;

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::binary;
use rempart_tests::curl::Curl;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, free_port};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

#[test]
fn requests_are_served_and_lost_lines_are_told_and_counted() {
    /// More lines than the buffer of the log holds.
    const REQUESTS: usize = 1200;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[HOST], Validity::Good);
    let origin =
        stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let (http, https, admin) = (free_port(), free_port(), free_port());
    let text = policy(&[HOST], origin, http, https, &files).replace(
        "[transport]\n",
        &format!("[transport]\nadmin.listen = \"127.0.0.1:{admin}\"\n"),
    );
    let path = folder.path().join("policy.toml");
    fs::write(&path, text).expect("a policy");
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" >/dev/full"])
        .arg(binary::path())
        .arg("--policy")
        .arg(&path)
        .args(["serve", "--state"])
        .arg(folder.path().join("state"));
    let mut running = Running::start("rempart", &mut command, folder.path());
    running.wait_for(|output| output.contains("https 127").then_some(()));

    let curl = Curl::new(HOST, authority.root());
    let url = format!("https://{HOST}:{https}/?[1-{REQUESTS}]");
    assert_eq!(
        curl.exit_code(&[&url, "--fail", "--output", "/dev/null"]),
        Some(0)
    );
    let metrics = || {
        let url = format!("http://127.0.0.1:{admin}/metrics");
        Curl::new("127.0.0.1", authority.root())
            .fetch(&[&url])
            .text()
    };
    let lost = running.wait_for(|_| {
        let metrics = metrics();
        let line = metrics.lines();
        let mut count = line.filter_map(|line| line.strip_prefix("rempart_log_lines_lost_total "));
        count.next()?.parse().ok().filter(|lost: &usize| *lost > 0)
    });
    assert!(lost < REQUESTS, "the buffer holds some: {lost}");
    let output = running.output();
    let told = output.matches("the access log cannot be written").count();
    assert_eq!(told, 1, "{output}");
    assert!(running.stop().success());
}
