//! Servers that mean ill, or are broken, or speak what no library speaks any more: a scan ends
//! in time and says what happened.

mod handshake;

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use scan::tls::Version;
use scan::{Address, Area, Options, Roots, Scan, scan};

/// What a test gives each connection after its first bytes were read.
type Answer = fn(&mut TcpStream, &[u8]);

/// A server that answers every connection in one way; its port and how many came.
fn server(answer: Answer) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let mut first = [0; 4096];
                let read = stream.read(&mut first).unwrap_or(0);
                answer(&mut stream, &first[..read]);
            });
        }
    });
    (port, count)
}

/// Short deadlines, so that a server that hangs costs a test little.
fn options() -> Options {
    let mut options = Options::new(Roots::load(None).expect("the system's roots"));
    options.deadline = Duration::from_secs(10);
    options.step = Duration::from_millis(1200);
    options
}

fn look(url: &str) -> Scan {
    let address = Address::parse(url).expect("an address");
    // A deadline of ten seconds, on a machine that has other things to do.
    let began = Instant::now();
    let mut scans = scan(&[address], &options());
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "{:?}",
        began.elapsed()
    );
    scans.remove(0)
}

fn codes(scan: &Scan) -> Vec<&str> {
    let findings = scan.findings.iter();
    findings.map(|finding| finding.kind.code).collect()
}

fn has(scan: &Scan, code: &str) -> bool {
    codes(scan).contains(&code)
}

/// Writes without end, until the other side has had enough.
fn pour(stream: &mut TcpStream, piece: &[u8]) {
    let end = Instant::now() + Duration::from_secs(20);
    let piece = piece.repeat(65_536 / piece.len());
    while Instant::now() < end && stream.write_all(&piece).is_ok() {}
}

