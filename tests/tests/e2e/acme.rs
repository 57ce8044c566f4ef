//! Certificates ordered from a real Pebble: issued, served, renewed, revoked, with its faults
//! injected, and what happens when it is not there.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::curl::Curl;
use rempart_tests::pebble::{OrderingGate, Pebble, Ports};
use rempart_tests::process::{Running, children, signal};
use rempart_tests::raw::{exchange, stubborn_origin};
use tempfile::TempDir;

const HOST: &str = "www.shop.test";
const OTHER: &str = "shop.test";
const HSTS: &str = "strict-transport-security";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn origin() -> SocketAddr {
    stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nserved")
}

/// A site that asks for `acme`.
fn site(hosts: &[&str], origin: SocketAddr) -> String {
    format!("[[site]]\nhosts = {hosts:?}\nupstream = \"http://{origin}\"\ncertificate = \"acme\"\n")
}

/// Fetches the site with the root of what Pebble issues.
fn assert_served(gate: &OrderingGate, pebble: &Pebble, host: &str) {
    let curl = Curl::new(host, &pebble.root());
    let answer = curl.fetch(&[&format!("https://{host}:{}/", gate.ports.https)]);
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "served"),
        "{host}"
    );
}

/// Every mode in the folder: 0700 for folders, 0600 for files.
fn assert_private(path: &Path) {
    let metadata = fs::metadata(path).expect("a file or folder");
    let mode = metadata.permissions().mode() & 0o777;
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(mode, expected, "{}: {mode:o}", path.display());
    if metadata.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            assert_private(&entry.expect("an entry").path());
        }
    }
}

