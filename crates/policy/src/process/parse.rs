//! Reads `[process]`.

use super::{ProcessPolicy, Sandbox};
use crate::read::{Section, Span, Word, shorten};
use crate::report::Fault;
use crate::{Text, code};

impl Word for Sandbox {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("try", Self::Try),
        ("require", Self::Require),
        ("off", Self::Off),
    ];
}

/// `[process]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>) -> ProcessPolicy {
    let mut policy = ProcessPolicy::default();
    if let Some(user) = section.read::<String>("user") {
        if is_user(user.get_ref()) {
            policy.user = Some(user.into_inner());
        } else {
            section.fault(bad_user(user.get_ref(), user.span()));
        }
    }
    section.set("sandbox", &mut policy.sandbox);
    policy
}

/// What `useradd` takes for a name, or a number.
fn is_user(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=32).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(sign)
}

fn bad_user(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code::BAD_USER,
        span,
        Text::new(
            format!("« {shown} » n’est pas un nom d’utilisateur"),
            format!("`{shown}` is not the name of a user"),
        ),
    )
    .label("nom ou numéro attendu", "expected a name or a number")
    .fix(
        "écrire un utilisateur du système, comme \"rempart\"",
        "write a user of the system, such as \"rempart\"",
    )
}
