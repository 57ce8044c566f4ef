//! Which field is the password, which the identifier: by the origin's page, by names, and by what
//! is equal.

use super::exchange::{Read, Sent};
use super::note::Note;
use crate::Typed;

/// A field of a form of one of the origin's pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hint {
    /// Its name, as it is sent.
    pub name: String,
    /// Its `type`, lower-case.
    pub kind: String,
    /// Its `autocomplete`, lower-case.
    pub autocomplete: Option<String>,
}

/// What the fields of a form are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    pub(super) password: String,
    pub(super) confirm: Option<String>,
    pub(super) current: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) context: Vec<String>,
    pub(super) notes: Vec<Note>,
}

/// Words that a name of a password is made of.
const PASSWORD: [&str; 11] = [
    "pass",
    "pwd",
    "pw",
    "psw",
    "mdp",
    "motdepasse",
    "passe",
    "passwort",
    "kennwort",
    "passphrase",
    "passcode",
];
/// What stands before one of them in the same word: `newpass`.
const BEFORE: [&str; 14] = [
    "old", "new", "user", "admin", "my", "cur", "login", "conf", "re", "repeat", "again", "verify",
    "member", "current",
];
/// Words in the name of something else that has to do with passwords.
const ABOUT: [&str; 10] = [
    "token", "reset", "forgot", "hint", "remember", "show", "length", "strength", "lost", "visible",
];
/// What words of the password in force begin with.
const OLD: [&str; 7] = [
    "old", "current", "actuel", "ancien", "existing", "previous", "present",
];
/// Words of an identifier, the surest first.
const IDENTIFIER: [&str; 22] = [
    "username",
    "login",
    "identifiant",
    "identifier",
    "user",
    "userid",
    "uname",
    "email",
    "mail",
    "courriel",
    "account",
    "compte",
    "pseudo",
    "uid",
    "nick",
    "log",
    "utilisateur",
    "member",
    "benutzer",
    "usr",
    "u",
    "name",
];
/// Words of what a person says of themselves.
const CONTEXT: [&str; 20] = [
    "email",
    "mail",
    "courriel",
    "name",
    "fullname",
    "firstname",
    "lastname",
    "prenom",
    "nom",
    "surname",
    "nickname",
    "pseudo",
    "phone",
    "tel",
    "telephone",
    "city",
    "ville",
    "birthday",
    "company",
    "displayname",
];

/// The words of a name: `newPassword1` is `new`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for sign in name.chars() {
        if !sign.is_alphabetic() || (sign.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if sign.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(sign.to_lowercase());
        }
        before = sign;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has(name: &str, list: &[&str]) -> bool {
    words(name).iter().any(|word| list.contains(&word.as_str()))
}

/// Whether a name says the password in force.
fn is_old_name(name: &str) -> bool {
    let words = words(name);
    let mut words = words.iter();
    words.any(|word| OLD.iter().any(|start| word.starts_with(start)))
}

/// Whether a name alone promises a password.
fn is_password_name(name: &str) -> bool {
    let words = words(name);
    let promises = |word: &String| {
        let before = |end: &&str| {
            word.strip_suffix(*end)
                .is_some_and(|start| BEFORE.contains(&start))
        };
        PASSWORD.contains(&word.as_str())
            || word.contains("password")
            || word.contains("passwd")
            || word.starts_with("passch")
            || PASSWORD.iter().any(before)
    };
    words.iter().any(promises) && !words.iter().any(|word| ABOUT.contains(&word.as_str()))
}

/// The form of the pages that a request is, if one is.
fn form_of<'f>(read: &Read, forms: &'f [Vec<Hint>]) -> Option<&'f [Hint]> {
    let common = |form: &Vec<Hint>| {
        let sent = |hint: &&Hint| read.fields.iter().any(|field| field.name == hint.name);
        form.iter().filter(sent).count()
    };
    let best = forms.iter().max_by_key(|form| common(form))?;
    (common(best) > 0).then_some(best)
}

fn hint_of<'f>(form: Option<&'f [Hint]>, name: &str) -> Option<&'f Hint> {
    form?.iter().find(|hint| hint.name == name)
}

