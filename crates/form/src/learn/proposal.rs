//! From what was watched to the tables that are proposed.

use policy::site::{Charset, Encoding, FormKind, Software};

use super::exchange::{Exchange, Read};
use super::note::Note;
use super::rule::{self, Rule};
use super::{Watched, apart, roles, trial};

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub(super) table: Table,
    pub(super) notes: Vec<Note>,
    /// Whether the policy admits it as it is.
    pub(super) is_lawful: bool,
}

/// What a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Table {
    Preset(Software, String),
    Form(Box<Written>),
}

/// A form that is written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) kind: FormKind,
    pub(super) method: String,
    pub(super) paths: Vec<String>,
    pub(super) encodings: Vec<Encoding>,
    pub(super) when: Option<(String, String)>,
    pub(super) identifier: Option<String>,
    pub(super) password: Option<String>,
    pub(super) confirm: Option<String>,
    pub(super) current: Option<String>,
    pub(super) context: Vec<String>,
    pub(super) charset: Charset,
    pub(super) success: Option<Rule>,
    /// `Authorization: Basic` alone.
    pub(super) basic: bool,
}

impl Proposal {
    /// What is said of it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether `rempart lint` takes it as it is; if not, it is written as a comment.
    pub fn is_lawful(&self) -> bool {
        self.is_lawful
    }

    /// Whether it restricts a sign-in.
    pub fn signs_in(&self) -> bool {
        match &self.table {
            Table::Preset(..) => true,
            Table::Form(form) => form.kind == FormKind::SignIn,
        }
    }

    fn of(written: Written, notes: Vec<Note>) -> Self {
        Self {
            table: Table::Form(Box::new(written)),
            notes,
            is_lawful: true,
        }
    }
}

/// The tables for what was watched; none when nothing was.
pub fn propose(watched: &Watched) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    let mut covered = Vec::new();
    if let Some((software, base)) = trial::preset(watched) {
        let mut notes = vec![Note::Preset];
        if software == Software::Adminer {
            notes = vec![Note::CountsEveryTry];
        }
        for kind in [FormKind::Change, FormKind::SignUp] {
            if trial::covers(software, &base, watched.of(kind)) {
                notes.push(Note::Covered(kind.name()));
                covered.push(kind);
            }
        }
        proposals.push(Proposal {
            table: Table::Preset(software, base),
            notes,
            is_lawful: true,
        });
    } else {
        proposals.extend(sign_in(watched));
    }
    for kind in [FormKind::Change, FormKind::SignUp] {
        if !covered.contains(&kind) {
            proposals.extend(new_password(watched, kind));
        }
    }
    apart::tell(watched, &mut proposals);
    for proposal in &mut proposals {
        trial::settle(watched, proposal);
    }
    proposals
}

impl Watched {
    /// The exchanges of a kind of form, those of good sign-ins for `sign-in`.
    pub(super) fn of(&self, kind: FormKind) -> &[Exchange] {
        match kind {
            FormKind::SignIn => match self.good.is_empty() {
                true => &self.failed,
                false => &self.good,
            },
            FormKind::SignUp => &self.sign_up,
            FormKind::Change | FormKind::Reset => &self.change,
            FormKind::Closed => &[],
        }
    }
}

fn sign_in(watched: &Watched) -> Option<Proposal> {
    let last = watched.of(FormKind::SignIn).last()?;
    let read = last.read().ok()?;
    let mut all: Vec<&Exchange> = watched.failed.iter().collect();
    all.extend(&watched.good);
    let Some(roles) = roles::of_sign_in(&read, &watched.forms, &watched.named) else {
        return Some(basic(&all));
    };
    let mut written = written(FormKind::SignIn, &all, &read);
    written.identifier = roles.identifier;
    written.password = Some(roles.password);
    let mut notes = Vec::new();
    let failed: Vec<&Exchange> = watched.failed.iter().collect();
    let typed = watched.typed();
    match rule::success(&failed, &watched.good, &watched.strangers, &typed) {
        Some((rule, note)) => {
            written.success = Some(rule);
            notes.push(note);
        }
        None if watched.failed.is_empty() => notes.push(Note::NoFailure),
        None if watched.good.is_empty() => notes.push(Note::NoSuccess),
        None => notes.push(Note::NoDifference),
    }
    notes.extend(roles.notes);
    notes.extend(widened(&written));
    Some(Proposal::of(written, notes))
}

