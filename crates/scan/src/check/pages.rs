//! Forms that ask for a password, and what pages say of passwords.

use transport::csp;

use super::{Found, shown};
use policy::Text;

use crate::address::{Address, Reference};
use crate::decision::{self, Like};
use crate::finding::Kind;
use crate::kind;
use crate::page::{Field, Form, Page};
use crate::rules;
use crate::walk::Hop;

/// The least maximum of CNIL 2022-100, §31.
const CAP: u32 = 50;
/// Under this many signs no form reaches 80 bits, over whichever signs of a keyboard.
const ALONE: u32 = 12;
/// Under this many no form reaches 50 bits: 99^7 is 46.4 bits.
const RESTRICTED: u32 = 8;
/// The least number of digits that is worth 50 bits.
const DIGITS: u32 = 16;

/// Fields that nobody types into.
const UNTYPED: [&str; 9] = [
    "hidden", "submit", "button", "reset", "image", "checkbox", "radio", "select", "search",
];

/// Names of fields that hold a password whatever their type says.
const NAMES: [&str; 8] = [
    "password",
    "passwd",
    "pwd",
    "motdepasse",
    "mdp",
    "passwort",
    "userpass",
    "pass",
];

/// Names of fields that hold words to look for, and nothing about a person.
const SEARCHES: [&str; 9] = [
    "q",
    "s",
    "query",
    "search",
    "recherche",
    "rechercher",
    "keyword",
    "keywords",
    "motscles",
];

/// Names of fields that hold the code on the back of a card.
const CARDS: [&str; 9] = [
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "csc",
    "cvn",
    "cardcode",
    "cryptogramme",
    "cryptogram",
];

/// Names of fields that hold a code sent or shown for one sign-in.
const CODES: [&str; 14] = [
    "otp",
    "otpcode",
    "totp",
    "totpcode",
    "onetimecode",
    "onetimepassword",
    "smscode",
    "codesms",
    "verificationcode",
    "codeverification",
    "mfacode",
    "2fa",
    "2facode",
    "twofactorcode",
];

/// Names of fields that hold the answer to a secret question.
const QUESTIONS: [&str; 6] = [
    "questionsecrete",
    "secretquestion",
    "securityquestion",
    "reponsesecrete",
    "secretanswer",
    "securityanswer",
];

/// Whether a form asks for a password.
pub(crate) fn asks_password(form: &Form) -> bool {
    form.fields
        .iter()
        .any(|field| is_password(field) || is_hidden_password(field))
}

/// Whether somebody types into a field.
pub(crate) fn is_typed(field: &Field) -> bool {
    !UNTYPED.contains(&field.kind.as_str())
}

/// Whether what somebody types into a field may be about them: words to look for are not.
pub(crate) fn is_personal(field: &Field) -> bool {
    is_typed(field) && !SEARCHES.contains(&bare(&field.name).as_str())
}

/// A field whose signs are hidden, unless they are those of a card.
fn is_password(field: &Field) -> bool {
    let is_card = field.says("cc-csc") || CARDS.contains(&bare(&field.name).as_str());
    field.kind == "password" && !is_card
}

/// A text field that is a password by its name.
fn is_hidden_password(field: &Field) -> bool {
    let bare = bare(&field.name);
    field.kind == "text" && NAMES.contains(&bare.as_str())
}

