//! The heads of an origin's answers.
//!
//! The client that reads them above takes a bare LF for a line end, lets `Transfer-Encoding`
//! win over `Content-Length` and forgets that both were there: an origin whose answer two
//! programs frame in two ways is not to be trusted with the next request. Clauses: RFC 9112,
//! 4 (status line), 6.1, 6.3; RFC 9110, 15.2 (interim answers), 15.3.5 (204).
//!
//! Absent on purpose: bodies. One exchange is on a connection at a time, the client above
//! frames the body by a head that allows one framing only, and what follows it unasked makes
//! the connection unusable there.

use super::head::Head;
use super::{Body, Fault, Refusal, Scan, Then, stop};

/// Interim answers before one final answer.
const INTERIM: u8 = 32;

/// The answers on one connection to an origin.
#[derive(Debug)]
pub struct Answers {
    most: usize,
    stage: Stage,
    interim: u8,
}

#[derive(Debug)]
enum Stage {
    Head(Head),
    Passed,
    Refused(Fault),
}

impl Answers {
    /// A connection whose answers may have heads of `most` bytes.
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            stage: Stage::Passed,
            interim: 0,
        }
    }

    /// A request is about to be sent: what comes next is the head of its answer.
    pub fn expect(&mut self) {
        if !matches!(self.stage, Stage::Refused(_)) {
            self.stage = Stage::Head(Head::new());
            self.interim = 0;
        }
    }

    /// Judges `bytes`, which start at the first byte that has not passed.
    pub fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut pass = 0;
        loop {
            let Stage::Head(head) = &mut self.stage else {
                return match self.stage {
                    Stage::Refused(fault) => {
                        let in_body = false;
                        stop(pass, Then::Refuse(Refusal { fault, in_body }))
                    }
                    _ => stop(bytes.len(), Then::More),
                };
            };
            let mut status = 0;
            let step = head.answer(&bytes[pass..], self.most, |line| {
                let (code, is_1_1) = status_line(line)?;
                status = code;
                Ok(is_1_1)
            });
            match step {
                Ok(None) => return stop(pass, Then::More),
                Ok(Some(here)) => {
                    // The first line was read by an earlier call, unless it came with the rest.
                    if status == 0 {
                        status = status_of(&bytes[pass..]);
                    }
                    self.stage = match self.behind(status) {
                        Ok(stage) => stage,
                        Err(fault) => Stage::Refused(fault),
                    };
                    if !matches!(self.stage, Stage::Refused(_)) {
                        pass += here;
                    }
                }
                Err(fault) => self.stage = Stage::Refused(fault),
            }
        }
    }

    /// What follows a whole head.
    fn behind(&mut self, status: u16) -> Result<Stage, Fault> {
        let Stage::Head(head) = &self.stage else {
            return Ok(Stage::Passed);
        };
        if matches!(status, 100..=199 | 204) && head.body() != Body::None {
            return Err(Fault::Bodiless);
        }
        if status == 101 || status >= 200 {
            return Ok(Stage::Passed);
        }
        self.interim += 1;
        if self.interim > INTERIM {
            return Err(Fault::Interim);
        }
        Ok(Stage::Head(Head::new()))
    }
}

/// The status, and whether this is HTTP/1.1.
fn status_line(line: &[u8]) -> Result<(u16, bool), Fault> {
    let (version, rest) = line.split_at_checked(9).ok_or(Fault::StatusLine)?;
    let is_1_1 = match version {
        b"HTTP/1.1 " => true,
        b"HTTP/1.0 " => false,
        _ => return Err(Fault::StatusLine),
    };
    match rest {
        // The space before an empty reason is often forgotten, and nothing hangs on it.
        [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9']
        | [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..] => {
            let digit = |sign: &u8| u16::from(sign - b'0');
            Ok((digit(a) * 100 + digit(b) * 10 + digit(c), is_1_1))
        }
        _ => Err(Fault::StatusLine),
    }
}

/// The status of a head whose first line is known to be good.
fn status_of(head: &[u8]) -> u16 {
    let line = head.get(..12).map(status_line);
    match line {
        Some(Ok((status, _))) => status,
        _ => 0,
    }
}
