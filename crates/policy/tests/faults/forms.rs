//! Bad tables about the forms of a site.

/// `(text, faults)`; the version is put before it.
pub(crate) const FORMS: &[(&str, &[&str])] = &[
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/in?a=1\"\npassword = \"p\"",
        &["bad-form-path 8:8 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/in\"\npassword = \"p\"",
        &[
            "form-without-success 7:8 cnil-restriction",
            "form-without-identifier 7:8 cnil-restriction",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\n",
        &["missing-key 6:1 -", "missing-key 6:1 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-up\"\nmethod = \"get\"\npath = \"/\"\npassword = \"p\"\n\
         [[site.form]]\nkind = \"change\"\nmethod = \"GET\"\npath = [\"/b\", \"/%62\"]\n",
        &[
            "unknown-word 8:10 -",
            "missing-key 11:1 -",
            "secret-in-url 13:10 cnil-url-secrets",
            "bad-form-path 14:15 -",
        ],
    ),
    (
        // A closed door may be opened by GET.
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"closed\"\nmethod = \"GET\"\npath = \"/*\"\nidentifier = \"u\"\n\
         [[site.form]]\nkind = \"change\"\npath = \"/c\"\npassword = \"p\"\nmark = false\n\
         charset = \"iso-8859-1\"\nencoding = [\"json\"]\n",
        &[
            "key-unused 10:1 -",
            "key-unused 15:1 -",
            "key-unused 16:11 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-up\"\npath = \"/a\"\npassword = \"p[]\"\nconfirm = \"q\"\n\
         identifier = \"q\"\nencoding = []\nwhen = { do = [] }\n\
         [[site.form]]\nkind = \"sign-up\"\npath = []\npassword = \"p\"\nwhen = { a = 1 }\n\
         encoding = [\"xml-rpc\", \"json\"]\n\
         [[site.form]]\nkind = \"reset\"\npath = \"/c\"\npassword = \"1\"\n\
         encoding = [\"xml-rpc\", \"basic\"]\ncontext = [\"nom\", \"2\"]\n",
        &[
            "bad-field-name 9:12 -",
            "exclusive-keys 11:14 -",
            "unknown-word 12:12 -",
            "exclusive-keys 13:10 -",
            "bad-form-path 16:8 -",
            "bad-field-name 17:12 -",
            "wrong-type 18:14 -",
            "exclusive-keys 19:12 -",
            "exclusive-keys 24:1 -",
            "exclusive-keys 24:12 -",
            "bad-field-name 25:12 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/a\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{}, { status = \"2xx\" }, { set-cookie = \"*\" }, { json = { ok = \"1\" } }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/b\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{ status = \"302\" }]\nfailure = [{ status = \"302\" }]\n",
        &[
            "empty-answer-rule 11:12 -",
            "bad-status-range 11:27 -",
            "bad-cookie-name 11:51 -",
            "bad-pointer 11:69 -",
            "success-by-status 17:1 cnil-restriction",
            "exclusive-keys 18:1 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-up\"\npath = \"/a\"\npassword = \"p\"\nbase = \"/b\"\n\
         [[site.form]]\nkind = \"change\"\npath = [\"/b\", \"/a\"]\npassword = \"p\"\n",
        &["key-unused 10:1 -", "form-twice 11:1 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"dokuwiki\"\npath = \"/a\"\nsuccess = [{ status = \"200\" }]\n\
         [[site.form]]\npreset = \"adminer\"\nbase = \"wiki\"\n\
         [[site.form]]\npreset = \"plume\"\n\
         [[site.form]]\npreset = \"adminer\"\nbase = \"/db/\"\n\
         [[site.form]]\npreset = \"adminer\"\nbase = \"/db\"\nmark = false\n",
        &[
            "exclusive-keys 8:1 -",
            "exclusive-keys 9:1 -",
            "bad-form-path 12:8 -",
            "unknown-word 14:10 -",
            "form-twice 18:1 -",
        ],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[[password.form]]\nexample = \"8-characters\"\n\
         [access]\nmechanism = \"delay\"\n\
         [[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"dokuwiki\"\n\
         [[site]]\nhosts = [\"b.fr\"]\nupstream = \"http://[::1]:81\"\ncertificate = \"dev\"",
        &["sign-in-unnamed 3:8 cnil-restriction"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         change-password = \"//evil.fr/\"",
        &["bad-form-path 6:19 -"],
    ),
    (
        "[access]\nmechanism = \"captcha\"\n[[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\nkind = \"sign-in\"\n\
         path = \"/\"\npassword = \"p\"\nidentifier = \"u\"\nsuccess = [{ status = \"302\" }]",
        &[
            "captcha-without-end 3:13 rempart-work-as-captcha",
            "success-by-status 13:1 cnil-restriction",
        ],
    ),
    (
        // Nobody who could answer; a form of a page beside it would, and then some are kept out.
        "[access]\nmechanism = \"captcha\"\n[access.captcha]\nafter = 0\n\
         [[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/x\"\nencoding = [\"xml-rpc\"]\n\
         identifier = \"0\"\npassword = \"1\"\nsuccess = [{ body = \"<params>\" }]\n\
         [[site]]\nhosts = [\"b.fr\"]\nupstream = \"http://[::1]:81\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"dokuwiki\"\n\
         [[site]]\nhosts = [\"c.fr\"]\nupstream = \"http://[::1]:82\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"dokuwiki\"\nbasic = false\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/a\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{ status = \"302\" }, { set-cookie = \"sid\" }]\n\
         [[site]]\nhosts = [\"d.fr\"]\nupstream = \"http://[::1]:83\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"adminer\"\n",
        &[
            "captcha-unanswerable 3:13 rempart-work-as-captcha",
            "captcha-shuts-programs-out 3:13 rempart-work-as-captcha",
            "captcha-without-end 3:13 rempart-work-as-captcha",
            "captcha-without-free-try 5:9 rempart-work-as-captcha",
            "basic-uncounted 34:9 cnil-restriction",
            "success-by-status 40:1 cnil-restriction",
        ],
    ),
    (
        // An application that shows a captcha of its own may ask for it each time.
        "[access]\nmechanism = \"captcha\"\n[access.captcha]\nafter = 0\n\
         [[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"",
        &[],
    ),
    (
        // A link is what a block waits for that says nothing of it.
        "[access]\nmechanism = \"block\"\n[[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &["unlock-link-at-gate 3:13 cnil-unlock"],
    ),
    (
        "[access]\nmechanism = \"block\"\nstore = \"redb:/a\"\n[access.block]\nunlock = \"link\"\n\
         [[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &["unlock-link-at-gate 6:10 cnil-unlock"],
    ),
    (
        "[access]\nmechanism = \"block\"\n[access.block]\nunlock = \"operator\"\n\
         [[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &["unlock-out-of-reach 5:10 cnil-unlock"],
    ),
    (
        "[access]\nmechanism = \"block\"\nstore = \"redb:/a\"\n[access.block]\nunlock = \"operator\"\n\
         [[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &["unlock-out-of-reach 6:10 cnil-unlock"],
    ),
    (
        "[access]\nmechanism = \"block\"\nstore = \"postgres://[::1]/a\"\nkey = { file = \"k\" }\n\
         [access.block]\nunlock = \"operator\"\n[[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &["blocked-by-strangers 7:10 cnil-unlock"],
    ),
    (
        // Time ends it, or nothing of the gate is blocked.
        "[password]\ncase = \"restricted-access\"\n\
         [access]\nmechanism = \"block\"\n[access.block]\nunlock = \"10h\"\n\
         [[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\npreset = \"dokuwiki\"",
        &[],
    ),
    (
        "[access]\nmechanism = \"block\"\n[[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = \"dev\"",
        &[],
    ),
    (
        // Neither the status nor where an answer leads proves anything; of Basic nothing else can
        // be looked at.
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/a\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{ status = \"302\", location = \"/in*\" }, { set-cookie = \"sid\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/b\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]",
        &["success-by-status 11:1 cnil-restriction"],
    ),
    (
        // Beside `failure` what no rule knows is counted as neither; of Basic a status says no.
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/a\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{ set-cookie = \"sid\" }]\nfailure = [{ status = \"403\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/b\"\npassword = \"p\"\nidentifier = \"u\"\n\
         encoding = [\"basic\", \"json\"]\nsuccess = [{ set-cookie = \"sid\" }]\n\
         failure = [{ status = \"401\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200-499\" }]\nfailure = [{ status = \"401\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/x\"\nencoding = [\"xml-rpc\"]\n\
         identifier = \"0\"\npassword = \"1\"\nsuccess = [{ body = \"<params>\" }]\n\
         failure = [{ body = \"<fault>\" }]",
        &[
            "undecided-uncounted 12:1 cnil-restriction",
            "undecided-uncounted 20:1 cnil-restriction",
            "undecided-uncounted 34:1 cnil-restriction",
        ],
    ),
    (
        // Basic is left aside, and counted by nothing else.
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"dokuwiki\"\nbasic = false\n\
         [[site.form]]\npreset = \"tomcat-form\"\nbasic = false\n\
         [[site.form]]\nkind = \"change\"\npath = \"/a\"\npassword = \"x\"\nbasic = true\n",
        &[
            "basic-uncounted 8:9 cnil-restriction",
            "key-unused 11:9 -",
            "key-unused 16:1 -",
        ],
    ),
    (
        // The web server asks for it, and its guesses are counted.
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site.form]]\npreset = \"wordpress\"\nbasic = false\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-499\" }]\nbase = \"/b\"",
        &["key-unused 15:1 -"],
    ),
];
