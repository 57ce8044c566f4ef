use super::*;

fn texts(dump: &str, kind: Kind, column: Option<&str>) -> Vec<Option<String>> {
    let mut dump = Dump::open(dump.as_bytes(), kind, column).expect("a dump");
    let mut texts = Vec::new();
    while let Some(text) = dump.next().expect("readable") {
        texts.push(text.map(|text| String::from_utf8(text.into_owned()).expect("UTF-8")));
    }
    texts
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn each_kind_gives_its_stored_texts() {
    for (kind, column, dump, expected) in [
        (
            Kind::Lines,
            None,
            "abc\r\n\n def \n",
            vec![some("abc"), None, some("def")],
        ),
        (
            Kind::Passwd,
            None,
            "# comment\nana:$1$x:1000:\nbob::0\ncyd:{SHA}y\n",
            vec![some("$1$x"), None, some("{SHA}y")],
        ),
        (
            Kind::Table,
            None,
            "id;Mot_de_passe;note\n1;abc;\"two\nlines\"\n2;\"\";x\n3\n",
            vec![some("abc"), None, None],
        ),
        (
            Kind::Table,
            Some("3"),
            "a,b,c\n1,2,\"x,y\"\n",
            vec![some("x,y")],
        ),
        (
            Kind::JsonLines,
            None,
            "{\"id\":1,\"password_hash\":\"abc\"}\n{\"password_hash\":null}\nnot json\n",
            vec![some("abc"), None],
        ),
        (
            Kind::JsonLines,
            Some("password"),
            "{\"password\":123456}\n{\"password\":-1.5}\n{\"password\":true}\n{\"id\":1}\n",
            vec![some("123456"), some("-1.5"), some("true"), None],
        ),
        // A column alone has no separator, and what stands in it may hold one.
        (
            Kind::Table,
            None,
            "password\n$argon2id$v=19$m=19456,t=2,p=1$a$b\n\"abc\"\n",
            vec![some("$argon2id$v=19$m=19456,t=2,p=1$a$b"), some("abc")],
        ),
        // A first record without names is a record.
        (
            Kind::Table,
            Some("2"),
            "1,Soleil2024!,x@example.fr\n2,abc,y@example.fr\n",
            vec![some("Soleil2024!"), some("abc")],
        ),
        (
            Kind::Table,
            Some("2"),
            "ana,ad33843ec7f0f7a4ba46bed3b1e0f9ef\nbob,abc\n",
            vec![some("ad33843ec7f0f7a4ba46bed3b1e0f9ef"), some("abc")],
        ),
        (
            Kind::Table,
            Some("2"),
            "e-mail (pro),hash\nx@example.fr,abc\n",
            vec![some("abc")],
        ),
        (
            Kind::Ldif,
            None,
            "version: 1\ndn: uid=ana\nuserPassword:: e1NTSEF9YW\n Jj\n\ndn: uid=bob\nuserpassword;x: {SHA}z\n",
            vec![some("{SSHA}abc"), some("{SHA}z")],
        ),
    ] {
        assert_eq!(texts(dump, kind, column), expected, "{kind:?}");
    }
}

#[test]
fn what_cannot_be_read_is_counted() {
    for (kind, column, text, read, unreadable) in [
        (
            Kind::JsonLines,
            Some("hash"),
            "{\"hash\":\"abc\"}\nnot json\n{\"hash\":{\"v\":1}}\n{\"hash\":[1]}\n{\"hash\":\"x\"} y\n{\"hash\":\"cut",
            1,
            5,
        ),
        (
            Kind::Ldif,
            None,
            "userPassword:: %%%\nuserPassword:< file:elsewhere\nuserPassword: {SHA}z\n",
            1,
            2,
        ),
    ] {
        let mut dump = Dump::open(text.as_bytes(), kind, column).expect("a dump");
        let mut count = 0;
        while dump.next().expect("readable").is_some() {
            count += 1;
        }
        assert_eq!((count, dump.unreadable), (read, unreadable), "{kind:?}");
    }
}

#[test]
fn a_column_makes_a_table() {
    for (head, kind) in [
        ("id,secret\n1,abc\n", Kind::Table),
        ("secret\nabc\n", Kind::Table),
        ("ana:abc\nbob:def\n", Kind::Table),
        ("{\"secret\":\"a\"}\n", Kind::JsonLines),
        ("dn: uid=ana\n", Kind::Ldif),
    ] {
        assert_eq!(Kind::of(head.as_bytes(), true), kind, "{head}");
    }
    for kind in [Kind::Lines, Kind::Passwd, Kind::Ldif] {
        let opened = Dump::open(&b"abc\n"[..], kind, Some("hash"));
        assert!(matches!(opened, Err(DumpError::NoColumns)), "{kind:?}");
    }
}

#[test]
fn a_kind_is_known_by_the_first_lines() {
    for (head, kind) in [
        ("6d33843ec7f0f7a4ba46bed3b1e0f9ef\nabc\n", Kind::Lines),
        ("$argon2id$v=19$m=19456,t=2,p=1$a$b\n", Kind::Lines),
        ("pbkdf2:sha256:1000$a$b\n", Kind::Lines),
        ("{SSHA}abc\n{SSHA}def\n", Kind::Lines),
        ("ana:$apr1$x$y\nbob:$2y$10$z\n", Kind::Passwd),
        ("root:x:0:0:root:/root:/bin/bash\n", Kind::Passwd),
        ("id,email,password\n1,a@b.fr,abc\n", Kind::Table),
        ("password\nabc\n", Kind::Table),
        ("\u{feff}id\thash\n1\tabc\n", Kind::Table),
        ("{\"hash\":\"a\"}\n", Kind::JsonLines),
        ("dn: uid=ana\nuserPassword:: abc\n", Kind::Ldif),
        ("# extended LDIF\n#\ndn: uid=ana\n", Kind::Ldif),
        ("", Kind::Lines),
    ] {
        assert_eq!(Kind::of(head.as_bytes(), false), kind, "{head}");
    }
}

#[test]
fn a_column_that_is_not_there_is_told_with_those_that_are() {
    let Err(DumpError::Column(names)) = Dump::open(&b"id,note\n1,x\n"[..], Kind::Table, None)
    else {
        panic!("a column was found");
    };
    assert_eq!(names, ["id", "note"]);
    assert!(matches!(
        Dump::open(&b"{\"id\":1}\n"[..], Kind::JsonLines, None),
        Err(DumpError::Member)
    ));
}

#[test]
fn a_line_without_end_is_an_error_and_not_all_of_memory() {
    let dump = vec![b'x'; LONGEST + 10];
    for kind in [Kind::Lines, Kind::Passwd, Kind::JsonLines, Kind::Ldif] {
        let column = (kind == Kind::JsonLines).then_some("hash");
        let mut dump = Dump::open(&dump[..], kind, column).expect("opened");
        assert!(dump.next().is_err(), "{kind:?}");
    }
}
