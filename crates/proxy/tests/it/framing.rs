//! The corpus of `tests/framing`: bytes in, statuses out, and what reached the origin.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, read_request, statuses};

#[path = "../../../../tests/framing/cases.rs"]
mod cases;

/// Sent behind the bytes of a row, on the same connection.
const LAST: &str = "GET /last HTTP/1.1\r\nHost: www.example.test\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn each_row_gets_its_answers_and_the_origin_its_part() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut before = 0;
    for case in cases::read(include_str!("../../../../tests/framing/requests.txt")) {
        let row = format!("{} ({})", case.name, case.section);
        let mut stream = world.tls(HOST).await;
        let mut wanted: Vec<u16> = case.statuses.iter().map(|status| status.code).collect();
        let stays_open = case
            .statuses
            .iter()
            .all(|status| status.code == 200 && !status.closes);
        let mut bytes = case.bytes.clone();
        let mut reaching = wanted.iter().filter(|status| **status == 200).count();
        if stays_open {
            bytes.extend_from_slice(LAST.as_bytes());
            wanted.push(200);
            reaching += 1;
        }
        // The gate may answer and close before it has read everything.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        if wanted.last() == Some(&421) {
            // The only refusal that keeps the connection.
            let _ = stream.write_all(LAST.as_bytes()).await;
            wanted.push(200);
            reaching += 1;
        }
        // Every answer is read to the end of the connection, which the gate has to close.
        let found = statuses(&mut stream).await;
        let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
        assert_eq!(found, wanted, "{row}");
        let seen = origin.seen();
        assert_eq!(
            seen.len() - before,
            reaching,
            "{row}: {:?}",
            &seen[before..]
        );
        if stays_open {
            assert_eq!(seen[seen.len() - 1].line, "GET /last HTTP/1.1", "{row}");
        }
        for request in &seen[before..] {
            assert_eq!(request.all("host"), [HOST], "{row}");
            let framings =
                request.all("content-length").len() + request.all("transfer-encoding").len();
            assert!(framings <= 1, "{row}: {request:?}");
            assert!(!request.line.contains("smuggled"), "{row}: {request:?}");
        }
        before = seen.len();
    }
}

