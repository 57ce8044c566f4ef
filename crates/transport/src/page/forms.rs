//! The forms of a page, shown to whoever marks their fields.
//!
//! Here is only what reading HTML takes: where a form begins and ends, what its tags say once
//! their character references are resolved, where the body ends. What is worth a mark is the
//! [`Marker`]'s affair.
//!
//! Absent on purpose: fields outside a form that name it by `form=`, which count as fields
//! without a form; and whatever a script builds.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lol_html::html_content::{ContentType, DocumentEnd};
use lol_html::send::{
    DocumentContentHandlers, Element, ElementContentHandlers, EndTagHandler, Settings,
};
use lol_html::{Selector, end_tag};

/// Looks at a page as it passes, in the order of its tags.
pub trait Marker: Send {
    /// Where relative addresses start from, if the page says it.
    fn base(&mut self, href: &str);
    /// A policy inside the page (CSP Level 3, 3.3), which narrows those of its head.
    fn policy(&mut self, content: &str);
    /// A form begins.
    fn form(&mut self, tag: &dyn Tag);
    /// It ends.
    fn form_end(&mut self);
    /// A field: the attributes to set on it, by name and value.
    fn field(&mut self, tag: &dyn Tag) -> Vec<(&'static str, String)>;
    /// What to add at the end of the body, as HTML that is XML too. Asked once at least.
    fn end(&mut self) -> Option<String>;
}

/// A tag, as far as its attributes go.
pub trait Tag {
    /// The value of an attribute, its character references resolved.
    fn attribute(&self, name: &str) -> Option<String>;
}

struct Shown<'e, 'r, 't>(&'e Element<'r, 't>);

impl Tag for Shown<'_, '_, '_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let value = self.0.get_attribute(name)?;
        Some(resolved(&value).into_owned())
    }
}

type Shared = Arc<Mutex<Box<dyn Marker>>>;

/// Adds what calls the marker.
pub(super) fn watch<'h>(
    settings: Settings<'h, 'static>,
    marker: Box<dyn Marker>,
) -> Settings<'h, 'static> {
    let marker: Shared = Arc::new(Mutex::new(marker));
    let at_end = Arc::clone(&marker);
    let element = move |element: &mut Element<'_, '_>| {
        look(element, &marker);
        Ok(())
    };
    let handlers = ElementContentHandlers::default().element(element);
    let document = DocumentContentHandlers::default().end(move |end: &mut DocumentEnd<'_>| {
        if let Some(html) = with(&at_end, |marker| marker.end()) {
            end.append(&html, ContentType::Html);
        }
        Ok(())
    });
    settings
        .append_element_content_handler((Cow::Borrowed(selector()), handlers))
        .append_document_content_handler(document)
}

fn selector() -> &'static Selector {
    static SELECTOR: OnceLock<Selector> = OnceLock::new();
    SELECTOR.get_or_init(|| {
        "form, input, body, base[href], meta[http-equiv][content]"
            .parse()
            .expect("names of elements make a selector")
    })
}

fn with<T>(marker: &Shared, ask: impl FnOnce(&mut dyn Marker) -> T) -> T {
    // A marker that panicked is of a page that is broken off.
    ask(&mut **marker.lock().unwrap_or_else(PoisonError::into_inner))
}

fn look(element: &mut Element<'_, '_>, marker: &Shared) {
    match element.tag_name().as_str() {
        "form" => {
            with(marker, |marker| marker.form(&Shown(element)));
            let marker = Arc::clone(marker);
            at_end(
                element,
                end_tag!(move |_| {
                    with(&marker, |marker| marker.form_end());
                    Ok(())
                }),
            );
        }
        "input" => {
            let set = with(marker, |marker| marker.field(&Shown(element)));
            for (name, value) in set {
                // The names are ours, and names.
                let value = value.replace('&', "&amp;").replace('<', "&lt;");
                let _ = element.set_attribute(name, &value);
            }
        }
        "body" => {
            let marker = Arc::clone(marker);
            at_end(
                element,
                end_tag!(move |end| {
                    if let Some(html) = with(&marker, |marker| marker.end()) {
                        end.before(&html, ContentType::Html);
                    }
                    Ok(())
                }),
            );
        }
        "base" => {
            if let Some(href) = Shown(element).attribute("href") {
                with(marker, |marker| marker.base(&href));
            }
        }
        _ => {
            let tag = Shown(element);
            let is = tag.attribute("http-equiv");
            let is = is.is_some_and(|is| is.trim().eq_ignore_ascii_case("content-security-policy"));
            if let Some(content) = tag.attribute("content").filter(|_| is) {
                with(marker, |marker| marker.policy(&content));
            }
        }
    }
}

