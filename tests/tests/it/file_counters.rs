//! Counters in a file serve one process: another program is refused aloud, and the one that
//! serves goes on.

use rempart_tests::gate::Gate;

const HOST: &str = "www.example.test";

#[test]
fn a_replacement_that_cannot_have_the_counters_is_told_and_the_old_program_serves() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let origin = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = origin.local_addr().expect("an address");
    let more = "[[site.form]]\nkind = \"sign-in\"\npath = \"/in\"\nidentifier = \"u\"\n\
                password = \"p\"\nsuccess = [{ status = \"302\" }]\n\
                [access]\nstore = \"redb:counters.redb\"\n";
    let mut gate = Gate::start_with(folder.path(), HOST, address, more);
    gate.process.signal("USR2");
    let said = gate.process.wait_for(|said| {
        let refused = said.contains("the old one goes on serving");
        refused.then(|| said.to_owned())
    });
    assert!(
        said.contains("in use by another process") && said.contains("[access]"),
        "{said}"
    );
    // It still answers: the origin says nothing, so that a refusal is asked for.
    let answer = gate.curl().fetch(&["--data", "p=1&p=2", &gate.url("/in")]);
    assert_eq!(answer.status, 400);
    // A restart in its place has them.
    gate.process.stop();
    gate.again(&rempart_tests::binary::path(), folder.path());
}
