//! Reloads and replacements of the program under load: no request fails.
//!
//! `REMPART_REQUESTS=100000 cargo test -p rempart-tests --test it upgrade` is the long run of
//! `docs/OPERATION.md`.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rempart_tests::gate::Gate;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const HOST: &str = "www.example.test";
const CLIENTS: usize = 8;

/// An origin that keeps its connections.
async fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut piece = [0; 4096];
                while let Ok(size @ 1..) = stream.read(&mut piece).await {
                    head.extend_from_slice(&piece[..size]);
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                        let _ = stream.write_all(answer).await;
                    }
                }
            });
        }
    });
    address
}

/// A client that asks nothing twice: what fails has failed.
struct Client {
    config: Arc<ClientConfig>,
    address: SocketAddr,
    open: Option<TlsStream<TcpStream>>,
}

impl Client {
    /// One exchange, on the open connection if there is one.
    async fn ask(&mut self, keep: bool) -> std::io::Result<()> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                let name = ServerName::try_from(HOST).expect("a name");
                TlsConnector::from(Arc::clone(&self.config))
                    .connect(name, stream)
                    .await?
            }
        };
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok") {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if !head.starts_with("http/1.1 200 ") {
            return Err(std::io::Error::other(head));
        }
        // The gate says when a connection is at its end.
        if keep && !head.contains("connection: close") {
            self.open = Some(stream);
        }
        Ok(())
    }
}

fn config(root: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_file(root).expect("a certificate");
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_the_policy_and_the_program_are_replaced() {
    let wanted = std::env::var("REMPART_REQUESTS").ok();
    let wanted: usize = wanted.map_or(20_000, |count| count.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let origin = origin().await;
    let mut gate = Gate::start(folder.path(), HOST, origin);
    let policy = folder.path().join("policy.toml");
    let text = fs::read_to_string(&policy).expect("the policy")
        + "[transport.limits]\nhandshakes-per-second = 100000\nhandshakes-per-source = 100000\n";
    fs::write(&policy, text).expect("written");
    gate.process
        .wait_for(|output| output.contains("https 127").then_some(()));
    gate.process.signal("HUP");
    gate.process
        .wait_for(|output| output.contains("reloaded").then_some(()));

    let asked = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let asked = Arc::clone(&asked);
            let mut client = Client {
                config: config(gate.authority.root()),
                address: gate.https,
                open: None,
            };
            // A quarter of them connect anew each time; of the others, one pauses now and then,
            // so that a replacement meets a connection at rest.
            tokio::spawn(async move {
                let mut failed = Vec::new();
                while asked.fetch_add(1, Ordering::Relaxed) < wanted {
                    if let Err(error) = client.ask(number % 4 != 3).await {
                        failed.push(error.to_string());
                    }
                    if number == 0 {
                        tokio::time::sleep(Duration::from_millis(400)).await;
                    }
                }
                failed
            })
        })
        .collect();
    let (mut reloads, mut replaced) = (0, 0);
    while asked.load(Ordering::Relaxed) < wanted * 9 / 10 {
        gate.process.signal("HUP");
        reloads += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
        gate.process.signal("USR2");
        let count = replaced + 1;
        tokio::task::block_in_place(|| {
            gate.process.wait_for(|output| {
                (output.matches("the new program serves").count() >= count).then_some(())
            });
        });
        replaced = count;
    }
    let mut failed = Vec::new();
    for client in clients {
        failed.extend(client.await.expect("a client"));
    }
    assert!(
        reloads > 1 && replaced > 1,
        "{reloads} reloads, {replaced} replacements"
    );
    assert_eq!(
        failed,
        Vec::<String>::new(),
        "after {reloads} and {replaced}"
    );
    println!("{wanted} requests, {reloads} reloads, {replaced} replacements: none failed");
}
