//! Reads `[[site.form]]`.

use std::collections::BTreeSet;

use toml::Spanned;

use super::shape::{is_field, is_path, is_position};
use super::{
    AnswerRule, Charset, Condition, Encoding, FormKind, FormMethod, SiteForm, answer, fault, preset,
};
use crate::read::{OneOrMore, Pairs, Section, Span};
use crate::site::origin::unused;

/// The forms of a site, in file order.
pub(in crate::site) fn parse(section: &mut Section<'_, '_>) -> Vec<SiteForm> {
    let mut forms: Vec<(SiteForm, Span)> = Vec::new();
    let mut uncounted = Vec::new();
    section.tables("form", |mut section| {
        let span = section.span();
        let read = match section.has("preset") {
            true => preset::read(&mut section, &mut uncounted),
            false => own(&mut section).into_iter().collect(),
        };
        let twice = read
            .iter()
            .any(|form| forms.iter().any(|(before, _)| same(before, form)));
        if twice {
            section.fault(fault::twice(span.clone()));
        }
        forms.extend(read.into_iter().map(|form| (form, span.clone())));
    });
    let counts_basic =
        |(form, _): &(SiteForm, Span)| form.kind == FormKind::SignIn && form.takes_basic();
    if !forms.iter().any(counts_basic) {
        for span in uncounted {
            section.fault(fault::basic_uncounted(span));
        }
    }
    forms.into_iter().map(|(form, _)| form).collect()
}

/// Whether two forms would answer to the same requests with the same duty.
fn same(one: &SiteForm, other: &SiteForm) -> bool {
    let duty = |form: &SiteForm| (form.kind == FormKind::SignIn, form.sets_password());
    duty(one) == duty(other)
        && one.password == other.password
        && one.when == other.when
        && (one.method == other.method
            || [one, other]
                .iter()
                .any(|form| form.method == FormMethod::Any))
        && one.paths.iter().any(|path| other.paths.contains(path))
        && one
            .encodings
            .iter()
            .any(|way| other.encodings.contains(way))
}

