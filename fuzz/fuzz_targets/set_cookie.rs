//! Whatever an origin sets as a cookie, what is passed on is the same with attributes behind it,
//! says `Secure` as a browser reads it, and is mended once.
#![no_main]

use std::sync::LazyLock;

use http::HeaderValue;
use policy::Policy;
use transport::cookie::repair;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
                certificate = \"dev\"\n[[site.repair.cookie]]\nname = \"*\"\nsame-site = \"lax\"\n";
    policy::load(text).expect("a policy").policy
});

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(line) else {
        return;
    };
    let rules = &POLICY.sites()[0].repair;
    let mended = repair(&value, rules).into_owned();
    assert!(mended.as_bytes().starts_with(line));
    let attributes = || mended.as_bytes().split(|byte| *byte == b';').skip(1);
    let named = |name: &[u8]| {
        attributes()
            .map(|attribute| attribute.split(|byte| *byte == b'=').next().unwrap_or_default())
            .filter(|found| found.trim_ascii().eq_ignore_ascii_case(name))
            .count()
    };
    assert!(named(b"secure") > 0);
    assert_eq!(repair(&mended, rules).as_bytes(), mended.as_bytes());
});
