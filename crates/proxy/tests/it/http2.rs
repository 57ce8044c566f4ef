//! What HTTP/2 refuses by its own rules: one row per rule, by hand-written frames.

use tokio::io::AsyncWriteExt;

use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, End, HEADERS, SETTINGS, WINDOW_UPDATE, block,
    end_of, frame, get, hello,
};
use crate::support::{HOST, Origin, World};

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const FRAME_SIZE_ERROR: u32 = 6;

/// A GET with further fields behind its pseudo-fields.
fn with(fields: &[(&'static [u8], &'static [u8])]) -> Vec<u8> {
    let all = [&get(HOST, "/")[..], fields].concat();
    frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&all))
}

/// A request of these fields alone.
fn only(fields: &[(&'static [u8], &'static [u8])]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields))
}

/// A POST that promises `length` and sends `body`.
fn post(length: &'static [u8], body: &[u8]) -> Vec<u8> {
    let mut fields = get(HOST, "/");
    fields[0].1 = b"POST";
    fields.push((b"content-length", length));
    let mut bytes = frame(HEADERS, END_HEADERS, 1, &block(&fields));
    bytes.extend(frame(DATA, END_STREAM, 1, body));
    bytes
}

const METHOD: (&[u8], &[u8]) = (b":method", b"GET");
const SCHEME: (&[u8], &[u8]) = (b":scheme", b"https");
const AUTHORITY: (&[u8], &[u8]) = (b":authority", HOST.as_bytes());
const PATH: (&[u8], &[u8]) = (b":path", b"/");

