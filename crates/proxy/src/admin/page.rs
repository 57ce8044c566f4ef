//! `/`: how the gate is, for a person, in the language of the policy.
//!
//! One page without a script, a picture or a second request; what matters is said in words, so
//! that it reads without colour, aloud and on a phone. The style is named in the
//! Content-Security-Policy by its SHA-256, and nothing else may load or run.
//!
//! Absent on purpose: refreshing by itself, which would move the page under whoever reads it.

use std::fmt::{self, Display, Write as _};
use std::time::{Duration, SystemTime};

use policy::transport::Hsts;
use policy::{Language, Text};
use transport::framing::Fault;

use super::overview::{Overview, SiteView, Source};
use crate::form::FormEvent;
use crate::gate::Shared;
use crate::health::OriginState;
use crate::metrics::{HandshakeFailure, OriginFailure, read};
use crate::observe::Observed;
use crate::origins::OriginStatus;
use crate::respond::Notice;

mod words;

use words::Words;

const STYLE: &str = include_str!("page/style.css");
/// Nothing but the style above.
pub(super) const CSP: &str = "default-src 'none'; style-src 'sha256-l82bXCZkwKqlGeRaSl1WLPJ/QxEbyvm2SanGvHV1BDI='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Days before its end from which a certificate is told to end soon.
const SOON: i64 = 14;

/// The whole page.
pub(super) fn html(overview: &Overview, shared: &Shared, language: Language) -> String {
    let words = Words::of(language);
    let mut page = String::with_capacity(16 * 1024);
    // Writing into a `String` cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
         <style>{STYLE}</style></head>\n<body><header><h1>{}</h1>",
        words.title, words.title,
    );
    summary(&mut page, overview, shared, &words);
    page.push_str("</header>\n<main>");
    sites(&mut page, overview, &words, language);
    if shared.observe {
        observed(&mut page, overview, shared, &words, language);
    }
    forms(&mut page, overview, &words, language);
    refusals(&mut page, shared, &words, language);
    page.push_str("</main>\n");
    let _ = writeln!(
        page,
        "<footer><p><a href=\"/\">{}</a> · <a href=\"/metrics\">/metrics</a> · \
         <a href=\"/ready\">/ready</a> · <a href=\"/health\">/health</a></p>\
         <p>rempart {} · {}</p></footer></body></html>",
        words.reload,
        env!("CARGO_PKG_VERSION"),
        moment(overview.now),
    );
    page
}

/// What one should know first, in sentences.
fn summary(page: &mut String, overview: &Overview, shared: &Shared, words: &Words) {
    let unserved = overview
        .sites
        .iter()
        .filter(|site| !site.is_served())
        .count();
    let state = if shared.ending.is_stopped() {
        words.ending
    } else if unserved == overview.sites.len() {
        words.serves_nothing
    } else if unserved > 0 {
        words.serves_some
    } else {
        words.serves
    };
    let _ = write!(page, "<p><strong>{state}</strong></p>");
    if shared.observe {
        let _ = write!(
            page,
            "<p class=\"alert\"><strong>{}</strong></p>",
            words.observing
        );
    }
    if shared.metrics.reloads.is_stale() {
        let _ = write!(
            page,
            "<p class=\"alert\"><strong>{}</strong></p>",
            words.stale
        );
    }
    let lost = shared.log.lost();
    if lost > 0 {
        let _ = write!(
            page,
            "<p class=\"alert\">{}{} {lost}</p>",
            words.lost, words.colon
        );
    }
    let gate = &shared.metrics.gate;
    let requests = gate.sum(|counts| read(&counts.open));
    let _ = write!(
        page,
        "<dl><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{} / {}</dd></div>\
         <div><dt>{}</dt><dd>{requests}</dd></div></dl>",
        words.running_for,
        Span(shared.metrics.age(overview.now), words),
        words.connections,
        shared.connections.open(),
        overview.most_connections,
        words.requests_open,
    );
}

