//! Codecs that write what a test says.

use std::task::Waker;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::frames::{END_HEADERS, END_STREAM, HEADERS};
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

fn nothing() -> Promise {
    Box::new(|| None)
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
        let mut turns = Gather::turns(counted, Activity::start(), nothing(), |stream| Codec {
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
async fn while_several_requests_are_open_answers_wait_for_one_more_turn() {
    let (ours, _theirs) = duplex(1 << 20);
    let count = Arc::new(Mutex::new(Vec::new()));
    let counted = Counted(ours, Arc::clone(&count));
    let activity = Activity::start();
    let tickets = [activity.request(), activity.request()];
    let mut turns = Gather::turns(counted, Arc::clone(&activity), nothing(), |stream| Codec {
        stream,
        pieces: pieces(&[100]),
    });
    // What the codec has to say in a turn, and what has left after it.
    for (says, writes) in [
        (&[][..], &[][..]),
        (&[200, 50], &[350]),
        (&[], &[350]),
        (&[10], &[350]),
        (&[], &[350, 10]),
    ] {
        turns.connection().pieces.extend(pieces(says));
        assert!(poll_now(&mut turns).is_pending());
        assert_eq!(*count.lock().expect("the count"), writes);
    }
    // Nobody else to wait for.
    let [_last, other] = tickets;
    drop(other);
    turns.connection().pieces.extend(pieces(&[30]));
    assert!(poll_now(&mut turns).is_pending());
    assert_eq!(*count.lock().expect("the count"), [350, 10, 30]);
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_codec_back_and_loses_nothing() {
    let sizes = [5000; 40];
    let (ours, mut theirs) = duplex(1000);
    let mut turns = Gather::turns(ours, Activity::start(), nothing(), |stream| Codec {
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
    let mut turns = Gather::turns(ours, Activity::start(), nothing(), |mut stream| {
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

#[tokio::test]
async fn the_end_of_an_answer_waits_until_it_has_left_and_a_pong_is_none() {
    for (kind, size, waits) in [(0, 3000, true), (6, 8, false)] {
        let (ours, mut theirs) = duplex(1000);
        let activity = Activity::start();
        let mut turns = Gather::turns(ours, Arc::clone(&activity), nothing(), |stream| Codec {
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

/// A head of an answer on a stream.
fn answer(stream: u8, flags: u8, block: &[u8]) -> Vec<u8> {
    let size = u8::try_from(block.len()).expect("a short block");
    [&[0, 0, size, HEADERS, flags, 0, 0, 0, stream], block].concat()
}

#[tokio::test]
async fn a_status_alone_gets_the_hsts_field_and_nothing_else_changes() {
    const BOTH: u8 = END_STREAM | END_HEADERS;
    let literal: &[u8] = &[0x48, 0x83, 0x68, 0x3a, 0x1f];
    let field = b"\x0f\x29\x0bmax-age=300";
    // What the codec writes, and whether it gets the field.
    type Blocks<'a> = &'a [(u8, u8, &'a [u8])];
    let rows: [(Blocks<'_>, bool); 9] = [
        (&[(1, BOTH, literal)], true),
        (&[(1, BOTH, &[0xbe])], true),
        (&[(1, BOTH, &[0x8c])], true),
        (&[(1, BOTH, &[0x08, 3, b'4', b'3', b'1'])], true),
        // More of the block comes in another frame.
        (&[(1, END_STREAM, literal)], false),
        // Fields beside the status: an answer of the gate's.
        (&[(1, BOTH, &[0x8c, 0xbe])], false),
        (&[(1, BOTH, &[0x48, 0x82, 0x68, 0x3a, 0x1f])], false),
        // A body follows; trailers.
        (&[(1, END_HEADERS, &[0x88])], false),
        (&[(1, END_HEADERS, &[0x88]), (1, BOTH, &[0xbe])], false),
    ];
    for (frames, gets) in rows {
        let frames = frames.iter();
        let block = |(stream, flags, block): &(u8, u8, &[u8])| answer(*stream, *flags, block);
        let blocks: Vec<_> = frames.map(block).collect();
        let mut wanted = blocks.concat();
        if gets {
            wanted[2] += 14;
            wanted.extend_from_slice(field);
        }
        // Alone, and many in one piece, each on a stream of its own.
        for count in [1, 20] {
            let many = |one: &[u8]| -> Vec<u8> {
                let copies = (0..count).map(|number| (2 * number + 1, one.to_vec()));
                let numbered = copies.flat_map(|(stream, mut copy)| {
                    copy[8] = stream;
                    copy
                });
                numbered.collect()
            };
            let pieces = match &blocks[..] {
                [one] => vec![many(one)],
                several => several.to_vec(),
            };
            let wanted = if blocks.len() == 1 {
                many(&wanted)
            } else {
                wanted.clone()
            };
            let promise: Promise = Box::new(|| Some(HeaderValue::from_static("max-age=300")));
            let (ours, mut theirs) = duplex(1 << 16);
            let mut turns = Gather::turns(ours, Activity::start(), promise, |stream| Codec {
                stream,
                pieces,
            });
            assert!(poll_now(&mut turns).is_pending());
            drop(turns);
            let mut came = Vec::new();
            theirs.read_to_end(&mut came).await.expect("read");
            assert_eq!(came, wanted, "{blocks:?}");
        }
    }
}
