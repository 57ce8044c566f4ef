use std::io::{self, Cursor};

use policy::Language;

use super::*;

/// A server that says one thing, a few bytes at a time, and then ends, or hangs.
struct Server {
    says: Cursor<Vec<u8>>,
    hangs: bool,
}

impl Read for Server {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(700);
        match self.says.read(&mut bytes[..most])? {
            0 if self.hangs => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for Server {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn asked(says: impl Into<Vec<u8>>, hangs: bool) -> Result<Answer, Trouble> {
    let mut server = Server {
        says: Cursor::new(says.into()),
        hangs,
    };
    ask(&mut server, "www.example.fr", "/")
}

#[test]
fn bodies_are_read_by_their_framing() {
    for (says, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "abc"),
        ("HTTP/1.1 200\r\n\r\nabc", "abc"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
            "abc",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nabc",
            "abc",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\nabc", ""),
    ] {
        let answer = asked(says, false).expect(says);
        assert_eq!(
            (answer.body.as_slice(), &answer.troubles[..]),
            (body.as_bytes(), &[][..]),
            "{says}"
        );
    }
}

/// Troubles in English words, or by their name.
fn words(troubles: &[Trouble]) -> Vec<String> {
    let word = |trouble: &Trouble| match trouble {
        Trouble::Malformed(fault) => fault.in_language(Language::En).to_owned(),
        other => format!("{other:?}"),
    };
    troubles.iter().map(word).collect()
}

#[test]
fn fields_keep_their_lines_and_lose_their_case() {
    let answer = asked(
        "HTTP/1.1 302 Found\r\nset-COOKIE: a=1\r\nLocation:  /x \r\nSet-Cookie: b=2\r\n\r\n",
        false,
    );
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.all("set-cookie").collect::<Vec<_>>(),
        [b"a=1", b"b=2"]
    );
    assert_eq!(answer.field("location").as_deref(), Some("/x"));
    assert_eq!(answer.joined("set-cookie").as_deref(), Some("a=1, b=2"));
}

#[test]
fn what_browsers_put_up_with_is_noted_and_read() {
    for (says, why) in [
        (
            "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
            "a line that ends without CR",
        ),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nabc", "a folded field"),
        (
            "HTTP/1.1 200 OK\r\nnonsense\r\n\r\nabc",
            "a field without a colon",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "two framings",
        ),
    ] {
        let answer = asked(says, false).expect(says);
        assert_eq!(words(&answer.troubles), [why], "{says}");
        assert_eq!(answer.body, b"abc", "{says}");
        assert!(answer.is_whole(), "{says}");
    }
}

#[test]
fn faults_that_hide_the_end_are_told() {
    for (says, why) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "a body cut short",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
            "a length that is none",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc",
            "two lengths",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
            "an unknown transfer coding",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "a chunk without a size",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "a chunk that goes on behind its end",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            "a chunk without a size",
        ),
    ] {
        let answer = asked(says, false).expect(says);
        assert_eq!(words(&answer.troubles), [why], "{says}");
        assert!(!answer.is_whole(), "{says}");
    }
}

#[test]
fn what_is_no_answer_is_an_error() {
    let endless = "HTTP/1.1 102 Processing\r\n\r\n".repeat(INTERIM + 1);
    for (says, why) in [
        ("", "Silence(Closed)"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "no status line of HTTP/1"),
        ("HTTP/1.1 2x0 OK\r\n\r\n", "no status"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n", "a head cut short"),
        (&endless, "only interim answers"),
    ] {
        let trouble = asked(says, false).expect_err(says);
        assert_eq!(words(&[trouble]), [why], "{says}");
    }
    assert_eq!(
        asked("HTTP/1.1 200 OK\r\nA: b", true).err(),
        Some(Trouble::Silence(Silence::Slow))
    );
}

#[test]
fn sizes_are_capped_and_nothing_is_unpacked() {
    let head = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(HEAD));
    assert_eq!(asked(head, false).err(), Some(Trouble::TooLarge));

    let many = format!(
        "HTTP/1.1 200 OK\r\n{}\r\nabc",
        "A: b\r\n".repeat(FIELDS + 1)
    );
    assert_eq!(
        asked(many, false).expect("read").troubles,
        [Trouble::TooLarge]
    );

    let large = "x".repeat(BODY + 9);
    for says in [
        format!("HTTP/1.1 200 OK\r\n\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n{large}"),
    ] {
        let answer = asked(says, true).expect("a body");
        assert_eq!(
            (answer.body.len(), &answer.troubles[..]),
            (BODY, &[Trouble::TooLarge][..])
        );
    }
    let packed = asked(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\u{8b}",
        false,
    );
    let packed = packed.expect("an answer");
    assert_eq!(
        (packed.body.len(), &packed.troubles[..]),
        (0, &[Trouble::Encoded][..])
    );
    let slow = asked("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true).expect("an answer");
    assert_eq!(slow.troubles, [Trouble::Silence(Silence::Slow)]);
}
