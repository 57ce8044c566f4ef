//! Origins that speak HTTP/2, in clear and inside TLS.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Version, request};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use transport::dev::Authority;

use crate::support::{Answer, HOST, PATIENCE, Setting, World, find};

type Body = BoxBody<Bytes, Infallible>;

/// What an origin was sent.
struct Seen {
    head: request::Parts,
    body: Bytes,
    trailers: Option<HeaderMap>,
}

/// An origin that counts its connections and remembers.
struct Multi {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Multi {
    /// Answers with what `answer` makes of a request, on connections of so many streams; in
    /// TLS when there is an acceptor, with what the handshake has chosen.
    async fn start<F: Future<Output = Response<Body>> + Send + 'static>(
        tls: Option<TlsAcceptor>,
        streams: u32,
        answer: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (count, memory, answer) = (
            Arc::clone(&connections),
            Arc::clone(&seen),
            Arc::new(answer),
        );
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (memory, answer) = (Arc::clone(&memory), Arc::clone(&answer));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (memory, answer) = (Arc::clone(&memory), Arc::clone(&answer));
                    async move {
                        let (head, body) = request.into_parts();
                        let path = head.uri.path().to_owned();
                        let (trailers, body) = match body.collect().await {
                            Ok(body) => (body.trailers().cloned(), body.to_bytes()),
                            Err(_) => (None, Bytes::new()),
                        };
                        memory.lock().expect("memory").push(Seen {
                            head,
                            body,
                            trailers,
                        });
                        Ok::<_, Infallible>(answer(path).await)
                    }
                });
                let tls = tls.clone();
                tokio::spawn(async move {
                    let mut builder = http2::Builder::new(TokioExecutor::new());
                    builder.max_concurrent_streams(streams);
                    let Some(tls) = tls else {
                        let _ = builder
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                        return;
                    };
                    let Ok(stream) = tls.accept(stream).await else {
                        return;
                    };
                    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    let io = TokioIo::new(stream);
                    if is_h2 {
                        let _ = builder.serve_connection(io, service).await;
                    } else {
                        let _ = http1::Builder::new().serve_connection(io, service).await;
                    }
                });
            }
        });
        Self {
            address,
            connections,
            seen,
        }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    fn only(&self) -> Seen {
        let mut seen = self.seen.lock().expect("memory");
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }
}

fn full(text: &'static str) -> Response<Body> {
    Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed())
}

/// A gate before an origin, whose address begins like this.
async fn before(scheme: &str, origin: SocketAddr, site: &str) -> World {
    let setting = Setting {
        upstreams: vec![format!("{scheme}://{origin}")],
        site: site.to_owned(),
        ..Setting::default()
    };
    World::with(origin, setting).await
}

#[tokio::test]
async fn a_request_in_http_2_says_the_same() {
    let origin = Multi::start(None, 100, |_| async { full("ok") }).await;
    let world = before("h2c", origin.address, "").await;
    let answer = world
        .ask(&format!(
            "POST /a%2Fb?c=%20 HTTP/1.1\r\nHost: {HOST}\r\nCookie: a=b; c=d\r\nTE: trailers\r\n\
             Transfer-Encoding: chunked\r\nX-One: 1\r\n\r\n4\r\nbody\r\n0\r\nx-checksum: 7\r\n\r\n"
        ))
        .await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let Seen {
        head,
        body,
        trailers,
    } = origin.only();
    assert_eq!(head.version, Version::HTTP_2);
    assert_eq!(head.method, "POST");
    assert_eq!(head.uri.to_string(), format!("http://{HOST}/a%2Fb?c=%20"));
    assert_eq!(head.headers["cookie"], "a=b; c=d");
    assert_eq!(head.headers["x-one"], "1");
    assert_eq!(head.headers["te"], "trailers");
    for name in ["host", "connection", "transfer-encoding", "upgrade"] {
        assert!(!head.headers.contains_key(name), "{name}");
    }
    assert_eq!(&body[..], b"body");
    let trailers = trailers.expect("trailers");
    assert_eq!(trailers["x-checksum"], "7");
}

