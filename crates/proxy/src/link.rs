//! One HTTP/1.1 connection to an origin, which carries one exchange at a time.
//!
//! It is driven by the request that uses it, in the same task: there is no second task to wake
//! for every piece, and no channel between them. What the origin sends is read by the strict
//! reader of [`transport::framing`]: an answer that two programs may frame in two ways is an
//! error to whoever waits for it, and the connection is never used again. Bodies are handed on
//! as they lie in the buffer. Clauses: RFC 9112, 4, 6.3, 7.1, 9.3 (reuse only after a complete
//! exchange), 9.5.
//!
//! Absent on purpose: pipelining, which RFC 9112, 9.3.2 leaves to whoever can take back what was
//! not answered.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http::{Method, Request, Response};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep};
use tokio_util::io::poll_read_buf;
use transport::framing::{AnswerBody, AnswerHead, AnswerReader, Answered, Fault, Part, trailers};

use crate::body::{AnswerError, Progress, Upload};
use crate::socket::Socket;
use crate::upstream::UpstreamError;

mod outgoing;

use outgoing::{Outgoing, Unfit};

/// The largest head of an answer, in bytes.
const HEAD: usize = 128 * 1024;
/// Fields in the head of an answer.
const FIELDS: usize = 256;
/// What is asked for at once: at first, and in the middle of a large body, in bytes.
const FIRST: usize = 8 * 1024;
const MOST: usize = 128 * 1024;

/// One connection to an origin.
#[derive(Debug)]
pub(crate) struct Link {
    socket: Socket,
    outgoing: Outgoing,
    /// What was read and not handed on.
    buffer: BytesMut,
    /// How much is asked for at once.
    step: usize,
    incoming: Incoming,
    /// Another exchange may follow this one.
    persists: bool,
    /// When it was last put aside.
    since: Instant,
    /// Of the answer that is waited for. It goes on to the next one: it is moved when it fires,
    /// and an exchange that is in time never touches it.
    timer: Option<Pin<Box<Sleep>>>,
}

/// How far the answer is.
#[derive(Debug)]
enum Incoming {
    /// Its head is waited for.
    Head,
    /// Its body comes; what the next bytes of the buffer are, where that is known.
    Body(AnswerBody, Part),
    /// All of it has come.
    Over,
    /// It cannot be read.
    Broken,
}

/// What became of a request that got no answer.
pub(crate) enum Failed {
    /// Not one byte of it left, because of this; here it is.
    Unsent(Box<Request<Upload>>, UpstreamError),
    /// It may have left.
    Over(UpstreamError),
}

impl Link {
    /// A connection that has carried nothing yet.
    pub(crate) fn new(socket: Socket) -> Self {
        Self {
            socket,
            outgoing: Outgoing::default(),
            buffer: BytesMut::new(),
            step: FIRST,
            incoming: Incoming::Over,
            persists: true,
            since: Instant::now(),
            timer: None,
        }
    }

    /// Puts it aside for the next request.
    pub(crate) fn rest(&mut self) {
        self.since = Instant::now();
        self.step = FIRST;
        self.outgoing.shrink(FIRST);
        if self.buffer.capacity() > FIRST {
            self.buffer = BytesMut::new();
        }
    }

    /// How long it has been aside.
    pub(crate) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    /// Whether the connection is open, idle and silent.
    pub(crate) fn is_clean(&mut self) -> bool {
        matches!(self.incoming, Incoming::Over)
            && self.persists
            && self.outgoing.is_done()
            && !self.outgoing.is_deaf()
            && self.buffer.is_empty()
            && self.is_silent()
    }

    /// Whether the origin, which has answered, is still to get a part of the request.
    pub(crate) const fn is_sending(&self) -> bool {
        matches!(self.incoming, Incoming::Over) && !self.outgoing.is_done()
    }

    /// Whether nothing came unasked: neither bytes nor the end.
    fn is_silent(&mut self) -> bool {
        let mut byte = [0];
        match &mut self.socket {
            Socket::Plain(stream) => {
                let read = stream.try_read(&mut byte);
                read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
            }
            stream => {
                let mut cx = Context::from_waker(Waker::noop());
                let mut buffer = ReadBuf::new(&mut byte);
                Pin::new(stream)
                    .poll_read(&mut cx, &mut buffer)
                    .is_pending()
            }
        }
    }

