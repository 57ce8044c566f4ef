//! The table of bad files.

/// A file after its first line, `version = 1`, and what is found in it.
pub(crate) const ROWS: &[(&str, &[&str])] = &[
    // Grammar and shape.
    ("x = = 1", &["syntax 2:5 -", "syntax 2:7 -"]),
    ("language = fr", &["syntax 2:12 -"]),
    ("version = 1", &["duplicate-key 2:1 -"]),
    ("[hash]\n[hash]", &["duplicate-key 3:2 -"]),
    ("langage = \"fr\"", &["unknown-key 2:1 -"]),
    (
        "[passwrd]\ncase = \"device-unlock\"",
        &["unknown-key 2:2 -"],
    ),
    ("mechanism = \"none\"", &["unknown-key 2:1 -"]),
    ("[hash.pepper]\nfile = \"a\"\nb = 1", &["wrong-type 2:1 -"]),
    (
        "[[password]]\ncase = \"device-unlock\"",
        &["wrong-type 2:1 -"],
    ),
    (
        "[password.form]\nkind = \"characters\"",
        &["wrong-type 2:1 -"],
    ),
    ("site = [1]", &["wrong-type 2:9 -"]),
    ("[password]\nmax-length = \"256\"", &["wrong-type 3:14 -"]),
    ("[password.refuse]\ncommon = 1", &["wrong-type 3:10 -"]),
    (
        "[password.refuse]\nlists = [1, \"\"]",
        &["wrong-type 3:10 -", "bad-text 3:13 -"],
    ),
    ("[password]\nmax-length = 5000", &["out-of-range 3:14 -"]),
    (
        "[password]\nmax-length = 99999999999999999999",
        &["out-of-range 3:14 -"],
    ),
    (
        "[password.guess]\nmin-log10 = nan\nmax-work = 3999",
        &["out-of-range 3:13 -", "out-of-range 4:12 -"],
    ),
    ("[password.guess]\nmax-work = 4000", &[]),
    ("[password]\ncase = \"alone\"", &["unknown-word 3:8 -"]),
    (
        "[transport.deadlines]\nidle = \"60\"\nhead = \"1 month\"",
        &["bad-duration 3:8 -", "bad-duration 4:8 -"],
    ),
    (
        "[transport.deadlines]\nidle = \"0s\"",
        &["out-of-range 3:8 -"],
    ),
    (
        "[transport.limits]\nbody = \"64 MB\"\nhead = \"1 KiB\"",
        &["bad-size 3:8 -", "out-of-range 4:8 -"],
    ),
    ("[[deviation]]", &["missing-key 2:1 -", "missing-key 2:1 -"]),
    // Passwords.
    (
        "[password]\nmax-length = 49",
        &["max-length-below-floor 3:14 cnil-max-length"],
    ),
    (
        "[[password.form]]\nexample = \"8-characters\"",
        &["form-of-other-case 3:11 cnil-case-1"],
    ),
    (
        "[[password.form]]\nexample = \"8-characters\"\n[[deviation]]\nclause = \"cnil-case-1\"\n\
         reason = \"a card reader stands beside it\"",
        &[],
    ),
    (
        "[[password.form]]\nexample = \"7-words\"\nlength = 3",
        &["exclusive-keys 4:1 -"],
    ),
    (
        "[[password.form]]\nkind = \"passphrase\"\nwords = 8\nspecials = \"!\"",
        &["exclusive-keys 5:1 -"],
    ),
    ("[[password.form]]\nlength = 20", &["missing-key 2:1 -"]),
    (
        "[[password.form]]\nkind = \"characters\"",
        &["missing-key 2:1 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 12\nspecials = \"!?\"",
        &["form-below-case 4:1 cnil-case-1"],
    ),
    (
        "[[password.form]]\nkind = \"passphrase\"\nwords = 6",
        &["form-below-case 4:1 cnil-case-1"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
         length = 15\nclasses = [\"digit\"]",
        &["form-below-case 6:1 cnil-case-2"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nclasses = []",
        &["out-of-range 5:11 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 30\nclasses = [\"lower\"]\nrequired = 2",
        &["out-of-range 6:12 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nspecials = \"!a\"",
        &["bad-specials 5:12 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nspecials = \"!\u{200b}\"",
        &["bad-specials 5:12 -"],
    ),
    (
        "[password]\nmax-length = 60\n[[password.form]]\nkind = \"characters\"\nlength = 61",
        &["form-beyond-maximum 4:1 -"],
    ),
    (
        "[[password.form]]\nexample = \"12-characters\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 13",
        &["form-redundant 4:1 -"],
    ),
    // Passwords: settings that work against each other.
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 18\nrequired = 0\n\
         [[password.form]]\nexample = \"7-words\"",
        &["form-redundant 6:1 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 21\nrequired = 0\n\
         [[password.form]]\nexample = \"7-words\"",
        &[],
    ),
    (
        "[password.guess]\nmin-log10 = 24",
        &["guess-above-form 3:13 -"],
    ),
    // 12 characters over 99 signs are worth 10^23.95, 14 over 62 are worth 10^25.09.
    (
        "[password.guess]\nmin-log10 = 26",
        &["guess-above-form 3:13 -", "guess-above-form 3:13 -"],
    ),
    ("[password.guess]\nmin-log10 = 23.9", &[]),
    (
        "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
         length = 16\nclasses = [\"digit\"]\n[password.guess]\nmin-log10 = 16.1",
        &["guess-above-form 9:13 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 30\nspecials = \"⌘←↑→↓✔\"",
        &["specials-untypable 5:12 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 30\nspecials = \"⌘←↑→↓!\"",
        &[],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 18\nclasses = [\"lower\"]\n\
         specials = \"!\"",
        &["specials-unused 6:12 -"],
    ),
    (
        "[password.refuse.online]\nurl = \"https://example.fr/range/\"\nwhen-down = \"accept\"",
        &["unchecked-when-down 4:13 rempart-closed"],
    ),
    (
        "[password.refuse]\nbreached = \"a\"\n[password.refuse.online]\n\
         url = \"https://example.fr/range/\"\nwhen-down = \"accept\"",
        &[],
    ),
    // Hashes.
    (
        "[hash]\nmemory = \"16 MiB\"",
        &["hash-cost-below-floor 3:10 asvs-hash-cost"],
    ),
    (
        "[hash]\niterations = 1",
        &["hash-cost-below-floor 3:14 asvs-hash-cost"],
    ),
    ("[hash]\nmemory = \"12 MiB\"\niterations = 3", &[]),
    ("[hash]\nmemory = \"2 GiB\"", &["out-of-range 3:10 -"]),
    (
        "[hash]\nmemory = \"100 KiB\"\nparallelism = 64",
        &["hash-cost-invalid 3:10 -"],
    ),
    (
        "[hash]\nmemory = \"512 MiB\"",
        &["hash-budget-too-small 3:1 -"],
    ),
    (
        "[hash]\naccept = [\"bcrypt\"]\naccept-cost = 0",
        &["out-of-range 4:15 -"],
    ),
    ("[hash]\naccept-cost = 1024", &[]),
    ("[hash]\naccept-cost = 1025", &["out-of-range 3:15 -"]),
    ("[hash]\naccept = [\"md5-crypt\"]", &["unknown-word 3:11 -"]),
    (
        "[hash]\npepper = \"s3cret\"",
        &["secret-in-file 3:10 rempart-no-secret-in-file"],
    ),
    // Access.
    ("[password]\ncase = \"restricted-access\"", &[]),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"none\"",
        &["access-not-restricted 5:13 cnil-restriction"],
    ),
    ("[access]\nmechanism = \"none\"", &[]),
    (
        "[password]\ncase = \"device-unlock\"",
        &["access-not-restricted 3:8 cnil-case-3-block"],
    ),
    (
        "[password]\ncase = \"device-unlock\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 4",
        &["block-too-late 7:9 cnil-case-3-block"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 11",
        &["block-too-late 7:9 cnil-block"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nwhen-store-is-down = \"open\"",
        &["store-open-when-down 5:22 cnil-restriction"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfirst = \"1s\"\n\
         attempts-per-day = 26",
        &[
            "delay-too-short 5:9 cnil-delay-figures",
            "too-many-attempts 6:20 cnil-delay-figures",
        ],
    ),
    ("[access.delay]\nattempts-per-day = 1000", &[]),
    (
        "[access.delay]\nattempts-per-day = 1001",
        &["out-of-range 3:20 -"],
    ),
    // A slow growth is lawful only where nothing has to grow.
    ("[access.delay]\nfactor = 1.4", &[]),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfactor = 1.5\nfirst = \"20s\"",
        &[],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfactor = 1.4\nfirst = \"20s\"",
        &["delay-not-growing 5:10 cnil-delay"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfirst = \"10s\"\nmax = \"159s\"",
        &["delay-not-growing 6:7 cnil-delay"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfirst = \"10s\"\nmax = \"160s\"",
        &[],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfactor = 1.4\nfirst = \"20s\"\n\
         [[deviation]]\nclause = \"cnil-delay\"\nreason = \"a long enough reason\"",
        &[],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 5\nunlock = \"4h\"",
        &["block-reopened 8:10 cnil-block"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 5\nunlock = \"4h 48m\"",
        &[],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         unlock = \"1h\"\n[[deviation]]\nclause = \"cnil-block\"\nreason = \"a long enough reason\"",
        &[],
    ),
    (
        "[password]\ncase = \"device-unlock\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 3\nunlock = \"30 days\"",
        &["block-reopened 8:10 cnil-case-3-block"],
    ),
    (
        "[password]\ncase = \"device-unlock\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 3\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"",
        &["device-unlock-on-the-web 3:8 cnil-case-3"],
    ),
    (
        "[access.delay]\nfactor = 1",
        &["delay-not-growing 3:10 cnil-delay"],
    ),
    (
        "[access.delay]\nfirst = \"1h\"",
        &["delay-not-growing 3:9 cnil-delay"],
    ),
    ("[access.block]\nafter = 3", &["table-unused 2:1 -"]),
    ("[access]\nstore = \"mysql://a\"", &["bad-store 3:9 -"]),
    (
        "[access]\nstore = \"redis://:pw@a\"",
        &["secret-in-file 3:9 rempart-no-secret-in-file"],
    ),
    (
        "[access]\nstore-password = { file = \"a\" }",
        &["exclusive-keys 3:1 -"],
    ),
    (
        "[access]\nstore = \"redis://a\"",
        &["shared-store-needs-key 3:1 cnil-log-no-secret"],
    ),
    (
        "[access]\ntrusted-device = \"nie\"",
        &["bad-duration 3:18 -"],
    ),
    ("[access.limits]\nsource = -1", &["out-of-range 3:10 -"]),
    // Journal.
    (
        "[journal]\nkeep = \"90d\"",
        &["journal-retention 3:8 cnil-log-retention"],
    ),
    (
        "[journal]\nkeep = \"400d\"",
        &["journal-retention 3:8 cnil-log-retention"],
    ),
    // Life of a password.
    (
        "[login]\nreset-link-lifetime = \"25h\"",
        &["reset-link-too-long 3:23 cnil-reset-link"],
    ),
    (
        "[login]\ncompromise-delay = \"4 days\"",
        &["compromise-notice-too-late 3:20 cnil-compromise"],
    ),
    // The gate.
    ("[transport]\nhttp = \":80\"", &["bad-address 3:8 -"]),
    (
        "[transport]\nhttp = \"0.0.0.0:443\"",
        &["same-listener 3:8 -"],
    ),
    (
        "[transport]\ncleartext-credentials = \"redirect\"",
        &["cleartext-credentials-redirected 3:25 rempart-cleartext-credentials"],
    ),
    (
        "[transport]\ntrusted-proxies = [\"10.0.0.0/33\", \"::/0\"]",
        &["bad-network 3:20 -", "trusts-everyone 3:35 forwarded-trust"],
    ),
    (
        "[transport]\nproxy-protocol = [\"https\"]",
        &["proxy-protocol-untrusted 3:18 forwarded-trust"],
    ),
    (
        "[transport]\ntrusted-proxies = []\nproxy-protocol = [\"https\"]",
        &["proxy-protocol-untrusted 4:18 forwarded-trust"],
    ),
    (
        "[transport]\ntrusted-proxies = [\"10.0.0.0/33\"]\nproxy-protocol = [\"https\"]",
        &["bad-network 3:20 -"],
    ),
    (
        "[transport]\ntrusted-proxies = [\"192.0.2.7\"]\nproxy-protocol = [\"http\", \"quic\"]",
        &["unknown-word 4:27 -"],
    ),
    (
        "[transport.limits]\nhandshakes-per-second = 0\nmin-rate = \"2 MiB\"",
        &["out-of-range 3:25 -", "out-of-range 4:12 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.limit]]\npath = \"a\"\n",
        &["missing-key 6:1 -", "bad-form-path 7:8 -"],
    ),
    ("[process]\nuser = \"a b\"", &["bad-user 3:8 -"]),
    ("[process]\nsandbox = \"on\"", &["unknown-word 3:11 -"]),
    (
        "[transport.hsts]\nstage = \"week\"\nmax-age = \"7d\"",
        &["exclusive-keys 4:1 -"],
    ),
    (
        "[transport.hsts]\nmax-age = \"100ms\"",
        &["bad-duration 3:11 hsts-directives"],
    ),
    (
        "[transport.hsts]\nmax-age = \"1.5s\"",
        &["bad-duration 3:11 hsts-directives"],
    ),
    ("[transport.hsts]\nmax-age = \"2000ms\"", &[]),
    (
        "[transport.hsts]\ninclude-subdomains = true",
        &["hsts-subdomains-unlisted 3:22 hsts-subdomains"],
    ),
    (
        "[transport.hsts]\ninclude-subdomains = true\nsubdomains = [\"*.a.fr\"]",
        &["bad-host 4:15 -"],
    ),
    (
        "[transport.hsts]\nstage = \"two-years\"\npreload = true",
        &["hsts-preload-unready 4:11 preload-header"],
    ),
    // Deviations.
    (
        "[[deviation]]\nclause = \"cnil-max-lenght\"\nreason = \"a long enough reason\"",
        &["unknown-clause 3:10 -"],
    ),
    (
        "[[deviation]]\nclause = \"cnil-paste\"\nreason = \"because\"",
        &[
            "deviation-unused 3:10 cnil-paste",
            "deviation-without-reason 4:10 -",
        ],
    ),
    (
        "[hash]\nmemory = \"16 MiB\"\n[[deviation]]\nclause = \"asvs-hash-cost\"\n\
         reason = \"!!!!!!!!!! 1234567890 nine char\"",
        &["deviation-without-reason 6:10 -"],
    ),
    (
        "[[deviation]]\nclause = \"cnil-paste\"\nreason = \"a long enough reason\"\nuntil = \"2026\"",
        &["deviation-unused 3:10 cnil-paste", "bad-date 5:9 -"],
    ),
    (
        "[hash]\nmemory = \"16 MiB\"\n[[deviation]]\nclause = \"asvs-hash-cost\"\n\
         reason = \"a board of 64 MiB\"\nuntil = 2026-12-31",
        &[],
    ),
];