fn drip(stream: &mut TcpStream, head: &[u8]) {
    for byte in head.iter().chain(std::iter::repeat(&b'a')).take(200) {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn hostile_answers_end_in_time_with_a_finding() {
    let rows: [(&str, Answer, &str); 13] = [
        (
            "slow bytes",
            |stream, _| drip(stream, b"HTTP/1.1 200 OK\r\nA: "),
            "scan-slow",
        ),
        (
            "silence",
            |_, _| thread::sleep(Duration::from_secs(5)),
            "scan-slow",
        ),
        (
            "a slow body",
            |stream, _| drip(stream, b"HTTP/1.1 200 OK\r\n\r\n"),
            "scan-slow",
        ),
        (
            "an endless head",
            |stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
                pour(
                    stream,
                    b"A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n",
                );
            },
            "scan-too-large",
        ),
        (
            "one giant field",
            |stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nA: ");
                pour(stream, &[b'x'; 4096]);
            },
            "scan-too-large",
        ),
        (
            "a page of a gigabyte",
            |stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1073741824\r\n\r\n");
                pour(stream, &[b'<'; 65536]);
            },
            "scan-too-large",
        ),
        (
            "a page without end",
            |stream, _| {
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<form>");
                pour(stream, b"<input type=password><div>");
            },
            "scan-too-large",
        ),
        (
            "bad chunks",
            |stream, _| {
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc\r\nnot hex\r\n",
                );
            },
            "scan-bad-http",
        ),
        (
            "a chunk of 2^63 bytes",
            |stream, _| {
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7FFFFFFFFFFFFFFF\r\n",
                );
                pour(stream, &[b'x'; 65536]);
            },
            "scan-too-large",
        ),
        (
            "a gzip bomb",
            |stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n\x1f\x8b\x08");
                let _ = stream.write_all(&[0; 60_000]);
            },
            "scan-encoded",
        ),
        (
            "two framings",
            |stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            },
            "scan-bad-http",
        ),
        (
            "no HTTP",
            |stream, _| {
                let _ = stream.write_all(b"220 mail ESMTP\r\n\r\n");
            },
            "scan-bad-http",
        ),
        ("no answer", |_, _| {}, "scan-bad-http"),
    ];
    // Side by side: each is bounded by its own clock.
    let threads: Vec<_> = rows
        .into_iter()
        .map(|(name, answer, code)| {
            thread::spawn(move || {
                let (port, count) = server(answer);
                let scan = look(&format!("http://127.0.0.1:{port}/"));
                assert!(has(&scan, code), "{name}: {code} not in {:?}", codes(&scan));
                assert!(
                    count.load(Ordering::Relaxed) < 40,
                    "{name}: too many connections"
                );
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("every row holds");
    }
}

#[test]
fn redirects_without_end_and_to_strangers_are_not_followed() {
    let (port, count) = server(|stream, bytes| {
        let path = String::from_utf8_lossy(bytes)
            .split(' ')
            .nth(1)
            .unwrap_or("/")
            .to_owned();
        let _ = write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {path}x\r\nContent-Length: 0\r\n\r\n"
        );
    });
    let scan = look(&format!("http://127.0.0.1:{port}/"));
    assert!(has(&scan, "scan-endless-redirect"));
    assert!(scan.from_http.len() <= 8 && count.load(Ordering::Relaxed) < 20);

    let (stranger, visits) = server(|_, _| {});
    assert_eq!(stranger, stranger_port(Some(stranger)));
    let (port, _) = server(|stream, _| {
        let _ = write!(
            stream,
            "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:{}/\r\n\r\n",
            stranger_port(None)
        );
    });
    let scan = look(&format!("http://127.0.0.1:{port}/"));
    assert!(has(&scan, "scan-elsewhere"));
    assert_eq!(
        visits.load(Ordering::Relaxed),
        0,
        "a port that nobody named"
    );

    for location in ["http://[::1/", "javascript:alert(1)", "http://a..b/"] {
        let (port, _) = server(match location {
            "http://[::1/" => |stream, _| {
                drop(stream.write_all(b"HTTP/1.1 301 Moved\r\nLocation: http://[::1/\r\n\r\n"))
            },
            "javascript:alert(1)" => |stream, _| {
                drop(
                    stream
                        .write_all(b"HTTP/1.1 301 Moved\r\nLocation: javascript:alert(1)\r\n\r\n"),
                )
            },
            _ => |stream, _| {
                drop(stream.write_all(b"HTTP/1.1 301 Moved\r\nLocation: http://a..b/\r\n\r\n"))
            },
        });
        assert!(
            has(&look(&format!("http://127.0.0.1:{port}/")), "scan-bad-http"),
            "{location}"
        );
    }
}

/// The port that a redirect leads to, which a plain function cannot hold.
fn stranger_port(port: Option<u16>) -> u16 {
    static PORT: AtomicUsize = AtomicUsize::new(0);
    if let Some(port) = port {
        PORT.store(usize::from(port), Ordering::Relaxed);
    }
    u16::try_from(PORT.load(Ordering::Relaxed)).expect("a port")
}

#[test]
fn what_is_no_tls_ends_the_handshakes_early() {
    let rows: [(&str, Answer, &str); 4] = [
        (
            "garbage",
            |stream, _| pour(stream, &[0x99; 512]),
            "scan-bad-tls",
        ),
        (
            "a record of too many bytes",
            |stream, _| drop(stream.write_all(&[22, 3, 3, 0xff, 0xff])),
            "scan-bad-tls",
        ),
        (
            "a message without end",
            |stream, _| drop(stream.write_all(&[22, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff])),
            "scan-bad-tls",
        ),
        (
            "half a record, then silence",
            |stream, _| {
                let _ = stream.write_all(&[22, 3, 3, 0, 40, 2]);
                thread::sleep(Duration::from_secs(5));
            },
            "scan-slow",
        ),
    ];
    for (name, answer, code) in rows {
        let (port, count) = server(answer);
        let scan = look(&format!("https://127.0.0.1:{port}/"));
        assert!(has(&scan, code), "{name}: {code} not in {:?}", codes(&scan));
        // One for the page; three that told nothing, and then no more.
        let count = count.load(Ordering::Relaxed);
        assert_eq!(count, 1 + 3, "{name}: {count} connections");
    }
}

#[test]
fn a_server_that_takes_every_suite_is_asked_a_bounded_number_of_times() {
    // Takes whatever is offered, for ever: each suite that is left, and each group.
    let (port, count) = server(|stream, hello| {
        // Behind the session number and the length of the list stands the first suite.
        let at = 46 + usize::from(*hello.get(43).unwrap_or(&0));
        let Some(suite) = hello.get(at..at + 2) else {
            return;
        };
        let mut body = vec![2, 0, 0, 38, hello[9], hello[10]];
        body.extend_from_slice(&[7; 32]);
        body.extend_from_slice(&[0, suite[0], suite[1], 0]);
        let mut record = vec![22, 3, 1, 0, body.len() as u8];
        record.extend_from_slice(&body);
        let _ = stream.write_all(&record);
    });
    let scan = look(&format!("https://127.0.0.1:{port}/"));
    assert!(count.load(Ordering::Relaxed) <= 400 + 4, "{count:?}");
    assert!(scan.is_partial && has(&scan, "scan-suite-open"));
}

/// No library of today speaks these two, so the server is written out as their texts have it.
#[test]
fn ssl_2_and_ssl_3_are_found() {
    let (port, _) = server(|stream, hello| {
        if let [0x80, _, 1, 0, 2, ..] = hello {
            // RFC draft-hickman-netscape-ssl, 2.6: no certificate, one suite, a connection number.
            let mut answer = vec![
                0x80,
                11 + 3 + 16,
                4,
                0,
                1,
                0,
                2,
                0,
                0,
                0,
                3,
                0,
                16,
                7,
                0,
                192,
            ];
            answer.extend_from_slice(&[1; 16]);
            let _ = stream.write_all(&answer);
        } else if hello.get(9..11) == Some(&[3, 0]) {
            let mut body = vec![2, 0, 0, 38, 3, 0];
            body.extend_from_slice(&[7; 32]);
            body.extend_from_slice(&[0, 0, 5, 0]);
            let mut record = vec![22, 3, 0, 0, body.len() as u8];
            record.extend_from_slice(&body);
            let _ = stream.write_all(&record);
        } else {
            let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, 70]);
        }
    });
    let scan = look(&format!("https://127.0.0.1:{port}/"));
    let spoken: Vec<Version> = scan
        .tls
        .iter()
        .flat_map(|tls| &tls.spoken)
        .map(|spoken| spoken.version)
        .collect();
    assert_eq!(spoken, [Version::Ssl2, Version::Ssl3]);
    for code in [
        "scan-ssl2",
        "scan-ssl3",
        "scan-tls-obsolete",
        "scan-suite-broken",
    ] {
        assert!(has(&scan, code), "{code}");
    }
}

