//! What an HTTP/2 connection writes in one turn of its task, sent as one piece.
//!
//! The codec hands down the frames of each answer for themselves and flushes behind them. Over
//! TLS every such piece is a record and a call of the system, although answers that are ready
//! together go to the same client. Here they are gathered, and [`Turns`] sends them when the
//! codec has nothing more to say in this turn. Nothing waits longer than that.
//!
//! A large piece is passed on at once behind what was gathered, without a copy, so that memory
//! stays within [`MOST`] for each connection and a client that does not read holds the codec back
//! as before.
//!
//! The frames that pass are told apart, for [`Activity`]: a client that still takes the end of an
//! answer is not idle, and one that has its pings answered is. Clauses: RFC 9113, 4.1 (frames),
//! 5.2 (flow control is the codec's), 6.8 (GOAWAY leaves before the connection closes).

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::activity::Activity;

/// Bytes that are gathered: one full record of TLS.
const MOST: usize = 16 * 1024;
/// A piece of this size is not worth a copy.
const LARGE: usize = 8 * 1024;

/// The stream under an HTTP/2 connection; the other handle is that of [`Turns`].
#[derive(Debug)]
pub(crate) struct Gather<S>(Arc<Mutex<Outbox<S>>>);

/// A connection whose writes leave at the end of each turn.
#[derive(Debug)]
pub(crate) struct Turns<C, S> {
    connection: C,
    outbox: Arc<Mutex<Outbox<S>>>,
}

#[derive(Debug)]
struct Outbox<S> {
    stream: S,
    /// Gathered and not sent. Without memory while it is empty.
    gathered: Vec<u8>,
    frames: Frames,
    activity: Arc<Activity>,
}

/// Where the codec is in what it writes.
#[derive(Debug, Default)]
struct Frames {
    /// A frame's head, as far as it has come.
    head: [u8; 9],
    known: usize,
    /// Bytes of its payload to come.
    left: usize,
    is_data: bool,
}

impl Frames {
    /// How many of the next bytes are payload of DATA.
    fn data(&mut self, mut bytes: &[u8]) -> usize {
        let mut data = 0;
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                if self.is_data {
                    data += passed;
                }
                self.left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            let (head, rest) = bytes.split_at(bytes.len().min(self.head.len() - self.known));
            self.head[self.known..self.known + head.len()].copy_from_slice(head);
            self.known += head.len();
            bytes = rest;
            if self.known == self.head.len() {
                let [a, b, c, kind, ..] = self.head;
                self.left = u32::from_be_bytes([0, a, b, c]) as usize;
                self.is_data = kind == 0;
                self.known = 0;
            }
        }
        data
    }
}

impl<S> Gather<S> {
    /// Serves a stream by what `serve` makes of it, and tells `activity` what leaves.
    pub(crate) fn turns<C>(
        stream: S,
        activity: Arc<Activity>,
        serve: impl FnOnce(Self) -> C,
    ) -> Turns<C, S> {
        activity.is_told_of_flushes();
        let outbox = Arc::new(Mutex::new(Outbox {
            stream,
            gathered: Vec::new(),
            frames: Frames::default(),
            activity,
        }));
        Turns {
            connection: serve(Self(Arc::clone(&outbox))),
            outbox,
        }
    }

    /// Never waits: both handles are used by the same task, one after the other.
    fn outbox(&self) -> MutexGuard<'_, Outbox<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, S> Turns<C, S> {
    /// What is served.
    pub(crate) const fn connection(&mut self) -> &mut C {
        &mut self.connection
    }
}

