//! Why a handshake does not complete: what is told is what the server did.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream, SupportedProtocolVersion};
use scan::{Address, Area, Options, Roots, Scan, scan};

/// A server that finishes handshakes where it can and answers every request with a page.
fn server(config: ServerConfig) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let config = Arc::new(config);
    thread::spawn(move || {
        for mut tcp in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let _ = tcp.set_read_timeout(Some(Duration::from_secs(5)));
                let mut tls = ServerConnection::new(config).expect("a connection");
                let mut stream = Stream::new(&mut tls, &mut tcp);
                if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>";
                    let _ = stream.write_all(page);
                } else {
                    // The alert that says why.
                    let _ = tls.write_tls(&mut tcp);
                }
            });
        }
    });
    port
}

fn certificate() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("signed");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    (certificate.der().clone(), key)
}

fn config(versions: &[&'static SupportedProtocolVersion], asks: bool) -> ServerConfig {
    let (certificate, key) = certificate();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .expect("versions");
    let builder = match asks {
        true => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .expect("a verifier"),
        ),
        false => builder.with_no_client_auth(),
    };
    builder
        .with_single_cert(vec![certificate], key)
        .expect("a certificate")
}

fn look(port: u16) -> Scan {
    let address = Address::parse(&format!("https://127.0.0.1:{port}/")).expect("an address");
    let mut options = Options::new(Roots::load(None).expect("the system's roots"));
    options.deadline = Duration::from_secs(50);
    scan(&[address], &options).remove(0)
}

/// The findings that say why pages were not read, with their proofs.
fn why(scan: &Scan) -> Vec<(&'static str, String)> {
    let kinds = [
        "scan-https-unread",
        "scan-https-handshake",
        "scan-client-certificate",
    ];
    scan.findings
        .iter()
        .filter(|finding| {
            kinds.contains(&finding.kind.code) || finding.kind.code == "scan-bad-http"
        })
        .map(|finding| {
            (
                finding.kind.code,
                finding.proof.in_language(policy::Language::En).to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_server_that_asks_for_a_certificate_is_told_as_such() {
    for version in [&TLS12, &TLS13] {
        let scan = look(server(config(&[version], true)));
        let proof = "CertificateRequest".to_owned();
        assert_eq!(
            why(&scan),
            [("scan-client-certificate", proof)],
            "{version:?}"
        );
        assert!(!scan.looked.contains(&Area::Pages), "{version:?}");
    }
}

/// Another name, an end that is past, a signature by itself: each is told by its own code.
#[test]
fn bad_certificates_are_told_by_the_code_of_each_fault() {
    for (name, is_ended, code) in [
        ("127.0.0.1", false, "scan-certificate-self-signed"),
        ("127.0.0.1", true, "scan-certificate-expired"),
        ("other.example.test", false, "scan-certificate-name"),
    ] {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        if is_ended {
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let certificate = params.self_signed(&key).expect("signed");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS12, &TLS13])
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate");
        let scan = look(server(config));
        let codes: Vec<_> = scan.findings.iter().map(|one| one.kind.code).collect();
        assert!(codes.contains(&"scan-certificate-self-signed"), "{codes:?}");
        for other in ["scan-certificate-expired", "scan-certificate-name"] {
            assert_eq!(codes.contains(&other), other == code, "{other}: {codes:?}");
        }
    }
}

#[test]
fn an_alert_is_told_and_not_taken_for_a_lack_of_suites() {
    let mut other = config(&[&TLS12, &TLS13], false);
    other.alpn_protocols = vec![b"imap".to_vec()];
    let scan = look(server(other));
    let proof = "TLS alert 120 (NoApplicationProtocol)".to_owned();
    assert_eq!(why(&scan), [("scan-https-handshake", proof)]);
    assert!(!scan.looked.contains(&Area::Pages));
}

#[test]
fn a_server_that_only_speaks_suites_without_authenticated_encryption_is_told_as_such() {
    // Written out: no library at hand speaks CBC suites. ECDHE_RSA with AES-128-CBC alone.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut tcp in listener.incoming().flatten() {
            let mut hello = [0; 4096];
            let read = tcp.read(&mut hello).unwrap_or(0);
            let hello = &hello[..read];
            let offers = hello.len() > 11 && hello[9..11] == [3, 3] && !is_13(hello);
            let at = 46 + usize::from(*hello.get(43).unwrap_or(&0));
            let suites = hello.get(at..).unwrap_or_default();
            let size = hello
                .get(at - 2..at)
                .map_or(0, |size| usize::from(size[0]) << 8 | usize::from(size[1]));
            let takes = suites
                .get(..size)
                .is_some_and(|list| list.chunks(2).any(|one| one == [0xc0, 0x13]));
            let answer = if offers && takes {
                let mut body = vec![2, 0, 0, 38, 3, 3];
                body.extend_from_slice(&[7; 32]);
                body.extend_from_slice(&[0, 0xc0, 0x13, 0]);
                [vec![22, 3, 3, 0, body.len() as u8], body].concat()
            } else {
                vec![21, 3, 1, 0, 2, 2, 40]
            };
            let _ = tcp.write_all(&answer);
        }
    });
    let scan = look(port);
    let proof = "no ECDHE suite with authenticated encryption".to_owned();
    assert_eq!(why(&scan), [("scan-https-unread", proof)]);
}

/// Whether a hello offers TLS 1.3: the version stands in an extension of its own.
fn is_13(hello: &[u8]) -> bool {
    hello.windows(2).any(|pair| pair == [3, 4]) && hello.windows(4).any(|four| four[..2] == [0, 43])
}
