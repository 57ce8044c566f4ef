//! Reads `[access]` and its tables. What the case of `[password]` asks of them is judged in
//! [`crate::cross`].

use std::time::Duration;

use super::{
    AccessPolicy, Block, Captcha, Delay, Limit, Limits, Mechanism, MechanismKind, NoDevice, Server,
    Store, Unlock, UnlockWord, WhenStoreIsDown,
};
use crate::password::Case;
use crate::read::{Section, Span, Word, WordOr};
use crate::report::Fault;
use crate::{Preset, Text, clause, code};

impl Word for MechanismKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("delay", Self::Delay),
        ("block", Self::Block),
        ("captcha", Self::Captcha),
        ("none", Self::None),
    ];
}

impl Word for NoDevice {
    const WORDS: &'static [(&'static str, Self)] = &[("never", Self::Never)];
}

impl Word for UnlockWord {
    const WORDS: &'static [(&'static str, Self)] =
        &[("link", Self::Link), ("operator", Self::Operator)];
}

impl Word for WhenStoreIsDown {
    const WORDS: &'static [(&'static str, Self)] =
        &[("closed", Self::Closed), ("open", Self::Open)];
}

/// `[access]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>, preset: Preset, case: Case) -> AccessPolicy {
    let mut policy = preset.access(case);
    let mut kind = policy.mechanism.kind();
    section.set("mechanism", &mut kind);

    // Every table is read, so that its faults show whatever the mechanism.
    let delay = delay(section.table("delay"), kind);
    let block = block(section.table("block"), kind, preset.block(case));
    let captcha = captcha(section.table("captcha"), kind);
    policy.mechanism = match kind {
        MechanismKind::Delay => Mechanism::Delay(delay),
        MechanismKind::Block => Mechanism::Block(block),
        MechanismKind::Captcha => Mechanism::Captcha(captcha),
        MechanismKind::None => Mechanism::None,
    };

    let mut password = None;
    section.set_some("store-password", &mut password);
    if let Some(text) = section.read::<String>("store") {
        match store(text.get_ref()) {
            Ok(store) => policy.store = store,
            Err(why) => section.fault(why.fault(text.span())),
        }
    }
    match &mut policy.store {
        Store::Redis(server) | Store::Postgres(server) => server.password = password,
        Store::Memory | Store::Redb(_) if section.has("store-password") => {
            let span = section.key_span("store-password");
            section.fault(useless_password(span));
        }
        Store::Memory | Store::Redb(_) => {}
    }
    section.set("store-deadline", &mut policy.store_deadline);
    section.set("when-store-is-down", &mut policy.when_store_is_down);
    section.set_some("key", &mut policy.key);
    if matches!(policy.store, Store::Redis(_) | Store::Postgres(_)) && !section.has("key") {
        let span = section.key_span("store");
        section.fault(no_key(span));
    }
    if let Some(lifetime) = section.read::<WordOr<NoDevice, _>>("trusted-device") {
        policy.trusted_device = match lifetime.into_inner() {
            WordOr::Word(NoDevice::Never) => None,
            WordOr::Value(lifetime) => Some(lifetime),
        };
    }
    policy.limits = limits(section.table("limits"));
    policy
}

fn limits(mut section: Section<'_, '_>) -> Limits {
    let mut limits = Limits::default();
    let minute = Duration::from_secs(60);
    for (name, window_name, limit, otherwise) in [
        ("source", "source-window", &mut limits.source, 60 * minute),
        ("pair", "pair-window", &mut limits.pair, 24 * 60 * minute),
        ("site", "site-window", &mut limits.site, minute),
    ] {
        let mut failures = limit.map_or(0, |limit| limit.failures);
        let mut window = limit.map_or(otherwise, |limit| limit.window);
        section.set(name, &mut failures);
        section.set(window_name, &mut window);
        *limit = (failures > 0).then_some(Limit { failures, window });
    }
    limits
}

fn delay(mut section: Section<'_, '_>, kind: MechanismKind) -> Delay {
    let mut delay = Delay::default();
    let first = section.set("first", &mut delay.first);
    let factor = section.set("factor", &mut delay.factor);
    let max = section.set("max", &mut delay.max);
    section.set("attempts-per-day", &mut delay.attempts_per_day);
    if let Some(span) = factor
        && delay.factor <= 1.0
    {
        section.fault(not_growing(span));
    }
    if let Some(span) = max.or(first)
        && delay.max <= delay.first
    {
        section.fault(not_growing(span));
    }
    unused(&mut section, MechanismKind::Delay, kind);
    delay
}

