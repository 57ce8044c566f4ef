//! Paths, methods, types and queries.

use crate::{URLENCODED, forms, plain, told};

#[test]
fn paths_and_methods() {
    let forms = plain();
    for (request, expected) in [
        ("POST /login", "in u:p"),
        ("POST /join", "new p +u"),
        ("POST /other", "free"),
        ("POST //login", "path-unclear"),
        ("POST /login/", "path-unclear"),
        ("POST /%6cogin", "path-unclear"),
        ("POST /login;jsessionid=1", "path-unclear"),
        ("POST /a/../login", "path-unclear"),
        ("POST /Login", "path-unclear"),
        ("POST /index.php/login", "path-unclear"),
        ("POST /login/index.php", "path-unclear"),
        ("POST /login.json", "path-unclear"),
        ("POST /(S(x))/login", "path-unclear"),
        ("PUT /login", "method-unclear"),
        ("PATCH /join", "method-unclear"),
        ("DELETE /login", "method-unclear"),
        ("GET /login", "method-unclear"),
        ("POST /login?_method=PUT", "method-unclear"),
        ("POST /login?_method=post", "in u:p"),
        ("POST /login?_method[]=PUT", "method-unclear"),
        ("POST /login\nx-http-method-override: PUT", "method-unclear"),
        ("POST /login\nx-method-override: get", "method-unclear"),
        ("POST /login\nx-http-method: POST", "in u:p"),
    ] {
        let (line, fields) = request.split_once('\n').unwrap_or((request, ""));
        let head = format!("{line}\n{URLENCODED}\n{fields}");
        let found = told(&forms, head.trim_end(), b"user=u&pass=p");
        assert_eq!(found, expected, "{request}");
    }
}

#[test]
fn a_page_beside_a_form_is_read_and_refused_only_for_its_fields() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\npassword = \"p\"\nidentifier = \"u\"\n\
         success = [{ set-cookie = \"s\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/login.json\"\npassword = \"p\"\nidentifier = \"u\"\n\
         encoding = [\"json\"]\nsuccess = [{ set-cookie = \"s\" }]\n",
    );
    let json = "content-type: application/json";
    for (request, media, body, expected) in [
        ("POST /login", URLENCODED, "u=u&p=x", "in u:x"),
        (
            "POST /login/index.php",
            URLENCODED,
            "u=u&p=x",
            "path-unclear",
        ),
        ("POST /login/index.php", URLENCODED, "q=x", "nothing"),
        ("POST /login.php", URLENCODED, "u=u&p=x", "path-unclear"),
        ("POST /login.json", json, r#"{"u":"u","p":"x"}"#, "in u:x"),
        ("POST /login.json", URLENCODED, "u=u&p=x", "type-unexpected"),
        (
            "POST /login",
            json,
            r#"{"u":"u","p":"x"}"#,
            "type-unexpected",
        ),
    ] {
        let found = told(&forms, &format!("{request}\n{media}"), body.as_bytes());
        assert_eq!(found, expected, "{request} {body}");
    }
}

