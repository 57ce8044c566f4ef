//! The worker's side of the channel to its keeper.
//!
//! The channel is standard input: first the listeners come in by it with the keys of session
//! tickets, later other keys; words go out, one a line. Its end means that the keeper is gone, and a worker alone is an orphan that nobody
//! could stop properly.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use policy::{Language, Text};
use proxy::{Listeners, Pulse};
use tokio::io::AsyncReadExt;
use transport::tickets::{TicketKey, Tickets};
use zeroize::Zeroizing;

use super::{handover, notify};
use crate::Failure;

/// Says to a process that it is a worker.
pub(super) const WORKER: &str = "REMPART_WORKER";

/// What a worker tells its keeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// It serves.
    Ready,
    /// The new policy is in force.
    Reloaded,
    /// The new policy has a fault; the old one is in force.
    Kept,
    /// Its runtime still gets work done.
    Alive,
    /// How long its open requests may take to end, once it is told to leave or to stop.
    Drain(Duration),
}

impl Word {
    fn line(self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Reloaded => "reloaded".to_owned(),
            Self::Kept => "kept".to_owned(),
            Self::Alive => "alive".to_owned(),
            Self::Drain(time) => format!("drain {}", time.as_millis()),
        }
    }

    pub(super) fn of_line(line: &[u8]) -> Option<Self> {
        Some(match std::str::from_utf8(line).ok()? {
            "ready" => Self::Ready,
            "reloaded" => Self::Reloaded,
            "kept" => Self::Kept,
            "alive" => Self::Alive,
            other => Self::Drain(Duration::from_millis(
                other.strip_prefix("drain ")?.parse().ok()?,
            )),
        })
    }
}

/// A worker's post.
#[derive(Debug)]
pub(crate) struct Post {
    channel: UnixStream,
    listeners: Option<Listeners>,
    tickets: Option<Arc<Tickets>>,
}

impl Post {
    /// Takes the post that a keeper gave this process; `None` when there is none.
    pub(super) fn take(language: Language) -> Result<Option<Self>, Failure> {
        if std::env::var_os(WORKER).is_none() {
            return Ok(None);
        }
        let take = || -> io::Result<Option<Self>> {
            let channel = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
            Self::of(channel).map(Some)
        };
        take().map_err(|error| {
            let said = Text::of_system(&error);
            let error = said.in_language(language);
            Failure::new(match language {
                Language::Fr => format!(
                    "rempart : {WORKER} est dans l’environnement, sans gardien : {error}\n  à faire : retirez cette variable, `serve` la donne lui-même"
                ),
                Language::En => format!(
                    "rempart: {WORKER} is in the environment, without a keeper: {error}\n  fix: take this variable away, `serve` sets it itself"
                ),
            })
        })
    }

    fn of(channel: UnixStream) -> io::Result<Self> {
        let (listeners, keys) = handover::receive(&channel)?;
        let tickets = keys.map(|keys| Tickets::given(&keys.current, keys.previous.as_ref()));
        Ok(Self {
            channel,
            listeners: Some(listeners),
            tickets: tickets.transpose().map_err(io::Error::other)?.map(Arc::new),
        })
    }

    /// What makes session tickets with the keeper's keys, so that they are read by whoever
    /// comes after this process.
    pub(crate) fn tickets(&self) -> Option<Arc<Tickets>> {
        self.tickets.clone()
    }

    /// The listeners, once.
    pub(crate) fn listeners(&mut self) -> Option<Listeners> {
        self.listeners.take()
    }

    /// Tells the keeper. A keeper that is gone hears nothing.
    pub(crate) fn tell(&self, word: Word) {
        let _ = (&self.channel).write_all(format!("{}\n", word.line()).as_bytes());
    }

    /// Takes the keys that the keeper sends now and then; ends when the keeper is gone.
    pub(crate) async fn orphaned(&self) {
        let stream = self.channel.try_clone().and_then(|channel| {
            channel.set_nonblocking(true)?;
            tokio::net::UnixStream::from_std(channel)
        });
        if let Ok(mut stream) = stream {
            let mut key = Zeroizing::new([0; handover::KEY]);
            while stream.read_exact(&mut *key).await.is_ok() {
                if let Some(tickets) = &self.tickets {
                    // One that cannot be used changes nothing.
                    let _ = tickets.turn(&TicketKey::handed(key.clone()));
                }
            }
        }
    }

    /// Tells the keeper now and then that the gate lives, if systemd asks for that. A gate one of
    /// whose threads is stuck is silent.
    pub(crate) async fn pulse(&self, pulse: Pulse) {
        let Some(pause) = notify::watchdog() else {
            return std::future::pending().await;
        };
        loop {
            if tokio::time::timeout(pause, pulse.beat()).await == Ok(true) {
                self.tell(Word::Alive);
            }
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
    }
}

/// The longest silence towards the keeper.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keys_of_the_keeper_are_taken_until_it_is_gone() {
        use transport::tickets::ProducesTickets as _;
        let key = || TicketKey::random().expect("a key");
        let open = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let keys = handover::Keys {
            current: key(),
            previous: None,
        };
        let (mut here, there) = UnixStream::pair().expect("a pair");
        let listeners = Listeners {
            http: None,
            https: open(),
        };
        handover::send(&here, &listeners, &keys).expect("sent");
        let post = Post::of(there).expect("a post");
        let tickets = post.tickets().expect("tickets");
        let successor = |current| Tickets::given(current, None).expect("tickets");
        let ticket = tickets.encrypt(b"a session").expect("a ticket");
        assert!(successor(&keys.current).decrypt(&ticket).is_some());

        let next = key();
        here.write_all(next.expose()).expect("sent");
        drop(here);
        post.orphaned().await;
        let made = tickets.encrypt(b"a session").expect("a ticket");
        assert!(successor(&next).decrypt(&made).is_some());
        assert!(tickets.decrypt(&ticket).is_some(), "the one before");
    }

    #[test]
    fn each_word_is_heard_as_it_was_said() {
        for word in [
            Word::Ready,
            Word::Reloaded,
            Word::Kept,
            Word::Alive,
            Word::Drain(Duration::from_millis(1500)),
        ] {
            assert_eq!(Word::of_line(word.line().as_bytes()), Some(word));
        }
        // Words of a newer program, and of one that was broken into.
        for line in [
            "", "drain", "drain ", "drain -1", "drain 1s", "ready ", "more",
        ] {
            assert_eq!(Word::of_line(line.as_bytes()), None, "{line}");
        }
    }
}
