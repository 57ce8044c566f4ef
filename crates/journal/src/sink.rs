//! Where events go.

use std::sync::{Arc, Mutex, PoisonError};

use policy::Language;

use crate::{Event, Weight};

/// Takes events. An implementation returns at once, whatever happens to the event: a sign-in
/// must neither wait for its journal nor fail with it.
pub trait Sink: Send + Sync + 'static {
    /// Takes one event.
    fn note(&self, event: Event);
}

/// Takes events and forgets them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

/// Keeps events in memory, for tests. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct Collected(Arc<Mutex<Vec<Event>>>);

impl Collected {
    /// Every event so far, in order.
    pub fn events(&self) -> Vec<Event> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Every event so far, which are then forgotten.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Silent {
    fn note(&self, _: Event) {}
}

impl Sink for Collected {
    fn note(&self, event: Event) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event);
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn note(&self, event: Event) {
        (**self).note(event);
    }
}

/// Sends events to `tracing` only, under the target `rempart::event`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traced;

impl Sink for Traced {
    fn note(&self, event: Event) {
        trace(&event);
    }
}

/// One event for `tracing`: the message in English, the rest as fields. The fields of a kind
/// are in `details`, as JSON, because `tracing` wants the names of fields beforehand.
pub(crate) fn trace(event: &Event) {
    macro_rules! emit {
        ($level:ident) => {
            tracing::$level!(
                target: "rempart::event",
                kind = event.code().name(),
                account = event.account().map(tracing::field::display),
                source = event.source.map(|source| tracing::field::display(source.address())),
                port = event.source.and_then(|source| source.port()),
                site = event.site.as_ref().map(|site| site.as_str()),
                details = %event.kind.details(),
                "{}",
                event.code().text(Language::En)
            )
        };
    }
    match event.code().weight() {
        Weight::Usual => emit!(info),
        Weight::Look => emit!(warn),
    }
}
