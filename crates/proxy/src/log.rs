//! The access log: one line per request, for people or for programs.
//!
//! A line never holds a query value, a cookie, an `Authorization`, a `Referer` or a byte of
//! a body: [`Event`] has no field for them. What a client chose (method, host, path) is
//! escaped, so that it can forge neither a line nor a terminal sequence.
//!
//! The event loop never waits for the disk: lines go through a bounded queue to a thread of
//! their own. When that thread is too slow, lines are dropped and counted, and the count is
//! written as soon as there is room.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use policy::transport::AccessLog;

/// Where the lines go. Standard output by default.
pub struct LogSink(Box<dyn Write + Send>);

/// What a [`LogSink::capture`] has written so far.
#[derive(Debug, Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

/// One request and what became of it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) client: IpAddr,
    pub(crate) host: String,
    pub(crate) method: String,
    /// The path alone: see [`path_without_query`].
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
    pub(crate) outcome: String,
}

/// The queue to the writing thread.
#[derive(Debug)]
pub(crate) struct Log {
    lines: Option<SyncSender<String>>,
    dropped: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
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
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        let thread = std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write_lines(&receiver, sink, &counter))?;
        Ok(Self {
            lines: Some(sender),
            dropped,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues one line; never waits.
    pub(crate) fn write(&self, format: AccessLog, event: &Event) {
        let line = match format {
            AccessLog::Off => return,
            AccessLog::Human => human(event),
            AccessLog::Json => json(event),
        };
        let queued = self
            .lines
            .as_ref()
            .is_some_and(|lines| lines.try_send(line).is_ok());
        if !queued {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
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

fn write_lines(lines: &Receiver<String>, sink: LogSink, dropped: &AtomicU64) {
    let mut writer = io::BufWriter::with_capacity(64 * 1024, sink.0);
    loop {
        let line = match lines.try_recv() {
            Ok(line) => line,
            Err(_) => {
                // Nothing waits: what is buffered is shown. A write error (a closed pipe) has
                // nowhere to be told.
                let _ = writer.flush();
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
        let _ = writer.write_all(line.as_bytes());
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(writer, "{{\"lost_lines\":{lost}}}");
        }
    }
    let _ = writer.flush();
}

/// The path of a request target, with `?…` in the place of a query.
pub(crate) fn path_without_query(uri: &http::Uri) -> String {
    match uri.query() {
        None => uri.path().to_owned(),
        Some(_) => format!("{}?…", uri.path()),
    }
}

fn human(event: &Event) -> String {
    let mut line = String::with_capacity(160);
    // Writing into a `String` cannot fail.
    let _ = writeln!(
        line,
        "{} {} {} {} {}{} {} {} B {:.1} ms {} {} [{}]",
        now(),
        event.client,
        event.protocol,
        escaped(&event.method),
        escaped(&event.host),
        escaped(&event.path),
        event.status,
        event.bytes,
        event.duration.as_secs_f64() * 1000.0,
        event.tls.unwrap_or("clear"),
        escaped(&event.outcome),
        event.id,
    );
    line
}

fn json(event: &Event) -> String {
    let mut line = String::with_capacity(320);
    // Writing into a `String` cannot fail. What a client chose goes through `quoted`.
    let _ = write!(
        line,
        "{{\"time\":\"{}\",\"id\":\"{}\",\"client\":\"{}\",\"protocol\":\"{}\",\"method\":{},\"host\":{}",
        now(),
        event.id,
        event.client,
        event.protocol,
        quoted(&event.method),
        quoted(&event.host),
    );
    let _ = write!(
        line,
        ",\"path\":{},\"status\":{},\"bytes\":{},\"duration_ms\":{:.3},\"tls\":",
        quoted(&event.path),
        event.status,
        event.bytes,
        event.duration.as_secs_f64() * 1000.0,
    );
    let _ = match event.tls {
        Some(version) => write!(line, "\"{version}\""),
        None => write!(line, "null"),
    };
    let _ = writeln!(line, ",\"outcome\":{}}}", quoted(&event.outcome));
    line
}

/// A JSON string.
fn quoted(text: &str) -> impl std::fmt::Display {
    serde_json::Value::from(text)
}

/// RFC 3339, UTC, milliseconds.
fn now() -> impl std::fmt::Display {
    let now = jiff::Timestamp::now();
    std::fmt::from_fn(move |f| write!(f, "{now:.3}"))
}

/// Control and invisible characters as `\u{…}`, and spaces as `%20`, so that a line keeps its columns.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' | '…' => safe.push(character),
            other => safe.extend(other.escape_unicode()),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(path: &str) -> Event {
        Event {
            id: "0123".to_owned(),
            client: IpAddr::from([192, 0, 2, 1]),
            host: "www.example.fr".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            protocol: "HTTP/1.1",
            tls: Some("TLSv1_3"),
            status: 200,
            bytes: 12,
            duration: Duration::from_micros(1500),
            outcome: "origin".to_owned(),
        }
    }

    #[test]
    fn a_path_can_forge_neither_a_line_nor_a_colour() {
        for path in ["/a\nb", "/\u{1b}[31m", "/\u{202e}x", "/é\r\n"] {
            for line in [human(&event(path)), json(&event(path))] {
                assert_eq!(line.matches('\n').count(), 1, "{path:?}");
                assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{path:?}");
            }
        }
    }

    #[test]
    fn a_query_is_shown_as_present_only() {
        for (target, path) in [
            ("/a/b", "/a/b"),
            ("/a?password=canary", "/a?…"),
            ("/a?", "/a?…"),
        ] {
            let uri: http::Uri = target.parse().expect("a target");
            assert_eq!(path_without_query(&uri), path);
        }
    }

    #[test]
    fn a_json_line_is_one_object() {
        let line = json(&event("/a\"b"));
        let value: serde_json::Value = serde_json::from_str(&line).expect("valid JSON");
        assert_eq!(value["path"], "/a\"b");
        assert_eq!(value["duration_ms"], 1.5);
        assert_eq!(value["client"], "192.0.2.1");
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
        assert!(log.dropped.load(Ordering::Relaxed) > 0);
        drop(open);
    }
}
