use bytes::Bytes;
use proptest::prelude::*;

use super::*;

#[path = "../../../../tests/framing/cases.rs"]
mod cases;

const LIMITS: Limits = Limits {
    line: 16 << 10,
    head: 32 << 10,
    fields: 100,
};

/// What a connection comes to: statuses of its requests, the framing's alone, and how many
/// bytes have passed.
fn verdict(pieces: &[&[u8]]) -> (Vec<u16>, usize) {
    let mut requests = Requests::new(LIMITS);
    let (mut held, mut passed) = (Vec::new(), 0);
    let mut refused = None;
    for piece in pieces {
        held.extend_from_slice(piece);
        loop {
            let scan = requests.scan(&held);
            held.drain(..scan.pass);
            passed += scan.pass;
            match scan.then {
                Then::Undecided => requests.resume(),
                Then::Refuse(refusal) => refused = Some(refusal.fault),
                Then::More => {}
            }
            if scan.then != Then::Undecided || held.is_empty() {
                break;
            }
        }
    }
    let mut statuses = vec![200; usize::try_from(requests.messages()).unwrap()];
    statuses.extend(refused.map(Fault::status));
    (statuses, passed)
}

fn expected(case: &cases::Case) -> Vec<u16> {
    let seen = |status: &cases::Status| if status.by_stage { 200 } else { status.code };
    case.statuses.iter().map(seen).collect()
}

#[test]
fn each_row_of_the_corpus_gets_its_status() {
    for case in cases::read(include_str!("../../../../tests/framing/requests.txt")) {
        let (statuses, passed) = verdict(&[&case.bytes]);
        assert_eq!(
            statuses,
            expected(&case),
            "{} ({})",
            case.name,
            case.section
        );
        if statuses.iter().all(|status| *status == 200) {
            assert_eq!(passed, case.bytes.len(), "{}", case.name);
        }
    }
}

#[test]
fn pieces_change_no_verdict() {
    for case in cases::read(include_str!("../../../../tests/framing/requests.txt")) {
        if case.bytes.len() > 1000 {
            continue;
        }
        let single: Vec<&[u8]> = case.bytes.chunks(1).collect();
        let mut ways = vec![single];
        ways.extend((1..case.bytes.len()).map(|at| {
            let (first, second) = case.bytes.split_at(at);
            vec![first, second]
        }));
        for pieces in ways {
            let (mut statuses, _) = verdict(&pieces);
            let first = pieces[0].len();
            let mut wanted = expected(&case);
            // A head that came before its bad body has passed.
            if statuses.len() > wanted.len() {
                wanted.insert(0, 200);
            }
            // The first fault of a prefix may be another one than that of the whole.
            for status in statuses.iter_mut().chain(&mut wanted) {
                *status = if *status == 200 { 200 } else { 400 };
            }
            assert_eq!(statuses, wanted, "{} in pieces, {first} first", case.name);
        }
    }
}

#[test]
fn a_refusal_in_a_body_says_whether_the_head_has_passed() {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let whole = [&head[..], b"zz\r\n"].concat();
    let mut requests = Requests::new(LIMITS);
    let refusal = |in_body| {
        Then::Refuse(Refusal {
            fault: Fault::ChunkSize,
            in_body,
        })
    };
    assert_eq!(requests.scan(&whole), stop(0, refusal(false)));
    assert_eq!(requests.messages(), 0);

    let mut requests = Requests::new(LIMITS);
    assert_eq!(requests.scan(head), stop(head.len(), Then::More));
    assert_eq!(requests.scan(b"zz\r\n"), stop(0, refusal(true)));
    assert_eq!(requests.messages(), 1);
    // There is no way back.
    assert_eq!(requests.scan(b"5\r\nhello\r\n"), stop(0, refusal(true)));
}

#[test]
fn what_follows_an_upgrade_waits_for_a_decision() {
    let upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    let both = [&upgrade[..], b"\x81\x05hello"].concat();
    let mut requests = Requests::new(LIMITS);
    assert_eq!(requests.scan(&both), stop(upgrade.len(), Then::Undecided));
    assert!(requests.is_undecided());
    requests.tunnel();
    assert_eq!(requests.scan(b"\x81\x05hello"), stop(7, Then::More));

    let mut requests = Requests::new(LIMITS);
    requests.scan(&both);
    requests.resume();
    let scan = requests.scan(b"\x81\x05hello");
    assert!(matches!(scan.then, Then::Refuse(_)), "{scan:?}");
    // Over HTTP/1.0 there is no other protocol.
    let old = b"GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    assert_eq!(Requests::new(LIMITS).scan(old), stop(old.len(), Then::More));
}

