//! Authorities that suggest, limit, forget or lie, played by a server of the test's own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64ct::{Base64UrlUnpadded, Encoding};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use transport::dev::Authority;

use super::{HOST, desk, hosts, keep, look, new_authority};
use crate::acme::desk::Desk;
use crate::acme::schedule::Step;
use crate::acme::trouble::Trouble;
use crate::acme::work::{Done, attend};

/// A server in the place of an authority, and what it was asked.
struct Place {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Place {
    /// Answers each request with what `answer` makes of its method and path: status line and
    /// fields, without the last empty line, and a body.
    async fn open(
        authority: &Authority,
        answer: impl Fn(&str, &str, SocketAddr) -> (String, String) + Send + Sync + 'static,
    ) -> Self {
        let issued = authority
            .issue(&["127.0.0.1".to_owned()], SystemTime::now())
            .expect("issued");
        let chain = CertificateDer::from_pem_slice(issued.chain.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("PEM");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let (line, body) = read(&mut stream).await;
                    let mut words = line.split(' ');
                    let (method, path) = (words.next(), words.next());
                    let (method, path) = (method.unwrap_or(""), path.unwrap_or(""));
                    log.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((format!("{method} {path}"), body));
                    let (head, body) = answer(method, path, address);
                    let length = body.len();
                    let head = format!(
                        "HTTP/1.1 {head}\r\nReplay-Nonce: bm9uY2U\r\nContent-Length: {length}\r\n\r\n"
                    );
                    let body = if method == "HEAD" {
                        String::new()
                    } else {
                        body
                    };
                    let _ = stream.write_all((head + &body).as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<(String, String)> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    /// What was sent to a path, out of its signed envelope.
    fn sent_to(&self, path: &str) -> Vec<String> {
        let asked = self.asked().into_iter();
        asked
            .filter(|(line, _)| line == &format!("POST {path}"))
            .map(|(_, body)| {
                let envelope: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                let payload = envelope["payload"].as_str().expect("a payload");
                let payload = Base64UrlUnpadded::decode_vec(payload).expect("base64url");
                String::from_utf8(payload).expect("text")
            })
            .collect()
    }
}

/// The request line and the body of one request.
async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> (String, String) {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .next()
                .unwrap_or(0);
            if body.len() >= length {
                let line = head.lines().next().unwrap_or_default();
                return (line.to_owned(), body.to_owned());
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return (String::new(), String::new()),
            Ok(size) => bytes.extend_from_slice(&piece[..size]),
        }
    }
}

/// What an ordinary authority says up to an order; `renewal` adds renewal information.
fn ordinary(path: &str, address: SocketAddr, renewal: bool) -> Option<(String, String)> {
    let at = |path: &str| format!("\"https://{address}{path}\"");
    let renewal = match renewal {
        true => format!(",\"renewalInfo\":{}", at("/renewal")),
        false => String::new(),
    };
    Some(match path {
        "/dir" => (
            "200 OK".to_owned(),
            format!(
                "{{\"newNonce\":{},\"newAccount\":{},\"newOrder\":{},\"revokeCert\":{}{renewal}}}",
                at("/nonce"),
                at("/account"),
                at("/order"),
                at("/revoke"),
            ),
        ),
        "/nonce" => ("200 OK".to_owned(), String::new()),
        "/account" => (
            format!("201 Created\r\nLocation: https://{address}/account/1"),
            "{\"status\":\"valid\"}".to_owned(),
        ),
        _ => return None,
    })
}

fn problem(status: &str, kind: &str) -> (String, String) {
    let body =
        format!("{{\"type\":\"urn:ietf:params:acme:error:{kind}\",\"detail\":\"so be it\"}}");
    (status.to_owned(), body)
}

/// Opens an account, as the first order does.
async fn open_account(desk: &Arc<Desk>) {
    let client = desk.client();
    desk.account(&client).await.expect("an account");
}

#[tokio::test]
async fn a_suggested_window_is_asked_for_kept_and_told_when_it_is_used() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let place = Place::open(&authority, |_, path, address| {
        if path.starts_with("/renewal/") {
            let body = "{\"suggestedWindow\":{\"start\":\"2001-01-01T00:00:00Z\",\"end\":\"2001-01-02T00:00:00Z\"}}";
            // Far longer than an answer is believed.
            return ("200 OK\r\nRetry-After: 99999999".to_owned(), body.to_owned());
        }
        ordinary(path, address, true).unwrap_or_else(|| problem("500 No", "serverInternal"))
    })
    .await;
    let desk = desk(&folder, &authority, place.address);
    open_account(&desk).await;
    keep(&desk, &authority);
    assert_eq!(
        look(&desk).standing.next(None, SystemTime::now()),
        Step::Ask
    );

    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert_eq!(done, Ok(Done::Nothing));
    let asked = place.asked();
    let (line, _) = asked.last().expect("a request");
    let id = line
        .strip_prefix("GET /renewal/")
        .expect("renewal information");
    assert_eq!(id.split('.').count(), 2, "authority and serial: {id}");

    // The window lies in the past, as after a revocation: an order is due, and names what it
    // replaces. It is tried again without that before it fails.
    let advice = look(&desk).standing.advice.expect("kept");
    assert_eq!(advice.good_for, Duration::from_secs(24 * 60 * 60));
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert!(matches!(done, Err(Trouble::NotAcme { .. })), "{done:?}");
    let orders = place.sent_to("/order");
    assert_eq!(orders.len(), 2, "{orders:?}");
    assert!(
        orders[0].contains(&format!("\"replaces\":\"{id}\"")),
        "{orders:?}"
    );
    assert!(!orders[1].contains("replaces"), "{orders:?}");
    assert!(orders[1].contains(HOST), "{orders:?}");
}

#[tokio::test]
async fn an_authority_without_renewal_information_is_asked_once_a_day() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let place = Place::open(&authority, |_, path, address| {
        ordinary(path, address, false).unwrap_or_else(|| problem("404 No", "malformed"))
    })
    .await;
    let desk = desk(&folder, &authority, place.address);
    open_account(&desk).await;
    keep(&desk, &authority);
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert_eq!(done, Ok(Done::Nothing));
    let advice = look(&desk).standing.advice.expect("kept");
    assert_eq!(
        (advice.window, advice.good_for.as_secs()),
        (None, 24 * 60 * 60)
    );
    let step = look(&desk).standing.next(None, SystemTime::now());
    assert!(matches!(step, Step::Wait(_)), "{step:?}");
}

#[tokio::test]
async fn a_limit_is_obeyed_for_as_long_as_the_authority_asks() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let place = Place::open(&authority, |_, path, address| {
        ordinary(path, address, false).unwrap_or_else(|| {
            problem("429 Too Many Requests\r\nRetry-After: 86400", "rateLimited")
        })
    })
    .await;
    let desk = desk(&folder, &authority, place.address);
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    let detail = "so be it".to_owned();
    assert_eq!(done, Err(Trouble::Limited { detail }));
    let last = look(&desk).standing.last.expect("noted");
    assert_eq!((last.failures, last.wait.as_secs()), (1, 86_400));
    // Another process reads the same and leaves the authority alone.
    let asked = place.asked().len();
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert_eq!((done, place.asked().len()), (Ok(Done::Nothing), asked));
}

