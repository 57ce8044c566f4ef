//! What is read, left out, refused or stopped at, row by row.

use super::*;

#[test]
fn rows_are_kept_left_out_or_bad_and_counted() {
    let here = folder();
    let input = here.path().join("corpus");
    let text = [
        row(Kind::Sha1, "souvent", 50),
        row(Kind::Sha1, "jamais", 0),
        String::new(),
        row(Kind::Sha1, "parfois", 9),
        "motdepasse en clair".to_owned(),
        row(Kind::Ntlm, "souvent", 50),
        row(Kind::Sha1, "dix", 10),
        "x".repeat(100_000),
        row(Kind::Sha1, "souvent", 50),
    ];
    fs::write(&input, text.join("\n")).expect("written");
    let options = Options {
        least_count: 10,
        ..options()
    };
    let built = made(
        &here.path().join("out.idx"),
        std::slice::from_ref(&input),
        &options,
        100,
    );
    holds_exactly(&built.index, &["souvent".to_owned(), "dix".to_owned()]);
    assert_eq!(built.index.least_count(), 10);
    let counts = Counts {
        lines: 9,
        rare: 1,
        padding: 1,
        bad: 3,
        untypable: 0,
    };
    assert_eq!(built.counts, counts);
    let wanted = [
        (5, BadRow::Length),
        (6, BadRow::OtherKind),
        (8, BadRow::TooLong),
    ];
    let places = built.bad.iter().map(|bad| (bad.line, bad.reason));
    assert!(places.eq(wanted), "{:?}", built.bad);
    for bad in &built.bad {
        assert_eq!(bad.file, input);
        for language in [Language::Fr, Language::En] {
            assert!(!bad.message(language).contains("clair"));
        }
    }
}

#[test]
fn passwords_that_nobody_can_type_are_left_out_of_a_plain_list() {
    let here = folder();
    let input = here.path().join("list");
    let mut text = b"caf\xe9\nsoleil\r\n\n ".to_vec();
    text.extend_from_slice("\nété\n".as_bytes());
    text.extend_from_slice(&[b'a'; 5_000]);
    fs::write(&input, text).expect("written");
    let options = Options {
        plain: true,
        ..options()
    };
    let built = made(&here.path().join("out.idx"), &[input], &options, 100);
    holds_exactly(&built.index, &["soleil", " ", "été"].map(str::to_owned));
    assert_eq!((built.counts.untypable, built.counts.bad), (2, 0));
}

#[test]
fn a_file_of_something_else_stops_early_and_is_not_shown() {
    let here = folder();
    let (input, output) = (here.path().join("list"), here.path().join("out.idx"));
    fs::write(&input, passwords(5_000).join("\n")).expect("written");
    let fault = refused(&output, std::slice::from_ref(&input), &options());
    assert!(
        matches!(&fault, Fault::Bad(1_001, first) if first.len() == 5),
        "{fault:?}"
    );
    let error = BuildError(fault);
    for language in [Language::Fr, Language::En] {
        let text = error.message(language);
        assert!(
            text.contains(&input.display().to_string()) && text.contains("5"),
            "{text}"
        );
        assert!(!text.contains("motdepasse"), "{text}");
    }
    assert_eq!(fs::read_dir(here.path()).expect("there").count(), 1);
}

