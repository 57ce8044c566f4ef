//! Pages that are changed on their way: links that lead back to plain HTTP, and fields of forms.
//!
//! An old page names its own site by `http://` in links and forms. The header of [`csp`] makes
//! a modern browser load the parts of a page over https; a link that a person follows, and a
//! client that ignores the header, still go out in clear. [`Page`] rewrites those addresses
//! while the page streams through. What is this site, and what it becomes, is decided by
//! [`location`], as for redirects. Clauses: CNIL, nothing served in clear; RFC 9110, 7.7 (a
//! page marked `no-transform` stays as it is).
//!
//! The fields of forms are marked as a [`Marker`] says. Every other byte passes as it came,
//! whatever its charset. A page that would need more than 1 MiB to be read passes on unchanged
//! from there.
//!
//! Absent on purpose: scripts and style sheets, which no rewriting understands, and
//! compressed pages.
//!
//! [`csp`]: crate::csp

mod address;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use encoding_rs::{Encoding, WINDOWS_1252};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
};
use http::{HeaderMap, HeaderValue};
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, Selector};
use policy::site::Upstream;

use crate::{csp, location};

mod forms;

pub use forms::{Marker, Tag};

/// The most memory that one page in transit takes, in bytes.
const MEMORY: usize = 1 << 20;

/// Attributes that hold one address.
const ADDRESSES: [&str; 12] = [
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "cite",
    "background",
    "manifest",
    "longdesc",
    "xlink:href",
    "ping",
];
/// Attributes that hold several addresses, or other text around them.
const LISTS: [&str; 3] = ["srcset", "imagesrcset", "style"];

/// A page on its way to the client.
pub struct Page {
    /// `None` once the rest passes on unchanged.
    rewriter: Option<HtmlRewriter<'static, Sink>>,
    out: Out,
}

/// How the site of a page is reached; see [`location::Site`].
#[derive(Debug, Clone)]
pub struct Place {
    /// Its names; first the one that the client asked for.
    pub names: Vec<String>,
    /// Where its origins are.
    pub upstreams: Vec<Upstream>,
    /// The port of the gate that the client came to.
    pub https_port: u16,
    /// The port of the gate's plain listener, if it has one.
    pub http_port: Option<u16>,
}

type Out = Arc<Mutex<Vec<u8>>>;
type Sink = Box<dyn FnMut(&[u8]) + Send>;

impl Page {
    /// Starts on the page of an answer, and mends its head: the length goes, an entity tag
    /// becomes a weak one. `None`, and nothing changed, for everything that is not an
    /// uncompressed page that may be changed.
    ///
    /// `place` is for links, `marker` for forms; without either nothing is left to do.
    pub fn start(
        headers: &mut HeaderMap,
        place: Option<Place>,
        marker: Option<Box<dyn Marker>>,
    ) -> Option<Self> {
        if (place.is_none() && marker.is_none()) || !may_change(headers) {
            return None;
        }
        let encoding = AsciiCompatibleEncoding::new(charset(headers))?;
        headers.remove(CONTENT_LENGTH);
        // A range of the page as the origin has it would be another one than the client's.
        headers.remove(ACCEPT_RANGES);
        if let Some(tag) = headers.get(ETAG)
            && !tag.as_bytes().starts_with(b"W/")
            && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
        {
            headers.insert(ETAG, weak);
        }

        let out = Out::default();
        let kept = Arc::clone(&out);
        let sink: Sink = Box::new(move |bytes: &[u8]| lock(&kept).extend_from_slice(bytes));
        let mut settings = Settings::new_send();
        // Links first: what a form says of its action is read mended.
        if let Some(place) = place {
            let element = move |element: &mut Element<'_, '_>| {
                mend(element, &place);
                Ok(())
            };
            let handlers = ElementContentHandlers::default().element(element);
            settings =
                settings.append_element_content_handler((Cow::Borrowed(selector()), handlers));
        }
        if let Some(marker) = marker {
            settings = forms::watch(settings, marker);
        }
        let settings = settings
            .with_encoding(encoding)
            .with_adjust_charset_on_meta_tag(true)
            // A page that is not to be understood is passed on, not refused.
            .with_strict(false)
            .with_graceful_bail_out_on_content_handler_error(true)
            .with_memory_settings(
                MemorySettings::new()
                    .with_max_allowed_memory_usage(MEMORY)
                    .with_graceful_bail_out_on_memory_limit_exceeded(true),
            );
        Some(Self {
            rewriter: Some(HtmlRewriter::new(settings, sink)),
            out,
        })
    }

