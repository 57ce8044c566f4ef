//! Everything that ordering needs beside a site: the policy, the folder, the way to the
//! authority, the account.
//!
//! What the policy names is read when the gate starts, so that a wrong path is told then and
//! not in two months; the authority itself is asked only when there is something to order.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use instant_acme::{Account, ExternalAccountKey, NewAccount};
use policy::hash::SecretSource;
use policy::transport::{AcmePolicy, ChallengeChoice, TransportPolicy};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use zeroize::Zeroizing;

use super::client::Client;
use super::folder::{AccountFile, ChallengeKind, Folder};
use super::patiently;
use super::trouble::Trouble;
use crate::error::StartError;
use crate::state::{read, read_key};

/// What orders are made with.
pub(crate) struct Desk {
    pub(crate) policy: AcmePolicy,
    pub(crate) folder: Folder,
    /// Whether there is a plain listener to answer `http-01` on.
    plain: bool,
    /// The only authorities trusted for the directory.
    roots: Option<Vec<CertificateDer<'static>>>,
    external_key: Option<Zeroizing<Vec<u8>>>,
    /// Made at the first order: reading the system's authorities takes a while.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Desk {
    /// Reads what the policy names. `base` is where its paths start from, `state` the folder
    /// of the gate's own files. Blocks on files.
    pub(crate) fn open(
        transport: &TransportPolicy,
        base: &Path,
        state: &Path,
    ) -> Result<Self, StartError> {
        let desk = Self::look(transport, base, state)?;
        desk.folder.make().map_err(StartError::Acme)?;
        Ok(desk)
    }

    /// The same, with nothing made: the folder may not be there.
    pub(crate) fn look(
        transport: &TransportPolicy,
        base: &Path,
        state: &Path,
    ) -> Result<Self, StartError> {
        let policy = transport.acme.clone();
        let roots = match &policy.root {
            Some(path) => Some(read_roots(&base.join(path))?),
            None => None,
        };
        let external_key = match &policy.external_account {
            Some(account) => Some(read_external_key(&account.key, base)?),
            None => None,
        };
        let folder = Folder::at(state.join(&policy.folder));
        Ok(Self {
            policy,
            folder,
            plain: transport.http.is_some(),
            roots,
            external_key,
            tls: OnceLock::new(),
        })
    }

    /// The way to the authority. Blocks on the system's authorities the first time.
    pub(crate) fn client(&self) -> Client {
        let tls = self.tls.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            match &self.roots {
                Some(named) => roots.add_parsable_certificates(named.iter().cloned()),
                None => {
                    let native = rustls_native_certs::load_native_certs();
                    roots.add_parsable_certificates(native.certs)
                }
            };
            Arc::new(transport::tls::client_config(roots))
        });
        Client::new(Arc::clone(tls))
    }

    /// The challenge to try, after so many failures in a row.
    pub(crate) fn challenge(&self, failures: u32) -> ChallengeKind {
        match self.policy.challenge {
            ChallengeChoice::Http01 => ChallengeKind::Http01,
            ChallengeChoice::TlsAlpn01 => ChallengeKind::TlsAlpn01,
            ChallengeChoice::Both if self.plain && failures.is_multiple_of(2) => {
                ChallengeKind::Http01
            }
            ChallengeChoice::Both => ChallengeKind::TlsAlpn01,
        }
    }

    /// Works on the folder, on a thread that may block.
    pub(crate) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let folder = self.folder.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| {
            Err(Trouble::Folder {
                path: "acme".to_owned(),
                detail: error.to_string(),
            })
        })
    }

    /// The account: the one kept, else a new one that is kept from now on.
    pub(crate) async fn account(&self, client: &Client) -> Result<Account, Trouble> {
        let url = self.policy.directory.url().to_owned();
        if let Some(account) = self.known_account(client).await? {
            return Ok(account);
        }
        let contacts = self.contacts();
        let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
        let new = NewAccount {
            contact: &contacts,
            terms_of_service_agreed: self.policy.agree_to_terms,
            only_return_existing: false,
        };
        let external = self.policy.external_account.as_ref();
        let external = external.zip(self.external_key.as_ref());
        let external =
            external.map(|(account, key)| ExternalAccountKey::new(account.id.clone(), key));
        let (account, credentials) =
            patiently!(Account::builder_with_http(Box::new(client.clone())).create(
                &new,
                url.clone(),
                external.as_ref(),
            ))?;
        let kept = AccountFile {
            directory: url,
            contacts: self.policy.contacts.clone(),
            credentials,
        };
        self.on_disk(move |folder| folder.keep_account(&kept))
            .await?;
        tracing::info!(
            directory = self.policy.directory.url(),
            "ACME account opened"
        );
        Ok(account)
    }

    /// The account that was kept, with the contacts of the policy.
    pub(crate) async fn known_account(&self, client: &Client) -> Result<Option<Account>, Trouble> {
        let url = self.policy.directory.url().to_owned();
        let read = move |folder: &Folder| folder.account(&url);
        let Some(kept) = self.on_disk(read.clone()).await? else {
            return Ok(None);
        };
        let builder = Account::builder_with_http(Box::new(client.clone()));
        let account = builder.from_credentials(kept.credentials).await?;
        if kept.contacts != self.policy.contacts {
            let contacts = self.contacts();
            let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
            patiently!(account.update_contacts(&contacts))?;
            if let Some(mut kept) = self.on_disk(read).await? {
                kept.contacts.clone_from(&self.policy.contacts);
                self.on_disk(move |folder| folder.keep_account(&kept))
                    .await?;
            }
        }
        Ok(Some(account))
    }

    fn contacts(&self) -> Vec<String> {
        let contacts = self.policy.contacts.iter();
        contacts
            .map(|address| format!("mailto:{address}"))
            .collect()
    }
}

/// The authorities of a PEM file, at least one.
pub(crate) fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let pem = read(path)?;
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match roots {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        _ => Err(StartError::Acme(Trouble::NoRoot {
            path: path.display().to_string(),
        })),
    }
}

/// The key of an external account: base64url, with or without padding.
fn read_external_key(source: &SecretSource, base: &Path) -> Result<Zeroizing<Vec<u8>>, StartError> {
    let none = || StartError::Acme(Trouble::NoExternalKey);
    let text = Zeroizing::new(match source {
        SecretSource::File(path) => {
            String::from_utf8(read_key(&base.join(path))?).map_err(|_| none())?
        }
        SecretSource::Variable(name) => std::env::var(name).map_err(|_| none())?,
    });
    let key = Base64UrlUnpadded::decode_vec(text.trim().trim_end_matches('='));
    let key = Zeroizing::new(key.map_err(|_| none())?);
    match key.is_empty() {
        true => Err(none()),
        false => Ok(key),
    }
}
