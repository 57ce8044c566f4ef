//! A visitor without a browser: one client with its cookies, and the fields of the forms that it
//! is shown.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::curl::{Answer, Curl};
use crate::gate::Gate;

/// A client that keeps its cookies for as long as it lives, and nothing before.
#[derive(Debug)]
pub struct Visitor<'g> {
    gate: &'g Gate,
    curl: Curl,
    jar: PathBuf,
    _folder: TempDir,
}

impl<'g> Visitor<'g> {
    /// Somebody who was never here.
    pub fn new(gate: &'g Gate) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            gate,
            curl: gate.curl(),
            jar: folder.path().join("cookies"),
            _folder: folder,
        }
    }

    /// Asks for a page and follows where it leads.
    pub fn get(&self, path: &str) -> Answer {
        self.fetch(path, &["--location"])
    }

    /// Sends a form, and follows nothing.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let more: Vec<&str> = pairs
            .iter()
            .flat_map(|pair| ["--data-urlencode", pair])
            .collect();
        self.fetch(path, &more)
    }

    /// One exchange with more arguments of curl.
    pub fn fetch(&self, path: &str, more: &[&str]) -> Answer {
        let (jar, url) = (self.jar.display().to_string(), self.gate.url(path));
        let common = ["--cookie", &jar, "--cookie-jar", &jar, &url];
        self.curl.fetch(&[&common[..], more].concat())
    }
}

/// The value of a field that a page comes with, such as a token against forgery.
///
/// # Panics
/// When the page has no such field; the message holds the page.
pub fn field(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\"");
    let inputs = page.split('<').filter(|tag| tag.starts_with("input"));
    inputs
        .filter(|tag| tag.contains(&mark))
        .find_map(|tag| tag.split_once("value=\"")?.1.split('"').next())
        .unwrap_or_else(|| panic!("no field {name}: {page}"))
        .replace("&amp;", "&")
}
