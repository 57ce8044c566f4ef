//! `audit`: what a dump of stored hashes is worth, without a password, a hash or an
//! identifier in the answer.
//!
//! Clauses: CNIL 2022-100, conservation ([`clause::CNIL_OBSOLETE_HASH`],
//! [`clause::CNIL_SALT`], [`clause::CNIL_NEVER_STORED_IN_CLEAR`]).
//!
//! One thread reads, the others classify; a dump of any length takes the memory of its marks
//! ([`tally::MOST`]) and no more.
//!
//! [`clause::CNIL_OBSOLETE_HASH`]: policy::clause::CNIL_OBSOLETE_HASH
//! [`clause::CNIL_SALT`]: policy::clause::CNIL_SALT
//! [`clause::CNIL_NEVER_STORED_IN_CLEAR`]: policy::clause::CNIL_NEVER_STORED_IN_CLEAR

mod content;
mod dump;
mod finding;
mod tally;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

use clap::Args;
use policy::Language;
use policy::hash::Cost;
use zeroize::Zeroizing;

use crate::args::Cli;
use crate::locale::pick;
use crate::meter::Meter;
use crate::report::{self, Layout};
use crate::source::{self, io_reason};
use crate::{Answer, Failure, Outcome};
use dump::{Dump, DumpError, Kind};
use tally::{MOST, Marks, Sort, Tally};

/// Records that go to a thread at once …
const BATCH: usize = 4096;
/// … unless their texts come to so many bytes first.
const BATCH_BYTES: usize = 256 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The dump; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the dump is: one text per line, name:hash (passwd, shadow, htpasswd), a column of CSV
    /// or TSV, a member of one JSON object per line, or userPassword of a directory; otherwise
    /// what its first lines look like
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The name or number of the column, or the name of the member, that holds the hashes
    #[arg(long, value_name = "NAME|NUMBER")]
    column: Option<String>,
    /// How to print the audit
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    /// The file to write to; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Yes when nothing grave was found.
pub(crate) fn run(cli: &Cli, options: &Audit) -> Outcome {
    let (source, policy, language) = source::open(cli)?;
    let name = options.file.display().to_string();
    let fail = |error: DumpError| Failure::new(message(&name, &error, language));
    let (reader, length): (Box<dyn Read + Send>, u64) = if name == "-" {
        (Box::new(io::stdin()), 0)
    } else {
        let file = File::open(&options.file).map_err(|error| fail(error.into()))?;
        let length = file.metadata().map_or(0, |known| known.len());
        (Box::new(file), length)
    };
    let mut reader = BufReader::with_capacity(256 * 1024, reader);
    let head = reader.fill_buf().map_err(|error| fail(error.into()))?;
    let guessed = Kind::of(head, options.column.is_some());
    let kind = options.kind.unwrap_or(guessed);
    let may_be_rows = options.kind.is_none() && kind == Kind::Lines && dump::has_separators(head);
    let mut dump = Dump::open(reader, kind, options.column.as_deref()).map_err(fail)?;
    let mut meter = Meter::new(length, language);
    meter.begin(0);
    let counted = count(&mut dump, policy.hash().cost, |done| meter.show(done));
    meter.clear();
    let mut tally = counted.map_err(|error| fail(error.into()))?;
    tally.unreadable = dump.unreadable;
    if tally.count(|_| true) == 0 {
        return Err(Failure::new(nothing_seen(&name, &tally, language)));
    }
    if may_be_rows && tally.count(|sort| sort != Sort::Unknown) == 0 {
        return Err(Failure::new(rows(&name, language)));
    }
    let findings = finding::findings(&mut tally, &policy);
    let text = match options.format {
        Layout::Json => format!("{:#}\n", content::json(&tally, &findings, &name, language)),
        layout => report::lay_out(
            &content::document(&tally, &findings, &name, &source.name, language),
            layout,
        ),
    };
    report::write(options.output.as_deref(), &text, language)?;
    if findings.iter().any(finding::Finding::is_grave) {
        return Ok(Answer::No);
    }
    match tally.unreadable {
        0 => Ok(Answer::Yes),
        count => Err(Failure::new(unread(&name, count, language))),
    }
}

