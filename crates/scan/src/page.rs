//! A page as a visitor's browser reads it: its forms, its links, what it loads in clear, its text.
//!
//! Read by a streaming tokenizer with a cap on memory. Scripts are not run: a form that a script
//! makes is not seen, and a report says so.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::{Encoding, UTF_8};
use lol_html::html_content::{TextChunk, TextType};
use lol_html::send::{
    DocumentContentHandlers, Element, ElementContentHandlers, HtmlRewriter, Settings,
};
use lol_html::{AsciiCompatibleEncoding, MemorySettings};

/// The most memory that one page takes, in bytes.
const MEMORY: usize = 4 << 20;
/// Forms, fields of a form, links and loads that are kept of one page.
const MOST: usize = 100;
/// Text that is kept of one page, in bytes.
const TEXT: usize = 64 * 1024;
/// What is kept of one attribute, in characters.
const VALUE: usize = 2048;

/// What was read of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// `<base href>`.
    pub base: Option<String>,
    /// Its forms; fields outside every form make one without an action.
    pub forms: Vec<Form>,
    /// Where its links lead, and their words.
    pub links: Vec<(String, String)>,
    /// Scripts, styles and frames that it loads, by address.
    pub loads: Vec<String>,
    /// Its visible text, with single spaces, in lines as its elements make them.
    pub text: String,
    /// Its own Content-Security-Policy; several are joined by commas, as fields are.
    pub policy: Option<String>,
}

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it goes; the page itself when it does not say.
    pub action: Option<String>,
    /// `get`, `post` or `dialog`, lower-case.
    pub method: String,
    /// `autocomplete` of the whole form.
    pub autocomplete: Option<String>,
    /// Whether pasting is blocked for the whole form.
    pub blocks_paste: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Other actions and methods that its buttons name.
    pub buttons: Vec<(Option<String>, Option<String>)>,
}

/// A field of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// `type`, lower-case; `text` when it does not say.
    pub kind: String,
    /// `name`, else `id`.
    pub name: String,
    /// `autocomplete`, lower-case.
    pub autocomplete: Option<String>,
    /// `maxlength`.
    pub max: Option<u32>,
    /// `minlength`.
    pub min: Option<u32>,
    /// `pattern`.
    pub pattern: Option<String>,
    /// Whether pasting is blocked.
    pub blocks_paste: bool,
}

impl Field {
    /// Whether one of the words of `autocomplete` is this one.
    pub(crate) fn says(&self, word: &str) -> bool {
        let mut words = self
            .autocomplete
            .iter()
            .flat_map(|own| own.split_whitespace());
        words.any(|own| own == word)
    }
}

/// Elements that stand within a sentence; any other begins a line, and ends one.
const INLINE: [&str; 23] = [
    "b", "i", "em", "strong", "span", "a", "small", "u", "mark", "abbr", "code", "sup", "sub",
    "font", "input", "select", "textarea", "button", "img", "svg", "q", "time", "kbd",
];
/// Those of them that may stand within a word.
const WITHIN_WORDS: [&str; 6] = ["b", "i", "em", "strong", "span", "a"];

#[derive(Default)]
struct State {
    page: Page,
    /// Its text before character references are resolved: one may stand across two pieces.
    text: String,
    /// The place of the form that is open.
    open: Option<usize>,
    /// The place of the form of fields outside every form.
    stray: Option<usize>,
    in_link: bool,
}

type Shared = Arc<Mutex<State>>;

/// Bytes that are read between two looks at the clock.
const PIECE: usize = 8 * 1024;

/// Reads a page; `label` is the charset of its Content-Type field. A page that needs more than
/// 4 MiB to be read is read up to there.
pub fn read(html: &[u8], label: Option<&str>) -> Page {
    read_while(html, label, || true)
}

