//! What a dump is, and which of its columns holds the hashes, by what its first lines look like.

use std::hash::RandomState;

use clap::ValueEnum;
use password::hash::inspect::{Made, inspect};

/// Names that columns of stored texts go by, without their case, dashes and underscores.
const USUAL: [&str; 14] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "hash",
    "passwordhash",
    "passhash",
    "hashedpassword",
    "encryptedpassword",
    "userpass",
    "userpassword",
    "motdepasse",
    "mdp",
    "passworddigest",
];

/// What a dump is. The help says it in both languages, so that these are no doc comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::audit) enum Kind {
    // One stored text per line.
    Lines,
    // `name:hash`.
    Passwd,
    // A column of CSV or TSV.
    Table,
    // A member of one JSON object per line.
    JsonLines,
    // `userPassword` of a directory.
    Ldif,
}

impl Kind {
    /// What a dump looks like by its first lines; where a column is named, it has some.
    pub(in crate::audit) fn of(head: &[u8], has_column: bool) -> Self {
        match Self::looks_like(head) {
            Self::Lines | Self::Passwd if has_column => Self::Table,
            kind => kind,
        }
    }

    fn looks_like(head: &[u8]) -> Self {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let text = String::from_utf8_lossy(head);
        let lines = first_lines(&text);
        let first = lines.first().copied().unwrap_or_default();
        let all = |what: fn(&str) -> bool| !lines.is_empty() && lines.iter().all(|line| what(line));
        if first.starts_with("{\"") || first.starts_with("{ \"") {
            Self::JsonLines
        } else if first.starts_with("dn:")
            || first.starts_with("version:")
            || first.starts_with("# ") && text.contains("\ndn:")
        {
            Self::Ldif
        } else if all(is_passwd) {
            Self::Passwd
        } else if is_header(first) {
            Self::Table
        } else {
            Self::Lines
        }
    }
}

/// Whether each of the first lines could be a row of a table.
pub(in crate::audit) fn has_separators(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let lines = first_lines(&text);
    !lines.is_empty() && lines.iter().all(|line| line.contains([',', ';']))
}

fn first_lines(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.take(20).collect()
}

/// `name:hash`, where the name is not that of a function that writes colons.
fn is_passwd(line: &str) -> bool {
    let Some((name, rest)) = line.split_once(':') else {
        return line.starts_with('#');
    };
    let function = ["pbkdf2", "scrypt"].contains(&name);
    !name.contains(['$', ',', ';', '{', '\t']) && !function && !rest.is_empty()
}

fn is_header(line: &str) -> bool {
    line.split([',', ';', '\t']).any(is_usual)
}

/// Whether a first record is one of names rather than one of a person: the column that was asked
/// for says so, or all of them look like names and it holds no hash.
pub(super) fn holds_names(names: &[String], place: usize) -> bool {
    let made = inspect(&names[place], &RandomState::new()).made;
    let is_hash = !matches!(made, Made::Unknown | Made::Malformed);
    is_usual(&names[place]) || (!is_hash && names.iter().all(|name| is_name(name)))
}

/// Whether something may be the name of a column.
pub(in crate::audit) fn is_name(name: &str) -> bool {
    let sign = |sign: char| sign.is_alphanumeric() || " _-".contains(sign);
    (1..=40).contains(&name.chars().count())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(sign)
}

pub(super) fn is_usual(name: &str) -> bool {
    let bare: String = name
        .chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    USUAL.contains(&bare.as_str())
}
