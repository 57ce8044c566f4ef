//! `[site.client-certificates]`: who may knock at all.
//!
//! Clause: [`clause::REMPART_CLIENT_CERTIFICATE`](crate::clause::REMPART_CLIENT_CERTIFICATE).
//! The table names files only; whether they hold authorities is for the gate to say when it
//! reads them.

use std::path::PathBuf;

use crate::read::{Section, Word};

/// `[site.client-certificates]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientCertificates {
    /// Whether a client without a certificate is turned away in the handshake.
    pub mode: ClientMode,
    /// The authorities that client certificates come from, in PEM; relative to the policy file.
    pub authorities: PathBuf,
    /// Their lists of revoked certificates, in PEM.
    pub revoked: Option<PathBuf>,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMode {
    /// A client may show one; a bad one is refused.
    Optional,
    /// A client must show one. The default.
    Required,
}

impl Word for ClientMode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("optional", Self::Optional), ("required", Self::Required)];
}

/// The table, if it is there and without fault.
pub(super) fn parse(mut table: Section<'_, '_>) -> Option<ClientCertificates> {
    let mut mode = ClientMode::Required;
    table.set("mode", &mut mode);
    let mut revoked = None;
    table.set_some("revoked", &mut revoked);
    let authorities = table.read::<PathBuf>("authorities")?;
    Some(ClientCertificates {
        mode,
        authorities: authorities.into_inner(),
        revoked,
    })
}