/// A site whose browser asks who it is.
fn basic(all: &[&Exchange]) -> Proposal {
    let tops = all.iter().map(|exchange| {
        let path = exchange.path.as_str();
        path.rsplit_once('/').map_or("", |(top, _)| top)
    });
    let mut common: Option<String> = None;
    for top in tops {
        common = Some(match common {
            None => top.to_owned(),
            Some(before) => shared(&before, top),
        });
    }
    let written = Written {
        kind: FormKind::SignIn,
        method: "any".to_owned(),
        paths: vec![format!("{}/*", decoded(&common.unwrap_or_default()))],
        encodings: vec![Encoding::Basic],
        when: None,
        identifier: None,
        password: None,
        confirm: None,
        current: None,
        context: Vec::new(),
        charset: Charset::Utf8,
        success: None,
        basic: true,
    };
    Proposal::of(written, vec![Note::Basic])
}

/// The whole parts that two paths begin with.
fn shared(one: &str, other: &str) -> String {
    let parts = one.split('/').zip(other.split('/'));
    let same = parts.take_while(|(one, other)| one == other);
    same.map(|(part, _)| part).collect::<Vec<_>>().join("/")
}

fn new_password(watched: &Watched, kind: FormKind) -> Option<Proposal> {
    let all: Vec<&Exchange> = watched.of(kind).iter().collect();
    let read = all.last()?.read().ok()?;
    let known = watched.good.last().and_then(|exchange| {
        let read = exchange.read().ok()?;
        let roles = roles::of_sign_in(&read, &watched.forms, &watched.named)?;
        let fields = read.fields.into_iter();
        let mut values = fields.filter(|field| field.name == roles.password);
        values.next().map(|field| field.value)
    });
    let roles = roles::of_new(&read, &watched.forms, &watched.named, known.as_ref())?;
    let mut written = written(kind, &all, &read);
    written.password = Some(roles.password);
    written.confirm = roles.confirm;
    written.current = roles.current;
    written.identifier = roles.identifier;
    written.context = roles.context;
    // A person's own page is under their name.
    let typed = watched.typed();
    for path in &mut written.paths {
        let parts = path
            .split('/')
            .map(|part| match rule::is_typed(part, &typed) {
                true => "*",
                false => part,
            });
        *path = parts.collect::<Vec<_>>().join("/");
    }
    written.paths.dedup();
    let mut notes = roles.notes;
    // Whose password is changed is known to the origin.
    notes.retain(|note| *note != Note::NoIdentifier);
    notes.extend(widened(&written));
    Some(Proposal::of(written, notes))
}

/// What the heads of some exchanges say of their form.
fn written(kind: FormKind, all: &[&Exchange], read: &Read) -> Written {
    let mut paths: Vec<String> = Vec::new();
    for exchange in all {
        let path = path_of(&exchange.path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let last = all.last();
    let encodings = match read.encoding {
        Some(Encoding::Json) => vec![Encoding::Json],
        // What an origin reads in one of them it reads in the other.
        _ => vec![Encoding::Urlencoded, Encoding::Multipart],
    };
    Written {
        kind,
        method: last.map_or_else(|| "POST".to_owned(), |exchange| exchange.method.clone()),
        paths,
        encodings,
        when: None,
        identifier: None,
        password: None,
        confirm: None,
        current: None,
        context: Vec::new(),
        charset: match read.encoding {
            Some(Encoding::Json) => Charset::Utf8,
            _ => last.map_or(Charset::Utf8, |exchange| exchange.charset()),
        },
        success: None,
        basic: false,
    }
}

/// A path as a policy writes it: decoded, without parameters, and `*` for what was made up.
fn path_of(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let part = part.split(';').next().unwrap_or_default();
        match rule::is_made_up(part) {
            true => "*".to_owned(),
            false => decoded(part),
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn widened(written: &Written) -> Option<Note> {
    let mut paths = written.paths.iter();
    paths
        .any(|path| path.contains('*'))
        .then_some(Note::PathWidened)
}

/// Escapes of a path decoded, where they are text.
pub(super) fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| path.to_owned())
}
