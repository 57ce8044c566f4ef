//! The authority that a request asks for: a name or an address, and perhaps a port.
//!
//! Clauses: RFC 9110, 4.2.4 (no userinfo), 7.2 (`Host`); RFC 9112, 3.2 (zero, two or
//! invalid `Host`: 400), 3.2.2 (the absolute form wins); RFC 9113, 8.3.1 (`:authority` and
//! `Host` agree). The grammar is narrower than RFC 3986: what no certificate and no
//! configured site can name is refused, because two spellings of one host are how a check
//! and an origin come to disagree.
//!
//! Absent on purpose: the list of sites. Whether a well-formed host is served here is for
//! the gate to say.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::header::HOST;
use http::{HeaderMap, Uri, Version};
use policy::{Clause, Language, Text, clause};

/// A well-formed authority. Names are lower-case, addresses in their canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    name: String,
    address: Option<IpAddr>,
    port: Option<u16>,
}

/// Why a `Host` field or a request target was refused. Answer 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HostError {
    /// There is no host where one must be.
    #[error("the request names no host")]
    Missing,
    /// There are two `Host` fields, or a target and a field that disagree.
    #[error("the request names two hosts")]
    Several,
    /// The text is empty.
    #[error("the host is empty")]
    Empty,
    /// There is a user name or a password before the host.
    #[error("the host carries user information")]
    UserInfo,
    /// A character that no host name holds.
    #[error("the host holds a forbidden character")]
    Character,
    /// A label is empty, over 63 bytes or has a hyphen at an end; or the name is over 253.
    #[error("the host has a malformed label")]
    Label,
    /// The name ends with a dot.
    #[error("the host ends with a dot")]
    TrailingDot,
    /// An IPv4 or IPv6 address that is not written in full.
    #[error("the host is a malformed address")]
    Address,
    /// The port is not a number from 1 to 65535 without leading zeros.
    #[error("the port is malformed")]
    Port,
}

impl Host {
    /// Reads the value of a `Host` field or of an `:authority`.
    ///
    /// A trailing dot is refused rather than removed: browsers treat `example.fr.` as
    /// another origin than `example.fr`, with its own cookies and without its HSTS.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if text.contains('@') {
            return Err(HostError::UserInfo);
        }
        let (host, port) = split_port(text)?;
        if let Some(inner) = host.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(HostError::Address)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| HostError::Address)?;
            return Ok(Self::of_address(IpAddr::V6(address), port));
        }
        check_name(host)?;
        if ends_in_a_number(host) {
            // A browser reads `127.1` or `0x7f.1` as an address: only the full form passes.
            let address: Ipv4Addr = host.parse().map_err(|_| HostError::Address)?;
            return Ok(Self::of_address(IpAddr::V4(address), port));
        }
        Ok(Self {
            name: host.to_ascii_lowercase(),
            address: None,
            port,
        })
    }

    /// The host that a request asks for: the authority of its target if it has one, else its
    /// only `Host` field.
    ///
    /// # Errors
    /// Zero or two `Host` fields over HTTP/1.1, a target and a field that disagree over
    /// HTTP/2, or a malformed host.
    pub fn of_request(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<Self, HostError> {
        let mut fields = headers.get_all(HOST).iter();
        let field = fields.next();
        if fields.next().is_some() {
            return Err(HostError::Several);
        }
        let field = match field {
            None => None,
            Some(value) => {
                let text = value.to_str().map_err(|_| HostError::Character)?;
                Some(Self::parse(text)?)
            }
        };
        let target = match uri.authority() {
            None => None,
            Some(authority) => Some(Self::parse(authority.as_str())?),
        };
        match (target, field) {
            (None, None) => Err(HostError::Missing),
            // RFC 9112, 3.2: the field is a must over HTTP/1.1, whatever the target says.
            (Some(_), None) if version == Version::HTTP_11 => Err(HostError::Missing),
            (Some(target), Some(field)) if version == Version::HTTP_2 && target != field => {
                Err(HostError::Several)
            }
            (Some(target), _) => Ok(target),
            (None, Some(field)) => Ok(field),
        }
    }

    fn of_address(address: IpAddr, port: Option<u16>) -> Self {
        Self {
            name: address.to_string(),
            address: Some(address),
            port,
        }
    }

    /// The name, lower-case, or the address; IPv6 without brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, if one was written.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether this is an address and not a name.
    pub const fn is_ip(&self) -> bool {
        self.address.is_some()
    }

    /// The address, if this is one.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// As it stands in a `Host` field: IPv6 in brackets, the port if one was written.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", bracketed(&self.name))?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl HostError {
    /// The requirement behind the refusal.
    pub const fn clause(self) -> &'static Clause {
        &clause::ONE_HOST
    }

    /// What a person reads.
    pub fn text(&self, language: Language) -> String {
        let text = match self {
            Self::Missing => Text::new(
                "La requête ne dit pas à quel site elle s’adresse.",
                "The request does not say which site it is for.",
            ),
            Self::Several => Text::new(
                "La requête s’adresse à deux sites à la fois.",
                "The request is for two sites at once.",
            ),
            Self::Empty
            | Self::UserInfo
            | Self::Character
            | Self::Label
            | Self::Address
            | Self::Port => Text::new(
                "Le nom du site est mal écrit. Vérifiez l’adresse.",
                "The name of the site is malformed. Check the address.",
            ),
            Self::TrailingDot => Text::new(
                "Le nom du site se termine par un point. Retirez-le de l’adresse.",
                "The name of the site ends with a dot. Remove it from the address.",
            ),
        };
        text.in_language(language).to_owned()
    }
}

/// Whether `host` is an IP address, with or without brackets.
pub(crate) fn is_address(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(host).parse::<IpAddr>().is_ok()
}

/// `host` as it stands in an authority.
pub(crate) fn bracketed(host: &str) -> impl fmt::Display {
    let (open, close) = match host.contains(':') && !host.starts_with('[') {
        true => ("[", "]"),
        false => ("", ""),
    };
    fmt::from_fn(move |f| write!(f, "{open}{host}{close}"))
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), HostError> {
    let after_brackets = match text.rfind(']') {
        Some(at) => at + 1,
        None if text.starts_with('[') => return Err(HostError::Address),
        None => 0,
    };
    let Some(colon) = text[after_brackets..].find(':') else {
        return Ok((text, None));
    };
    let (host, port) = text.split_at(after_brackets + colon);
    let digits = &port[1..];
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(HostError::Port);
    }
    let port = digits.parse().map_err(|_| HostError::Port)?;
    Ok((host, Some(port)))
}

fn check_name(name: &str) -> Result<(), HostError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !name.bytes().all(allowed) {
        return Err(HostError::Character);
    }
    if name.ends_with('.') {
        return Err(HostError::TrailingDot);
    }
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.len() > 253 || !name.split('.').all(label_fits) {
        return Err(HostError::Label);
    }
    Ok(())
}

/// Whether a browser would read the name as an IPv4 address: its last label is a number.
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests;
