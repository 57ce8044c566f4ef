//! Builds the word lists of `data/` into transducers that are used where they lie.
//!
//! `words.fst` maps each word to what [`pack`] says of the lists that have it; `towns.fst`
//! maps each town to the place of its département in `departments.rs`. `letters.bits` and
//! `numbers.bits` say which signs are letters and numbers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/guess/pack.rs"]
#[allow(dead_code, reason = "the matcher reads what is written here")]
mod pack;

/// The lists by kind, in the order of `guess::lists::Kind`.
const LISTS: [&[&str]; 7] = [
    &["passwords.txt", "passwords-french.txt"],
    &["words-french.txt"],
    &["words-english.txt"],
    &["first-names.txt"],
    &["surnames.txt"],
    &["towns.txt"],
    &["others.txt"],
];

/// What choosing one of the dozen groups of `others.txt` counts for: a few are much likelier.
const GROUPS: usize = 5;

fn main() {
    println!("cargo::rerun-if-changed=data");
    println!("cargo::rerun-if-changed=src/guess/pack.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut words: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    let mut towns: BTreeMap<String, String> = BTreeMap::new();
    for (kind, files) in LISTS.iter().enumerate() {
        for file in *files {
            // The matcher reads ASCII; what is left of the rare other entries is no word.
            let text = read(file);
            let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
            for (place, line) in text.lines().filter(|line| line.is_ascii()).enumerate() {
                let mut rank = place + 1;
                let word = match kind {
                    // `marseille 13`
                    5 => {
                        let (town, code) = line.split_once(' ').expect("a town and its code");
                        if code != "-" {
                            towns
                                .entry(town.to_owned())
                                .or_insert_with(|| code.to_owned());
                        }
                        town
                    }
                    // `club olympiquedemarseille`, `departement correze 19`
                    6 => {
                        let (group, word) = line.split_once(' ').expect("a kind and a word");
                        // Ranks count inside a group, and the group is chosen too.
                        let place = groups.entry(group).or_insert(0);
                        *place += 1;
                        rank = *place * GROUPS;
                        word.split(' ').next().unwrap_or(word)
                    }
                    _ => line,
                };
                let lists = words.entry(word.to_owned()).or_default();
                match lists.iter_mut().find(|(other, _)| *other == kind) {
                    Some((_, known)) => *known = (*known).min(rank),
                    None => lists.push((kind, rank)),
                }
            }
        }
    }
    let values = words.iter().map(|(word, lists)| (word, pack::pack(lists)));
    write(&out.join("words.fst"), fst::Map::from_iter(values));

    write_signs(&out.join("letters.bits"), char::is_alphabetic);
    write_signs(&out.join("numbers.bits"), char::is_numeric);

    let mut codes: Vec<&String> = towns.values().collect();
    codes.sort_unstable();
    codes.dedup();
    let place = |code: &String| codes.binary_search(&code).expect("each code is listed") as u64;
    let values = towns.iter().map(|(town, code)| (town, place(code)));
    write(&out.join("towns.fst"), fst::Map::from_iter(values));
    fs::write(out.join("departments.rs"), format!("{codes:?}")).expect("OUT_DIR is writable");
}

/// One bit per code point below U+20000: the library's own tables are searched, which takes a
/// hundred nanoseconds for some scripts.
fn write_signs(path: &Path, holds: impl Fn(char) -> bool) {
    let bits: Vec<u8> = (0..0x2_0000 / 8)
        .map(|byte| {
            (0..8).fold(0, |bits, bit| {
                let holds = char::from_u32(byte * 8 + bit).is_some_and(&holds);
                bits | u8::from(holds) << bit
            })
        })
        .collect();
    fs::write(path, bits).expect("OUT_DIR is writable");
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new("data").join(file))
        .unwrap_or_else(|error| panic!("data/{file}: {error}"))
}

fn write(path: &Path, map: Result<fst::Map<Vec<u8>>, fst::Error>) {
    let map = map.expect("a map of words is sorted");
    fs::write(path, map.as_fst().as_bytes()).expect("OUT_DIR is writable");
}
