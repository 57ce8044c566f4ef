//! The reference file, the specification of keys and the built-in default say the same.

use policy::keys::{self, Kind};
use policy::{Language, Policy, Preset, load, reference_text, template};

/// Loads, or prints the report and fails.
fn load_or_show(text: &str) -> policy::Loaded {
    load(text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("policy.toml", text, Language::En, false)
        )
    })
}

#[test]
fn the_reference_file_is_the_built_in_policy() {
    let loaded = load_or_show(reference_text());
    assert_eq!(loaded.policy, Policy::reference());
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn the_shortest_file_is_the_built_in_policy() {
    let loaded = load_or_show("version = 1");
    assert_eq!(loaded.policy, Policy::reference());
    assert!(loaded.warnings.is_empty());
}

#[test]
fn the_reference_file_shows_every_table_and_key() {
    let lines: Vec<&str> = reference_text()
        .lines()
        .map(|line| line.strip_prefix('#').unwrap_or(line))
        .collect();
    for table in keys::tables().iter().filter(|table| !table.path.is_empty()) {
        assert!(
            lines.contains(&table.header().as_str()),
            "{}",
            table.header()
        );
    }
    for (path, key) in keys::all() {
        let start = format!("{} = ", key.name);
        assert!(lines.iter().any(|line| line.starts_with(&start)), "{path}");
    }
}

#[test]
fn the_reference_file_writes_the_defaults_of_the_specification() {
    // Keys of repeated tables have no place of their own in the file.
    let mut section = String::new();
    let mut seen = 0;
    for line in reference_text()
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        if let Some(path) = line.strip_prefix('[') {
            section = path.trim_matches(['[', ']']).to_owned();
            continue;
        }
        let Some((name, value)) = line.split_once(" = ") else {
            continue;
        };
        if section == "password.form" || name == "version" {
            continue;
        }
        let table = keys::table(&section).expect("a table of the specification");
        let key = table.key(name).expect("a key of the specification");
        assert_eq!(value, key.default, "{section} {name}");
        seen += 1;
    }
    assert!(seen > 45, "only {seen} keys with a default");
}

