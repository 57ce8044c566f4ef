//! `docs/CHECKLIST.md` names tests that exist.

use std::fs;

use rempart_tests::root;

#[test]
fn every_line_of_the_checklist_has_its_test_or_says_that_it_has_none() {
    let page = fs::read_to_string(root().join("docs/CHECKLIST.md")).expect("the checklist");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let mut shown = 0;
    // The first row is the header.
    for row in rows.iter().skip(1) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, _, line, proof] = cells[..] else {
            panic!("four cells: {row}");
        };
        assert!(!line.is_empty(), "{row}");
        if proof == "missing" {
            continue;
        }
        let words: Vec<&str> = proof
            .split('`')
            .filter(|word| !word.trim().is_empty())
            .collect();
        let [file, name] = words[..] else {
            panic!("a file and a test, or `missing`: {row}");
        };
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {name}(")),
            "no test {name} in {file}"
        );
        shown += 1;
    }
    assert!(shown > 50, "only {shown} rows");
}
