//! The access log: one line per request, for people or for programs.
//!
//! A line never holds a query value, a cookie, an `Authorization`, a `Referer` or a byte of
//! a body: [`Event`] has no field for them. What a client chose (method, host, path) is
//! escaped, so that it can forge neither a line nor a terminal sequence.
//!
//! The event loop never waits for the disk: lines go through a bounded queue to a thread of
//! their own. When that thread is too slow, or the disk is full, lines are dropped whole and
//! counted, and the count is written as soon as there is room.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use http::Method;
use policy::transport::AccessLog;
use transport::trace::TraceId;

use crate::observe::Set;
use crate::seldom::Seldom;

mod line;

pub(crate) use line::path_without_query;

/// Where the lines go. Standard output by default.
pub struct LogSink(Box<dyn Write + Send>);

/// What a [`LogSink::capture`] has written so far.
#[derive(Debug, Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

/// One request and what became of it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: RequestId,
    /// The trace that the origin was told of.
    pub(crate) trace: Option<TraceId>,
    pub(crate) client: IpAddr,
    /// Empty when none is known.
    pub(crate) host: String,
    /// `None` when it could not be read.
    pub(crate) method: Option<Method>,
    /// The path alone, empty when none is known: see [`path_without_query`].
    pub(crate) path: String,
    /// `HTTP/1.1`, `HTTP/2.0`…
    pub(crate) protocol: &'static str,
    /// `TLSv1_3`…, or `None` in clear.
    pub(crate) tls: Option<&'static str>,
    /// Zero when the client left before there was an answer.
    pub(crate) status: u16,
    /// Bytes of the answer's body handed to the client's connection.
    pub(crate) bytes: u64,
    pub(crate) duration: Duration,
    /// What happened with the origin, or why the gate answered itself.
    pub(crate) outcome: Cow<'static, str>,
    /// What the policy would have done; empty but for a gate that only observes.
    pub(crate) observed: Set,
}

/// What names one request in the log, on the gate's own pages and in a trace: 16 hexadecimal
/// digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) u64);

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The queue to the writing thread.
#[derive(Debug)]
pub(crate) struct Log {
    lines: Option<SyncSender<String>>,
    losses: Arc<Losses>,
    queued: AtomicU64,
    written: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Lines that were not written.
#[derive(Debug, Default)]
struct Losses {
    /// Since they were last told of in the log itself.
    untold: AtomicU64,
    ever: AtomicU64,
}

/// Lines waiting to be written: about one second of a busy gate.
const QUEUE: usize = 16_384;

/// How late a line may be shown.
const GATHERING: Duration = Duration::from_millis(10);

impl LogSink {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::writer(io::stdout())
    }

    /// Any writer; it is used by one thread only.
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        Self(Box::new(writer))
    }

    /// A sink in memory and a way to read it, for tests.
    pub fn capture() -> (Self, Captured) {
        let captured = Captured::default();
        (Self::writer(captured.clone()), captured)
    }
}

impl Default for LogSink {
    fn default() -> Self {
        Self::stdout()
    }
}

impl std::fmt::Debug for LogSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogSink(..)")
    }
}

