//! Cookies, which PHP puts among the fields.

use crate::{URLENCODED, forms, told};

#[test]
fn a_cookie_is_no_field() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\npassword = \"pass\"\nidentifier = \"user\"\n\
         success = [{ set-cookie = \"s\" }]\n",
    );
    for (request, cookie, body, expected) in [
        ("GET /", "a=b; c", "", "free"),
        ("GET /", "user=u", "", "free"),
        ("GET /", "user=u; pass=p", "", "field-in-cookie"),
        ("GET /", "user=u\ncookie: pass=p", "", "field-in-cookie"),
        ("GET /", "us%65r=u; pass", "", "field-in-cookie"),
        ("GET /", "user=u; p%61ss=p", "", "field-in-cookie"),
        ("GET /", "user=u; pass[]=p", "", "field-in-cookie"),
        ("GET /?user=u", "pass=p", "", "field-in-cookie"),
        ("GET /?User=u", "pass=p", "", "field-in-cookie"),
        // One cookie alone is no sign-in.
        ("GET /", "pass=p", "", "free"),
        ("GET /?a", "pass=p", "", "free"),
        ("GET /?a", "passe=p", "", "free"),
        ("POST /", "pass=p", "a=b", "nothing"),
        ("POST /", "pass=p", "user=u", "field-in-cookie"),
        ("POST /", "pass=p", "user=u&pass=p", "field-in-cookie"),
        ("POST /", "user=U", "user=u&pass=p", "in u:p"),
        ("POST /", "user=v", "user=u&pass=p", "field-in-cookie"),
        ("POST /", "user=v", "pass=p", "field-in-cookie"),
        ("POST /", "user=v", "a=b", "nothing"),
        ("POST /", "a=b", "user=u&pass=p", "in u:p"),
    ] {
        let head = format!("{request}\n{URLENCODED}\ncookie: {cookie}");
        assert_eq!(
            told(&forms, &head, body.as_bytes()),
            expected,
            "{request} {cookie} {body}"
        );
    }
}

#[test]
fn a_cookie_is_refused_where_it_completes_a_form() {
    for (form, request, expected) in [
        // A page of passwords without accounts.
        ("kind = \"closed\"", "GET /\ncookie: p=x", "field-in-cookie"),
        // Basic fills the other half.
        (
            "kind = \"sign-in\"\nidentifier = \"u\"\nencoding = [\"urlencoded\", \"basic\"]\n\
             success = [{ set-cookie = \"s\" }]",
            "GET /\ncookie: p=x\nauthorization: Basic dTpw",
            "field-in-cookie",
        ),
        // A new password beside any other field of its form.
        ("kind = \"change\"", "GET /\ncookie: p=x", "field-in-cookie"),
        (
            "kind = \"change\"\nconfirm = \"c\"",
            "GET /\ncookie: p=x",
            "free",
        ),
        (
            "kind = \"change\"\nconfirm = \"c\"",
            "GET /?c=x\ncookie: p=x",
            "field-in-cookie",
        ),
        (
            "kind = \"change\"\nconfirm = \"c\"",
            "GET /\ncookie: p=x; c=x",
            "field-in-cookie",
        ),
    ] {
        let forms = forms(&format!(
            "[[site.form]]\npath = \"/*\"\npassword = \"p\"\n{form}\n"
        ));
        assert_eq!(told(&forms, request, b""), expected, "{form} {request}");
    }
}