/// The password fields that hold something, in their order.
fn passwords<'r>(read: &'r Read, form: Option<&[Hint]>, named: &[String]) -> Vec<&'r Sent> {
    let is_one = |field: &&Sent| {
        if field.in_query || field.value.is_empty() || read.encoding.is_none() {
            return false;
        }
        named.contains(&field.name)
            || match hint_of(form, &field.name) {
                Some(hint) if hint.kind == "password" => true,
                // A page may show what is typed.
                Some(hint) => hint.kind == "text" && is_password_name(&field.name),
                None => is_password_name(&field.name),
            }
    };
    read.fields.iter().filter(is_one).collect()
}

/// Whether a request holds a password.
pub(super) fn holds_password(read: &Read, forms: &[Vec<Hint>], named: &[String]) -> bool {
    read.basic.is_some() || !passwords(read, form_of(read, forms), named).is_empty()
}

/// What a person typed of a request: what the page shows to be typed into, and what names say.
pub(super) fn typed(read: Read, forms: &[Vec<Hint>]) -> Vec<Typed> {
    let form = form_of(&read, forms);
    let is_typed = |field: &Sent| match hint_of(form, &field.name) {
        Some(hint) => !is_filled_by_page(Some(hint)),
        None => {
            is_password_name(&field.name)
                || has(&field.name, &IDENTIFIER)
                || has(&field.name, &CONTEXT)
        }
    };
    let mut typed: Vec<Typed> = read
        .fields
        .into_iter()
        .filter(|field| !field.in_query && !field.value.is_empty() && is_typed(field))
        .map(|field| field.value)
        .collect();
    if let Some((user, password)) = read.basic {
        typed.extend([user, password]);
    }
    typed
}

fn is_filled_by_page(hint: Option<&Hint>) -> bool {
    hint.is_some_and(|hint| {
        matches!(
            hint.kind.as_str(),
            "hidden" | "submit" | "button" | "checkbox" | "radio" | "select" | "image"
        )
    })
}

/// The parameters of a request that its page made, and that may tell it from others: short words.
pub(super) fn constants(read: &Read, forms: &[Vec<Hint>]) -> Vec<(String, String)> {
    let form = form_of(read, forms);
    let is_word = |text: &str| {
        !text.is_empty()
            && text.len() <= 32
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
    };
    read.fields
        .iter()
        .filter(|field| field.in_query || is_filled_by_page(hint_of(form, &field.name)))
        .filter(|field| is_word(field.value.expose()) && field.name.len() <= 64)
        .map(|field| (field.name.clone(), field.value.expose().to_owned()))
        .collect()
}

/// The roles of a sign-in; `None` when its body holds no password.
pub(super) fn of_sign_in(read: &Read, forms: &[Vec<Hint>], named: &[String]) -> Option<Roles> {
    let form = form_of(read, forms);
    let passwords = passwords(read, form, named);
    let (password, others) = passwords.split_first()?;
    let mut roles = Roles {
        password: password.name.clone(),
        ..Roles::default()
    };
    if !others.is_empty() {
        let names = others.iter().map(|field| field.name.clone()).collect();
        roles.notes.push(Note::SeveralPasswords(names));
    }
    identify(&mut roles, read, form, &passwords);
    if roles.identifier.is_none() {
        roles.notes.push(Note::NoIdentifier);
    }
    Some(roles)
}