/// The same, as long as there is time.
pub(crate) fn read_while(html: &[u8], label: Option<&str>, goes_on: impl Fn() -> bool) -> Page {
    let state = Shared::default();
    let encoding = label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .unwrap_or(UTF_8);
    let encoding =
        AsciiCompatibleEncoding::new(encoding).unwrap_or_else(AsciiCompatibleEncoding::utf_8);
    let (of_element, of_text) = (Arc::clone(&state), Arc::clone(&state));
    let element = move |element: &mut Element<'_, '_>| {
        lock(&of_element).element(element);
        match element.tag_name().as_str() {
            "form" | "a" => {
                let ended = Arc::clone(&of_element);
                let is_form = element.tag_name() == "form";
                if let Some(handlers) = element.end_tag_handlers() {
                    handlers.push(Box::new(move |_| {
                        let mut state = lock(&ended);
                        if is_form {
                            state.open = None
                        } else {
                            state.in_link = false
                        }
                        Ok(())
                    }));
                }
            }
            tag if !INLINE.contains(&tag) => {
                let ended = Arc::clone(&of_element);
                if let Some(handlers) = element.end_tag_handlers() {
                    handlers.push(Box::new(move |_| {
                        lock(&ended).line();
                        Ok(())
                    }));
                }
            }
            _ => {}
        }
        Ok(())
    };
    let text = move |chunk: &mut TextChunk<'_>| {
        if matches!(chunk.text_type(), TextType::Data | TextType::RCData) {
            lock(&of_text).text(chunk.as_str());
        }
        Ok(())
    };
    let selector = "*".parse().expect("the selector of everything");
    let handlers = ElementContentHandlers::default().element(element);
    let settings = Settings::new_send()
        .append_element_content_handler((Cow::Owned(selector), handlers))
        .append_document_content_handler(DocumentContentHandlers::default().text(text))
        .with_encoding(encoding)
        .with_adjust_charset_on_meta_tag(label.is_none())
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    // A page that cannot be read to its end was read up to there.
    let mut pieces = html.chunks(PIECE).take_while(|_| goes_on());
    if pieces.all(|piece| rewriter.write(piece).is_ok()) {
        let _ = rewriter.end();
    }
    let mut state = lock(&state);
    let mut page = std::mem::take(&mut state.page);
    page.text = decoded(&state.text);
    page
}

