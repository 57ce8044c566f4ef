//! One order, from the account to the chain (RFC 8555, 7.4; RFC 9773, 5).
//!
//! The proof is written to the folder first, and the authority is told only after every gate
//! that shares the folder has had time to see it. Whatever way the order ends, the proof is
//! taken away.
//!
//! A key is made for each certificate and belongs to it alone.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Identifier, NewOrder,
    Order, OrderStatus,
};
use policy::Language;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, sleep};
use transport::certificate::Identity;
use zeroize::Zeroizing;

use super::client::Client;
use super::desk::Desk;
use super::folder::{Challenge, ChallengeKind, Folder, is_token};
use super::patiently;
use super::trouble::{Trouble, quote};

/// Between showing a proof and telling the authority: three times what a gate needs to see it.
pub(super) const SETTLE: Duration = Duration::from_secs(3);
/// For the authority to look, and again to sign.
const PATIENCE: Duration = Duration::from_secs(180);
/// Between two looks at an order.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// A certificate as the authority gave it.
pub(crate) struct Issued {
    /// PKCS#8, PEM.
    pub(crate) key: Zeroizing<String>,
    /// PEM, the site's own first.
    pub(crate) chain: String,
}

/// Orders a certificate for `hosts`. `replaces` is the one that it takes the place of, where
/// the authority wants to know.
pub(crate) async fn order(
    desk: &Desk,
    client: &Client,
    hosts: &[String],
    kind: ChallengeKind,
    replaces: Option<&CertificateDer<'_>>,
) -> Result<Issued, Trouble> {
    match attempt(desk, client, hosts, kind, replaces).await {
        Err(Trouble::Refused { problem, .. }) if problem == "accountDoesNotExist" => {
            // The authority has forgotten the account, as one for trials does.
            let url = desk.policy.directory.url().to_owned();
            desk.on_disk(move |folder| folder.forget_account(&url))
                .await?;
            attempt(desk, client, hosts, kind, replaces).await
        }
        result => result,
    }
}

async fn attempt(
    desk: &Desk,
    client: &Client,
    hosts: &[String],
    kind: ChallengeKind,
    replaces: Option<&CertificateDer<'_>>,
) -> Result<Issued, Trouble> {
    let account = desk.account(client).await?;
    let mut order = open(&account, hosts, replaces).await?;

    let wanted = patiently!(wanted(&mut order, kind))?;
    let wanted = wanted.into_iter().collect::<Result<Vec<_>, _>>()?;
    let shown = Shown::show(desk, wanted).await?;
    if !shown.tokens.is_empty() {
        sleep(SETTLE).await;
        let mut told = BTreeSet::new();
        patiently!(tell(&mut order, kind, &mut told))?;
    }
    wait_for(&mut order, client, OrderStatus::Ready).await?;
    drop(shown);

    let (key, request) = request(hosts)?;
    patiently!(order.finalize_csr(&request))?;
    wait_for(&mut order, client, OrderStatus::Valid).await?;
    let chain = patiently!(order.certificate())?.ok_or(Trouble::Slow)?;
    let issued = Issued { key, chain };
    issued.check(hosts, SystemTime::now())?;
    Ok(issued)
}

impl Issued {
    /// What is refused here never takes the place of a good certificate.
    fn check(&self, hosts: &[String], now: SystemTime) -> Result<(), Trouble> {
        let identity = Identity::from_pem(self.chain.as_bytes(), self.key.as_bytes(), now)
            .map_err(|error| Trouble::Unusable {
                fr: error.text(Language::Fr),
                en: error.text(Language::En),
            })?;
        match hosts.iter().find(|host| !identity.covers(host)) {
            None => Ok(()),
            Some(host) => Err(Trouble::Unusable {
                fr: format!("Il ne couvre pas {host}."),
                en: format!("It does not cover {host}."),
            }),
        }
    }
}

/// Opens the order, naming the certificate that it replaces if the authority takes that.
async fn open(
    account: &Account,
    hosts: &[String],
    replaces: Option<&CertificateDer<'_>>,
) -> Result<Order, Trouble> {
    let identifiers: Vec<Identifier> = hosts
        .iter()
        .map(|host| match host.parse::<IpAddr>() {
            Ok(address) => Identifier::Ip(address),
            Err(_) => Identifier::Dns(host.clone()),
        })
        .collect();
    let replaced = replaces.and_then(|leaf| CertificateIdentifier::try_from(leaf).ok());
    if let Some(replaced) = replaced {
        let order = NewOrder::new(&identifiers).replaces(replaced);
        // An authority may say that it was replaced already (RFC 9773, 5): a plain order is
        // right then, and also where it does not know renewal information after all.
        if let Ok(order) = patiently!(account.new_order(&order)) {
            return Ok(order);
        }
    }
    Ok(patiently!(account.new_order(&NewOrder::new(&identifiers)))?)
}

