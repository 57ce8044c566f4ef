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
fn basic_is_read_from_the_head() {
    let alone = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/dav/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200-399\" }]\n",
    );
    let beside = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nidentifier = \"u\"\npassword = \"p\"\n\
         encoding = [\"urlencoded\", \"basic\"]\nsuccess = [{ status = \"200\" }]\n",
    );
    for (field, alone_is, beside_is) in [
        ("Basic dTpw", "in u:p", "in u:p"),
        ("basic dTpw", "in u:p", "in u:p"),
        ("Basic dTpwOnE=", "in u:p:q", "in u:p:q"),
        ("Basic dTrp", "in u:é", "in u:é"),
        (
            "Basic  dTpw",
            "authorization-unclear",
            "authorization-unclear",
        ),
        (
            "Basic dTpw=",
            "authorization-unclear",
            "authorization-unclear",
        ),
        (
            "Basic dT!pw",
            "authorization-unclear",
            "authorization-unclear",
        ),
        (
            "Basic dQ==",
            "authorization-unclear",
            "authorization-unclear",
        ),
        ("Basic", "authorization-unclear", "authorization-unclear"),
        // DokuWiki decodes what follows the sixth letter, whatever the scheme.
        ("Bearer dTpw", "free", "authorization-unclear"),
        (
            "Basic dTpw\nauthorization: Basic dTpx",
            "authorization-unclear",
            "authorization-unclear",
        ),
    ] {
        let head = format!("GET /dav/x\nauthorization: {field}");
        assert_eq!(told(&alone, &head, b""), alone_is, "{field}");
        assert_eq!(told(&beside, &head, b""), beside_is, "{field}");
    }
    let head = format!("POST /\n{URLENCODED}\nauthorization: Basic dTpw");
    assert_eq!(told(&beside, &head, b"u=u&p=q"), "several-forms");
    assert_eq!(told(&beside, &head, b"q=u"), "in u:p");
    // A body that only the head decides on is not read.
    let put = "PUT /dav/x\nauthorization: Basic dTpw";
    assert_eq!(told(&alone, put, &[0; 100_000]), "in u:p");
}

#[test]
fn doors_are_shut() {
    let forms = forms(
        "[[site.form]]\nkind = \"closed\"\npath = [\"/old.php\", \"/old/*\"]\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/*\"\npassword = \"pwd\"\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/act\"\nwhen = { do = [\"auth\", \"login\"] }\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nidentifier = \"u\"\npassword = \"p\"\n\
         success = [{ status = \"200\" }]\n",
    );
    for (request, body, expected) in [
        ("GET /old.php", "", "closed"),
        ("GET //old.php", "", "closed"),
        ("GET /old.php/x", "", "closed"),
        ("GET /OLD/x", "", "closed"),
        ("GET /older", "", "free"),
        ("POST /old/login", "u=u&p=p", "closed"),
        ("GET /any?pwd=1", "", "closed"),
        ("POST /any", "pwd=1", "closed"),
        ("POST /any", "p=1", "in ?:1"),
        ("POST /act", "do=login", "closed"),
        ("GET /act?do=login", "", "closed"),
        ("POST /act", "do=Login", "condition-unclear"),
        ("POST /act", "do[]=login", "field-array"),
        ("POST /act", "do=other", "nothing"),
        ("POST /act?do=other", "do=login", "field-twice"),
    ] {
        let head = format!("{request}\n{URLENCODED}");
        assert_eq!(
            told(&forms, &head, body.as_bytes()),
            expected,
            "{request} {body}"
        );
    }
}
