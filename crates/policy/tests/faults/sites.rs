//! Rows of `[[site]]`: its names, its origin, its certificate.

/// As [`ROWS`](super::rows::ROWS).
pub(crate) const SITES: &[(&str, &[&str])] = &[
    (
        "[[site]]\nhosts = [\"*.a.fr\", \"a.fr:443\", \"é.fr\"]\nupstream = \"https://b.fr\"\n\
         certificate = \"dev\"",
        &["bad-host 3:10 -", "bad-host 3:20 -", "bad-host 3:32 -"],
    ),
    (
        "[[site]]\nhosts = []\nupstream = \"127.0.0.1:80\"\ncertificate = \"deb\"",
        &[
            "bad-host 3:9 -",
            "bad-upstream 4:12 -",
            "unknown-word 5:15 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://10.0.0.1\"\ncertificate = \"dev\"",
        &["upstream-cleartext 4:12 asvs-internal-hops"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://10.0.0.1\"\ncertificate = \"dev\"\n\
         danger-cleartext-upstream = true",
        &["danger-taken 6:29 asvs-internal-hops"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://10.0.0.1\"\ncertificate = \"dev\"\n\
         danger-cleartext-upstream = true\n[[deviation]]\nclause = \"asvs-internal-hops\"\n\
         reason = \"a private cable between both\"",
        &[],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [site.repair]\ncookies = false",
        &["cookies-unmended 7:11 cnil-cookies"],
    ),
    (
        "[transport]\naccess-log = \"off\"",
        &["no-access-log 3:14 cnil-log-attempts"],
    ),
    (
        "[password.refuse.online]\nurl = \"http://example.fr/range/\"\nwhen-down = \"refuse\"",
        &["insecure-service 3:7 -"],
    ),
    (
        "[password.refuse.online]\nurl = \"http://127.0.0.1:80@example.fr/\"\nwhen-down = \"refuse\"",
        &["insecure-service 3:7 -"],
    ),
    (
        "[password.refuse.online]\nurl = \"https://example.fr/range/\"",
        &["missing-key 2:1 -"],
    ),
    (
        "[password.refuse.online]\nurl = \"http://127.0.0.1:8080/range/\"\nwhen-down = \"open\"",
        &["unknown-word 4:13 -"],
    ),
    (
        "[password.refuse]\ncommon = false\ncontext = false",
        &[
            "common-passwords-admitted 3:10 cnil-common-list",
            "context-admitted 4:11 cnil-context",
        ],
    ),
    (
        "[password.refuse]\ncommon = false\n[transport]\naccess-log = \"off\"\n\
         [[deviation]]\nclause = \"cnil-common-list\"\nreason = \"a long enough reason\"\n\
         [[deviation]]\nclause = \"cnil-log-attempts\"\nreason = \"a long enough reason\"",
        &[],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"https://10.0.0.1\"\ncertificate = \"dev\"\n\
         danger-cleartext-upstream = true",
        &["danger-unneeded 6:29 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site]]\nhosts = [\"A.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"",
        &["host-twice 7:10 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.limit]]\npath = \"/files/\"\nmax-body = \"2 GiB\"\n\
         [[site.limit]]\npath = \"/Files\"\nmax-body = \"1 MiB\"\n\
         [[site.limit]]\npath = \"/files/*\"\nmax-body = \"1 MiB\"",
        &["limit-twice 10:8 -", "bad-form-path 13:8 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
         certificate = { chain = \"a\", key = \"b\" }",
        &["hsts-below-one-year 2:1 anssi-hsts"],
    ),
    (
        "[transport.hsts]\nmax-age = \"0s\"\n[[site]]\nhosts = [\"192.0.2.7\", \"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = { chain = \"a\", key = \"b\" }",
        &["hsts-below-one-year 3:11 anssi-hsts"],
    ),
];