fn sites(page: &mut String, overview: &Overview, words: &Words, language: Language) {
    let _ = write!(
        page,
        "<section><h2>{}</h2><div class=\"scroll\"><table><thead><tr>",
        words.sites
    );
    let columns = [
        words.site,
        words.certificate,
        words.hsts,
        words.origin,
        words.answers,
    ];
    for column in columns {
        let _ = write!(page, "<th scope=\"col\">{column}</th>");
    }
    page.push_str("</tr></thead><tbody>");
    for site in &overview.sites {
        page.push_str("<tr><th scope=\"row\">");
        for (place, host) in site.hosts.iter().enumerate() {
            let before = if place == 0 { "" } else { "<br>" };
            let _ = write!(page, "{before}{}", Escaped(host));
        }
        page.push_str("</th>");
        cell(page, columns[1], |page| {
            certificate(page, site, words, language)
        });
        cell(page, columns[2], |page| {
            let _ = match &site.hsts {
                None => page.write_str(words.no_hsts),
                Some(hsts) => write!(page, "{}", Promise(hsts, words)),
            };
        });
        cell(page, columns[3], |page| origins(page, site, words));
        cell(page, columns[4], |page| answers(page, site, words));
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div></section>\n");
}

/// A cell that names its column, for a screen too narrow for columns.
fn cell(page: &mut String, column: &str, write: impl FnOnce(&mut String)) {
    let _ = write!(page, "<td data-column=\"{column}\"><div>");
    write(page);
    page.push_str("</div></td>");
}

fn certificate(page: &mut String, site: &SiteView, words: &Words, language: Language) {
    let source = match site.source {
        Source::Files => words.files,
        Source::Acme => words.acme,
        Source::Development => words.development,
    };
    let _ = match (site.days, site.not_after) {
        (Some(days), Some(end)) if days < 0 => {
            write!(page, "<strong>{}</strong> ({})", words.ended, day(end))
        }
        (Some(days), Some(end)) => {
            let soon = if days < SOON { words.soon } else { words.valid };
            let loud = if days < SOON { "strong" } else { "span" };
            write!(
                page,
                "<{loud}>{soon}</{loud}>, {days} {} ({})",
                words.days_left,
                day(end)
            )
        }
        _ => write!(page, "<strong>{}</strong>", words.none_yet),
    };
    let _ = write!(page, "<br><small>{source}</small>");
    if site.days.is_some() && !site.missing.is_empty() {
        let hosts = site.missing.join(", ");
        let _ = write!(
            page,
            "<br><strong>{}</strong> {}",
            words.missing,
            Escaped(&hosts)
        );
    }
    if let Some(status) = &site.status {
        let _ = match status.until {
            Some(until) => write!(page, "<br>{} {}", words.stapled, moment(until)),
            None => write!(page, "<br><strong>{}</strong>", words.not_stapled),
        };
        if let Some(trouble) = &status.trouble {
            let text = trouble.text(language);
            let loud = if status.is_revoked() {
                "strong"
            } else {
                "span"
            };
            let _ = write!(page, "<br><{loud}>{}</{loud}>", Escaped(&text));
        }
    }
    if let Some(trouble) = &site.trouble {
        let _ = write!(page, "<br>{}", Escaped(trouble.in_language(language)));
    }
}

fn origins(page: &mut String, site: &SiteView, words: &Words) {
    for (place, origin) in site.origins.iter().enumerate() {
        let before = if place == 0 { "" } else { "<br>" };
        let _ = write!(page, "{before}{}", Escaped(&origin.address));
        condition(page, origin, words);
    }
    let failures = (0..OriginFailure::NAMES.len())
        .map(|place| site.counts.sum(|counts| counts.origin.at(place)))
        .sum::<u64>();
    if failures > 0 {
        let _ = write!(
            page,
            "<br>{}{} <strong>{failures}</strong>",
            words.origin_failures, words.colon
        );
    }
}

/// How one origin is, as far as that is known.
fn condition(page: &mut String, origin: &OriginStatus, words: &Words) {
    let state = match origin.state {
        OriginState::Up if !origin.is_watched() => return,
        OriginState::Up => {
            let _ = write!(page, ", {}", words.origin_up);
            return;
        }
        OriginState::PassedOver => words.origin_passed_over,
        OriginState::Down => words.origin_down,
    };
    let since = moment(origin.since);
    let _ = write!(
        page,
        " <strong>{state}</strong> {} <time>{since}</time>",
        words.since
    );
    if let Some(reason) = &origin.reason {
        let _ = write!(page, " <small lang=\"en\">({})</small>", Escaped(reason));
    }
}

/// How many of each class, as far as there are any.
fn answers(page: &mut String, site: &SiteView, words: &Words) {
    let mut some = false;
    for (place, class) in [
        (2, "2xx"),
        (3, "3xx"),
        (4, "4xx"),
        (5, "5xx"),
        (1, "1xx"),
        (0, words.left),
    ] {
        let count = site.counts.sum(|counts| counts.statuses.at(place));
        if count > 0 {
            let before = if some { "<br>" } else { "" };
            let _ = write!(page, "{before}{class}{} {count}", words.colon);
            some = true;
        }
    }
    if !some {
        page.push_str(words.nothing);
    }
}

/// What would be refused or mended, and what to do before it is.
fn observed(
    page: &mut String,
    overview: &Overview,
    shared: &Shared,
    words: &Words,
    language: Language,
) {
    let rows = Observed::ALL.into_iter().map(|observed| {
        let text = observed.text();
        (text, overview.observed(shared, observed))
    });
    table(page, words.observed, rows, words, language);
}

/// What became of forms, where there are any: the forms themselves, then the counts.
fn forms(page: &mut String, overview: &Overview, words: &Words, language: Language) {
    let mut forms = overview
        .sites
        .iter()
        .flat_map(|site| site.forms.iter().map(move |form| (&site.name, form)))
        .peekable();
    if forms.peek().is_none() {
        return;
    }
    let _ = write!(page, "<section><h2>{}</h2><ul>", words.protected);
    for (site, (kind, path)) in forms {
        let _ = write!(
            page,
            "<li>{}: {} {}</li>",
            Escaped(site),
            kind.name(),
            Escaped(path)
        );
    }
    page.push_str("</ul></section>\n");
    let rows = FormEvent::ALL.into_iter();
    let rows = rows.map(|event| (event.text(), overview.forms(event)));
    table(page, words.forms, rows, words, language);
}

/// What was refused since the start.
fn refusals(page: &mut String, shared: &Shared, words: &Words, language: Language) {
    let gate = &shared.metrics.gate;
    let notices = Notice::ALL.into_iter().filter(|notice| notice.is_refusal());
    let rows = notices.map(|notice| {
        let count = gate.sum(|counts| counts.refusals.at(notice as usize));
        // The title is said to whoever sent it.
        let text = match notice {
            Notice::CredentialsExposed => {
                Text::new("Identifiants envoyés en clair", "Credentials sent in clear")
            }
            notice => notice.title(),
        };
        (text, count)
    });
    table(page, words.refusals, rows, words, language);
    let rows = Fault::ALL.into_iter().map(|fault| {
        (
            fault.text(),
            gate.sum(|counts| counts.faults.at(fault as usize)),
        )
    });
    table(page, words.faults, rows, words, language);
    let rows = HandshakeFailure::ALL.into_iter().map(|failure| {
        (
            failure.text(),
            gate.sum(|counts| counts.failures.at(failure as usize)),
        )
    });
    table(page, words.handshakes, rows, words, language);
}

/// What there is any of, most often first.
fn table(
    page: &mut String,
    title: &str,
    rows: impl Iterator<Item = (Text, u64)>,
    words: &Words,
    language: Language,
) {
    let mut rows: Vec<(Text, u64)> = rows.filter(|(_, count)| *count > 0).collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let _ = write!(page, "<section><h2>{title}</h2>");
    if rows.is_empty() {
        let _ = writeln!(page, "<p>{}</p></section>", words.nothing);
        return;
    }
    page.push_str("<table class=\"counts\"><tbody>");
    for (text, count) in rows {
        let text = text.in_language(language);
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{count}</td></tr>",
            Escaped(text)
        );
    }
    page.push_str("</tbody></table></section>\n");
}

