//! The stream under an HTTP/1.1 connection, seen by the gate before hyper sees it.
//!
//! Two things that hyper does not offer happen here. A head that has begun but is not
//! complete is noticed, so that its deadline runs from its first byte. And the bare status
//! line that hyper writes when it cannot parse a head is replaced by the gate's own answer,
//! with its page, its HSTS field and its line in the log.
//!
//! Absent on purpose: reading the head. Its grammar is hyper's.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::activity::Activity;

/// Makes the whole answer, head and body, to a head that hyper refused with this status.
pub(crate) type Refuse = Box<dyn Fn(u16) -> Bytes + Send + Sync>;

/// A stream that reports to an [`Activity`].
pub(crate) struct Wire<S> {
    stream: S,
    activity: Arc<Activity>,
    refuse: Refuse,
    /// How many requests had begun when everything written was flushed and none was open.
    /// What is written while this number stands is not an answer to a request.
    settled: Option<u64>,
    replacement: Option<Bytes>,
}

impl<S> Wire<S> {
    pub(crate) fn new(stream: S, activity: Arc<Activity>, refuse: Refuse) -> Self {
        Self {
            stream,
            activity,
            refuse,
            settled: Some(0),
            replacement: None,
        }
    }

    /// The gate's answer, if `bytes` is hyper's refusal of a head.
    fn replacement_of(&self, bytes: &[u8]) -> Option<Bytes> {
        let (started, quiet) = self.activity.quiet();
        if !quiet || self.settled != Some(started) {
            return None;
        }
        let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
        let status = std::str::from_utf8(status).ok()?.parse().ok()?;
        Some((self.refuse)(status))
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Writes the replacement, if `first` begins one; `Some` when the caller's bytes are
    /// thereby dealt with.
    fn poll_replace(&mut self, cx: &mut Context<'_>, first: &[u8]) -> Poll<io::Result<Replaced>> {
        if self.replacement.is_none() {
            self.replacement = self.replacement_of(first);
        }
        let Some(bytes) = &mut self.replacement else {
            return Poll::Ready(Ok(Replaced::No));
        };
        while bytes.has_remaining() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes.chunk()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            bytes.advance(written);
        }
        Poll::Ready(Ok(Replaced::Yes))
    }
}

enum Replaced {
    Yes,
    No,
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            this.activity.bytes();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match ready!(this.poll_replace(cx, bytes))? {
            Replaced::Yes => Poll::Ready(Ok(bytes.len())),
            Replaced::No => Pin::new(&mut this.stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let first = slices.first().map_or(&[][..], |slice| slice);
        match ready!(this.poll_replace(cx, first))? {
            Replaced::Yes => Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum())),
            Replaced::No => Pin::new(&mut this.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        let (started, quiet) = this.activity.quiet();
        this.settled = quiet.then_some(started);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
