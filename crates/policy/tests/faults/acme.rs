//! Bad orders of certificates, and their faults.

/// A text after `version = 1`, and `code line:column clause` of every fault.
pub(crate) const ACME: &[(&str, &[&str])] = &[
    (
        "[transport.acme]\ndirectory = \"http://a.fr/dir\"\ncontacts = [\"mailto:a@b.fr\", \"a@b.fr\"]",
        &["bad-directory 3:13 -", "bad-contact 4:13 -"],
    ),
    (
        "[transport.acme]\ndirectory = \"https://a:b@c.fr/\"\ncontacts = [\"a@b@c.fr\", \"a,b@c.fr\", \"@a.fr\", \"a@192.0.2.1\"]",
        &[
            "bad-directory 3:13 -",
            "bad-contact 4:13 -",
            "bad-contact 4:25 -",
            "bad-contact 4:37 -",
            "bad-contact 4:46 -",
        ],
    ),
    (
        "[transport.acme]\nexternal-account = \"k\"\nrenew-before = \"59m\"",
        &["missing-key 3:1 -", "out-of-range 4:16 -"],
    ),
    (
        "[transport.acme]\nexternal-account-key = \"MTIzNA\"",
        &[
            "missing-key 3:1 -",
            "secret-in-file 3:24 rempart-no-secret-in-file",
        ],
    ),
    (
        "[[site]]\nhosts = [\"192.0.2.1\"]\nupstream = \"https://b.fr\"\ncertificate = \"acme\"",
        &["acme-terms 2:1 asvs-public-trust"],
    ),
    (
        "[transport]\nhttp = \"off\"\n[transport.acme]\nagree-to-terms = false\nchallenge = \"http-01\"\n\
         [[site]]\nhosts = [\"192.0.2.1\"]\nupstream = \"https://b.fr\"\ncertificate = \"acme\"",
        &[
            "acme-terms 5:18 asvs-public-trust",
            "acme-no-listener 6:13 -",
        ],
    ),
];