/// A form written out; `None` when a fault leaves no usable one.
pub(super) fn own(section: &mut Section<'_, '_>) -> Option<SiteForm> {
    if section.read::<String>("base").is_some() {
        section.fault(fault::without_preset("base", section.key_span("base")));
    }
    if section.read::<bool>("basic").is_some() {
        section.fault(fault::without_preset("basic", section.key_span("basic")));
    }
    let kind = section.read::<FormKind>("kind");
    if !section.has("kind") {
        section.missing("kind");
    }
    let encodings = encodings(section);
    let paths = paths(section);
    let when = when(section);
    let method = method(
        section,
        kind.as_ref().map(|kind| *kind.get_ref()),
        &encodings,
    );
    let basic_alone = encodings == [Encoding::Basic];

    let password = field(section, "password");
    let confirm = field(section, "confirm");
    let current = field(section, "current");
    let identifier = field(section, "identifier");
    let context = match section.read::<Vec<Spanned<String>>>("context") {
        Some(list) => list
            .into_inner()
            .into_iter()
            .filter_map(|name| named(section, name, &encodings))
            .collect(),
        None => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for name in [&password, &confirm, &current, &identifier]
        .into_iter()
        .flatten()
    {
        if encodings.contains(&Encoding::XmlRpc) && !is_position(name.get_ref()) {
            section.fault(fault::bad_position(name.get_ref(), name.span()));
        }
        if !seen.insert(name.get_ref().to_owned()) {
            section.fault(fault::field_twice(name.get_ref(), name.span()));
        }
    }
    let mut charset = Charset::Utf8;
    let charset_at = section.set("charset", &mut charset);
    let bytes = [Encoding::Urlencoded, Encoding::Multipart, Encoding::Basic];
    if let Some(span) = charset_at
        && !encodings.iter().any(|way| bytes.contains(way))
    {
        let why = (
            "JSON et XML-RPC sont en UTF-8",
            "JSON and XML-RPC are in UTF-8",
        );
        section.fault(unused("charset", span, why));
    }
    let mut max_body = SiteForm::MAX_BODY;
    section.set("max-body", &mut max_body);
    let mut mark = true;
    section.set("mark", &mut mark);
    let (mut meter, mut attributes) = (false, false);
    section.set("meter", &mut meter);
    section.set("attributes", &mut attributes);
    let success = rules(section, "success");
    let failure = rules(section, "failure");

    let kind = kind?;
    needless(section, *kind.get_ref());
    let needs = |kind| kind != FormKind::Closed && !basic_alone;
    if needs(*kind.get_ref()) && !section.has("password") {
        section.missing("password");
    }
    let plain = |name: Option<Spanned<String>>| name.map(Spanned::into_inner);
    let form = SiteForm {
        kind: *kind.get_ref(),
        preset: None,
        method,
        paths: paths?,
        when: when?,
        encodings,
        password: plain(password),
        confirm: plain(confirm),
        current: plain(current),
        identifier: plain(identifier),
        context,
        charset,
        max_body,
        success,
        failure,
        mark,
        meter,
        attributes,
    };
    if needs(form.kind) && form.password.is_none() {
        return None;
    }
    if form.kind == FormKind::SignIn {
        restricted(section, &form, kind.span());
    } else if form.encodings.contains(&Encoding::Basic) && form.kind != FormKind::Closed {
        section.fault(fault::basic_sets_nothing(section.key_span("encoding")));
    }
    Some(form)
}

/// What a sign-in form needs so that guesses can be counted.
fn restricted(section: &mut Section<'_, '_>, form: &SiteForm, span: Span) {
    if form.success.is_empty() && !section.has("success") {
        section.fault(fault::without_success(span.clone()));
    }
    let basic_alone = form.encodings == [Encoding::Basic];
    if form.identifier.is_none() && !section.has("identifier") && !basic_alone {
        section.fault(fault::without_identifier(span));
    }
    // Nothing but a status tells of `Authorization: Basic`.
    if !basic_alone && form.success.iter().any(AnswerRule::proves_nothing) {
        section.fault(fault::success_by_status(section.key_span("success")));
    }
    if let Some(rule) = form.success.iter().find(|rule| form.failure.contains(rule)) {
        debug_assert!(form.success.contains(rule));
        section.fault(fault::rule_in_both(section.key_span("failure")));
    } else if !basic_alone && !form.failure.is_empty() {
        section.fault(fault::undecided_uncounted(section.key_span("failure")));
    }
}

/// Warns of keys that a kind has no use for.
fn needless(section: &mut Section<'_, '_>, kind: FormKind) {
    let (names, why): (&[&str], _) = match kind {
        FormKind::SignIn => (
            &["confirm", "current", "context", "meter"],
            ("ce formulaire connecte", "this form signs in"),
        ),
        FormKind::SignUp | FormKind::Change | FormKind::Reset => (
            &["success", "failure", "mark"],
            ("seulement pour `sign-in`", "for `sign-in` only"),
        ),
        FormKind::Closed => (
            &[
                "confirm",
                "current",
                "identifier",
                "context",
                "charset",
                "success",
                "failure",
                "mark",
                "meter",
                "attributes",
            ],
            ("cette porte est fermée", "this door is shut"),
        ),
    };
    for &name in names {
        if section.has(name) {
            section.fault(unused(name, section.key_span(name), why));
        }
    }
}

fn encodings(section: &mut Section<'_, '_>) -> Vec<Encoding> {
    let mut encodings = vec![Encoding::Urlencoded, Encoding::Multipart];
    let Some(list) = section.read::<Vec<Spanned<Encoding>>>("encoding") else {
        return encodings;
    };
    let span = list.span();
    if list.get_ref().is_empty() {
        section.fault(fault::no_encoding(span));
        return encodings;
    }
    encodings.clear();
    for encoding in list.into_inner() {
        if !encodings.contains(encoding.get_ref()) {
            encodings.push(encoding.into_inner());
        }
    }
    if encodings.len() > 1 && encodings.contains(&Encoding::XmlRpc) {
        section.fault(fault::xml_rpc_not_alone(span));
    }
    encodings
}

fn method(
    section: &mut Section<'_, '_>,
    kind: Option<FormKind>,
    encodings: &[Encoding],
) -> FormMethod {
    let open = kind == Some(FormKind::Closed) || encodings == [Encoding::Basic];
    let mut method = if open {
        FormMethod::Any
    } else {
        FormMethod::Post
    };
    if let Some(span) = section.set("method", &mut method)
        && !open
        && method == FormMethod::Get
    {
        section.fault(fault::secret_in_url(span));
    }
    method
}

/// Every path, sound and each of them once; `None` beside a fault.
fn paths(section: &mut Section<'_, '_>) -> Option<Vec<String>> {
    if !section.has("path") {
        section.missing("path");
    }
    let list = section.read::<OneOrMore>("path")?;
    let span = list.span();
    let mut paths: Vec<String> = Vec::new();
    let mut sound = true;
    for path in list.into_inner().0 {
        if !is_path(path.get_ref()) {
            section.fault(fault::bad_path(path.get_ref(), path.span()));
            sound = false;
        } else if !paths.contains(path.get_ref()) {
            paths.push(path.into_inner());
        }
    }
    if sound && paths.is_empty() {
        section.fault(fault::bad_path("", span));
    }
    Some(paths).filter(|paths| sound && !paths.is_empty())
}

/// `when`; `None` beside a fault.
fn when(section: &mut Section<'_, '_>) -> Option<Vec<Condition>> {
    if !section.has("when") {
        return Some(Vec::new());
    }
    let pairs = section.read::<Pairs>("when")?;
    let mut conditions = Vec::new();
    for (name, values) in pairs.into_inner().0 {
        if !is_field(name.get_ref()) {
            section.fault(fault::bad_field(name.get_ref(), name.span()));
            return None;
        }
        let values: Vec<String> = values.0.into_iter().map(Spanned::into_inner).collect();
        if values.is_empty() {
            section.fault(fault::no_value(name.get_ref(), name.span()));
            return None;
        }
        conditions.push(Condition {
            name: name.into_inner(),
            values,
        });
    }
    Some(conditions)
}

fn field(section: &mut Section<'_, '_>, key: &str) -> Option<Spanned<String>> {
    let name = section.read::<String>(key)?;
    if is_field(name.get_ref()) {
        return Some(name);
    }
    section.fault(fault::bad_field(name.get_ref(), name.span()));
    None
}

fn named(
    section: &mut Section<'_, '_>,
    name: Spanned<String>,
    encodings: &[Encoding],
) -> Option<String> {
    if encodings.contains(&Encoding::XmlRpc) && !is_position(name.get_ref()) {
        section.fault(fault::bad_position(name.get_ref(), name.span()));
        return None;
    }
    if !is_field(name.get_ref()) {
        section.fault(fault::bad_field(name.get_ref(), name.span()));
        return None;
    }
    Some(name.into_inner())
}

fn rules(section: &mut Section<'_, '_>, key: &str) -> Vec<AnswerRule> {
    let mut rules = Vec::new();
    section.tables(key, |section| rules.extend(answer::parse(section)));
    rules
}