/// The roles of a form that sets a password. `known` is a password that signed in before.
pub(super) fn of_new(
    read: &Read,
    forms: &[Vec<Hint>],
    named: &[String],
    known: Option<&Typed>,
) -> Option<Roles> {
    let form = form_of(read, forms);
    let passwords = passwords(read, form, named);
    let mut roles = Roles::default();
    let complete = |field: &Sent| hint_of(form, &field.name)?.autocomplete.clone();
    let is_old = |field: &Sent| {
        complete(field).is_some_and(|word| word.contains("current-password"))
            || (is_old_name(&field.name)
                && !complete(field).is_some_and(|word| word.contains("new-password")))
    };
    let twins = passwords.iter().enumerate().find_map(|(place, one)| {
        let later = passwords[place + 1..].iter();
        let mut later = later.filter(|other| other.value == one.value);
        later
            .find(|other| !is_old(one) && !is_old(other))
            .map(|other| (*one, *other))
    });
    let mut rest: Vec<&Sent> = passwords.clone();
    if let Some((one, other)) = twins {
        roles.password = one.name.clone();
        roles.confirm = Some(other.name.clone());
        rest.retain(|field| field.name != one.name && field.name != other.name);
    }
    let by_value = |field: &&&Sent| known.is_some_and(|known| field.value == *known);
    let current = rest.iter().find(|field| is_old(field));
    let current = current.or_else(|| rest.iter().find(by_value)).copied();
    let current = current.or_else(|| {
        // Alone beside the two that are equal, or in front of the only other.
        let beside = twins.is_some() && rest.len() == 1;
        let first = (beside || (twins.is_none() && rest.len() == 2)).then(|| rest[0])?;
        roles.notes.push(Note::CurrentByPlace(first.name.clone()));
        Some(first)
    });
    if let Some(current) = current.filter(|_| twins.is_some() || rest.len() > 1) {
        roles.current = Some(current.name.clone());
        rest.retain(|field| field.name != current.name);
    }
    if twins.is_none() {
        let first = rest.first()?;
        roles.password = first.name.clone();
        rest.remove(0);
    }
    if !rest.is_empty() {
        let names = rest.iter().map(|field| field.name.clone()).collect();
        roles.notes.push(Note::SeveralPasswords(names));
    }
    identify(&mut roles, read, form, &passwords);
    let context = read.fields.iter().filter(|field| {
        is_typed(field, form, &passwords)
            && Some(&field.name) != roles.identifier.as_ref()
            && has(&field.name, &CONTEXT)
    });
    roles.context = context.map(|field| field.name.clone()).collect();
    roles.context.dedup();
    Some(roles)
}

/// Whether a field is one that a person types into and is no password.
fn is_typed(field: &Sent, form: Option<&[Hint]>, passwords: &[&Sent]) -> bool {
    let hint = hint_of(form, &field.name);
    !field.in_query
        && !field.value.is_empty()
        && !passwords.iter().any(|one| one.name == field.name)
        && !is_password_name(&field.name)
        && hint.is_none_or(|hint| {
            matches!(
                hint.kind.as_str(),
                "text" | "email" | "tel" | "number" | "search" | ""
            )
        })
}

/// Finds the identifier, and says how where it is a guess.
fn identify(roles: &mut Roles, read: &Read, form: Option<&[Hint]>, passwords: &[&Sent]) {
    let place = |name: &str| read.fields.iter().position(|field| field.name == name);
    let at = place(&roles.password).unwrap_or(0);
    let score = |field: &Sent| {
        let hint = hint_of(form, &field.name);
        let complete = hint.and_then(|hint| hint.autocomplete.as_deref());
        if complete.is_some_and(|word| word.contains("username")) {
            return 200;
        }
        let known = words(&field.name)
            .iter()
            .filter_map(|word| {
                let at = IDENTIFIER.iter().position(|known| known == word)?;
                Some(100 - 2 * at)
            })
            .max();
        let by_kind = hint.filter(|hint| hint.kind == "email").map(|_| 70);
        known.max(by_kind).unwrap_or(0)
    };
    let typed = || {
        read.fields
            .iter()
            .filter(|field| is_typed(field, form, passwords))
    };
    let best = typed().rev().max_by_key(|field| score(field));
    match best {
        Some(best) if score(best) > 0 => roles.identifier = Some(best.name.clone()),
        _ if form.is_some() => {
            let before = read.fields[..at].iter().rev();
            let mut before = before.filter(|field| is_typed(field, form, passwords));
            // With a hint, it is a field that the page shows.
            if let Some(field) = before.find(|field| hint_of(form, &field.name).is_some()) {
                roles.identifier = Some(field.name.clone());
                roles
                    .notes
                    .push(Note::IdentifierByPlace(field.name.clone()));
            }
        }
        _ => {}
    }
}
