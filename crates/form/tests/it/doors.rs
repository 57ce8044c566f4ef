//! `Authorization: Basic`, and doors that are shut.

use crate::{URLENCODED, forms, told};

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
    // A web server that asks before the site does: both are counted.
    let in_front = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"u\"\npassword = \"p\"\n\
         success = [{ set-cookie = \"s\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"v\"\npassword = \"q\"\n\
         success = [{ set-cookie = \"s\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]\n\
         [[site.form]]\nkind = \"change\"\npath = \"/login\"\npassword = \"new\"\n",
    );
    let head = format!("POST /login\n{URLENCODED}\nauthorization: Basic dTpw");
    for (body, expected) in [
        ("u=a&p=b", "in a:b in u:p"),
        ("v=a&q=b", "in a:b in u:p"),
        ("x=a", "in u:p"),
        ("new=n", "in u:p new n"),
        ("u=a&p=b&v=c&q=d", "several-forms"),
    ] {
        assert_eq!(told(&in_front, &head, body.as_bytes()), expected, "{body}");
    }
    // A body that only the head decides on is not read.
    let put = "PUT /dav/x\nauthorization: Basic dTpw";
    assert_eq!(told(&alone, put, &[0; 100_000]), "in u:p");
}

#[test]
fn a_door_opens_to_the_forms_at_its_path_and_to_no_other() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/rpc\"\nencoding = [\"xml-rpc\"]\n\
         when = { methodName = \"a.b\" }\nidentifier = \"0\"\npassword = \"1\"\n\
         success = [{ body = \"<params>\" }]\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/rpc\"\nencoding = [\"xml-rpc\"]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]\n\
         [[site.form]]\nkind = \"change\"\npath = \"/*\"\npassword = \"new\"\n",
    );
    let call = |method: &str| {
        format!(
            "<methodCall><methodName>{method}</methodName><params><param><value>j</value></param>\
             <param><value>x</value></param></params></methodCall>"
        )
    };
    let (xml, basic) = ("content-type: text/xml", "authorization: Basic dTpw");
    for (fields, body, expected) in [
        (xml.to_owned(), call("a.b"), "in j:x"),
        (xml.to_owned(), call("a.c"), "closed"),
        (format!("{xml}\n{basic}"), call("a.b"), "in j:x in u:p"),
        (format!("{xml}\n{basic}"), call("a.c"), "closed"),
        (
            format!("{xml}\n{basic}"),
            call("system.multicall"),
            "xml-rpc-multicall",
        ),
        (format!("{URLENCODED}\n{basic}"), call("a.c"), "closed"),
        (format!("{URLENCODED}\n{basic}"), call("a.b"), "closed"),
        (
            format!("{URLENCODED}\n{basic}"),
            "new=n".to_owned(),
            "closed",
        ),
        (URLENCODED.to_owned(), "new=n".to_owned(), "closed"),
        (basic.to_owned(), String::new(), "closed"),
    ] {
        let found = told(&forms, &format!("POST /rpc\n{fields}"), body.as_bytes());
        assert_eq!(found, expected, "{fields} {body}");
    }
    let elsewhere = format!("POST /any\n{URLENCODED}\n{basic}");
    assert_eq!(told(&forms, &elsewhere, b"new=n"), "in u:p new n");
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

#[test]
fn a_door_shuts_other_names_of_its_page_but_no_form_of_its_own() {
    let forms = forms(
        "[[site.form]]\nkind = \"closed\"\npath = \"/old.php\"\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/login\"\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/api.php\"\n\
         [[site.form]]\nkind = \"sign-in\"\npath = [\"/login.php\", \"/api/*\"]\nidentifier = \"u\"\n\
         password = \"p\"\nsuccess = [{ set-cookie = \"s\" }]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
         success = [{ status = \"200\" }]\n",
    );
    for (request, body, expected) in [
        ("GET /old", "", "closed"),
        ("GET /old/x", "", "closed"),
        ("POST /old/x", "a=b", "closed"),
        ("GET /olds", "", "free"),
        ("GET /login", "", "closed"),
        ("GET /login.php", "", "free"),
        ("POST /login.php", "u=u&p=p", "in u:p"),
        ("POST /login.php", "a=b", "nothing"),
        ("GET //login", "", "closed"),
        ("GET /api/users", "", "free"),
        ("POST /api/users", "u=u&p=p", "in u:p"),
        ("POST /api/users", "a=b", "nothing"),
        ("GET /api", "", "free"),
        ("GET /api.php", "", "closed"),
        ("GET /API.php", "", "closed"),
    ] {
        let head = format!("{request}\n{URLENCODED}");
        assert_eq!(
            told(&forms, &head, body.as_bytes()),
            expected,
            "{request} {body}"
        );
    }
}
