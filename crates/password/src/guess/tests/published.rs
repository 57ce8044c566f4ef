//! The passwords by which zxcvbn has been shown since 2012, with the figures of zxcvbn-ts.
//!
//! The figures are `guessesLog10` of `@zxcvbn-ts/core` 4.2.0 with its common, French and
//! English packs. A password that patterns explain must stay within [`NEAR`] orders of
//! magnitude; the last rows are mostly signs that nothing explains, of which the peer counts
//! ten each and we more.

use super::estimate;

/// Orders of magnitude between the two, where patterns explain the password.
const NEAR: f64 = 4.5;

#[test]
fn published_cases_stay_near_the_peers_figures() {
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
