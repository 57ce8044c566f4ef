//! Client certificates: asked for by site, proved to that site alone, told to its origin by
//! nobody but the gate.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Answer, HOST, Origin, Setting, World, site};

const ONE: &str = "one.example.test";
const TWO: &str = "two.example.test";

/// An authority of clients.
struct Clients {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate of a client and its key.
struct Client {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    serial: SerialNumber,
}

impl Clients {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("signed");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, serial: u64) -> Client {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "a client");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let serial = SerialNumber::from(serial);
        params.serial_number = Some(serial.clone());
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Client {
            certificate: certificate.der().clone(),
            key: key.serialize_der(),
            serial,
        }
    }

    fn revoke(&self, client: &Client) -> String {
        self.revoke_at(client, std::time::SystemTime::now())
    }

    /// A list that was made a day before, and ends a day after.
    fn revoke_at(&self, client: &Client, now: std::time::SystemTime) -> String {
        let day = std::time::Duration::from_secs(86_400);
        let list = CertificateRevocationListParams {
            this_update: (now - day).into(),
            next_update: (now + day).into(),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: client.serial.clone(),
                revocation_time: (now - day).into(),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).expect("signed");
        list.pem().expect("PEM")
    }
}

/// A connection that was let in and answers, or the reason why not. Over TLS 1.3 a client
/// learns of its refusal when it reads.
async fn connect(
    world: &World,
    name: &str,
    client: Option<&Client>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let config = config(world, client);
    connect_with(world, name, &config).await
}

fn config(world: &World, client: Option<&Client>) -> Arc<ClientConfig> {
    use rustls::pki_types::pem::PemObject;
    let root = CertificateDer::from_pem_slice(world.authority.cert_pem().as_bytes());
    let mut roots = RootCertStore::empty();
    roots.add(root.expect("PEM")).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("versions")
    .with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(client) => builder
            .with_client_auth_cert(
                vec![client.certificate.clone()],
                PrivateKeyDer::Pkcs8(client.key.clone().into()),
            )
            .expect("a pair"),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

async fn connect_with(
    world: &World,
    name: &str,
    config: &Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = world.tcp().await;
    let server = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::clone(config))
        .connect(server, stream)
        .await
}

/// The status of a GET; zero when the connection was not let in.
async fn status(stream: std::io::Result<TlsStream<TcpStream>>, host: &str, more: &str) -> u16 {
    let Ok(mut stream) = stream else {
        return 0;
    };
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return 0;
    }
    Answer::read(&mut stream).await.status
}