#[tokio::test]
async fn an_order_is_counted_before_it_begins_and_one_that_cannot_be_is_not_begun() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    // Whoever connects waits for ever: the order is cut short in the middle.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let cut = desk(
        &folder,
        &authority,
        silent.local_addr().expect("an address"),
    );
    let order = tokio::spawn(attend(Arc::clone(&cut), hosts(), false));
    silent.accept().await.expect("asked");
    order.abort();
    assert!(order.await.is_err(), "cut short");
    let left = look(&cut);
    assert_eq!(left.standing.last.expect("noted").failures, 1);
    assert_eq!(left.progress.trouble, Some(Trouble::Interrupted));
    let step = left.standing.next(None, SystemTime::now());
    assert!(matches!(step, Step::Wait(_)), "{step:?}");

    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::open(&authority, |_, path, address| {
        ordinary(path, address, false).unwrap_or_else(|| problem("500 No", "serverInternal"))
    })
    .await;
    let full = desk(&folder, &authority, place.address);
    std::fs::create_dir(full.folder.progress_path(HOST)).expect("a file cannot be there");
    let done = attend(Arc::clone(&full), hosts(), false).await;
    assert!(matches!(done, Err(Trouble::Folder { .. })), "{done:?}");
    assert_eq!(place.asked(), [], "nobody was asked");
}

