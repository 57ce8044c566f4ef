//! `/ready`: whether this gate should be sent visitors.
//!
//! Ready means: it listens and is not ending, and at least one site can be served. A site without
//! a valid certificate is told by its name but takes no other site down with it: whoever asks this
//! question would send everybody elsewhere. The gate itself keeps no counters of accounts, so no
//! store is asked.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::finish;
use super::overview::Overview;
use crate::gate::Shared;

/// 200 or 503, and why.
pub(super) fn answer(shared: &Shared) -> Response<Bytes> {
    let ending = shared.ending.is_stopped();
    let overview = Overview::of(shared);
    let unserved: Vec<&str> = overview
        .sites
        .iter()
        .filter(|site| !site.is_served())
        .map(|site| site.name.as_str())
        .collect();
    let serves = unserved.len() < overview.sites.len();
    let ready = !ending && serves;
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let document = json!({
        "ready": ready,
        "listening": !ending,
        "certificates": serves,
        "sites-without-certificate": unserved,
    });
    finish(status, "application/json", format!("{document:#}\n"))
}
