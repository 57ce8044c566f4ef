//! The operator's own page in the place of the gate's, for refusals of forms.
//!
//! Clause: [`clause::CNIL_TELL_THE_RULES`]. A file of HTML with names in double braces. It is
//! read whole when the policy is, and what it names wrongly is a fault with its line: nobody
//! finds out from a visitor. Every value is escaped; none is anything that a client sent. A page
//! that would keep the reasons to itself is refused.
//!
//! ```html
//! <html lang="{{language}}"><h1>{{title}}</h1><p>{{text}}</p>{{reasons}}{{back}}
//! {{fr}}<p>Une question ? 01 23 45 67 89</p>{{/fr}}{{en}}<p>…</p>{{/en}}
//! <small>{{reference}}</small>
//! ```
//!
//! [`clause::CNIL_TELL_THE_RULES`]: policy::clause::CNIL_TELL_THE_RULES

use policy::{Language, Text};

/// The largest file, in bytes.
const LARGEST: usize = 256 * 1024;

/// A page with places for what is to be said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// The only language in which it is there.
    only: Option<Language>,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Html(String),
    Place(Place),
}

/// A name in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Language,
    Title,
    Text,
    Reasons,
    Back,
    Status,
    Reference,
}

/// Why a file is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// It is larger than 256 KiB.
    TooLarge,
    /// It is not UTF-8.
    NotUtf8,
    /// A name in braces that nothing stands for.
    Unknown {
        /// Its line, from 1.
        line: usize,
        /// The name, as written; at most 40 characters.
        name: String,
    },
    /// Braces, or a part in one language, that nothing closes; or closed without being open.
    Unpaired {
        /// Its line, from 1.
        line: usize,
    },
    /// `{{text}}` or `{{reasons}}` is nowhere, or in one language only.
    Missing {
        /// The name.
        name: &'static str,
    },
}

