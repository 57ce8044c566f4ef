//! `/metrics`: the counts in the text format of Prometheus (version 0.0.4).
//!
//! Names follow its rules: a unit at the end, `_total` for what only grows, seconds and bytes.
//! Labels take their values from lists that the program or the policy bounds; `site` is the
//! first host of a site of the policy, or empty for requests of no known site.

use std::fmt::{Display, Write as _};
use std::time::{Duration, SystemTime};

use transport::framing::Fault;

use super::overview::{Overview, SiteView};
use crate::form::FormEvent;
use crate::gate::Shared;
use crate::metrics::{
    BUCKETS, CLASSES, DOORS, HandshakeFailure, OriginFailure, PROTOCOLS, STATUS_ANSWERS,
    SiteCounts, VERSIONS, read,
};
use crate::observe::Observed;
use crate::respond::Notice;
use crate::threads::PerThread;

mod origins;
mod process;

/// The whole text.
pub(super) fn text(overview: &Overview, shared: &Shared) -> String {
    let mut text = Text(String::with_capacity(16 * 1024));
    of_gate(&mut text, overview, shared);
    of_sites(&mut text, overview, shared);
    origins::write(&mut text, overview);
    of_certificates(&mut text, overview);
    process::write(&mut text, shared);
    text.0
}

/// A text that grows by whole families.
struct Text(String);

impl Text {
    /// Begins a family.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// One sample. The values of labels are names of the program or hosts of the policy; what the
    /// format would misread is escaped all the same.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, of)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"");
            for sign in of.chars() {
                match sign {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    sign => self.0.push(sign),
                }
            }
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one sample.
    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

fn of_gate(text: &mut Text, overview: &Overview, shared: &Shared) {
    let metrics = &shared.metrics;
    let gate = &metrics.gate;
    text.family("rempart_build_info", GAUGE, "The version that runs.");
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.sample("rempart_build_info", &version, 1);
    let observe = u8::from(shared.observe);
    text.single(
        "rempart_observe",
        GAUGE,
        "1 while the policy is only observed.",
        observe,
    );

    let open = shared.connections.open();
    text.single(
        "rempart_connections",
        GAUGE,
        "Open client connections.",
        open,
    );
    let most = overview.most_connections;
    text.single(
        "rempart_connections_limit",
        GAUGE,
        "The most that may be open.",
        most,
    );
    let requests = gate.sum(|counts| read(&counts.open));
    text.single(
        "rempart_requests_in_flight",
        GAUGE,
        "Requests whose answer is not over.",
        requests,
    );
    let name = "rempart_connections_accepted_total";
    text.family(name, COUNTER, "Client connections by listener.");
    for (place, door) in DOORS.into_iter().enumerate() {
        text.sample(
            name,
            &[("listener", door)],
            gate.sum(|counts| counts.connections.at(place)),
        );
    }
    let name = "rempart_connections_refused_total";
    text.family(name, COUNTER, "Client connections over a cap, by listener.");
    for (place, door) in DOORS.into_iter().enumerate() {
        text.sample(
            name,
            &[("listener", door)],
            gate.sum(|counts| counts.turned_away.at(place)),
        );
    }
    text.single(
        "rempart_accept_errors_total",
        COUNTER,
        "Times that a listener could not accept, as without descriptors.",
        gate.sum(|counts| read(&counts.accept_errors)),
    );
    let name = "rempart_tls_handshakes_total";
    text.family(
        name,
        COUNTER,
        "Handshakes done, by version and by resumption.",
    );
    for (resumed, word) in ["false", "true"].into_iter().enumerate() {
        for (version, label) in VERSIONS.into_iter().enumerate() {
            let place = version + resumed * VERSIONS.len();
            let labels = [("version", label), ("resumed", word)];
            text.sample(
                name,
                &labels,
                gate.sum(|counts| counts.handshakes.at(place)),
            );
        }
    }
    let name = "rempart_tls_handshake_failures_total";
    text.family(name, COUNTER, "Handshakes that came to nothing, by reason.");
    for failure in HandshakeFailure::ALL {
        let count = gate.sum(|counts| counts.failures.at(failure as usize));
        text.sample(name, &[("reason", failure.code())], count);
    }
    text.single(
        "rempart_tls_clear_total",
        COUNTER,
        "Connections to the TLS listener that spoke HTTP in clear.",
        gate.sum(|counts| read(&counts.clear)),
    );
    let name = "rempart_requests_by_protocol_total";
    text.family(name, COUNTER, "Requests by protocol.");
    for (place, protocol) in PROTOCOLS.into_iter().enumerate() {
        let count = gate.sum(|counts| counts.protocols.at(place));
        text.sample(name, &[("protocol", protocol)], count);
    }
    let name = "rempart_refusals_total";
    text.family(
        name,
        COUNTER,
        "Answers of the gate itself in the place of the origin's, by reason.",
    );
    let refusals = Notice::ALL.into_iter().filter(|notice| notice.is_refusal());
    for notice in refusals {
        let count = gate.sum(|counts| counts.refusals.at(notice as usize));
        text.sample(name, &[("reason", notice.code())], count);
    }
    let name = "rempart_framing_faults_total";
    text.family(
        name,
        COUNTER,
        "Request heads refused for their framing, by fault.",
    );
    for fault in Fault::ALL {
        let count = gate.sum(|counts| counts.faults.at(fault as usize));
        text.sample(name, &[("fault", fault.code())], count);
    }
    let name = "rempart_reloads_total";
    text.family(name, COUNTER, "Reloads of the policy.");
    for (result, count) in [
        ("taken", &metrics.reloads.done),
        ("refused", &metrics.reloads.refused),
    ] {
        text.sample(name, &[("result", result)], read(count));
    }
    text.single(
        "rempart_last_reload_refused",
        GAUGE,
        "1 while the policy in force is older than the last one asked for.",
        u8::from(metrics.reloads.is_stale()),
    );
    text.single(
        "rempart_last_reload_timestamp_seconds",
        GAUGE,
        "When the last policy was taken by a reload; 0 for none.",
        read(&metrics.reloads.last),
    );
    let lost = shared.log.lost();
    text.single(
        "rempart_log_lines_lost_total",
        COUNTER,
        "Lines of the access log lost.",
        lost,
    );
    let waiting = shared.log.waiting();
    text.single(
        "rempart_log_queue_lines",
        GAUGE,
        "Lines that wait to be written.",
        waiting,
    );
}

/// Every site with its label, and the requests of none.
fn sites<'a>(
    overview: &'a Overview,
    shared: &'a Shared,
) -> impl Iterator<Item = (&'a str, &'a PerThread<SiteCounts>)> {
    let known = overview.sites.iter();
    let known = known.map(|site| (site.name.as_str(), &*site.counts));
    known.chain([("", &shared.metrics.nobody)])
}

