//! The close by stages: after the last answer, what still comes is read and forgotten.
//!
//! A socket that is closed with unread bytes resets its peer, which then loses the answer
//! that it was about to read. Clause: RFC 9112, 9.6.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

/// For how long, and for how many bytes, a client is listened to after its answer.
pub(crate) const TIME: Duration = Duration::from_secs(5);
/// The same for a stream of HTTP/2, whose reset tells the client to stop and costs the connection
/// nothing.
pub(crate) const MOMENT: Duration = Duration::from_millis(250);
/// See [`TIME`].
pub(crate) const BYTES: usize = 16 << 20;

/// A stream whose writing side is shut.
#[derive(Debug)]
pub(crate) struct Linger {
    timer: Pin<Box<Sleep>>,
    left: usize,
}

impl Linger {
    pub(crate) fn start() -> Self {
        Self {
            timer: Box::pin(tokio::time::sleep(TIME)),
            left: BYTES,
        }
    }

    /// Ready when the peer has closed, or has had its share.
    pub(crate) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<()> {
        let mut scratch = [0; 4096];
        while self.left > 0 && self.timer.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.left = self.left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => break,
            }
        }
        Poll::Ready(())
    }
}
