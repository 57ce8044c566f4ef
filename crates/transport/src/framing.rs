//! Where each message of an HTTP/1 connection begins and ends, and whether its head is one
//! that every program reads alike.
//!
//! [`Requests`] follows the bytes that a client sends: heads, bodies by their framing, the
//! next head behind them. [`AnswerReader`] and [`AnswerBody`] read what an origin sends. Both are strict
//! where programs are known to differ, because a request that two of them frame in two ways
//! carries a second one past every check. Clauses: RFC 9112, 2.2 (line ends), 3 (request line,
//! 414), 3.2 (`Host`, forms of the target), 5.1, 5.2, 6.1 and 6.3 (framing), 7.1 (chunks);
//! RFC 9110, 5.5 (values), 6.5.1 (trailers), 9.3.6 and 9.3.8 (`CONNECT`, `TRACE`), 15.5.15,
//! 15.6.2 and 15.6.6 (414, 501, 505); RFC 6585, 5 (431).
//!
//! Both are fed with slices that start at the first byte not yet passed: a head that arrives
//! in one piece is judged where it lies, without a copy or an allocation, and no byte is
//! looked at more than a fixed number of times however it trickles in.
//!
//! Absent on purpose: what a well-framed head asks for (is the host one of ours, may the
//! method pass, is the field name fit for CGI); HTTP/2, whose frames leave nothing to guess;
//! `Connection`, which says how long a connection lasts and not where a message ends.

mod answer;
mod chunk;
mod fault;
mod head;
mod line;

pub use answer::{AnswerBody, AnswerHead, AnswerReader, Answered, Part, Piece, trailers};
pub use fault::Fault;
pub use line::{RequestLine, fields};

use policy::transport;

use chunk::{Chunks, Progress};
use head::Head;

/// The longest request line. RFC 9112, 3 asks for at least 8,000 bytes.
const LINE: usize = 16 * 1024;
/// The longest trailer section.
const TRAILERS: usize = 8 * 1024;

/// Caps on what one head may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request line, its end included.
    pub line: usize,
    /// Bytes of a head, and so of what a caller has to hold.
    pub head: usize,
    /// Fields of a head or of a trailer section.
    pub fields: usize,
}

impl Limits {
    /// The limits of a policy. The request line gets 16 KiB of the head.
    pub fn of(limits: &transport::Limits) -> Self {
        let head = usize::try_from(limits.head.get()).unwrap_or(usize::MAX);
        Self {
            line: head.min(LINE),
            head,
            fields: limits.fields,
        }
    }
}

/// What became of the bytes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// How many of them pass. The others are to be held and shown again, with what follows.
    pub pass: usize,
    /// What to do about the others.
    pub then: Then,
}

/// What follows the bytes that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// More is needed, or nothing is left.
    More,
    /// The last request asked for another protocol: what is left is of it, or a request.
    /// Held until [`Requests::tunnel`] or [`Requests::resume`].
    Undecided,
    /// What is left is refused, and so is everything after it.
    Refuse(Refusal),
}

/// A refusal, and how much of the refused message has passed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub fault: Fault,
    /// Whether the head of the refused message has passed, so that somebody waits for the
    /// rest of its body. When head and fault come in one piece, nothing of the message passes.
    pub in_body: bool,
}

/// The requests of one client connection.
#[derive(Debug)]
pub struct Requests {
    limits: Limits,
    stage: Stage,
    head: Head,
    messages: u64,
}

#[derive(Debug)]
enum Stage {
    Head,
    Length(u64),
    Chunks(Chunks),
    Trailers(Head),
    Undecided,
    Tunnel,
    Refused(Refusal),
}

impl Requests {
    /// A connection on which nothing has come yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            stage: Stage::Head,
            head: Head::new(),
            messages: 0,
        }
    }

    /// Judges `bytes`, which start at the first byte that has not passed.
    pub fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut pass = 0;
        // Where the message that is being read begins, if it begins in this slice.
        let mut begun = None;
        loop {
            let rest = &bytes[pass..];
            let step = match &mut self.stage {
                Stage::Refused(refusal) => return stop(pass, Then::Refuse(*refusal)),
                Stage::Undecided => return stop(pass, Then::Undecided),
                Stage::Tunnel => return stop(bytes.len(), Then::More),
                _ if rest.is_empty() => return stop(pass, Then::More),
                Stage::Head => {
                    let step = self.head.request(rest, &self.limits);
                    if let Ok(Some(_)) = step {
                        begun = Some(pass);
                        self.messages += 1;
                        self.stage = match self.head.body() {
                            Body::None => self.next_message(),
                            Body::Length(length) => Stage::Length(length),
                            Body::Chunked => Stage::Chunks(Chunks::new()),
                        };
                    }
                    step
                }
                Stage::Length(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= here as u64;
                    if *left == 0 {
                        self.stage = self.next_message();
                    }
                    Ok(Some(here))
                }
                Stage::Chunks(chunks) => match chunks.advance(rest) {
                    Ok(Progress::Within) => Ok(Some(rest.len())),
                    Ok(Progress::Last(here)) => {
                        self.stage = Stage::Trailers(Head::new());
                        Ok(Some(here))
                    }
                    Err(fault) => Err(fault),
                },
                Stage::Trailers(section) => {
                    let step = section.trailers(rest, TRAILERS, self.limits.fields);
                    if let Ok(Some(_)) = step {
                        self.stage = self.next_message();
                    }
                    step
                }
            };
            match step {
                Ok(Some(here)) => pass += here,
                Ok(None) => return stop(pass, Then::More),
                Err(fault) => {
                    let in_body = !matches!(self.stage, Stage::Head);
                    let refusal = match begun {
                        Some(start) if in_body => {
                            // Head and fault came together: nobody needs to hear of either.
                            pass = start;
                            self.messages -= 1;
                            Refusal {
                                fault,
                                in_body: false,
                            }
                        }
                        _ => Refusal { fault, in_body },
                    };
                    self.stage = Stage::Refused(refusal);
                }
            }
        }
    }

    /// How many heads have passed.
    pub const fn messages(&self) -> u64 {
        self.messages
    }

    /// Whether everything that has passed is whole requests, and a head is what comes next.
    pub const fn is_between(&self) -> bool {
        matches!(self.stage, Stage::Head)
    }

    /// Whether the last request asked for another protocol and neither [`Self::tunnel`] nor
    /// [`Self::resume`] has been called since.
    pub const fn is_undecided(&self) -> bool {
        matches!(self.stage, Stage::Undecided)
    }

    /// The other protocol was agreed: from here on every byte passes.
    pub fn tunnel(&mut self) {
        self.stage = Stage::Tunnel;
    }

    /// The other protocol was not agreed: what follows is a request.
    pub fn resume(&mut self) {
        if self.is_undecided() {
            self.stage = Stage::Head;
        }
    }

    /// The stage behind a whole message.
    fn next_message(&mut self) -> Stage {
        let upgrade = self.head.asks_for_upgrade();
        self.head = Head::new();
        if upgrade {
            Stage::Undecided
        } else {
            Stage::Head
        }
    }
}

/// How the body behind a head ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    None,
    Length(u64),
    Chunked,
}

const fn stop(pass: usize, then: Then) -> Scan {
    Scan { pass, then }
}

#[cfg(test)]
mod tests;
