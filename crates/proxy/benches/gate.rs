//! What one request costs in the gate: over a kept TLS connection and over a new one, with
//! the client and an origin that does nothing in the same process; and what a site with forms pays
//! beside one without.

use std::time::SystemTime;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use proxy::{Gate, LogSink, Options};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use transport::dev::Authority;

const HOST: &str = "www.example.test";

struct Bench {
    gate: Gate,
    connector: TlsConnector,
    /// Where the same origin is reached without the gate.
    origin: std::net::SocketAddr,
    _folder: tempfile::TempDir,
}

/// An origin that answers a fixed number of bytes to every request that it has read.
async fn origin(size: usize, page: Option<&str>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let kind = page.map_or("application/octet-stream", |_| "text/html; charset=utf-8");
    // A page comes with what a site gives to whoever has signed in.
    let cookie = page.map_or("", |_| "Set-Cookie: session=0123456789abcdef\r\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{cookie}Content-Length: {size}\r\n\r\n"
    );
    let mut answer = [head.as_bytes(), page.unwrap_or_default().as_bytes()].concat();
    answer.resize(head.len() + size, b'a');
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = std::sync::Arc::clone(&answer);
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while stream.read_buf(&mut head).await.is_ok_and(|size| size > 0) {
                    if is_whole(&head) {
                        head.clear();
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

/// Whether a request has been read to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    bytes.len() >= end + 4 + length.unwrap_or(0)
}

async fn start(size: usize, access_log: &str) -> Bench {
    start_with(size, access_log, "", None).await
}

/// The same with more lines of the site, and a page for the start of the origin's answers.
async fn start_with(size: usize, access_log: &str, site: &str, page: Option<&str>) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(SystemTime::now()).expect("an authority");
    let issued = authority
        .issue(&[HOST.to_owned()], SystemTime::now())
        .expect("issued");
    std::fs::write(folder.path().join("chain.pem"), &issued.chain).expect("written");
    let key = folder.path().join("key.pem");
    std::fs::write(&key, issued.key.as_bytes()).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&key, mode).expect("a mode");
    let origin = origin(size, page).await;
    let text = format!(
        "version = 1\n[transport]\nhttp = \"off\"\nhttps = \"127.0.0.1:0\"\n\
         access-log = \"{access_log}\"\n\
         limits = {{ handshakes-per-second = 1000000, handshakes-per-source = 1000000 }}\n[[site]]\nhosts = [\"{HOST}\"]\n\
         upstream = \"http://{origin}\"\n\
         certificate = {{ chain = \"chain.pem\", key = \"key.pem\" }}\n{site}\n\
         [[deviation]]\nclause = \"cnil-log-attempts\"\nreason = \"no log is what is measured\"\n"
    );
    let policy = policy::load(&text).expect("a policy").policy;
    let options = Options {
        base: folder.path().to_owned(),
        log: LogSink::writer(std::io::sink()),
        ..Options::default()
    };
    let gate = Gate::start(policy, options).await.expect("a gate");
    let root = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).expect("PEM");
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    let mut config = transport::tls::client_config(roots);
    config.resumption = rustls::client::Resumption::disabled();
    Bench {
        gate,
        connector: TlsConnector::from(std::sync::Arc::new(config)),
        origin,
        _folder: folder,
    }
}

impl Bench {
    async fn connect(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.gate.https_addr())
            .await
            .expect("connected");
        let _ = stream.set_nodelay(true);
        let name = ServerName::try_from(HOST).expect("a name");
        self.connector.connect(name, stream).await.expect("TLS")
    }
}

/// One request and its whole answer; `size` is that of the body.
async fn ask<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    size: usize,
) {
    const REQUEST: &str = "GET /page?q=1 HTTP/1.1\r\nHost: www.example.test\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n\
        Accept-Language: fr,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n\
        Cookie: session=0123456789abcdef; theme=dark\r\n\r\n";
    send(stream, buffer, REQUEST, Some(size)).await;
}

