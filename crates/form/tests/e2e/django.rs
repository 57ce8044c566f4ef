//! The preset of Django's administration pages, on Django.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use form::Outcome;

use crate::ask::{URLENCODED, forms, told};
use crate::wire::{ask, wait_for};

/// A site with nothing but its administration, in one file.
const SITE: &str = include_str!("../../../../tests/src/site/django.py");

struct Django(Child);

impl Drop for Django {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_administration_pages_of_django() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_django, address) = start(folder.path());
    let preset = forms("[[site.form]]\npreset = \"django-admin\"\nbase = \"/admin\"\n");
    let form = preset.iter().next().expect("a form");
    let page = ask(address, "GET /admin/login/", b"");
    for (password, expected) in [("wrong", Outcome::Failure), ("secret", Outcome::Success)] {
        let cookie = page.cookie("csrftoken").expect("a cookie");
        let token = field(&page.body, "csrfmiddlewaretoken");
        let head =
            format!("POST /admin/login/?next=/admin/\n{URLENCODED}\ncookie: csrftoken={cookie}");
        let body = format!(
            "csrfmiddlewaretoken={token}&username=jean&password={password}&next=%2Fadmin%2F"
        );
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
        assert_eq!(outcome, expected, "{password}: {}", answer.status);
        if outcome == Outcome::Success {
            fields(address, &answer.cookie("sessionid").expect("a session"));
        }
    }
}

/// The fields that the pages really have are those of the preset.
fn fields(address: SocketAddr, session: &str) {
    for (path, names) in [
        (
            "/admin/password_change/",
            &["old_password", "new_password1", "new_password2"][..],
        ),
        (
            "/admin/auth/user/add/",
            &["username", "password1", "password2"],
        ),
        ("/admin/auth/user/1/password/", &["password1", "password2"]),
    ] {
        let page = ask(
            address,
            &format!("GET {path}\ncookie: sessionid={session}"),
            b"",
        );
        for name in names {
            assert!(
                page.body.contains(&format!("name=\"{name}\"")),
                "{path} {name}"
            );
        }
    }
}

fn field<'p>(page: &'p str, name: &str) -> &'p str {
    let start = page
        .find(&format!("name=\"{name}\" value=\""))
        .expect("a field");
    let rest = &page[start..];
    rest.split('"').nth(3).expect("a value")
}

fn start(folder: &Path) -> (Django, SocketAddr) {
    let script = folder.join("site_of_one_file.py");
    fs::write(&script, SITE).expect("a script");
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let child = Command::new("/usr/bin/python3")
        .arg(&script)
        .arg(folder.join("data.sqlite"))
        .arg(address.to_string())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 starts; tests/run installs Django");
    let django = Django(child);
    wait_for(address, Duration::from_secs(60));
    (django, address)
}