impl Place {
    const ALL: [(&'static str, Self); 7] = [
        ("language", Self::Language),
        ("title", Self::Title),
        ("text", Self::Text),
        ("reasons", Self::Reasons),
        ("back", Self::Back),
        ("status", Self::Status),
        ("reference", Self::Reference),
    ];
}

impl Template {
    /// Reads a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, TemplateError> {
        if bytes.len() > LARGEST {
            return Err(TemplateError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TemplateError::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parts = Vec::new();
        let mut only = None;
        let mut opened = 1;
        let (mut rest, mut line) = (text, 1);
        let lines = |text: &str| text.bytes().filter(|&byte| byte == b'\n').count();
        while let Some((html, after)) = rest.split_once("{{") {
            line += lines(html);
            let what = What::Html(html.to_owned());
            parts.push(Part { only, what });
            let (name, after) = after
                .split_once("}}")
                .ok_or(TemplateError::Unpaired { line })?;
            only = match (name.trim(), only) {
                ("fr", None) => Some(Language::Fr),
                ("en", None) => Some(Language::En),
                ("/fr", Some(Language::Fr)) | ("/en", Some(Language::En)) => None,
                ("fr" | "en" | "/fr" | "/en", _) => return Err(TemplateError::Unpaired { line }),
                (name, only) => {
                    let place = Place::ALL.iter().find(|(known, _)| *known == name);
                    let Some((_, place)) = place else {
                        let name = name.chars().take(40).collect();
                        return Err(TemplateError::Unknown { line, name });
                    };
                    let what = What::Place(*place);
                    parts.push(Part { only, what });
                    only
                }
            };
            if only.is_some() && matches!(name.trim(), "fr" | "en") {
                opened = line;
            }
            line += lines(name);
            rest = after;
        }
        if only.is_some() {
            return Err(TemplateError::Unpaired { line: opened });
        }
        let what = What::Html(rest.to_owned());
        parts.push(Part { only: None, what });
        let template = Self(parts);
        for (name, place) in [("text", Place::Text), ("reasons", Place::Reasons)] {
            let said_in = |language| {
                let mut parts = template.in_language(language);
                parts.any(|what| *what == What::Place(place))
            };
            if !(said_in(Language::Fr) && said_in(Language::En)) {
                return Err(TemplateError::Missing { name });
            }
        }
        Ok(template)
    }

    fn in_language(&self, language: Language) -> impl Iterator<Item = &What> {
        let here = move |part: &&Part| part.only.is_none_or(|only| only == language);
        self.0.iter().filter(here).map(|part| &part.what)
    }

    /// The page. `value` gives what stands in a place, as HTML.
    pub(super) fn page(&self, language: Language, value: impl Fn(Place) -> String) -> String {
        let mut page = String::new();
        for what in self.in_language(language) {
            match what {
                What::Html(html) => page += html,
                What::Place(place) => page += &value(*place),
            }
        }
        page
    }
}

impl TemplateError {
    /// What a person reads.
    pub fn text(&self) -> Text {
        let known = "language, title, text, reasons, back, status, reference, fr … /fr, en … /en";
        match self {
            Self::TooLarge => Text::new(
                "la page dépasse 256 Kio. Placez images et styles dans des fichiers du site.",
                "the page is over 256 KiB. Put images and styles in files of the site.",
            ),
            Self::NotUtf8 => Text::new(
                "la page n’est pas en UTF-8. Enregistrez-la dans cet encodage.",
                "the page is not in UTF-8. Save it in that encoding.",
            ),
            Self::Unknown { line, name } => Text::new(
                format!("ligne {line} : {{{{{name}}}}} ne désigne rien. Noms connus : {known}."),
                format!("line {line}: {{{{{name}}}}} stands for nothing. Known names: {known}."),
            ),
            Self::Unpaired { line } => Text::new(
                format!(
                    "ligne {line} : ce qui est ouvert ici n’est pas refermé, ou l’inverse. Écrivez {{{{nom}}}}, et {{{{fr}}}} … {{{{/fr}}}}."
                ),
                format!(
                    "line {line}: what opens here is not closed, or the reverse. Write {{{{name}}}}, and {{{{fr}}}} … {{{{/fr}}}}."
                ),
            ),
            Self::Missing { name } => Text::new(
                format!(
                    "la page ne contient pas {{{{{name}}}}} dans les deux langues : la personne ne saurait pas pourquoi. Ajoutez-le hors de {{{{fr}}}} et {{{{en}}}}."
                ),
                format!(
                    "the page does not have {{{{{name}}}}} in both languages: the person would not know why. Add it outside {{{{fr}}}} and {{{{en}}}}."
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_says_why_is_taken_and_others_are_told_with_their_line() {
        let unknown = |line, name: &str| TemplateError::Unknown {
            line,
            name: name.to_owned(),
        };
        let unpaired = |line| TemplateError::Unpaired { line };
        let missing = |name| TemplateError::Missing { name };
        for (text, error) in [
            ("{{text}}{{reasons}}", None),
            ("{{ text }}\n{{reasons}} { { }}", None),
            (
                "{{fr}}{{text}}{{reasons}}{{/fr}}{{en}}{{reasons}}{{text}}{{/en}}",
                None,
            ),
            ("{{text}}\n{{reason}}", Some(unknown(2, "reason"))),
            ("{{text}}\n\n{{\n}}", Some(unknown(3, ""))),
            ("{{text}}{{reasons}}\n{{", Some(unpaired(2))),
            ("\n{{fr}}\n{{text}}{{reasons}}", Some(unpaired(2))),
            ("{{fr}}\n{{en}}{{/en}}{{/fr}}", Some(unpaired(2))),
            ("{{text}}{{/fr}}{{reasons}}", Some(unpaired(1))),
            ("{{text}}", Some(missing("reasons"))),
            ("{{reasons}}{{fr}}{{text}}{{/fr}}", Some(missing("text"))),
        ] {
            let read = Template::read(text.as_bytes());
            assert_eq!(read.as_ref().err(), error.as_ref(), "{text}");
            if let Some(error) = error {
                let told = error.text();
                assert!(told.fr != told.en && !told.en.is_empty());
            }
        }
        assert_eq!(Template::read(b"{{text}}\xff"), Err(TemplateError::NotUtf8));
        let large = vec![b'a'; LARGEST + 1];
        assert_eq!(Template::read(&large), Err(TemplateError::TooLarge));
    }

    #[test]
    fn parts_of_one_language_are_there_in_that_one() {
        let text = "\u{feff}<p>{{fr}}oui {{language}}{{/fr}}{{en}}yes{{/en}} {{text}}{{reasons}}";
        let template = Template::read(text.as_bytes()).expect("a page");
        let value = |place| match place {
            Place::Language => "fr".to_owned(),
            Place::Text => "t".to_owned(),
            _ => String::new(),
        };
        assert_eq!(template.page(Language::Fr, value), "<p>oui fr t");
        assert_eq!(template.page(Language::En, value), "<p>yes t");
    }
}