#[tokio::test]
async fn an_account_that_the_authority_forgot_is_opened_anew_once() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let place = Place::open(&authority, |_, path, address| {
        ordinary(path, address, false)
            .unwrap_or_else(|| problem("400 Bad Request", "accountDoesNotExist"))
    })
    .await;
    let desk = desk(&folder, &authority, place.address);
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert!(matches!(done, Err(Trouble::Refused { .. })), "{done:?}");
    assert_eq!(
        place.sent_to("/account").len(),
        2,
        "one account, then another"
    );
    assert_eq!(place.sent_to("/order").len(), 2);
}

#[tokio::test]
async fn what_does_not_speak_acme_costs_little_and_says_so() {
    type Answer = fn(&str, SocketAddr) -> (String, String);
    // What is answered, and the last request that it leads to.
    let answers: [(&str, Answer, &str); 8] = [
        (
            "a page",
            |_, _| ("200 OK".to_owned(), "<html>".to_owned()),
            "GET /dir",
        ),
        (
            "a fault",
            |_, _| ("503 Busy".to_owned(), "busy".to_owned()),
            "GET /dir",
        ),
        (
            "nothing",
            |_, _| ("200 OK".to_owned(), String::new()),
            "GET /dir",
        ),
        (
            "other JSON",
            |_, _| ("200 OK".to_owned(), "[1]".to_owned()),
            "GET /dir",
        ),
        (
            "a directory of 1 MiB",
            |path, address| {
                let (head, body) = ordinary(path, address, false).expect("known");
                (head, body + &" ".repeat(1 << 20))
            },
            "GET /dir",
        ),
        (
            "addresses in clear",
            |path, address| {
                let (head, body) = ordinary(path, address, false).expect("known");
                (head, body.replace("https:", "http:"))
            },
            "GET /dir",
        ),
        (
            "an order that is a page",
            |path, address| {
                ordinary(path, address, false)
                    .unwrap_or_else(|| ("201 Created".to_owned(), "<html>".to_owned()))
            },
            "POST /order",
        ),
        (
            "a token that names another file",
            |path, address| {
                let order = format!(
                    "{{\"status\":\"pending\",\"authorizations\":[\"https://{address}/proof\"],\"finalize\":\"https://{address}/finalize\"}}"
                );
                let proof = format!(
                    "{{\"status\":\"pending\",\"identifier\":{{\"type\":\"dns\",\"value\":\"{HOST}\"}},\"challenges\":[{{\"type\":\"http-01\",\"url\":\"https://{address}/told\",\"status\":\"pending\",\"token\":\"../../../evil\"}}]}}"
                );
                match path {
                    "/order" => (
                        format!("201 Created\r\nLocation: https://{address}/order/1"),
                        order,
                    ),
                    "/proof" => ("200 OK".to_owned(), proof),
                    path => ordinary(path, address, false)
                        .unwrap_or_else(|| problem("500 No", "serverInternal")),
                }
            },
            "POST /proof",
        ),
    ];
    for (what, answer, last) in answers {
        let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
        let place = Place::open(&authority, move |_, path, address| answer(path, address)).await;
        let desk = desk(&folder, &authority, place.address);
        let done = attend(Arc::clone(&desk), hosts(), false).await;
        assert!(
            matches!(done, Err(Trouble::NotAcme { .. })),
            "{what}: {done:?}"
        );
        let asked = place.asked().last().map(|(line, _)| line.clone());
        assert_eq!(asked.as_deref(), Some(last), "{what}");
        let attempt = look(&desk).standing.last.expect("noted");
        assert!(
            attempt.wait < Duration::from_secs(60),
            "{what}: {attempt:?}"
        );
        assert!(
            desk.folder.challenges(SystemTime::now()).is_empty(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn an_authority_whose_certificate_is_not_the_named_one_is_not_spoken_to() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let place = Place::open(&authority, |_, path, address| {
        ordinary(path, address, false).unwrap_or_else(|| problem("400 No", "malformed"))
    })
    .await;
    let desk = desk(&folder, &new_authority(), place.address);
    let done = attend(Arc::clone(&desk), hosts(), false).await;
    assert!(matches!(done, Err(Trouble::Unreachable { .. })), "{done:?}");
    assert!(place.asked().is_empty());
}