#[tokio::test]
async fn each_rule_refuses_before_the_origin_hears_of_it() {
    // Where RFC 9113 names a code of its own for a field block that cannot be read, for
    // settings of a wrong size and for data behind the end, the codec says PROTOCOL_ERROR; and
    // it closes the whole connection for what it cannot decode. Nothing is let through.
    let malformed = || End::Reset(PROTOCOL_ERROR);
    let broken = End::GoAway;
    let rows: Vec<(&str, Vec<u8>, End)> = vec![
        (
            "9113 8.2.1 a name in capitals",
            with(&[(b"X-A", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 a space in a name",
            with(&[(b"x a", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 a colon in a name",
            with(&[(b"x:a", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 an empty name",
            with(&[(b"", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 NUL in a name",
            with(&[(b"x\0a", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 CR LF in a name",
            with(&[(b"x\r\na", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 a name of latin letters",
            with(&[(b"x-\xEB", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 CR LF in a value",
            with(&[(b"x-a", b"1\r\nx-b: 2")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 LF in a value",
            with(&[(b"x-a", b"1\n")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 NUL in a value",
            with(&[(b"x-a", b"1\0")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.1 a request in a value",
            with(&[(b"x-a", b"1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.2.2 transfer-encoding",
            with(&[(b"transfer-encoding", b"chunked")]),
            malformed(),
        ),
        (
            "9113 8.2.2 connection",
            with(&[(b"connection", b"close")]),
            malformed(),
        ),
        (
            "9113 8.2.2 keep-alive",
            with(&[(b"keep-alive", b"1")]),
            malformed(),
        ),
        (
            "9113 8.2.2 proxy-connection",
            with(&[(b"proxy-connection", b"close")]),
            malformed(),
        ),
        (
            "9113 8.2.2 upgrade",
            with(&[(b"upgrade", b"h2c")]),
            malformed(),
        ),
        ("9113 8.2.2 te", with(&[(b"te", b"gzip")]), malformed()),
        (
            "9113 8.2.2 te: trailers",
            with(&[(b"te", b"trailers")]),
            End::Answer(200),
        ),
        (
            "9113 8.3 a pseudo-field behind a field",
            only(&[METHOD, SCHEME, AUTHORITY, (b"x-a", b"1"), PATH]),
            malformed(),
        ),
        (
            "9113 8.3 an unknown pseudo-field",
            only(&[METHOD, SCHEME, AUTHORITY, PATH, (b":x", b"1")]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.3 a pseudo-field of answers",
            only(&[METHOD, SCHEME, AUTHORITY, PATH, (b":status", b"200")]),
            malformed(),
        ),
        (
            "9113 8.3 a path twice",
            only(&[METHOD, SCHEME, AUTHORITY, PATH, PATH]),
            malformed(),
        ),
        (
            "9113 8.3 an authority twice",
            only(&[METHOD, SCHEME, AUTHORITY, AUTHORITY, PATH]),
            malformed(),
        ),
        (
            "9113 8.3 a method twice",
            only(&[METHOD, METHOD, SCHEME, AUTHORITY, PATH]),
            malformed(),
        ),
        (
            "9113 8.3.1 no method",
            only(&[SCHEME, AUTHORITY, PATH]),
            malformed(),
        ),
        (
            "9113 8.3.1 no scheme",
            only(&[METHOD, AUTHORITY, PATH]),
            malformed(),
        ),
        (
            "9113 8.3.1 no path",
            only(&[METHOD, SCHEME, AUTHORITY]),
            malformed(),
        ),
        (
            "9113 8.3.1 an empty path",
            only(&[METHOD, SCHEME, AUTHORITY, (b":path", b"")]),
            malformed(),
        ),
        (
            "9113 8.3.1 CR LF in a path",
            only(&[METHOD, SCHEME, AUTHORITY, (b":path", b"/ HTTP/1.1\r\nx: y")]),
            malformed(),
        ),
        (
            "9113 8.3.1 a space in a path",
            only(&[METHOD, SCHEME, AUTHORITY, (b":path", b"/a b")]),
            malformed(),
        ),
        (
            "9113 8.3.1 CR LF in an authority",
            only(&[METHOD, SCHEME, (b":authority", b"a\r\nx: y"), PATH]),
            malformed(),
        ),
        (
            "9113 8.3.1 a space in a method",
            only(&[(b":method", b"GET /smuggled"), SCHEME, AUTHORITY, PATH]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 8.3.1 user information",
            only(&[METHOD, SCHEME, (b":authority", b"a@www.example.test"), PATH]),
            End::Answer(400),
        ),
        (
            "9113 8.3.1 another host",
            with(&[(b"host", b"other.test")]),
            End::Answer(400),
        ),
        (
            "9113 8.3.1 host twice",
            with(&[(b"host", HOST.as_bytes()), (b"host", HOST.as_bytes())]),
            End::Answer(400),
        ),
        (
            "9113 8.3.1 the same host",
            with(&[(b"host", HOST.as_bytes())]),
            End::Answer(200),
        ),
        (
            "9113 8.3.1 host alone",
            only(&[METHOD, SCHEME, PATH, (b"host", HOST.as_bytes())]),
            End::Answer(200),
        ),
        (
            "9110 3.2 no host at all",
            only(&[METHOD, SCHEME, PATH]),
            End::Answer(400),
        ),
        (
            "9113 8.5 CONNECT",
            only(&[
                (b":method", b"CONNECT"),
                (b":authority", b"www.example.test:443"),
            ]),
            End::Answer(405),
        ),
        (
            "9110 9.3.8 TRACE",
            only(&[(b":method", b"TRACE"), SCHEME, AUTHORITY, PATH]),
            End::Answer(405),
        ),
        (
            "8441 4 extended CONNECT",
            only(&[
                (b":method", b"CONNECT"),
                SCHEME,
                AUTHORITY,
                PATH,
                (b":protocol", b"websocket"),
            ]),
            malformed(),
        ),
        (
            "3875 4.1.18 an underscore",
            with(&[(b"content_length", b"5")]),
            End::Answer(400),
        ),
        (
            "9113 8.1.1 more than the length",
            post(b"3", b"hello"),
            malformed(),
        ),
        (
            "9113 8.1.1 less than the length",
            post(b"9", b"hello"),
            malformed(),
        ),
        (
            "9113 8.1.1 a length with a sign",
            post(b"+5", b"hello"),
            malformed(),
        ),
        (
            "9113 8.1.1 a length that is none",
            post(b"abc", b"hello"),
            malformed(),
        ),
        (
            "9113 8.1.1 the length",
            post(b"5", b"hello"),
            End::Answer(200),
        ),
        (
            "9110 8.6 the length, written in another way",
            post(b"005", b"hello"),
            End::Answer(200),
        ),
        (
            "9113 5.1.1 an even stream",
            frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                2,
                &block(&get(HOST, "/")),
            ),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 6.1 data without a stream",
            frame(DATA, 0, 1, b"x"),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 6.10 a continuation of nothing",
            frame(CONTINUATION, END_HEADERS, 1, &[]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 4.3 a block that is none",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xFF; 40]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 6.5 settings of five bytes",
            frame(SETTINGS, 0, 0, &[0; 5]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 4.2 a frame over the limit",
            frame(DATA, 0, 1, &vec![0; 20_000]),
            broken(FRAME_SIZE_ERROR),
        ),
        (
            "9113 6.9 a window of nothing",
            frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
            broken(PROTOCOL_ERROR),
        ),
        (
            "9113 6.9.1 a window over the limit",
            frame(WINDOW_UPDATE, 0, 0, &[0x7F, 0xFF, 0xFF, 0xFF]),
            broken(FLOW_CONTROL_ERROR),
        ),
        (
            "9113 5.1 a request behind its end",
            [with(&[]), frame(DATA, END_STREAM, 1, b"x")].concat(),
            broken(PROTOCOL_ERROR),
        ),
    ];
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut before = 0;
    let mut wrong = Vec::new();
    for (row, bytes, wanted) in rows {
        let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
        hello(&mut stream).await;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        let found = end_of(&mut stream, 1).await;
        let reached = origin.seen().len() - before;
        before += reached;
        if found != wanted {
            wrong.push(format!("{row}: {found:?} for {wanted:?}"));
        }
        if wanted != End::Answer(200) && !row.starts_with("9113 5.1 ") && reached > 0 {
            wrong.push(format!("{row}: {:?}", origin.seen().last()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.get("/200").await.status, 200);
}
