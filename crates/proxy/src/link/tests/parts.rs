//! Answers whose head and body come apart, and what stays of one when the next has come.

use super::*;

#[tokio::test]
async fn an_origin_known_to_answer_in_parts_is_read_when_both_may_be_there() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    let (mut link, mut origin) = pair().await;
    origin.set_nodelay(true).expect("set");
    let watch = match &link.socket {
        Socket::Plain(stream) => SockRef::from(stream).try_clone().expect("a descriptor"),
        Socket::Tls(_) => unreachable!("it is plain"),
    };
    // Whether the body comes in the turn behind the head; whether the head is read before that; and
    // what is known of the origin then.
    for (comes, reads, in_parts) in [
        (true, true, true),
        (true, false, true),
        (false, false, false),
        (true, true, true),
    ] {
        let request = request("", &[]);
        let progress = request.body().progress();
        let mut cx = Context::from_waker(Waker::noop());
        let mut sent = Box::pin(link.send(request, &progress, LONG));
        assert!(sent.as_mut().poll(&mut cx).is_pending());
        let moment = Duration::from_millis(20);
        origin.write_all(HEAD).await.expect("sent");
        tokio::time::sleep(moment).await;
        assert!(sent.as_mut().poll(&mut cx).is_pending());
        let unread = watch.peek(&mut [MaybeUninit::uninit(); 99]).unwrap_or(0);
        assert_eq!(unread == 0, reads);
        if comes {
            origin.write_all(b"ok").await.expect("sent");
            tokio::time::sleep(moment).await;
        }
        let answered = matches!(sent.as_mut().poll(&mut cx), Poll::Ready(Ok(_)));
        drop(sent);
        assert!(answered);
        assert_eq!(
            (link.incoming.lacks_body(), link.in_parts),
            (!comes, in_parts)
        );
        if !comes {
            origin.write_all(b"ok").await.expect("sent");
        }
        assert_eq!(body_of(&mut link).await, (b"ok".to_vec(), false));
        assert!(link.is_clean(Duration::ZERO));
        link.rest();
    }
}

#[tokio::test]
async fn what_is_kept_of_one_answer_is_not_touched_by_the_next() {
    let (mut link, mut origin) = pair().await;
    let mut kept = Vec::new();
    // More than a block of memory holds.
    for number in 0..40 {
        let request = request("", &[]);
        let progress = request.body().progress();
        let filler = "f".repeat(600);
        let body = format!("{number:02}");
        let answer =
            format!("HTTP/1.1 200 OK\r\nX: {number}{filler}\r\nContent-Length: 2\r\n\r\n{body}");
        origin.write_all(answer.as_bytes()).await.expect("sent");
        let head = link.send(request, &progress, LONG).await;
        let head = head.unwrap_or_else(|failed| panic!("{}", failed.into_error()));
        assert_eq!(body_of(&mut link).await, (body.into_bytes(), false));
        kept.push((format!("{number}{filler}"), head.headers()["x"].clone()));
        link.rest();
    }
    for (wanted, value) in kept {
        assert_eq!(value, wanted);
    }
}

#[tokio::test]
async fn a_head_in_many_pieces_leaves_no_large_buffer_behind() {
    let (mut link, mut origin) = pair().await;
    let request = request("", &[]);
    let progress = request.body().progress();
    let served = async {
        heard(&mut origin).await;
        let filler = "f".repeat(3000);
        let fields = (0..30).map(|number| format!("X-{number}: {filler}\r\n"));
        let end = ["Content-Length: 0\r\n\r\n".to_owned()];
        origin
            .write_all(b"HTTP/1.1 200 OK\r\n")
            .await
            .expect("sent");
        for piece in fields.chain(end) {
            tokio::time::sleep(Duration::from_millis(2)).await;
            origin.write_all(piece.as_bytes()).await.expect("sent");
        }
    };
    let (answer, ()) = tokio::join!(link.send(request, &progress, LONG), served);
    assert!(answer.is_ok_and(|answer| answer.headers().len() == 31));
    link.rest();
    assert!(
        link.incoming.held() <= 2 * FIRST,
        "{}",
        link.incoming.held()
    );
}

#[tokio::test]
async fn of_an_answer_for_a_client_with_many_little_is_held() {
    let (mut link, mut origin) = pair().await;
    let request = request("", &[]);
    let progress = request.body().progress();
    let served = give_4_mib(&mut origin);
    let exchange = async {
        assert!(link.send(request, &progress, LONG).await.is_ok());
        link.narrow();
        let mut largest = 0;
        while let Some(frame) = std::future::poll_fn(|cx| link.poll_frame(cx)).await {
            let frame = frame.expect("a piece").into_data().expect("of the body");
            largest = largest.max(frame.len());
        }
        largest
    };
    let (largest, ()) = tokio::join!(exchange, served);
    assert!((FIRST..=2 * NARROW).contains(&largest), "{largest}");
    // The next client may have more.
    link.rest();
    assert!(
        link.incoming.held() <= 2 * FIRST,
        "{}",
        link.incoming.held()
    );
}