fn lock(state: &Shared) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn element(&mut self, element: &Element<'_, '_>) {
        let get = |name: &str| element.get_attribute(name).map(|value| capped(&value));
        let lower = |name: &str| get(name).map(|value| value.trim().to_ascii_lowercase());
        let blocks = || blocks_event(get("onpaste"));
        let page = &mut self.page;
        match element.tag_name().as_str() {
            "base" if page.base.is_none() => page.base = get("href"),
            "meta" if lower("http-equiv").as_deref() == Some("content-security-policy") => {
                if let Some(content) = get("content") {
                    let policy = page.policy.get_or_insert_default();
                    if !policy.is_empty() {
                        policy.push_str(", ");
                    }
                    policy.push_str(&content);
                }
            }
            // A form inside a form is none: browsers pass over its tag.
            "form" if self.open.is_none() => {
                self.open = Some(page.forms.len());
                if page.forms.len() >= MOST {
                    return;
                }
                let method =
                    lower("method").filter(|method| matches!(method.as_str(), "post" | "dialog"));
                page.forms.push(Form {
                    action: get("action").filter(|action| !action.trim().is_empty()),
                    method: method.unwrap_or_else(|| "get".to_owned()),
                    autocomplete: lower("autocomplete"),
                    blocks_paste: blocks(),
                    ..Form::default()
                });
            }
            tag @ ("input" | "textarea" | "select" | "button") => {
                let usual = match tag {
                    "button" => "submit",
                    "input" => "text",
                    other => other,
                };
                let number = |name: &str| get(name).and_then(|value| value.trim().parse().ok());
                let field = Field {
                    kind: lower("type").unwrap_or_else(|| usual.to_owned()),
                    name: get("name").or_else(|| get("id")).unwrap_or_default(),
                    autocomplete: lower("autocomplete"),
                    max: number("maxlength"),
                    min: number("minlength"),
                    pattern: get("pattern"),
                    blocks_paste: blocks(),
                };
                let button = (get("formaction"), lower("formmethod"));
                let Some(form) = self.form() else { return };
                if button != (None, None) && form.buttons.len() < MOST {
                    form.buttons.push(button);
                }
                if form.fields.len() < MOST {
                    form.fields.push(field);
                }
            }
            "a" if page.links.len() < MOST => {
                if let Some(href) = get("href") {
                    page.links.push((href, String::new()));
                    self.in_link = true;
                }
            }
            "script" | "iframe" | "frame" | "embed" => self.load(get("src")),
            "object" => self.load(get("data")),
            "link"
                if lower("rel").is_some_and(|rel| {
                    rel.split_ascii_whitespace()
                        .any(|word| word == "stylesheet")
                }) =>
            {
                self.load(get("href"));
            }
            _ => {}
        }
        // Text of two elements is not one word, nor one sentence.
        match element.tag_name().as_str() {
            tag if !INLINE.contains(&tag) => self.line(),
            tag if !WITHIN_WORDS.contains(&tag) => self.space(' '),
            _ => {}
        }
    }

    fn line(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() {
            self.space('\n');
        }
    }

    fn space(&mut self, sign: char) {
        if self.text.len() < TEXT && !self.text.ends_with([' ', '\n']) {
            self.text.push(sign);
        }
    }

    /// The form that a field belongs to; none where there are too many.
    fn form(&mut self) -> Option<&mut Form> {
        let place = match self.open.or(self.stray) {
            Some(place) => place,
            None => {
                self.page.forms.push(Form {
                    method: "none".to_owned(),
                    ..Form::default()
                });
                let place = self.page.forms.len() - 1;
                self.stray = Some(place);
                place
            }
        };
        self.page.forms.get_mut(place)
    }

    fn load(&mut self, address: Option<String>) {
        if let Some(address) = address
            && self.page.loads.len() < MOST
        {
            self.page.loads.push(address);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_link
            && let Some((_, words)) = self.page.links.last_mut()
            && words.len() < 200
        {
            words.push_str(&decoded(text));
        }
        for sign in text.chars() {
            if self.text.len() >= TEXT {
                return;
            }
            match sign.is_whitespace() {
                false => self.text.push(sign),
                true => self.space(' '),
            }
        }
    }
}

/// A handler that answers no, or stops the event.
fn blocks_event(handler: Option<String>) -> bool {
    handler.is_some_and(|script| {
        let script: String = script
            .chars()
            .filter(|sign| !sign.is_whitespace())
            .collect();
        script.contains("returnfalse") || script.contains("preventDefault")
    })
}

/// A value of an attribute, its character references resolved, with no more than [`VALUE`].
fn capped(value: &str) -> String {
    let value = decoded(value);
    match value.len() > VALUE {
        true => value.chars().take(VALUE / 4).collect(),
        false => value,
    }
}

/// A text with its character references resolved, those that an address or a rule can hold.
fn decoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let sign = end.and_then(|end| resolved(&rest[1..end]));
        match (sign, end) {
            (Some(sign), Some(end)) => {
                out.push(sign);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn resolved(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let value = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return value.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "rsquo" => '\'',
        "colon" => ':',
        "sol" => '/',
        "nbsp" => ' ',
        "eacute" => 'é',
        "egrave" => 'è',
        "ecirc" => 'ê',
        "agrave" => 'à',
        "acirc" => 'â',
        "ccedil" => 'ç',
        "ocirc" => 'ô',
        "ucirc" => 'û',
        "ugrave" => 'ù',
        "icirc" => 'î',
        "Tab" | "NewLine" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
