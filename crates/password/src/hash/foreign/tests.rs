//! Hashes written by other programs, changed, cut, and refused.

use base64ct::{Base64Unpadded, Encoding as _};

use super::*;
use crate::hash::StoredHash;

mod refused;
mod wrapped;

/// One hash of [`WRITTEN`].
struct Row {
    password: &'static str,
    what: &'static str,
    text: &'static str,
}

const WRITTEN: &str = include_str!("tests/written.txt");
const PASSWORDS: [&str; 2] = ["correct horse battery", "Café à la crème 1!"];

fn written() -> impl Iterator<Item = Row> {
    WRITTEN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.splitn(3, '\t');
            let mut field = || fields.next().expect("three fields");
            let password = match field() {
                "1" => PASSWORDS[0],
                "2" => PASSWORDS[1],
                other => panic!("{other}: no such password"),
            };
            Row {
                password,
                what: field(),
                text: field(),
            }
        })
}

impl Row {
    /// Whether its costs are those of the real system, which the text does not state or a
    /// test must not change.
    fn is_dear(&self) -> bool {
        ["{pbkdf2", "{scrypt", "{\""]
            .iter()
            .any(|mark| self.text.starts_with(mark))
    }
}

/// The right password with a sign more, less or otherwise, and another one. Of a dear hash,
/// one of them.
fn wrong(row: &Row) -> Vec<String> {
    let password = row.password;
    let mut other: Vec<String> = vec![
        format!("{password}!"),
        password[..password.len() - 1].to_owned(),
        password.to_uppercase(),
        format!("{password}\0"),
    ];
    other.extend(
        PASSWORDS
            .iter()
            .filter(|other| **other != password)
            .map(|other| (*other).to_owned()),
    );
    if row.is_dear() {
        other.truncate(1);
    }
    other
}

#[test]
fn every_hash_verifies_its_password_and_no_other() {
    let mut seen = std::collections::BTreeMap::new();
    for row in written() {
        let Row {
            password,
            what,
            text,
        } = row;
        *seen.entry(what).or_insert(0) += 1;
        let Ok(Carried::Foreign(hash)) = read(text) else {
            continue;
        };
        assert_eq!(hash.format().name(), what, "{text}");
        let verify = |password: &str| hash.verify(password.as_bytes()).expect("memory");
        assert_eq!(verify(password), Match::Yes, "{text}");
        for wrong in wrong(&row) {
            assert_eq!(verify(&wrong), Match::No, "{wrong}: {text}");
        }
        assert_eq!(format!("{hash:?}"), "Foreign(..)");
    }
    for format in LegacyFormat::ALL {
        assert!(
            seen.contains_key(format.name()),
            "{}: no row",
            format.name()
        );
    }
}

#[test]
fn weak_hashes_are_named_and_never_verified() {
    let mut seen = Vec::new();
    for Row { what, text, .. } in written() {
        let Some(weak) = Weak::ALL
            .into_iter()
            .find(|weak| format!("{weak:?}") == what)
        else {
            assert_eq!(Weak::recognise(text), None, "{text}");
            continue;
        };
        assert_eq!(
            read(text).err(),
            Some(ForeignError::OnlyWrapped(weak)),
            "{text}"
        );
        assert_eq!(Weak::recognise(text), Some(weak), "{text}");
        seen.push(weak);
    }
    for weak in Weak::ALL {
        assert!(seen.contains(&weak), "{weak:?}: no row");
    }
}

#[test]
fn argon2_is_found_in_what_carries_it() {
    let mut rows = 0;
    for row in written().filter(|row| row.what == "argon2") {
        rows += 1;
        let Ok(Carried::Argon2 { phc }) = read(row.text) else {
            panic!("{}: not found", row.text);
        };
        StoredHash::parse(&phc).expect(row.text);
        assert!(argon2_matches(&phc, row.password), "{}", row.text);
        assert!(!argon2_matches(&phc, "another"), "{}", row.text);
        assert!(Foreign::parse(row.text).is_err(), "{}", row.text);
    }
    assert!(rows >= 8, "{rows} rows");
}

