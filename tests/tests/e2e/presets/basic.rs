//! DokuWiki behind a web server that asks for `Authorization: Basic` itself: the software's preset
//! leaves it aside, and the server's own form counts it.

use std::fs;

use rempart_tests::clock::Clock;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};
use rempart_tests::visitor::Visitor;

use super::{Told, gate};

const HOST: &str = "wiki.example.test";
/// Of the web server.
const CIRCLE: &str = "cercle:Un mot pour tout le cercle";
const PICTURE: &str = "/lib/tpl/dokuwiki/images/logo.png";

/// What `lint` says to write.
const SERVER: &str = "preset = \"dokuwiki\"\nbasic = false\n\
                      [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
                      failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-499\" }]";

#[test]
fn a_wiki_behind_a_web_server_that_asks_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (user, password) = CIRCLE.split_once(':').expect("a pair");
    let wiki = DokuWiki::start_behind_basic(folder.path(), user, password);
    let clock = Clock::new(folder.path());
    let front = folder.path().join("front");
    fs::create_dir(&front).expect("a folder");
    let gate = gate(&clock, &front, HOST, wiki.address, SERVER);
    let picture = |pair: &str| Visitor::new(&gate).fetch(PICTURE, &["--user", pair]).status;

    // A person reads, picture after picture.
    for number in 1..=15 {
        assert_eq!(picture(CIRCLE), 200, "picture {number}");
    }
    // The wiki has accounts of its own, whose guesses are theirs.
    let sign_in = |password: &str| {
        let visitor = Visitor::new(&gate);
        let (name, password) = (format!("u={LOGIN}"), format!("p={password}"));
        let fields = ["--data-urlencode", &name, "--data-urlencode", &password];
        let more = ["--user", CIRCLE, "--data", "do=login"];
        let answer = visitor.fetch("/doku.php?id=start", &[&fields[..], &more].concat());
        Told::by(&answer, || answer.status == 302)
    };
    assert_eq!(sign_in(PASSWORD), Told::SignedIn);
    for number in 1..=10 {
        assert_eq!(sign_in(&format!("guess {number}")), Told::Wrong);
    }
    assert_eq!(sign_in(PASSWORD), Told::Restricted);
    assert_eq!(picture(CIRCLE), 200);
    // So are those of the web server.
    for number in 1..=10 {
        assert_eq!(picture(&format!("{user}:guess {number}")), 401);
    }
    assert_eq!(picture(CIRCLE), 429);
}

#[test]
fn without_a_word_of_the_operator_each_picture_is_a_failed_sign_in_to_the_wiki() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (user, password) = CIRCLE.split_once(':').expect("a pair");
    let wiki = DokuWiki::start_behind_basic(folder.path(), user, password);
    let clock = Clock::new(folder.path());
    let front = folder.path().join("front");
    fs::create_dir(&front).expect("a folder");
    let preset = "preset = \"dokuwiki\"";
    let gate = gate(&clock, &front, HOST, wiki.address, preset);
    let picture = || {
        Visitor::new(&gate)
            .fetch(PICTURE, &["--user", CIRCLE])
            .status
    };
    for _ in 0..10 {
        assert_eq!(picture(), 200);
    }
    assert_eq!(picture(), 429);
}