#[tokio::test]
async fn a_refusal_is_the_gates_own_answer() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let bad = "GET /a?password=canary HTTP/1.1\r\nHost: www.example.test\r\nX : 1\r\n";
    for (language, accept, said) in [
        ("fr", "text/html", "Requête incorrecte"),
        ("en", "text/html", "Bad request"),
        ("fr", "application/json", "Requête incorrecte"),
    ] {
        let answer = world
            .ask(&format!(
                "{bad}Accept-Language: {language}\r\nAccept: {accept}\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.one("connection"), "close");
        assert_eq!(answer.one("strict-transport-security"), "max-age=300");
        assert_eq!(answer.one("content-language"), language);
        assert!(answer.text().contains(said), "{}", answer.text());
        assert_eq!(
            answer.one("content-type").contains("json"),
            accept.contains("json")
        );
    }
    let answer = world.ask_plain(&format!("{bad}\r\n")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.all("strict-transport-security").is_empty());
    assert!(origin.seen().is_empty());
    for line in world.log_lines(4).await {
        assert!(
            line.contains("\"outcome\":\"head: a space before a colon\""),
            "{line}"
        );
        assert!(
            line.contains("\"path\":\"/a?…\"") && line.contains("\"status\":400"),
            "{line}"
        );
        assert!(!line.contains("canary"), "{line}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_behind_its_head_is_400_and_never_whole_for_the_origin() {
    let whole = Arc::new(Mutex::new(Vec::new()));
    let memory = Arc::clone(&whole);
    let origin = Origin::raw(move |mut stream| {
        let memory = Arc::clone(&memory);
        async move {
            let mut rest = Vec::new();
            if let Some(request) = read_request(&mut stream, &mut rest).await {
                memory.lock().expect("memory").push(request);
            }
        }
    })
    .await;
    let world = World::before(origin.address).await;
    for (turn, (name, first, second, reason)) in [
        (
            "size",
            "5\r\nhello\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            "chunk size",
        ),
        (
            "end",
            "5\r\nhello",
            "XX0\r\n\r\n",
            "chunk that does not end",
        ),
        (
            "trailer",
            "0\r\n",
            "Host: x\r\n\r\n",
            "may not be a trailer",
        ),
        ("extension", "5;a=b", "\nhello\r\n0\r\n\r\n", "extension"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut stream = world.tls(HOST).await;
        let head =
            format!("POST /{name} HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n");
        stream
            .write_all(format!("{head}{first}").as_bytes())
            .await
            .expect("sent");
        stream.flush().await.expect("sent");
        while origin.connections() == turn {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stream.write_all(second.as_bytes()).await.expect("sent");
        stream.flush().await.expect("sent");
        let answer = Answer::read(&mut stream).await;
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.one("connection"), "close", "{name}");
        let mut rest = Vec::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        end.expect("closed in time").ok();
        let lines = world.log_lines(turn + 1).await;
        assert!(
            lines.iter().any(|line| line.contains(reason)),
            "{name}: {lines:?}"
        );
    }
    assert!(whole.lock().expect("memory").is_empty());
}

#[tokio::test]
async fn a_refused_client_that_goes_on_sending_still_reads_its_answer() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: +12000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
        .write_all(&vec![b'a'; 12_000_000])
        .await
        .expect("read by the gate");
    assert_eq!(Answer::read(&mut stream).await.status, 400);
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn a_refusal_waits_for_the_answers_before_it() {
    // The good request is still being answered when the bad one comes.
    let origin = Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            .await;
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let good = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(good.as_bytes()).await.expect("sent");
    stream.flush().await.expect("sent");
    while origin.connections() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    stream.write_all(b"GET / HTTP/1.1\n\n").await.expect("sent");
    stream.flush().await.expect("sent");
    assert_eq!(statuses(&mut stream).await, ["200", "400"]);
}

#[tokio::test]
async fn heads_in_pieces_pass_whole() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!(
        "POST /a HTTP/1.1\r\nHost: {HOST}\r\nX: {}\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
        "b".repeat(20_000)
    );
    for _ in 0..3 {
        for piece in request.as_bytes().chunks(777) {
            stream.write_all(piece).await.expect("sent");
            stream.flush().await.expect("sent");
            tokio::task::yield_now().await;
        }
        assert_eq!(Answer::read(&mut stream).await.status, 200);
    }
    for seen in origin.seen() {
        assert_eq!(seen.body, b"hello");
        assert_eq!(seen.all("x")[0].len(), 20_000);
    }
    assert_eq!(origin.seen().len(), 3);
}

#[tokio::test]
async fn each_answer_of_an_origin_is_passed_on_or_is_502_and_its_connection_dropped() {
    for case in cases::read(include_str!("../../../../tests/framing/answers.txt")) {
        let row = format!("{} ({})", case.name, case.section);
        let bytes = case.bytes.clone();
        let closes = String::from_utf8_lossy(&bytes).contains("Connection: close")
            || bytes.starts_with(b"HTTP/1.0");
        let origin = Origin::raw(move |mut stream| {
            let bytes = bytes.clone();
            async move {
                let mut rest = Vec::new();
                while read_request(&mut stream, &mut rest).await.is_some() {
                    if stream.write_all(&bytes).await.is_err() || closes {
                        return;
                    }
                }
            }
        })
        .await;
        let world = World::with(
            origin.address,
            Setting {
                transport: "deadlines = { answer = \"5s\" }",
                ..Setting::default()
            },
        )
        .await;
        let status = case.statuses[0].code;
        for turn in 1..=2 {
            let answer = world.get("/").await;
            assert_eq!(answer.status, status, "{row}");
            assert_eq!(answer.all("strict-transport-security").len(), 1, "{row}");
            if status == 200 {
                assert_eq!(
                    (answer.text().as_str(), answer.complete),
                    ("hello", true),
                    "{row}"
                );
            }
            if status == 502 {
                // Nobody else's request goes where this answer came from.
                assert_eq!(origin.connections(), turn, "{row}");
                let line = world.log_lines(turn).await.remove(turn - 1);
                assert!(line.contains("\"outcome\":\"origin: "), "{row}: {line}");
            }
        }
    }
}

#[tokio::test]
async fn a_bad_chunk_of_an_origin_cuts_the_client_off() {
    for body in [
        "5\r\nhelloXX0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
    ] {
        let origin = Origin::raw(move |mut stream| async move {
            let mut rest = Vec::new();
            while read_request(&mut stream, &mut rest).await.is_some() {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let answer = format!("{head}1\r\na\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await;
        let world = World::before(origin.address).await;
        for turn in 1..=2 {
            let answer = world.get("/").await;
            assert!(!answer.complete, "{body:?}: {answer:?}");
            assert_eq!(origin.connections(), turn, "{body:?}");
        }
    }
}
