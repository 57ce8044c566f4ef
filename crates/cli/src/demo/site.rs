//! The old-fashioned site of the demonstration.
//!
//! It believes that it is served over plain HTTP: its redirects and pictures are absolute
//! `http://` addresses and its cookie has no `Secure`. It accepts any password and limits
//! no attempt. It keeps what it is told in memory until it stops.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

/// A form of this site is never longer.
const LONGEST_FORM: usize = 16 * 1024;
/// More accounts than a demonstration needs.
const MOST_ACCOUNTS: usize = 1_000;

/// Accounts by login, and open sessions by token.
#[derive(Default)]
struct Memory {
    accounts: HashMap<String, Zeroizing<String>>,
    sessions: HashMap<String, String>,
}

type Shared = Arc<Mutex<Memory>>;

/// Serves on a free loopback port until the task is dropped; returns the address.
pub(super) async fn start() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let shared = Shared::default();
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            let shared = shared.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, shared.clone()));
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}

async fn answer(
    request: Request<Incoming>,
    shared: Shared,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let host = text_of(&head.headers, header::HOST)
        .unwrap_or("localhost")
        .to_owned();
    let path = head.uri.path().to_owned();
    Ok(match (&head.method, path.as_str()) {
        (&Method::GET, "/") => page(&host, &home(&head.headers, &shared)),
        (&Method::GET, "/sign-up") => page(&host, SIGN_UP),
        (&Method::GET, "/sign-in") => page(&host, SIGN_IN),
        (&Method::GET, "/seen") => page(&host, &seen(&head.headers)),
        (&Method::GET, "/logo.svg") => logo(),
        (&Method::GET, "/old-address") => redirect(&host, "/", None),
        (&Method::POST, "/sign-up") => match form(body).await {
            Some(fields) => sign_up(&host, fields, &shared),
            None => plain(StatusCode::BAD_REQUEST),
        },
        (&Method::POST, "/sign-in") => match form(body).await {
            Some(fields) => sign_in(&host, &fields, &shared),
            None => plain(StatusCode::BAD_REQUEST),
        },
        (_, "/" | "/sign-up" | "/sign-in" | "/seen" | "/logo.svg" | "/old-address") => {
            plain(StatusCode::METHOD_NOT_ALLOWED)
        }
        _ => plain(StatusCode::NOT_FOUND),
    })
}

fn sign_up(
    host: &str,
    mut fields: HashMap<String, Zeroizing<String>>,
    shared: &Shared,
) -> Response<Full<Bytes>> {
    let (Some(login), Some(password)) = (fields.remove("login"), fields.remove("password")) else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let mut memory = lock(shared);
    if memory.accounts.len() >= MOST_ACCOUNTS {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    }
    memory.accounts.insert(login.to_string(), password);
    redirect(host, "/sign-in", None)
}

fn sign_in(
    host: &str,
    fields: &HashMap<String, Zeroizing<String>>,
    shared: &Shared,
) -> Response<Full<Bytes>> {
    let (Some(login), Some(password)) = (fields.get("login"), fields.get("password")) else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let mut memory = lock(shared);
    // Compared in clear and in varying time: that is how such sites do it.
    if memory.accounts.get(login.as_str()) != Some(password) {
        return page(
            host,
            &format!("<p class=no>Identifiant ou mot de passe inconnu.</p>{SIGN_IN}"),
        );
    }
    if memory.sessions.len() >= MOST_ACCOUNTS {
        memory.sessions.clear();
    }
    let mut token = [0; 16];
    if getrandom::fill(&mut token).is_err() {
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    memory.sessions.insert(token.clone(), login.to_string());
    redirect(
        host,
        "/",
        Some(&format!("session={token}; Path=/; HttpOnly")),
    )
}

/// The signed-in name, by the session cookie.
fn signed_in(headers: &HeaderMap, shared: &Shared) -> Option<String> {
    let cookies = text_of(headers, header::COOKIE)?;
    let token = cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("session="))?;
    lock(shared).sessions.get(token).cloned()
}

