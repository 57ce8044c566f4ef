//! `learn`, on a small old site whose names promise nothing: what is proposed, what the browser
//! sees meanwhile, and that nothing typed is ever written.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const PAGE: &str = "<!doctype html><form action=\"http://HOST/in\" method=\"post\"><input name=\"f1\">\
                    <input type=\"password\" name=\"f2\"><input type=\"hidden\" name=\"f3\"></form>";
const NAME: &str = "camille-77";
const RIGHT: &str = "bon-mot-de-passe";
const WRONG: &str = "faux-mot-de-passe";

/// Serves the site until the test ends; its port, and each request as it came.
fn site() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, seen) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = read_whole(&mut stream);
            let answer = answer(&request, port);
            let _ = stream.write_all(answer.as_bytes());
            let _ = sender.send(request);
        }
    });
    (port, seen)
}

fn answer(request: &str, port: u16) -> String {
    let host = format!("127.0.0.1:{port}");
    if request.starts_with("POST /in") && request.contains(RIGHT) {
        return format!(
            "HTTP/1.1 302 Found\r\nLocation: https://{host}/home\r\nSet-Cookie: SID=2; Path=/\r\n\
             Set-Cookie: door=1; Path=/; Secure; Domain=a.fr\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
    }
    let body = PAGE.replace("HOST", &host);
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: SID=1; Path=/\r\n\
         Strict-Transport-Security: max-age=9\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A message with its body, as its length says.
fn read_whole(stream: &mut TcpStream) -> String {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    let mut whole = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&whole).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => whole.extend_from_slice(&piece[..read]),
            _ => return text,
        }
    }
}

/// A running `learn`, and the lines that it says.
struct Learning {
    child: Child,
    said: mpsc::Receiver<String>,
    all: String,
    port: u16,
}

impl Learning {
    fn start(site: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rempart"))
            .args([
                "--lang",
                "en",
                "learn",
                &format!("http://127.0.0.1:{site}/"),
            ])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let (sender, said) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut learning = Self {
            child,
            said,
            all: String::new(),
            port: 0,
        };
        let line = learning.hear("http://127.0.0.1:");
        let port = line
            .rsplit(':')
            .next()
            .and_then(|rest| rest.trim_end_matches('/').parse().ok());
        learning.port = port.expect("a port");
        learning
    }

    /// The next line that holds a text.
    fn hear(&mut self, text: &str) -> String {
        loop {
            let line = self.said.recv_timeout(Duration::from_secs(20));
            let line = line.unwrap_or_else(|_| panic!("{text:?} is not said:\n{}", self.all));
            self.all += &format!("{line}\n");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// What the browser of somebody gets.
    fn ask(&self, host: &str, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("connected");
        let length = body.len();
        let request = format!(
            "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://{host}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        read_whole(&mut stream)
    }

    fn sign_in(&self, password: &str) -> String {
        let host = format!("localhost:{}", self.port);
        self.ask(&host, "POST /in", &format!("f1={NAME}&f2={password}&f3=x"))
    }

    /// The exit code, standard output and everything that was said.
    fn end(mut self) -> (Option<i32>, String, String) {
        drop(self.child.stdin.take());
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().expect("piped");
        stdout.read_to_string(&mut out).expect("UTF-8 output");
        let status = self.child.wait().expect("the command ends");
        while let Ok(line) = self.said.recv_timeout(Duration::from_secs(20)) {
            self.all += &format!("{line}\n");
        }
        for typed in [NAME, RIGHT, WRONG] {
            assert!(!out.contains(typed) && !self.all.contains(typed), "{typed}");
        }
        (status.code(), out, self.all)
    }
}

#[test]
fn a_failed_and_a_good_sign_in_become_a_table() {
    let (port, seen) = site();
    let mut learning = Learning::start(port);
    learning.hear("wrong password");
    let host = format!("127.0.0.1:{}", learning.port);

    // Pages lead to the window, as do redirects; cookies are kept without TLS.
    let page = learning.ask(&host, "GET /", "");
    assert!(page.contains(&format!("http://{host}/in")), "{page}");
    assert!(!page.to_lowercase().contains("strict-transport"), "{page}");
    let request = seen.recv().expect("a request");
    let lower = request.to_lowercase();
    for field in [
        format!("host: 127.0.0.1:{port}"),
        format!("origin: http://127.0.0.1:{port}"),
        "x-forwarded-proto: https".to_owned(),
        "accept-encoding: identity".to_owned(),
    ] {
        assert!(lower.contains(&field), "{field}: {request}");
    }

    // A name that somebody pointed here leads nowhere.
    let strange = learning.ask("evil.example", "GET /", "");
    assert!(strange.starts_with("HTTP/1.1 421"), "{strange}");

    learning.sign_in(WRONG);
    learning.hear("right password");
    // Wrong again: it is told from a good one.
    learning.sign_in(WRONG);
    learning.hear("that of a failure");
    let good = learning.sign_in(RIGHT);
    let here = format!("localhost:{}", learning.port);
    assert!(
        good.to_lowercase()
            .contains(&format!("location: http://{here}/home")),
        "{good}"
    );
    assert!(good.contains("door=1; Path=/\r\n"), "{good}");
    learning.hear("Change the password");

    let (code, out, all) = learning.end();
    assert_eq!(code, Some(0), "{all}");
    let tables: Vec<&str> = out
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert_eq!(
        tables,
        [
            "[[site.form]]",
            "kind = \"sign-in\"",
            "path = \"/in\"",
            "identifier = \"f1\"",
            "password = \"f2\"",
            "success = [{ set-cookie = \"door\" }]",
        ],
        "{out}"
    );
    assert!(
        out.contains("# Tried:") && out.contains("rempart lint"),
        "{out}"
    );
    // Nothing of the strange request came to the site.
    assert!(seen.try_iter().all(|request| !request.contains("evil")));
}

#[test]
fn what_was_seen_until_an_interruption_is_proposed() {
    let (port, _seen) = site();
    let mut learning = Learning::start(port);
    let host = format!("127.0.0.1:{}", learning.port);
    learning.ask(&host, "GET /", "");
    learning.sign_in(WRONG);
    learning.hear("right password");
    let id = learning.child.id().to_string();
    let done = Command::new("kill").args(["-INT", &id]).status();
    assert!(done.expect("kill runs").success());
    let (code, out, all) = learning.end();
    assert_eq!(code, Some(1), "{all}");
    assert!(
        out.contains("# password = \"f2\"") && out.contains("No good sign-in"),
        "{out}"
    );
}

#[test]
fn an_address_that_cannot_be_watched_is_told_with_what_to_do() {
    let folder = super::folder();
    for url in [
        "example.fr",
        "ftp://a.fr",
        "http://192.0.2.1",
        "http://u:p@127.0.0.1:1",
    ] {
        let output = super::run(folder.path(), &["--lang", "en", "learn", url], "");
        let text = super::err(&output);
        assert_eq!(output.status.code(), Some(2), "{url}: {text}");
        assert!(
            text.contains("fix:") && !text.contains("u:p"),
            "{url}: {text}"
        );
    }
}
