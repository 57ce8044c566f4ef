//! HTTP/2 by hand: frames and field blocks that no library would send.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::support::PATIENCE;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// One frame, as it came.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// What became of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// An answer with this status.
    Answer(u16),
    /// RST_STREAM with this code.
    Reset(u32),
    /// GOAWAY with this code.
    GoAway(u32),
    /// The connection ended without a word.
    Closed,
}

/// The bytes of a frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a frame").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A field block of literals that are never indexed, bytes as they are given.
pub(crate) fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0x10);
        string(&mut bytes, name);
        string(&mut bytes, value);
    }
    bytes
}

/// A string without Huffman coding, its length with a prefix of seven bits.
pub(crate) fn string(into: &mut Vec<u8>, text: &[u8]) {
    let mut length = text.len();
    if length < 127 {
        into.push(u8::try_from(length).expect("a short string"));
    } else {
        into.push(127);
        length -= 127;
        while length >= 128 {
            into.push(u8::try_from(length % 128).expect("seven bits") | 128);
            length /= 128;
        }
        into.push(u8::try_from(length).expect("seven bits"));
    }
    into.extend_from_slice(text);
}

/// The four pseudo-fields of a GET.
pub(crate) fn get<'a>(authority: &'a str, path: &'a str) -> Vec<(&'a [u8], &'a [u8])> {
    vec![
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":authority", authority.as_bytes()),
        (b":path", path.as_bytes()),
    ]
}

/// Says hello, as any client does.
pub(crate) async fn hello(stream: &mut (impl AsyncWrite + Unpin)) {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    stream.write_all(&bytes).await.expect("sent");
    stream.flush().await.expect("sent");
}

/// The next frame; `None` at the end of the connection.
pub(crate) async fn next(stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    let read = async {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5] & 0x7F, head[6], head[7], head[8]]),
            payload,
        })
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("a frame in time")
}

/// What becomes of a stream. The status is found without a decoder: it is the first field of
/// the gate's answers, indexed, or a literal of three digits.
pub(crate) async fn end_of(io: &mut (impl AsyncRead + Unpin), id: u32) -> End {
    while let Some(frame) = next(io).await {
        let code = || {
            let at = if frame.kind == GOAWAY { 4 } else { 0 };
            let bytes = frame.payload[at..at + 4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes)
        };
        match frame.kind {
            HEADERS if frame.stream == id => return End::Answer(status(&frame.payload)),
            RST_STREAM if frame.stream == id => return End::Reset(code()),
            GOAWAY if code() != 0 => return End::GoAway(code()),
            _ => {}
        }
    }
    End::Closed
}

fn status(block: &[u8]) -> u16 {
    match block[0] {
        0x88 => 200,
        0x89 => 204,
        0x8A => 206,
        0x8B => 304,
        0x8C => 400,
        0x8D => 404,
        0x8E => 500,
        // `:status`, its name indexed, with a value of three digits, Huffman coded or not.
        _ if block[1] == 3 => String::from_utf8_lossy(&block[2..5]).parse().unwrap_or(0),
        _ => huffman_digits(&block[2..2 + usize::from(block[1] & 0x7F)]),
    }
}

/// Three digits in the Huffman code of RFC 7541: 0, 1 and 2 have five bits, the others six.
fn huffman_digits(bytes: &[u8]) -> u16 {
    let bit = |at: usize| {
        bytes
            .get(at / 8)
            .map_or(1, |byte| u16::from(byte >> (7 - at % 8) & 1))
    };
    let (mut at, mut number) = (0, 0);
    for _ in 0..3 {
        let code = |bits: usize| (at..at + bits).fold(0, |code, at| code << 1 | bit(at));
        let (digit, bits) = match code(5) {
            short @ 0..=2 => (short, 5),
            _ => (code(6) - 0x19 + 3, 6),
        };
        number = number * 10 + digit;
        at += bits;
    }
    number
}
