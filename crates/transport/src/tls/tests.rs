//! Handshakes in memory, one per requirement.

use policy::clause;
use policy::transport::TlsProfile::{self, Anssi, Modern, MozillaIntermediate};
use rustls::{Error, HandshakeKind, PeerIncompatible, ServerConnection};

use super::*;
use crate::Encrypted;
use crate::testing::{Pair, handshake, identity, listener};
use crate::tickets::Tickets;

fn ticketer() -> Arc<dyn ProducesTickets> {
    Arc::new(Tickets::alone().unwrap())
}

const HOST: &str = "www.example.fr";

/// A client that speaks some versions, everything that the provider has, and some protocols.
fn client(
    roots: RootCertStore,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
) -> Arc<ClientConfig> {
    let mut client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(client)
}

fn connect(
    profile: TlsProfile,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
) -> Result<Pair, Error> {
    let (roots, server) = listener(profile, &[HOST]);
    handshake(&client(roots, versions, alpn), &Arc::new(server), HOST)
}

fn encrypted(pair: &Pair) -> Encrypted {
    Encrypted::from_connection(&pair.server).unwrap()
}

#[test]
fn each_profile_prefers_the_hybrid_and_the_newest_version() {
    let both: &[_] = &[&version::TLS13, &version::TLS12];
    let old: &[_] = &[&version::TLS12];
    let rows: [(_, _, &[_], _, _, _); 5] = [
        (
            MozillaIntermediate,
            &clause::MOZILLA_INTERMEDIATE,
            both,
            "TLSv1_3",
            "TLS13_",
            "X25519MLKEM768",
        ),
        (
            MozillaIntermediate,
            &clause::MOZILLA_INTERMEDIATE,
            old,
            "TLSv1_2",
            "TLS_ECDHE_",
            "X25519",
        ),
        (
            Anssi,
            &clause::ANSSI_TLS_SUITES,
            both,
            "TLSv1_3",
            "TLS13_AES_256_",
            "X25519MLKEM768",
        ),
        (
            Anssi,
            &clause::ANSSI_TLS_SUITES,
            old,
            "TLSv1_2",
            "TLS_ECDHE_ECDSA_WITH_AES_256_",
            "X25519",
        ),
        (
            Modern,
            &clause::MOZILLA_MODERN,
            both,
            "TLSv1_3",
            "TLS13_",
            "X25519MLKEM768",
        ),
    ];
    for (profile, clause, versions, version, suite, group) in rows {
        let proof = encrypted(&connect(profile, versions, &["h2"]).unwrap());
        assert_eq!(proof.version(), version, "{}: {profile:?}", clause.id);
        assert!(
            proof.cipher_suite().starts_with(suite),
            "{}: {proof:?}",
            clause.id
        );
        assert_eq!(
            proof.key_exchange(),
            Some(group),
            "{}: {profile:?}",
            clause.id
        );
        assert_eq!(proof.alpn(), Some(&b"h2"[..]));
        assert_eq!(proof.server_name(), Some(HOST));
        assert!(!proof.resumed());
    }
}

#[test]
fn only_ephemeral_aead_suites_are_offered() {
    for (profile, count) in [(MozillaIntermediate, 9), (Anssi, 9), (Modern, 3)] {
        let (_, server) = listener(profile, &[HOST]);
        let suites = &server.crypto_provider().cipher_suites;
        assert_eq!(
            suites.len(),
            count,
            "{}: {profile:?}",
            clause::TLS_SUITES.id
        );
        for suite in suites {
            let name = suite.suite().as_str().unwrap();
            let ephemeral = name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_");
            let aead = name.contains("_GCM_") || name.contains("CHACHA20_POLY1305");
            assert!(ephemeral && aead, "{}: {name}", clause::TLS_SUITES.id);
        }
    }
}