#[test]
fn a_page_that_was_not_read_is_not_told_as_read() {
    let (port, _) = server(|stream, _| {
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
        );
    });
    let scan = look(&format!("http://127.0.0.1:{port}/"));
    assert!(has(&scan, "scan-encoded"));
    assert_eq!(scan.pages, [""; 0]);
    assert!(!scan.looked.contains(&Area::Pages) && !scan.judges(&scan::kind::PASSWORD_GET));
}

#[test]
fn a_closed_port_is_no_answer() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    assert_eq!(
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .err()
            .map(|error| error.kind()),
        Some(ErrorKind::ConnectionRefused)
    );
    assert!(!look(&format!("https://127.0.0.1:{port}/")).is_answered());
}

/// What is asked for is the page that was named and those that it links to; nothing else.
#[test]
fn no_page_is_asked_for_that_nobody_named() {
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let (port, _) = server(|stream, request| {
        let line = String::from_utf8_lossy(request);
        let line = line.lines().next().unwrap_or_default().to_owned();
        ASKED.lock().expect("no panic").push(line);
        let page = "<a href=/login>Log in</a><a href=/robots.txt>robots</a>";
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
            page.len()
        );
    });
    look(&format!("http://127.0.0.1:{port}/"));
    let mut asked = ASKED.lock().expect("no panic").clone();
    asked.retain(|line| line.starts_with("GET "));
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["GET / HTTP/1.1", "GET /login HTTP/1.1"]);
}
