//! The frames of a codec, told apart as they pass (RFC 9113, 4.1 and 6). Nothing is decoded but
//! whether a head holds a status alone.

/// The head of a frame (RFC 9113, 4.1), its kinds and flags (6).
pub(super) const HEAD: usize = 9;
const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// More than a client may have open at once. One that was forgotten would get a field too many in
/// its trailers, where nobody reads it.
const MOST_OPEN: usize = 256;

/// Where the codec is in what it writes.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// A frame's head, as far as it has come.
    head: [u8; HEAD],
    known: usize,
    /// Bytes of its payload to come.
    left: usize,
    is_data: bool,
    /// Streams whose answer has begun and not ended, the oldest first, [`MOST_OPEN`] of them: of
    /// those that the client reset nothing is heard here.
    open: Vec<u32>,
}

/// What there is in some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// How many are payload of DATA.
    pub(super) data: usize,
    /// Where heads begin, whole, that hold a status alone.
    pub(super) bare: Vec<usize>,
}

impl Frames {
    /// Looks at the next bytes.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Found {
        let mut found = Found::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(rest.len());
                if self.is_data {
                    found.data += passed;
                }
                self.left -= passed;
                rest = &rest[passed..];
                continue;
            }
            let (head, behind) = rest.split_at(rest.len().min(HEAD - self.known));
            self.head[self.known..self.known + head.len()].copy_from_slice(head);
            self.known += head.len();
            rest = behind;
            if self.known == HEAD {
                let is_whole = head.len() == HEAD;
                self.known = 0;
                if self.begin(rest) && is_whole {
                    found.bare.push(bytes.len() - rest.len() - HEAD);
                }
            }
        }
        found
    }

    /// A frame begins, and this follows; whether it is a head with a status alone.
    fn begin(&mut self, behind: &[u8]) -> bool {
        let [a, b, c, kind, flags, stream @ ..] = self.head;
        self.left = u32::from_be_bytes([0, a, b, c]) as usize;
        self.is_data = kind == DATA;
        let (stream, ends) = (u32::from_be_bytes(stream), flags & END_STREAM != 0);
        let known = self.open.iter().position(|open| *open == stream);
        match (kind, known) {
            (DATA | HEADERS, Some(at)) if ends => drop(self.open.remove(at)),
            (RST_STREAM, Some(at)) => drop(self.open.remove(at)),
            (HEADERS, None) if !ends => {
                if self.open.len() == MOST_OPEN {
                    self.open.remove(0);
                }
                self.open.push(stream);
            }
            // Trailers come on streams that are known.
            (HEADERS, None) if flags & END_HEADERS != 0 => {
                return behind.get(..self.left).is_some_and(is_status_alone);
            }
            _ => {}
        }
        false
    }
}

/// Whether a field block is one `:status`: indexed, or a literal with its name indexed.
fn is_status_alone(block: &[u8]) -> bool {
    match block {
        [indexed] => indexed & 0x80 != 0,
        [0x48 | 0x08 | 0x18, length, value @ ..] => usize::from(length & 0x7f) == value.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let data: usize = bytes.chunks(size).map(|part| frames.look(part).data).sum();
            assert_eq!(data, 70_500, "in pieces of {size}");
        }
    }

    #[test]
    fn streams_that_never_end_are_forgotten_in_the_end() {
        let mut frames = Frames::default();
        for stream in 1..10_000_u32 {
            let head = [
                &[0, 0, 1, HEADERS, END_HEADERS],
                &stream.to_be_bytes()[..],
                &[0x88],
            ];
            assert_eq!(frames.look(&head.concat()), Found::default());
        }
        assert_eq!(frames.open.len(), MOST_OPEN);
        let last = [&[0, 0, 0, DATA, END_STREAM], &9_999_u32.to_be_bytes()[..]].concat();
        frames.look(&last);
        assert_eq!(frames.open.len(), MOST_OPEN - 1);
    }
}
