//! The client against a local server that behaves like the real one, and like worse ones.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const DEADLINE: Duration = Duration::from_millis(400);

/// A server that gives every connection the same bytes, and keeps what it was sent.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

/// What a server does after it has read a request.
#[derive(Clone)]
enum Manner {
    Answer(Vec<u8>),
    /// Answers byte after byte, too slowly.
    Drip(Vec<u8>),
    Hang,
}

impl Server {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (count, kept) = (Arc::clone(&asked), Arc::clone(&heads));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (manner, count, kept) = (manner.clone(), Arc::clone(&count), Arc::clone(&kept));
                std::thread::spawn(move || {
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n")
                        && stream.read(&mut byte).is_ok_and(|read| read == 1)
                    {
                        head.push(byte[0]);
                    }
                    count.fetch_add(1, Ordering::SeqCst);
                    kept.lock()
                        .expect("a lock")
                        .push(String::from_utf8_lossy(&head).into_owned());
                    match manner {
                        Manner::Answer(bytes) => {
                            let _ = stream.write_all(&bytes);
                        }
                        Manner::Drip(bytes) => {
                            for byte in bytes {
                                if stream.write_all(&[byte]).is_err() {
                                    return;
                                }
                                std::thread::sleep(Duration::from_millis(20));
                            }
                        }
                        Manner::Hang => std::thread::sleep(DEADLINE * 4),
                    }
                });
            }
        });
        Self {
            address,
            asked,
            heads,
        }
    }

    fn client(&self) -> Client {
        client(&format!("http://{}/range/", self.address))
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn client(url: &str) -> Client {
    Client::new(Settings {
        url: url.to_owned(),
        deadline: DEADLINE,
        trust: Vec::new(),
    })
    .expect("a client")
}

fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The range of `password`, padded as the real service does.
fn padded() -> String {
    let mut rows: Vec<String> = (0..200)
        .map(|n| format!("{n:035X}:{}", if n % 3 == 0 { 7 } else { 0 }))
        .collect();
    rows.push("1E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824".to_owned());
    rows.join("\r\n")
}

#[test]
fn a_range_is_asked_for_once_and_by_five_digits_only() {
    let server = Server::start(Manner::Answer(ok(&padded())));
    let client = server.client();
    let digest = Digest::sha1_of("password");
    assert_eq!(client.look_up(&digest), Ok(true));
    assert_eq!(client.look_up(&digest), Ok(true));
    assert_eq!(server.asked(), 1, "the second answer is kept");
    // The same range, another hash.
    let other = Digest::from_hex("5BAA600000000000000000000000000000000001").expect("a hash");
    assert_eq!(client.look_up(&other), Ok(false), "a row of padding");
    assert_eq!(server.asked(), 1);
    let heads = server.heads.lock().expect("a lock").join("");
    assert!(
        heads.starts_with("GET /range/5BAA6 HTTP/1.1\r\n"),
        "{heads}"
    );
    let lower = heads.to_lowercase();
    assert!(lower.contains("add-padding: true"), "{heads}");
    for secret in ["1e4c9b93", "5baa61", "password"] {
        assert!(!lower.contains(secret), "{heads}");
    }
    // After a day it is asked for again.
    let tomorrow = Instant::now() + FRESH + Duration::from_secs(1);
    assert_eq!(client.look_up_at(&digest, tomorrow), Ok(true));
    assert_eq!(server.asked(), 2);
}

#[test]
fn whatever_is_no_range_is_no_answer() {
    let html = ok("<html><body>Service unavailable</body></html>");
    let cut =
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"
            .to_vec();
    let vast = [
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            range::BYTES + 1
        )
        .into_bytes(),
        b"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n".repeat(range::BYTES / 39 + 1),
    ]
    .concat();
    for (name, manner, down) in [
        ("an error page", Manner::Answer(html), Down::Nonsense),
        ("nothing", Manner::Answer(ok("")), Down::Nonsense),
        ("a cut answer", Manner::Answer(cut), Down::Nonsense),
        (
            "an answer that ends with the connection",
            Manner::Answer(
                b"HTTP/1.1 200 OK\r\n\r\n0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n".to_vec(),
            ),
            Down::Nonsense,
        ),
        (
            "an answer without end",
            Manner::Answer(vast),
            Down::Nonsense,
        ),
        (
            "a refusal",
            Manner::Answer(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n".to_vec()),
            Down::Status(429),
        ),
        (
            "a redirect",
            Manner::Answer(
                b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                    .to_vec(),
            ),
            Down::Status(302),
        ),
        (
            "not HTTP",
            Manner::Answer(b"SSH-2.0-x\r\n".to_vec()),
            Down::Unreachable,
        ),
        ("silence", Manner::Hang, Down::Late),
        ("a slow answer", Manner::Drip(ok(&padded())), Down::Late),
    ] {
        let server = Server::start(manner);
        let begun = Instant::now();
        let answer = server.client().look_up(&Digest::sha1_of("password"));
        assert_eq!(answer, Err(down), "{name}");
        assert!(begun.elapsed() < DEADLINE * 20, "{name}");
    }
}

#[test]
fn a_service_that_keeps_failing_is_left_alone_for_a_while() {
    let server = Server::start(Manner::Answer(ok("no range")));
    let client = server.client();
    let digest = Digest::sha1_of("password");
    for _ in 0..PATIENCE {
        assert_eq!(client.look_up(&digest), Err(Down::Nonsense));
    }
    assert_eq!(client.look_up(&digest), Err(Down::Paused));
    assert_eq!(server.asked(), PATIENCE as usize);
    // Then one look-up tries, and the others wait for what it finds.
    let later = Instant::now() + PAUSE + Duration::from_secs(1);
    assert_eq!(client.look_up_at(&digest, later), Err(Down::Nonsense));
    assert_eq!(client.look_up_at(&digest, later), Err(Down::Paused));
    assert_eq!(server.asked(), PATIENCE as usize + 1);
}

#[test]
fn nobody_there_is_told_at_once() {
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let client = client(&format!("http://{free}/range/"));
    assert_eq!(
        client.look_up(&Digest::sha1_of("a")),
        Err(Down::Unreachable)
    );
    assert_eq!(client.has_leaked(&Digest::sha1_of("a")), None);
}

#[test]
fn an_answer_in_chunks_is_whole_or_none() {
    let row = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:3\r\n";
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (end, answer) in [("0\r\n\r\n", Ok(true)), ("", Err(Down::Nonsense))] {
        let body = format!("{head}{:x}\r\n{row}\r\n{end}", row.len());
        let server = Server::start(Manner::Answer(body.into_bytes()));
        let asked = server.client().look_up(&Digest::sha1_of("password"));
        assert_eq!(asked, answer, "{end:?}");
    }
}

#[test]
fn an_address_without_its_last_slash_asks_the_same_path() {
    let server = Server::start(Manner::Answer(ok(&padded())));
    let client = client(&format!("http://{}/range", server.address));
    assert_eq!(client.look_up(&Digest::sha1_of("password")), Ok(true));
    let heads = server.heads.lock().expect("a lock").join("");
    assert!(heads.starts_with("GET /range/5BAA6 "), "{heads}");
}

#[test]
fn look_ups_on_their_way_are_counted_and_no_more_than_the_ceiling() {
    let server = Server::start(Manner::Hang);
    let client = server.client();
    let crowded = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for n in 0..WAITING * 3 {
            let (client, crowded) = (&client, &crowded);
            scope.spawn(move || {
                let digest = Digest::sha1_of(&n.to_string());
                if client.look_up(&digest) == Err(Down::Crowded) {
                    crowded.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(server.asked() <= WAITING, "{} connections", server.asked());
    assert!(crowded.load(Ordering::SeqCst) >= WAITING);
}

#[test]
fn many_threads_ask_at_once() {
    let server = Server::start(Manner::Answer(ok(&padded())));
    let client = server.client();
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(client.look_up(&Digest::sha1_of("password")), Ok(true)));
        }
    });
}

#[test]
fn addresses_that_may_be_asked() {
    // A system without any authority must not decide this.
    let (_, root) = encrypted("localhost", Vec::new());
    for (url, allowed) in [
        ("https://range.example/range/", true),
        ("https://range.example:8443/", true),
        ("http://127.0.0.1:8080/range/", true),
        ("http://[::1]:8080/range/", true),
        ("http://range.example/range/", false),
        ("https://user:secret@range.example/", false),
        ("https://range.example/?key=1", false),
        ("ftp://range.example/", false),
        ("range.example", false),
        ("", false),
    ] {
        let made = Client::new(Settings {
            url: url.to_owned(),
            deadline: DEADLINE,
            trust: vec![root.clone()],
        });
        assert_eq!(made.is_ok(), allowed, "{url}");
        if let Err(error) = made {
            assert!(error.message(Language::Fr) != error.message(Language::En));
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}

/// A server with a certificate for `name` from an authority of its own, and that authority.
fn encrypted(name: &str, answer: Vec<u8>) -> (SocketAddr, CertificateDer<'static>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut about = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = about.self_signed(&key).expect("an authority");
    let root = authority.der().clone();
    let issuer = rcgen::Issuer::new(about, key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let leaf = rcgen::CertificateParams::new(vec![name.to_owned()])
        .and_then(|leaf| leaf.signed_by(&key, &issuer))
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a server");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (config, answer) = (Arc::clone(&config), answer.clone());
            std::thread::spawn(move || {
                let mut connection = rustls::ServerConnection::new(config).expect("a connection");
                let mut tls = rustls::Stream::new(&mut connection, &mut stream);
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && tls.read(&mut byte).is_ok_and(|n| n == 1) {
                    head.push(byte[0]);
                }
                let _ = tls.write_all(&answer);
            });
        }
    });
    (address, root)
}

#[test]
fn only_a_certificate_that_is_trusted_and_of_the_right_name_is_asked() {
    let digest = Digest::sha1_of("password");
    for (of, trusted, answer) in [
        ("localhost", true, Ok(true)),
        ("localhost", false, Err(Down::Unreachable)),
        ("elsewhere.example", true, Err(Down::Unreachable)),
    ] {
        let (address, root) = encrypted(of, ok(&padded()));
        let client = Client::new(Settings {
            url: format!("https://localhost:{}/range/", address.port()),
            deadline: Duration::from_secs(5),
            // Another authority of the same name, so that no system need have any.
            trust: vec![if trusted {
                root
            } else {
                encrypted(of, Vec::new()).1
            }],
        })
        .expect("a client");
        assert_eq!(client.look_up(&digest), answer, "{of}, trusted: {trusted}");
    }
}