/// No hash at all is no good news: the dump was not understood, or holds none.
fn nothing_seen(name: &str, tally: &Tally, language: Language) -> String {
    let (records, empty, closed, unreadable) =
        (tally.records, tally.empty, tally.locked, tally.unreadable);
    match language {
        Language::Fr => format!(
            "rempart : {name} : aucune empreinte vue ; {records} enregistrements lus, {empty} sans texte, {closed} comptes fermés, {unreadable} illisibles\n  à faire : dites ce qu’est l’export avec --kind, et où sont les empreintes avec --column"
        ),
        Language::En => format!(
            "rempart: {name}: no hash seen; {records} records read, {empty} without a text, {closed} closed accounts, {unreadable} unreadable\n  fix: say what the dump is with --kind, and where the hashes are with --column"
        ),
    }
}

/// Rows of a table without names are like no hash, and are not judged as if they were passwords.
fn rows(name: &str, language: Language) -> String {
    match language {
        Language::Fr => format!(
            "rempart : {name} : aucune empreinte vue ; les lignes ont l’air de celles d’une table sans noms de colonnes\n  à faire : donnez avec --column le numéro de la colonne des empreintes ; ou --kind lines, si chaque ligne est un texte gardé"
        ),
        Language::En => format!(
            "rempart: {name}: no hash seen; the lines look like those of a table without names of columns\n  fix: give the number of the column of the hashes with --column; or --kind lines, if each line is a stored text"
        ),
    }
}

/// What nobody read may hold anything.
fn unread(name: &str, count: u64, language: Language) -> String {
    match language {
        Language::Fr => format!(
            "rempart : {name} : {count} enregistrements n’ont pas pu être lus, et ne sont pas jugés\n  à faire : refaites l’export, ou dites ce qu’il est avec --kind"
        ),
        Language::En => format!(
            "rempart: {name}: {count} records could not be read, and are not judged\n  fix: make the dump anew, or say what it is with --kind"
        ),
    }
}

/// Texts of a dump in one piece of memory, wiped when they were looked at. The lines that they
/// came from are not: whoever audits holds the dump anyway.
struct Batch {
    bytes: Zeroizing<Vec<u8>>,
    /// Where each ends; that of a record without a text has no length.
    ends: Vec<usize>,
}

impl Batch {
    /// An empty one, with room for a text of so many bytes at least.
    fn new(bytes: usize) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(bytes.max(BATCH_BYTES))),
            ends: Vec::with_capacity(BATCH),
        }
    }

    /// Whether a text of so many bytes has no place: memory that moved would not be wiped.
    fn is_full(&self, bytes: usize) -> bool {
        self.ends.len() == BATCH || self.bytes.capacity() - self.bytes.len() < bytes
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    fn texts(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let text = &self.bytes[std::mem::replace(&mut begin, end)..end];
            (!text.is_empty()).then_some(text)
        })
    }
}

/// Reads the whole dump and classifies it on every core.
fn count<R: BufRead>(dump: &mut Dump<R>, live: Cost, shown: impl Fn(u64)) -> io::Result<Tally> {
    let marks = &Marks::new(MOST);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel::<Batch>(workers * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    thread::scope(|scope| {
        let crew: Vec<_> = (0..workers)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    loop {
                        let batch = receiver.lock().map(|receiver| receiver.recv());
                        let Ok(Ok(batch)) = batch else {
                            return tally;
                        };
                        for text in batch.texts() {
                            tally.add(text, live, marks);
                        }
                    }
                })
            })
            .collect();
        drop(receiver);
        let read = feed(dump, |batch, done| {
            shown(done);
            // A crew that is gone is told when it is joined.
            let _ = sender.send(batch);
        });
        drop(sender);
        let mut whole = Tally::default();
        for worker in crew {
            match worker.join() {
                Ok(part) => whole.merge(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        read.map(|()| whole)
    })
}

fn feed<R: BufRead>(dump: &mut Dump<R>, mut take: impl FnMut(Batch, u64)) -> io::Result<()> {
    let mut batch = Batch::new(0);
    loop {
        let done = dump.done;
        let Some(text) = dump.next()? else {
            take(batch, done);
            return Ok(());
        };
        let text = text.as_deref().unwrap_or_default();
        if batch.is_full(text.len()) {
            take(std::mem::replace(&mut batch, Batch::new(text.len())), done);
        }
        batch.push(text);
    }
}

