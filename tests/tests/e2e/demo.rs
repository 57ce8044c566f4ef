//! The demonstration, used by a person with Chromium.

use std::path::Path;

use rempart_tests::binary::rempart;
use rempart_tests::browser::Browser;
use rempart_tests::process::Running;
use serde_json::Value;

const PICTURE: &str = "return document.querySelector('img').naturalWidth > 0";

#[test]
fn a_person_signs_up_and_signs_in_to_the_old_site_over_https() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = rempart();
    command.args(["demo", "--https-port", "9443", "--http-port", "9080"]);
    command.env("TMPDIR", folder.path());
    let mut demo = Running::start("demo", &mut command, folder.path());
    let guide = demo.wait_for(|guide| guide.contains("Ctrl-C").then(|| guide.to_owned()));
    let site = word(&guide, "https://localhost:");
    let authority = word(&guide, "/");
    let browser = Browser::start(folder.path(), "localhost", Path::new(&authority));

    let open = |path: &str| {
        let url = format!("{site}{path}");
        assert!(browser.open(&url).is_ok(), "{url}");
    };
    open("/");
    // The page names its picture by http:// and the port of the gate.
    browser.wait("the picture", |page| {
        page.script(PICTURE) == Value::Bool(true)
    });

    for form in ["/sign-up", "/sign-in"] {
        open(form);
        browser.type_into("input[name=login]", "ana");
        browser.type_into("input[name=password]", "1");
        browser.click("form button");
        browser.wait("the redirect", |page| !page.url().ends_with(form));
        assert!(browser.url().starts_with(&site), "{}", browser.url());
    }
    assert!(browser.text("body").contains("vous êtes connecté"));
    let cookies = browser.cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    assert_eq!(cookies[0]["secure"], Value::Bool(true));

    open("/old-address");
    assert_eq!(browser.url(), format!("{site}/"));

    assert!(demo.stop().success());
}

/// The first word of the guide that starts with `start`.
fn word(guide: &str, start: &str) -> String {
    let mut words = guide.split_whitespace();
    let found = words.find(|word| word.starts_with(start));
    found
        .unwrap_or_else(|| panic!("no {start} in {guide}"))
        .to_owned()
}
