//! What bodies say, in each encoding.

use crate::{URLENCODED, forms, plain, told};

fn urlencoded(body: &[u8]) -> String {
    told(&plain(), &format!("POST /join\n{URLENCODED}"), body)
}

#[test]
fn urlencoded_bodies() {
    for (body, expected) in [
        ("user=u&pass=p&again=p", "new p +u"),
        (
            "user=u&pass=p&again=p&name=Jean+Dupont",
            "new p +u +Jean Dupont",
        ),
        ("user=u&pass=a%20b%2B%C3%A9", "new a b+é +u"),
        ("user=u", "nothing"),
        ("pass", "new "),
        ("&&pass=p&", "new p"),
        ("pass=p&again=q", "confirmation-differs"),
        ("pass=p&pass=q", "field-twice"),
        ("pass=p&pass=p", "field-twice"),
        ("user=a&user=b&pass=p", "field-twice"),
        ("pass[]=p", "field-array"),
        ("pass[0]=p", "field-array"),
        ("pass=p&user[]=u", "field-array"),
        ("+pass=p", "field-name-unclear"),
        ("PASS=p", "field-name-unclear"),
        ("pass%00x=p", "nul"),
        ("pass=p%00", "nul"),
        ("pass=p&x=%", "bad-percent"),
        ("pass=%zz", "bad-percent"),
        ("pa%7=p", "bad-percent"),
        ("pass=%E9", "bytes-not-text"),
        ("pass=p;user=u", "semicolon"),
        ("pass=p%3Bx", "new p;x"),
        ("pass=0123456789abcdef0123456789ABCDEF", "password-hashed"),
        (
            "pass=0123456789abcdef0123456789ABCDEg",
            "new 0123456789abcdef0123456789ABCDEg",
        ),
    ] {
        assert_eq!(urlencoded(body.as_bytes()), expected, "{body}");
    }
    let many = |count: usize| format!("pass=p{}", "&a=b".repeat(count - 1));
    assert_eq!(urlencoded(many(1000).as_bytes()), "new p");
    assert_eq!(urlencoded(many(1001).as_bytes()), "too-many-fields");
}

#[test]
fn query_and_body_together() {
    for (target, body, expected) in [
        ("/join?a=1", "user=u&pass=p", "new p +u"),
        ("/join?pass=q", "user=u&pass=p", "field-twice"),
        ("/join?user=v", "user=u&pass=p", "field-twice"),
        ("/join?user=v", "pass=p", "field-in-query"),
        ("/join?again=p", "pass=p", "field-in-query"),
        ("/join?pass=q", "user=u", "password-in-query"),
        ("/join?us.er=v", "user=u&pass=p", "new p +u"),
    ] {
        let found = told(
            &plain(),
            &format!("POST {target}\n{URLENCODED}"),
            body.as_bytes(),
        );
        assert_eq!(found, expected, "{target} {body}");
    }
}

#[test]
fn an_empty_change_changes_nothing() {
    let forms = forms(
        "[[site.form]]\nkind = \"change\"\npath = \"/me\"\npassword = \"new\"\nconfirm = \"new2\"\n\
         current = \"old\"\nidentifier = \"auth[user]\"\n",
    );
    for (body, expected) in [
        ("new=&new2=&mail=a", "nothing"),
        ("new=p&new2=p&old=o", "new p was o"),
        ("new=p&auth[user]=u&auth[x]=y", "new p +u"),
        ("new=p&auth[user][]=u", "field-array"),
        ("new=p&auth=u", "field-array"),
        ("new=p&new2=", "confirmation-differs"),
    ] {
        let found = told(&forms, &format!("POST /me\n{URLENCODED}"), body.as_bytes());
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn charsets_of_old_pages() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = \"/a\"\npassword = \"p\"\n\
         charset = \"iso-8859-1\"\n",
    );
    for (body, expected) in [
        ("p=%E9%80", "new é€"),
        ("p=%26%2328450%3B", "new 漢"),
        ("p=%C3%A9", "new Ã©"),
    ] {
        let found = told(&forms, &format!("POST /a\n{URLENCODED}"), body.as_bytes());
        assert_eq!(found, expected, "{body}");
    }
}

fn multipart(body: &str) -> String {
    let head = "POST /join\ncontent-type: multipart/form-data; boundary=XX";
    told(&plain(), head, body.replace('\n', "\r\n").as_bytes())
}

