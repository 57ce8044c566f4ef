//! No text makes the loader or the report panic, and what is refused prints.

use policy::{Language, Report, load, reference_text};
use proptest::prelude::*;

/// Prints a report in every way, also beside a text that is not its own.
fn print(report: &Report, text: &str) {
    for language in [Language::Fr, Language::En] {
        for colour in [false, true] {
            assert!(!report.render("p", text, language, colour).is_empty());
        }
        let _ = report.render("p", "é", language, false);
        let _ = report.to_json("p", text, language);
    }
}

fn load_and_print(text: &str) {
    match load(text) {
        Ok(loaded) => {
            assert!(!loaded.warnings.has_errors());
            for form in &loaded.policy.password().forms {
                let _ = form.bits();
            }
            if !loaded.warnings.is_empty() {
                print(&loaded.warnings, text);
            }
        }
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason: {text:?}");
            for fault in report.faults() {
                assert!(fault.span.end <= text.len() + 1, "{fault:?}");
                assert!(text.is_char_boundary(fault.span.start), "{fault:?}");
            }
            print(&report, text);
        }
    }
}

/// The reference file, every commented setting in force.
fn everything() -> String {
    reference_text()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text(text in any::<String>()) {
        load_and_print(&text);
    }

    #[test]
    fn any_text_made_of_toml(text in "[\\[\\]{}=\"'#.,\\\\\n\r\t a-c0-2é-]{0,200}") {
        load_and_print(&text);
    }

    #[test]
    fn the_reference_with_a_piece_replaced(
        start in 0.0..1.0_f64,
        length in 0_usize..40,
        piece in "[\\[\\]{}=\"'#.,\n a-z0-9é-]{0,20}",
    ) {
        let mut text = everything();
        let start = text.floor_char_boundary((start * text.len() as f64) as usize);
        let end = text.floor_char_boundary((start + length).min(text.len()));
        text.replace_range(start..end, &piece);
        load_and_print(&text);
    }

    #[test]
    fn a_known_key_with_any_value(
        table in prop::sample::select(policy::keys::tables().to_vec()),
        value in "(-?[0-9]{1,25}|[0-9]\\.[0-9]|true|\"[^\"\\\\\n\r\u{0}-\u{1f}\u{7f}]{0,80}\"|\\[\\]|\\{\\}|inf|1979-05-27)",
        index in any::<prop::sample::Index>(),
    ) {
        let key = index.get(table.keys);
        let header = if table.path.is_empty() { String::new() } else { table.header() };
        load_and_print(&format!("version = 1\n{header}\n{} = {value}\n", key.name));
    }
}

#[test]
fn deep_texts_are_refused_not_overflowed() {
    for text in [
        "[".repeat(20_000),
        format!("a = {}", "[".repeat(20_000)),
        format!("a = {}", "{a = ".repeat(20_000)),
        format!("{} = 1", vec!["a"; 20_000].join(".")),
        format!("[{}]", vec!["a"; 20_000].join(".")),
        format!("version = 1\n[hash]\n{}", "x".repeat(900_000)),
    ] {
        load_and_print(&text);
    }
}

#[test]
fn the_worst_file_of_one_mebibyte_stays_cheap() {
    let fill = |piece: &str| piece.repeat((1 << 20) / piece.len());
    let keys: String = (0..100_000).map(|key| format!("k{key}=1\n")).collect();
    for text in [
        fill("= \"\n"),
        keys,
        fill("[[site]]\n"),
        fill("[[deviation]]\nclause='cnil-x'\n"),
        fill("[[password.form]]\nkind='passphrase'\nwords=7\n"),
        format!("site = [{}]", fill("1,")),
    ] {
        let start = std::time::Instant::now();
        load_and_print(&text);
        let (elapsed, piece) = (start.elapsed(), &text[..20]);
        assert!(elapsed.as_secs() < 60, "{elapsed:?} for {piece:?}…");
    }
}
