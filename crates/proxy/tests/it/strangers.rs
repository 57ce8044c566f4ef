//! Streams that nobody wrote: the guard, hyper and the origin must cut each of them into the
//! same requests.
//!
//! The guard reads beside hyper. Wherever the two came to disagree about where a request ends,
//! an origin would hear of one that no check has seen. So thousands of streams are put together
//! from good and bad lines, damaged at random, sent in pieces, and what reaches the origin is
//! compared with what a plain reader finds in the bytes that the guard's machine let pass.
//! Clauses: RFC 9112, 2.2, 6.3, 7.1, 11.2 (request smuggling).
//!
//! The chance is counted, not drawn: a run that fails fails again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use transport::framing::{Limits, Requests, Then};

use crate::support::{HOST, Origin, Setting, World, find, statuses};

/// Numbers that look like chance (xorshift).
struct Lot(u64);

impl Lot {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const FIELDS: [&str; 22] = [
    "X-A: 1",
    "Accept: text/html",
    "Cookie: a=b",
    "Connection: keep-alive",
    "Connection: Content-Length, Transfer-Encoding",
    "TE: trailers",
    "Trailer: X-T",
    "Expect: 100-continue",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "Content-Length: 0",
    "Content-Length: 5",
    "Content-Length : 5",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: Chunked ",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding:\x0bchunked",
    "X-A: 1\r\n Transfer-Encoding: chunked",
    "X-A: \x00",
];

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: www.example.test\r\n\r\n";
const SIGNS: [&[u8]; 14] = [
    b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b";", b",", b"0", b"5", b"\0", b"\x0b", b"\"", b"x",
];

/// A request, good more often than not.
fn request(lot: &mut Lot, number: usize) -> Vec<u8> {
    let method = lot.pick(&["GET", "POST", "PUT", "HEAD"]);
    let version = match lot.below(12) {
        0 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let mut bytes = Vec::new();
    if lot.one_in(20) {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend(format!("{method} /{number} {version}\r\nHost: {HOST}\r\n").bytes());
    let body = match lot.below(4) {
        0 => SMUGGLED.to_owned(),
        1 => String::new(),
        _ => "x".repeat(lot.below(200)),
    };
    let mut chunked = Vec::new();
    match lot.below(3) {
        0 => {}
        1 => bytes.extend(format!("Content-Length: {}\r\n", body.len()).bytes()),
        _ => {
            bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
            for piece in body.as_bytes().chunks(1 + lot.below(60)) {
                let extension = lot.pick(&["", "", "", ";a", ";a=b", ";a=\"\\\"b\"", " ", ";\n"]);
                let size = match lot.below(8) {
                    0 => format!("{:04x}", piece.len()),
                    1 => format!("{:X}", piece.len()),
                    _ => format!("{:x}", piece.len()),
                };
                chunked.extend(format!("{size}{extension}\r\n").bytes());
                chunked.extend_from_slice(piece);
                chunked.extend_from_slice(lot.pick(&["\r\n", "\r\n", "\r\n", "\n"]).as_bytes());
            }
            let trailers =
                lot.pick(&["", "", "X-T: 1\r\n", "Content-Length: 9\r\n", "Host: a\r\n"]);
            chunked.extend(format!("0\r\n{trailers}\r\n").bytes());
        }
    }
    for _ in 0..lot.below(3) {
        // Every second line is harmless, or few streams would come far.
        let line = if lot.one_in(2) {
            lot.pick(&FIELDS)
        } else {
            FIELDS[lot.below(3)]
        };
        bytes.extend(format!("{line}\r\n").bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if chunked.is_empty() {
        bytes.extend(body.bytes());
    } else {
        bytes.extend(chunked);
    }
    if lot.one_in(6) {
        let at = lot.below(bytes.len());
        match lot.below(3) {
            0 => drop(bytes.remove(at)),
            1 => drop(bytes.splice(at..at, lot.pick(&SIGNS).iter().copied())),
            _ => drop(bytes.splice(at..=at, lot.pick(&SIGNS).iter().copied())),
        }
    }
    bytes
}

/// A request as a plain reader finds it: its line, and its body.
type Found = (String, Vec<u8>);

/// The requests in bytes that have passed the machine, which leaves little to get wrong; the
/// last one may be cut short and is left out then.
///
/// Also how many bytes are left behind the last whole one.
fn read(mut bytes: &[u8]) -> (Vec<Found>, usize) {
    let mut found = Vec::new();
    while let Some(end) = find(bytes, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let head = head.trim_start_matches("\r\n");
        let mut rest = &bytes[end + 4..];
        let fields = head.to_ascii_lowercase();
        let value = |name: &str| {
            let line = fields
                .split("\r\n")
                .find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_matches([' ', '\t']).to_owned())
        };
        let mut body = Vec::new();
        if value("transfer-encoding:").is_some() {
            loop {
                let Some(line) = find(rest, b"\r\n") else {
                    return (found, bytes.len());
                };
                let digits = rest[..line].split(|sign| *sign == b';').next();
                let digits = std::str::from_utf8(digits.expect("a part")).expect("ASCII");
                let size = usize::from_str_radix(digits, 16).expect("a size");
                rest = &rest[line + 2..];
                if size == 0 {
                    break;
                }
                if rest.len() < size + 2 {
                    return (found, bytes.len());
                }
                body.extend_from_slice(&rest[..size]);
                rest = &rest[size + 2..];
            }
            loop {
                let Some(line) = find(rest, b"\r\n") else {
                    return (found, bytes.len());
                };
                rest = &rest[line + 2..];
                if line == 0 {
                    break;
                }
            }
        } else if let Some(length) = value("content-length:") {
            let length: usize = length.parse().expect("a length");
            if rest.len() < length {
                return (found, bytes.len());
            }
            body.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
        let line = head.split("\r\n").next().unwrap_or_default();
        // The version is the gate's own on the other side.
        let line = line.rsplit_once(' ').map_or(line, |(asked, _)| asked);
        found.push((line.to_owned(), body));
        bytes = rest;
    }
    (found, bytes.len())
}

/// What passes of a stream, and whether the rest was refused.
fn passing(bytes: &[u8]) -> (usize, bool) {
    let limits = Limits {
        line: 16 << 10,
        head: 32 << 10,
        fields: 100,
    };
    let mut requests = Requests::new(limits);
    let mut passed = 0;
    loop {
        let scan = requests.scan(&bytes[passed..]);
        passed += scan.pass;
        match scan.then {
            Then::Undecided if passed < bytes.len() => requests.resume(),
            Then::Refuse(_) => return (passed, true),
            _ => return (passed, false),
        }
    }
}

/// An origin that reads as plainly as [`read`] does, and what it was sent.
async fn plain_origin() -> (Origin, Arc<Mutex<Vec<Found>>>) {
    let memory = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&memory);
    let origin = Origin::raw(move |mut stream| {
        let memory = Arc::clone(&memory);
        async move {
            let (mut bytes, mut answered) = (Vec::new(), 0);
            while let Ok(1..) = stream.read_buf(&mut bytes).await {
                let (_, refused) = passing(&bytes);
                assert!(!refused, "sent to the origin: {}", bytes.escape_ascii());
                let (found, _) = read(&bytes);
                for one in found.into_iter().skip(answered) {
                    answered += 1;
                    memory.lock().expect("memory").push(one);
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                }
            }
        }
    });
    (origin.await, seen)
}

/// Sends streams to a gate; how many requests reached its origin, and how many streams did so
/// whole.
async fn send(seed: u64) -> (usize, usize) {
    let (origin, memory) = plain_origin().await;
    let setting = Setting {
        // Each connection that is left in the middle hears its end soon.
        transport: "[transport.deadlines]\nhead = \"1s\"\nbody-idle = \"1s\"",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let mut lot = Lot(seed);
    let (mut reached, mut whole) = (0, 0);
    for turn in 0..STREAMS {
        let count = 1 + lot.below(4);
        let mut bytes: Vec<u8> = (0..count)
            .flat_map(|number| request(&mut lot, turn * 10 + number))
            .collect();
        let (passed, refused) = passing(&bytes);
        let (wanted, left) = read(&bytes[..passed]);
        if !refused && left == 0 && passed == bytes.len() {
            let last = format!("GET /end HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
            bytes.extend(last.bytes());
        }
        let mut stream = world.tls(HOST).await;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let size = (1 + lot.below(bytes.len())).min(rest.len());
            let (piece, left) = rest.split_at(size);
            // The gate may answer and close before it has read everything.
            if stream.write_all(piece).await.is_err() || stream.flush().await.is_err() {
                break;
            }
            rest = left;
            if lot.one_in(4) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        let answers = tokio::time::timeout(Duration::from_secs(10), statuses(&mut stream)).await;
        let answers = answers.unwrap_or_else(|_| {
            panic!("{seed}, {turn}: no end of {}", bytes.escape_ascii());
        });
        let mut seen = std::mem::take(&mut *memory.lock().expect("memory"));
        seen.retain(|(line, _)| line != "GET /end");
        let told = || format!("{seed}, {turn}: {} gave {answers:?}", bytes.escape_ascii());
        assert!(
            seen.len() <= wanted.len(),
            "{}: {seen:?}, {wanted:?}",
            told()
        );
        assert_eq!(seen, wanted[..seen.len()], "{}", told());
        reached += seen.len();
        whole += usize::from(seen.len() == count);
    }
    (reached, whole)
}

#[tokio::test]
async fn what_reaches_the_origin_is_what_a_plain_reader_finds() {
    let mut gates = JoinSet::new();
    for seed in 1..=GATES {
        gates.spawn(send(seed << 32 | 0x9E37_79B9));
    }
    let (mut reached, mut whole) = (0, 0);
    while let Some(sent) = gates.join_next().await {
        let (here, unbroken) = sent.expect("no disagreement");
        reached += here;
        whole += unbroken;
    }
    // Streams that are all refused would prove nothing.
    let streams = STREAMS * usize::try_from(GATES).expect("few");
    assert!(
        reached > streams / 2,
        "{reached} requests reached an origin"
    );
    assert!(whole > streams / 10, "{whole} streams came through whole");
}

/// Streams to each gate, and gates side by side.
const STREAMS: usize = 30;
/// See [`STREAMS`].
const GATES: u64 = 8;
