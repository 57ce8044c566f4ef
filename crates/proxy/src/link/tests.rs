use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRAILER, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Request};
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::incoming::{MOST, NARROW};
use super::*;
use crate::answer::{Answer, Carrier, Wire};
use crate::body::Upload;

mod parts;

const LONG: Duration = Duration::from_secs(30);

/// A link, and the origin's end of it.
async fn pair() -> (Link, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address: SocketAddr = listener.local_addr().expect("bound");
    let stream = TcpStream::connect(address).await.expect("connected");
    let (origin, _) = listener.accept().await.expect("accepted");
    (Link::new(Socket::Plain(stream)), origin)
}

fn request(body: &'static str, fields: &[(HeaderName, &'static str)]) -> Outbound {
    let mut request = Request::new(Upload::whole(Bytes::from_static(body.as_bytes())));
    *request.uri_mut() = "/a?b=c".parse().expect("a target");
    request
        .headers_mut()
        .insert(HOST, HeaderValue::from_static("h"));
    for (name, value) in fields {
        request
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    Box::new(request)
}

/// The body, and whether it broke off.
async fn body_of(link: &mut Link) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    loop {
        match std::future::poll_fn(|cx| link.poll_frame(cx)).await {
            None => return (all, false),
            Some(Err(_)) => return (all, true),
            Some(Ok(frame)) => all.extend(frame.into_data().unwrap_or_default()),
        }
    }
}