fn of_sites(text: &mut Text, overview: &Overview, shared: &Shared) {
    let name = "rempart_requests_total";
    text.family(
        name,
        COUNTER,
        "Requests by site and class of status; none: the client left first.",
    );
    for (site, counts) in sites(overview, shared) {
        for (place, class) in CLASSES.into_iter().enumerate() {
            let count = counts.sum(|counts| counts.statuses.at(place));
            text.sample(name, &[("site", site), ("status", class)], count);
        }
    }
    let name = "rempart_request_duration_seconds";
    text.family(
        name,
        "histogram",
        "From a request's head to the end of its answer.",
    );
    for (site, counts) in sites(overview, shared) {
        let mut below = 0;
        for (place, end) in BUCKETS.into_iter().enumerate() {
            below += counts.sum(|counts| counts.durations.at(place));
            let end = Duration::from_millis(end).as_secs_f64().to_string();
            let labels = [("site", site), ("le", end.as_str())];
            text.sample(&format!("{name}_bucket"), &labels, below);
        }
        below += counts.sum(|counts| counts.durations.at(BUCKETS.len()));
        let labels = [("site", site), ("le", "+Inf")];
        text.sample(&format!("{name}_bucket"), &labels, below);
        let micros = counts.sum(|counts| read(&counts.duration));
        let seconds = Duration::from_micros(micros).as_secs_f64();
        text.sample(&format!("{name}_sum"), &[("site", site)], seconds);
        text.sample(&format!("{name}_count"), &[("site", site)], below);
    }
    let name = "rempart_sent_bytes_total";
    text.family(name, COUNTER, "Bytes of answers' bodies.");
    for (site, counts) in sites(overview, shared) {
        let count = counts.sum(|counts| read(&counts.sent));
        text.sample(name, &[("site", site)], count);
    }
    let name = "rempart_origin_failures_total";
    text.family(
        name,
        COUNTER,
        "Requests that the origin of a site failed, by kind.",
    );
    for site in &overview.sites {
        for (place, kind) in OriginFailure::NAMES.into_iter().enumerate() {
            let count = site.counts.sum(|counts| counts.origin.at(place));
            text.sample(name, &[("site", site.name.as_str()), ("kind", kind)], count);
        }
    }
    let name = "rempart_observed_total";
    text.family(
        name,
        COUNTER,
        "Requests that the policy would have refused or mended, by site.",
    );
    for (site, counts) in sites(overview, shared) {
        for observed in Observed::ALL {
            let count = counts.sum(|counts| counts.observed.at(observed as usize));
            text.sample(name, &[("site", site), ("what", observed.code())], count);
        }
    }
    let name = "rempart_forms_total";
    text.family(
        name,
        COUNTER,
        "What became of requests to protected forms, by site.",
    );
    for site in overview.sites.iter().filter(|site| !site.forms.is_empty()) {
        for event in FormEvent::ALL {
            let count = site.counts.sum(|counts| counts.forms.at(event as usize));
            let labels = [("site", site.name.as_str()), ("what", event.code())];
            text.sample(name, &labels, count);
        }
    }
    text.single(
        "rempart_certificates_replaced_total",
        COUNTER,
        "Certificates taken up while the gate runs.",
        read(&shared.metrics.certificates_replaced),
    );
    let name = "rempart_acme_orders_total";
    text.family(name, COUNTER, "Orders of certificates that this gate made.");
    for (result, count) in [
        ("done", &shared.metrics.orders_done),
        ("failed", &shared.metrics.orders_failed),
    ] {
        text.sample(name, &[("result", result)], read(count));
    }
    let name = "rempart_ocsp_answers_total";
    text.family(
        name,
        COUNTER,
        "What the responders of certificates said, failed: nothing that could be stapled.",
    );
    for (place, result) in STATUS_ANSWERS.into_iter().enumerate() {
        let count = shared.metrics.status_answers.at(place);
        text.sample(name, &[("result", result)], count);
    }
}