/// Computes an Argon2 string of version 19 again, apart from the code under test.
fn argon2_matches(phc: &str, password: &str) -> bool {
    let fields: Vec<&str> = phc.split('$').collect();
    let costs: Vec<u32> = fields[3]
        .split(',')
        .map(|cost| cost[2..].parse().expect("a number"))
        .collect();
    let salt = Base64Unpadded::decode_vec(fields[4]).expect("a salt");
    let tag = Base64Unpadded::decode_vec(fields[5]).expect("a tag");
    let algorithm = fields[1].parse().expect("an algorithm");
    let params = argon2::Params::new(costs[0], costs[1], costs[2], None).expect("costs");
    let mut made = vec![0; tag.len()];
    argon2::Argon2::new(algorithm, argon2::Version::V0x13, params)
        .hash_password_into(password.as_bytes(), &salt, &mut made)
        .expect("memory");
    assert_eq!(fields[2], "v=19");
    made == tag
}

#[test]
fn every_hash_has_one_text() {
    // A sign less, a sign more and spaces around are no hash, or at least not this one.
    for Row { text, .. } in written().filter(|row| row.what != "argon2") {
        if text.starts_with("{\"") {
            continue;
        }
        let changed = [
            text[..text.len() - 1].to_owned(),
            format!("{text}A"),
            format!("{text}="),
            format!("{text}$"),
            format!("{text}\n"),
            format!(" {text}"),
            format!("{text}\0"),
            format!("x{text}"),
            text.replacen('$', "$$", 1) + "$",
        ];
        for changed in changed {
            assert!(take_apart(&changed).is_err(), "{changed}");
        }
    }
}

#[test]
fn bcrypt_reads_72_bytes_and_says_so() {
    // PHP's `password_hash` of 80 digits, and Django's digest of the same password.
    let long = "0123456789".repeat(8);
    let cut = Foreign::parse("$2y$04$WwPPwB.KodHwfX6kKk6sg.98xNdY4zzwmuw.EcqdsVRcAfJjPNoPS")
        .expect("bcrypt");
    let whole = Foreign::parse(
        "bcrypt_sha256$$2b$04$3iQQefJN0t6LuiOYJxc5ie4/9AO4oSFcuVexAm4F6P3FAcwfTtSwq",
    )
    .expect("bcrypt");
    for (password, of_cut, of_whole) in [
        (&long[..], Match::YesCut, Match::Yes),
        (&long[..79], Match::YesCut, Match::No),
        (&long[..73], Match::YesCut, Match::No),
        (&long[..72], Match::Yes, Match::No),
        (&long[..71], Match::No, Match::No),
    ] {
        assert_eq!(cut.verify(password.as_bytes()), Ok(of_cut), "{password}");
        assert_eq!(
            whole.verify(password.as_bytes()),
            Ok(of_whole),
            "{password}"
        );
    }
}

#[test]
fn no_password_with_a_nul_matches() {
    // As a key of bcrypt or HMAC, `word` and `word NUL word` or `word NUL` are one.
    for Row { password, text, .. } in written().filter(|row| !row.is_dear()) {
        let Ok(hash) = Foreign::parse(text) else {
            continue;
        };
        for other in [
            format!("{password}\0"),
            format!("{password}\0{password}"),
            format!("{password}\0more"),
        ] {
            assert_eq!(hash.verify(other.as_bytes()), Ok(Match::No), "{text}");
        }
    }
}

#[test]
fn a_password_longer_than_its_function_reads_has_no_hash() {
    for (text, longest) in [
        ("$6$rounds=1000$phpsalt$", 512),
        ("$5$rounds=1000$phpsalt$", 512),
        ("$P$5salt.and", 1024),
        ("pbkdf2:sha256:1$salt$", 4096),
    ] {
        let password = "é".repeat(longest / 2);
        // What the function makes of the longest password that it reads.
        let text = match text {
            "$6$rounds=1000$phpsalt$" => text.to_owned() + &".".repeat(86),
            "$5$rounds=1000$phpsalt$" => text.to_owned() + &".".repeat(43),
            "$P$5salt.and" => text.to_owned() + &".".repeat(22),
            _ => text.to_owned() + &"0".repeat(64),
        };
        let recipe = Recipe::of(&text).expect("a hash");
        let made = recipe.text_of(password.as_bytes()).expect("memory");
        let made = std::str::from_utf8(&made).expect("text");
        let hash = Foreign::parse(made).expect("a hash");
        assert_eq!(hash.verify(password.as_bytes()), Ok(Match::Yes), "{made}");
        let more = password + "x";
        assert_eq!(hash.verify(more.as_bytes()), Ok(Match::No), "{made}");
        assert_ne!(
            &recipe.text_of(more.as_bytes()).expect("memory")[..],
            made.as_bytes()
        );
    }
}

