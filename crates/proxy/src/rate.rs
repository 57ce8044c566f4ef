//! How many TLS handshakes may begin per second, in all and per source, and how much a source may
//! ask of meters.
//!
//! A handshake costs a signature, the dearest thing that a stranger can ask for. Each bucket is
//! one moment, that of the next token (the generic cell rate algorithm), so the table holds
//! one entry per source that came lately. It is bounded: when it is full of sources that all
//! came lately, new ones are held by the rate of all alone.
//!
//! A source over its rate is refused: it knows better. All of them over theirs wait, since most
//! are innocent, as long as the wait is short.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use policy::transport::Limits;
use tokio::time::Instant;

use crate::limit::Source;

/// What a source that was silent may ask for at once, in seconds of its rate: at the reference rate
/// 1,000, as an inspector that tries every suite of every version makes over 600 within seconds.
const BURST: Duration = Duration::from_secs(20);
/// The same for all sources together.
const BURST_OF_ALL: Duration = Duration::from_secs(1);
/// The longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// Sources remembered: about 4 MiB.
const SOURCES: usize = 1 << 16;

/// The handshakes of a gate.
#[derive(Debug, Default)]
pub(crate) struct Handshakes {
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    all: Option<Instant>,
    per_source: HashMap<Source, Instant>,
}

/// Whether a handshake may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Now, or after a wait of [`PATIENCE`] at most.
    After(Duration),
    /// The source has had its share.
    SourceOver,
    /// Everybody together asks for too much.
    AllOver,
}

impl Handshakes {
    /// The turn of one more handshake. `None` for a source asks for the rate of all alone: a
    /// trusted intermediary brings many clients.
    pub(crate) fn admit(&self, source: Option<IpAddr>, limits: &Limits, now: Instant) -> Turn {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let buckets = &mut *buckets;
        let source = source.map(Source::of);
        let mut taken = None;
        if let Some(source) = source {
            let next = buckets.per_source.get(&source).copied().unwrap_or(now);
            taken = take(next, limits.handshakes_per_source, BURST, now);
            if taken.is_none() {
                return Turn::SourceOver;
            }
        }
        let rate = limits.handshakes_per_second;
        let next = buckets.all.unwrap_or(now);
        let Some(next) = take(next, rate, BURST_OF_ALL + PATIENCE, now) else {
            return Turn::AllOver;
        };
        buckets.all = Some(next);
        // Of its own turns a source loses those that it gets.
        if let (Some(source), Some(taken)) = (source, taken)
            && buckets.has_place(&source, now)
        {
            buckets.per_source.insert(source, taken);
        }
        Turn::After((next - now).saturating_sub(BURST_OF_ALL))
    }
}

/// What meters ask: a person who types asks three times a second at most.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    buckets: Mutex<Buckets>,
}

/// Questions of one source per second; many people may share one.
const QUESTIONS: u32 = 20;
/// Seconds of these that a source that was silent may ask at once.
const BURST_OF_QUESTIONS: Duration = Duration::from_secs(10);

impl Questions {
    /// Whether a source may ask one more.
    pub(crate) fn admit(&self, source: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let source = Source::of(source);
        let next = buckets.per_source.get(&source).copied().unwrap_or(now);
        let Some(next) = take(next, QUESTIONS, BURST_OF_QUESTIONS, now) else {
            return false;
        };
        if buckets.has_place(&source, now) {
            buckets.per_source.insert(source, next);
        }
        true
    }
}

impl Buckets {
    /// Whether a source may be remembered. Makes room of what is forgotten by now.
    fn has_place(&mut self, source: &Source, now: Instant) -> bool {
        if self.per_source.len() < SOURCES || self.per_source.contains_key(source) {
            return true;
        }
        self.per_source.retain(|_, next| *next > now);
        self.per_source.len() < SOURCES
    }
}

/// The moment of the next token after one is taken; `None` when the bucket is empty.
fn take(next: Instant, rate: u32, burst: Duration, now: Instant) -> Option<Instant> {
    let next = next.max(now) + Duration::from_secs(1) / rate;
    (next - now <= burst).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(all: u32, per_source: u32) -> Limits {
        let mut limits = Limits::default();
        limits.handshakes_per_second = all;
        limits.handshakes_per_source = per_source;
        limits
    }

    fn source(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_has_its_burst_then_its_rate() {
        let handshakes = Handshakes::default();
        let limits = limits(1_000_000, 10);
        let now = Instant::now();
        for _ in 0..200 {
            let turn = handshakes.admit(source(1), &limits, now);
            assert_eq!(turn, Turn::After(Duration::ZERO));
        }
        assert_eq!(handshakes.admit(source(1), &limits, now), Turn::SourceOver);
        // Others have their own; a second brings ten more.
        assert!(matches!(
            handshakes.admit(source(2), &limits, now),
            Turn::After(_)
        ));
        let later = now + Duration::from_secs(1);
        let turns = (0..20).map(|_| handshakes.admit(source(1), &limits, later));
        assert_eq!(turns.filter(|turn| *turn == Turn::SourceOver).count(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_asks_meters_so_much_and_no_more() {
        let questions = Questions::default();
        let now = Instant::now();
        let one = IpAddr::from([192, 0, 2, 1]);
        let asked = (0..300).filter(|_| questions.admit(one, now)).count();
        assert_eq!(asked, 200);
        assert!(questions.admit(IpAddr::from([192, 0, 2, 2]), now));
        let later = now + Duration::from_secs(1);
        let asked = (0..300).filter(|_| questions.admit(one, later)).count();
        assert_eq!(asked, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn all_together_wait_a_little_and_no_longer() {
        let handshakes = Handshakes::default();
        let limits = limits(10, 1);
        let now = Instant::now();
        let waits: Vec<Turn> = (0..40)
            .map(|_| handshakes.admit(None, &limits, now))
            .collect();
        assert_eq!(waits[9], Turn::After(Duration::ZERO));
        assert_eq!(waits[10], Turn::After(Duration::from_millis(100)));
        assert_eq!(waits[29], Turn::After(PATIENCE));
        assert_eq!(waits[30..], [Turn::AllOver; 10]);

        // Who is turned away for the others' sake has lost none of its own turns.
        let peer = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..100 {
            assert_eq!(handshakes.admit(peer, &limits, now), Turn::AllOver);
        }
        let later = now + Duration::from_secs(1);
        assert!(matches!(
            handshakes.admit(peer, &limits, later),
            Turn::After(_)
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_forgets() {
        let handshakes = Handshakes::default();
        let limits = limits(1_000_000, 1);
        let now = Instant::now();
        let many = u32::try_from(SOURCES).expect("a number") + 500;
        for address in 0..many {
            let peer = IpAddr::from((0x0a00_0000 + address).to_be_bytes());
            handshakes.admit(Some(peer), &limits, now);
        }
        let held = || {
            handshakes
                .buckets
                .lock()
                .expect("not poisoned")
                .per_source
                .len()
        };
        assert_eq!(held(), SOURCES);
        handshakes.admit(source(1), &limits, now + BURST);
        assert_eq!(held(), 1);
    }
}
