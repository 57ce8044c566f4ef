//! A request on its way to an origin that speaks HTTP/1.1.
//!
//! The head and the first piece of the body leave in one write where they can. An origin that
//! answers early and closes breaks the write of the rest, while its answer lies in the socket:
//! that write is taken as done, so that the answer is read, and the connection is not used
//! again. Clauses: RFC 9112, 2.1 and 3 (the head), 6.1 and 7.1 (the body), 7.1.2 (trailers that
//! were announced), 9.5 and 9.6 (a close in the middle).

use std::fmt;
use std::io::{self, IoSlice, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Request};
use hyper::body::{Body as _, Frame};
use tokio::io::AsyncWrite as _;

use crate::body::{Upload, UploadError};
use crate::socket::Socket;
use crate::upstream::Outbound;

/// What is left of a request.
#[derive(Default)]
pub(super) struct Outgoing {
    /// What stands before the piece: the head, the size of a chunk, the last chunk.
    before: Vec<u8>,
    /// How much of it has left.
    at: usize,
    piece: Bytes,
    after: &'static [u8],
    request: Option<Outbound>,
    /// Every piece of the body has been taken.
    taken: bool,
    coding: Coding,
    /// Something of it has left.
    begun: bool,
    /// The origin hears no more.
    deaf: bool,
    /// It said so by a reset.
    reset: bool,
    /// How many pieces of the body were taken.
    pieces: u64,
    unflushed: bool,
}

/// How the end of the body is told.
#[derive(Debug)]
enum Coding {
    /// So many bytes are to come.
    Length(u64),
    /// By the last chunk, and the trailers that were announced.
    Chunks(Vec<HeaderName>),
}

/// Why a request does not leave.
#[derive(Debug)]
pub(super) enum Unfit {
    /// Its body broke.
    Upload(UploadError),
    /// The connection did.
    Wire(io::Error),
}

/// Nothing of what passes: a head has cookies, and a body may be a password.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Outgoing");
        shown.field("coding", &self.coding);
        shown.field("taken", &self.taken);
        shown.field("begun", &self.begun);
        shown.field("deaf", &self.deaf);
        shown.finish_non_exhaustive()
    }
}

impl Outgoing {
    /// Another request, when the one before has left.
    pub(super) fn begin(&mut self, request: Outbound) {
        let mut before = std::mem::take(&mut self.before);
        before.clear();
        let is_whole = request.body().is_end_stream();
        let coding = Coding::of(request.headers());
        write_head(&mut before, &request, is_whole, &coding);
        *self = Self {
            before,
            taken: is_whole,
            request: Some(request),
            coding,
            ..Self::default()
        };
    }

    /// Whether all of it has.
    pub(super) const fn is_done(&self) -> bool {
        self.request.is_none() && !self.unflushed
    }

    /// Whether the origin stopped listening, perhaps in the middle of a request.
    pub(super) const fn is_deaf(&self) -> bool {
        self.deaf
    }

    /// Whether the origin stopped by a reset, which may have taken with it what it had sent.
    pub(super) const fn was_reset(&self) -> bool {
        self.reset
    }

    /// How many pieces of the body were taken.
    pub(super) const fn pieces(&self) -> u64 {
        self.pieces
    }

    /// The request, if nothing of it has left.
    pub(super) fn take_back(&mut self) -> Option<Outbound> {
        let mut request = self.request.take_if(|_| !self.begun)?;
        request.body_mut().put_back(std::mem::take(&mut self.piece));
        Some(request)
    }

