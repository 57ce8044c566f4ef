//! `docs/JOURNAL.md` is what the code says.

use std::fmt::Write;
use std::path::Path;

use policy::Language;

use super::examples::events;
use crate::{LONGEST, VERSION, Weight};

/// What the page holds between these lines is written from the code.
const MARKS: [&str; 2] = ["<!-- kinds -->\n", "<!-- end of kinds -->\n"];
/// Fields of every line, told once in the page.
const COMMON: [&str; 5] = ["at", "kind", "source", "port", "site"];

fn table() -> String {
    let mut table = String::from("| kind | fields of its own | français | English |\n|-|-|-|-|\n");
    for event in events() {
        let json = event.json();
        let fields: Vec<String> = json
            .as_object()
            .expect("an object")
            .keys()
            .filter(|name| !COMMON.contains(&name.as_str()))
            .map(|name| format!("`{name}`"))
            .collect();
        let look = match event.code().weight() {
            Weight::Look => " **!**",
            Weight::Usual => "",
        };
        let _ = writeln!(
            table,
            "| `{}`{look} | {} | {} | {} |",
            event.code().name(),
            fields.join(", "),
            event.code().text(Language::Fr),
            event.code().text(Language::En),
        );
    }
    table
}

#[test]
fn the_page_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/JOURNAL.md");
    let page = std::fs::read_to_string(&path).expect("docs/JOURNAL.md");
    let [start, end] = MARKS.map(|mark| page.find(mark).expect(mark));
    let (head, tail) = (&page[..start + MARKS[0].len()], &page[end..]);
    let fresh = format!("{head}{}{tail}", table());
    if std::env::var_os("REMPART_BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("docs/JOURNAL.md can be written");
        return;
    }
    assert!(
        page == fresh,
        "docs/JOURNAL.md is stale: REMPART_BLESS=1 cargo test -p rempart-journal writes it anew"
    );
}

#[test]
fn the_page_tells_every_field_and_figure() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/JOURNAL.md");
    let page = std::fs::read_to_string(path).expect("docs/JOURNAL.md");
    for event in events() {
        for name in event.json().as_object().expect("an object").keys() {
            let row = format!("\n| `{name}` | ");
            assert!(page.contains(&row), "{name} has no row");
        }
    }
    for figure in [
        format!("version {VERSION}"),
        format!("{LONGEST} bytes"),
        "8,192 events".to_owned(),
        "64 MiB".to_owned(),
    ] {
        assert!(page.contains(&figure), "{figure}");
    }
}