    /// Works until the request has left. Whether another may follow.
    pub(crate) async fn settle(&mut self) -> bool {
        let left = std::future::poll_fn(|cx| self.outgoing.poll(cx, &mut self.socket)).await;
        left.is_ok() && self.is_clean()
    }

    /// Hands the socket over after a 101, with the bytes that came behind the head.
    pub(crate) fn into_tunnel(self) -> (Socket, Bytes) {
        (self.socket, self.buffer.freeze())
    }

    /// Sends one request and waits for the head of its answer, for as long as `allowed` after
    /// the last piece of the upload.
    pub(crate) async fn send(
        &mut self,
        request: Request<Upload>,
        progress: &Progress,
        allowed: Duration,
    ) -> Result<Response<()>, Failed> {
        let (head, upload) = request.into_parts();
        let mut reader = AnswerReader::new(HEAD, FIELDS, head.method == Method::HEAD);
        self.outgoing.begin(&head, upload);
        self.incoming = Incoming::Head;
        // Needed only while it may have to be sent again.
        let mut head = Some(head);
        let timer = self.timer.take();
        let mut timer = timer.unwrap_or_else(|| Box::pin(tokio::time::sleep(allowed)));
        let answered = in_time(timer.as_mut(), progress, allowed, |cx| {
            let polled = self.poll_head(cx, &mut reader);
            if self.outgoing.has_begun() {
                head = None;
            }
            polled
        })
        .await;
        self.timer = Some(timer);
        match answered {
            None => Err(Failed::Over(UpstreamError::AnswerTimeout)),
            Some(Ok(response)) => {
                self.wait_a_turn().await;
                Ok(response)
            }
            Some(Err(error)) => Err(match (head, &error) {
                (Some(head), UpstreamError::Ended(_)) => {
                    let request = Request::from_parts(head, self.outgoing.take_back());
                    Failed::Unsent(Box::new(request), error)
                }
                _ => Failed::Over(error),
            }),
        }
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut AnswerReader,
    ) -> Poll<Result<Response<()>, UpstreamError>> {
        if let Poll::Ready(Err(unfit)) = self.outgoing.poll(cx, &mut self.socket) {
            return Poll::Ready(Err(match unfit {
                Unfit::Upload(error) => UpstreamError::Upload(error),
                Unfit::Wire(error) => UpstreamError::Ended(error),
            }));
        }
        loop {
            if !self.buffer.is_empty() {
                match reader.read(&self.buffer).map_err(UpstreamError::Framing)? {
                    None => {}
                    Some(Answered::Interim(_, size)) => {
                        self.buffer.advance(size);
                        continue;
                    }
                    Some(Answered::Final(head)) => {
                        return Poll::Ready(self.answered(head).map_err(UpstreamError::Framing));
                    }
                }
            }
            match ready!(self.poll_fill(cx)) {
                Ok(0) => {
                    let error = io::ErrorKind::UnexpectedEof.into();
                    return Poll::Ready(Err(UpstreamError::Ended(error)));
                }
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(UpstreamError::Ended(error))),
            }
        }
    }

    /// Most origins send the head and the beginning of the body one after the other: what comes
    /// while the thread does its other work leaves with the head, in one record and one write.
    async fn wait_a_turn(&mut self) {
        if !self.buffer.is_empty() || !matches!(self.incoming, Incoming::Body(..)) {
            return;
        }
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| {
            // What is not there yet is not waited for.
            let _ = self.poll_more(cx);
            Poll::Ready(())
        })
        .await;
    }

    fn answered(&mut self, head: AnswerHead) -> Result<Response<()>, Fault> {
        let bytes = self.buffer.split_to(head.size).freeze();
        let fields = head.fields(&bytes)?;
        self.persists = head.persists(&fields);
        let mut response = Response::new(());
        *response.status_mut() = head.status;
        *response.headers_mut() = fields;
        self.incoming = match head.body.is_over() {
            true => Incoming::Over,
            false => Incoming::Body(head.body, Part::More),
        };
        Ok(response)
    }

    /// The next piece of the body. Meanwhile the rest of the request goes on.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        if !self.outgoing.is_done()
            && let Poll::Ready(Err(_)) = self.outgoing.poll(cx, &mut self.socket)
        {
            self.incoming = Incoming::Broken;
        }
        loop {
            let part = match &mut self.incoming {
                Incoming::Over => return Poll::Ready(None),
                Incoming::Head | Incoming::Broken => {
                    return Poll::Ready(Some(Err(AnswerError::Broken)));
                }
                Incoming::Body(_, part) => std::mem::replace(part, Part::More),
            };
            let frame = match part {
                Part::Data(size) => Frame::data(self.buffer.split_to(size).freeze()),
                Part::Trailers(size) => {
                    self.incoming = Incoming::Over;
                    let section = self.buffer.split_to(size).freeze();
                    match trailers(&section) {
                        Ok(fields) => Frame::trailers(fields),
                        Err(_) => {
                            self.incoming = Incoming::Broken;
                            continue;
                        }
                    }
                }
                Part::End => {
                    self.incoming = Incoming::Over;
                    continue;
                }
                Part::More => {
                    if !self.look() {
                        ready!(self.poll_more(cx));
                    }
                    continue;
                }
            };
            // Whether it was the last one is told with it, where that is known.
            self.look();
            return Poll::Ready(Some(Ok(frame)));
        }
    }

    /// What the bytes in the buffer are. Whether anything is known of them.
    fn look(&mut self) -> bool {
        let Incoming::Body(body, part) = &mut self.incoming else {
            return true;
        };
        if self.buffer.is_empty() && !body.is_over() {
            return false;
        }
        match body.next(&self.buffer) {
            Ok(piece) => {
                self.buffer.advance(piece.skip);
                *part = piece.then;
                match piece.then {
                    Part::More => return false,
                    Part::End => self.incoming = Incoming::Over,
                    Part::Data(_) | Part::Trailers(_) => {}
                }
            }
            Err(_) => self.incoming = Incoming::Broken,
        }
        true
    }

    /// Reads on in the middle of a body.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let read = ready!(self.poll_fill(cx));
        let Incoming::Body(body, _) = &self.incoming else {
            return Poll::Ready(());
        };
        match read {
            Ok(1..) => {}
            // What ends with its connection is not told from what was cut.
            Ok(0) if body.may_end_here() => self.incoming = Incoming::Over,
            Ok(0) | Err(_) => self.incoming = Incoming::Broken,
        }
        Poll::Ready(())
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let held = self.buffer.len();
        self.buffer.reserve(self.step);
        let room = self.buffer.capacity() - held;
        let read = ready!(poll_read_buf(
            Pin::new(&mut self.socket),
            cx,
            &mut self.buffer
        ))?;
        if read == room {
            self.step = (self.step * 2).min(MOST);
        }
        Poll::Ready(Ok(read))
    }

    /// Whether all of the answer has come and been handed on.
    pub(crate) const fn is_end(&self) -> bool {
        matches!(self.incoming, Incoming::Over)
    }

    /// How much of the body is still to be handed on.
    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.incoming {
            Incoming::Over => SizeHint::with_exact(0),
            Incoming::Body(body, part) => {
                let ahead = match part {
                    Part::Data(size) => *size as u64,
                    _ => 0,
                };
                body.left()
                    .map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + ahead))
            }
            Incoming::Head | Incoming::Broken => SizeHint::default(),
        }
    }
}

/// Polls until something is ready, for as long as `allowed` after the last piece of the upload;
/// nothing when that is over.
pub(crate) async fn in_time<T>(
    mut timer: Pin<&mut Sleep>,
    progress: &Progress,
    allowed: Duration,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    let begun = Instant::now();
    let due = || begun.max(progress.last()) + allowed;
    if timer.deadline() > due() {
        timer.as_mut().reset(due());
    }
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = poll(cx) {
            return Poll::Ready(Some(done));
        }
        // Where the task's budget is used up the timer below would not be asked: the clock is.
        if !has_budget_remaining() && Instant::now() >= due() {
            return Poll::Ready(None);
        }
        while timer.as_mut().poll(cx).is_ready() {
            // An upload that moves buys time; one that is over, or that the origin does
            // not take, buys none.
            if due() <= Instant::now() {
                return Poll::Ready(None);
            }
            timer.as_mut().reset(due());
        }
        Poll::Pending
    })
    .await
}

impl Failed {
    /// Why, when the request is given up.
    pub(crate) fn into_error(self) -> UpstreamError {
        match self {
            Self::Unsent(_, error) | Self::Over(error) => error,
        }
    }
}

#[cfg(test)]
mod tests;
