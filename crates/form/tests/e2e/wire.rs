//! One request on a connection of its own, as it is written.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        let pairs = lines.filter_map(|line| line.to_str().ok()?.split(';').next());
        let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
        Some(pairs.find(|(found, _)| *found == name)?.1.to_owned())
    }
}

/// A request line without its version, then fields, one a line.
pub(crate) fn ask(address: SocketAddr, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the origin listens");
    let deadline = Some(Duration::from_secs(20));
    stream.set_read_timeout(deadline).expect("a deadline");
    let (first, fields) = head.split_once('\n').unwrap_or((head, ""));
    let mut bytes = format!("{first} HTTP/1.1\r\nHost: a.fr\r\nConnection: close\r\n");
    for field in fields.lines() {
        bytes += &format!("{field}\r\n");
    }
    bytes += &format!("Content-Length: {}\r\n\r\n", body.len());
    stream
        .write_all(bytes.as_bytes())
        .expect("the request goes out");
    // It may refuse before it has read everything.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let mut lines = head.lines();
    let status = lines.next().expect("a line")[9..12]
        .parse()
        .expect("a status");
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_str(value.trim()).expect("a value"),
        );
    }
    Answer {
        status: StatusCode::from_u16(status).expect("a status"),
        headers,
        body: body.to_owned(),
    }
}

/// Waits until something listens.
pub(crate) fn wait_for(address: SocketAddr, deadline: Duration) {
    let end = Instant::now() + deadline;
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "nothing listens on {address}");
        sleep(Duration::from_millis(50));
    }
}
