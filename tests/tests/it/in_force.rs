//! `serve --check` beside a gate that serves: what a reload would change, and what it would not.

use std::fs;

use rempart_tests::gate::Gate;
use rempart_tests::raw::stubborn_origin;
use rempart_tests::{binary, binary::Run};

const HOST: &str = "www.example.test";

/// `serve --check` of a gate's policy as it is by now.
fn check(folder: &std::path::Path, format: &str) -> Run {
    let mut command = binary::rempart();
    command
        .arg("--policy")
        .arg(folder.join("policy.toml"))
        .args(["serve", "--check", "--format", format, "--state"])
        .arg(folder.join("state"));
    binary::run(&mut command, b"")
}

#[test]
fn what_differs_from_the_policy_in_force_is_told_with_what_it_takes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let origin =
        stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let mut gate = Gate::start(folder.path(), HOST, origin);
    gate.process
        .wait_for(|output| output.contains("https 127").then_some(()));
    let path = folder.path().join("policy.toml");
    let good = fs::read_to_string(&path).expect("the policy");
    let run = check(folder.path(), "text");
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("written the same"), "{}", run.out);

    let chain = elsewhere.path().join("chain.pem");
    fs::copy(&gate.files.chain, &chain).expect("copied");
    let changed = good
        .replace(
            "[transport]\n",
            "[transport]\nlimits.body = \"1 MiB\"\nadmin.listen = \"unix:admin\"\n",
        )
        .replace(
            &gate.files.chain.display().to_string(),
            &chain.display().to_string(),
        )
        .replace(&format!("http = \"{}\"", gate.http), "http = \"off\"")
        + "[process]\nuser = \"nobody\"\n";
    fs::write(&path, &changed).expect("written");
    let run = check(folder.path(), "text");
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let folder_of_chain = elsewhere.path().display().to_string();
    for (key, takes) in [
        ("transport.limits.body", "SIGHUP suffices"),
        (
            &*format!("site[{HOST}].certificate.chain"),
            "SIGHUP suffices",
        ),
        ("transport.admin.listen", "SIGUSR2"),
        (&*folder_of_chain, "SIGUSR2"),
        ("transport.http", "a restart"),
        ("process.user", "a restart"),
    ] {
        let line = run
            .out
            .lines()
            .find(|line| line.starts_with("diff ") && line.contains(&format!(" {key}: ")));
        assert!(
            line.is_some_and(|line| line.contains(takes)),
            "{key}: {}",
            run.out
        );
    }
    assert_eq!(run.out.matches("diff ").count(), 6, "{}", run.out);

    // What a reload takes is in force then.
    fs::write(
        &path,
        good.replace("[transport]\n", "[transport]\nlimits.body = \"1 MiB\"\n"),
    )
    .expect("written");
    gate.process.signal("HUP");
    gate.process
        .wait_for(|output| output.contains("policy reloaded").then_some(()));
    let run = check(folder.path(), "json");
    assert!(run.out.contains("\"changes\": []"), "{}", run.out);

    // Nobody serves: there is nothing to compare with.
    assert!(gate.process.stop().success());
    let run = check(folder.path(), "json");
    assert!(run.out.contains("\"changes\": null"), "{}", run.out);
}