fn block(mut section: Section<'_, '_>, kind: MechanismKind, mut block: Block) -> Block {
    section.set("after", &mut block.after);
    if let Some(unlock) = section.read::<WordOr<UnlockWord, _>>("unlock") {
        block.unlock = match unlock.into_inner() {
            WordOr::Word(UnlockWord::Link) => Unlock::Link,
            WordOr::Word(UnlockWord::Operator) => Unlock::Operator,
            WordOr::Value(duration) => Unlock::After(duration),
        };
    }
    unused(&mut section, MechanismKind::Block, kind);
    block
}

fn captcha(mut section: Section<'_, '_>, kind: MechanismKind) -> Captcha {
    let mut captcha = Captcha::default();
    section.set("after", &mut captcha.after);
    unused(&mut section, MechanismKind::Captcha, kind);
    captcha
}

/// Warns of a table whose mechanism is not the one in force, by the file or by the preset.
fn unused(section: &mut Section<'_, '_>, own: MechanismKind, in_force: MechanismKind) {
    if section.is_present() && own != in_force {
        let span = section.span();
        let words = MechanismKind::WORDS;
        let found = words.iter().find(|(_, kind)| *kind == in_force);
        let name = found.map_or("", |(word, _)| word);
        section.fault(
            Fault::warning(
                code::TABLE_UNUSED,
                span,
                Text::new("cette table est sans effet", "this table has no effect"),
            )
            .label(
                format!("le mécanisme en vigueur est `{name}`"),
                format!("the mechanism in force is `{name}`"),
            )
            .fix(
                "retirer la table, ou changer `mechanism` dans [access]",
                "remove the table, or change `mechanism` in [access]",
            ),
        );
    }
}

/// Why a text names no store.
enum BadStore {
    /// It is none of the four kinds.
    Unknown,
    /// The path or the server is missing.
    Incomplete,
    /// The URL holds a password.
    Secret,
    /// The URL holds parameters, where a password may hide under any name.
    Parameters,
}

/// The store of a text, without its password.
fn store(text: &str) -> Result<Store, BadStore> {
    if text == "memory" {
        return Ok(Store::Memory);
    }
    if let Some(path) = text.strip_prefix("redb:") {
        return match path {
            "" => Err(BadStore::Incomplete),
            path => Ok(Store::Redb(path.into())),
        };
    }
    let (scheme, rest) = text.split_once("://").ok_or(BadStore::Unknown)?;
    // A password may hold any sign, so the last `@` decides where the server starts.
    let (user, server) = rest.rsplit_once('@').unwrap_or(("", rest));
    if user.contains([':', '/', '?', '#']) || user.to_ascii_lowercase().contains("%3a") {
        return Err(BadStore::Secret);
    }
    if server.contains(['?', '#']) {
        return Err(BadStore::Parameters);
    }
    let host = server.split('/').next().unwrap_or(server);
    if host.is_empty() || text.contains(char::is_whitespace) {
        return Err(BadStore::Incomplete);
    }
    let server = Server {
        url: text.to_owned(),
        password: None,
    };
    match scheme {
        "redis" | "rediss" => Ok(Store::Redis(server)),
        "postgres" | "postgresql" => Ok(Store::Postgres(server)),
        _ => Err(BadStore::Unknown),
    }
}

