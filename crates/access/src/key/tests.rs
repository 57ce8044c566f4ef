use super::*;

fn keys() -> KeyMaker {
    KeyMaker::with_secret([7; 32])
}

#[test]
fn spellings_of_one_identifier_share_a_cap() {
    for (spelling, name) in [
        ("Ana@Example.fr ", "ana@example.fr"),
        ("\u{a0}\tANA@EXAMPLE.FR\r\n", "ana@example.fr"),
        // Composed, decomposed, and without its accent.
        ("Ren\u{e9}", "rene\u{301}"),
        ("Ren\u{e9}", "rene"),
        ("STRASSE", "straße"),
        ("STRAẞE", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ", "οδοσ"),
        ("İstanbul", "istanbul"),
        ("ıstanbul", "ISTANBUL"),
        // Full width, a ligature, the Kelvin sign, a long s.
        ("ａｎａ", "ana"),
        ("o\u{fb03}ce", "office"),
        ("\u{212a}ira", "kira"),
        ("\u{17f}am", "sam"),
        // What shows nothing: zero width, soft hyphen, a control, a byte order mark.
        ("a\u{200b}n\u{ad}a\u{0}", "\u{feff}ana"),
        ("ana \u{200b}", "ana"),
        ("\u{200b} ana", "ana"),
        ("Jean  \t Dupont", "jean dupont"),
    ] {
        assert_eq!(
            keys().alike(spelling),
            keys().alike(name),
            "{spelling:?} and {name:?}"
        );
    }
}

#[test]
fn names_that_are_spelt_alike_are_other_accounts() {
    for (one, other) in [
        ("ana", "an\u{e1}"),
        ("ana", "ana\u{200b}"),
        ("ana", "ａｎａ"),
        ("ss", "ß"),
        ("jean dupont", "jean  dupont"),
    ] {
        assert_eq!(keys().alike(one), keys().alike(other), "{one} {other}");
        assert_ne!(keys().account(one), keys().account(other), "{one} {other}");
    }
    for (one, same) in [
        ("Ana@Example.fr ", "ana@example.fr"),
        ("REN\u{c9}", "rene\u{301}"),
        ("mi\u{212a}e", "mike"),
    ] {
        assert_eq!(keys().account(one), keys().account(same), "{one} {same}");
    }
}

#[test]
fn what_does_not_count_makes_no_other_name_however_much_of_it_there_is() {
    for count in [1, 1022, 1023, 1024, 2000, 100_000] {
        let (space, wide) = (" ".repeat(count), "\u{3000}".repeat(count));
        for name in ["ana", "an\u{e1}", "\u{65e5}\u{672c}"] {
            for typed in [
                format!("{name}{space}"),
                format!("{space}{name}"),
                format!("{wide}{name}{space}"),
            ] {
                assert_eq!(keys().account(&typed), keys().account(name), "{count}");
                assert_eq!(keys().alike(&typed), keys().alike(name), "{count}");
            }
        }
        for sign in [
            "\u{200b}",
            "\u{ad}",
            "\u{0}",
            "\u{301}",
            "\u{e0020}",
            "\u{200b} ",
        ] {
            let signs = sign.repeat(count);
            for typed in [format!("{signs}ana"), format!("ana{signs}")] {
                assert_eq!(
                    keys().alike(&typed),
                    keys().alike("ana"),
                    "{sign:?} {count}"
                );
            }
        }
        for (sign, name) in [("\u{200b}", "ana"), (" ", "a na"), (" \u{200b}", "a na")] {
            let typed = format!("a{}na", sign.repeat(count));
            assert_eq!(keys().alike(&typed), keys().alike(name), "{sign:?} {count}");
        }
    }
}

#[test]
fn of_a_huge_identifier_the_start_alone_counts() {
    let long = |end: &str| format!("{}{end}", "é".repeat(512));
    let plain = |end: &str| format!("{}{end}", "e".repeat(1024));
    for end in ["a", "ab", " b", "\u{1f511}", &"c".repeat(5000)] {
        assert_eq!(keys().account(&long("")), keys().account(&long(end)));
        assert_eq!(keys().alike(&plain("")), keys().alike(&plain(end)));
    }
    // What is left out of the one still counts for the other, which has shorter letters.
    assert_ne!(keys().alike(&long("")), keys().alike(&long("a")));
    let last = |end: &str| format!("{}{end}", "e".repeat(1023));
    assert_ne!(keys().account(&last("a")), keys().account(&last("b")));
    assert_ne!(keys().alike(&last("a")), keys().alike(&last("b")));
    // Space where the limit cuts.
    assert_eq!(keys().account(&last(" a")), keys().account(&last("")));
    assert_eq!(keys().alike(&last(" a")), keys().alike(&last(" b")));
    // A character that the limit would cut, and nothing after it.
    let odd = format!("a{}", "é".repeat(512));
    assert_ne!(keys().account(&odd), keys().account("a"));
    assert_eq!(keys().account(&odd), keys().account(&(odd.clone() + "b")));
    let odd = last("\u{65e5}");
    assert_eq!(keys().alike(&odd), keys().alike(&(odd.clone() + "b")));
}

#[test]
fn other_names_have_other_counters() {
    let names = [
        "ana@example.fr",
        "ana@example.org",
        "ana.example@fr",
        "jeandupont",
        "jean dupont",
        "",
        "1",
        "l",
        "а", // Cyrillic
        "a",
        "日本",
        "日",
    ];
    for (index, one) in names.iter().enumerate() {
        for other in &names[index + 1..] {
            assert_ne!(keys().alike(one), keys().alike(other), "{one} {other}");
        }
    }
}

#[test]
fn a_source_is_what_one_party_can_choose_at_will() {
    let source = |text: &str| Source::from(text.parse::<IpAddr>().expect("an address"));
    for (one, other) in [
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("192.0.2.1", "64:ff9b::192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
    ] {
        assert_eq!(source(one), source(other), "{one} {other}");
    }
    for (one, other) in [
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::1", "0.0.0.1"),
        ("64:ff9b:1::192.0.2.1", "192.0.2.1"),
    ] {
        assert_ne!(source(one), source(other), "{one} {other}");
        assert_ne!(keys().source(source(one)), keys().source(source(other)));
    }
}

#[test]
fn no_key_of_one_kind_is_a_key_of_another() {
    let keys = keys();
    // Names that are the bytes which other kinds hash.
    let source = Source::V4(*b"anab");
    let account = keys.account("anab");
    let other_site = keys.for_site("anab");
    let all = [
        CounterKey::from(account),
        CounterKey::from(keys.alike("anab")),
        keys.other("anab", ""),
        keys.other("ana", "b"),
        keys.other("", "anab"),
        keys.all_other("anab"),
        keys.all_other(""),
        keys.source(source),
        keys.pair(account, source),
        keys.site(),
        keys.device(account, b"anabanabanabanab"),
        CounterKey::from(other_site.account("anab")),
        other_site.pair(account, source),
        other_site.site(),
        other_site.device(account, b"anabanabanabanab"),
    ];
    for (index, one) in all.iter().enumerate() {
        for (place, other) in all.iter().enumerate().skip(index + 1) {
            assert_ne!(one, other, "{index} and {place}");
        }
    }
    assert_eq!(
        keys.source(source),
        other_site.source(source),
        "a source is the same on all sites"
    );
}

#[test]
fn another_secret_gives_another_key() {
    let one = KeyMaker::with_secret([1; 32]).account("ana");
    assert_ne!(one, KeyMaker::with_secret([2; 32]).account("ana"));
}

#[test]
fn keys_stay_the_same_from_version_to_version() {
    // Counters of a shared store outlive the program. The first is HMAC-SHA-256 of 01 616e61
    // under 32 bytes 07, cut to 128 bits.
    let hex = |bytes: &[u8; 16]| bytes.map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(hex(keys().account("Ana").bytes()), ACCOUNT);
    assert_eq!(hex(keys().alike("Ana").bytes()), ALIKE);
    assert_eq!(
        hex(keys().source(Source::V4([192, 0, 2, 1])).bytes()),
        SOURCE
    );
    let v6 = Source::V6([0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2]);
    assert_eq!(hex(keys().source(v6).bytes()), V6);
    let ana = keys().account("ana");
    let pair = keys().pair(ana, Source::V4([192, 0, 2, 1]));
    assert_eq!(hex(pair.bytes()), PAIR);
    assert_eq!(hex(keys().site().bytes()), SITE);
    assert_eq!(hex(keys().device(ana, &[9; 16]).bytes()), DEVICE);
    assert_eq!(hex(keys().for_site("shop").account("Ana").bytes()), OF_SITE);
}

#[test]
fn debug_shows_neither_secret_nor_identifier() {
    let maker = KeyMaker::with_secret([0x41; 32]);
    let text = format!("{maker:?} {:?}", maker.account("ana"));
    assert!(
        !text.contains("ana") && !text.contains("AAAA") && !text.contains("65, 65"),
        "{text}"
    );
}

// Computed with Python's hmac module.
const ACCOUNT: &str = "0d557ef86fb44ce9841ba14e8318dfd6";
const ALIKE: &str = "496797c8f720f2670532738fc7206004";
const SOURCE: &str = "194893ae9c6f48052f71eb91d38d4793";
const OF_SITE: &str = "143e716de0793d6f4b7c7b850baede9e";
const PAIR: &str = "ebaf8e80e23c0c9acf97592ab030d014";
const SITE: &str = "7741ecce088f97ab069161c9c5f9d4b3";
const DEVICE: &str = "98c115831d97746fe9976afbc280ae5e";
const V6: &str = "df6974ce8d591c1b6820b0c07b647822";
