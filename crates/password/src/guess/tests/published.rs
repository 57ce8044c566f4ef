//! The cases that zxcvbn-ts publishes, and the passwords by which zxcvbn has been shown since
//! 2012.
//!
//! The first table has the passwords and `guessesLog10` of the 58 cases of zxcvbn-ts 4.2.0
//! (`test/helper/passwordTests.ts`; the empty one is no password here), made there without the
//! French pack; most lie within an order of magnitude. The figures of the second are `guessesLog10` of `@zxcvbn-ts/core` 4.2.0 with its common, French and
//! English packs. A password that patterns explain must stay within [`NEAR`] orders of
//! magnitude; the last rows are mostly signs that nothing explains, of which the peer counts
//! ten each and we more.

use super::estimate;

/// Orders of magnitude between the two, where patterns explain the password.
const NEAR: f64 = 4.5;

/// The same for the cases that the peer publishes, and for the few that models tell apart.
const PUBLISHED: f64 = 2.5;
const APART: f64 = 4.0;

#[test]
fn cases_of_zxcvbn_ts_stay_near_its_figures() {
    let mut gaps = Vec::new();
    for (text, peer) in [
        ("1q2w3e4r5t", 2.6),
        ("1Q2w3e4r5t", 2.9),
        ("1q2w3e4r5T", 2.9),
        ("abcdefg123", 4.2),
        ("TESTERINO", 6.4),
        ("aaaaaaa", 1.9),
        ("Daniel", 2.0),
        ("1234qwer", 2.0),
        ("1234qwe", 3.5),
        ("1234qwert", 4.1),
        ("password", 0.5),
        ("2010abc", 4.2),
        ("abcabcabcabc", 1.7),
        ("qwer", 3.1),
        ("P4$$w0rd", 1.5),
        ("aA!1", 4.0),
        ("AZERYT", 5.7),
        ("zxcftzuio", 7.1),
        ("buy by beer", 9.1),
        ("horse stable battery", 13.2),
        ("a65a54cf-eadb-4f7c-893c-9d4a6f81f8c2", 36.0),
        ("12/12/1990", 4.7),
        ("drowssap", 0.7),
        ("789456123", 2.7),
        ("zyxwvuts", 1.8),
        ("P@ssw0rd123!", 5.2),
        ("passwordpassword", 0.8),
        ("!@#$%^&*", 3.8),
        ("2022-01-01", 4.5),
        ("ababab", 1.4),
        ("dr0w$$4p", 3.7),
        ("0xDEADBEEF", 9.0),
        ("11001100", 4.3),
        ("31.Dec.1999", 9.0),
        ("qazsedcft", 4.5),
        ("!@#$asdf", 6.2),
        ("zyxwvuts321", 4.2),
        ("password!password!", 4.3),
        ("2023_08_03", 4.5),
        ("0987654321", 1.7),
        ("qwerty!@#$", 5.4),
        ("admin_admin", 8.2),
        ("2024/08/03", 4.5),
        ("!@#$%^&*()", 3.9),
        ("P@SSW0RD!@#", 5.0),
        ("monkeymonkey", 0.5),
        ("1q2w3e4r5t6y", 3.3),
        ("December-25", 5.0),
        ("a1s2d3f4g5", 4.1),
        ("9988776655", 4.6),
        ("password?", 4.0),
        ("zxcvbnm,./", 3.6),
        ("11/11/1111", 5.3),
    ] {
        let gap = (estimate(text).log10 - peer).abs();
        assert!(gap <= PUBLISHED, "{text}: {gap:.2} from {peer}");
        gaps.push(gap);
    }
    gaps.sort_unstable_by(f64::total_cmp);
    assert!(gaps[gaps.len() / 2] <= 1.0, "the median gap: {gaps:?}");
    for (text, peer) in [
        // Ten guesses per sign there.
        ("dgo9dsghasdoghi8/!&IT%§(ihsdhf8o7o", 32.8),
        // `horse` is one of twelve signs of the zodiac there.
        ("CorrectHorseBatteryStaple", 13.6),
        // A leaked password repeated there, a word and two copies here.
        ("redredred", 0.8),
        // A sequence whatever its case here.
        ("aBcDeFg123", 8.0),
        // Separators end a sequence there.
        ("123-456-789", 9.2),
    ] {
        let gap = (estimate(text).log10 - peer).abs();
        assert!(gap <= APART, "{text}: {gap:.2} from {peer}");
    }
}

#[test]
fn passwords_that_show_zxcvbn_stay_near_the_peers_figures() {
    for (text, peer) in [
        ("zxcvbn", 1.8),
        ("qwER43@!", 8.0),
        ("Tr0ub4dour&3", 7.6),
        ("correcthorsebatterystaple", 12.8),
        ("coRrecth0rseba++ery9.23.2007staple$", 18.8),
        ("D0g..................", 4.5),
        ("abcdefghijk987654321", 4.2),
        ("neverforget13/3/1997", 10.1),
        ("1qaz2wsx3edc", 3.1),
        ("temppass22", 5.7),
        ("briansmith", 4.4),
        ("briansmith4mayor", 10.6),
        ("password1", 2.4),
        ("viking", 2.5),
        ("thx1138", 2.4),
        ("ScoRpi0ns", 4.3),
        ("do you know", 9.0),
        ("ryanhunter2000", 8.0),
        ("rianhunter2000", 8.4),
        ("asdfghju7654rewq", 9.0),
        ("AOEUIDHG&*()LS_", 9.1),
        ("12345678", 0.6),
        ("defghi6789", 4.4),
        ("rosebud", 2.5),
        ("Rosebud", 2.8),
        ("ROSEBUD", 2.8),
        ("rosebuD", 2.8),
        ("ros3bud99", 4.9),
        ("r0s3bud99", 5.2),
        ("R0$38uD99", 6.2),
        ("verlineVANDERMARK", 10.3),
        ("eheuczkqyq", 10.0),
    ] {
        let ours = estimate(text).log10;
        assert!((ours - peer).abs() <= NEAR, "{text}: {ours:.2} and {peer}");
    }
    for (text, peer) in [
        ("rWibMFACxAUGZmxhVncy", 20.0),
        ("Ba9ZyWABu99[BK#6MBgbH88Tofv)vs$w", 32.0),
    ] {
        let ours = estimate(text).log10;
        assert!(
            (peer..peer * 1.3).contains(&ours),
            "{text}: {ours:.2} and {peer}"
        );
    }
}