#[tokio::test]
async fn exchanges_share_a_connection_up_to_what_the_origin_allows() {
    for (streams, least, most) in [(100, 1, 1), (8, 2, 6), (1, 2, 41)] {
        let origin = Multi::start(None, streams, |_| async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            full("ok")
        })
        .await;
        let world = Arc::new(before("h2c", origin.address, "").await);
        assert_eq!(world.get("/").await.status, 200);
        let clients: Vec<_> = (0..40)
            .map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { world.get("/").await.status })
            })
            .collect();
        for client in clients {
            assert_eq!(client.await.expect("a client"), 200);
        }
        let connections = origin.connections();
        assert!(
            (least..=most).contains(&connections),
            "{connections} of {streams} streams"
        );
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_back_nobody_else() {
    let origin = Multi::start(None, 100, |path| async move {
        if path != "/large" {
            return full("small");
        }
        let piece = Bytes::from(vec![b'a'; 64 * 1024]);
        Response::new(Full::new(Bytes::from(piece.repeat(512))).boxed())
    })
    .await;
    let world = before("h2c", origin.address, "").await;
    let mut stuck = Vec::new();
    for _ in 0..20 {
        let mut stream = world.tls(HOST).await;
        let request = format!("GET /large HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stuck.push(stream);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..10 {
        let answer = tokio::time::timeout(PATIENCE, world.get("/small")).await;
        assert_eq!(answer.expect("in time").text(), "small");
    }
    assert_eq!(origin.connections(), 1);
    let mut last = stuck.pop().expect("one of them");
    let answer = Answer::read(&mut last).await;
    assert_eq!((answer.body.len(), answer.complete), (32 << 20, true));
}

#[tokio::test]
async fn pieces_and_trailers_pass_as_they_come() {
    let origin = Multi::start(None, 100, |_| async {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            let _ = sender.send(Frame::data(Bytes::from_static(b"first"))).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = sender.send(Frame::data(Bytes::from_static(b"last"))).await;
            let mut trailers = HeaderMap::new();
            trailers.insert("x-checksum", HeaderValue::from_static("7"));
            trailers.insert("content-length", HeaderValue::from_static("7"));
            let _ = sender.send(Frame::trailers(trailers)).await;
        });
        let frames = Frames(receiver);
        let mut response = Response::new(BodyExt::boxed(frames));
        let trailer = HeaderValue::from_static("x-checksum");
        response.headers_mut().insert("trailer", trailer);
        response
    })
    .await;
    let world = before("h2c", origin.address, "").await;
    let mut stream = world.tls(HOST).await;
    let request =
        format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nTE: trailers\r\nConnection: close, te\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    while find(&bytes, b"first").is_none() {
        let mut piece = [0; 1024];
        let size = stream.read(&mut piece).await.expect("read");
        assert_ne!(size, 0);
        bytes.extend_from_slice(&piece[..size]);
    }
    assert!(find(&bytes, b"last").is_none());
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    assert!(text.contains("last"), "{text}");
    assert!(text.ends_with("0\r\nx-checksum: 7\r\n\r\n"), "{text}");
}

/// A body whose frames come from elsewhere.
struct Frames(tokio::sync::mpsc::Receiver<Frame<Bytes>>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_promised_is_an_aborted_stream() {
    let origin = Multi::start(None, 100, |path| async move {
        let length = if path == "/more" { "2" } else { "9" };
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            let _ = sender.send(Frame::data(Bytes::from_static(b"half"))).await;
        });
        let mut response = Response::new(BodyExt::boxed(Frames(receiver)));
        let length = HeaderValue::from_static(length);
        response.headers_mut().insert("content-length", length);
        response
    })
    .await;
    let world = before("h2c", origin.address, "").await;
    for path in ["/less", "/more"] {
        let answer = world.get(path).await;
        assert!(
            answer.status == 502 || !answer.complete,
            "{path}: {answer:?}"
        );
    }
}

