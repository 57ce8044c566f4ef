//! W3C Trace Context: which trace a request belongs to, and what the origin is told of it.
//!
//! [`adopt`] leaves exactly one `traceparent` that says: this trace, and the gate is the parent. A
//! trace of somebody who is believed goes on, `tracestate` included; any other request begins a
//! new one. A stranger who could choose the trace would join requests of others into one, make
//! the origin record what he likes, or see his marks come out somewhere else.
//!
//! Clauses: W3C Trace Context level 1 (Recommendation of 2021), 3.2.2 (`traceparent`: grammar,
//! what later versions look like, all zeros forbidden), 3.3.1 (`tracestate`: 32 members, lines
//! joined, discarded with a bad `traceparent`), 4.3 (a new trace at a boundary of trust).
//!
//! A new trace has the flag *sampled*, so that an origin that records all it is asked to records
//! what it would without the gate.
//!
//! Absent on purpose: a member of the gate's own in `tracestate`, and spans: the gate records
//! none, its line in the access log names the trace.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of a `traceparent` of version 00.
const LENGTH: usize = 55;
/// Members of a `tracestate`.
const MEMBERS: usize = 32;
/// Bytes of a `tracestate` that are passed on; the recommendation asks for 512 at least.
const STATE: usize = 1024;

/// The trace of one request: shown as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl TraceId {
    /// A trace of its own; zero, which is forbidden, becomes one.
    pub const fn new(random: u128) -> Self {
        Self(if random == 0 { 1 } else { random })
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Makes `headers` say which trace the request belongs to and that `span` is its parent.
///
/// The trace is the one that came, if `believed` and well-formed; else `fresh`, and whatever came
/// is removed.
pub fn adopt(headers: &mut HeaderMap, believed: bool, fresh: TraceId, span: u64) -> TraceId {
    let came = only(headers, &TRACEPARENT).and_then(|value| parse(value.as_bytes()));
    let (trace, flags) = match came.filter(|_| believed) {
        Some(came) => {
            keep_state(headers);
            came
        }
        None => {
            headers.remove(TRACESTATE);
            (fresh, SAMPLED)
        }
    };
    let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
    write_hex(&mut text[3..35], trace.0);
    write_hex(&mut text[36..52], u128::from(span.max(1)));
    write_hex(&mut text[53..], u128::from(flags));
    match HeaderValue::from_bytes(&text) {
        Ok(value) => drop(headers.insert(TRACEPARENT, value)),
        // Digits and dashes are always a field value.
        Err(_) => drop(headers.remove(TRACEPARENT)),
    }
    trace
}

/// The one flag of version 00.
const SAMPLED: u8 = 1;

/// The trace and its flags. What a later version adds behind is not ours to pass on.
fn parse(text: &[u8]) -> Option<(TraceId, u8)> {
    let known = text.get(..LENGTH)?;
    let version = hex(&known[..2])?;
    match version {
        0xff => return None,
        0 if text.len() != LENGTH => return None,
        _ if text.get(LENGTH).is_some_and(|&next| next != b'-') => return None,
        _ => {}
    }
    if known[2] != b'-' || known[35] != b'-' || known[52] != b'-' {
        return None;
    }
    let trace = hex(&known[3..35])?;
    let parent = hex(&known[36..52])?;
    let flags = u8::try_from(hex(&known[53..])?).ok()?;
    (trace != 0 && parent != 0).then_some((TraceId(trace), flags & SAMPLED))
}

/// Fills `place` with the last digits of a number.
fn write_hex(place: &mut [u8], mut number: u128) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 0xf) as usize];
        number >>= 4;
    }
}

/// Lower-case digits only, as the recommendation asks.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number: u128, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

/// The value of a field that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?;
    lines.next().is_none().then_some(first)
}

/// Joins the lines of `tracestate` to one, or removes them all when they are malformed.
fn keep_state(headers: &mut HeaderMap) {
    let mut joined: Vec<u8> = Vec::new();
    let mut members = 0;
    let mut good = true;
    for line in headers.get_all(TRACESTATE) {
        for member in line.as_bytes().split(|&byte| byte == b',') {
            let member = member.trim_ascii();
            if member.is_empty() {
                continue;
            }
            members += 1;
            good = good && is_member(member);
            if !joined.is_empty() {
                joined.push(b',');
            }
            joined.extend_from_slice(member);
            good = good && members <= MEMBERS && joined.len() <= STATE;
            if !good {
                break;
            }
        }
    }
    headers.remove(TRACESTATE);
    if good
        && !joined.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(&joined)
    {
        headers.insert(TRACESTATE, value);
    }
}

