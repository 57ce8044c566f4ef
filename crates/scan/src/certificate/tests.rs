use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    SanType,
};

use super::*;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

fn authority(name: &str) -> Authority {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let der = params.self_signed(&key).expect("signed").der().to_vec();
    Authority {
        issuer: Issuer::new(params, key),
        der,
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "site");
    params.subject_alt_names = names
        .iter()
        .map(|name| SanType::DnsName((*name).try_into().expect("a name")))
        .collect();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now();
    params.not_before = (now - Duration::from_secs(86_400)).into();
    params.not_after = (now + Duration::from_secs(90 * 86_400)).into();
    params
}

fn judged(params: &CertificateParams, extra: &[&Authority], host: &str) -> Chain {
    let root = authority("root");
    let key = KeyPair::generate().expect("a key");
    let leaf = params
        .signed_by(&key, &root.issuer)
        .expect("signed")
        .der()
        .to_vec();
    let mut store = RootCertStore::empty();
    store
        .add(CertificateDer::from(root.der.clone()))
        .expect("a root");
    let others = extra.iter().map(|authority| authority.der.clone());
    let chain: Vec<Vec<u8>> = std::iter::once(leaf).chain(others).collect();
    judge(&chain, &store, host, false)
}

#[test]
fn a_sound_chain_is_sound() {
    let chain = judged(&params(&["www.example.fr"]), &[], "www.example.fr");
    assert!(chain.is_trusted && chain.names_host && chain.is_for_servers && chain.is_in_order);
    let leaf = chain.leaf().expect("a certificate");
    assert_eq!(
        (leaf.key.as_str(), leaf.signature.as_str()),
        ("EC 256", "SHA-256 with ECDSA")
    );
    assert_eq!(
        (leaf.days(), leaf.is_short(), leaf.is_signed_with_old()),
        (91, false, false)
    );
}

#[test]
fn each_fault_is_told_apart_from_the_others() {
    let other_name = judged(&params(&["other.fr"]), &[], "www.example.fr");
    assert!(other_name.is_trusted && !other_name.names_host);

    let mut ended = params(&["www.example.fr"]);
    ended.not_before = (SystemTime::now() - Duration::from_secs(20 * 86_400)).into();
    ended.not_after = (SystemTime::now() - Duration::from_secs(10 * 86_400)).into();
    let ended = judged(&ended, &[], "www.example.fr");
    // Expired, and trusted as long as it was not.
    assert!(ended.is_trusted && ended.names_host);

    let mut usage = params(&["www.example.fr"]);
    usage.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    assert!(!judged(&usage, &[], "www.example.fr").is_for_servers);

    let stranger = authority("stranger");
    let too_many = judged(&params(&["www.example.fr"]), &[&stranger], "www.example.fr");
    assert!(too_many.is_trusted && !too_many.is_in_order);

    let key = KeyPair::generate().expect("a key");
    let own = params(&["www.example.fr"])
        .self_signed(&key)
        .expect("signed")
        .der()
        .to_vec();
    let own = judge(&[own], &RootCertStore::empty(), "www.example.fr", true);
    assert!(!own.is_trusted && own.leaf().is_some_and(|leaf| leaf.is_self_issued));
    assert!(!own.is_incomplete() && own.is_stapled);
}

#[test]
fn what_cannot_be_read_is_told() {
    let store = RootCertStore::empty();
    for chain in [
        vec![],
        vec![vec![]],
        vec![vec![0x30, 0x80]],
        vec![vec![1; 5000]],
    ] {
        let judged = judge(&chain, &store, "www.example.fr", false);
        assert!(judged.is_unreadable && !judged.is_trusted && !judged.names_host);
    }
}