/// TLS for a name, by an authority of its own; its certificate lies in the folder.
fn acceptor(folder: &std::path::Path, name: &str, alpn: &[&[u8]]) -> TlsAcceptor {
    let now = std::time::SystemTime::now();
    let authority = Authority::new(now).expect("an authority");
    std::fs::write(folder.join("inner.pem"), authority.cert_pem()).expect("written");
    let issued = authority.issue(&[name.to_owned()], now).expect("issued");
    let chain: Vec<_> = CertificateDer::pem_slice_iter(issued.chain.as_bytes())
        .collect::<Result<_, _>>()
        .expect("a chain");
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("a key");
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

const BOTH: [&[u8]; 2] = [b"h2", b"http/1.1"];

#[tokio::test]
async fn an_https_origin_is_verified_by_its_own_authority_and_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("inner.pem");
    let tls = acceptor(folder.path(), "inner.test", &BOTH);
    let origin = Multi::start(Some(tls), 100, |_| async { full("ok") }).await;
    for (site, status, version) in [
        // What is offered is spoken.
        (
            "server-name = \"inner.test\"\nalpn = [\"h2\", \"http/1.1\"]",
            200,
            Some(Version::HTTP_2),
        ),
        (
            "server-name = \"inner.test\"\nalpn = [\"h2\"]",
            200,
            Some(Version::HTTP_2),
        ),
        ("server-name = \"inner.test\"", 200, Some(Version::HTTP_11)),
        // Another name is another machine; so is the address, which no certificate carries.
        ("server-name = \"other.test\"", 502, None),
        ("", 502, None),
    ] {
        let site = format!("[site.origin]\nroot = {root:?}\n{site}\n");
        let world = before("https", origin.address, &site).await;
        let answer = world.get("/").await;
        assert_eq!(answer.status, status, "{site}");
        let seen = origin.seen.lock().expect("memory").pop();
        assert_eq!(seen.map(|seen| seen.head.version), version, "{site}");
    }
    // The authorities of the system, and the gate's own, do not know this one.
    let site = "[site.origin]\nserver-name = \"inner.test\"\n";
    let world = before("https", origin.address, site).await;
    assert_eq!(world.get("/").await.status, 502);
    let line = world.log_lines(1).await.remove(0);
    assert!(line.contains("origin: TLS failed"), "{line}");
}

#[tokio::test]
async fn an_origin_without_http_2_is_no_origin_where_only_that_is_offered() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("inner.pem");
    for (alpn, site, status) in [
        (&BOTH[..0], "[\"h2\"]", 502),
        (&BOTH[..0], "[\"h2\", \"http/1.1\"]", 200),
        (&BOTH[1..], "[\"h2\", \"http/1.1\"]", 200),
        (&BOTH[1..], "[\"h2\"]", 502),
    ] {
        let tls = acceptor(folder.path(), "inner.test", alpn);
        let origin = Multi::start(Some(tls), 100, |_| async { full("ok") }).await;
        let site = format!(
            "[site.origin]\nroot = {root:?}\nserver-name = \"inner.test\"\nalpn = {site}\n"
        );
        let world = before("https", origin.address, &site).await;
        for _ in 0..2 {
            assert_eq!(world.get("/").await.status, status, "{alpn:?} {site}");
        }
    }
}

#[tokio::test]
async fn an_upgrade_is_asked_over_http_1_1_or_not_at_all() {
    let upgrade = format!(
        "GET /live HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("inner.pem");
    let tls = acceptor(folder.path(), "inner.test", &BOTH);
    let origin = Multi::start(Some(tls), 100, |_| async { full("plain") }).await;
    let site = format!(
        "[site.origin]\nroot = {root:?}\nserver-name = \"inner.test\"\n\
         alpn = [\"h2\", \"http/1.1\"]\n"
    );
    let world = before("https", origin.address, &site).await;
    assert_eq!(world.ask(&upgrade).await.text(), "plain");
    let seen = origin.only().head;
    assert_eq!(seen.version, Version::HTTP_11);
    assert_eq!(seen.headers["upgrade"], "websocket");

    let origin = Multi::start(None, 100, |_| async { full("plain") }).await;
    let world = before("h2c", origin.address, "").await;
    assert_eq!(world.ask(&upgrade).await.text(), "plain");
    let seen = origin.only().head;
    assert_eq!(seen.version, Version::HTTP_2);
    assert!(!seen.headers.contains_key("upgrade"));
}

#[tokio::test]
async fn the_first_request_over_http_2_to_an_http_2_origin_waits_for_nothing() {
    let origin = Multi::start(None, 100, |_| async { full("ok") }).await;
    let world = before("h2c", origin.address, "").await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let client = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = client.await.expect("HTTP/2");
    tokio::spawn(connection);
    let begun = std::time::Instant::now();
    let streams = (0..20).map(|_| {
        let mut sender = sender.clone();
        tokio::spawn(async move {
            let request = Request::builder()
                .uri(format!("https://{HOST}/"))
                .body(Full::<Bytes>::default())
                .expect("a request");
            sender
                .send_request(request)
                .await
                .expect("an answer")
                .status()
        })
    });
    for stream in streams.collect::<Vec<_>>() {
        assert_eq!(stream.await.expect("a stream"), 200);
    }
    let lasted = begun.elapsed();
    // Well before `deadlines.connect`, by which whoever is not woken would be.
    assert!(lasted < Duration::from_secs(4), "{lasted:?}");
    assert_eq!(origin.connections(), 1);
}
