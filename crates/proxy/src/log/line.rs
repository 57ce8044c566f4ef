//! The forms of a line in the access log.
//!
//! What a client chose goes through `quoted`, `escaped` or `in_quotes`, one for each form, so that
//! it stays where it belongs: a log is read by programs that believe its quotation marks.

use std::fmt::Write as _;

use http::Method;

use super::Event;
use crate::observe::Set;

/// The path of a request target, with `?…` in the place of a query, and `;…` in the place of the
/// parameters of a part: a servlet container puts the session there (`/a;jsessionid=…`), however
/// the semicolon is written.
pub(crate) fn path_without_query(uri: &http::Uri) -> String {
    let mut shown = String::with_capacity(uri.path().len());
    for (place, part) in uri.path().split('/').enumerate() {
        if place > 0 {
            shown.push('/');
        }
        match parameters(part) {
            None => shown.push_str(part),
            Some(at) => {
                shown.push_str(&part[..at]);
                shown.push_str(";…");
            }
        }
    }
    if uri.query().is_some() {
        shown.push_str("?…");
    }
    shown
}

/// Where the parameters of a part of a path begin.
fn parameters(part: &str) -> Option<usize> {
    let bytes = part.as_bytes();
    (0..bytes.len()).find(|at| {
        bytes[*at] == b';'
            || bytes[*at..]
                .get(..3)
                .is_some_and(|escape| escape.eq_ignore_ascii_case(b"%3b"))
    })
}

/// For a person.
pub(super) fn human(event: &Event) -> String {
    let mut line = String::with_capacity(160);
    // Writing into a `String` cannot fail.
    let _ = writeln!(
        line,
        "{} {} {} {} {}{} {} {} B {:.1} ms {} {}{} [{}]",
        now(),
        event.client,
        event.protocol,
        escaped(method(event)),
        escaped(known(&event.host)),
        escaped(known(&event.path)),
        event.status,
        event.bytes,
        event.duration.as_secs_f64() * 1000.0,
        event.tls.unwrap_or("clear"),
        escaped(&event.outcome),
        std::fmt::from_fn(|f| match event.observed.is_empty() {
            true => Ok(()),
            false => write!(f, " (observed: {})", codes(event.observed, ", ")),
        }),
        event.id,
    );
    line
}

/// For a program: one object.
pub(super) fn json(event: &Event) -> String {
    let mut line = String::with_capacity(320);
    // Writing into a `String` cannot fail. What a client chose goes through `quoted`.
    let _ = write!(
        line,
        "{{\"time\":\"{}\",\"id\":\"{}\",\"client\":\"{}\",\"protocol\":\"{}\",\"method\":{},\"host\":{}",
        now(),
        event.id,
        event.client,
        event.protocol,
        quoted(method(event)),
        quoted(known(&event.host)),
    );
    let _ = write!(
        line,
        ",\"path\":{},\"status\":{},\"bytes\":{},\"duration_ms\":{:.3},\"tls\":",
        quoted(known(&event.path)),
        event.status,
        event.bytes,
        event.duration.as_secs_f64() * 1000.0,
    );
    let _ = match event.tls {
        Some(version) => write!(line, "\"{version}\""),
        None => write!(line, "null"),
    };
    let _ = write!(line, ",\"outcome\":{}", quoted(&event.outcome));
    if let Some(trace) = event.trace {
        let _ = write!(line, ",\"trace\":\"{trace}\"");
    }
    if !event.observed.is_empty() {
        let _ = write!(
            line,
            ",\"observed\":[\"{}\"]",
            codes(event.observed, "\",\"")
        );
    }
    line.push_str("}\n");
    line
}

/// The combined form of Apache: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, with
/// times in UTC. The user, the referer and the agent are always `-`: what a client puts there
/// may be a secret, and no line holds it.
pub(super) fn combined(event: &Event) -> String {
    let mut line = String::with_capacity(160);
    let now = jiff::Timestamp::now();
    let bytes = std::fmt::from_fn(|f| match event.bytes {
        0 => f.write_str("-"),
        bytes => write!(f, "{bytes}"),
    });
    // Writing into a `String` cannot fail. A client that left has the status that nginx gives.
    let status = if event.status == 0 { 499 } else { event.status };
    let _ = writeln!(
        line,
        "{} - - [{}] \"{} {} {}\" {status} {bytes} \"-\" \"-\"",
        event.client,
        now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        in_quotes(method(event)),
        in_quotes(&known(&event.path).replace('…', "")),
        event.protocol,
    );
    line
}

/// The method, or a dash.
fn method(event: &Event) -> &str {
    event.method.as_ref().map_or("-", Method::as_str)
}

