//! The table of files that go against their preset.

/// A file after its first line, `version = 1`, and what is found in it.
pub(crate) const PRESETS: &[(&str, &[&str])] = &[
    // Length.
    (
        "preset = \"nist\"\n[[password.form]]\nkind = \"characters\"\nlength = 14\nrequired = 0",
        &[
            "form-below-case 5:1 cnil-case-1",
            "preset-length 5:1 nist-length",
        ],
    ),
    (
        "preset = \"nist\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 14\nrequired = 0",
        &["preset-length 7:1 nist-length"],
    ),
    (
        "preset = \"asvs\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 14\nrequired = 0",
        &["preset-length 7:1 asvs-length"],
    ),
    (
        "preset = \"asvs\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 14\nrequired = 0\n[[deviation]]\n\
         clause = \"asvs-length\"\nreason = \"a long enough reason\"",
        &[],
    ),
    // The shortest five words have fourteen characters, the shortest six seventeen.
    (
        "preset = \"nist\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 18\nrequired = 0\n[[password.form]]\n\
         kind = \"passphrase\"\nwords = 5",
        &["preset-length 11:1 nist-length"],
    ),
    (
        "preset = \"nist\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 18\nrequired = 0\n[[password.form]]\n\
         kind = \"passphrase\"\nwords = 6",
        &[],
    ),
    (
        "preset = \"anssi\"\n[password]\ncase = \"restricted-access\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 8",
        &["preset-length 7:1 anssi-length"],
    ),
    // Composition.
    (
        "preset = \"asvs\"\n[[password.form]]\nkind = \"characters\"\nlength = 20\nrequired = 1",
        &[
            "form-below-case 5:1 cnil-case-1",
            "preset-composition 6:1 asvs-no-composition",
        ],
    ),
    (
        "preset = \"nist\"\n[[password.form]]\nkind = \"characters\"\nlength = 20",
        &["preset-composition 4:1 nist-no-composition"],
    ),
    (
        "preset = \"nist\"\n[[password.form]]\nexample = \"12-characters\"",
        &[
            "preset-composition 4:11 nist-no-composition",
            "preset-length 4:11 nist-length",
        ],
    ),
    (
        "preset = \"nist\"\n[[password.form]]\nkind = \"characters\"\nlength = 30\n\
         classes = [\"digit\"]\nrequired = 0",
        &["preset-composition 7:1 nist-no-composition"],
    ),
    (
        "preset = \"nist\"\n[[password.form]]\nkind = \"characters\"\nlength = 18\n\
         classes = [\"lower\"]\nrequired = 0",
        &[],
    ),
    (
        "preset = \"asvs\"\n[[password.form]]\nexample = \"7-words\"",
        &["preset-composition 4:11 asvs-no-composition"],
    ),
    (
        "preset = \"asvs\"\n[[password.form]]\nkind = \"characters\"\nlength = 20\n\
         [[deviation]]\nclause = \"asvs-no-composition\"\nreason = \"a long enough reason\"",
        &[],
    ),
    (
        "preset = \"anssi\"\n[[password.form]]\nexample = \"14-characters\"",
        &["preset-composition 4:11 anssi-complexity"],
    ),
    (
        "preset = \"anssi\"\n[[password.form]]\nkind = \"characters\"\nlength = 20\nrequired = 0",
        &["preset-composition 6:1 anssi-complexity"],
    ),
    // The rest of the password.
    (
        "preset = \"asvs\"\n[password]\nmax-length = 63",
        &["preset-max-length 4:14 asvs-max-length"],
    ),
    (
        "preset = \"nist\"\n[password]\nmax-length = 63",
        &["preset-max-length 4:14 nist-max-length"],
    ),
    ("preset = \"nist\"\n[password]\nmax-length = 64", &[]),
    (
        "preset = \"anssi\"\n[password]\nmax-length = 199",
        &["preset-max-length 4:14 anssi-max-length"],
    ),
    ("[password]\nmax-length = 50", &[]),
    (
        "preset = \"asvs\"\n[password.refuse]\ncommon = false\ncontext = false",
        &[
            "common-passwords-admitted 4:10 cnil-common-list",
            "common-passwords-admitted 4:10 asvs-common",
            "context-admitted 5:11 cnil-context",
            "context-admitted 5:11 asvs-context",
        ],
    ),
    (
        "preset = \"nist\"\n[password.refuse]\ncommon = false\n[[deviation]]\n\
         clause = \"cnil-common-list\"\nreason = \"a long enough reason\"",
        &["common-passwords-admitted 4:10 nist-blocklist"],
    ),
    // Attempts.
    (
        "preset = \"nist\"\n[access]\nmechanism = \"delay\"",
        &["preset-throttle 4:13 nist-throttle"],
    ),
    (
        "preset = \"nist\"\n[access]\nmechanism = \"none\"",
        &["preset-throttle 4:13 nist-throttle"],
    ),
    (
        "preset = \"nist\"\n[access.block]\nafter = 101",
        &["preset-throttle 4:9 nist-throttle"],
    ),
    (
        "preset = \"nist\"\n[access.block]\nafter = 100\nunlock = \"30 days\"",
        &["preset-throttle 5:10 nist-throttle"],
    ),
    (
        "preset = \"nist\"\n[access.delay]\nfirst = \"1s\"",
        &["table-unused 3:1 -"],
    ),
    (
        "preset = \"nist\"\n[password]\ncase = \"restricted-access\"\n[access.block]\nafter = 11",
        &["block-too-late 6:9 cnil-block"],
    ),
    (
        "preset = \"asvs\"\n[access]\nmechanism = \"block\"",
        &["preset-throttle 4:13 asvs-throttle"],
    ),
    (
        "preset = \"asvs\"\n[access]\nmechanism = \"none\"",
        &["preset-throttle 4:13 asvs-throttle"],
    ),
    ("preset = \"asvs\"\n[access]\nmechanism = \"captcha\"", &[]),
    (
        "preset = \"anssi\"\n[access]\nmechanism = \"none\"",
        &["preset-throttle 4:13 anssi-limit-attempts"],
    ),
    // Life of a password.
    (
        "preset = \"nist\"\n[login]\nprivileged-renewal = \"3650 days\"",
        &["preset-renewal 4:22 nist-no-rotation"],
    ),
    (
        "preset = \"asvs\"\n[login]\nprivileged-renewal = \"365d\"",
        &["preset-renewal 4:22 asvs-no-rotation"],
    ),
    (
        "preset = \"anssi\"\n[login]\nprivileged-renewal = \"never\"",
        &["preset-renewal 4:22 anssi-privileged-expiry"],
    ),
    (
        "preset = \"anssi\"\n[login]\nprivileged-renewal = \"1097d\"",
        &["preset-renewal 4:22 anssi-privileged-expiry"],
    ),
    (
        "preset = \"anssi\"\n[login]\nprivileged-renewal = \"1096d\"",
        &[],
    ),
    (
        "preset = \"anssi\"\n[login]\ncompromise-delay = \"25h\"",
        &["preset-compromise 4:20 anssi-compromise"],
    ),
    // HSTS.
    (
        "preset = \"asvs\"\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
         certificate = { chain = \"a\", key = \"b\" }",
        &["hsts-below-one-year 3:1 asvs-hsts"],
    ),
];
