//! The preset of DokuWiki, on DokuWiki: every page signs in, and says so in its own way.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use form::Outcome;

use crate::ask::{URLENCODED, forms, told};
use crate::wire::{ask, wait_for};

struct Wiki(Child);

impl Drop for Wiki {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_page_of_dokuwiki_signs_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_wiki, address) = start(folder.path());
    let preset = forms("[[site.form]]\npreset = \"dokuwiki\"\n");
    let form = preset.iter().next().expect("a form");
    // A bad password is 403, 404 or 200 by the page and the way.
    for page in [
        "/doku.php?id=start",
        "/lib/exe/ajax.php",
        "/lib/exe/mediamanager.php",
        "/feed.php",
    ] {
        for (password, expected) in [("wrong", Outcome::Failure), ("secret", Outcome::Success)] {
            let head = format!("POST {page}\n{URLENCODED}");
            let body = format!("id=start&do=login&u=jean&p={password}");
            assert_eq!(
                told(&preset, &head, body.as_bytes()),
                format!("in jean:{password}")
            );
            let answer = ask(address, &head, body.as_bytes());
            let outcome = form.outcome(
                answer.status,
                &answer.headers,
                answer.body.as_bytes(),
                &form::Brought::default(),
            );
            assert_eq!(outcome, expected, "{page} {password}: {}", answer.status);
        }
    }
    for (field, ours, expected) in [
        ("Basic amVhbjp3cm9uZw==", "in jean:wrong", Outcome::Failure),
        ("Basic amVhbjpzZWNyZXQ=", "in jean:secret", Outcome::Success),
        // It decodes what follows the sixth letter, whatever the scheme.
        (
            "Bearer amVhbjpzZWNyZXQ=",
            "authorization-unclear",
            Outcome::Success,
        ),
    ] {
        let head = format!("GET /doku.php?id=start\nauthorization: {field}");
        assert_eq!(told(&preset, &head, b""), ours, "{field}");
        let answer = ask(address, &head, b"");
        let outcome = form.outcome(
            answer.status,
            &answer.headers,
            b"",
            &form::Brought::default(),
        );
        assert_eq!(outcome, expected, "{field}: {}", answer.status);
    }
    for (page, names) in [
        ("do=login", &["u", "p"][..]),
        (
            "do=register",
            &["login", "pass", "passchk", "fullname", "email"],
        ),
        (
            "do=profile",
            &["newpass", "passchk", "oldpass", "fullname", "email"],
        ),
        (
            "do=admin&page=usermanager",
            &["userid", "userpass", "userpass2", "username", "usermail"],
        ),
    ] {
        // Registering is for those who are not in.
        let known = if names.len() == 2 || page == "do=register" {
            ""
        } else {
            "\nauthorization: Basic amVhbjpzZWNyZXQ="
        };
        let answer = ask(
            address,
            &format!("GET /doku.php?id=start&{page}{known}"),
            b"",
        );
        for name in names {
            assert!(
                answer.body.contains(&format!("name=\"{name}\"")),
                "{page} {name}"
            );
        }
    }
}

fn start(folder: &Path) -> (Wiki, SocketAddr) {
    let tree = folder.join("wiki");
    let copied = Command::new("cp")
        .args(["--recursive", "--dereference", "/usr/share/dokuwiki"])
        .arg(&tree)
        .output()
        .expect("cp starts");
    // Debian's links to what is not installed are no loss.
    assert!(
        tree.join("doku.php").exists(),
        "tests/run installs DokuWiki: {copied:?}"
    );
    let _ = fs::remove_file(tree.join("inc/preload.php"));
    let conf = tree.join("conf");
    fs::create_dir_all(&conf).expect("a folder");
    for entry in fs::read_dir("/etc/dokuwiki").expect("DokuWiki is installed") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_owned();
        let own = ["local.php", "users.auth.php", "acl.auth.php"];
        if path.is_file() && !own.iter().any(|own| name == *own) {
            fs::copy(&path, conf.join(&name)).expect("a readable file");
        }
    }
    for part in [
        "attic",
        "cache",
        "index",
        "locks",
        "log",
        "media",
        "media_attic",
        "media_meta",
        "meta",
        "pages",
        "tmp",
    ] {
        fs::create_dir_all(tree.join("data").join(part)).expect("a folder");
    }
    // SHA-512 crypt of `secret`.
    let hash = Command::new("openssl")
        .args(["passwd", "-6", "secret"])
        .output();
    let hash = String::from_utf8(hash.expect("openssl starts").stdout).expect("text");
    let hash = hash.trim();
    for (name, text) in [
        ("local.php", "<?php $conf['useacl'] = 1; $conf['superuser'] = '@admin'; $conf['autopasswd'] = 0; $conf['savedir'] = './data';\n".to_owned()),
        ("users.auth.php", format!("# <?php exit()?>\njean:{hash}:Jean:j@a.fr:admin,user\n")),
        ("acl.auth.php", "# <?php exit()?>\n*\t@ALL\t1\n".to_owned()),
    ] {
        fs::write(conf.join(name), text).expect("a file");
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let child = Command::new("php")
        .args(["-d", "display_errors=0", "-S", &address.to_string(), "-t"])
        .arg(&tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("php starts; tests/run installs it");
    let wiki = Wiki(child);
    wait_for(address, Duration::from_secs(20));
    (wiki, address)
}
