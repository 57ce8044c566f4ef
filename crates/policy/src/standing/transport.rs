//! Where a policy stands towards the texts on transport: HSTS, HTTP, TLS, cookies, the field
//! `Forwarded`, and the choices of rempart itself.

use super::Part::{Access, Accounts, Gate, Hash, Judge, Loader};
use super::{Mark, Row, built, set, stated, yours};
use crate::Policy;
use crate::access::WhenStoreIsDown;
use crate::password::Case;
use crate::process::Sandbox;
use crate::site::Scheme;
use crate::transport::{CleartextCredentials, Hsts, HstsStage, Redirect, TlsProfile};

pub(super) const ROWS: &[Row] = &[
    built("anssi-tls-versions", &[Gate]),
    built("anssi-tls-old-versions", &[Gate]),
    built("anssi-tls-forward-secrecy", &[Gate]),
    set("anssi-tls-groups", &[Gate], |policy| {
        Mark::kept(policy.transport().tls == TlsProfile::Anssi)
    }),
    built("anssi-tls-suites", &[Gate]),
    set("anssi-tls-server-order", &[Gate], |policy| {
        Mark::kept(policy.transport().tls == TlsProfile::Anssi)
    }),
    built("anssi-tls-no-compression", &[Gate]),
    built("anssi-tls-tickets", &[Gate]),
    built("anssi-tls-no-early-data", &[Gate]),
    built("anssi-tls-signatures", &[Gate]),
    built("anssi-tls-validity", &[Gate]),
    built("anssi-tls-key-sizes", &[Gate]),
    built("anssi-tls-certificate", &[Gate]),
    yours(
        "anssi-tls-revocation",
        "Choisissez une autorité qui publie l’état de ses certificats ; la passerelle joint la réponse du répondeur OCSP qu’un certificat nomme.",
        "Choose an authority that publishes the state of its certificates; the gate staples the answer of the OCSP responder that a certificate names.",
    ),
    built("anssi-https", &[Gate]),
    set("anssi-hsts", &[Gate], |policy| {
        let hsts = &policy.transport().hsts;
        Mark::kept(hsts.max_age >= Hsts::ONE_YEAR && hsts.include_subdomains)
    }),
    yours(
        "anssi-certificate-logs",
        "Surveillez les journaux de transparence des certificats pour vos noms.",
        "Watch the certificate transparency logs for your names.",
    ),
    built("hsts-only-encrypted", &[Gate]),
    set("hsts-redirect", &[Gate], |policy| {
        let transport = policy.transport();
        Mark::kept(transport.http.is_none() || transport.redirect == Redirect::Https)
    }),
    built("hsts-one-field", &[Gate]),
    built("hsts-directives", &[Gate]),
    stated("hsts-forget"),
    built("hsts-no-ip", &[Gate]),
    built("hsts-no-click-through", &[Gate]),
    built("hsts-change-by-policy", &[Loader, Gate]),
    set("hsts-subdomains", &[Loader, Gate], |policy| {
        Mark::concerned(policy.transport().hsts.include_subdomains)
    }),
    set("preload-certificate", &[Gate], preload),
    set("preload-redirect", &[Gate], preload),
    set("preload-subdomains", &[Gate], preload),
    set("preload-header", &[Gate], preload),
    set("preload-stages", &[Gate], preload),
    built("preload-not-by-default", &[Loader]),
    set("asvs-nosniff", &[Gate], |policy| {
        Mark::kept(policy.sites().iter().all(|site| site.headers.nosniff))
    }),
    set("asvs-referrer", &[Gate], |policy| {
        let mut sites = policy.sites().iter();
        Mark::kept(sites.all(|site| site.headers.referrer.is_some()))
    }),
    set("asvs-frames", &[Gate], |policy| {
        let mut sites = policy.sites().iter();
        Mark::kept(sites.all(|site| site.headers.frames.is_some()))
    }),
    set("asvs-csp", &[Gate], |policy| {
        let mut sites = policy.sites().iter();
        Mark::kept(sites.all(|site| site.headers.content.is_some()))
    }),
    yours(
        "asvs-cookie-same-site",
        "Dites l’usage de chaque cookie par une règle [[site.repair.cookie]] ; SameSite n’est pas ajouté d’office.",
        "Say what each cookie is for in a rule [[site.repair.cookie]]; SameSite is not added unasked.",
    ),
    yours(
        "asvs-cookie-http-only",
        "Les cookies de session des plates-formes courantes reçoivent HttpOnly ; écrivez une règle [[site.repair.cookie]] pour les autres.",
        "Session cookies of common platforms get HttpOnly; write a rule [[site.repair.cookie]] for the others.",
    ),
    built("cookie-same-site", &[Loader, Gate]),
    set("rempart-endless-redirect", &[Gate], |policy| {
        Mark::kept(policy.sites().iter().all(|site| site.repair.stop_loops))
    }),
    set("rempart-client-certificate", &[Gate], |policy| {
        let mut sites = policy.sites().iter();
        Mark::concerned(sites.any(|site| site.client_certificates.is_some()))
    }),
    built("http-field-values", &[Gate]),
    built("http-set-cookie-lines", &[Gate]),
    built("http-trailers", &[Gate]),
    built("http-host-forwarded", &[Gate]),
    built("http-misdirected", &[Gate]),
    built("http-hop-by-hop", &[Gate]),
    built("http-max-forwards", &[Gate]),
    built("http-via", &[Gate]),
    built("http-target-untouched", &[Gate]),
    built("http-upgrade", &[Gate]),
    built("http-no-blind-retry", &[Gate]),
    built("http-no-connect", &[Gate]),
    built("http-no-trace", &[Gate]),
    built("http-expect", &[Gate]),
    built("http-interim", &[Gate]),
    built("http-line-ends", &[Gate]),
    built("http-request-line", &[Gate]),
    built("http-one-host", &[Gate]),
    built("http-absolute-form", &[Gate]),
    built("http-asterisk-form", &[Gate]),
    built("http-space-before-colon", &[Gate]),
    built("http-line-folding", &[Gate]),
    built("http-framing", &[Gate]),
    built("http-content-length", &[Gate]),
    built("http-chunks", &[Gate]),
    built("http-truncated", &[Gate]),
    built("http-unread-body", &[Gate]),
    built("http-linger", &[Gate]),
    built("http-close-notify", &[Gate]),
    built("http2-list-size", &[Gate]),
    built("http2-fields", &[Gate]),
    built("http2-pseudo-fields", &[Gate]),
    built("http2-cookies", &[Gate]),
    built("cookie-secure", &[Gate]),
    built("cookie-prefix", &[Gate]),
    built("forwarded-syntax", &[Gate]),
    built("forwarded-trust", &[Gate]),
    built("forwarded-privacy", &[Gate]),
    set("tls-versions", &[Gate], |policy| {
        Mark::kept(policy.transport().tls != TlsProfile::Modern)
    }),
    built("tls-hsts", &[Gate]),
    built("tls-no-compression", &[Gate]),
    built("tls-tickets", &[Gate]),
    built("tls-no-renegotiation", &[Gate]),
    built("tls-unknown-name", &[Gate]),
    built("tls-alpn", &[Gate]),
    built("tls-no-early-data", &[Gate]),
    built("tls-suites", &[Gate]),
    built("tls-key-sizes", &[Gate]),
    yours(
        "tls-revocation",
        "Choisissez une autorité qui publie l’état de ses certificats, ou des certificats de courte durée ; la passerelle joint la réponse du répondeur OCSP qu’un certificat nomme.",
        "Choose an authority that publishes the state of its certificates, or short-lived certificates; the gate staples the answer of the OCSP responder that a certificate names.",
    ),
    set("mozilla-intermediate", &[Gate], |policy| {
        Mark::concerned(policy.transport().tls == TlsProfile::MozillaIntermediate)
    }),
    set("mozilla-modern", &[Gate], |policy| {
        Mark::concerned(policy.transport().tls == TlsProfile::Modern)
    }),
    set("mozilla-hsts", &[Gate], |policy| {
        Mark::kept(policy.transport().hsts.max_age >= HstsStage::TwoYears.max_age())
    }),
    set("rempart-cleartext-credentials", &[Gate], |policy| {
        let transport = policy.transport();
        Mark::kept(
            transport.http.is_none()
                || transport.cleartext_credentials == CleartextCredentials::Refuse,
        )
    }),
    built("rempart-no-secret-in-file", &[Loader]),
    set("rempart-closed", &[Access], |policy| {
        Mark::kept(policy.access().when_store_is_down == WhenStoreIsDown::Closed)
    }),
    built("rempart-count-unknown-accounts", &[Access]),
    built("rempart-end-sessions", &[Accounts]),
    set("rempart-case-3-off-the-web", &[Loader], |policy| {
        Mark::concerned(policy.password().case == Case::DeviceUnlock)
    }),
    built("rempart-cost-ceiling", &[Hash]),
    built("rempart-careful-pool", &[Loader]),
    built("rempart-quotation", &[Judge]),
    set("rempart-work-as-captcha", &[Gate], |policy| {
        Mark::concerned(policy.asks_for_work()).unless_by_work(policy)
    }),
    built("rempart-deadlines", &[Gate]),
    set("rempart-least-privilege", &[Gate], |policy| {
        Mark::kept(policy.process().sandbox != Sandbox::Off)
    }),
    built("rempart-name-guard", &[Gate]),
    built("rempart-forwarded-for", &[Gate]),
    built("rempart-httpoxy", &[Gate]),
];

/// The rules of the preload list concern a policy that asks for it.
fn preload(policy: &Policy) -> Mark {
    Mark::concerned(policy.transport().hsts.preload)
}

/// The hop to each origin goes through TLS.
pub(super) fn origins_over_tls(policy: &Policy) -> Mark {
    let mut origins = policy.sites().iter().flat_map(|site| &site.upstreams);
    Mark::kept(origins.all(|origin| origin.scheme == Scheme::Https))
}