/// `key=value` of 3.3.1.3.
fn is_member(member: &[u8]) -> bool {
    let mut parts = member.splitn(2, |&byte| byte == b'=');
    let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
        return false;
    };
    let in_key =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(byte);
    let starts = key
        .first()
        .is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let in_value = |byte: &u8| matches!(byte, 0x20..=0x7e) && !b",=".contains(byte);
    starts
        && key.len() <= 256
        && key.iter().all(in_key)
        && (1..=256).contains(&value.len())
        && value.iter().all(in_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const FRESH: TraceId = TraceId(0xabc);
    const SPAN: u64 = 0x1234;

    fn adopted(lines: &[(&'static str, &str)], believed: bool) -> (TraceId, HeaderMap) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                *name,
                HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
            );
        }
        let trace = adopt(&mut headers, believed, FRESH, SPAN);
        assert_eq!(headers.get_all(TRACEPARENT).iter().count(), 1);
        (trace, headers)
    }

    #[test]
    fn a_trace_goes_on_only_if_it_is_believed_and_well_formed() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        // The parent's own fields are those of the recommendation's examples.
        for (value, goes_on) in [
            (good.as_str(), true),
            (&format!("00-{TRACE}-00f067aa0ba902b7-00"), true),
            // A later version may say more, behind a dash.
            (&format!("cc-{TRACE}-00f067aa0ba902b7-01"), true),
            (&format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes"), true),
            (&format!("cc-{TRACE}-00f067aa0ba902b7-01.what"), false),
            (&format!("00-{TRACE}-00f067aa0ba902b7-01-what"), false),
            (&format!("ff-{TRACE}-00f067aa0ba902b7-01"), false),
            (
                &format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
                false,
            ),
            (&format!("00-{TRACE}-0000000000000000-01"), false),
            (
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                false,
            ),
            (&format!("00-{TRACE}-00f067aa0ba902b7-1"), false),
            (&format!("00_{TRACE}-00f067aa0ba902b7-01"), false),
            ("", false),
            ("é", false),
        ] {
            let (trace, headers) = adopted(&[("traceparent", value)], true);
            assert_eq!(trace.to_string() == TRACE, goes_on, "{value}");
            let sent = headers[TRACEPARENT].to_str().expect("text");
            assert!(
                sent.starts_with(&format!("00-{trace}-0000000000001234-")),
                "{sent}"
            );
            let (trace, _) = adopted(&[("traceparent", value)], false);
            assert_eq!(trace, FRESH, "{value}");
        }
        // Two parents are none.
        let (trace, _) = adopted(&[("traceparent", &good), ("traceparent", &good)], true);
        assert_eq!(trace, FRESH);
    }

    #[test]
    fn the_flag_of_a_trace_that_goes_on_is_the_one_that_came() {
        for (flags, sent) in [("00", "00"), ("01", "01"), ("03", "01"), ("fe", "00")] {
            let value = format!("00-{TRACE}-00f067aa0ba902b7-{flags}");
            let (_, headers) = adopted(&[("traceparent", &value)], true);
            let text = headers[TRACEPARENT].to_str().expect("text");
            assert!(text.ends_with(sent), "{flags}: {text}");
        }
        let (_, headers) = adopted(&[], true);
        assert!(
            headers[TRACEPARENT]
                .to_str()
                .expect("text")
                .ends_with("-01")
        );
    }

    #[test]
    fn a_state_goes_only_with_its_trace_and_only_if_it_is_well_formed() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let many = ["a=1"; 33].join(",");
        let long = format!("a={}", "x".repeat(257));
        for (lines, state) in [
            (
                &["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"][..],
                Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
            ),
            (&["a=1", "b@c=2"], Some("a=1,b@c=2")),
            (&["a=1 , ,b=2"], Some("a=1,b=2")),
            (&["A=1"], None),
            (&["a"], None),
            (&["a="], None),
            (&["a=1", "=2"], None),
            (&[&many], None),
            (&[&long], None),
            (&[""], None),
        ] {
            let mut fields = vec![("traceparent", good.as_str())];
            fields.extend(lines.iter().map(|line| ("tracestate", *line)));
            let (_, headers) = adopted(&fields, true);
            let left: Vec<_> = headers.get_all(TRACESTATE).iter().collect();
            assert_eq!(left, Vec::from_iter(state), "{lines:?}");
            let (_, headers) = adopted(&fields, false);
            assert!(!headers.contains_key(TRACESTATE), "{lines:?}");
        }
    }
}