fn home(headers: &HeaderMap, shared: &Shared) -> String {
    let greeting = match signed_in(headers, shared) {
        Some(login) => format!(
            "<p>Bonjour <b>{}</b> : vous êtes connecté.</p>",
            escape(&login)
        ),
        None => "<p>Vous n’êtes pas connecté.</p>".to_owned(),
    };
    format!(
        "{greeting}<ul><li><a href=/sign-up>Ouvrir un compte</a> (n’importe quel mot de passe est accepté)\
         <li><a href=/sign-in>Se connecter</a>\
         <li><a href=/old-address>Une ancienne adresse</a>, redirigée vers http://\
         <li><a href=/seen>Ce que ce site voit de vous</a></ul>"
    )
}

/// The request fields that tell the site where it is served from.
fn seen(headers: &HeaderMap) -> String {
    let mut rows = String::new();
    for name in [
        "host",
        "forwarded",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-for",
        "x-forwarded-port",
    ] {
        let value = headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("–");
        rows += &format!("<tr><th>{name}<td>{}", escape(value));
    }
    format!("<table>{rows}</table>")
}

fn page(host: &str, content: &str) -> Response<Full<Bytes>> {
    let host = escape(host);
    let text = format!(
        "<!doctype html><html lang=fr><meta charset=utf-8><title>Voyance du vieux port</title>\
         <meta name=viewport content=\"width=device-width\">\
         <style>body{{font:18px/1.5 Georgia,serif;max-width:40em;margin:2em auto;padding:0 1em;background:#fdf6e3;color:#222}}\
         img{{width:96px;float:right}}a{{color:#00c}}th{{text-align:left;padding-right:1em}}.no{{color:#a00}}\
         input{{font:inherit;display:block;margin:.2em 0 1em}}button{{font:inherit}}</style>\
         <img src=\"http://{host}/logo.svg\" alt=\"boule de cristal\">\
         <h1><a href=/>Voyance du vieux port</a></h1>{content}\
         <hr><p><small>Un site à l’ancienne : il se croit servi en http://, son image est en http://, \
         son cookie n’est pas «&nbsp;Secure&nbsp;».</small>"
    );
    let mut response = Response::new(Full::new(Bytes::from(text)));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

fn logo() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(LOGO.as_bytes())));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("image/svg+xml"),
    );
    response
}

/// A redirect to an absolute http:// address, as old sites make them.
fn redirect(host: &str, path: &str, cookie: Option<&str>) -> Response<Full<Bytes>> {
    let mut response = plain(StatusCode::FOUND);
    if let Ok(location) = format!("http://{host}{path}").parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if let Some(Ok(cookie)) = cookie.map(str::parse) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let text = format!("{status}\n");
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}

/// The fields of an urlencoded body; the last of two with one name counts, as in PHP.
async fn form(body: Incoming) -> Option<HashMap<String, Zeroizing<String>>> {
    let bytes = Limited::new(body, LONGEST_FORM)
        .collect()
        .await
        .ok()?
        .to_bytes();
    let text = std::str::from_utf8(&bytes).ok()?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, Zeroizing::new(decode(value)?)))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
                u8::try_from(value).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Memory> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

const SIGN_UP: &str = "<form method=post action=/sign-up><h2>Ouvrir un compte</h2>\
    <label>Identifiant <input name=login autocomplete=username required></label>\
    <label>Mot de passe <input name=password type=password autocomplete=new-password></label>\
    <button>Ouvrir</button></form>";

const SIGN_IN: &str = "<form method=post action=/sign-in><h2>Se connecter</h2>\
    <label>Identifiant <input name=login autocomplete=username required></label>\
    <label>Mot de passe <input name=password type=password autocomplete=current-password></label>\
    <button>Entrer</button></form>";

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\">\
    <path d=\"M24 84h48l-8-14H32z\" fill=\"#654321\"/>\
    <circle cx=\"48\" cy=\"42\" r=\"32\" fill=\"#8ecae6\" stroke=\"#219ebc\" stroke-width=\"3\"/>\
    <path d=\"M30 34a20 20 0 0 1 16-14\" fill=\"none\" stroke=\"#fff\" stroke-width=\"5\" stroke-linecap=\"round\"/></svg>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urlencoded_values_are_decoded() {
        for (text, value) in [
            ("a+b", Some("a b")),
            ("%C3%A9", Some("é")),
            ("%zz", None),
            ("%4", None),
            ("%ff", None),
        ] {
            assert_eq!(decode(text).as_deref(), value, "{text}");
        }
    }
}