#[test]
fn wordpress_trims_what_is_typed() {
    let hash = Foreign::parse("$wp$2y$04$s0FhaexcYke/PpvvHE5qWeNIOpLzvrDJ8wrzIgwL0JLKI6145zqfa")
        .expect("bcrypt");
    for (password, expected) in [
        ("espace", Match::Yes),
        (" espace ", Match::Yes),
        ("espace\t", Match::Yes),
        ("es pace", Match::No),
        ("   ", Match::No),
        ("", Match::No),
    ] {
        assert_eq!(
            hash.verify(password.as_bytes()),
            Ok(expected),
            "{password:?}"
        );
    }
}

#[test]
fn leftover_bits_of_a_bcrypt_salt_are_left_out() {
    // PHP masks them when it writes; others kept what they were given. `u` and `v` differ in
    // such a bit only.
    let text = "$2y$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
    for text in [text, &text.replace("rstuu", "rstuv")] {
        let hash = Foreign::parse(text).expect("bcrypt");
        assert_eq!(
            hash.verify(PASSWORDS[0].as_bytes()),
            Ok(Match::Yes),
            "{text}"
        );
    }
    // In the digest they would be a second text of one hash.
    let digest = text.replace("QoOS", "QoOT");
    assert!(Foreign::parse(&digest).is_err());
}

#[test]
fn classes_tell_works_apart() {
    let class = |text: &str| Foreign::parse(text).expect(text).class();
    let sha = |costs: &str, salt: &str| class(&format!("$6${costs}{salt}${}", ".".repeat(86)));
    assert_eq!(sha("rounds=5000$", "aaaa"), sha("", "bbbb"));
    assert_ne!(sha("", "aaaa"), sha("rounds=5001$", "aaaa"));
    // The salt is hashed at each round.
    assert_ne!(sha("", "aaaa"), sha("", "aaaaaaaaaaaaaaaa"));
    let bcrypt = "$2y$04$smOB7XWpg74WH.DenRLfsu/BA.IOx.iQ7.eb3ZYbN3RKEsAVBjhma";
    assert_eq!(
        class(bcrypt),
        class(&format!("{{bcrypt}}{}", bcrypt.replace("2y", "2a")))
    );
    assert_ne!(class(bcrypt), class(&bcrypt.replace("$04$", "$05$")));
    let of_rows: std::collections::HashSet<CostClass> = written()
        .filter_map(|row| Foreign::parse(row.text).ok())
        .map(|hash| hash.class())
        .collect();
    for class in of_rows {
        for password in ["", "word", &"w".repeat(5000)] {
            assert_eq!(
                class.spend(password.as_bytes(), &[0; 16]),
                Ok(()),
                "{class:?}"
            );
        }
        assert!(class.memory_kib() > 0);
    }
}

#[test]
fn memory_is_what_the_function_takes() {
    let tag = "A".repeat(43);
    for (text, mib) in [
        (format!("$scrypt$ln=17,r=8,p=1$c2FsdA${tag}"), 128),
        (format!("$scrypt$ln=14,r=8,p=5$c2FsdA${tag}"), 16),
        (
            "$y$j9T$nW.k4.aoxNRfN8Z1twgRh1$NuJizhCOlYmXAqDB1ooI7Ce7xqxnU6TLGfZtbFdvgYB".into(),
            16,
        ),
    ] {
        let kib = Foreign::parse(&text).expect("a hash").memory_kib();
        assert!(
            (mib * 1024..mib * 1024 + 64).contains(&kib),
            "{kib}: {text}"
        );
    }
}