    /// Writes what there is; ready when all of it has left, or when it cannot.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket,
    ) -> Poll<Result<(), Unfit>> {
        if self.taken && !self.begun && matches!(self.coding, Coding::Length(1..)) {
            // It announces a body and has none.
            return Poll::Ready(Err(Unfit::Upload(UploadError::Broken)));
        }
        loop {
            let waits = self.has_room() && self.poll_piece(cx).map_err(Unfit::Upload)?.is_pending();
            if self.has_bytes() {
                ready!(self.poll_write(cx, socket)).map_err(Unfit::Wire)?;
                continue;
            }
            if self.taken {
                // Whoever watches it is told that it has all left.
                self.request = None;
            }
            if self.unflushed {
                let flushed = ready!(Pin::new(&mut *socket).poll_flush(cx));
                self.unflushed = false;
                self.unless_deaf(flushed).map_err(Unfit::Wire)?;
            }
            if self.request.is_none() {
                return Poll::Ready(Ok(()));
            }
            if waits {
                return Poll::Pending;
            }
        }
    }

    /// Whether the next piece can be taken: the head, or what ends a body, may wait before it.
    const fn has_room(&self) -> bool {
        !self.taken && self.piece.is_empty() && self.after.is_empty()
    }

    const fn has_bytes(&self) -> bool {
        self.at < self.before.len() || !self.piece.is_empty() || !self.after.is_empty()
    }

    /// The next piece of the body, with what its coding puts around it.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, UploadError> {
        let Some(request) = &mut self.request else {
            return Ok(Poll::Ready(()));
        };
        let upload = request.body_mut();
        let Poll::Ready(frame) = Pin::new(&mut *upload).poll_frame(cx) else {
            return Ok(Poll::Pending);
        };
        let last = upload.is_end_stream();
        self.pieces += 1;
        match frame.transpose()?.map(Frame::into_data) {
            None => self.end(None)?,
            Some(Ok(data)) => self.take(data, last)?,
            Some(Err(frame)) => self.end(frame.into_trailers().ok())?,
        }
        Ok(Poll::Ready(()))
    }

    fn take(&mut self, data: Bytes, last: bool) -> Result<(), UploadError> {
        let size = data.len() as u64;
        match &mut self.coding {
            Coding::Length(left) => {
                // Whoever gave the length has been held to it; a request is never longer.
                *left = left.checked_sub(size).ok_or(UploadError::Broken)?;
                self.piece = data;
            }
            Coding::Chunks(_) if data.is_empty() => {}
            Coding::Chunks(_) => {
                // Writing to memory does not fail.
                let _ = write!(self.before, "{size:X}\r\n");
                self.piece = data;
                self.after = b"\r\n";
            }
        }
        if last { self.end(None) } else { Ok(()) }
    }

    /// The body is over.
    fn end(&mut self, trailers: Option<HeaderMap>) -> Result<(), UploadError> {
        self.taken = true;
        match &self.coding {
            Coding::Length(0) => Ok(()),
            Coding::Length(_) => Err(UploadError::Broken),
            Coding::Chunks(announced) => {
                if !self.after.is_empty() {
                    self.after = b"\r\n0\r\n\r\n";
                    return Ok(());
                }
                self.before.extend_from_slice(b"0\r\n");
                for (name, value) in trailers.iter().flatten() {
                    if announced.contains(name) {
                        write_field(&mut self.before, name.as_str(), value.as_bytes());
                    }
                }
                self.before.extend_from_slice(b"\r\n");
                Ok(())
            }
        }
    }

    /// Writes some of it.
    fn poll_write(&mut self, cx: &mut Context<'_>, socket: &mut Socket) -> Poll<io::Result<()>> {
        if self.deaf {
            self.advance(usize::MAX);
            return Poll::Ready(Ok(()));
        }
        let before = &self.before[self.at..];
        let mut slices = [IoSlice::new(&[]); 3];
        let mut used = 0;
        for part in [before, &self.piece, self.after] {
            if !part.is_empty() {
                slices[used] = IoSlice::new(part);
                used += 1;
            }
        }
        let written = ready!(Pin::new(&mut *socket).poll_write_vectored(cx, &slices[..used]));
        match written {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(written) => {
                self.begun = true;
                self.unflushed = socket.needs_flush();
                self.advance(written);
            }
            Err(error) => {
                // Inside TLS some of it may have left before the write that failed.
                self.begun |= socket.needs_flush();
                self.unless_deaf(Err(error))?;
                self.advance(usize::MAX);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// What a write or a flush came to: where the other end has closed in the middle, it counts
    /// as done, and so does everything after it.
    fn unless_deaf(&mut self, done: io::Result<()>) -> io::Result<()> {
        match done {
            Err(error) if self.begun && is_closed(&error) => {
                self.deaf = true;
                self.reset |= error.kind() == io::ErrorKind::ConnectionReset;
                Ok(())
            }
            done => done,
        }
    }

    /// So many bytes have left.
    fn advance(&mut self, mut written: usize) {
        let before = written.min(self.before.len() - self.at);
        self.at += before;
        written -= before;
        if self.at == self.before.len() {
            self.before.clear();
            self.at = 0;
        }
        let piece = written.min(self.piece.len());
        self.piece.advance(piece);
        written -= piece;
        if self.piece.is_empty() {
            // Whoever gave it may need its memory for the next one.
            self.piece = Bytes::new();
        }
        self.after = &self.after[written.min(self.after.len())..];
    }

    /// Gives back the memory of an unusual head.
    pub(super) fn shrink(&mut self, most: usize) {
        if self.before.capacity() > most {
            self.before = Vec::new();
        }
    }
}

impl Coding {
    /// By the fields of a head, which a stage before has made to agree with the body.
    fn of(headers: &HeaderMap) -> Self {
        let length = headers
            .get(CONTENT_LENGTH)
            .filter(|_| !headers.contains_key(TRANSFER_ENCODING));
        let length = length.and_then(|length| plain_length(length.as_bytes()));
        match length {
            Some(length) => Self::Length(length),
            None => Self::Chunks(announced(headers)),
        }
    }
}

impl Default for Coding {
    fn default() -> Self {
        Self::Length(0)
    }
}

/// A length of digits alone.
fn plain_length(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

/// The trailers that a head announces.
fn announced(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(TRAILER).into_iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}

/// Whether the other end has closed, or reset, what is written to.
fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

/// The head as it leaves. One whose body is there and without a length gets a coding; one
/// without a body has none.
fn write_head(buffer: &mut Vec<u8>, request: &Request<Upload>, is_whole: bool, coding: &Coding) {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    for part in [request.method().as_str(), " ", target, " HTTP/1.1\r\n"] {
        buffer.extend_from_slice(part.as_bytes());
    }
    for (name, value) in request.headers() {
        if name != TRANSFER_ENCODING && name != CONTENT_LENGTH {
            write_field(buffer, name.as_str(), value.as_bytes());
        }
    }
    match coding {
        // Writing to memory does not fail.
        Coding::Length(length) => drop(write!(buffer, "content-length: {length}\r\n")),
        Coding::Chunks(_) if is_whole => {}
        Coding::Chunks(_) => write_field(buffer, "transfer-encoding", b"chunked"),
    }
    buffer.extend_from_slice(b"\r\n");
}

fn write_field(buffer: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        buffer.extend_from_slice(part);
    }
}