impl Captured {
    /// Everything written so far.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Starts the writing thread.
    pub(crate) fn start(sink: LogSink) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let losses = Arc::new(Losses::default());
        let counter = Arc::clone(&losses);
        let written = Arc::new(AtomicU64::new(0));
        let progress = Arc::clone(&written);
        let thread = std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write_lines(&receiver, sink, &counter, &progress))?;
        Ok(Self {
            lines: Some(sender),
            losses,
            queued: AtomicU64::new(0),
            written,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues one line; never waits.
    pub(crate) fn write(&self, format: AccessLog, event: &Event) {
        let line = match format {
            AccessLog::Off => return,
            AccessLog::Human => line::human(event),
            AccessLog::Json => line::json(event),
            AccessLog::Combined => line::combined(event),
        };
        let queued = self
            .lines
            .as_ref()
            .is_some_and(|lines| lines.try_send(line).is_ok());
        if queued {
            self.queued.fetch_add(1, Ordering::Relaxed);
        } else {
            self.losses.add();
        }
    }

    /// Lines lost since the start, because the sink was too slow or took none.
    pub(crate) fn lost(&self) -> u64 {
        self.losses.ever.load(Ordering::Relaxed)
    }

    /// Lines that wait to be written.
    pub(crate) fn waiting(&self) -> u64 {
        let written = self.written.load(Ordering::Relaxed);
        self.queued.load(Ordering::Relaxed).saturating_sub(written)
    }
}

impl Losses {
    fn add(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
        self.ever.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits for the queued lines, at most for a second: a blocked pipe must not block the exit.
impl Drop for Log {
    fn drop(&mut self) {
        self.lines = None;
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(thread) = thread else { return };
        for _ in 0..100 {
            if thread.is_finished() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn write_lines(lines: &Receiver<String>, sink: LogSink, losses: &Losses, written: &AtomicU64) {
    let mut writer = io::BufWriter::with_capacity(64 * 1024, sink.0);
    let trouble = Seldom::default();
    let complain = |error: &io::Error| {
        let say = |unsaid: u64| {
            tracing::warn!(%error, unsaid, "the access log cannot be written: its lines are lost and counted");
        };
        trouble.say(say);
    };
    loop {
        let line = match lines.try_recv() {
            Ok(line) => line,
            Err(_) => {
                // Nothing waits: what is buffered is shown. What the sink does not take stays in
                // the buffer, which is as large as it ever gets.
                if let Err(error) = writer.flush() {
                    complain(&error);
                }
                // Lines gather meanwhile: being woken for each one would cost the request
                // more than writing it.
                std::thread::sleep(GATHERING);
                match lines.recv_timeout(Duration::from_secs(1)) {
                    Ok(line) => line,
                    Err(RecvTimeoutError::Timeout) => continue,
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        };
        let untold = losses.untold.swap(0, Ordering::Relaxed);
        let text = match untold {
            0 => line,
            untold => format!("{{\"lost_lines\":{untold}}}\n{line}"),
        };
        // What finds no place in the buffer is lost whole.
        if let Err(error) = writer.write_all(text.as_bytes()) {
            losses.untold.fetch_add(untold, Ordering::Relaxed);
            losses.add();
            complain(&error);
        }
        written.fetch_add(1, Ordering::Relaxed);
    }
    let _ = writer.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn event(path: &str) -> Event {
        Event {
            id: RequestId(0x0123),
            trace: Some(TraceId::new(0xabc)),
            client: IpAddr::from([192, 0, 2, 1]),
            host: "www.example.fr".to_owned(),
            method: Some(Method::GET),
            path: path.to_owned(),
            protocol: "HTTP/1.1",
            tls: Some("TLSv1_3"),
            status: 200,
            bytes: 12,
            duration: Duration::from_micros(1500),
            outcome: "origin".into(),
            observed: Set::default(),
        }
    }

    /// A sink that stays shut until it is opened.
    struct Blocked(Receiver<()>);

    impl Write for Blocked {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_sink_drops_lines_and_never_waits() {
        let (open, gate) = sync_channel(1);
        let log = Log::start(LogSink::writer(Blocked(gate))).expect("a thread");
        let begun = std::time::Instant::now();
        for _ in 0..4 * QUEUE {
            log.write(AccessLog::Human, &event("/"));
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert!(log.lost() > 0);
        assert_eq!(
            log.lost() + log.queued.load(Ordering::Relaxed),
            4 * QUEUE as u64
        );
        assert!(log.waiting() > 0 && log.waiting() <= QUEUE as u64 + 1);
        drop(open);
    }

    /// A disk that is full until it is emptied.
    struct Full(Arc<Mutex<(bool, Vec<u8>)>>);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.0.lock().expect("not poisoned");
            if disk.0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_loses_whole_lines_and_the_log_says_how_many() {
        const LINES: u64 = 2_000;
        let disk = Arc::new(Mutex::new((true, Vec::new())));
        let log = Log::start(LogSink::writer(Full(Arc::clone(&disk)))).expect("a thread");
        for _ in 0..LINES {
            log.write(AccessLog::Json, &event("/"));
        }
        while log.waiting() > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let lost = log.lost();
        assert!(lost > 0 && lost < LINES, "{lost}");
        disk.lock().expect("not poisoned").0 = false;
        log.write(AccessLog::Json, &event("/after"));
        drop(log);
        let text = String::from_utf8(disk.lock().expect("not poisoned").1.clone()).expect("text");
        let lines = text.lines().collect::<Vec<_>>();
        assert_eq!(lines.len() as u64, LINES - lost + 2);
        let told = lines
            .iter()
            .position(|line| **line == *format!("{{\"lost_lines\":{lost}}}"));
        assert_eq!(told, Some(lines.len() - 2));
        let whole = |line: &&str| line.starts_with('{') && line.ends_with('}');
        assert!(lines.iter().all(whole), "{text}");
        assert!(lines[lines.len() - 1].contains("/after"));
    }
}
