//! Orders by hand: what a command line asks for, beside or without a running gate.
//!
//! The challenges of an order are answered by whichever gate shares the folder, so `renew`
//! needs one that runs.

use std::sync::Arc;
use std::time::SystemTime;

use instant_acme::RevocationRequest;
use policy::site::Certificate;
use policy::{Policy, Site};

use super::desk::Desk;
use super::patiently;
use super::progress::Progress;
use super::trouble::Trouble;
use super::work::{Done, Look, attend, client, first};
use crate::error::StartError;
use crate::gate::Options;

/// The orders of the sites of one policy.
pub struct Office {
    desk: Arc<Desk>,
    sites: Vec<Site>,
}

/// How the certificate of one site stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderState {
    /// The hosts of the site.
    pub hosts: Vec<String>,
    /// From when to when its certificate is valid; `None` without one that can be served.
    pub validity: Option<(SystemTime, SystemTime)>,
    /// Whether it covers every host and comes from the authority in force.
    pub fits: bool,
    /// Orders that failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
}

/// Why a certificate is revoked (RFC 5280, 5.3.1): those that a site's owner may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// None is given.
    Unspecified,
    /// Someone else may know the private key.
    KeyCompromise,
    /// Another certificate has taken its place.
    Superseded,
    /// The site is closed.
    CessationOfOperation,
}

impl Office {
    /// Reads what `[transport.acme]` names. Blocks on files.
    ///
    /// # Errors
    /// A file that the policy names is missing or unusable, or the folder cannot be made.
    pub fn open(policy: &Policy, options: &Options) -> Result<Self, StartError> {
        let desk = Desk::open(policy.transport(), &options.base, &options.state)?;
        let sites = policy.sites().iter();
        let sites = sites.filter(|site| site.certificate == Certificate::Acme);
        Ok(Self {
            desk: Arc::new(desk),
            sites: sites.cloned().collect(),
        })
    }

    /// How every site that asks for `acme` stands, in the order of the policy. Blocks on
    /// files; asks nobody.
    pub fn states(&self) -> Vec<OrderState> {
        let now = SystemTime::now();
        let sites = self.sites.iter();
        sites
            .map(|site| {
                let look = Look::at(&self.desk, &site.hosts, now);
                let held = look.standing.held;
                OrderState {
                    hosts: site.hosts.clone(),
                    validity: held.map(|held| (held.not_before, held.not_after)),
                    fits: held.is_some_and(|held| held.fits),
                    failures: look.standing.last.map_or(0, |last| last.failures),
                    trouble: look.progress.trouble,
                }
            })
            .collect()
    }

    /// Orders a certificate for the site of a host now, whether or not it is due. A gate that
    /// shares the folder answers the challenges and serves what comes.
    ///
    /// # Errors
    /// See [`Trouble`]; the certificate at hand stays.
    pub async fn renew(&self, host: &str) -> Result<(), Trouble> {
        let site = self.site(host)?;
        let done = attend(Arc::clone(&self.desk), site.hosts.clone(), true).await?;
        debug_assert_eq!(
            done,
            Done::Ordered,
            "a forced order ends with a certificate"
        );
        Ok(())
    }

    /// Revokes the certificate of the site of a host, and puts its file aside. A gate that
    /// shares the folder orders another at once and serves the old one until then.
    ///
    /// # Errors
    /// See [`Trouble`]; nothing is put aside then.
    pub async fn revoke(&self, host: &str, reason: RevocationReason) -> Result<(), Trouble> {
        let site = self.site(host)?;
        let hosts = site.hosts.clone();
        let none = || Trouble::NoCertificate {
            host: host.to_owned(),
        };
        let lock = self.desk.on_disk(|folder| folder.lock()).await?;
        let _lock = lock.ok_or(Trouble::Busy)?;
        let desk = Arc::clone(&self.desk);
        let look = self
            .desk
            .on_disk(move |_| Ok(Look::at(&desk, &hosts, SystemTime::now())))
            .await?;
        let leaf = look.leaf.ok_or_else(none)?;
        let client = client(&self.desk).await?;
        let account = self.desk.known_account(&client).await?.ok_or_else(none)?;
        let request = RevocationRequest {
            certificate: &leaf,
            reason: Some(reason.into()),
        };
        match patiently!(account.revoke(&request)).map_err(Trouble::from) {
            Ok(()) => {}
            // Someone was faster; the file has to go all the same.
            Err(Trouble::Refused { problem, .. }) if problem == "alreadyRevoked" => {}
            Err(trouble) => return Err(trouble),
        }
        let name = first(&site.hosts).to_owned();
        self.desk
            .on_disk(move |folder| {
                folder.put_aside(&name)?;
                // What the last order left would hold the next one back.
                folder.keep_progress(&name, &Progress::default())
            })
            .await
    }

    fn site(&self, host: &str) -> Result<&Site, Trouble> {
        let host = host.to_ascii_lowercase();
        let mut sites = self.sites.iter();
        let found = sites.find(|site| site.hosts.contains(&host));
        found.ok_or(Trouble::NoSite { host })
    }
}

impl From<RevocationReason> for instant_acme::RevocationReason {
    fn from(reason: RevocationReason) -> Self {
        match reason {
            RevocationReason::Unspecified => Self::Unspecified,
            RevocationReason::KeyCompromise => Self::KeyCompromise,
            RevocationReason::Superseded => Self::Superseded,
            RevocationReason::CessationOfOperation => Self::CessationOfOperation,
        }
    }
}

/// The hosts only: an office holds keys.
impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts = self.sites.iter().map(|site| &site.hosts);
        f.debug_tuple("Office")
            .field(&hosts.collect::<Vec<_>>())
            .finish()
    }
}