#[test]
fn a_name_that_another_form_has_is_clear() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = \"/join\"\npassword = \"pass\"\n\
         [[site.form]]\nkind = \"change\"\npath = \"/join\"\npassword = \"new[pass]\"\n",
    );
    for (body, expected) in [
        ("pass=a", "new a"),
        ("new[pass]=a", "new a"),
        ("old[pass]=a", "field-name-unclear"),
        ("new.pass=a", "field-name-unclear"),
        ("new[pass]=a&pass=b", "several-forms"),
    ] {
        let found = told(
            &forms,
            &format!("POST /join\n{URLENCODED}"),
            body.as_bytes(),
        );
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn a_head_without_a_body() {
    let forms = plain();
    for (request, expected) in [
        ("GET /login", "free"),
        ("GET /login?next=/", "free"),
        ("GET /login/", "free"),
        ("HEAD /login", "free"),
        ("POST /login", "free"),
        ("GET /login?pass=p", "password-in-query"),
        ("GET /login?user=u&pass=p", "password-in-query"),
        ("GET /login?%70ass=p", "password-in-query"),
        ("GET /login?Pass=p", "field-name-unclear"),
        ("GET /login?%u0070ass=p", "password-in-query"),
        ("GET /login?a=1;pass=p", "semicolon"),
        ("GET /login?a=1;b=p", "free"),
        ("GET /login?pass[;]=p", "field-name-unclear"),
        ("GET /login?a&pass[x;]", "field-array"),
        ("GET /login?pass[]=p", "field-array"),
        ("GET /login?pass%00x=p", "password-in-query"),
        ("GET //login?pass=p", "password-in-query"),
        ("GET /other?pass=p", "free"),
    ] {
        assert_eq!(told(&forms, request, b""), expected, "{request}");
    }
    let long = |count: usize| format!("GET /login?{}", "a&;".repeat(count));
    assert_eq!(told(&forms, &long(1000), b""), "free");
    assert_eq!(told(&forms, &long(1001), b""), "too-many-fields");
}

#[test]
fn an_override_that_the_form_expects() {
    let forms = forms(
        "[[site.form]]\nkind = \"change\"\nmethod = \"PUT\"\npath = \"/me\"\npassword = \"p\"\n",
    );
    for (request, body, expected) in [
        ("PUT /me", "p=x", "new x"),
        ("POST /me", "_method=PUT&p=x", "new x"),
        ("POST /me", "_method=put&p=x", "new x"),
        ("POST /me", "p=x", "method-unclear"),
        ("POST /me", "_method=PATCH&p=x", "method-unclear"),
        (
            "POST /me",
            "_method=PUT&_method=PATCH&p=x",
            "method-unclear",
        ),
        ("PATCH /me", "_method=PUT&p=x", "method-unclear"),
        ("POST /me", "q=x", "nothing"),
    ] {
        let found = told(&forms, &format!("{request}\n{URLENCODED}"), body.as_bytes());
        assert_eq!(found, expected, "{request} {body}");
    }
}

#[test]
fn the_type_is_the_one_that_the_origin_reads() {
    let forms = plain();
    let body = b"user=u&pass=p";
    for (fields, expected) in [
        ("", "type-unreadable"),
        ("\ncontent-type: text/plain", "type-unexpected"),
        (
            "\ncontent-type: application/octet-stream",
            "type-unexpected",
        ),
        ("\ncontent-type: text/xml", "type-unexpected"),
        ("\ncontent-type: application/json", "json-unclear"),
        (
            "\ncontent-type: multipart/form-data; boundary=b",
            "multipart-unclear",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded, text/plain",
            "type-unreadable",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded; charset=utf-8",
            "in u:p",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded; charset=latin1",
            "charset-unexpected",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded\ncontent-encoding: gzip",
            "body-encoded",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded\ncontent-encoding: identity",
            "in u:p",
        ),
        (
            "\ncontent-type: application/x-www-form-urlencoded\ncontent-type: text/plain",
            "type-unreadable",
        ),
    ] {
        assert_eq!(
            told(&forms, &format!("POST /login{fields}"), body),
            expected,
            "{fields}"
        );
    }
    // What a form does not list is not for its path, whatever it holds.
    for (path, media, body) in [
        ("/login", "application/json", &b"{}"[..]),
        ("/login", "application/json", b"[1]"),
        ("/login", "text/plain", b"x"),
    ] {
        let head = format!("POST {path}\ncontent-type: {media}");
        assert_eq!(
            told(&forms, &head, body),
            "type-unexpected",
            "{path} {media}"
        );
    }
    // JSON is read at both, and admitted at one.
    let json = br#"{"user":"u","pass":"p"}"#;
    let head = |path: &str| format!("POST {path}\ncontent-type: application/json");
    assert_eq!(told(&forms, &head("/join"), json), "new p +u");
    assert_eq!(told(&forms, &head("/login"), json), "type-unexpected");
    // In a tree, what is no form to anyone goes on unread.
    let tree = crate::forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nidentifier = \"u\"\npassword = \"p\"\n\
         success = [{ status = \"200\" }]\n",
    );
    for (fields, body, expected) in [
        (
            "content-type: application/octet-stream",
            &b"u=u&p=p"[..],
            "free",
        ),
        ("content-type: text/plain", b"u=u&p=p", "free"),
        ("content-type: image/png", b"\0", "free"),
        ("content-type: application/json", b"[1]", "nothing"),
        (
            "content-type: application/json",
            br#"{"a":{"b":[{}]}}"#,
            "nothing",
        ),
        (
            "content-type: application/json",
            br#"[{"p":"x"}]"#,
            "field-name-unclear",
        ),
        // What a lenient reader makes of it, nobody knows.
        (
            "content-type: application/json",
            b"{'p':'x'}",
            "json-unclear",
        ),
        (
            "content-type: application/json",
            br#"/**/{"p":"x"}"#,
            "json-unclear",
        ),
        (
            "content-type: application/json",
            b"{\0\"\0p\0\"\0:\x001\0}\0",
            "json-unclear",
        ),
        (
            "content-type: application/json",
            b"\xef\xbb\xbf{}",
            "json-unclear",
        ),
        // Rack, Rails, ASP.NET and Werkzeug read forms in these.
        ("content-type: multipart/mixed; boundary=b", b"", "free"),
        (
            "content-type: multipart/mixed; boundary=b",
            b"u=u&p=p",
            "type-unexpected",
        ),
        (
            "content-type: multipart/related; boundary=b",
            b"x",
            "type-unexpected",
        ),
        (
            "content-type: application/x-url-encoded",
            b"u=u&p=p",
            "type-unexpected",
        ),
        ("content-type: text/xml", b"<p>x</p>", "type-unexpected"),
        (
            "content-type: text/json",
            br#"{"p":"x"}"#,
            "type-unexpected",
        ),
        (
            "content-type: application/jsonrequest",
            br#"{"p":"x"}"#,
            "type-unexpected",
        ),
        ("content-type: application/pdf", b"u=u&p=p", "free"),
        (
            "content-type: application/json",
            br#"{"p":"x"}"#,
            "type-unexpected",
        ),
        ("content-type: x", b"u=u&p=p", "type-unreadable"),
        (URLENCODED, b"u=u&p=p", "in u:p"),
    ] {
        let head = format!("POST /any\n{fields}");
        assert_eq!(told(&tree, &head, body), expected, "{fields}");
    }
}