impl<C: Future + Unpin, S: AsyncWrite + Unpin> Future for Turns<C, S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let ended = Pin::new(&mut this.connection).poll(cx).is_ready();
        let mut outbox = this.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        if ended {
            // Its last words are behind its shutdown; a client that broke the protocol still gets
            // the answers that were on their way, as far as it takes them at once.
            if !outbox.gathered.is_empty() {
                let _ = outbox.poll_send(cx);
            }
            return Poll::Ready(());
        }
        match outbox.poll_send(cx) {
            // The client is gone.
            Poll::Ready(Err(_)) => Poll::Ready(()),
            Poll::Ready(Ok(())) => {
                outbox.activity.flushed();
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> Outbox<S> {
    /// Sends what was gathered.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gathered.is_empty() {
            return Pin::new(&mut self.stream).poll_flush(cx);
        }
        let mut sent = 0;
        let result = loop {
            if sent == self.gathered.len() {
                break Poll::Ready(Ok(()));
            }
            match Pin::new(&mut self.stream).poll_write(cx, &self.gathered[sent..]) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => sent += written,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.sent(sent);
        ready!(result)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Sends what was gathered and some of `slices`, in one piece where the stream takes it.
    fn poll_pass(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        while !self.gathered.is_empty() {
            let mut all = Vec::with_capacity(1 + slices.len());
            all.push(IoSlice::new(&self.gathered));
            all.extend(slices.iter().copied());
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &all))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let own = written.min(self.gathered.len());
            self.sent(own);
            if written > own {
                return Poll::Ready(Ok(written - own));
            }
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    /// Tells how much of what the codec has just handed down is of bodies.
    fn passed(&mut self, slices: &[IoSlice<'_>], mut passed: usize) {
        let mut data = 0;
        for slice in slices {
            let part = passed.min(slice.len());
            data += self.frames.data(&slice[..part]);
            passed -= part;
        }
        if data > 0 {
            self.activity.passed(data);
        }
    }

    fn sent(&mut self, count: usize) {
        if count == self.gathered.len() {
            // A connection that waits holds nothing.
            self.gathered = Vec::new();
        } else {
            self.gathered.drain(..count);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gather<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outbox().stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gather<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut outbox = self.outbox();
        let size = slices.iter().map(|slice| slice.len()).sum::<usize>();
        if size >= LARGE || size + outbox.gathered.len() > MOST {
            let passed = ready!(outbox.poll_pass(cx, slices))?;
            outbox.passed(slices, passed);
            return Poll::Ready(Ok(passed));
        }
        for slice in slices {
            outbox.gathered.extend_from_slice(slice);
        }
        outbox.passed(slices, size);
        Poll::Ready(Ok(size))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // At the end of the turn.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut outbox = self.outbox();
        ready!(outbox.poll_send(cx))?;
        Pin::new(&mut outbox.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Writes pieces, flushing behind each as the codec does, whenever it is polled.
    struct Codec<S> {
        stream: Gather<S>,
        pieces: Vec<Vec<u8>>,
    }

    impl<S: AsyncWrite + Unpin> Future for Codec<S> {
        type Output = ();

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            let this = self.get_mut();
            while let Some(piece) = this.pieces.first_mut() {
                let (head, body) = piece.split_at(piece.len().min(9));
                let slices = [IoSlice::new(head), IoSlice::new(body)];
                let stream = Pin::new(&mut this.stream);
                match stream.poll_write_vectored(cx, &slices) {
                    Poll::Ready(Ok(written)) => drop(piece.drain(..written)),
                    Poll::Ready(Err(_)) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
                if piece.is_empty() {
                    this.pieces.remove(0);
                    let flushed = Pin::new(&mut this.stream).poll_flush(cx);
                    assert!(flushed.is_ready());
                }
            }
            Poll::Pending
        }
    }

    /// Counts the writes that reach the system.
    struct Counted<S>(S, Arc<Mutex<Vec<usize>>>);

    impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let written = ready!(Pin::new(&mut self.0).poll_write(cx, bytes))?;
            self.1.lock().expect("the count").push(written);
            Poll::Ready(Ok(written))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    fn pieces(sizes: &[usize]) -> Vec<Vec<u8>> {
        let piece = |(number, &size): (usize, &usize)| vec![number as u8; size];
        sizes.iter().enumerate().map(piece).collect()
    }

    #[tokio::test]
    async fn pieces_of_one_turn_leave_together_in_their_order() {
        for (sizes, writes) in [
            (&[100, 200, 300][..], &[600][..]),
            (&[], &[]),
            // A large one takes along what was gathered, here without a vectored write below.
            (&[100, LARGE, 50], &[100, 9, LARGE - 9 + 50]),
            (&[MOST / 4; 5], &[MOST, 9, MOST / 4 - 9]),
        ] {
            let (ours, mut theirs) = duplex(1 << 20);
            let count = Arc::new(Mutex::new(Vec::new()));
            let counted = Counted(ours, Arc::clone(&count));
            let mut turns = Gather::turns(counted, Activity::start(), |stream| Codec {
                stream,
                pieces: pieces(sizes),
            });
            let turn = Pin::new(&mut turns).poll(&mut Context::from_waker(Waker::noop()));
            assert!(turn.is_pending());
            assert_eq!(*count.lock().expect("the count"), writes, "{sizes:?}");
            drop(turns);
            let mut came = Vec::new();
            theirs.read_to_end(&mut came).await.expect("read");
            assert!(came == pieces(sizes).concat(), "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_holds_the_codec_back_and_loses_nothing() {
        let sizes = [5000; 40];
        let (ours, mut theirs) = duplex(1000);
        let mut turns = Gather::turns(ours, Activity::start(), |stream| Codec {
            stream,
            pieces: pieces(&sizes),
        });
        assert!(poll_now(&mut turns).is_pending());
        let left = turns.connection().pieces.concat().len();
        let held = 40 * 5000 - left;
        assert!(held <= 1000 + MOST, "{held} bytes are held");
        let reads = tokio::spawn(async move {
            let mut came = vec![0; 40 * 5000];
            theirs.read_exact(&mut came).await.expect("read");
            (came, theirs)
        });
        tokio::select! {
            () = &mut turns => panic!("the connection ended"),
            read = reads => assert!(read.expect("no panic").0 == pieces(&sizes).concat()),
        }
    }

    fn poll_now<F: Future<Output = ()> + Unpin>(future: &mut F) -> Poll<()> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn last_words_leave_before_the_end() {
        let (ours, mut theirs) = duplex(1 << 10);
        let mut turns = Gather::turns(ours, Activity::start(), |mut stream| {
            Box::pin(async move {
                stream.write_all(b"goodbye").await.expect("gathered");
                stream.shutdown().await.expect("sent");
            })
        });
        Pin::new(&mut turns).await;
        let mut came = Vec::new();
        theirs.read_to_end(&mut came).await.expect("read");
        assert_eq!(came, b"goodbye");
    }

    /// A frame of this kind and size.
    fn frame(kind: u8, size: usize) -> Vec<u8> {
        let length = u32::try_from(size).expect("a frame").to_be_bytes();
        let head = [length[1], length[2], length[3], kind, 0, 0, 0, 0, 1];
        [&head[..], &vec![0; size]].concat()
    }

    #[test]
    fn data_is_told_from_all_else_wherever_it_is_cut() {
        // Payloads look like heads of other frames.
        let rows = [
            (4, 0),
            (1, 300),
            (0, 500),
            (6, 8),
            (0, 0),
            (0, 70_000),
            (7, 8),
        ];
        let bytes = rows.map(|(kind, size)| frame(kind, size)).concat();
        for size in [1, 2, 8, 9, 10, 100, 16_384, bytes.len()] {
            let mut frames = Frames::default();
            let data: usize = bytes.chunks(size).map(|part| frames.data(part)).sum();
            assert_eq!(data, 70_500, "in pieces of {size}");
        }
    }

    #[tokio::test]
    async fn the_end_of_an_answer_waits_until_it_has_left_and_a_pong_is_none() {
        for (kind, size, waits) in [(0, 3000, true), (6, 8, false)] {
            let (ours, mut theirs) = duplex(1000);
            let activity = Activity::start();
            let mut turns = Gather::turns(ours, Arc::clone(&activity), |stream| Codec {
                stream,
                pieces: vec![frame(kind, size)],
            });
            assert!(poll_now(&mut turns).is_pending());
            assert_eq!(activity.has_tail(), waits, "{kind}");
            assert_eq!(activity.data() > 0, waits, "{kind}");
            let mut came = vec![0; 9 + size];
            tokio::select! {
                () = &mut turns => panic!("the connection ended"),
                read = theirs.read_exact(&mut came) => drop(read.expect("read")),
            }
            assert!(poll_now(&mut turns).is_pending());
            assert!(!activity.has_tail(), "{kind}");
        }
    }
}
