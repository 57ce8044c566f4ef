//! Reads `[[site.form.success]]` and `[[site.form.failure]]`.

use toml::Spanned;

use super::{AnswerRule, Condition, fault};
use crate::read::{Pairs, Section};
use crate::site::StatusRange;
use crate::site::origin::bad_status;

/// One rule; `None` when a fault leaves no usable one.
pub(super) fn parse(mut section: Section<'_, '_>) -> Option<AnswerRule> {
    let mut rule = AnswerRule::default();
    let mut sound = true;
    if let Some(text) = section.read::<String>("status") {
        rule.status = StatusRange::read(text.get_ref());
        if rule.status.is_none() {
            section.fault(bad_status(text.get_ref(), text.span()));
            sound = false;
        }
    }
    section.set_some("location", &mut rule.location);
    if let Some(name) = section.read::<String>("set-cookie") {
        if is_cookie(name.get_ref()) {
            rule.set_cookie = Some(name.into_inner());
        } else {
            section.fault(fault::bad_cookie(name.get_ref(), name.span()));
            sound = false;
        }
    }
    if let Some(pairs) = section.read::<Pairs>("json") {
        for (pointer, values) in pairs.into_inner().0 {
            if !pointer.get_ref().starts_with('/') {
                section.fault(fault::bad_pointer(pointer.get_ref(), pointer.span()));
                sound = false;
            }
            rule.json.push(Condition {
                name: pointer.into_inner(),
                values: values.0.into_iter().map(Spanned::into_inner).collect(),
            });
        }
    }
    section.set_some("body", &mut rule.body);
    // A key that is written badly has its fault already.
    let keys = ["status", "location", "set-cookie", "json", "body"];
    if !keys.iter().any(|key| section.has(key)) {
        section.fault(fault::empty_rule(section.span()));
        return None;
    }
    Some(rule).filter(|rule| sound && *rule != AnswerRule::default())
}

/// A token of HTTP (RFC 6265bis, 4.1.1), which may hold `*` in any case.
fn is_cookie(name: &str) -> bool {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    name.bytes().all(of_token) && name.bytes().any(|byte| byte != b'*')
}