fn message(name: &str, error: &DumpError, language: Language) -> String {
    let (fr, en) = match error {
        DumpError::Io(error) => {
            let (fr, en) = match error.kind() {
                io::ErrorKind::InvalidData => (
                    "un enregistrement de plus de 1 Mio, sans fin".to_owned(),
                    "a record of more than 1 MiB, without an end".to_owned(),
                ),
                _ => io_reason(error),
            };
            (
                format!("{fr}\n  à faire : nommez un fichier lisible, et sa forme avec --kind"),
                format!("{en}\n  fix: name a readable file, and its form with --kind"),
            )
        }
        DumpError::Column(names) => {
            let names = shown(names, language);
            (
                format!("aucune colonne de ce nom ; il y a {names}\n  à faire : nommez celle des empreintes avec --column"),
                format!("no column of this name; there are {names}\n  fix: name that of the hashes with --column"),
            )
        }
        DumpError::Member => (
            "aucun membre ne porte un nom usuel\n  à faire : nommez celui des empreintes avec --column".to_owned(),
            "no member goes by a usual name\n  fix: name that of the hashes with --column".to_owned(),
        ),
        DumpError::NoColumns => (
            "cette forme n’a pas de colonnes\n  à faire : retirez --column, ou demandez --kind table ou json-lines".to_owned(),
            "this form has no columns\n  fix: leave out --column, or ask for --kind table or json-lines".to_owned(),
        ),
    };
    match language {
        Language::Fr => format!("rempart : {name} : {fr}"),
        Language::En => format!("rempart: {name}: {en}"),
    }
}

/// The names of columns; only their number if a first line without names may be a record,
/// of which nothing is shown.
fn shown(names: &[String], language: Language) -> String {
    const OFTEN: [&str; 12] = [
        "id",
        "uid",
        "user",
        "username",
        "login",
        "email",
        "mail",
        "name",
        "nom",
        "identifiant",
        "courriel",
        "hash",
    ];
    let is_often = |name: &String| OFTEN.contains(&name.to_lowercase().as_str());
    match names.iter().all(|name| dump::is_name(name)) && names.iter().any(is_often) {
        true => names.join(", "),
        false => format!("{} {}", names.len(), pick(language, "colonnes", "columns")),
    }
}

/// The French help of this command.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("audit", "") => "Dit ce que valent les empreintes d’un export, sans en montrer une",
        ("audit", "file") => "L’export ; - lit l’entrée standard",
        ("audit", "kind") => {
            "Ce qu’est l’export : un texte par ligne, nom:empreinte (passwd, shadow, htpasswd), une colonne de CSV ou de TSV, un membre d’un objet JSON par ligne, ou userPassword d’un annuaire ; sinon ce dont ses premières lignes ont l’air"
        }
        ("audit", "column") => {
            "Le nom ou le numéro de la colonne, ou le nom du membre, où sont les empreintes"
        }
        ("audit", "format") => "Forme de l’audit",
        ("audit", "output") => "Le fichier où écrire ; sinon la sortie standard",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More records than a batch holds, one without a text, one longer than a batch.
    #[test]
    fn batches_hold_every_text_in_memory_that_never_moves() {
        let mut lines: Vec<String> = (0..BATCH + 10).map(|line| format!("text {line}")).collect();
        lines[3].clear();
        lines[7] = "x".repeat(BATCH_BYTES * 2);
        let text = lines.join("\n");
        let mut dump = Dump::open(text.as_bytes(), Kind::Lines, None).expect("a dump");
        let (mut found, mut read) = (Vec::new(), 0);
        feed(&mut dump, |batch, done| {
            let longest = batch.texts().flatten().map(<[u8]>::len).max();
            let room = longest.unwrap_or_default().max(BATCH_BYTES);
            assert_eq!(batch.bytes.capacity(), room);
            assert!(batch.ends.len() <= BATCH && done >= read);
            read = done;
            found.extend(batch.texts().map(|text| text.map(<[u8]>::to_vec)));
        })
        .expect("readable");
        let expected = lines.into_iter().map(String::into_bytes);
        let expected = expected.map(|line| (!line.is_empty()).then_some(line));
        assert!(found.into_iter().eq(expected));
        assert_eq!(read, text.len() as u64);
    }
}
