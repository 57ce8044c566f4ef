//! Recipes: the stored text again, from the password and without the digest.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::super::*;
use super::{PASSWORDS, written, wrong};

#[test]
fn a_recipe_computes_the_stored_text_again() {
    let mut rows = 0;
    for row in written().filter(|row| row.what != "argon2") {
        let recipe = match Recipe::of(row.text) {
            Err(ForeignError::NotWrapped) if row.text.starts_with("{\"") => continue,
            other => other.expect(row.text),
        };
        rows += 1;
        // Kept and read again, knowing the digest no more.
        let kept = recipe.to_string();
        assert!(
            kept.bytes()
                .all(|sign| sign.is_ascii_alphanumeric() || b"-_".contains(&sign))
        );
        let recipe = Recipe::parse(&kept).expect(row.text);
        let text_of = |password: &str| recipe.text_of(password.as_bytes()).expect("memory");
        assert_eq!(&text_of(row.password)[..], row.text.as_bytes());
        for wrong in wrong(&row) {
            assert_ne!(&text_of(&wrong)[..], row.text.as_bytes(), "{wrong}");
        }
        assert_eq!(format!("{recipe:?}"), "Recipe(..)");
        assert_ne!(recipe.weak().is_some(), recipe.format().is_some());
    }
    assert!(rows > 100, "{rows} rows");
}

#[test]
fn a_recipe_holds_nothing_of_the_digest() {
    // Two passwords, one salt: one recipe.
    for text in [
        "$1$saltsalt$",
        "$apr1$saltsalt$",
        "$6$rounds=1000$salt$",
        "sha1$salt$",
        "{MD5}{salt}",
    ] {
        let blank = match text {
            "sha1$salt$" => "a".repeat(40),
            "{MD5}{salt}" => "a".repeat(32),
            "$6$rounds=1000$salt$" => ".".repeat(86),
            _ => ".".repeat(22),
        };
        let recipe = Recipe::of(&(text.to_owned() + &blank)).expect(text);
        let recipes: Vec<String> = PASSWORDS
            .iter()
            .map(|password| {
                let stored = recipe
                    .text_of(password.as_bytes())
                    .expect("memory")
                    .to_vec();
                Recipe::of(&String::from_utf8(stored).expect("text"))
                    .expect("a hash")
                    .to_string()
            })
            .collect();
        assert_eq!(recipes[0], recipes[1], "{text}");
    }
    // The case of hexadecimal digits is kept.
    for (stored, blank) in [
        (
            "1f3870be274f6c49b3e31a0c6728957f",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        (
            "1F3870BE274F6C49B3E31A0C6728957F",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
    ] {
        let recipe = Recipe::of(stored).expect("MD5");
        assert_eq!(
            recipe.to_string(),
            Base64UrlUnpadded::encode_string(blank.as_bytes())
        );
        assert_eq!(
            &recipe.text_of(b"apple").expect("memory")[..],
            stored.as_bytes()
        );
    }
}

#[test]
fn only_recipes_are_read_as_recipes() {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    for text in [
        "",
        "$1$saltsalt$",
        "!!!",
        "YQ==",
        // The digest is still there.
        &encode("1f3870be274f6c49b3e31a0c6728957f"),
        // Argon2, and no hash at all.
        &encode("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$qqqqqqqqqqqqqqqqqqqqqg"),
        &encode("hello"),
        &Base64UrlUnpadded::encode_string(&[0xff; 32]),
        &"A".repeat(3 * TEXT),
    ] {
        assert_eq!(
            Recipe::parse(text).err(),
            Some(ForeignError::Recipe),
            "{text}"
        );
    }
    let argon2 = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$qqqqqqqqqqqqqqqqqqqqqg";
    assert_eq!(Recipe::of(argon2).err(), Some(ForeignError::NotWrapped));
}