fn at_end(element: &mut Element<'_, '_>, handler: EndTagHandler<'static>) {
    // Written `<form/>` in XML: it holds nothing.
    if let Some(handlers) = element.end_tag_handlers() {
        handlers.push(handler);
    }
}

/// Resolves the references that addresses and names are written with; any other stays.
fn resolved(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest[1..]
            .find(';')
            .filter(|&end| end < 10)
            .and_then(|end| Some((reference(&rest[1..=end])?, end + 2)));
        let (sign, length) = known.unwrap_or(('&', 1));
        text.push(sign);
        rest = &rest[length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?).filter(|&sign| sign != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::super::Page;
    use super::*;

    /// Writes down what it is shown, and marks every field.
    struct Scribe(Arc<Mutex<Vec<String>>>);

    impl Scribe {
        fn note(&self, line: String) {
            self.0.lock().expect("not poisoned").push(line);
        }
    }

    impl Marker for Scribe {
        fn base(&mut self, href: &str) {
            self.note(format!("base {href}"));
        }
        fn policy(&mut self, content: &str) {
            self.note(format!("policy {content}"));
        }
        fn form(&mut self, tag: &dyn Tag) {
            self.note(format!("form {:?}", tag.attribute("action")));
        }
        fn form_end(&mut self) {
            self.note("end".to_owned());
        }
        fn field(&mut self, tag: &dyn Tag) -> Vec<(&'static str, String)> {
            self.note(format!("field {:?}", tag.attribute("NAME")));
            vec![("data-x", "a \"&amp;<\" é".to_owned())]
        }
        fn end(&mut self) -> Option<String> {
            let mut notes = self.0.lock().expect("not poisoned");
            let new = !notes.iter().any(|note| note == "body");
            notes.push("body".to_owned());
            new.then(|| "<s/>".to_owned())
        }
    }

    fn shown(page: &str, kind: &'static str, size: usize) -> (String, Vec<String>) {
        let notes = Arc::default();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let marker: Box<dyn Marker> = Box::new(Scribe(Arc::clone(&notes)));
        let mut page_of = Page::start(&mut headers, None, Some(marker)).expect("a page");
        let mut out = Vec::new();
        for piece in page.as_bytes().chunks(size) {
            out.extend(page_of.write(piece));
        }
        out.extend(page_of.end());
        let notes = notes.lock().expect("not poisoned").clone();
        (String::from_utf8_lossy(&out).into_owned(), notes)
    }

    #[test]
    fn forms_fields_and_the_end_are_shown_in_their_order() {
        let page = "<html><head><base href='/w/'><meta http-equiv=Content-Security-Policy \
                    content=\"default-src 'none'\"><meta http-equiv=refresh content=3></head>\
                    <body><form action='/in?a=1&amp;b=&#50;'><input name=p[q]></form><INPUT Name='&lt;&eacute;'>\
                    <script>'<form><input>'</script></body></html>";
        for size in [1, 5, 4096] {
            let (out, notes) = shown(page, "text/html; charset=utf-8", size);
            assert_eq!(
                notes,
                [
                    "base /w/",
                    "policy default-src 'none'",
                    "form Some(\"/in?a=1&b=2\")",
                    "field Some(\"p[q]\")",
                    "end",
                    "field Some(\"<&eacute;\")",
                    "body",
                    "body",
                ]
            );
            let marked = "data-x=\"a &quot;&amp;amp;&lt;&quot; é\"";
            assert!(
                out.contains(&format!("<input name=p[q] {marked}>")),
                "{out}"
            );
            assert!(out.ends_with("</script><s/></body></html>"), "{out}");
            assert!(out.contains("'<form><input>'"), "{out}");
        }
    }

    #[test]
    fn a_page_without_an_end_gets_its_addition_last() {
        let (out, _) = shown("<p>a<p>b", "text/html", 3);
        assert_eq!(out, "<p>a<p>b<s/>");
    }
}
