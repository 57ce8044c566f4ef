//! Bad tables about the answers of a site.

/// `(text, faults)`; the version is put before it.
pub(crate) const REPAIR: &[(&str, &[&str])] = &[
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.repair.cookie]]\nname = \"a b\"\nsame-site = \"Lax\"\n\
         [[site.repair.cookie]]\nhttp-only = 1",
        &[
            "bad-cookie-name 7:8 -",
            "unknown-word 8:13 -",
            "missing-key 9:1 -",
            "wrong-type 10:13 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.repair]\ncookies = false\n[[site.repair.cookie]]\nname = \"a\"\nsame-site = \"none\"",
        &[
            "cookies-unmended 7:11 cnil-cookies",
            "cookie-rule-without-repair 8:1 cookie-same-site",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.headers]\npermissions-policy = \"camera\"\n\
         content-security-policy = \"default-src self\"\n\
         content-security-policy-report-only = \"default-scr 'self'\"",
        &[
            "bad-permissions-policy 7:22 -",
            "bad-content-security-policy 8:27 -",
            "bad-content-security-policy 9:39 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.headers]\ncontent-security-policy = \"img-src a.fr; img-src b.fr\"\n\
         content-security-policy-report-only = \"img-src a.fr, font-src b.fr\"",
        &[
            "bad-content-security-policy 7:27 -",
            "bad-content-security-policy 8:39 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.headers]\nframes = \"deny\"\ncontent-security-policy = \"; ;\"\n\
         permissions-policy = \"a=*, b=(self)\"",
        &["unknown-word 7:10 -", "bad-content-security-policy 8:27 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.client-certificates]\nmode = \"maybe\"\nrevoked = 1",
        &[
            "missing-key 6:1 -",
            "unknown-word 7:8 -",
            "wrong-type 8:11 -",
        ],
    ),
];
