//! An answer on its way from an origin that speaks HTTP/1.1.
//!
//! Heads and bodies are framed by the strict reader of [`transport::framing`]; pieces of a body
//! are handed on as they lie in the buffer. Clauses: RFC 9112, 4, 6.3, 7.1 and 8 (what was cut is
//! not an end), 9.3; RFC 9110, 15.2 (interim answers go no further).

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use http::Response;
use hyper::body::{Frame, SizeHint};
use tokio_util::io::poll_read_buf;
use transport::framing::{AnswerBody, AnswerHead, AnswerReader, Answered, Fault, Part, trailers};

use crate::body::AnswerError;
use crate::socket::Socket;
use crate::upstream::UpstreamError;
use crate::wire::PIECE;

/// What is asked for at once: at first, and in the middle of a large body, in bytes. That is a
/// whole number of what leaves in one write.
pub(super) const FIRST: usize = 8 * 1024;
pub(super) const MOST: usize = 2 * PIECE;
/// The most for a client that may have a hundred answers on their way, and take none of them. A
/// block of memory is up to twice as large.
pub(super) const NARROW: usize = 16 * 1024;

/// What comes on a connection.
pub(super) struct Incoming {
    /// What was read and not handed on.
    buffer: BytesMut,
    /// How much is asked for at once.
    step: usize,
    /// How much may be.
    most: usize,
    /// The most that the buffer had room for, since it last was new.
    widest: usize,
    stage: Stage,
    /// Another answer may follow this one.
    persists: bool,
}

/// How far the answer is.
#[derive(Debug)]
enum Stage {
    /// Its head is waited for.
    Head,
    /// Its body comes; what the next bytes of the buffer are, where that is known.
    Body(AnswerBody, Part),
    /// All of it has come.
    Over,
    /// It cannot be read.
    Broken,
}

/// Nothing of what passes.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Incoming");
        shown.field("held", &self.buffer.len());
        shown.field("stage", &self.stage);
        shown.field("persists", &self.persists);
        shown.finish_non_exhaustive()
    }
}

