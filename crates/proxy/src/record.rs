//! What is known of a request while it is served; written to the log when it is over.
//!
//! The line is written when the record is dropped: a client that leaves, a task that is
//! aborted and a panic are logged like any other end.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Request, StatusCode, Version};
use policy::transport::AccessLog;
use tokio::time::Instant;
use transport::framing::RequestLine;

use crate::body::AnswerError;
use crate::log::{Event, Log, path_without_query};

/// The line of one request, growing.
#[derive(Debug)]
pub(crate) struct Record {
    log: Arc<Log>,
    format: AccessLog,
    begun: Instant,
    event: Event,
}

impl Record {
    /// A request has arrived from `client`.
    pub(crate) fn begin<B>(
        log: &Arc<Log>,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
        request: &Request<B>,
    ) -> Self {
        let mut record = Self::unread(log, format, client, tls);
        if format != AccessLog::Off {
            record.event.method = request.method().as_str().to_owned();
            record.event.path = path_without_query(request.uri());
            record.event.protocol = protocol(request.version());
        }
        record
    }

    /// A request whose head could not be read.
    pub(crate) fn unread(
        log: &Arc<Log>,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
    ) -> Self {
        Self {
            log: Arc::clone(log),
            format,
            begun: Instant::now(),
            event: Event {
                id: identifier(),
                client,
                host: "-".to_owned(),
                method: "-".to_owned(),
                path: "-".to_owned(),
                protocol: "-",
                tls,
                status: 0,
                bytes: 0,
                duration: std::time::Duration::ZERO,
                outcome: "client left".to_owned(),
            },
        }
    }

    /// The first line of a head that no stage has seen, if it can be read. Of a target only
    /// a path is kept: anything else may hold a password before its host.
    pub(crate) fn asked(&mut self, head: &[u8]) {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let Ok(line) = RequestLine::parse(line) else {
            return;
        };
        self.event.method = String::from_utf8_lossy(line.method).into_owned();
        self.event.protocol = match line.is_1_1 {
            true => "HTTP/1.1",
            false => "HTTP/1.0",
        };
        if let Some(uri) = std::str::from_utf8(line.target)
            .ok()
            .filter(|target| target.starts_with('/'))
            .and_then(|target| target.parse().ok())
        {
            self.event.path = path_without_query(&uri);
        }
    }

    /// The identifier shown in the log and on the gate's own pages.
    pub(crate) fn id(&self) -> &str {
        &self.event.id
    }

    /// The host asked for, once it is known to be well-formed.
    pub(crate) fn host(&mut self, host: &str) {
        self.event.host.clear();
        self.event.host.push_str(host);
    }

    /// The client behind the trusted proxies.
    pub(crate) const fn client(&mut self, client: IpAddr) {
        self.event.client = client;
    }

    /// What happened: with the origin, or why the gate answered itself.
    pub(crate) fn outcome(&mut self, outcome: impl Into<String>) {
        self.event.outcome = outcome.into();
    }

    /// The status of the answer.
    pub(crate) fn status(&mut self, status: StatusCode) {
        self.event.status = status.as_u16();
    }

    /// More of the answer's body was handed over.
    pub(crate) const fn sent(&mut self, bytes: usize) {
        self.event.bytes += bytes as u64;
    }

    /// The answer was cut short.
    pub(crate) fn broke_off(&mut self, error: AnswerError) {
        self.event.outcome = error.to_string();
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.event.duration = self.begun.elapsed();
        self.log.write(self.format, &self.event);
    }
}

/// Sixteen hexadecimal digits, unique in a process and not guessable from another.
fn identifier() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static KEY: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);
    format!(
        "{:016x}",
        KEY.hash_one(NEXT.fetch_add(1, Ordering::Relaxed))
    )
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP",
    }
}
