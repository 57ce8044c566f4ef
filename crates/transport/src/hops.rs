//! How a message says through whom it came, and how far it may go.
//!
//! Clauses: RFC 9110, 7.6.2 (`Max-Forwards`), 7.6.3 (`Via`). Every request gets a line of `Via`; a request that already carries this
//! gate's own line has come round in a circle, and would go on until every connection is used.
//!
//! The name in `Via` is drawn at start, so it tells nothing of the machine or the network, and
//! two gates in a row never take each other for themselves.
//!
//! Absent on purpose: `Via` on answers, which RFC 9110 leaves to the gateway.

use http::header::{MAX_FORWARDS, VIA};
use http::{HeaderMap, HeaderValue, Method, Version};

/// The name of one gate in `Via`, as long as its process lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudonym {
    name: String,
    /// The lines of `Via`, for what came over HTTP/1.0, HTTP/1.1 and HTTP/2.
    lines: [HeaderValue; 3],
}

/// How far a request may still go.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hops {
    /// On to the origin.
    Onward,
    /// No further: it is answered here.
    Here,
}

/// Why a request cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HopsError {
    /// It has passed this gate before. Answer 508.
    #[error("the request has passed this gate before")]
    Loop,
    /// `Max-Forwards` is not one number. Answer 400.
    #[error("Max-Forwards is not one number")]
    MaxForwards,
}

impl Pseudonym {
    /// A name that no other gate has.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, rustls::Error> {
        let mut random = [0; 8];
        rustls::crypto::aws_lc_rs::default_provider()
            .secure_random
            .fill(&mut random)?;
        Ok(Self::new(random))
    }

    /// A name from 64 random bits.
    fn new(random: [u8; 8]) -> Self {
        let name = format!("rempart-{:016x}", u64::from_be_bytes(random));
        let lines = ["1.0", "1.1", "2.0"].map(|protocol| {
            HeaderValue::try_from(format!("{protocol} {name}"))
                .expect("a version and hexadecimal digits are a field value")
        });
        Self { name, lines }
    }

    /// Adds this gate to the `Via` of a request that came in `version` of HTTP.
    ///
    /// # Errors
    /// When the request already carries this name: [`HopsError::Loop`].
    pub fn sign(&self, headers: &mut HeaderMap, version: Version) -> Result<(), HopsError> {
        let lines = headers.get_all(VIA).iter();
        let members = lines.flat_map(|line| line.as_bytes().split(|&byte| byte == b','));
        for member in members {
            // `1.1 name (comment)`; a comment may hold anything, a name no space.
            let mut words = member
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            if words.nth(1) == Some(self.name.as_bytes()) {
                return Err(HopsError::Loop);
            }
        }
        let [old, usual, multiplexed] = &self.lines;
        let line = match version {
            Version::HTTP_10 => old,
            Version::HTTP_2 => multiplexed,
            _ => usual,
        };
        headers.append(VIA, line.clone());
        Ok(())
    }
}

/// Counts one hop. Only `OPTIONS` is counted: `TRACE` is refused before, and for other methods
/// the field means nothing (RFC 9110, 7.6.2).
///
/// # Errors
/// The field is there, and is not one number: [`HopsError::MaxForwards`].
pub fn count(method: &Method, headers: &mut HeaderMap) -> Result<Hops, HopsError> {
    let mut lines = headers.get_all(MAX_FORWARDS).iter();
    let (first, more) = (lines.next(), lines.next().is_some());
    let Some(value) = first.filter(|_| *method == Method::OPTIONS) else {
        return Ok(Hops::Onward);
    };
    let digits = value.as_bytes();
    let number = std::str::from_utf8(digits).ok();
    let number = number.filter(|_| !more && digits.iter().all(u8::is_ascii_digit));
    // More digits than a u32 holds are still a number; the largest that is sent on is that.
    let left = match number {
        Some(number) if !number.is_empty() => number.parse::<u32>().unwrap_or(u32::MAX),
        _ => return Err(HopsError::MaxForwards),
    };
    match left.checked_sub(1) {
        None => Ok(Hops::Here),
        Some(left) => {
            headers.insert(MAX_FORWARDS, HeaderValue::from(left));
            Ok(Hops::Onward)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn each_gate_signs_after_those_before_it() {
        let gate = Pseudonym::new([0, 0, 0, 0, 0, 0, 0, 10]);
        for (version, line) in [
            (Version::HTTP_10, "1.0 rempart-000000000000000a"),
            (Version::HTTP_11, "1.1 rempart-000000000000000a"),
            (Version::HTTP_2, "2.0 rempart-000000000000000a"),
        ] {
            let mut headers = headers(&[("via", "1.1 edge (a, b)")]);
            assert_eq!(gate.sign(&mut headers, version), Ok(()));
            let lines: Vec<_> = headers.get_all(VIA).iter().collect();
            assert_eq!(lines, ["1.1 edge (a, b)", line]);
        }
    }

    #[test]
    fn its_own_name_is_a_loop_and_no_other_is() {
        let gate = Pseudonym::new([0, 0, 0, 0, 0, 0, 0, 10]);
        for (line, looped) in [
            ("1.1 rempart-000000000000000a", true),
            ("2.0 edge, HTTP/1.1  rempart-000000000000000a (x)", true),
            ("2.0 edge,1.1 rempart-000000000000000a", true),
            ("1.1 rempart-000000000000000b", false),
            ("1.1 edge (rempart-000000000000000a)", false),
            ("rempart-000000000000000a", false),
            ("", false),
            (",,", false),
        ] {
            let mut headers = headers(&[("via", line)]);
            let signed = gate.sign(&mut headers, Version::HTTP_11);
            assert_eq!(signed.is_err(), looped, "{line}");
        }
    }

    #[test]
    fn a_request_goes_as_far_as_it_says() {
        let options = Method::OPTIONS;
        for (method, lines, hops, left) in [
            (&options, &["0"][..], Ok(Hops::Here), Some("0")),
            (&options, &["1"], Ok(Hops::Onward), Some("0")),
            (&options, &["010"], Ok(Hops::Onward), Some("9")),
            (
                &options,
                &["99999999999"],
                Ok(Hops::Onward),
                Some("4294967294"),
            ),
            (&options, &[], Ok(Hops::Onward), None),
            (&options, &["-1"], Err(HopsError::MaxForwards), Some("-1")),
            (&options, &[""], Err(HopsError::MaxForwards), Some("")),
            (
                &options,
                &["1", "2"],
                Err(HopsError::MaxForwards),
                Some("1"),
            ),
            (&Method::GET, &["0"], Ok(Hops::Onward), Some("0")),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(MAX_FORWARDS, HeaderValue::from_static(line));
            }
            assert_eq!(count(method, &mut headers), hops, "{method} {lines:?}");
            let found = headers.get(MAX_FORWARDS).map(HeaderValue::as_bytes);
            assert_eq!(found, left.map(str::as_bytes), "{method} {lines:?}");
        }
    }
}
