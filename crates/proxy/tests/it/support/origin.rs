//! An origin that answers as a test says and remembers what it was sent.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{find, read_some, unchunk};

/// What an origin was sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let found = self.fields.iter().filter(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).collect()
    }
}

/// An origin and its memory.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
}

impl Origin {
    /// Answers every request with what `answer` makes of it; keeps connections open.
    pub(crate) async fn answering(
        answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&seen);
        let answer = Arc::new(answer);
        let (address, connections) = listen(move |mut stream| {
            let (memory, answer) = (Arc::clone(&memory), Arc::clone(&answer));
            async move {
                let mut rest = Vec::new();
                while let Some(request) = read_request(&mut stream, &mut rest).await {
                    let bytes = answer(&request);
                    memory.lock().expect("memory").push(request);
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        Self {
            address,
            seen,
            connections,
        }
    }

    /// Does with each connection what `serve` says.
    pub(crate) async fn raw<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let (address, connections) = listen(serve).await;
        Self {
            address,
            seen: Arc::default(),
            connections,
        }
    }

    /// A page for every path, and what the path asks for.
    pub(crate) async fn site() -> Self {
        Self::answering(|seen| {
            let path = seen.line.split(' ').nth(1).unwrap_or("/");
            let page = "<p>bonjour";
            let length = page.len();
            match path.split('?').next().unwrap_or(path) {
                "/302" => "HTTP/1.1 302 Found\r\nLocation: /200\r\nContent-Length: 0\r\n\r\n".into(),
                "/404" => format!("HTTP/1.1 404 Not Found\r\nContent-Length: {length}\r\n\r\n{page}"),
                _ => format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{page}"
                ),
            }
            .into_bytes()
        })
        .await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("memory").clone()
    }

    /// The only request that reached this origin.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("memory")
    }
}

async fn listen<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *count.lock().expect("memory") += 1;
            tokio::spawn(serve(stream));
        }
    });
    (address, connections)
}

/// Reads one request; `rest` keeps what came behind it.
pub(crate) async fn read_request(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    rest: &mut Vec<u8>,
) -> Option<Seen> {
    let end = loop {
        if let Some(end) = find(rest, b"\r\n\r\n") {
            break end;
        }
        if !read_some(stream, rest).await {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    rest.drain(..end + 4);
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let seen = Seen {
        line,
        fields,
        body: Vec::new(),
    };
    let body = if let Some(length) = seen.all("content-length").first() {
        let length: usize = length.parse().expect("a length");
        while rest.len() < length {
            if !read_some(stream, rest).await {
                return None;
            }
        }
        rest.drain(..length).collect()
    } else if seen.all("transfer-encoding").is_empty() {
        Vec::new()
    } else {
        while !rest.ends_with(b"0\r\n\r\n") {
            if !read_some(stream, rest).await {
                return None;
            }
        }
        unchunk(&std::mem::take(rest))
    };
    Some(Seen { body, ..seen })
}
