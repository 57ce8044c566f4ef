//! The keys of session tickets, which outlive a process that hands them to its successor.
//!
//! A ticket is made with the current key and read with it or the one before. Keys are drawn by
//! chance and owe nothing to each other: whoever gets hold of one reads the tickets of its own
//! time and no other. Whoever started this process may give it keys ([`Tickets::given`],
//! [`Tickets::turn`]); else, and if no more come, it draws its own.
//!
//! Clauses: [`clause::TLS_TICKETS`] (RFC 9325, 3.4: keys rotate and are erased),
//! [`clause::ANSSI_TLS_TICKETS`]; RFC 5077, 4 (what a ticket must withstand). AES-256-GCM-SIV,
//! since nonces drawn by chance may meet when there are many tickets.
//!
//! Absent on purpose: a way to read keys out of here, and files.
//!
//! [`clause::TLS_TICKETS`]: policy::clause::TLS_TICKETS
//! [`clause::ANSSI_TLS_TICKETS`]: policy::clause::ANSSI_TLS_TICKETS

use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
pub use rustls::server::ProducesTickets;
use zeroize::Zeroizing;

/// How long tickets are made with one key.
pub const PERIOD: Duration = Duration::from_secs(6 * 60 * 60);

/// The bytes of one key, wiped on drop.
pub struct TicketKey(Zeroizing<[u8; 32]>);

impl TicketKey {
    /// A key that nobody has.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn random() -> Result<Self, rustls::Error> {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key).map_err(|_| rustls::Error::FailedToGetRandomBytes)?;
        Ok(Self(key))
    }

    /// One that was handed over.
    pub const fn handed(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// To hand it over. Search this name to audit every use.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, rustls::Error> {
        RandomizedNonceKey::new(&AES_256_GCM_SIV, &*self.0)
            .map_err(|_| rustls::Error::General("a ticket key cannot be used".to_owned()))
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey(..)")
    }
}

/// What makes tickets and reads them.
pub struct Tickets {
    keys: RwLock<Keys>,
    /// After how long without another key it draws one itself.
    patience: Duration,
}

struct Keys {
    current: RandomizedNonceKey,
    previous: Option<RandomizedNonceKey>,
    since: Instant,
}

impl Tickets {
    /// With keys of its own.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn alone() -> Result<Self, rustls::Error> {
        Self::of(&TicketKey::random()?, None, PERIOD)
    }

    /// With the keys of whoever started this process, and goes on doing so: it is waited for
    /// twice as long as it needs.
    ///
    /// # Errors
    /// The keys cannot be used.
    pub fn given(current: &TicketKey, previous: Option<&TicketKey>) -> Result<Self, rustls::Error> {
        Self::of(current, previous, PERIOD * 2)
    }

    fn of(
        current: &TicketKey,
        previous: Option<&TicketKey>,
        patience: Duration,
    ) -> Result<Self, rustls::Error> {
        Ok(Self {
            keys: RwLock::new(Keys {
                current: current.cipher()?,
                previous: previous.map(TicketKey::cipher).transpose()?,
                since: Instant::now(),
            }),
            patience,
        })
    }

    /// Makes tickets with another key from now on; what was made before the current one is
    /// forgotten.
    ///
    /// # Errors
    /// The key cannot be used; nothing changes.
    pub fn turn(&self, key: &TicketKey) -> Result<(), rustls::Error> {
        let fresh = key.cipher()?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.turn(fresh, Instant::now());
        Ok(())
    }

    /// Works with the keys as they are at a moment.
    fn with<T>(&self, now: Instant, work: impl FnOnce(&Keys) -> Option<T>) -> Option<T> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(keys.since) < self.patience {
            return work(&keys);
        }
        drop(keys);
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let age = now.saturating_duration_since(keys.since);
        if age >= self.patience {
            // Without randomness there are no tickets, rather than tickets of an old key.
            keys.turn(TicketKey::random().ok()?.cipher().ok()?, now);
        }
        if age >= self.patience * 2 {
            keys.previous = None;
        }
        work(&keys)
    }

    fn seal(&self, plain: &[u8], now: Instant) -> Option<Vec<u8>> {
        self.with(now, |keys| {
            let mut sealed = Vec::with_capacity(plain.len() + AES_256_GCM_SIV.tag_len());
            sealed.extend_from_slice(plain);
            let current = &keys.current;
            let nonce = current.seal_in_place_append_tag(Aad::empty(), &mut sealed);
            Some([&nonce.ok()?.as_ref()[..], &sealed].concat())
        })
    }

    fn open(&self, ticket: &[u8], now: Instant) -> Option<Vec<u8>> {
        let (nonce, sealed) = ticket.split_first_chunk::<NONCE_LEN>()?;
        self.with(now, |keys| {
            let mut both = std::iter::once(&keys.current).chain(&keys.previous);
            both.find_map(|key| {
                let mut opened = sealed.to_vec();
                let nonce = Nonce::assume_unique_for_key(*nonce);
                let length = key
                    .open_in_place(nonce, Aad::empty(), &mut opened)
                    .ok()?
                    .len();
                opened.truncate(length);
                Some(opened)
            })
        })
    }
}