fn bare(name: &str) -> String {
    name.chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(crate) fn check(found: &mut Found, hop: &Hop, page: &Page) {
    let at = &hop.address;
    let base = match page.base.as_deref().map(|base| at.join(base)) {
        Some(Reference::Web(base)) => base,
        _ => at.clone(),
    };
    let place = at.bare_path();
    for form in &page.forms {
        check_form(found, at, &base, form);
    }
    // A page that upgrades what it loads is not mixed; its field says so, or itself.
    let mut policies = hop
        .answer
        .all("content-security-policy")
        .chain(page.policy.as_deref().map(str::as_bytes));
    let upgrades = policies.any(|policy| csp::names(policy, "upgrade-insecure-requests"));
    if at.is_https && !upgrades {
        for load in &page.loads {
            if let Reference::Web(to) = base.join(load)
                && !to.is_https
            {
                found.say(&kind::MIXED_CONTENT, place, at, to.to_string());
            }
        }
    }
    if page.forms.iter().any(asks_password) {
        for rule in rules::stated(&page.text) {
            check_rule(found, at, &rule);
        }
        if let Some(sentence) = rules::announces_mail(&page.text) {
            found.say(&kind::PASSWORD_BY_MAIL, place, at, sentence);
        }
    }
}

fn check_form(found: &mut Found, at: &Address, base: &Address, form: &Form) {
    let typed = form.fields.iter().any(is_typed);
    let like: Like = match form.fields.iter().any(is_personal) {
        true => &decision::SENT_IN_CLEAR,
        false => &[],
    };
    let asks = asks_password(form);
    // Sent by a script, or not at all.
    let is_sent = !matches!(form.method.as_str(), "dialog" | "none");
    let actions = form
        .buttons
        .iter()
        .filter_map(|(action, _)| action.as_ref());
    let actions: Vec<Reference> = match &form.action {
        Some(action) => vec![base.join(action)],
        // A form without an action goes to the page itself, whatever its base.
        None => vec![Reference::Web(at.clone())],
    }
    .into_iter()
    .chain(actions.map(|action| base.join(action)))
    .collect();
    let name = match actions.first() {
        Some(Reference::Web(to)) => to.bare_path().to_owned(),
        _ => at.bare_path().to_owned(),
    };
    let place = format!("{} → {name}", at.bare_path());
    if is_sent && typed {
        for action in &actions {
            if let Reference::Web(to) = action
                && !to.is_https
                && at.is_https
            {
                let proof = format!("action={to}");
                figure(found, &kind::ACTION_CLEAR, &place, at, proof, like);
            }
        }
    }
    if !asks {
        questions(found, at, form, &place);
        return;
    }
    let methods = form
        .buttons
        .iter()
        .filter_map(|(_, method)| method.as_deref());
    if form.method == "get" || methods.clone().any(|method| method == "get") {
        found.say(&kind::PASSWORD_GET, &place, at, "method=get");
    }
    for field in &form.fields {
        let spot = format!("{place} [{}]", shown(&field.name));
        if is_hidden_password(field) {
            found.say(
                &kind::PASSWORD_VISIBLE,
                &spot,
                at,
                format!("<input type=text name={}>", shown(&field.name)),
            );
        }
        if is_password(field) || is_hidden_password(field) {
            check_field(found, at, form, field, &spot);
        }
    }
    questions(found, at, form, &place);
}

fn check_field(found: &mut Found, at: &Address, form: &Form, field: &Field, spot: &str) {
    let own = field.autocomplete.as_deref();
    let off = own.or(form.autocomplete.as_deref()) == Some("off");
    if off {
        found.say(&kind::AUTOCOMPLETE_OFF, spot, at, "autocomplete=off");
    }
    if field.blocks_paste || form.blocks_paste {
        found.say(&kind::PASTE_BLOCKED, spot, at, "onpaste");
    }
    // A code sent for one sign-in is no password.
    if field.says("one-time-code") || CODES.contains(&bare(&field.name).as_str()) {
        return;
    }
    let pattern = field.pattern.as_deref().and_then(bounds);
    let max = field.max.or(pattern.and_then(|(_, max)| max));
    let min = field.min.or(pattern.map(|(min, _)| min));
    if let Some(max) = max {
        most(found, at, spot, max, &format!("maxlength={max}"));
    }
    // A sign-in form states no rule: old passwords must still get in.
    let is_new = field.says("new-password")
        || form
            .fields
            .iter()
            .filter(|field| is_password(field))
            .count()
            > 1;
    if is_new && let Some(min) = min.filter(|min| *min > 0) {
        // `inputmode` shows another keyboard, and keeps nothing out.
        let is_digits = field.pattern.as_deref().is_some_and(is_digits);
        least(found, at, spot, min, is_digits, &format!("minlength={min}"));
    }
}

fn check_rule(found: &mut Found, at: &Address, rule: &rules::Stated) {
    let place = format!("{} « {} »", at.bare_path(), shown(&rule.sentence));
    if let Some(max) = rule.max.filter(|_| !rule.is_digits) {
        most(found, at, &place, max, &rule.sentence);
    }
    if let Some(min) = rule.min {
        least(found, at, &place, min, rule.is_digits, &rule.sentence);
    }
}

fn most(found: &mut Found, at: &Address, place: &str, max: u32, proof: &str) {
    let kind = match max {
        ..RESTRICTED => &kind::MAX_TOO_SHORT,
        RESTRICTED..ALONE => &kind::MAX_RESTRICTED,
        ALONE..CAP => &kind::MAX_SHORT,
        _ => return,
    };
    figure(found, kind, place, at, proof, decision::of_greatest(max));
}

fn least(found: &mut Found, at: &Address, place: &str, min: u32, is_digits: bool, proof: &str) {
    let (kind, like) = match min {
        ..DIGITS if is_digits => (&kind::DIGITS_ONLY, decision::of_digits(min)),
        ..RESTRICTED => (&kind::MIN_TOO_SHORT, decision::of_least(min)),
        RESTRICTED..ALONE if !is_digits => (&kind::MIN_SHORT, decision::of_least(min)),
        _ => return,
    };
    figure(found, kind, place, at, proof, like);
}

/// A finding that names the decisions of its figure.
fn figure(
    found: &mut Found,
    kind: &'static Kind,
    place: &str,
    at: &Address,
    proof: impl Into<String>,
    like: Like,
) {
    let proof = proof.into();
    found.like(kind, place, at, Text::new(proof.clone(), proof), like);
}

fn questions(found: &mut Found, at: &Address, form: &Form, place: &str) {
    let question = form.fields.iter().find(|field| {
        let bare = bare(&field.name);
        QUESTIONS.iter().any(|name| bare.contains(name))
    });
    if let Some(field) = question {
        found.say(&kind::SECRET_QUESTION, place, at, shown(&field.name));
    }
}

/// The bounds of a pattern that ends in `{6}`, `{6,}` or `{6,12}` and is nothing else.
fn bounds(pattern: &str) -> Option<(u32, Option<u32>)> {
    let pattern = pattern.trim().trim_start_matches('^').trim_end_matches('$');
    let (signs, count) = pattern.strip_suffix('}')?.rsplit_once('{')?;
    let one = signs == "."
        || signs == "\\d"
        || (signs.starts_with('[') && signs.ends_with(']') && signs.matches('[').count() == 1);
    if !one {
        return None;
    }
    match count.split_once(',') {
        None => {
            let exact = count.parse().ok()?;
            Some((exact, Some(exact)))
        }
        Some((min, "")) => Some((min.parse().ok()?, None)),
        Some((min, max)) => Some((min.parse().ok()?, Some(max.parse().ok()?))),
    }
}

fn is_digits(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches('^');
    pattern.starts_with("[0-9]{") || pattern.starts_with("\\d{")
}

/// Words of links that lead to where a password is typed.
pub(crate) fn leads_to_password(href: &str, words: &str) -> bool {
    let text = format!("{} {}", href.to_lowercase(), words.to_lowercase());
    [
        "connexion",
        "connecter",
        "login",
        "signin",
        "sign-in",
        "sign in",
        "log in",
        "inscri",
        "register",
        "signup",
        "sign up",
        "compte",
        "account",
        "mot-de-passe",
        "mot de passe",
        "password",
        "espace",
    ]
    .iter()
    .any(|word| text.contains(word))
        && !["logout", "déconnexion", "deconnexion"]
            .iter()
            .any(|word| text.contains(word))
}