/// Reads what the origin gets until nothing more comes.
async fn heard(origin: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(Ok(read @ 1..)) =
        tokio::time::timeout(Duration::from_millis(100), origin.read(&mut piece)).await
    {
        all.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(all).expect("text")
}

/// Hears a request and answers it with 4 MiB.
async fn give_4_mib(origin: &mut TcpStream) {
    heard(origin).await;
    let body = vec![b'x'; 4 << 20];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    origin.write_all(head.as_bytes()).await.expect("sent");
    origin.write_all(&body).await.expect("sent");
}

#[tokio::test]
async fn a_request_leaves_with_one_framing() {
    for (sent, fields, head, left) in [
        ("", vec![], "", ""),
        ("", vec![(CONTENT_LENGTH, "0")], "content-length: 0\r\n", ""),
        ("", vec![(TRANSFER_ENCODING, "chunked")], "", ""),
        (
            "hello",
            vec![(CONTENT_LENGTH, "5")],
            "content-length: 5\r\n",
            "hello",
        ),
        (
            "hello",
            vec![],
            "transfer-encoding: chunked\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
        ),
        (
            "hello world, hello",
            vec![(CONTENT_LENGTH, "3"), (TRANSFER_ENCODING, "chunked")],
            "transfer-encoding: chunked\r\n",
            "12\r\nhello world, hello\r\n0\r\n\r\n",
        ),
        (
            "hello",
            vec![(TRAILER, "x-sum")],
            "trailer: x-sum\r\ntransfer-encoding: chunked\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
        ),
    ] {
        let (mut link, mut origin) = pair().await;
        let request = request(sent, &fields);
        let progress = request.body().progress();
        let served = async {
            let heard = heard(&mut origin).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            origin.write_all(answer).await.expect("answered");
            heard
        };
        let (answer, heard) = tokio::join!(link.send(request, &progress, LONG), served);
        assert_eq!(
            heard,
            format!("GET /a?b=c HTTP/1.1\r\nhost: h\r\n{head}\r\n{left}")
        );
        assert!(answer.is_ok_and(|answer| answer.status() == 200), "{sent}");
        assert_eq!(body_of(&mut link).await, (b"ok".to_vec(), false));
        assert!(
            progress.is_done() && link.is_clean(Duration::ZERO),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_says_is_no_request() {
    for (sent, length) in [("hello", "4"), ("hello", "6"), ("", "5")] {
        let (mut link, _origin) = pair().await;
        let request = request(sent, &[(CONTENT_LENGTH, length)]);
        let progress = request.body().progress();
        let failed = link.send(request, &progress, LONG).await.err();
        let failed = failed.map(Failed::into_error);
        assert!(
            matches!(failed, Some(UpstreamError::Upload(_))),
            "{length}: {failed:?}"
        );
    }
}

#[tokio::test]
async fn another_exchange_follows_a_whole_one_only() {
    // What the origin sends and how, the body, whether it breaks off, whether the link is used
    // again. A `|` is where it waits, a `!` where it closes.
    for (sent, read, broken, clean) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "hello",
            false,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Le|ngth: 5\r\n\r\nhe|llo",
            "hello",
            false,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloX",
            "hello",
            false,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe!",
            "he",
            true,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!",
            "hello",
            false,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
            "hello",
            false,
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "hello",
            false,
            false,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhe|llo!", "hello", false, false),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n|3|\r\nllo\r\n0\r|\n\r\n",
            "hello",
            false,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na: b\r\n\r\n",
            "hello",
            false,
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n!",
            "hello",
            true,
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
            "hello",
            true,
            false,
        ),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            "",
            false,
            true,
        ),
    ] {
        let (mut link, mut origin) = pair().await;
        let request = request("", &[]);
        let progress = request.body().progress();
        let served = async {
            heard(&mut origin).await;
            for piece in sent.trim_end_matches('!').split('|') {
                origin.write_all(piece.as_bytes()).await.expect("sent");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            match sent.ends_with('!') {
                true => drop(origin),
                // It stays open.
                false => std::mem::forget(origin),
            }
        };
        let exchange = async {
            let answered = link.send(request, &progress, LONG).await.is_ok();
            let read = body_of(&mut link).await;
            // What comes behind is there before the link is looked at.
            tokio::time::sleep(Duration::from_millis(100)).await;
            (answered, read, link.is_clean(Duration::ZERO))
        };
        let (seen, ()) = tokio::join!(exchange, served);
        assert_eq!(
            seen,
            (true, (read.as_bytes().to_vec(), broken), clean),
            "{sent:?}"
        );
    }
}

#[tokio::test]
async fn a_request_of_which_nothing_left_comes_back_whole() {
    let (mut link, origin) = pair().await;
    SockRef::from(&origin)
        .set_linger(Some(Duration::ZERO))
        .expect("an option");
    drop(origin);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let request = request("hello", &[(CONTENT_LENGTH, "5")]);
    let progress = request.body().progress();
    let Err(Failed::Unsent(back, UpstreamError::Ended(_))) =
        link.send(request, &progress, LONG).await
    else {
        panic!("it is sent to nobody");
    };
    assert_eq!(back.headers()[HOST], "h");
    let (mut link, mut origin) = pair().await;
    let progress = back.body().progress();
    let served = async {
        let heard = heard(&mut origin).await;
        origin
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .expect("sent");
        heard
    };
    let (answer, heard) = tokio::join!(link.send(back, &progress, LONG), served);
    assert!(answer.is_ok_and(|answer| answer.status() == 204));
    assert!(heard.ends_with("\r\n\r\nhello"), "{heard:?}");
}

#[tokio::test]
async fn memory_of_a_large_answer_is_given_back() {
    let (mut link, mut origin) = pair().await;
    let request = request("", &[]);
    let progress = request.body().progress();
    let served = give_4_mib(&mut origin);
    let exchange = async {
        assert!(link.send(request, &progress, LONG).await.is_ok());
        body_of(&mut link).await
    };
    let ((read, broken), ()) = tokio::join!(exchange, served);
    assert_eq!((read.len(), broken), (4 << 20, false));
    assert!(link.incoming.held() <= 2 * MOST, "{}", link.incoming.held());
    link.rest();
    assert!(link.incoming.held() <= FIRST, "{}", link.incoming.held());
}

#[tokio::test]
async fn an_origin_that_answers_early_is_asked_nothing_else() {
    let (mut link, mut origin) = pair().await;
    // More than the two systems hold between them.
    let body: &'static str = Box::leak("x".repeat(16 << 20).into_boxed_str());
    let request = request(body, &[]);
    let progress = request.body().progress();
    let served = async {
        let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
        origin.write_all(answer).await.expect("sent");
        let mut read = vec![0; 1 << 20];
        let reads = async { while let Ok(1..) = origin.read(&mut read).await {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), reads).await;
        origin
    };
    let exchange = async {
        let answered = link.send(request, &progress, LONG).await;
        assert!(answered.is_ok_and(|answer| answer.status() == 413));
        let read = body_of(&mut link).await;
        assert!(link.is_sending());
        link.settle().await;
        (read, link.is_clean(Duration::ZERO))
    };
    let (seen, _origin) = tokio::join!(exchange, served);
    assert_eq!(seen, ((b"no".to_vec(), false), false));
}

#[tokio::test]
async fn what_a_reset_may_have_taken_is_not_taken_for_whole() {
    for (linger, broken) in [(Some(Duration::ZERO), true), (None, false)] {
        let (mut link, mut origin) = pair().await;
        let request = request("", &[]);
        let progress = request.body().progress();
        let served = async {
            heard(&mut origin).await;
            origin
                .write_all(b"HTTP/1.1 200 OK\r\n\r\nhe")
                .await
                .expect("sent");
            tokio::time::sleep(Duration::from_millis(50)).await;
            SockRef::from(&origin)
                .set_linger(linger)
                .expect("an option");
            drop(origin);
        };
        let exchange = async {
            assert!(link.send(request, &progress, LONG).await.is_ok());
            body_of(&mut link).await
        };
        let (read, ()) = tokio::join!(exchange, served);
        assert_eq!(read, (b"he".to_vec(), broken));
    }
}

#[tokio::test]
async fn pieces_of_a_trickle_share_a_block() {
    let (mut link, mut origin) = pair().await;
    let request = request("", &[]);
    let progress = request.body().progress();
    let served = async {
        heard(&mut origin).await;
        origin
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
            .await
            .expect("sent");
        for _ in 0..50 {
            origin.write_all(b"data: 12345678\n\n").await.expect("sent");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        drop(origin);
    };
    let exchange = async {
        assert!(link.send(request, &progress, LONG).await.is_ok());
        let mut pieces = Vec::new();
        while let Some(Ok(frame)) = std::future::poll_fn(|cx| link.poll_frame(cx)).await {
            pieces.push(frame.into_data().expect("data"));
        }
        pieces
    };
    let (pieces, ()) = tokio::join!(exchange, served);
    let places = pieces.iter().map(|piece| piece.as_ptr() as usize);
    let (first, last) = (places.clone().min(), places.max());
    assert!(pieces.len() > 5, "{}", pieces.len());
    let spread = last.zip(first).map(|(last, first)| last - first);
    assert!(spread.is_some_and(|spread| spread < FIRST), "{spread:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_while_it_is_looked_at_is_no_empty_one() {
    for head in ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
        let (mut link, mut origin) = pair().await;
        let request = request("", &[]);
        let progress = request.body().progress();
        let served = async {
            heard(&mut origin).await;
            let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
            origin.write_all(head.as_bytes()).await.expect("sent");
            drop(origin);
        };
        let exchange = async {
            assert!(link.send(request, &progress, LONG).await.is_ok());
            let carrier = Carrier {
                wire: Wire::Own(Box::new(link)),
                shelf: Arc::default(),
                lease: None,
            };
            let mut answer = Answer::new(carrier, LONG, false);
            assert_eq!(answer.peek(10, LONG).await, b"");
            answer
        };
        let (mut answer, ()) = tokio::join!(exchange, served);
        assert_eq!(
            (answer.is_end(), answer.size_hint().exact()),
            (false, None),
            "{head}"
        );
        let frame = std::future::poll_fn(|cx| answer.poll_frame(cx)).await;
        assert!(matches!(frame, Some(Err(AnswerError::Broken))), "{head}");
    }
}

#[tokio::test]
async fn what_passes_is_shown_to_no_debugger() {
    let (mut link, mut origin) = pair().await;
    // More than the two systems hold between them: some of it waits in the link.
    let body: &'static str = Box::leak("Geheim7!".repeat(1 << 20).into_boxed_str());
    let request = request(body, &[(AUTHORIZATION, "Geheim7!")]);
    let (progress, shown) = (request.body().progress(), format!("{:?}", request.body()));
    origin
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nGeheim7!")
        .await
        .expect("sent");
    assert!(link.send(request, &progress, LONG).await.is_ok());
    let shown = [shown, format!("{link:?}")].concat();
    let carrier = Carrier {
        wire: Wire::Own(Box::new(link)),
        shelf: Arc::default(),
        lease: None,
    };
    let mut answer = Answer::new(carrier, LONG, false);
    assert_eq!(answer.peek(8, LONG).await, b"Geheim7!");
    let shown = [shown, format!("{answer:?}")].concat();
    let bytes = format!("{:?}", "Geheim7!".as_bytes());
    for secret in ["Geheim7!", bytes.trim_matches(['[', ']'])] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
}