impl Keys {
    fn turn(&mut self, fresh: RandomizedNonceKey, now: Instant) {
        self.previous = Some(std::mem::replace(&mut self.current, fresh));
        self.since = now;
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    /// What is told to clients: for so long at least their ticket is read.
    fn lifetime(&self) -> u32 {
        // 6 hours.
        PERIOD.as_secs() as u32
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.seal(plain, Instant::now())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        self.open(ticket, Instant::now())
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: &[u8] = b"a session";

    #[test]
    fn a_ticket_is_read_by_whoever_has_its_key_and_by_nobody_else() {
        let [one, two, three] = [(); 3].map(|()| TicketKey::random().expect("a key"));
        let first = Tickets::given(&one, None).expect("tickets");
        let ticket = first.encrypt(PLAIN).expect("a ticket");
        assert!(ticket.windows(PLAIN.len()).all(|part| part != PLAIN));
        assert_ne!(first.encrypt(PLAIN).expect("another"), ticket);
        for (current, previous, read) in [
            (&one, None, true),
            (&two, Some(&one), true),
            (&one, Some(&two), true),
            (&two, None, false),
            (&two, Some(&three), false),
        ] {
            let successor = Tickets::given(current, previous).expect("tickets");
            let found = successor.decrypt(&ticket);
            assert_eq!(found.as_deref(), read.then_some(PLAIN));
        }
        assert_eq!(Tickets::alone().expect("tickets").decrypt(&ticket), None);
        for place in 0..ticket.len() {
            let mut changed = ticket.clone();
            changed[place] ^= 1;
            assert_eq!(first.decrypt(&changed), None, "{place}");
            assert_eq!(first.decrypt(&ticket[..place]), None, "{place}");
        }
    }

    #[test]
    fn a_key_is_forgotten_at_the_second_turn() {
        let tickets = Tickets::alone().expect("tickets");
        let ticket = tickets.encrypt(PLAIN).expect("a ticket");
        for read in [true, false] {
            let key = TicketKey::random().expect("a key");
            tickets.turn(&key).expect("turned");
            assert_eq!(tickets.decrypt(&ticket).is_some(), read);
            // Whoever has this key reads what is made now.
            let made = tickets.encrypt(PLAIN).expect("a ticket");
            let other = Tickets::given(&key, None).expect("tickets");
            assert_eq!(other.decrypt(&made).as_deref(), Some(PLAIN));
        }
    }

    #[test]
    fn keys_change_by_themselves_when_nobody_gives_any() {
        let key = TicketKey::random().expect("a key");
        for (tickets, patience) in [
            (Tickets::alone(), PERIOD),
            (Tickets::given(&key, None), PERIOD * 2),
        ] {
            let tickets = tickets.expect("tickets");
            let now = Instant::now();
            let soon = Duration::from_secs(1);
            let ticket = tickets.seal(PLAIN, now).expect("a ticket");
            let read = |at| tickets.open(&ticket, at).is_some();
            assert!(read(now + patience - soon), "the same key");
            let late = now + patience + soon;
            assert!(read(late), "the one before");
            let next = tickets.seal(PLAIN, late).expect("a ticket");
            // A year later nobody remembers either.
            let long = late + Duration::from_secs(365 * 24 * 60 * 60);
            assert!(!read(long) && tickets.open(&next, long).is_none());
        }
    }

    #[test]
    fn no_key_is_shown() {
        let key = TicketKey::handed(Zeroizing::new([7; 32]));
        let tickets = Tickets::given(&key, None).expect("tickets");
        assert_eq!(format!("{key:?}{tickets:?}"), "TicketKey(..)Tickets(..)");
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_ticket(bytes: Vec<u8>) {
            let tickets = Tickets::alone().expect("tickets");
            prop_assert_eq!(tickets.decrypt(&bytes), None);
        }
    }
}
