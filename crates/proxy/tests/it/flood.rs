//! HTTP/2 clients that make much of little: each is stopped or bounded, and others are served.
//!
//! Nothing here is timed: what is counted is how much of a flood the gate takes, and what of
//! it reaches the origin.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, HEADERS, PING, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, block, end_of, frame, get, hello, next, string,
};
use crate::support::{HOST, Origin, PATIENCE, World};

const ENHANCE_YOUR_CALM: u32 = 11;
/// Far more of anything than an honest client sends at once.
const MANY: usize = 20_000;

/// Writes a flood and reads nothing, until all is sent, the gate closes, or it takes no more;
/// how many pieces were taken.
async fn pour(stream: &mut (impl AsyncWrite + Unpin), piece: impl Fn(usize) -> Vec<u8>) -> usize {
    for at in 0..MANY {
        let bytes = piece(at);
        let write = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        match tokio::time::timeout(Duration::from_secs(1), write).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return at,
        }
    }
    MANY
}

/// Reads on and forgets, so that the flood meets no back-pressure of our own making.
fn drain(mut stream: impl AsyncRead + Unpin + Send + 'static) {
    tokio::spawn(async move {
        let mut scratch = vec![0; 64 * 1024];
        while stream.read(&mut scratch).await.is_ok_and(|size| size > 0) {}
    });
}

/// Whether the gate still serves somebody else.
async fn serves(world: &World) {
    assert_eq!(world.get("/200").await.status, 200);
}

/// The number of a client's stream.
fn id(at: usize) -> u32 {
    u32::try_from(at).expect("a stream") * 2 + 1
}

#[tokio::test(flavor = "multi_thread")]
async fn rapid_resets_end_the_connection() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let end = tokio::spawn(async move { end_of(&mut reader, u32::MAX).await });
    let fields = block(&get(HOST, "/"));
    let taken = pour(&mut writer, |at| {
        let mut bytes = frame(HEADERS, END_HEADERS | END_STREAM, id(at), &fields);
        bytes.extend(frame(RST_STREAM, 0, id(at), &8_u32.to_be_bytes()));
        bytes
    })
    .await;
    assert!(taken < MANY, "{taken} pairs were taken");
    let end = end.await.expect("joined");
    assert!(
        matches!(end, End::GoAway(ENHANCE_YOUR_CALM) | End::Closed),
        "{end:?}"
    );
    // What a reset stream asked for may have begun; a fraction of the flood, no more.
    let reached = origin.seen().len();
    assert!(reached < MANY / 10, "{reached} requests reached the origin");
    serves(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_that_a_client_provokes_end_the_connection() {
    // Each stream is opened well and at the origin when it is broken, so that the gate has to
    // reset it, and may be asked for another one at once.
    const STREAMS: usize = 100;
    let origin = Origin::raw(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    let fields = block(&get(HOST, "/"));
    for at in 0..STREAMS {
        let head = frame(HEADERS, END_HEADERS, id(at), &fields);
        stream.write_all(&head).await.expect("sent");
    }
    stream.flush().await.expect("sent");
    while origin.connections() < STREAMS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for at in 0..STREAMS {
        // A window over the limit is an error of the stream.
        let broken = frame(WINDOW_UPDATE, 0, id(at), &[0x7F, 0xFF, 0xFF, 0xFF]);
        let _ = stream.write_all(&broken).await;
    }
    let _ = stream.flush().await;
    let end = end_of(&mut stream, u32::MAX).await;
    assert!(
        matches!(end, End::GoAway(ENHANCE_YOUR_CALM) | End::Closed),
        "{end:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn continuations_without_end_end_the_connection() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for (what, payload) in [("empty", Vec::new()), ("full", field_of(8000))] {
        let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
        hello(&mut stream).await;
        let (reader, mut writer) = tokio::io::split(stream);
        drain(reader);
        let first = frame(HEADERS, END_STREAM, 1, &block(&get(HOST, "/")));
        writer.write_all(&first).await.expect("sent");
        let taken = pour(&mut writer, |_| frame(CONTINUATION, 0, 1, &payload)).await;
        assert!(taken < MANY, "{taken} {what} frames were taken");
        serves(&world).await;
    }
    assert!(origin.seen().iter().all(|seen| seen.line.contains("/200")));
}

/// One field with a value of this size.
fn field_of(size: usize) -> Vec<u8> {
    block(&[(b"x-a", &vec![b'a'; size])])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_bomb_is_refused_and_no_more_of_it_is_kept_than_the_limit() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    // One field of 4,000 bytes enters the table; then each byte of the block is that field.
    let mut fields = block(&get(HOST, "/"));
    fields.push(0x40);
    string(&mut fields, b"x-a");
    string(&mut fields, &[b'a'; 4000]);
    fields.extend(vec![0xBE; 10_000]);
    let bomb = frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields);
    stream.write_all(&bomb).await.expect("sent");
    stream.flush().await.expect("sent");
    let end = end_of(&mut stream, 1).await;
    assert!(
        matches!(end, End::Answer(431) | End::GoAway(_) | End::Closed),
        "{end:?}"
    );
    serves(&world).await;
    assert_eq!(origin.seen().len(), 1);
}

/// Pings or settings to a gate whose answers nobody reads: it stops taking them.
async fn unread_answers(piece: fn(usize) -> Vec<u8>) {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    // 200 frames in each piece: some millions in all.
    let taken = pour(&mut stream, move |at| piece(at).repeat(200)).await;
    assert!(taken < MANY, "{taken} pieces were taken");
    serves(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_that_nobody_reads_the_answers_of_are_held_back() {
    unread_answers(|_| frame(PING, 0, 0, b"12345678")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_nobody_reads_the_answers_of_are_held_back() {
    unread_answers(|_| frame(SETTINGS, 0, 0, &[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_data_without_end_ends_the_connection() {
    let origin = Origin::raw(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    let (reader, mut writer) = tokio::io::split(stream);
    drain(reader);
    let mut fields = get(HOST, "/");
    fields[0].1 = b"POST";
    let head = frame(HEADERS, END_HEADERS, 1, &block(&fields));
    writer.write_all(&head).await.expect("sent");
    let taken = pour(&mut writer, |_| frame(DATA, 0, 1, &[])).await;
    assert!(taken < MANY, "{taken} frames were taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_streams_than_announced_reach_the_origin_at_once() {
    // The origin answers nothing, so every stream stays open.
    let open = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&open);
    let origin = Origin::raw(move |mut stream| {
        let count = Arc::clone(&count);
        async move {
            let _ = stream.read(&mut [0; 1024]).await;
            count.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PATIENCE).await;
        }
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    hello(&mut stream).await;
    let settings = next(&mut stream).await.expect("settings");
    assert_eq!((settings.kind, settings.flags & ACK), (SETTINGS, 0));
    let announced = settings
        .payload
        .chunks(6)
        .find(|setting| setting[..2] == [0, 3]);
    let announced = announced.expect("a number of streams");
    assert_eq!(announced[2..], 128_u32.to_be_bytes());
    let (mut reader, mut writer) = tokio::io::split(stream);
    let fields = block(&get(HOST, "/"));
    for at in 0..200 {
        let head = frame(HEADERS, END_HEADERS | END_STREAM, id(at), &fields);
        writer.write_all(&head).await.expect("sent");
    }
    writer.flush().await.expect("sent");
    const REFUSED_STREAM: u32 = 7;
    assert_eq!(
        end_of(&mut reader, id(128)).await,
        End::Reset(REFUSED_STREAM)
    );
    assert!(open.load(Ordering::Relaxed) <= 128);
}
