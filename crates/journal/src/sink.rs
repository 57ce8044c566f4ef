//! Where events go.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Event;

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
