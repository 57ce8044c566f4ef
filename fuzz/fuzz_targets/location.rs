//! Whatever an origin redirects to, what is mended leads to the site over https, with the path as
//! it was, and is not mended again.
#![no_main]

use std::sync::LazyLock;

use http::HeaderValue;
use policy::Policy;
use transport::location::{Site, repair, repair_refresh};

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "version = 1\n[[site]]\nhosts = [\"a.fr\", \"b.fr\"]\n\
                upstream = \"http://127.0.0.1:8080\"\ncertificate = \"dev\"\n";
    policy::load(text).expect("a policy").policy
});

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(line) else {
        return;
    };
    let names = ["a.fr", "b.fr"].map(String::from);
    let site = Site {
        names: &names,
        upstreams: &POLICY.sites()[0].upstreams,
        https_port: 443,
        http_port: Some(80),
    };
    if let Some(mended) = repair(&value, site) {
        let mended = mended.as_bytes();
        let rest = [&b"https://a.fr"[..], b"https://b.fr"]
            .into_iter()
            .find_map(|site| mended.strip_prefix(site));
        let rest = rest.expect("an address of the site");
        assert!(line.ends_with(rest) || rest == b"/", "{line:?}");
        let again = HeaderValue::from_bytes(mended).expect("a value");
        assert_eq!(repair(&again, site), None);
    }
    if let Some(mended) = repair_refresh(&value, site) {
        assert_eq!(repair_refresh(&mended, site), None);
    }
});