#[test]
fn what_cannot_be_built_is_refused_and_leaves_nothing() {
    let here = folder();
    let path = |name: &str| here.path().join(name);
    fs::write(path("corpus"), corpus(Kind::Sha1, &passwords(20))).expect("written");
    fs::write(path("nothing"), "").expect("written");
    fs::write(
        path("cut.gz"),
        &packed(&corpus(Kind::Sha1, &passwords(20)))[..200],
    )
    .expect("written");
    fs::create_dir(path("folder")).expect("made");
    let plain = Options {
        plain: true,
        ..options()
    };
    let rate = |rate| Options {
        false_hit_rate: Some(rate),
        ..options()
    };
    fs::write(path("bad"), "not\na row\n").expect("written");
    let rows: [(&str, &[&str], Options, &str); 13] = [
        ("out", &["bad"], options(), "Bad(2"),
        ("out", &[], options(), "NoInput"),
        ("out", &["absent"], options(), "Read"),
        ("out", &["cut.gz"], options(), "Read"),
        ("out", &["folder"], options(), "NoRanges"),
        ("out", &["folder"], plain, "Read"),
        ("out", &["nothing"], options(), "Nothing"),
        (
            "out",
            &["corpus"],
            Options {
                least_count: 4,
                ..options()
            },
            "Nothing",
        ),
        ("absent/out", &["corpus"], options(), "Write"),
        ("folder", &["corpus"], options(), "Write"),
        ("out", &["corpus"], rate(0.0), "NoRate"),
        ("out", &["corpus"], rate(f64::NAN), "NoRate"),
        ("out", &["corpus"], rate(1e-30), "Rate"),
    ];
    for (output, inputs, options, wanted) in rows {
        let inputs: Vec<PathBuf> = inputs.iter().map(|name| path(name)).collect();
        let fault = refused(&path(output), &inputs, &options);
        assert!(
            format!("{fault:?}").starts_with(wanted),
            "{wanted}: {fault:?}"
        );
        if wanted != "Rate" {
            assert!(!path("out.partial").exists(), "{wanted}");
        }
    }
    // The rate is asked again of what is read already.
    assert!(made(&path("out"), &[path("corpus")], &options(), 100).resumed);
    let little = Options {
        memory: Options::LEAST_MEMORY - 1,
        ..options()
    };
    let never = &mut |_| ControlFlow::Continue(());
    let fault = build(&path("out"), &[path("corpus")], &little, never).expect_err("refused");
    assert!(matches!(fault.0, Fault::Memory { .. }));
}

#[test]
fn the_buffers_stay_within_the_memory_given() {
    let here = folder();
    let input = here.path().join("list");
    fs::write(&input, passwords(100).join("\n")).expect("written");
    for memory in [Options::LEAST_MEMORY, Options::LEAST_MEMORY * 2] {
        let options = Options {
            plain: true,
            memory,
            ..options()
        };
        let never = &mut |_| ControlFlow::Continue(());
        let built = build(
            &here.path().join("out.idx"),
            std::slice::from_ref(&input),
            &options,
            never,
        );
        let used = built.expect("built").memory;
        assert!(used <= memory && used > memory / 2, "{used} of {memory}");
    }
    // Unordered input in the most runs that there may be, merged in the least memory.
    fs::write(&input, passwords(1_000).join("\n")).expect("written");
    let options = Options {
        plain: true,
        memory: Options::LEAST_MEMORY,
        ..options()
    };
    let built = made(
        &here.path().join("out.idx"),
        std::slice::from_ref(&input),
        &options,
        5,
    );
    holds_exactly(&built.index, &passwords(1_000));
    assert!(built.memory <= Options::LEAST_MEMORY, "{}", built.memory);
    fs::write(&input, passwords(2_000).join("\n")).expect("written");
    let never = &mut |_| ControlFlow::Continue(());
    let output = here.path().join("more.idx");
    let fault = build_with(&output, &[input], &options, 5, never).expect_err("refused");
    assert!(matches!(fault, Fault::TooManyRuns), "{fault:?}");
    assert!(!here.path().join("more.idx.partial").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any mixture of good and bad bytes is read to its end or refused, and what is good in
    /// it is found.
    #[test]
    fn any_text_is_read_without_a_panic(
        texts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "[0-9a-fA-F]{40}(:[0-9]{1,3})?\r?\n".prop_map(String::into_bytes),
            ],
            1..20,
        ),
        plain in any::<bool>(),
    ) {
        let here = folder();
        let input = here.path().join("input");
        let good = row(Kind::Sha1, "bon", 1_000);
        let mut bytes = if plain { "bon".to_owned() } else { good }.into_bytes();
        bytes.push(b'\n');
        bytes.extend(texts.concat());
        fs::write(&input, bytes).expect("written");
        let options = Options { plain, ..options() };
        let built = made(&here.path().join("out.idx"), &[input], &options, 3);
        built.index.verify().expect("sound");
        prop_assert!(built.index.contains("bon"));
    }
}
