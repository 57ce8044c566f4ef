//! An HTTP/1.1 connection that sleeps between requests.
//!
//! hyper keeps two buffers, an empty task and its tables for as long as it serves a connection,
//! and most connections of a site wait for a click that may never come. After a silence the
//! whole of it is put away, and made anew when the wire stirs: what stays is the session of TLS
//! and the guard, which alone knows where the last request ended.
//!
//! Nothing is lost, since a connection goes to sleep only where the guard has passed whole
//! requests, hyper has taken every byte of them and each has its answer. Clauses: RFC 9112, 9.3
//! (persistence); `deadlines.idle` runs on.
//!
//! Absent on purpose: HTTP/2, whose tables the client counts on, and the plain listener, which
//! closes behind each answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1::{Parts, UpgradeableConnection};
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use policy::transport::TransportPolicy;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

use crate::activity::{Activity, Due};
use crate::body::Reply;
use crate::drive::{Driven, Ending, FAREWELL, Leave, drive};
use crate::guard::Guard;
use crate::wire::Wire;

/// After so much silence. Waking costs a few microseconds, so whoever asks often never sleeps, and
/// of many that come at once few are awake together.
const AFTER: Duration = Duration::from_millis(100);

/// A stream that can be waited for without a buffer to read into.
pub(crate) trait Silent {
    /// Ready when there is something to read, or the stream has ended.
    fn poll_stir(&self, cx: &mut Context<'_>) -> Poll<()>;
}

impl Silent for TlsStream<Wire> {
    fn poll_stir(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error is found by whoever reads.
        self.get_ref().0.poll_read_ready(cx).map(|_| ())
    }
}

impl<T: Silent> Silent for Box<T> {
    fn poll_stir(&self, cx: &mut Context<'_>) -> Poll<()> {
        (**self).poll_stir(cx)
    }
}

/// Serves a connection to its end. `wake` makes what serves it while it is awake; `sleep` is done
/// before it sleeps. The guard is in its box, since it is moved about, and what it is moved through
/// would have room for it each time.
pub(crate) async fn serve<T, S>(
    guard: Box<Guard<T>>,
    wake: impl Fn(Box<Guard<T>>) -> UpgradeableConnection<TokioIo<Box<Guard<T>>>, S>,
    sleep: impl Fn(),
    activity: &Activity,
    transport: &TransportPolicy,
    ending: &Ending,
) where
    T: AsyncRead + AsyncWrite + Silent + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Reply> + Unpin,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut guard = guard;
    loop {
        let connection = wake(guard);
        let close = |connection: Pin<&mut UpgradeableConnection<_, _>>| {
            connection.graceful_shutdown();
        };
        // On the heap: a task that sleeps is not to be as large as one that is awake.
        let awake = Box::pin(async move {
            let mut connection = connection;
            let pinned = Pin::new(&mut connection);
            let driven = drive(
                pinned,
                close,
                activity,
                transport,
                ending,
                Leave::WithAnswer,
                Some(AFTER),
            )
            .await;
            (driven, connection)
        });
        let (Driven::Silent, connection) = awake.await else {
            return;
        };
        let Some(parts) = connection.into_parts() else {
            return;
        };
        // The buffer and the service go now, and not when the connection wakes.
        let Parts { io, read_buf, .. } = parts;
        guard = io.into_inner();
        if !read_buf.is_empty() {
            // hyper knows of something that the guard does not: never seen, and no ground to
            // go on from.
            return;
        }
        drop(read_buf);
        sleep();
        tokio::select! {
            () = std::future::poll_fn(|cx| guard.poll_stir(cx)) => {}
            () = sleep_until(asleep_until(activity, transport)) => return part(guard).await,
            () = ending.stopped() => return part(guard).await,
        }
    }
}

/// When a connection at rest has been at rest for long enough.
fn asleep_until(activity: &Activity, transport: &TransportPolicy) -> Instant {
    match activity.due(&transport.deadlines) {
        Due::Idle(since) | Due::Stalled(since) => since + transport.deadlines.idle,
        Due::Head(at) => at,
        Due::Later => Instant::now() + transport.deadlines.idle,
    }
}

/// Says goodbye.
async fn part(mut guard: Box<Guard<impl AsyncRead + AsyncWrite + Unpin>>) {
    let _ = timeout(FAREWELL, guard.shutdown()).await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use http::{Request, Response};
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::body::Source;

    impl Silent for TcpStream {
        fn poll_stir(&self, cx: &mut Context<'_>) -> Poll<()> {
            self.poll_read_ready(cx).map(|_| ())
        }
    }

    #[tokio::test]
    async fn hyper_is_put_away_after_a_silence_and_not_between_quick_requests() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("connected");
        let (server, _) = listener.accept().await.expect("accepted");
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let served = tokio::spawn(async move {
            let activity = Activity::start();
            let limits = transport::framing::Limits {
                line: 1000,
                head: 1000,
                fields: 10,
            };
            let refuse = Box::new(|_: crate::guard::Unread<'_>| Bytes::new());
            let guard = Box::new(Guard::new(server, Arc::clone(&activity), limits, refuse));
            let answers = Arc::clone(&activity);
            let service = service_fn(move |_: Request<Incoming>| {
                let source = Source::Own(Bytes::from_static(b"x"));
                let reply = Reply::new(source, None, answers.request());
                async move { Ok::<_, Infallible>(Response::new(reply)) }
            });
            let wake = move |guard| {
                counter.fetch_add(1, Ordering::Relaxed);
                http1::Builder::new()
                    .serve_connection(TokioIo::new(guard), service.clone())
                    .with_upgrades()
            };
            let (transport, ending) = (TransportPolicy::default(), Ending::default());
            serve(guard, wake, || (), &activity, &transport, &ending).await;
        });
        let (mut times, mut answered) = (1, Instant::now());
        for silence in [0, 0, 0, 3, 0, 3] {
            tokio::time::sleep(AFTER * silence).await;
            let was_quick = answered.elapsed() < AFTER / 2;
            let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
            client.write_all(request).await.expect("sent");
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\nx") {
                let read = client.read_buf(&mut answer).await;
                assert!(matches!(read, Ok(1..)), "{read:?}");
            }
            answered = Instant::now();
            let made = made.load(Ordering::Relaxed);
            // A machine that was busy elsewhere may have made a silence of its own.
            match (silence, was_quick) {
                (0, true) => assert_eq!(made, times),
                (0, false) => assert!(made <= times + 1, "{made}"),
                _ => assert_eq!(made, times + 1),
            }
            times = made;
        }
        drop(client);
        let ended = timeout(Duration::from_secs(5), served).await;
        ended
            .expect("a client that left is noticed")
            .expect("no panic");
    }
}
