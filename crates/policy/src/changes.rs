//! What is written differently in two policies, and what it takes to put that in force.
//!
//! Keys are compared as they are written: a key that is added with its default counts too, since
//! whoever wrote it meant something by it. Comments, order and spacing do not count.
//!
//! Absent on purpose: values. The names of keys say where to look, and nothing else is shown.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::Text;

/// One key that is written differently.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Such as `transport.limits.body` or `site[www.example.fr].upstream`.
    pub key: String,
    /// What puts it in force.
    pub effect: Effect,
}

/// What puts a change in force, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Reading the policy again: no connection is lost.
    Reload,
    /// A new process on the same listeners: no request is lost.
    Replace,
    /// Ending and starting: the listeners are opened anew.
    Restart,
}

/// The keys that differ in two texts, in alphabetical order; `None` when one of them is no TOML.
pub fn changes(old: &str, new: &str) -> Option<Vec<Change>> {
    let (old, new) = (keys(old)?, keys(new)?);
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let differs = |name: &&String| old.get(*name) != new.get(*name);
    let changes = names.into_iter().filter(differs).map(|key| Change {
        key: key.clone(),
        effect: Effect::of(key),
    });
    Some(changes.collect())
}

impl Effect {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Reload, Self::Replace, Self::Restart];

    /// Its name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Replace => "replace",
            Self::Restart => "restart",
        }
    }

    /// What to do.
    pub fn text(self) -> Text {
        match self {
            Self::Reload => Text::new("SIGHUP suffit", "SIGHUP suffices"),
            Self::Replace => Text::new(
                "SIGUSR2 : un autre processus, sans requête perdue",
                "SIGUSR2: another process, no request lost",
            ),
            Self::Restart => Text::new("un redémarrage", "a restart"),
        }
    }

    fn of(key: &str) -> Self {
        match key {
            // Opened, and chosen, by the process that starts the others.
            "transport.http" | "transport.https" | "process.user" => Self::Restart,
            "process.sandbox" => Self::Replace,
            key if key.starts_with("transport.admin") => Self::Replace,
            _ => Self::Reload,
        }
    }
}

/// Every key with its value.
fn keys(text: &str) -> Option<BTreeMap<String, Value>> {
    let table: Table = text.parse().ok()?;
    let mut keys = BTreeMap::new();
    flatten("", Value::Table(table), &mut keys);
    Some(keys)
}

fn flatten(path: &str, value: Value, keys: &mut BTreeMap<String, Value>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let path = match path {
                    "" => name,
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, keys);
            }
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_table) => {
            for (place, item) in items.into_iter().enumerate() {
                let label = label(&item).unwrap_or_else(|| (place + 1).to_string());
                flatten(&format!("{path}[{label}]"), item, keys);
            }
        }
        value => {
            keys.insert(path.to_owned(), value);
        }
    }
}

/// What an item of a list of tables is known by, so that an item that moves is the same.
fn label(item: &Value) -> Option<String> {
    let item = item.as_table()?;
    let named = ["hosts", "name", "path", "clause"];
    let value = named.into_iter().find_map(|name| item.get(name))?;
    let text = match value {
        Value::Array(items) => items.first()?.as_str(),
        value => value.as_str(),
    };
    text.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "version = 1\n[transport]\nhttps = \"127.0.0.1:443\"\n\
        [transport.limits]\nbody = \"1 MiB\"\n\
        [[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1:1\"\ncertificate = \"dev\"\n\
        [[site]]\nhosts = [\"b.fr\"]\nupstream = \"http://127.0.0.1:2\"\ncertificate = \"dev\"\n";

    #[test]
    fn each_key_that_is_written_differently_is_named_with_what_it_takes() {
        use Effect::{Reload, Replace, Restart};
        let with = |from: &str, to: &str| OLD.replace(from, to);
        for (new, wanted) in [
            (OLD.to_owned(), vec![]),
            (format!("# a word\n{OLD}"), vec![]),
            (
                with(
                    "[transport.limits]\nbody = \"1 MiB\"",
                    "limits.body = \"1 MiB\"",
                ),
                vec![],
            ),
            (
                with("1 MiB", "2 MiB"),
                vec![("transport.limits.body", Reload)],
            ),
            (
                with("127.0.0.1:1", "127.0.0.1:9"),
                vec![("site[a.fr].upstream", Reload)],
            ),
            (with(":443", ":444"), vec![("transport.https", Restart)]),
            (
                format!("{OLD}[process]\nsandbox = \"off\"\nuser = \"a\"\n"),
                vec![("process.sandbox", Replace), ("process.user", Restart)],
            ),
            (
                with("[transport]", "[transport]\nadmin.listen = \"unix:a\""),
                vec![("transport.admin.listen", Replace)],
            ),
            (
                with("hosts = [\"b.fr\"]", "hosts = [\"b.fr\", \"c.fr\"]"),
                vec![("site[b.fr].hosts", Reload)],
            ),
        ] {
            let found = changes(OLD, &new).expect("TOML");
            let found: Vec<_> = found
                .iter()
                .map(|one| (one.key.as_str(), one.effect))
                .collect();
            assert_eq!(found, wanted, "{new}");
        }
        assert_eq!(changes(OLD, "= 1"), None);
    }

    #[test]
    fn sites_that_change_places_are_the_same() {
        let (head, sites) = OLD.split_once("[[site]]").expect("sites");
        let (first, second) = sites.split_once("[[site]]").expect("two");
        let moved = format!("{head}[[site]]{second}[[site]]{first}");
        assert_eq!(changes(OLD, &moved), Some(Vec::new()));
    }
}