#[test]
fn the_order_is_the_clients_or_the_gates_as_the_profile_says() {
    // The client prefers AES-128, which ANSSI's order overrules.
    for (profile, clause, chosen) in [
        (
            MozillaIntermediate,
            &clause::MOZILLA_INTERMEDIATE,
            "TLS13_AES_128_GCM_SHA256",
        ),
        (
            Anssi,
            &clause::ANSSI_TLS_SERVER_ORDER,
            "TLS13_AES_256_GCM_SHA384",
        ),
    ] {
        let (roots, server) = listener(profile, &[HOST]);
        let pair = handshake(&Arc::new(client_config(roots)), &Arc::new(server), HOST).unwrap();
        assert_eq!(encrypted(&pair).cipher_suite(), chosen, "{}", clause.id);
    }
}

#[test]
fn modern_refuses_a_client_of_tls_1_2() {
    let refused = connect(Modern, &[&version::TLS12], &[]).err();
    let expected = Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled);
    assert_eq!(refused, Some(expected), "{}", clause::MOZILLA_MODERN.id);
}

#[test]
fn old_hellos_get_an_alert() {
    let protocol_version = 70;
    let rows = [
        ("SSL 3.0", [3, 0], true),
        ("TLS 1.0", [3, 1], true),
        ("TLS 1.1", [3, 2], true),
        // The same hello at TLS 1.2 fails too, for want of a name, but not by its version.
        ("TLS 1.2", [3, 3], false),
    ];
    for (name, version, by_version) in rows {
        let (_, server) = listener(MozillaIntermediate, &[HOST]);
        let mut server = ServerConnection::new(Arc::new(server)).unwrap();
        server.read_tls(&mut hello(version).as_slice()).unwrap();
        let clause = clause::TLS_VERSIONS.id;
        assert!(server.process_new_packets().is_err(), "{clause}: {name}");
        assert!(Encrypted::from_connection(&server).is_none());

        let mut answer = Vec::new();
        server.write_tls(&mut answer).unwrap();
        // Record type 21 is an alert, level 2 is fatal.
        assert_eq!((answer[0], answer[5]), (21, 2), "{clause}: {name}");
        assert_eq!(
            answer[6] == protocol_version,
            by_version,
            "{clause}: {name}"
        );
    }
}

/// A whole `ClientHello` written by hand, with an ECDHE suite, a group and a signature
/// scheme that the gate knows, and without `supported_versions`.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let prefixed = |bytes: Vec<u8>| -> Vec<u8> {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [length.to_vec(), bytes].concat()
    };
    let extension = |kind: u8, body: Vec<u8>| [vec![0, kind], prefixed(prefixed(body))].concat();
    let extensions = [
        extension(10, vec![0x00, 0x17]), // supported_groups: secp256r1
        extension(13, vec![0x04, 0x03]), // signature_algorithms: ecdsa_secp256r1_sha256
    ];
    let body = [
        version.to_vec(),
        vec![0x5a; 32],                         // random
        vec![0],                                // no session
        prefixed(vec![0xc0, 0x2b, 0xc0, 0x09]), // ECDHE-ECDSA, AES-GCM and AES-CBC
        vec![1, 0],                             // null compression
        prefixed(extensions.concat()),
    ]
    .concat();
    let message = [vec![1, 0], prefixed(body)].concat();
    [vec![22, 3, 1], prefixed(message)].concat()
}

#[test]
fn disjoint_application_protocols_end_the_handshake() {
    let refused = connect(MozillaIntermediate, TLS13_AND_12, &["spdy/3", "http/1.0"]).err();
    let clause = clause::TLS_ALPN.id;
    assert_eq!(refused, Some(Error::NoApplicationProtocol), "{clause}");
    // A client that offers none speaks HTTP/1.1, as before ALPN.
    let silent = connect(MozillaIntermediate, TLS13_AND_12, &[]).unwrap();
    assert_eq!(encrypted(&silent).alpn(), None, "{clause}");
}

#[test]
fn an_unknown_name_ends_the_handshake() {
    let (roots, server) = listener(MozillaIntermediate, &[HOST]);
    let client = Arc::new(client_config(roots));
    let server = Arc::new(server);
    for name in [
        "other.example.fr",
        "example.fr",
        "www.example.fr.example.net",
    ] {
        let refused = handshake(&client, &server, name).err();
        let clause = clause::TLS_UNKNOWN_NAME.id;
        assert!(
            matches!(refused, Some(Error::General(_))),
            "{clause}: {name}: {refused:?}"
        );
    }
}