/// The names in a folder; none when it was not made yet.
fn entries(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn issued_by_http_served_renewed_and_revoked_while_nonces_are_refused() {
    let folder = folder();
    let ports = Ports::free();
    let mut pebble = Pebble::new(folder.path(), ports, None);
    pebble.start(&[
        ("PEBBLE_WFE_NONCEREJECT", "70"),
        ("PEBBLE_VA_NOSLEEP", "0"),
        ("PEBBLE_VA_SLEEPTIME", "2"),
    ]);
    let tables = pebble.table("challenge = \"http-01\"") + &site(&[HOST, OTHER], origin());
    let state = folder.path().join("state");
    let mut gate = OrderingGate::start(folder.path(), "gate", &state, ports, &tables);

    // Until then the name is refused, and a plain request is led to https as always.
    let first = gate.wait_for_another(HOST, None);
    assert_served(&gate, &pebble, HOST);
    assert_served(&gate, &pebble, OTHER);
    assert_private(&state);
    assert!(entries(&state.join("acme/challenges")).is_empty());
    assert_eq!(pebble.issued(), 1, "one certificate for both names");
    let (code, text) = gate.acme(&["status"]);
    assert_eq!(code, Some(0), "{text}");

    // A token that is not in flight is nothing: no file is looked for, no HSTS is sent.
    let http = SocketAddr::from(([127, 0, 0, 1], ports.http));
    for path in ["token", "../../etc/passwd", "..%2f..%2fpolicy.toml", ""] {
        let request =
            format!("GET /.well-known/acme-challenge/{path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        let answer = String::from_utf8_lossy(&exchange(http, request.as_bytes())).to_lowercase();
        let refused = answer.starts_with("http/1.1 308") || answer.starts_with("http/1.1 400");
        assert!(refused && !answer.contains(HSTS), "{path}: {answer}");
    }

    // Ordered by another process, proved by the gate through the folder they share.
    let (code, text) = gate.acme(&["renew", OTHER]);
    assert_eq!(code, Some(0), "{text}");
    let second = gate.wait_for_another(HOST, Some(&first));
    assert_served(&gate, &pebble, HOST);
    assert_eq!(pebble.status_of(&second), "Valid");

    // Revoked, put aside, and replaced by the gate on its own.
    let (code, text) = gate.acme(&["revoke", HOST, "--reason", "key-compromise"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(pebble.status_of(&second), "Revoked");
    let third = gate.wait_for_another(HOST, Some(&second));
    assert_served(&gate, &pebble, HOST);
    assert_eq!(pebble.status_of(&third), "Valid");
    assert_eq!(entries(&state.join("acme/accounts")).len(), 1);

    let log = gate.running().output();
    assert!(
        !log.contains("panicked") && !log.contains("PRIVATE KEY"),
        "{log}"
    );
}

#[test]
fn issued_by_handshake_without_a_plain_listener_for_names_and_addresses() {
    let folder = folder();
    let ports = Ports::free();
    let mut pebble = Pebble::new(folder.path(), ports, None);
    pebble.start(&[("PEBBLE_WFE_NONCEREJECT", "0")]);
    let tables = pebble.table("challenge = \"tls-alpn-01\"")
        + &site(&[HOST], origin())
        + &site(&["127.0.0.1"], origin());
    let state = folder.path().join("state");
    let mut gate = OrderingGate::start(folder.path(), "gate", &state, ports, &tables);
    gate.wait_for_another(HOST, None);
    assert_served(&gate, &pebble, HOST);
    gate.wait_for_another("127.0.0.1", None);
    assert_served(&gate, &pebble, "127.0.0.1");
    assert_eq!(pebble.issued(), 2, "one certificate for each site");
    // Restarted, it serves at once what it has, and orders nothing.
    let serial = gate.serial(HOST);
    gate.restart();
    assert_eq!(gate.serial(HOST), serial);
    assert_eq!(pebble.issued(), 2);

    // A name put before the others: the known one is served through it all, and both after
    // the next order.
    gate.change_policy(|text| {
        text.replace(&format!("[{HOST:?}]"), &format!("{:?}", [OTHER, HOST]))
    });
    gate.running()
        .wait_for(|output| output.contains("policy reloaded").then_some(()));
    assert_eq!(gate.serial(HOST), serial);
    let both = gate.wait_for_another(OTHER, None);
    assert_eq!(gate.wait_for_another(HOST, serial.as_deref()), both);
    assert_served(&gate, &pebble, HOST);
    assert_served(&gate, &pebble, OTHER);
}

#[test]
fn an_authority_that_is_away_or_mad_harms_nobody_and_is_asked_again() {
    let folder = folder();
    let ports = Ports::free();
    let mut pebble = Pebble::new(folder.path(), ports, None);
    let files = Authority::new(folder.path()).issue(folder.path(), &["b.test"], Validity::Good);
    let tables = pebble.table("")
        + &site(&[HOST], origin())
        + &format!(
            "[[site]]\nhosts = [\"b.test\"]\nupstream = \"http://{}\"\n\
             certificate = {{ chain = {:?}, key = {:?} }}\n",
            origin(),
            files.chain,
            files.key,
        );
    let state = folder.path().join("state");
    let mut gate = OrderingGate::start(folder.path(), "gate", &state, ports, &tables);

    // Away: the other site is served, the name without a certificate is refused, the log says
    // why.
    let neighbour = gate.serial("b.test");
    assert!(neighbour.is_some());
    assert_eq!(gate.serial(HOST), None);
    gate.running()
        .wait_for(|output| output.contains("cannot be reached").then_some(()));

    // Mad: pages where an authority should be.
    let place = pebble
        .authority()
        .issue(folder.path(), &["127.0.0.1"], Validity::Good);
    let mut command = Command::new("openssl");
    command
        .args([
            "s_server",
            "-www",
            "-accept",
            &pebble.address().to_string(),
            "-key",
        ])
        .arg(&place.key)
        .arg("-cert")
        .arg(&place.chain)
        .arg("-cert_chain")
        .arg(&place.chain);
    let pages = Running::start("pages", &mut command, folder.path());
    gate.running()
        .wait_for(|output| output.contains("does not speak ACME").then_some(()));
    drop(pages);
    let (code, text) = gate.acme(&["status"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no certificate"), "{text}");

    // Back: the gate finds it by itself.
    pebble.start(&[("PEBBLE_AUTHZREUSE", "100")]);
    let first = gate.wait_for_another(HOST, None);
    assert_served(&gate, &pebble, HOST);

    // Away again: a renewal fails and says why, and what is served stays.
    pebble.stop();
    let (code, text) = gate.acme(&["renew", HOST]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cannot be reached"), "{text}");
    assert_eq!(gate.serial(HOST).as_deref(), Some(first.as_str()));

    // Back with no memory of the account: another is opened.
    pebble.start(&[("PEBBLE_AUTHZREUSE", "100")]);
    let (code, text) = gate.acme(&["renew", HOST]);
    assert_eq!(code, Some(0), "{text}");
    let second = gate.wait_for_another(HOST, Some(&first));
    // Proofs given before are remembered, and not asked for again.
    let looked = pebble.output().matches("Attempting to validate").count();
    let (code, text) = gate.acme(&["renew", HOST]);
    assert_eq!(code, Some(0), "{text}");
    gate.wait_for_another(HOST, Some(&second));
    assert_served(&gate, &pebble, HOST);
    assert_eq!(
        pebble.output().matches("Attempting to validate").count(),
        looked
    );
    assert_eq!(gate.serial("b.test"), neighbour);
}

#[test]
fn a_proof_that_is_not_found_is_told_and_not_tried_again_at_once() {
    let folder = folder();
    let ports = Ports::free();
    // Pebble looks where nobody listens.
    let mut pebble = Pebble::new(folder.path(), Ports::free(), None);
    pebble.start(&[("PEBBLE_WFE_NONCEREJECT", "0")]);
    let tables = pebble.table("challenge = \"http-01\"") + &site(&[HOST], origin());
    let state = folder.path().join("state");
    let mut gate = OrderingGate::start(folder.path(), "gate", &state, ports, &tables);
    gate.running()
        .wait_for(|output| output.contains("did not find the proof").then_some(()));
    let (code, text) = gate.acme(&["status"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("1 failure(s)") && text.contains(HOST),
        "{text}"
    );
    // A restart forgets nothing: the authority counts failures.
    gate.restart();
    gate.running()
        .wait_for(|output| output.contains("no certificate yet").then_some(()));
    std::thread::sleep(std::time::Duration::from_secs(4));
    let orders = pebble.output().matches("There are now 1 orders").count();
    let more = pebble.output().matches("There are now 2 orders").count();
    assert_eq!((orders > 0, more), (true, 0), "{}", pebble.output());
}

#[test]
fn an_account_opened_by_other_means_is_asked_for_and_its_key_never_shown() {
    let folder = folder();
    let ports = Ports::free();
    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let mut pebble = Pebble::new(folder.path(), ports, Some(("account-1", key)));
    pebble.start(&[("PEBBLE_WFE_NONCEREJECT", "0")]);
    for (id, found) in [("account-2", false), ("account-1", true)] {
        let file = folder.path().join("external.key");
        fs::write(&file, key).expect("a temporary folder is writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
        let lines =
            format!("external-account = \"{id}\"\nexternal-account-key = {{ file = {file:?} }}");
        let tables = pebble.table(&lines) + &site(&[HOST], origin());
        let state = folder.path().join(format!("state-{id}"));
        let mut gate = OrderingGate::start(folder.path(), id, &state, ports, &tables);
        if found {
            gate.wait_for_another(HOST, None);
        } else {
            gate.running()
                .wait_for(|output| output.contains("authority refuses").then_some(()));
        }
        let (_, status) = gate.acme(&["status"]);
        let told = gate.running().output() + &status;
        assert!(!told.contains(&key[..16]), "{told}");
    }
}

#[test]
fn two_gates_that_share_a_folder_order_once_and_serve_the_same() {
    let folder = folder();
    let (one, two) = (Ports::free(), Ports::free());
    // The authority reaches only the second gate, whichever of them orders.
    let mut pebble = Pebble::new(folder.path(), two, None);
    pebble.start(&[("PEBBLE_WFE_NONCEREJECT", "0")]);
    let state = folder.path().join("state");
    let tables = pebble.table("challenge = \"http-01\"") + &site(&[HOST], origin());
    let mut one = OrderingGate::start(folder.path(), "one", &state, one, &tables);
    let mut two = OrderingGate::start(folder.path(), "two", &state, two, &tables);
    let serial = one.wait_for_another(HOST, None);
    assert_eq!(two.wait_for_another(HOST, None), serial);
    assert_served(&one, &pebble, HOST);
    assert_served(&two, &pebble, HOST);
    // And a renewal by one of them reaches both.
    let (code, text) = one.acme(&["renew", HOST]);
    assert_eq!(code, Some(0), "{text}");
    let renewed = one.wait_for_another(HOST, Some(&serial));
    assert_eq!(two.wait_for_another(HOST, Some(&serial)), renewed);
    assert_eq!(pebble.issued(), 2, "{}", pebble.output());
}

#[test]
fn a_gate_killed_in_the_middle_of_an_order_leaves_a_folder_that_works() {
    let folder = folder();
    let ports = Ports::free();
    let mut pebble = Pebble::new(folder.path(), ports, None);
    pebble.start(&[("PEBBLE_WFE_NONCEREJECT", "0")]);
    let state = folder.path().join("state");
    let tables = pebble.table("") + &site(&[HOST], origin());
    let mut gate = OrderingGate::start(folder.path(), "gate", &state, ports, &tables);
    // The proof is shown for some seconds before the authority is told: in the middle.
    let challenges = state.join("acme/challenges");
    gate.running()
        .wait_for(|_| (!entries(&challenges).is_empty()).then_some(()));
    // The keeper stands still, so that it does not replace the worker, and outlives it: a worker
    // without a keeper tidies up, even one that stands still, which the end of its parent wakes.
    let worker = children(gate.running().id());
    assert_eq!(worker.len(), 1);
    gate.running().signal("STOP");
    signal(worker[0], "KILL");
    gate.running().signal("KILL");
    assert!(gate.running().ended().is_some());
    assert!(!entries(&challenges).is_empty(), "killed in the middle");
    let account = entries(&state.join("acme/accounts"));
    assert_eq!(account.len(), 1);

    gate.restart();
    gate.wait_for_another(HOST, None);
    assert_served(&gate, &pebble, HOST);
    assert!(
        entries(&challenges).is_empty(),
        "what was left is tidied up"
    );
    assert_eq!(entries(&state.join("acme/accounts")), account);
    assert_private(&state);
    let status = Command::new("openssl")
        .args(["x509", "-noout", "-in"])
        .arg(state.join("acme/certificates").join(format!("{HOST}.pem")))
        .stdin(Stdio::null())
        .status()
        .expect("openssl is installed");
    assert!(status.success(), "other programs read the file too");
}