#[test]
fn json_under_another_name_is_not_read_as_a_form() {
    let form = |path: &str, encodings: &str| {
        crate::forms(&format!(
            "[[site.form]]\nkind = \"sign-in\"\npath = \"{path}\"\nidentifier = \"u\"\n\
             password = \"p\"\nencoding = {encodings}\nsuccess = [{{ set-cookie = \"s\" }}]\n\
             [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
             success = [{{ status = \"200\" }}]\n"
        ))
    };
    let json = r#"{"u":"a","p":"x"}"#;
    let both = r#"["urlencoded", "json"]"#;
    for (path, encodings, request, body, expected) in [
        ("/in", r#"["json"]"#, "/in", json, "type-unexpected"),
        ("/in", r#"["json"]"#, "/in", "a=b", "type-unexpected"),
        (
            "/in",
            r#"["json"]"#,
            "/in\nauthorization: Basic dTpw",
            "a=b",
            "type-unexpected",
        ),
        ("/in", r#"["json"]"#, "/in.php", json, "type-unexpected"),
        ("/in", r#"["json"]"#, "/in.php", "a=b", "nothing"),
        ("/in", both, "/in", json, "type-unexpected"),
        ("/in", both, "/in", " \r\n[1]", "type-unexpected"),
        ("/in", both, "/in", "\u{feff}{}", "type-unexpected"),
        ("/in", both, "/in", "/*a*/{}", "type-unexpected"),
        ("/in", both, "/in", "a={}", "nothing"),
        ("/api/*", r#"["json"]"#, "/api/x", json, "type-unexpected"),
        ("/api/*", r#"["json"]"#, "/api/x", "a=b", "nothing"),
        ("/api/*", both, "/api/x", json, "type-unexpected"),
        ("/api/*", r#"["urlencoded"]"#, "/api/x", json, "nothing"),
    ] {
        let head = format!(
            "POST {}",
            request.replacen('\n', &format!("\n{URLENCODED}\n"), 1)
        );
        let head = match request.contains('\n') {
            true => head,
            false => format!("{head}\n{URLENCODED}"),
        };
        let found = told(&form(path, encodings), &head, body.as_bytes());
        assert_eq!(found, expected, "{path} {encodings} {request} {body}");
    }
}

#[test]
fn a_request_has_one_charset() {
    let forms = plain();
    let latin = crate::forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = \"/join\"\npassword = \"pass\"\n\
         charset = \"iso-8859-1\"\n",
    );
    // In ISO-2022-JP the first three bytes are no signs.
    let shifted = b"%1B%28Buser=u&%1B%28Bpass=p";
    for (media, body, expected) in [
        ("; charset=iso-2022-jp", &shifted[..], "charset-unexpected"),
        ("; charset=utf-16", b"a=b", "charset-unexpected"),
        ("; charset=latin1", b"a=b", "charset-unexpected"),
        ("; charset=utf-8", b"a=b", "nothing"),
        ("; charset=IBM037", shifted, "type-unreadable"),
        ("; xcharset=IBM037", shifted, "type-unreadable"),
        ("; charset*=IBM037", shifted, "type-unreadable"),
        (
            "\nx-up-devcap-post-charset: IBM037",
            shifted,
            "charset-unexpected",
        ),
        ("", shifted, "field-name-unclear"),
        ("", b"pa%7Fss=p", "field-name-unclear"),
    ] {
        let head = format!("POST /join\n{URLENCODED}{media}");
        assert_eq!(told(&forms, &head, body), expected, "{media} {body:?}");
    }
    let head = format!("POST /join\n{URLENCODED}; charset=latin1");
    assert_eq!(told(&latin, &head, b"a=b"), "nothing");
    assert_eq!(told(&latin, &head, b"pass=%E9"), "new é");
    // Some origins read the query by it too.
    let head = format!("GET /join?%1B%28Bpass=p\n{URLENCODED}; charset=iso-2022-jp");
    assert_eq!(told(&forms, &head, b""), "charset-unexpected");
}

#[test]
fn an_identifier_is_one_text_to_every_origin() {
    let forms = plain();
    for (user, expected) in [
        ("j", "in j:p"),
        ("J%26D", "in J&D:p"),
        ("admin%3C1", "identifier-unclear"),
        ("admin%3Cb%3E", "identifier-unclear"),
        ("ad%26x%3Bmin", "identifier-unclear"),
        ("admin%0A", "identifier-unclear"),
        (&"a".repeat(1025), "identifier-unclear"),
    ] {
        let body = format!("user={user}&pass=p");
        let found = told(
            &forms,
            &format!("POST /login\n{URLENCODED}"),
            body.as_bytes(),
        );
        assert_eq!(found, expected, "{user}");
    }
    let basic = crate::forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]\n",
    );
    // a<1:p
    let found = told(&basic, "GET /\nauthorization: Basic YTwxOnA=", b"");
    assert_eq!(found, "identifier-unclear");
}
