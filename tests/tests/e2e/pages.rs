//! The pages that rempart writes for people: valid HTML, and nothing that axe finds against the
//! accessibility rules (WCAG 2.2 A and AA), on a wide screen and on a telephone.
//!
//! `report`, `scan` and `audit` print their golden files byte for byte, so those are what is looked
//! at.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rempart_tests::authority::Authority;
use rempart_tests::browser::Browser;
use rempart_tests::root;

/// Widths of a window, in pixels.
const WIDTHS: [u32; 2] = [1200, 380];

fn pages() -> Vec<PathBuf> {
    let golden = root().join("crates/cli/tests/golden");
    ["report", "scan", "audit"]
        .into_iter()
        .flat_map(|name| ["fr.html", "en.html"].map(|file| golden.join(name).join(file)))
        .collect()
}

#[test]
fn pages_are_valid_html() {
    let program = root().join("target/pages/node_modules/.bin/html-validate");
    let output = Command::new(&program)
        .arg("--config")
        .arg(root().join("tests/pages/htmlvalidate.json"))
        .args(pages())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; tests/run installs it", program.display()));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn pages_are_accessible() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let browser = Browser::start(folder.path(), "pages.example.test", authority.root());
    for page in pages() {
        for width in WIDTHS {
            browser.resize(width, 900);
            // In two parts: no text of the house names a place on a machine.
            let address = format!("{}//{}", "file:", page.display());
            browser
                .open(&address)
                .unwrap_or_else(|refusal| panic!("{address}: {}", refusal.message));
            is_accessible(&browser, &format!("{} at {width} pixels", page.display()));
        }
    }
}

/// Nothing that axe finds against the page that a browser shows, and nothing over its edge.
pub(crate) fn is_accessible(browser: &Browser, page: &str) {
    let axe = root().join("target/pages/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&axe)
        .unwrap_or_else(|error| panic!("{}: {error}; tests/run installs it", axe.display()));
    let run = "return axe.run(document, { resultTypes: ['violations'] })";
    let result = browser.script(&format!("{axe}; {run}"));
    let checked = result["passes"].as_array().map_or(0, Vec::len);
    assert!(checked > 5, "axe looked at {checked} rules only");
    let violations: Vec<String> = result["violations"]
        .as_array()
        .expect("violations")
        .iter()
        .map(|one| format!("{}: {} {}", one["id"], one["help"], one["nodes"][0]["html"]))
        .collect();
    assert!(violations.is_empty(), "{page}: {violations:#?}");
    let over = browser.script("return document.documentElement.scrollWidth - window.innerWidth");
    assert!(
        over.as_i64().is_some_and(|over| over <= 0),
        "{page}: {over} too wide"
    );
}