/// The same for any request. Without a size, that of the answer's own field.
async fn send<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    request: &str,
    size: Option<usize>,
) {
    stream.write_all(request.as_bytes()).await.expect("sent");
    buffer.clear();
    let mut wanted = usize::MAX;
    while buffer.len() < wanted {
        let read = stream.read_buf(buffer).await.expect("read");
        assert_ne!(read, 0, "closed");
        if wanted == usize::MAX
            && let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n")
        {
            // A page that is marked comes in chunks.
            match size {
                Some(size) => wanted = end + 4 + size,
                None if buffer.ends_with(b"\r\n0\r\n\r\n") => return,
                None if is_whole(buffer) && !is_chunked(&buffer[..end]) => return,
                None => {}
            }
        }
    }
}

fn is_chunked(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_lowercase();
    head.contains("transfer-encoding: chunked")
}

/// One thread: what is measured is work, not how fast this machine wakes its cores.
fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn requests(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("keep-alive request");
    for (size, log) in [(1024, "off"), (1024, "json"), (1 << 20, "off")] {
        group.throughput(Throughput::Bytes(size as u64));
        let bench = runtime.block_on(start(size, log));
        let mut stream = runtime.block_on(bench.connect());
        let mut buffer = Vec::with_capacity(size + 4096);
        let name = format!("{size} B, log {log}");
        group.bench_function(BenchmarkId::new("gate", name), |bencher| {
            bencher.iter(|| runtime.block_on(ask(&mut stream, &mut buffer, size)));
        });
        if log == "off" {
            let mut direct = runtime
                .block_on(TcpStream::connect(bench.origin))
                .expect("connected");
            let _ = direct.set_nodelay(true);
            let name = format!("{size} B");
            group.bench_function(
                BenchmarkId::new("origin alone, in clear", name),
                |bencher| {
                    bencher.iter(|| runtime.block_on(ask(&mut direct, &mut buffer, size)));
                },
            );
        }
    }
    group.finish();
}

fn handshakes(criterion: &mut Criterion) {
    let runtime = runtime();
    let bench = runtime.block_on(start(16, "off"));
    let mut buffer = Vec::with_capacity(4096);
    criterion.bench_function("new connection and one request", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let mut stream = bench.connect().await;
                ask(&mut stream, &mut buffer, 16).await;
            });
        });
    });
}

/// A sign-up that is judged and passed on, a sign-in that is counted, looked at and settled, the same
/// to another path, and a page; on a site with forms, and on one without.
fn forms(criterion: &mut Criterion) {
    const BODY: &str = "login=jean.dupont&pass=Qv7%23mZ2%21pLx9%26Td4";
    let form = "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"login\"\n\
                password = \"pass\"\nsuccess = [{ set-cookie = \"session\" }]\n\
                [[site.form]]\nkind = \"sign-up\"\npath = \"/register\"\nidentifier = \"login\"\n\
                password = \"pass\"\n";
    let meter = format!("{form}meter = true\nattributes = true\n");
    let page = "<!doctype html><html lang=fr><body><form method=post action=/register>\
                <input name=login><input name=pass type=password></form>"
        .to_owned()
        + &"<div class=\"row\"><p>Bonjour</p><a href=\"/a\">suite</a></div>".repeat(250);
    let get =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n\r\n");
    let post = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{BODY}",
            BODY.len()
        )
    };
    let runtime = runtime();
    let mut group = criterion.benchmark_group("forms");
    for (site, lines) in [("none", ""), ("two", form), ("two with a meter", &meter)] {
        let bench = start_with(page.len(), "off", lines, Some(&page));
        let bench = runtime.block_on(bench);
        let mut stream = runtime.block_on(bench.connect());
        let mut buffer = Vec::with_capacity(64 * 1024);
        for (what, request) in [
            ("page of 16 KiB", get("/page")),
            ("post elsewhere", post("/other")),
            ("post to the form", post("/register")),
            ("sign-in", post("/login")),
        ] {
            group.bench_function(BenchmarkId::new(what, site), |bencher| {
                bencher.iter(|| {
                    runtime.block_on(send(&mut stream, &mut buffer, &request, None));
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, requests, handshakes, forms);
criterion_main!(benches);