/// A text, or a dash for none.
fn known(text: &str) -> &str {
    match text {
        "" => "-",
        text => text,
    }
}

/// What stands between quotation marks, as Apache writes it: marks and backslashes behind a
/// backslash, what is not plain ASCII as `\\xhh`, and no space that would make one word two.
fn in_quotes(text: &str) -> impl std::fmt::Display {
    std::fmt::from_fn(move |f| {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                b'!'..=b'~' => write!(f, "{}", char::from(byte))?,
                other => write!(f, "\\x{other:02x}")?,
            }
        }
        Ok(())
    })
}

/// The names of what was observed.
fn codes(observed: Set, between: &'static str) -> impl std::fmt::Display {
    std::fmt::from_fn(move |f| {
        for (place, observed) in observed.iter().enumerate() {
            let before = if place == 0 { "" } else { between };
            write!(f, "{before}{}", observed.code())?;
        }
        Ok(())
    })
}

/// A JSON string.
fn quoted(text: &str) -> impl std::fmt::Display {
    serde_json::Value::from(text)
}

/// RFC 3339, UTC, milliseconds.
fn now() -> impl std::fmt::Display {
    let now = jiff::Timestamp::now();
    std::fmt::from_fn(move |f| write!(f, "{now:.3}"))
}

/// Control and invisible characters as `\u{…}`, and spaces as `%20`, so that a line keeps its columns.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' | '…' => safe.push(character),
            other => safe.extend(other.escape_unicode()),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::tests::event;
    use super::*;
    use crate::observe::Observed;

    #[test]
    fn a_path_can_forge_neither_a_line_nor_a_colour() {
        for path in ["/a\nb", "/\u{1b}[31m", "/\u{202e}x", "/é\r\n"] {
            for line in [
                human(&event(path)),
                json(&event(path)),
                combined(&event(path)),
            ] {
                assert_eq!(line.matches('\n').count(), 1, "{path:?}");
                assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{path:?}");
            }
        }
    }

    #[test]
    fn a_query_is_shown_as_present_only() {
        for (target, path) in [
            ("/a/b", "/a/b"),
            ("/a?password=canary", "/a?…"),
            ("/a?", "/a?…"),
            ("/a;jsessionid=canary", "/a;…"),
            ("/a;jsessionid=canary;x=canary/b;c/d?e", "/a;…/b;…/d?…"),
            ("/a%3Bjsessionid=canary", "/a;…"),
            ("/a%3bjsessionid=canary?b", "/a;…?…"),
            ("/%3", "/%3"),
        ] {
            let uri: http::Uri = target.parse().expect("a target");
            assert_eq!(path_without_query(&uri), path);
        }
    }

    #[test]
    fn a_json_line_is_one_object() {
        let line = json(&event("/a\"b"));
        let value: serde_json::Value = serde_json::from_str(&line).expect("valid JSON");
        assert_eq!(value["path"], "/a\"b");
        assert_eq!(value["duration_ms"], 1.5);
        assert_eq!(value["client"], "192.0.2.1");
        assert_eq!(value["trace"], "00000000000000000000000000000abc");
        assert_eq!(value["observed"], serde_json::Value::Null);
    }

    #[test]
    fn what_was_observed_is_on_the_line() {
        let mut event = event("/");
        event.observed.add(Observed::Body);
        event.observed.add(Observed::Credentials);
        let value: serde_json::Value = serde_json::from_str(&json(&event)).expect("valid JSON");
        let codes = ["credentials-in-clear", "body-too-large"];
        assert_eq!(value["observed"], serde_json::json!(codes));
        let line = human(&event);
        assert!(
            line.contains("(observed: credentials-in-clear, body-too-large)"),
            "{line}"
        );
    }

    #[test]
    fn a_combined_line_is_the_one_of_apache() {
        for (path, request) in [
            ("/a/b", "GET /a/b HTTP/1.1"),
            ("/a?…", "GET /a? HTTP/1.1"),
            ("/a\"b\\c d", "GET /a\\\"b\\\\c\\x20d HTTP/1.1"),
            ("/é", "GET /\\xc3\\xa9 HTTP/1.1"),
        ] {
            let line = combined(&event(path));
            let (before, after) = line.split_once(" [").expect("a time");
            assert_eq!(before, "192.0.2.1 - -");
            let (time, after) = after.split_once("] ").expect("a time");
            let format = "%d/%b/%Y:%H:%M:%S %z";
            assert!(jiff::Timestamp::strptime(format, time).is_ok(), "{time}");
            assert_eq!(after, format!("\"{request}\" 200 12 \"-\" \"-\"\n"));
        }
        let mut left = event("/");
        (left.status, left.bytes) = (0, 0);
        assert!(combined(&left).contains("\" 499 - \"-\""));
    }
}