#[test]
fn limits_are_those_that_are_given() {
    let limits = Limits {
        line: 64,
        head: 128,
        fields: 3,
    };
    let host = "Host: a\r\n";
    for (head, status) in [
        (
            format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(64 - 16)),
            None,
        ),
        (
            format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(64 - 15)),
            Some(414),
        ),
        (format!("GET /{}", "a".repeat(59)), Some(414)),
        (format!("GET /{}", "a".repeat(58)), None),
        (
            format!(
                "GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n",
                "a".repeat(128 - 31)
            ),
            Some(431),
        ),
        (
            format!(
                "GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n",
                "a".repeat(128 - 32)
            ),
            None,
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}X: {}", "a".repeat(128 - 28)),
            Some(431),
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}A: 1\r\nB: 2\r\n\r\n"),
            None,
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}A: 1\r\nB: 2\r\nC: 3\r\n\r\n"),
            Some(431),
        ),
    ] {
        let scan = Requests::new(limits).scan(head.as_bytes());
        let found = match scan.then {
            Then::Refuse(refusal) => Some(refusal.fault.status()),
            _ => None,
        };
        assert_eq!(found, status, "{head:?}");
    }
    let table = policy::transport::Limits::default();
    let of = Limits::of(&table);
    assert_eq!((of.line, of.head, of.fields), (16 << 10, 32 << 10, 100));
}

#[test]
fn answers_of_the_corpus_are_judged() {
    for case in cases::read(include_str!("../../../../tests/framing/answers.txt")) {
        let refused = |pieces: &[&[u8]]| read(pieces, false).is_err();
        let wanted = case.statuses[0].code == 502 && !case.statuses[0].by_stage;
        assert_eq!(refused(&[&case.bytes]), wanted, "{}", case.name);
        if case.bytes.len() < 1000 {
            let single: Vec<&[u8]> = case.bytes.chunks(1).collect();
            assert_eq!(refused(&single), wanted, "{}, byte by byte", case.name);
        }
    }
}

/// What an origin sends, as its reader takes it: the status, the body, and how it ended.
fn read(pieces: &[&[u8]], bodiless: bool) -> Result<Told, Fault> {
    let mut reader = AnswerReader::new(128 << 10, 100, bodiless);
    let mut held = Vec::new();
    let mut told = Told::default();
    let mut body: Option<AnswerBody> = None;
    for piece in pieces {
        held.extend_from_slice(piece);
        while body.is_none() {
            match reader.read(&held)? {
                None => break,
                Some(Answered::Interim(status, size)) => {
                    told.interim.push(status.as_u16());
                    held.drain(..size);
                }
                Some(Answered::Final(head)) => {
                    let bytes = Bytes::copy_from_slice(&held[..head.size]);
                    held.drain(..head.size);
                    let fields = head.fields(&bytes)?;
                    told.persists = head.persists(&fields);
                    told.status = head.status.as_u16();
                    told.fields = fields;
                    body = Some(head.body);
                }
            }
        }
        while let Some(body) = &mut body {
            let piece = body.next(&held)?;
            held.drain(..piece.skip);
            match piece.then {
                Part::Data(size) => told.body.extend(held.drain(..size)),
                Part::More => break,
                Part::Trailers(size) => {
                    let section: Vec<u8> = held.drain(..size).collect();
                    told.trailers = trailers(&Bytes::from(section))?;
                }
                Part::End => {
                    told.is_over = true;
                    break;
                }
            }
        }
    }
    told.rest = held.len();
    Ok(told)
}

/// See [`read`].
#[derive(Debug, Default, PartialEq)]
struct Told {
    interim: Vec<u16>,
    status: u16,
    fields: http::HeaderMap,
    persists: bool,
    body: Vec<u8>,
    trailers: http::HeaderMap,
    is_over: bool,
    /// Bytes that are of no answer.
    rest: usize,
}