impl Incoming {
    /// Of a connection on which nothing was asked yet.
    pub(super) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            step: FIRST,
            most: MOST,
            widest: 0,
            stage: Stage::Over,
            persists: true,
        }
    }

    /// The head of an answer comes next.
    pub(super) fn expect(&mut self) {
        self.stage = Stage::Head;
    }

    /// Gives back the memory of a large answer.
    pub(super) fn rest(&mut self) {
        (self.step, self.most) = (FIRST, MOST);
        // A block of about the usual size stays, while parts of it are on their way as well: once they
        // have left it is used again as a whole.
        if self.widest > 2 * FIRST {
            self.widest = 0;
            self.buffer = BytesMut::new();
        }
    }

    /// What is read of this answer at once is little.
    pub(super) fn narrow(&mut self) {
        self.most = NARROW;
        // A large head may have made it more.
        self.step = self.step.min(NARROW);
    }

    /// Whether all of the answer has come and been handed on.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Whether another may follow: this one has come whole, and nothing behind it.
    pub(super) fn is_clean(&self) -> bool {
        self.is_over() && self.persists && self.buffer.is_empty()
    }

    /// No other answer follows this one.
    pub(super) const fn be_last(&mut self) {
        self.persists = false;
    }

    /// Whether the body is to come, and nothing of it is there.
    pub(super) fn lacks_body(&self) -> bool {
        self.buffer.is_empty() && matches!(self.stage, Stage::Body(..))
    }

    /// How much memory it holds, in bytes.
    #[cfg(test)]
    pub(super) fn held(&mut self) -> usize {
        while self.buffer.try_reclaim(self.buffer.capacity() + 1) {}
        self.buffer.capacity()
    }

    /// What was read behind the head of a 101.
    pub(super) fn into_early(self) -> Bytes {
        self.buffer.freeze()
    }

    pub(super) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket,
        reader: &mut AnswerReader,
    ) -> Poll<Result<Response<()>, UpstreamError>> {
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
            match ready!(self.poll_fill(cx, socket)) {
                Ok(1..) => {}
                Ok(0) => {
                    let error = io::ErrorKind::UnexpectedEof.into();
                    return Poll::Ready(Err(UpstreamError::Ended(error)));
                }
                Err(error) => return Poll::Ready(Err(UpstreamError::Ended(error))),
            }
        }
    }

    fn answered(&mut self, head: AnswerHead) -> Result<Response<()>, Fault> {
        let bytes = self.buffer.split_to(head.size).freeze();
        let fields = head.fields(&bytes)?;
        self.persists = head.persists(&fields);
        let mut response = Response::new(());
        *response.status_mut() = head.status;
        *response.headers_mut() = fields;
        self.stage = match head.body.is_over() {
            true => Stage::Over,
            false => Stage::Body(head.body, Part::More),
        };
        Ok(response)
    }

    /// The next piece of the body. `may_end` tells whether the end of the connection may be that of
    /// the answer; `cut`, that what is not there yet is not waited for.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket,
        may_end: bool,
        cut: bool,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        loop {
            let part = match &mut self.stage {
                Stage::Over => return Poll::Ready(None),
                Stage::Head | Stage::Broken => {
                    return Poll::Ready(Some(Err(AnswerError::Broken)));
                }
                Stage::Body(_, part) => std::mem::replace(part, Part::More),
            };
            let frame = match part {
                Part::Data(size) => Frame::data(self.buffer.split_to(size).freeze()),
                Part::Trailers(size) => {
                    let section = self.buffer.split_to(size).freeze();
                    let Ok(fields) = trailers(&section) else {
                        self.stage = Stage::Broken;
                        continue;
                    };
                    self.stage = Stage::Over;
                    Frame::trailers(fields)
                }
                Part::End => {
                    self.stage = Stage::Over;
                    continue;
                }
                Part::More => {
                    if self.look() {
                        continue;
                    }
                    if cut {
                        self.stage = Stage::Broken;
                        continue;
                    }
                    ready!(self.poll_more(cx, socket, may_end));
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
        let Stage::Body(body, part) = &mut self.stage else {
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
                    Part::End => self.stage = Stage::Over,
                    Part::Data(_) | Part::Trailers(_) => {}
                }
            }
            Err(_) => self.stage = Stage::Broken,
        }
        true
    }

    /// Reads on in the middle of a body; see [`Self::poll_frame`].
    pub(super) fn poll_more(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket,
        may_end: bool,
    ) -> Poll<()> {
        let read = ready!(self.poll_fill(cx, socket));
        let Stage::Body(body, _) = &self.stage else {
            return Poll::Ready(());
        };
        match read {
            Ok(1..) => {}
            // What ends with its connection is not told from what was cut.
            Ok(0) if may_end && body.may_end_here() => self.stage = Stage::Over,
            Ok(0) | Err(_) => self.stage = Stage::Broken,
        }
        Poll::Ready(())
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>, socket: &mut Socket) -> Poll<io::Result<usize>> {
        let spare = self.buffer.capacity() - self.buffer.len();
        // Small pieces share a block: each that waits for its reader holds all of it.
        if spare < self.step / 2 {
            self.buffer.reserve(self.step);
            self.widest = self.widest.max(self.buffer.capacity());
        }
        let room = self.buffer.capacity() - self.buffer.len();
        let read = ready!(poll_read_buf(Pin::new(socket), cx, &mut self.buffer))?;
        if read == room {
            self.step = (self.step * 2).min(self.most);
        } else if read < self.step / 4 {
            self.step = (self.step / 2).max(FIRST);
        }
        Poll::Ready(Ok(read))
    }

    /// How much of the body is still to be handed on.
    pub(super) fn size_hint(&self) -> SizeHint {
        match &self.stage {
            Stage::Over => SizeHint::with_exact(0),
            Stage::Body(body, part) => {
                let ahead = match part {
                    Part::Data(size) => *size as u64,
                    _ => 0,
                };
                let left = body.left().map(|left| left + ahead);
                left.map_or_else(SizeHint::default, SizeHint::with_exact)
            }
            Stage::Head | Stage::Broken => SizeHint::default(),
        }
    }
}