/// Two sites under one certificate, the first with these lines about its clients.
async fn world(origin: &Origin, authority: &Clients, lines: &str, revoked: Option<&str>) -> World {
    let upstream = format!("http://{}", origin.address);
    let folder = std::env::temp_dir();
    let unique = format!("rempart-clients-{}-{:p}", std::process::id(), authority);
    let (pem, crl) = (
        folder.join(format!("{unique}.pem")),
        folder.join(format!("{unique}.crl")),
    );
    std::fs::write(&pem, &authority.pem).expect("written");
    let mut table = format!(
        "[site.client-certificates]\nauthorities = \"{}\"\n{lines}\n",
        pem.display()
    );
    if let Some(revoked) = revoked {
        std::fs::write(&crl, revoked).expect("written");
        table += &format!("revoked = \"{}\"\n", crl.display());
    }
    let setting = Setting {
        more: site(&[ONE], &upstream, "both") + &table + &site(&[TWO], &upstream, "both"),
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let _ = std::fs::remove_file(pem);
    let _ = std::fs::remove_file(crl);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_certificate_is_one_of_the_sites_own_authorities() {
    let origin = Origin::site().await;
    let (ours, others) = (Clients::new(), Clients::new());
    let (good, gone) = (ours.issue(1), ours.issue(2));
    let world = world(&origin, &ours, "", Some(&ours.revoke(&gone))).await;
    for (client, expected) in [
        (Some(&good), 200),
        (None, 0),
        (Some(&gone), 0),
        (Some(&others.issue(1)), 0),
    ] {
        let found = status(connect(&world, ONE, client).await, ONE, "").await;
        assert_eq!(found, expected);
    }
    // The neighbours ask nobody.
    assert_eq!(status(connect(&world, TWO, None).await, TWO, "").await, 200);
    assert_eq!(
        status(connect(&world, HOST, None).await, HOST, "").await,
        200
    );
    assert_eq!(origin.seen().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_has_ended_lets_nobody_in() {
    let origin = Origin::site().await;
    let ours = Clients::new();
    let (good, gone) = (ours.issue(1), ours.issue(2));
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 86_400);
    let world = world(&origin, &ours, "", Some(&ours.revoke_at(&gone, before))).await;
    for client in [&good, &gone] {
        let found = status(connect(&world, ONE, Some(client)).await, ONE, "").await;
        assert_eq!(found, 0);
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_proves_a_client_to_the_site_of_its_name_alone() {
    let origin = Origin::site().await;
    let ours = Clients::new();
    let good = ours.issue(1);
    let world = world(&origin, &ours, "", None).await;
    // The certificate covers both names; the handshake of the other one asked nothing.
    assert_eq!(status(connect(&world, TWO, None).await, ONE, "").await, 421);
    assert_eq!(
        status(connect(&world, TWO, Some(&good)).await, ONE, "").await,
        421
    );
    // Nor does a protocol of certificate authorities open the door.
    let mut plain = (*config(&world, None)).clone();
    plain.alpn_protocols = vec![b"acme-tls/1".to_vec(), b"http/1.1".to_vec()];
    let stream = connect_with(&world, ONE, &Arc::new(plain)).await;
    assert_ne!(status(stream, ONE, "").await, 200);
    assert!(origin.seen().is_empty());
    // A site that asks nothing is served, and its origin learns nothing.
    assert_eq!(
        status(connect(&world, ONE, Some(&good)).await, TWO, "").await,
        200
    );
    assert!(origin.seen()[0].all("client-cert").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_never_taken_up_again_without_its_certificate() {
    let origin = Origin::site().await;
    let ours = Clients::new();
    let good = ours.issue(1);
    let world = world(&origin, &ours, "", None).await;
    let config = config(&world, Some(&good));
    for _ in 0..3 {
        let mut stream = connect_with(&world, ONE, &config).await.expect("let in");
        let kind = stream.get_ref().1.handshake_kind();
        assert_eq!(kind, Some(rustls::HandshakeKind::Full));
        let request = format!("GET / HTTP/1.1\r\nHost: {ONE}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_origin_learns_who_it_is_from_the_gate_alone() {
    let origin = Origin::site().await;
    let ours = Clients::new();
    let good = ours.issue(1);
    let world = world(&origin, &ours, "mode = \"optional\"", None).await;
    let forged = "Client-Cert: :AAAA:\r\nClient-Cert-Chain: :AAAA:\r\nX-SSL-Client-Verify: SUCCESS\r\n\
                  SSL-Client-Cert: x\r\nX-Client-Cert: x\r\nConnection: Client-Cert\r\n";
    assert_eq!(
        status(connect(&world, ONE, Some(&good)).await, ONE, forged).await,
        200
    );
    assert_eq!(
        status(connect(&world, ONE, None).await, ONE, forged).await,
        200
    );
    assert_eq!(
        status(connect(&world, TWO, None).await, TWO, forged).await,
        200
    );
    let seen = origin.seen();
    // RFC 9440, 2.2: a byte sequence of RFC 8941.
    let expected = format!(":{}:", Base64::encode_string(&good.certificate));
    assert_eq!(seen[0].all("client-cert"), [expected.as_str()]);
    for (index, seen) in seen.iter().enumerate() {
        for name in [
            "client-cert-chain",
            "x-ssl-client-verify",
            "ssl-client-cert",
            "x-client-cert",
        ] {
            assert!(seen.all(name).is_empty(), "{name}");
        }
        assert_eq!(seen.all("client-cert").len(), usize::from(index == 0));
    }
    // Optional is not anything: a certificate of others is refused.
    let other = Clients::new().issue(1);
    assert_eq!(
        status(connect(&world, ONE, Some(&other)).await, ONE, "").await,
        0
    );
}