#[test]
fn a_client_without_a_name_gets_the_site_of_an_address_or_nothing() {
    let (roots, by_address) = identity(&["192.0.2.1", "ip.example.fr"]);
    let (_, by_name) = identity(&[HOST]);
    let sites = |with_address: bool| {
        let mut sites = vec![(vec![HOST.to_owned()], Arc::clone(&by_name))];
        if with_address {
            sites.push((vec!["192.0.2.1".to_owned()], Arc::clone(&by_address)));
        }
        let certificates = Arc::new(Certificates::new(sites));
        server_config(MozillaIntermediate, certificates, ticketer()).unwrap()
    };
    let client = Arc::new(client_config(roots));
    let served = handshake(&client, &Arc::new(sites(true)), "192.0.2.1").unwrap();
    assert_eq!(encrypted(&served).server_name(), None);
    assert!(handshake(&client, &Arc::new(sites(false)), "192.0.2.1").is_err());
}

#[test]
fn sessions_survive_a_reload_and_never_carry_early_data() {
    for (versions, clause) in [
        (&[&version::TLS13][..], &clause::TLS_NO_EARLY_DATA),
        (&[&version::TLS12][..], &clause::TLS_TICKETS),
    ] {
        let (roots, identity) = identity(&[HOST]);
        let certificates = Arc::new(Certificates::new(vec![(vec![HOST.to_owned()], identity)]));
        let kept = ticketer();
        let load = |ticketer| {
            let certificates = Arc::clone(&certificates);
            Arc::new(server_config(MozillaIntermediate, certificates, ticketer).unwrap())
        };
        let mut early = Arc::unwrap_or_clone(client(roots, versions, &["h2"]));
        early.enable_early_data = true;
        let client = Arc::new(early);

        let first = handshake(&client, &load(Arc::clone(&kept)), HOST).unwrap();
        assert_eq!(first.server.handshake_kind(), Some(HandshakeKind::Full));

        let mut second = handshake(&client, &load(kept), HOST).unwrap();
        assert!(encrypted(&second).resumed(), "{}", clause.id);
        assert!(!second.client.is_early_data_accepted(), "{}", clause.id);
        assert!(second.server.early_data().is_none(), "{}", clause.id);

        let fresh = handshake(&client, &load(ticketer()), HOST).unwrap();
        assert!(
            !encrypted(&fresh).resumed(),
            "a ticket of forgotten keys is no session"
        );
    }
}

#[test]
fn a_resumed_client_is_offered_no_early_data() {
    let (roots, server) = listener(MozillaIntermediate, &[HOST]);
    let server = Arc::new(server);
    let mut early = Arc::unwrap_or_clone(client(roots, &[&version::TLS13], &["h2"]));
    early.enable_early_data = true;
    let client = Arc::new(early);
    handshake(&client, &server, HOST).unwrap();

    let name = rustls::pki_types::ServerName::try_from(HOST).unwrap();
    let mut resumed = rustls::ClientConnection::new(client, name).unwrap();
    // The ticket in hand says how much may be sent early: none.
    assert!(
        resumed.early_data().is_none(),
        "{}",
        clause::TLS_NO_EARLY_DATA.id
    );
}

#[test]
fn tickets_are_forgotten_within_a_day() {
    let lifetime = ticketer().lifetime();
    assert!(lifetime <= 24 * 60 * 60, "{}", clause::ANSSI_TLS_TICKETS.id);
}

#[test]
fn nothing_dangerous_is_switched_on() {
    for profile in [MozillaIntermediate, Anssi, Modern] {
        let (_, server) = listener(profile, &[HOST]);
        assert_eq!(server.max_early_data_size, 0);
        assert!(!server.send_half_rtt_data);
        assert!(!server.enable_secret_extraction);
        assert!(server.ticketer.enabled());
        assert!(!server.session_storage.can_cache());
    }
}