fn of_certificates(text: &mut Text, overview: &Overview) {
    let each = |text: &mut Text, name: &str, help: &str, of: &dyn Fn(&SiteView) -> Option<u64>| {
        text.family(name, GAUGE, help);
        for site in &overview.sites {
            if let Some(value) = of(site) {
                text.sample(name, &[("site", site.name.as_str())], value);
            }
        }
    };
    each(
        text,
        "rempart_certificate_expiry_timestamp_seconds",
        "The end of the certificate of a site, or of the first to end.",
        &|site| site.not_after.map(seconds),
    );
    each(
        text,
        "rempart_certificate_missing_hosts",
        "Hosts of a site for which handshakes are refused.",
        &|site| Some(site.missing.len() as u64),
    );
    each(
        text,
        "rempart_acme_last_order_failed",
        "1 while the last order for a site failed.",
        &|site| Some(u64::from(site.trouble.is_some())),
    );
    each(
        text,
        "rempart_ocsp_stapled",
        "1 while a certificate is shown with its OCSP status, 0 without; absent where it names no responder.",
        &|site| Some(u64::from(site.status.as_ref()?.until.is_some())),
    );
    each(
        text,
        "rempart_ocsp_expiry_timestamp_seconds",
        "Until when the OCSP status that is shown holds.",
        &|site| site.status.as_ref()?.until.map(seconds),
    );
    each(
        text,
        "rempart_ocsp_revoked",
        "1 while the authority says that it revoked a certificate of a site.",
        &|site| Some(u64::from(site.status.as_ref()?.is_revoked())),
    );
    each(
        text,
        "rempart_hsts_max_age_seconds",
        "What browsers are told; absent where they are told nothing.",
        &|site| site.hsts.as_ref().map(|hsts| hsts.max_age.as_secs()),
    );
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_its_quotation_or_its_line() {
        let mut text = Text(String::new());
        text.sample("a_total", &[("site", "x\"} 1\nb\\"), ("b", "é")], 2.5);
        assert_eq!(text.0, "a_total{site=\"x\\\"} 1\\nb\\\\\",b=\"é\"} 2.5\n");
    }
}
