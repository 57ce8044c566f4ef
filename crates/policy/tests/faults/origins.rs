//! Bad origins, and the faults of what comes after them in the file.

/// A text after `version = 1`, and `code line:column clause` of every fault.
pub(crate) const ORIGINS: &[(&str, &[&str])] = &[
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\n\
         upstream = [\"http://[::1]\", \"ftp://b\", \"http://10.0.0.1\", \"HTTP://[::1]:80\"]",
        &[
            "bad-upstream 5:29 -",
            "upstream-cleartext 5:40 asvs-internal-hops",
            "upstream-twice 5:59 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = []",
        &["bad-upstream 5:12 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = \"h2c://10.0.0.1\"",
        &["upstream-cleartext 5:12 asvs-internal-hops"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = \"http://[::1]\"\n\
         [site.origin]\nalpn = [\"h2\"]\nroot = \"ca.pem\"\nserver-name = \"b.fr\"\n\
         affinity = \"source\"",
        &[
            "key-unused 7:1 -",
            "key-unused 8:1 -",
            "key-unused 9:1 -",
            "key-unused 10:1 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = \"https://b.fr\"\n\
         [site.origin]\nalpn = []\nserver-name = \"*.b.fr\"\naffinity = \"sticky\"",
        &[
            "unknown-word 7:8 -",
            "bad-host 8:15 -",
            "unknown-word 9:12 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = \"https://b.fr\"\n\
         [site.health]\npath = \"health\"\ninterval = \"0s\"\nstatus = \"2xx\"\nfails = 0",
        &[
            "bad-health-path 7:8 -",
            "out-of-range 8:12 -",
            "bad-status-range 9:10 -",
            "out-of-range 10:9 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\ncertificate = \"dev\"\nupstream = \"https://b.fr\"\n\
         [site.health]\npasses = 3",
        &["key-unused 7:1 -"],
    ),
];
