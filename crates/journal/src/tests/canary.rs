//! A password and an identifier, and every place that an event is shown in.

use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use policy::Language;

use super::examples::{IDENTIFIER, events};
use super::{Hand, Place, asked, flush};
use crate::{Event, Kind, Sink, Traced};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("kept").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What `tracing` is told while `work` runs.
fn traced(work: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = kept.0.lock().expect("kept").clone();
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn no_view_of_an_event_shows_an_identifier() {
    let place = Place::new();
    let clock = Hand::new("2026-11-24T22:05:04Z");
    let mut shown = traced(|| {
        let journal = place.open(&clock);
        for event in events() {
            journal.note(event);
        }
        flush(&journal);
    });
    for event in events() {
        shown += &format!("{event:?}{}", event.json());
        shown += &event.text(Language::Fr);
        shown += &event.text(Language::En);
    }
    for name in place.names() {
        shown += &std::fs::read_to_string(place.path().join(name)).expect("a file");
    }
    assert!(shown.contains("sign-in-failed"), "something is shown");
    let whole = IDENTIFIER.to_owned();
    for piece in [&whole, "canary", "example.fr"] {
        assert!(!shown.contains(piece), "{piece}");
    }
}

/// What nobody has may be a password: its event is the same whatever was typed.
#[test]
fn unknown_identifiers_leave_events_without_an_account() {
    let event = Event::new(
        super::at("2026-11-24T22:05:04Z"),
        Kind::SignInFailed { account: None },
    );
    assert_eq!(event.account(), None);
    assert_eq!(event.json().get("account"), None);
}

/// The kind has no field to tell a known identifier by; the journal would enumerate accounts.
#[test]
fn a_reset_asked_for_a_known_account_looks_like_any_other() {
    let event = asked(super::at("2026-11-24T22:05:04Z")).from(IpAddr::from([192, 0, 2, 1]));
    assert_eq!(event.account(), None);
    assert_eq!(
        event
            .json()
            .as_object()
            .map(|fields| fields.keys().cloned().collect::<Vec<_>>()),
        Some(vec![
            "at".to_owned(),
            "kind".to_owned(),
            "source".to_owned()
        ])
    );
}

#[test]
fn tracing_gets_every_event_with_its_fields() {
    for event in events() {
        let shown = traced(|| Traced.note(event.clone()));
        assert_eq!(shown.lines().count(), 1, "{shown}");
        assert!(shown.contains("rempart::event: "), "{shown}");
        assert!(shown.contains(event.code().text(Language::En)), "{shown}");
        assert!(
            shown.contains(&format!("kind=\"{}\"", event.code().name())),
            "{shown}"
        );
        let account = event.account().map(|account| format!("account={account}"));
        assert!(
            account.is_none_or(|account| shown.contains(&account)),
            "{shown}"
        );
        let source = event
            .source
            .map(|source| format!("source={} port=50123", source.address()));
        assert!(
            source.is_none_or(|source| shown.contains(&source)),
            "{shown}"
        );
    }
    let shown = traced(|| Traced.note(events().swap_remove(2)));
    assert!(
        shown.contains("INFO") && shown.contains(r#"details={"scope":"account","wait_ms":8000}"#),
        "{shown}"
    );
}
