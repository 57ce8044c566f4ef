//! The unit files of `examples/system`, as systemd itself reads them.

use std::fs;
use std::process::Command;

use rempart_tests::process::output_of;
use rempart_tests::{binary, root};

/// What `systemd-analyze security` calls exposed, in tenths: 0 is nothing, 100 everything.
/// What is left is the network, which is what the gate is for.
const EXPOSED: &str = "15";

#[test]
fn systemd_finds_no_fault_in_the_units_and_little_exposed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let units = root().join("examples/system");
    let service = folder.path().join("rempart.service");
    let socket = folder.path().join("rempart.socket");
    // Where the program is installed is for the reader to say; here it is the one under test.
    let text = fs::read_to_string(units.join("rempart.service")).expect("a unit");
    let installed = "/usr/local/bin/rempart ";
    assert!(text.contains(&format!("ExecStart={installed}")));
    let here = format!("{} ", binary::path().display());
    fs::write(&service, text.replace(installed, &here)).expect("written");
    fs::copy(units.join("rempart.socket"), &socket).expect("copied");

    let verified = Command::new("systemd-analyze")
        .args(["--man=no", "verify"])
        .args([&service, &socket])
        .output()
        .expect("systemd-analyze is installed; tests/run installs what is missing");
    let told = String::from_utf8_lossy(&verified.stderr);
    // Units of the machine that the check draws in may have faults of their own.
    let ours: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("rempart"))
        .collect();
    assert!(verified.status.success() && ours.is_empty(), "{told}");

    let judged = output_of(
        Command::new("systemd-analyze")
            .args([
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold",
                EXPOSED,
            ])
            .arg(&service),
    );
    assert!(judged.contains("Overall exposure level"), "{judged}");
}
