//! A scan as JUnit XML, which build servers read: a suite for a site, a case for a kind.
//!
//! A case fails when its kind was found and is as grave as `--fail-on`; it is skipped when its
//! subject was not looked at to its end, so that a silent server never looks like a sound one.

use std::fmt::Write;

use policy::Language;
use scan::{Finding, Severity};

use super::{Sites, content};
use crate::report::escape;

pub(super) fn suites(
    sites: &Sites,
    fails: &dyn Fn(Severity) -> bool,
    language: Language,
) -> String {
    let mut body = String::new();
    let (mut all, mut failed, mut left) = (0, 0, 0);
    for scan in &sites.answered {
        let (mut cases, mut failures, mut skipped, mut tests) = (String::new(), 0, 0, 0);
        for kind in scan::kind::all() {
            let found: Vec<&Finding> = scan
                .findings
                .iter()
                .filter(|finding| finding.kind.code == kind.code)
                .collect();
            let (code, area) = (kind.code, kind.area.name());
            tests += 1;
            let _ = write!(cases, "    <testcase classname=\"{area}\" name=\"{code}\"");
            if found.is_empty() && !scan.judges(kind) {
                skipped += 1;
                cases.push_str("><skipped/></testcase>\n");
            } else if found.is_empty() {
                cases.push_str("/>\n");
            } else {
                let message = escape(kind.in_language(language));
                let lines: Vec<String> = found
                    .iter()
                    .map(|finding| line(finding, language))
                    .collect();
                let text = escape(&format!("{}\n{}", lines.join("\n"), kind.fix(language)));
                if fails(kind.severity) {
                    failures += 1;
                    let severity = kind.severity.name();
                    let _ = writeln!(
                        cases,
                        "><failure message=\"{message}\" type=\"{severity}\">{text}</failure></testcase>"
                    );
                } else {
                    let _ = writeln!(
                        cases,
                        "><system-out>{message}\n{text}</system-out></testcase>"
                    );
                }
            }
        }
        let name = escape(&scan.address.to_string());
        let _ = write!(
            body,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n{cases}  </testsuite>\n"
        );
        all += tests;
        failed += failures;
        left += skipped;
    }
    // Nothing was tested there, and that is not a pass.
    for address in &sites.silent {
        let (name, message) = (
            escape(&address.to_string()),
            escape(&content::silent_site(address, language)),
        );
        let _ = write!(
            body,
            "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n    <testcase classname=\"behaviour\" name=\"answer\"><error message=\"{message}\"/></testcase>\n  </testsuite>\n"
        );
        all += 1;
    }
    let errors = sites.silent.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rempart scan\" tests=\"{all}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{left}\">\n{body}</testsuites>\n"
    )
}

fn line(finding: &Finding, language: Language) -> String {
    let reference = finding.kind.clause.reference(language);
    format!(
        "{}: {} [{reference}]",
        finding.url,
        finding.proof.in_language(language)
    )
}
