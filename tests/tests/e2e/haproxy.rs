//! HAProxy in front of the gate, with PROXY headers of both versions.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::binary;
use rempart_tests::curl::Curl;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, free_port};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

#[test]
fn the_gate_sees_the_client_that_haproxy_announces() {
    let origin =
        stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    for send in [
        "send-proxy",
        "send-proxy-v2",
        "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority",
        // Health checks are connections of HAProxy's own (LOCAL). A busy machine is no dead server.
        "send-proxy-v2 check inter 100 fall 100",
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::new(folder.path());
        let files = authority.issue(folder.path(), &[HOST], Validity::Good);
        let (http, https, front) = (free_port(), free_port(), free_port());
        let text = policy(&[HOST], origin, http, https, &files).replace(
            "[transport]\n",
            "[transport]\ntrusted-proxies = [\"127.0.0.1\"]\nproxy-protocol = [\"https\"]\naccess-log = \"json\"\n",
        );
        let path = folder.path().join("policy.toml");
        fs::write(&path, text).expect("a policy");
        let mut command = binary::rempart();
        command
            .arg("--policy")
            .arg(&path)
            .args(["serve", "--state"])
            .arg(folder.path().join("state"));
        let mut gate = Running::start("rempart", &mut command, folder.path());
        gate.wait_for(|output| output.contains("https 127").then_some(()));

        let config = folder.path().join("haproxy.cfg");
        fs::write(
            &config,
            format!(
                "defaults\n mode tcp\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n timeout check 20s\n\
                 listen front\n bind 127.0.0.1:{front}\n server gate 127.0.0.1:{https} {send}\n"
            ),
        )
        .expect("written");
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(&config);
        let mut proxy = Running::start("haproxy", &mut command, folder.path());
        proxy.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, front)));

        let curl = Curl::new(HOST, authority.root());
        let url = format!("https://{HOST}:{front}/");
        // Another address of this machine than the one that HAProxy comes from.
        let answer = curl.fetch(&[&url, "--interface", "127.0.0.77"]);
        assert_eq!(answer.status, 200, "{send}: {}", gate.output());
        gate.wait_for(|output| output.contains("127.0.0.77").then_some(()));
        // Straight to the gate there is nobody to believe, and nothing to hear.
        let url = format!("https://{HOST}:{https}/");
        assert_ne!(curl.exit_code(&[&url]), Some(0), "{send}");
    }
}