#[test]
fn an_answer_is_what_it_says_in_whatever_pieces_it_comes() {
    // What is sent, its body, whether its end is known from it, and whether another may follow.
    const ANSWERS: [(&str, &str, bool, bool); 17] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "hello",
            true,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "",
            true,
            true,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", false, false),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            "hi",
            true,
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi",
            "hi",
            true,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nhi",
            "hi",
            true,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
            "hi",
            true,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n",
            "hello",
            true,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005  \r\nhello\r\n0 ;x\r\n\r\n",
            "hello",
            true,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n",
            "hello",
            true,
            true,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "", true, true),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            "",
            true,
            true,
        ),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", "", true, true),
        (
            "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
            "",
            true,
            true,
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "",
            true,
            false,
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
            "!",
            true,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n!",
            "!",
            true,
            true,
        ),
    ];
    for (sent, body, ends, persists) in ANSWERS {
        let bytes = sent.as_bytes();
        let whole = read(&[bytes], false).expect(sent);
        assert_eq!(whole.body, body.as_bytes(), "{sent:?}");
        assert_eq!(
            (whole.is_over, whole.persists, whole.rest),
            (ends, persists, 0),
            "{sent:?}"
        );
        assert_eq!(
            whole.trailers.len(),
            usize::from(sent.contains("x-sum")),
            "{sent:?}"
        );
        for at in 1..bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(
                read(&[first, second], false).as_ref(),
                Ok(&whole),
                "{sent:?} {at}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single, false).as_ref(), Ok(&whole), "{sent:?}");
        // What nobody asked for is not taken for a part of it.
        if ends {
            let more = [bytes, b"HTTP/1.1"].concat();
            assert_eq!(read(&[&more], false).expect(sent).rest, 8, "{sent:?}");
        }
    }
    // An answer to HEAD has no body, whatever it announces.
    for (sent, ..) in ANSWERS
        .iter()
        .filter(|(sent, ..)| !sent.contains("HTTP/1.1 101"))
    {
        let head = &sent.as_bytes()[..sent.rfind("\r\n\r\n").map_or(0, |at| at + 4)];
        if let Ok(told) = read(&[head], true) {
            assert!(told.is_over && told.body.is_empty(), "{sent:?}");
        }
    }
}

#[test]
fn a_body_whose_framing_is_not_in_order_is_a_fault() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (body, fault) in [
        ("5\nhello\r\n", Fault::ChunkSize),
        ("5\r\nhelloX", Fault::ChunkEnd),
        ("5 x\r\n", Fault::ChunkSize),
        (" 5\r\n", Fault::ChunkSize),
        ("-5\r\n", Fault::ChunkSize),
        ("1000000000000000\r\n", Fault::ChunkSize),
        ("0\r\nA B: c\r\n\r\n", Fault::Name),
        ("0\r\nA: b\n\r\n", Fault::LineEnd),
    ] {
        let bytes = [chunked, body].concat();
        assert_eq!(read(&[bytes.as_bytes()], false), Err(fault), "{body:?}");
    }
    let blanks = [chunked, "5", &" ".repeat(5000), "\r\n"].concat();
    assert_eq!(
        read(&[blanks.as_bytes()], false),
        Err(Fault::ChunkExtension)
    );
    let trailers = [chunked, "0\r\n", &"a: b\r\n".repeat(101), "\r\n"].concat();
    assert_eq!(
        read(&[trailers.as_bytes()], false),
        Err(Fault::TooManyFields)
    );
    let fields = ["HTTP/1.1 200 OK\r\n", &"a: b\r\n".repeat(101), "\r\n"].concat();
    assert_eq!(read(&[fields.as_bytes()], false), Err(Fault::TooManyFields));
}

#[test]
fn each_fault_names_a_clause_and_a_status_of_refusal() {
    for fault in [
        Fault::LineEnd,
        Fault::Trailer,
        Fault::Interim,
        Fault::MethodUnknown,
    ] {
        assert!((400..=505).contains(&fault.status()), "{fault}");
        assert!(!fault.clause().id.is_empty(), "{fault}");
    }
}

proptest! {
    #[test]
    fn an_answer_of_any_bytes_is_read_alike_in_two_pieces(
        start in prop_oneof![Just(""), Just("HTTP/1.1 200 OK\r\n"), Just("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")],
        rest in "([ -~]|\r\n|[0-9a-f]{1,2}\r\n|\r\n\r\n|\n){0,30}",
        cut in 0usize..400,
    ) {
        let bytes = [start, &rest].concat().into_bytes();
        let cut = cut.min(bytes.len());
        let whole = read(&[&bytes], false);
        let parts = read(&[&bytes[..cut], &bytes[cut..]], false);
        // Of two faults, the first piece may have the other one.
        prop_assert_eq!(whole.as_ref().ok(), parts.as_ref().ok());
    }

    #[test]
    fn no_bytes_pass_unaccounted(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..400) {
        let mut requests = Requests::new(LIMITS);
        let cut = cut.min(bytes.len());
        let first = requests.scan(&bytes[..cut]);
        prop_assert!(first.pass <= cut);
        let second = requests.scan(&bytes[first.pass..]);
        prop_assert!(first.pass + second.pass <= bytes.len());
    }
}
