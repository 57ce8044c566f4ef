//! The head of an answer is one that another parser reads alike, and an answer means the same in
//! one piece and in two.
#![no_main]

use bytes::Bytes;
use transport::framing::{AnswerReader, Answered, Part, trailers};

const MOST: usize = 2048;
const FIELDS: usize = 64;

libfuzzer_sys::fuzz_target!(|input: (usize, bool, &[u8])| {
    let (cut, bodiless, bytes) = input;
    let whole = read(&[bytes], bodiless);
    let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
    assert_eq!(read(&[first, second], bodiless), whole);
});

/// The statuses, the body and the trailers; none where it is refused.
fn read(pieces: &[&[u8]], bodiless: bool) -> Option<(Vec<u16>, Vec<u8>, usize)> {
    let mut reader = AnswerReader::new(MOST, FIELDS, bodiless);
    let (mut held, mut statuses, mut data, mut fields) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut body = None;
    for piece in pieces {
        held.extend_from_slice(piece);
        while body.is_none() {
            let (status, size) = match reader.read(&held).ok()? {
                None => break,
                Some(Answered::Interim(status, size)) => (status, size),
                Some(Answered::Final(head)) => {
                    let named = head.fields(&Bytes::copy_from_slice(&held[..head.size]));
                    assert_eq!(named.as_ref().map(|named| named.len()), Ok(count(&held)));
                    let _ = head.persists(&named.ok()?);
                    body = Some(head.body);
                    (head.status, head.size)
                }
            };
            statuses.push(status.as_u16());
            held.drain(..size);
        }
        while let Some(body) = &mut body {
            let piece = body.next(&held).ok()?;
            held.drain(..piece.skip);
            match piece.then {
                Part::Data(size) => data.extend(held.drain(..size)),
                Part::Trailers(size) => {
                    let section: Vec<u8> = held.drain(..size).collect();
                    fields += trailers(&Bytes::from(section)).expect("judged").len();
                }
                Part::More | Part::End => break,
            }
        }
    }
    Some((statuses, data, fields))
}

/// How many fields another parser finds.
fn count(head: &[u8]) -> usize {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut answer = httparse::Response::new(&mut fields);
    match answer.parse(head) {
        Ok(httparse::Status::Complete(_)) => answer.headers.len(),
        other => panic!("read, and not a head: {other:?} {head:?}"),
    }
}