/// What browsers are told, with the name of the stage if it is one.
struct Promise<'a>(&'a Hsts, &'a Words);

impl Display for Promise<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(hsts, words) = self;
        write!(f, "{}", words.stage(hsts.max_age))?;
        if hsts.include_subdomains {
            write!(f, "<br>{}", words.subdomains)?;
        }
        if hsts.preload {
            write!(f, "<br>{}", words.preload)?;
        }
        Ok(())
    }
}

/// A stretch of time in its two largest units.
struct Span<'a>(Duration, &'a Words);

impl Display for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, words) = (self.0.as_secs(), self.1);
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        match (days, hours) {
            (0, 0) => write!(f, "{minutes} min {} s", seconds % 60),
            (0, hours) => write!(f, "{hours} h {minutes} min"),
            (days, hours) => write!(f, "{days} {} {hours} h", words.short_days),
        }
    }
}

/// Text where markup is read.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for sign in self.0.chars() {
            match sign {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                sign => f.write_char(sign)?,
            }
        }
        Ok(())
    }
}

/// The day of a time, UTC.
fn day(time: SystemTime) -> impl Display {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    fmt::from_fn(move |f| write!(f, "<time>{}</time>", time.strftime("%Y-%m-%d")))
}

/// A moment, UTC.
fn moment(time: SystemTime) -> impl Display {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    fmt::from_fn(move |f| write!(f, "{}", time.strftime("%Y-%m-%d %H:%M:%S UTC")))
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_style_is_the_one_that_the_policy_allows() {
        let hash = Base64::encode_string(&Sha256::digest(STYLE.as_bytes()));
        assert!(CSP.contains(&format!("'sha256-{hash}'")), "hash is {hash}");
        assert!(!STYLE.contains('<') && !STYLE.contains("url("));
    }

    #[test]
    fn nothing_that_somebody_else_wrote_is_markup() {
        let text = Escaped("<b title='x\"'>&").to_string();
        assert_eq!(text, "&lt;b title=&#39;x&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn a_stretch_of_time_is_told_in_two_units() {
        let words = Words::of(Language::Fr);
        for (seconds, shown) in [
            (59, "0 min 59 s"),
            (3_599, "59 min 59 s"),
            (3_600, "1 h 0 min"),
            (90_000, "1 j 1 h"),
        ] {
            assert_eq!(
                Span(Duration::from_secs(seconds), &words).to_string(),
                shown
            );
        }
    }
}