/// The proofs that the authority wants and does not have yet.
async fn wanted(
    order: &mut Order,
    kind: ChallengeKind,
) -> Result<Vec<Result<Challenge, Trouble>>, instant_acme::Error> {
    let mut wanted = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let host = authorization.identifier().to_string();
        let Some(challenge) = authorization.challenge(kind.type_of()) else {
            wanted.push(Err(Trouble::NoChallenge { host }));
            continue;
        };
        // It becomes the name of a file, and the authority is not to choose which.
        if !is_token(&challenge.token) {
            let detail = "token".to_owned();
            wanted.push(Err(Trouble::NotAcme { detail }));
            continue;
        }
        wanted.push(Ok(Challenge {
            kind,
            host,
            token: challenge.token.clone(),
            answer: challenge.key_authorization().as_str().to_owned(),
            made: jiff::Timestamp::now(),
        }));
    }
    Ok(wanted)
}

/// Tells the authority that the proofs are in place: `told` are those that it knows of.
async fn tell(
    order: &mut Order,
    kind: ChallengeKind,
    told: &mut BTreeSet<String>,
) -> Result<(), instant_acme::Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        if let Some(mut challenge) = authorization.challenge(kind.type_of())
            && !told.contains(&challenge.token)
        {
            challenge.set_ready().await?;
            told.insert(challenge.token.clone());
        }
    }
    Ok(())
}

/// Looks at the order until it is `awaited`, or further.
async fn wait_for(order: &mut Order, client: &Client, awaited: OrderStatus) -> Result<(), Trouble> {
    let end = Instant::now() + PATIENCE;
    let (mut pause, longest) = PAUSES;
    loop {
        match patiently!(status(order))? {
            OrderStatus::Invalid => return Err(why_invalid(order).await),
            OrderStatus::Valid => return Ok(()),
            status if status == awaited => return Ok(()),
            _ => {}
        }
        let wish = client.wish().unwrap_or_default();
        let until = Instant::now() + wish.max(pause);
        if until > end {
            return Err(Trouble::Slow);
        }
        tokio::time::sleep_until(until).await;
        pause = (pause * 2).min(longest);
    }
}

async fn status(order: &mut Order) -> Result<OrderStatus, instant_acme::Error> {
    Ok(order.refresh().await?.status)
}

/// The authority's reason, found at the challenge that failed.
async fn why_invalid(order: &mut Order) -> Trouble {
    let own = order.state().error.as_ref().map(super::trouble::refusal);
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if patiently!(refresh(&mut authorization)).is_err() {
            break;
        }
        let error = authorization.challenges.iter().find_map(|challenge| {
            let error = challenge.error.as_ref()?;
            Some(error.detail.clone().unwrap_or_else(|| error.to_string()))
        });
        if let Some(error) = error {
            return Trouble::Unproved {
                host: authorization.identifier().to_string(),
                detail: quote(&error),
            };
        }
    }
    own.unwrap_or_else(|| Trouble::Refused {
        problem: "invalid".to_owned(),
        detail: String::new(),
    })
}

async fn refresh(
    authorization: &mut instant_acme::AuthorizationHandle<'_>,
) -> Result<(), instant_acme::Error> {
    authorization.refresh().await.map(|_| ())
}

/// A new key, and the request that it signs.
fn request(hosts: &[String]) -> Result<(Zeroizing<String>, Vec<u8>), Trouble> {
    let failed = |error: rcgen::Error| Trouble::Unusable {
        fr: format!("Aucune demande n’a pu être faite : {error}."),
        en: format!("No request could be made: {error}."),
    };
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = CertificateParams::new(hosts.to_vec()).map_err(failed)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(failed)?;
    Ok((
        Zeroizing::new(key.serialize_pem()),
        request.der().as_ref().to_vec(),
    ))
}

impl ChallengeKind {
    const fn type_of(self) -> ChallengeType {
        match self {
            Self::Http01 => ChallengeType::Http01,
            Self::TlsAlpn01 => ChallengeType::TlsAlpn01,
        }
    }
}

/// Proofs in place; dropping takes them away.
struct Shown {
    folder: Folder,
    tokens: Vec<String>,
}

impl Shown {
    async fn show(desk: &Desk, challenges: Vec<Challenge>) -> Result<Self, Trouble> {
        let tokens = challenges.iter();
        let shown = Self {
            folder: desk.folder.clone(),
            tokens: tokens.map(|challenge| challenge.token.clone()).collect(),
        };
        desk.on_disk(move |folder| {
            let mut challenges = challenges.iter();
            challenges.try_for_each(|challenge| folder.show_challenge(challenge))
        })
        .await?;
        Ok(shown)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        for token in &self.tokens {
            self.folder.hide_challenge(token);
        }
    }
}
