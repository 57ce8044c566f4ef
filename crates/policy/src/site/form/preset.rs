//! `preset`: the forms of software that we know, kept as a policy would write them.
//!
//! The data are in `presets.toml` beside this file, one array of tables for each software,
//! read by the same parser as a policy file, so that an operator can copy and change them.
//! `docs/FORMS.md` says which versions they were tried with.

use toml::de::{DeTable, DeValue};

use super::shape::is_path;
use super::{Encoding, FormKind, SiteForm, Software, fault, parse};
use crate::keys;
use crate::read::{Faults, Section, Span};

/// The keys that go with `preset`.
const OWN: [&str; 7] = [
    "preset",
    "base",
    "max-body",
    "mark",
    "meter",
    "attributes",
    "basic",
];

/// The forms of a table with a `preset`; none when a fault leaves no usable one. Tells where
/// `Authorization: Basic` is left aside.
pub(super) fn read(section: &mut Section<'_, '_>, uncounted: &mut Vec<Span>) -> Vec<SiteForm> {
    for key in keys::table("site.form")
        .into_iter()
        .flat_map(|table| table.keys)
    {
        if !OWN.contains(&key.name) && section.has(key.name) {
            section.fault(fault::beside_preset(key.name, section.key_span(key.name)));
        }
    }
    for name in ["success", "failure"] {
        if section.has(name) {
            section.fault(fault::beside_preset(name, section.key_span(name)));
        }
    }
    let mut base = String::new();
    if let Some(span) = section.set("base", &mut base) {
        if !is_path(&base) || base.contains('*') {
            section.fault(fault::bad_path(&base, span));
            return Vec::new();
        }
        base.truncate(base.trim_end_matches('/').len());
    }
    let (mut max_body, mut mark) = (None, true);
    section.set_some("max-body", &mut max_body);
    section.set("mark", &mut mark);
    let (mut meter, mut attributes, mut basic) = (false, false, true);
    section.set("meter", &mut meter);
    section.set("attributes", &mut attributes);
    let basic_at = section.set("basic", &mut basic);
    let Some(software) = section.read::<Software>("preset") else {
        return Vec::new();
    };
    let mut forms = forms_of(software.into_inner());
    match basic_at {
        Some(span) if !forms.iter().any(SiteForm::takes_basic) => {
            section.fault(fault::no_basic(span));
        }
        Some(span) if !basic => uncounted.push(span),
        _ => {}
    }
    if !basic {
        forms.retain(|form| form.encodings != [Encoding::Basic]);
    }
    for form in &mut forms {
        form.encodings
            .retain(|way| basic || *way != Encoding::Basic);
        for path in &mut form.paths {
            path.insert_str(0, &base);
        }
        form.max_body = max_body.unwrap_or(form.max_body);
        form.mark &= mark;
        // A meter is for passwords that are chosen.
        form.meter = meter && form.sets_password();
        form.attributes = attributes && form.kind != FormKind::Closed;
    }
    forms
}

/// The forms of a software that is installed at the root of its site.
pub(super) fn forms_of(software: Software) -> Vec<SiteForm> {
    let (document, errors) = DeTable::parse_recoverable(include_str!("presets.toml"));
    debug_assert!(errors.is_empty(), "{errors:?}");
    let spec = keys::table("site.form").expect("the specification has forms");
    let mut faults = Faults::default();
    let mut forms = Vec::new();
    if let Some(DeValue::Array(tables)) = document
        .get_ref()
        .get(software.name())
        .map(|value| value.get_ref())
    {
        for table in tables.iter() {
            if let DeValue::Table(values) = table.get_ref() {
                let mut section = Section::open(spec, Some(values), table.span(), &mut faults);
                forms.extend(parse::own(&mut section));
            }
        }
    }
    let faults = faults.into_found();
    debug_assert!(faults.is_empty(), "{software:?}: {faults:?}");
    for form in &mut forms {
        form.preset = Some(software);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_left_aside_where_the_web_server_asks_for_it() {
        for (software, more, all, basic) in [
            ("dokuwiki", "", 5, 1),
            ("dokuwiki", "basic = true", 5, 1),
            ("dokuwiki", "basic = false", 5, 0),
            ("wordpress", "basic = true", 13, 1),
            ("wordpress", "basic = false", 12, 0),
        ] {
            let text = format!(
                "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
                 certificate = \"dev\"\n[[site.form]]\npreset = \"{software}\"\n{more}\n"
            );
            let policy = crate::load(&text).expect("a policy").policy;
            let forms = &policy.sites()[0].forms;
            let takes_it = forms.iter().filter(|form| form.takes_basic()).count();
            assert_eq!((forms.len(), takes_it), (all, basic), "{software} {more}");
            assert!(forms.iter().all(|form| !form.encodings.is_empty()));
        }
    }

    #[test]
    fn every_software_has_forms_without_fault() {
        for software in Software::ALL {
            let forms = forms_of(software);
            assert!(
                forms.iter().any(|form| form.kind == FormKind::SignIn),
                "{software:?}"
            );
            assert!(forms.iter().all(|form| form.preset == Some(software)));
        }
        let (document, _) = DeTable::parse_recoverable(include_str!("presets.toml"));
        assert_eq!(document.get_ref().len(), Software::ALL.len());
    }
}