    /// What can be passed on after one more piece; perhaps nothing yet.
    pub fn write(&mut self, piece: &[u8]) -> Vec<u8> {
        let Some(rewriter) = &mut self.rewriter else {
            return piece.to_vec();
        };
        // An error means that the page takes too much memory: the bytes so far are in the
        // sink, and those to come pass as they are.
        if rewriter.write(piece).is_err() {
            self.rewriter = None;
        }
        std::mem::take(&mut *lock(&self.out))
    }

    /// The rest of the page.
    pub fn end(self) -> Vec<u8> {
        if let Some(rewriter) = self.rewriter {
            // As for a piece: what could not be read is in the sink.
            let _ = rewriter.end();
        }
        std::mem::take(&mut *lock(&self.out))
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page(..)")
    }
}

fn lock(out: &Out) -> std::sync::MutexGuard<'_, Vec<u8>> {
    // The bytes of a sink that panicked are of a page that is broken off.
    out.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The elements worth a look, as one selector.
fn selector() -> &'static Selector {
    static SELECTOR: OnceLock<Selector> = OnceLock::new();
    SELECTOR.get_or_init(|| {
        let plain = ADDRESSES.iter().filter(|name| !name.contains(':'));
        let mut parts: Vec<String> = plain
            .chain(&LISTS)
            .map(|name| format!("[{name}]"))
            .collect();
        parts.push("meta[http-equiv][content]".to_owned());
        // Of SVG, where a selector would need a namespace.
        parts.extend(["a", "image", "use"].map(str::to_owned));
        parts
            .join(", ")
            .parse()
            .expect("names of attributes make a selector")
    })
}

fn mend(element: &mut Element<'_, '_>, place: &Place) {
    let site = location::Site {
        names: &place.names,
        upstreams: &place.upstreams,
        https_port: place.https_port,
        http_port: place.http_port,
    };
    let is_refresh = element.tag_name() == "meta"
        && element
            .get_attribute("http-equiv")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
    let mended: Vec<(String, String)> = element
        .attributes()
        .iter()
        .filter_map(|attribute| {
            let (name, value) = (attribute.name(), attribute.value());
            let mended = if ADDRESSES.contains(&name.as_str()) {
                address::text(&value, site)
            } else if LISTS.contains(&name.as_str()) {
                address::list(&value, site)
            } else if is_refresh && name == "content" {
                address::refresh(&value, site)
            } else {
                None
            };
            Some((name, mended?))
        })
        .collect();
    for (name, value) in mended {
        // The name was there already, so it is one.
        let _ = element.set_attribute(&name, &value);
    }
}

/// An uncompressed page without `no-transform`.
fn may_change(headers: &HeaderMap) -> bool {
    let says = |name, word: &str| {
        headers.get_all(name).iter().any(|line: &HeaderValue| {
            let words = line.as_bytes().split(|&byte| byte == b',');
            words
                .map(<[u8]>::trim_ascii)
                .any(|found| found.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    let coded = headers.contains_key(CONTENT_ENCODING) && !says(CONTENT_ENCODING, "identity");
    csp::is_html(headers) && !coded && !says(CACHE_CONTROL, "no-transform")
}

/// The charset of the field, else what browsers take until the page names one.
fn charset(headers: &HeaderMap) -> &'static Encoding {
    let value = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    value
        .split(|&byte| byte == b';')
        .skip(1)
        .find_map(|parameter| {
            let mut parts = parameter.splitn(2, |&byte| byte == b'=');
            let name = parts.next()?.trim_ascii();
            let label = parts.next()?.trim_ascii();
            let label = label.strip_prefix(b"\"").unwrap_or(label);
            let label = label.strip_suffix(b"\"").unwrap_or(label);
            name.eq_ignore_ascii_case(b"charset")
                .then(|| Encoding::for_label(label))?
        })
        .unwrap_or(WINDOWS_1252)
}

#[cfg(test)]
mod tests;