impl BadStore {
    fn fault(self, span: Span) -> Fault {
        const FORMS: &str = "\"memory\", \"redb:PATH\", \"redis://HOST\", \"postgres://HOST/BASE\"";
        match self {
            Self::Secret => Fault::error(
                code::SECRET_IN_FILE,
                span,
                Text::new(
                    "l’adresse du dépôt contient un mot de passe",
                    "the address of the store holds a password",
                ),
            )
            .clause(&clause::REMPART_NO_SECRET_IN_FILE)
            .hidden()
            .label("mot de passe à retirer", "password to remove")
            .fix(
                "retirer le mot de passe de l’adresse, ajouter `store-password = { file = \"CHEMIN\" }`, et changer ce mot de passe s’il était réel",
                "remove the password from the address, add `store-password = { file = \"PATH\" }`, and change this password if it was real",
            ),
            Self::Parameters => Fault::error(
                code::BAD_STORE,
                span,
                Text::new(
                    "l’adresse du dépôt ne porte pas de paramètres",
                    "the address of the store takes no parameters",
                ),
            )
            .hidden()
            .label("paramètres à retirer", "parameters to remove")
            .fix(
                "retirer ce qui suit `?` ou `#` ; le mot de passe se nomme avec `store-password = { file = \"CHEMIN\" }`",
                "remove what follows `?` or `#`; the password is named with `store-password = { file = \"PATH\" }`",
            ),
            Self::Unknown | Self::Incomplete => Fault::error(
                code::BAD_STORE,
                span,
                Text::new(
                    "ce dépôt des compteurs n’est pas connu",
                    "this store of the counters is not known",
                ),
            )
            .hidden()
            .label(
                match self {
                    Self::Incomplete => "il manque le chemin ou le serveur",
                    _ => "pas un dépôt connu",
                },
                match self {
                    Self::Incomplete => "the path or the server is missing",
                    _ => "not a known store",
                },
            )
            .fix(
                format!("écrire l’un de : {FORMS}"),
                format!("write one of: {FORMS}"),
            ),
        }
    }
}

fn no_key(span: Span) -> Fault {
    Fault::error(
        code::SHARED_STORE_NEEDS_KEY,
        span,
        Text::new(
            "un dépôt partagé demande une clé commune",
            "a shared store needs a common key",
        ),
    )
    .clause(&clause::CNIL_LOG_NO_SECRET)
    .label("partagé par plusieurs programmes", "shared by several programs")
    .fix(
        "ajouter `key = { file = \"CHEMIN\" }`, la même pour tous ; la faire avec : openssl rand -base64 32",
        "add `key = { file = \"PATH\" }`, the same for all; make it with: openssl rand -base64 32",
    )
}

fn useless_password(span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            "ce dépôt n’a pas de mot de passe",
            "this store has no password",
        ),
    )
    .label("à retirer", "to remove")
    .fix(
        "retirer `store-password`, ou nommer un dépôt redis ou postgres",
        "remove `store-password`, or name a redis or postgres store",
    )
}

fn not_growing(span: Span) -> Fault {
    Fault::error(
        code::DELAY_NOT_GROWING,
        span,
        Text::new(
            "l’attente ne croît pas d’un échec au suivant",
            "the wait does not grow from one failure to the next",
        ),
    )
    .clause(&clause::CNIL_DELAY)
    .label("trop petit", "too small")
    .fix(
        "écrire un `factor` de plus de 1, et un `max` plus long que `first`",
        "write a `factor` over 1, and a `max` longer than `first`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_as_the_file_names_them() {
        let name = |text: &str| match store(text) {
            Ok(Store::Memory) => "memory",
            Ok(Store::Redb(_)) => "redb",
            Ok(Store::Redis(_)) => "redis",
            Ok(Store::Postgres(_)) => "postgres",
            Err(BadStore::Unknown) => "unknown",
            Err(BadStore::Incomplete) => "incomplete",
            Err(BadStore::Secret) => "secret",
            Err(BadStore::Parameters) => "parameters",
        };
        for (text, expected) in [
            ("memory", "memory"),
            ("redb:/var/lib/rempart/access.redb", "redb"),
            ("redb:", "incomplete"),
            ("redis://127.0.0.1:6379/0", "redis"),
            ("rediss://cache.example.fr", "redis"),
            ("redis://user@cache.example.fr", "redis"),
            ("redis://:s3cret@cache.example.fr", "secret"),
            ("postgres://rempart@db.example.fr/rempart", "postgres"),
            ("postgres://rempart:s3cret@db.example.fr/rempart", "secret"),
            (
                "postgres://db.example.fr/rempart?password=s3cret",
                "parameters",
            ),
            (
                "postgres://db.example.fr/rempart?sslmode=require",
                "parameters",
            ),
            (
                "postgres://rempart%3As3cret@db.example.fr/rempart",
                "secret",
            ),
            ("redis://:s3/cret@cache.example.fr", "secret"),
            ("redis://:s3#cret@cache.example.fr", "secret"),
            ("redis://:s3@cret@cache.example.fr", "secret"),
            ("postgres:///rempart", "incomplete"),
            ("mysql://db", "unknown"),
            ("file", "unknown"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