/// The commented settings, block by block: lines that start with `#` and no space.
fn commented_blocks() -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in reference_text().lines() {
        match line.strip_prefix('#') {
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => {
                let block = blocks.last_mut().expect("never empty");
                block.push_str(setting);
                block.push('\n');
            }
            _ => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

#[test]
fn every_commented_example_loads() {
    let blocks = commented_blocks();
    assert!(blocks.len() >= 10, "{blocks:?}");
    for block in blocks {
        // A setting alone belongs to the table above it.
        let header = match block.lines().next() {
            Some(line) if line.starts_with('[') => "",
            Some(line) if line.starts_with("breached") => "[password.refuse]\n",
            Some(line) if line.starts_with("french") => "[password.guess.lists]\n",
            Some(line) if line.starts_with("max-age") => "[transport.hsts]\n",
            Some(line) if line.starts_with("root") => "[transport.acme]\n",
            Some(line) if line.starts_with("store-password") => {
                "[access]\nstore = \"redis://127.0.0.1:6379/0\"\nkey = { variable = \"K\" }\n"
            }
            Some(line) if line.starts_with("key") => "[access]\n",
            Some(line) if line.starts_with("folder") => "[journal]\n",
            Some(line) if line.starts_with("user") => "[process]\n",
            _ => "[hash]\n",
        };
        load_or_show(&format!("version = 1\n{header}{block}"));
    }
}

#[test]
fn a_commented_line_repeats_no_line_in_force() {
    let lines: Vec<&str> = reference_text().lines().collect();
    let mut tried = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(setting) = line.strip_prefix('#') else {
            continue;
        };
        if setting.is_empty() || setting.starts_with(' ') {
            continue;
        }
        let mut text = lines.clone();
        text[index] = setting;
        let report = load(&text.join("\n")).err().unwrap_or_default();
        assert!(
            report
                .faults()
                .iter()
                .all(|fault| fault.code != "duplicate-key"),
            "line {}: {setting}",
            index + 1
        );
        tried += 1;
    }
    assert!(tried > 30, "only {tried} lines");
}

#[test]
fn every_default_of_the_specification_is_the_default() {
    for (path, key) in keys::all().filter(|(_, key)| !key.default.is_empty()) {
        let (table, name) = path.rsplit_once('.').unwrap_or(("", path.as_str()));
        // A table with required keys says nothing alone.
        let incomplete = |table: &keys::Table| table.keys.iter().any(|key| key.required);
        if keys::table(table)
            .is_some_and(|spec| spec.repeated || !table.is_empty() && incomplete(spec))
            || table.starts_with("site")
        {
            continue;
        }
        let header = match table {
            "" => String::new(),
            table => format!("[{table}]\n"),
        };
        let text = format!("version = 1\n{header}{name} = {}", key.default);
        let loaded = load_or_show(&text);
        assert_eq!(loaded.policy, Policy::reference(), "{path}");
    }
}

/// A minimal file in which one key is set, its tables around it.
fn with(path: &str, value: &str) -> String {
    let (table, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut text = String::from("version = 1\n");
    for (end, _) in table.match_indices('.') {
        let parent = &table[..end];
        if keys::table(parent).is_some_and(|table| table.repeated) {
            text.push_str(&format!("[[{parent}]]\n"));
        }
    }
    match keys::table(table) {
        Some(_) if table.is_empty() && name == "version" => text.clear(),
        Some(_) if table.is_empty() => {}
        Some(spec) => text.push_str(&format!("{}\n", spec.header())),
        None => unreachable!("{table} is in the specification"),
    }
    text.push_str(&format!("{name} = {value}\n"));
    text
}

#[test]
fn every_key_of_the_specification_is_read() {
    for (path, key) in keys::all() {
        // No key takes this: a list of lists, or a list where a date is taken.
        let wrong = "[[]]";
        let text = with(&path, wrong);
        let report = load(&text).expect_err(&path);
        let at = text.find(wrong).expect("the value");
        assert!(
            report.faults().iter().any(|fault| {
                fault.code == "wrong-type" && (at..=at + 1).contains(&fault.span.start)
            }),
            "{path} ({:?}) is never read:\n{}",
            key.kind,
            report.render("policy.toml", &text, Language::En, false),
        );
    }
}

#[test]
fn every_word_of_the_specification_is_understood() {
    for (path, key) in keys::all() {
        let (words, list) = match key.kind {
            Kind::Word(words)
            | Kind::Address(words)
            | Kind::Certificate(words)
            | Kind::Duration { words, .. } => (words(), false),
            Kind::WordList(words) => (words(), true),
            _ => continue,
        };
        for word in words {
            let value = if list {
                format!("[\"{word}\"]")
            } else {
                format!("\"{word}\"")
            };
            let text = with(&path, &value);
            let at = text.rfind(&value).expect("the value");
            let report = load(&text).err().unwrap_or_default();
            for fault in report.faults() {
                assert!(
                    fault.span.start < at
                        || !["wrong-type", "unknown-word", "bad-duration", "bad-address"]
                            .contains(&fault.code),
                    "{path} = {value}: {fault:?}"
                );
            }
        }
    }
}

#[test]
fn the_starter_file_loads_in_both_languages() {
    for language in [Language::Fr, Language::En] {
        let sites = [
            ("www.example.fr", "http://127.0.0.1:8080"),
            ("b.fr", "https://c.fr"),
        ];
        let text = template(Preset::Cnil, &sites, language);
        let loaded = load_or_show(&text);
        assert_eq!(loaded.policy.sites().len(), 2);
        assert_eq!(loaded.policy.language(), language);
        assert!(loaded.warnings.is_empty());
        load_or_show(&template(Preset::Cnil, &[], language));
    }
}

#[test]
fn the_starter_file_stays_one_value_whatever_the_host() {
    let text = template(
        Preset::Cnil,
        &[("a\"]\nevil = [\"\u{7}\\", "http://127.0.0.1")],
        Language::En,
    );
    let report = load(&text).expect_err("not a host name");
    let codes: Vec<_> = report.faults().iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["bad-text"]);
}

#[test]
fn the_schema_covers_the_specification() {
    let schema = keys::schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    for (path, key) in keys::all() {
        let mut at = &schema;
        for part in path.split('.') {
            assert_eq!(at["additionalProperties"], false, "{path}");
            at = &at["properties"][part];
            if at["type"] == "array" && at["items"]["type"] == "object" {
                at = &at["items"];
            }
        }
        let description = at["description"].as_str().expect(&path);
        assert!(
            description.contains(key.fr) && description.contains(key.en),
            "{path}"
        );
        assert_eq!(
            at.get("default").is_some(),
            !key.default.is_empty(),
            "{path}"
        );
    }
    assert_eq!(schema["required"], serde_json::json!(["version"]));
    let case = &schema["properties"]["password"]["properties"]["case"];
    assert_eq!(
        case["enum"],
        serde_json::json!(["password-alone", "restricted-access", "device-unlock"])
    );
}