#[test]
fn multipart_bodies() {
    const PASS: &str = "--XX\nContent-Disposition: form-data; name=\"pass\"\n\np\n";
    const USER: &str = "--XX\nContent-Disposition: form-data; name=\"user\"\n\nu\n";
    const FILE: &str = "--XX\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\n\
                        Content-Type: image/png\n\n\u{0}\n\n\n";
    for (body, expected) in [
        (format!("{USER}{PASS}--XX--\n"), "new p +u"),
        (format!("{PASS}--XX--"), "new p"),
        (format!("{FILE}{PASS}--XX--"), "new p"),
        (format!("{PASS}{PASS}--XX--"), "field-twice"),
        (format!("{FILE}--XX--"), "nothing"),
        ("--XX--\n".to_owned(), "nothing"),
        // Around the parts.
        (format!("\n{PASS}--XX--"), "multipart-unclear"),
        (format!("hello\n{PASS}--XX--"), "multipart-unclear"),
        (format!("{PASS}--XX--\nmore"), "multipart-unclear"),
        (PASS.to_owned(), "multipart-unclear"),
        (format!("{PASS}--XX"), "multipart-unclear"),
        (format!("{PASS}--XX-"), "multipart-unclear"),
        (format!("{PASS}--XXY--"), "multipart-unclear"),
        (format!("{PASS}--XX \n{USER}--XX--"), "multipart-unclear"),
        (
            PASS.replace("p\n", "p--XX\n") + "--XX--",
            "multipart-unclear",
        ),
        // Names.
        (
            PASS.replace("\"pass\"", "pass") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("\"pass\"", "'pass'") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("\"pass\"", "\"pa\\ss\"") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("\"pass\"", "\"x\"; name=\"pass\"") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("name=", "name*=") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("name=", "Name=") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("form-data", "attachment") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("\"pass\"", "\" pass\"") + "--XX--",
            "field-name-unclear",
        ),
        (
            PASS.replace("\"pass\"", "\"pass[]\"") + "--XX--",
            "field-array",
        ),
        (
            PASS.replace("\"pass\"", "\"pass\"; filename=\"a\"") + "--XX--",
            "field-is-file",
        ),
        (
            PASS.replace("\"pass\"", "\"pass\"; filename=\"\"") + "--XX--",
            "field-is-file",
        ),
        (
            PASS.replace("\"pass\"", "\"pass\"; filename*=\"a\"") + "--XX--",
            "multipart-unclear",
        ),
        // Fields of a part.
        (
            PASS.replace("\n\n", "\nContent-Transfer-Encoding: base64\n\n") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("\n\n", "\nContent-Transfer-Encoding: binary\n\n") + "--XX--",
            "new p",
        ),
        (
            PASS.replace("\n\n", "\nContent-Type: text/plain\n\n") + "--XX--",
            "new p",
        ),
        (
            PASS.replace("\n\n", "\nContent-Type: text/plain; charset=utf-8\n\n") + "--XX--",
            "new p",
        ),
        (
            PASS.replace("\n\n", "\nContent-Type: text/plain; charset=latin1\n\n") + "--XX--",
            "charset-unexpected",
        ),
        (
            PASS.replace("\n\n", "\nContent-Type: image/png\n\n") + "--XX--",
            "field-not-text",
        ),
        (
            PASS.replace("\n\n", "\nContent-Disposition: form-data; name=\"x\"\n\n") + "--XX--",
            "multipart-unclear",
        ),
        (
            PASS.replace("; name", ";\n name") + "--XX--",
            "multipart-unclear",
        ),
        (PASS.replace("p\n", "p\u{0}\n") + "--XX--", "nul"),
        (PASS.replace("p\n", "\n") + "--XX--", "new "),
    ] {
        assert_eq!(multipart(&body), expected, "{body}");
    }
    // A bare line feed ends nothing.
    let bare = PASS.replace('\n', "\r\n") + "--XX--";
    let head = "POST /join\ncontent-type: multipart/form-data; boundary=XX";
    assert_eq!(told(&plain(), head, bare.as_bytes()), "new p");
    for bare in [
        bare.replacen("\r\n", "\n", 1),
        bare.replace("\r\n--XX--", "\n--XX--"),
    ] {
        assert_eq!(
            told(&plain(), head, bare.as_bytes()),
            "multipart-unclear",
            "{bare:?}"
        );
    }
}

