//! The worker's side of the channel to its keeper.
//!
//! The channel is standard input: first the listeners come in by it, then words go out, one a
//! line. Its end means that the keeper is gone, and a worker alone is an orphan that nobody
//! could stop properly.

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use policy::{Language, Text};
use proxy::{Listeners, Pulse};
use tokio::io::AsyncReadExt;

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
}

impl Post {
    /// Takes the post that a keeper gave this process; `None` when there is none.
    pub(super) fn take(language: Language) -> Result<Option<Self>, Failure> {
        if std::env::var_os(WORKER).is_none() {
            return Ok(None);
        }
        let take = || -> std::io::Result<Option<Self>> {
            let channel = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
            let listeners = Some(handover::receive(&channel)?);
            Ok(Some(Self { channel, listeners }))
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

    /// The listeners, once.
    pub(crate) fn listeners(&mut self) -> Option<Listeners> {
        self.listeners.take()
    }

    /// Tells the keeper. A keeper that is gone hears nothing.
    pub(crate) fn tell(&self, word: Word) {
        let _ = (&self.channel).write_all(format!("{}\n", word.line()).as_bytes());
    }

    /// Ends when the keeper is gone.
    pub(crate) async fn orphaned(&self) {
        let stream = self.channel.try_clone().and_then(|channel| {
            channel.set_nonblocking(true)?;
            tokio::net::UnixStream::from_std(channel)
        });
        if let Ok(mut stream) = stream {
            // The keeper says nothing more.
            while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
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
