//! A worker as its keeper sees it: started, told, and ended by force when it does not end itself.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use proxy::Listeners;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc;
use tokio::time::Instant;
use transport::tickets::TicketKey;

use crate::process::handover::{self, Keys};
use crate::process::user::User;
use crate::process::worker::{WORKER, Word};

/// How long a worker may take to serve: reading certificates and lists.
const START: Duration = Duration::from_secs(120);
/// What a worker has beyond the time of its requests to cut what is left and write its files.
const GRACE: Duration = Duration::from_secs(5);
/// How many milliseconds the allocator of a worker keeps what was freed before the system has it
/// back, unless the operator says otherwise: memory of a rush is not held for the next one. Its own
/// second costs a fifth more memory in the first minutes; much less costs processor time.
const PURGE: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "100");
/// The longest time that a policy can give to open requests.
const LONGEST_DRAIN: Duration = Duration::from_secs(24 * 60 * 60);
/// A worker that was ended by force and is still there is ended again then.
const AGAIN: Duration = Duration::from_secs(1);
/// The most bytes of a word of a worker, with its end of line.
const LONGEST_LINE: u64 = 64;

/// A worker and what is known of it.
pub(super) struct Worker {
    pub(super) number: u64,
    pub(super) started: Instant,
    pub(super) serves: bool,
    /// It was told to go, to a successor's benefit.
    pub(super) leaves: bool,
    child: Child,
    /// The way to it, for keys alone.
    keys: UnixStream,
    /// How long its open requests may take: as its policy says once it has told.
    drain: Duration,
    /// When it is ended by force.
    end: Option<Instant>,
}

/// What is heard of a worker.
pub(super) enum Event {
    Said(Word),
    /// Its channel has ended, and so has it, or will at once.
    Gone,
}

impl Worker {
    /// Starts a worker with copies of the listeners; it serves as soon as it can. Runs in the
    /// context of the runtime that hears it.
    pub(super) fn start(
        number: u64,
        program: &Path,
        listeners: &Listeners,
        keys: &Keys,
        user: Option<User>,
        drain: Duration,
        tell: mpsc::Sender<(u64, Event)>,
    ) -> io::Result<Self> {
        let (here, there) = UnixStream::pair()?;
        handover::send(&here, listeners, keys)?;
        let mut command = Command::new(program);
        command
            .args(std::env::args_os().skip(1))
            .env(WORKER, "1")
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_PID")
            .stdin(Stdio::from(OwnedFd::from(there)))
            // A signal to the terminal's group is for the keeper, which passes it on.
            .process_group(0);
        if std::env::var_os(PURGE.0).is_none() {
            command.env(PURGE.0, PURGE.1);
        }
        if let Some(user) = user {
            // Supplementary groups go with the user.
            command.uid(user.uid).gid(user.gid);
        }
        here.set_nonblocking(true)?;
        let keys = here.try_clone()?;
        let channel = tokio::net::UnixStream::from_std(here)?;
        let child = command.spawn()?;
        tokio::spawn(hear(number, channel, tell));
        Ok(Self {
            number,
            started: Instant::now(),
            serves: false,
            leaves: false,
            child,
            keys,
            drain,
            end: None,
        })
    }

    /// How long its open requests may take under the policy that it has in force.
    pub(super) fn drains_within(&mut self, time: Duration) {
        self.drain = time.min(LONGEST_DRAIN);
    }

    /// Hands over another key of session tickets. A worker that does not take it draws its own.
    pub(super) fn give(&self, key: &TicketKey) {
        let _ = (&self.keys).write_all(key.expose());
    }

    /// Sends a signal. A child that was not waited for keeps its number, so nobody else gets it.
    pub(super) fn signal(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.child.id())
            && let Some(pid) = Pid::from_raw(id)
        {
            let _ = kill_process(pid, signal);
        }
    }

    /// Tells it to leave the listeners to its successor, and to end when its requests have.
    pub(super) fn leave(&mut self) {
        self.leaves = true;
        self.signal(Signal::USR2);
        // It drains twice: `Gate::retire`.
        self.ends_within(self.drain * 2 + GRACE);
    }

    /// Tells it to stop.
    pub(super) fn stop(&mut self) {
        self.signal(Signal::TERM);
        self.ends_within(self.drain + GRACE);
    }

    fn ends_within(&mut self, time: Duration) {
        let end = Instant::now() + time;
        self.end = Some(self.end.map_or(end, |known| known.min(end)));
    }

    /// When it has had its time to start, or to end.
    pub(super) fn due(&self) -> Option<Instant> {
        let start = (!self.serves).then(|| self.started + START);
        self.end.into_iter().chain(start).min()
    }

    /// Ends it by force. Whether it had been told to end.
    pub(super) fn cut(&mut self) -> bool {
        let _ = self.child.kill();
        self.end.replace(Instant::now() + AGAIN).is_some()
    }

    /// Its exit code, or that of the shell for one that was killed. One that only closed its
    /// channel is not waited for; one that ends by itself keeps its code.
    pub(super) fn bury(mut self) -> i32 {
        let _ = self.child.kill();
        self.child.wait().map_or(2, |status| {
            let signal = status.signal().map(|signal| 128 + signal);
            status.code().or(signal).unwrap_or(2)
        })
    }
}

/// Passes on what a worker says.
async fn hear(number: u64, channel: tokio::net::UnixStream, tell: mpsc::Sender<(u64, Event)>) {
    let mut channel = BufReader::new(channel);
    let mut line = Vec::new();
    // A line that is too long is the end: nothing gathers here for a worker that babbles.
    while let Ok(1..) = (&mut channel)
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await
    {
        let Some(text) = line.strip_suffix(b"\n") else {
            break;
        };
        // A newer program may know more words.
        if let Some(word) = Word::of_line(text) {
            let _ = tell.send((number, Event::Said(word))).await;
        }
        line.clear();
    }
    let _ = tell.send((number, Event::Gone)).await;
}

/// The file to start workers from. By the name that this process was started with, so that a
/// link is followed anew each time; else where its file was at the start.
pub(super) fn program() -> PathBuf {
    let named = std::env::args_os().next().map(PathBuf::from);
    named
        .filter(|name| name.components().count() > 1)
        .and_then(|name| std::path::absolute(name).ok())
        .filter(|name| name.is_file())
        .or_else(|| std::env::current_exe().ok())
        .unwrap_or_else(|| "rempart".into())
}