#[test]
fn xml_rpc_bodies() {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/rpc\"\nencoding = [\"xml-rpc\"]\n\
         when = { methodName = \"a.b\" }\nidentifier = \"0\"\npassword = \"1\"\n\
         success = [{ status = \"200\" }]\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/rpc\"\nencoding = [\"xml-rpc\"]\n",
    );
    let call = |method: &str, params: &[&str]| {
        let params: String = params
            .iter()
            .map(|value| format!("<param><value>{value}</value></param>\n"))
            .collect();
        format!(
            "<?xml version=\"1.0\"?>\n<methodCall>\n<methodName>{method}</methodName>\n\
             <params>\n{params}</params></methodCall>\n"
        )
    };
    let good = call("a.b", &["u", "<string>p</string>"]);
    let rows = [
        (good.clone(), "in u:p"),
        (
            call("a.b", &["u", "a&lt;&amp;&#233;&#x20AC;"]),
            "in u:a<&é€",
        ),
        (call("a.b", &["u", "<string/>"]), "in u:"),
        (
            call(
                "a.b",
                &[
                    "u",
                    "p",
                    "<array><data><value><i4>1</i4></value></data></array>",
                ],
            ),
            "in u:p",
        ),
        (
            call(
                "a.b",
                &[
                    "u",
                    "p",
                    "<struct><member><name>n</name><value>v</value></member></struct>",
                ],
            ),
            "in u:p",
        ),
        (call("a.c", &["u", "p"]), "closed"),
        // What IXR would push as a parameter more, or not at all.
        (
            call("a.b", &["u", "<string>p</string><string>q</string>"]),
            "xml-rpc-unclear",
        ),
        (
            call("a.b", &["<int>1</int><int>2</int>", "u", "p"]),
            "xml-rpc-unclear",
        ),
        (
            call(
                "a.b",
                &[
                    "u",
                    "p",
                    "<array><data><value>1</value></data><data></data></array>",
                ],
            ),
            "xml-rpc-unclear",
        ),
        (
            call(
                "a.b",
                &[
                    "u",
                    "p",
                    "<struct><member><name>n</name><value>1</value><value>2</value></member></struct>",
                ],
            ),
            "xml-rpc-unclear",
        ),
        (
            call(
                "a.b",
                &[
                    "u",
                    "p",
                    "<struct><member><value>1</value></member></struct>",
                ],
            ),
            "xml-rpc-unclear",
        ),
        (
            call("a.b", &["u", "p", "<array><string>1</string></array>"]),
            "xml-rpc-unclear",
        ),
        (call("a.b", &["<nil/>", "u", "p"]), "xml-rpc-unclear"),
        (call("a.b", &["<i8>1</i8>", "u", "p"]), "xml-rpc-unclear"),
        (call("a.b", &["u", "p", "<struct/>"]), "in u:p"),
        (
            call("a.b", &["u", "p", &"<array><data><value>".repeat(60)]),
            "xml-rpc-unclear",
        ),
        (call("a.b", &["u"]), "closed"),
        (call("A.b", &["u", "p"]), "condition-unclear"),
        (
            call("system.multicall", &["<array><data></data></array>"]),
            "xml-rpc-multicall",
        ),
        (call("System.MultiCall", &[]), "xml-rpc-multicall"),
        (call(" a.b", &["u", "p"]), "xml-rpc-unclear"),
        (
            call("a.b", &["u", "<base64>cA==</base64>"]),
            "field-not-text",
        ),
        (call("a.b", &["u", "<int>1</int>"]), "field-not-text"),
        (call("a.b", &["u", "<String>p</String>"]), "xml-rpc-unclear"),
        (call("a.b", &["u", " p"]), "xml-rpc-unclear"),
        (
            call("a.b", &["u", "<string>p\n</string>"]),
            "xml-rpc-unclear",
        ),
        (call("a.b", &["u", "<!-- -->p"]), "xml-rpc-unclear"),
        (call("a.b", &["u", "<![CDATA[p]]>"]), "xml-rpc-unclear"),
        (call("a.b", &["u", "&x;"]), "xml-rpc-unclear"),
        (call("a.b", &["u", "&#0;"]), "xml-rpc-unclear"),
        (
            call("a.b", &["u", "<string a='b'>p</string>"]),
            "xml-rpc-unclear",
        ),
        (
            call("a.b", &["u", "<array><data></array></data>"]),
            "xml-rpc-unclear",
        ),
        (
            good.replace("<methodCall>", "<!DOCTYPE a><methodCall>"),
            "xml-rpc-unclear",
        ),
        (
            good.replace("\"1.0\"", "\"1.0\" encoding=\"utf-16\""),
            "xml-rpc-unclear",
        ),
        (
            good.replace("\"1.0\"", "\"1.0\" encoding=\"UTF-8\""),
            "in u:p",
        ),
        (
            good.replace("</methodCall>", "</methodCall><a/>"),
            "xml-rpc-unclear",
        ),
        (good.replace("</params>", ""), "xml-rpc-unclear"),
        (format!("\u{feff}{good}"), "xml-rpc-unclear"),
    ];
    for (body, expected) in rows {
        let found = told(&forms, "POST /rpc\ncontent-type: text/xml", body.as_bytes());
        assert_eq!(found, expected, "{body}");
    }
    assert_eq!(told(&forms, "GET /rpc", b""), "closed");
    assert_eq!(
        told(
            &forms,
            "POST /rpc\ncontent-type: text/plain",
            good.as_bytes()
        ),
        "type-unexpected"
    );
}
