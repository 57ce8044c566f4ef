//! Paths as origins may read them, the loosest way, beside the exact one.
//!
//! A path that only the loosest reading takes for a protected one is refused: an origin may
//! unescape twice, drop `;jsessionid=` or ASP.NET's `/(S(…))`, merge slashes, resolve dots,
//! ignore letter case, hand `/login.php/x` to `/login.php`, take `/index.php/login` for `/login`,
//! `/login/` for `/login/index.php`, `/login` and `/login/x` for `/login.php` (MultiViews) or
//! `/login.json` for `/login` (Rails). None of this is repaired: what goes on is what came.
//!
//! Absent on purpose: front controllers by query (`/?q=user/login`), which only `path = "/*"`
//! can name.

use std::borrow::Cow;

use crate::glob;

/// How a request's path meets the path of a form, or a part of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    /// Not at all.
    None,
    /// It may be another name of the form's, and is as likely a page of its own.
    Beside,
    /// An origin may take it for the form's.
    Loosely,
    /// To the letter.
    Exactly,
}

/// One path of a form, ready.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As the policy writes it, decoded.
    exact: String,
    /// In the loosest spelling.
    loose: String,
    /// What lies behind the name of a script without its extension: `/login/*` of `/login.php`.
    behind: Option<String>,
}

/// A part of a site: a path, and all that is below it.
#[derive(Debug)]
pub struct Part(Pattern);

/// A request's path, read once for every form.
#[derive(Debug)]
pub struct RequestPath<'r> {
    /// Escapes decoded; `None` when one was needless or wrong, or is not UTF-8.
    plain: Option<Cow<'r, str>>,
    loose: Cow<'r, str>,
}

impl Pattern {
    pub(crate) fn new(path: &str) -> Self {
        let loose = loosen(path.as_bytes()).into_owned();
        let behind = match stem(&loose) {
            (stem, true) if !path.ends_with('*') => Some(format!("{stem}/*")),
            _ => None,
        };
        Self {
            exact: path.to_owned(),
            loose,
            behind,
        }
    }

    /// Whether a star may stand for a whole tree.
    pub(crate) fn is_wide(&self) -> bool {
        self.exact.ends_with('*')
    }

    pub(crate) fn meets(&self, path: &RequestPath<'_>) -> Meeting {
        let exactly = path
            .plain
            .as_deref()
            .is_some_and(|plain| reaches(&self.exact, plain));
        let loosely = reaches(&self.loose, &path.loose) || self.is_below(&path.loose);
        let behind = || {
            let behind = self.behind.as_deref();
            behind.is_some_and(|behind| glob::matches(behind, &path.loose))
        };
        let beside = !self.is_wide() && (is_beside(&self.loose, &path.loose) || behind());
        match (exactly, loosely) {
            (true, true) => Meeting::Exactly,
            (false, false) if beside => Meeting::Beside,
            (false, false) => Meeting::None,
            // Dot segments may lead out of it, or into it.
            (true, false) | (false, true) => Meeting::Loosely,
        }
    }

    /// `/login.php/x` (a script and what follows it), and `/index.php/login` (all in one).
    fn is_below(&self, loose: &str) -> bool {
        let last = self.loose.rsplit('/').next().unwrap_or_default();
        let script = last.contains('.') && !self.loose.contains('*');
        let behind = script
            && loose
                .strip_prefix(self.loose.as_str())
                .is_some_and(|rest| rest.starts_with('/'));
        let front = loose
            .find("/index.php/")
            .is_some_and(|at| reaches(&self.loose, &loose[at + "/index.php".len()..]));
        behind || front
    }
}

impl Part {
    /// The part that begins at a path, written as a request writes it; a slash at the end is the
    /// same without.
    pub fn new(path: &str) -> Self {
        let top = plain(path).unwrap_or(Cow::Borrowed(path));
        let top = top.trim_end_matches('/');
        Self(Pattern::new(&format!("{top}/*")))
    }

    /// Whether a request's path lies in it. A path that an origin may read as one inside, or as
    /// one outside, meets it loosely.
    pub fn holds(&self, path: &RequestPath<'_>) -> Meeting {
        self.0.meets(path)
    }

    /// How long its path is: of two parts that hold a path exactly, the longer is the deeper.
    pub fn depth(&self) -> usize {
        self.0.exact.len()
    }
}

/// Whether two loose paths are one but for the name of a folder's index, or for an extension
/// that only one of them has.
fn is_beside(pattern: &str, path: &str) -> bool {
    if glob::matches(folder(pattern), folder(path)) {
        return true;
    }
    let ((pattern, one), (path, other)) = (stem(pattern), stem(path));
    one != other && glob::matches(pattern, path)
}

/// A path without `/index.…` and `/default.…` at its end.
fn folder(path: &str) -> &str {
    let at = path.rfind('/').unwrap_or_default();
    let (folder, last) = path.split_at(at);
    let is_index = ["/index.", "/default."]
        .iter()
        .any(|name| last.starts_with(name));
    match (is_index, folder) {
        (false, _) => path,
        (true, "") => "/",
        (true, folder) => folder,
    }
}

/// A path without the extension of its last part, and whether it has one.
fn stem(path: &str) -> (&str, bool) {
    let last = path.rfind('/').map_or(0, |at| at + 1);
    match path[last..].rfind('.') {
        Some(dot) if dot > 0 => (&path[..last + dot], true),
        _ => (path, false),
    }
}

/// `/a/*` is `/a` and all that is below.
fn reaches(pattern: &str, path: &str) -> bool {
    glob::matches(pattern, path)
        || pattern
            .strip_suffix("/*")
            .is_some_and(|top| !top.is_empty() && glob::matches(top, path))
}

impl<'r> RequestPath<'r> {
    /// Reads the path of a request target, without its query.
    pub fn new(raw: &'r str) -> Self {
        Self {
            plain: plain(raw),
            loose: loosen(raw.as_bytes()),
        }
    }

    /// Whether escapes and signs leave one way to read its letters. Dots, double slashes and
    /// letter case may still be read in several.
    pub const fn is_plain(&self) -> bool {
        self.plain.is_some()
    }
}

/// Decodes escapes that a browser has to write; `None` for any other.
fn plain(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b';' | b'\\')) {
        return Some(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let byte = escape(bytes.next()?, bytes.next()?)?;
                let needless = byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'\\' | b';' | b'%')
                    || byte.is_ascii_control();
                if needless {
                    return None;
                }
                byte
            }
            b';' | b'\\' => return None,
            byte => byte,
        };
        decoded.push(byte);
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn escape(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The loosest spelling: escapes decoded until none is left, `\` as `/`, parameters dropped,
/// slashes merged, dots resolved, lower-case, without a slash, dots or spaces at the end.
fn loosen(raw: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(raw)
        && is_loose(text)
    {
        return Cow::Borrowed(text);
    }
    let mut bytes = raw.to_vec();
    // Nobody unescapes more often; a path that is still escaped then is nobody's form.
    for _ in 0..3 {
        if !bytes.contains(&b'%') {
            break;
        }
        bytes = unescape(&bytes);
    }
    let text = String::from_utf8_lossy(&bytes).replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        let part = part.split([';', '\0', '?', '#']).next().unwrap_or_default();
        match part {
            "" | "." => {}
            // A session of ASP.NET without cookies: `(S(…))`, and what goes with it.
            part if part.starts_with('(') && part.ends_with("))") => {}
            ".." => drop(parts.pop()),
            part => parts.push(part.trim_end_matches(['.', ' '])),
        }
    }
    let mut loose = String::with_capacity(text.len() + 1);
    for part in parts {
        if !(loose.is_empty() && part.starts_with('*')) {
            loose.push('/');
        }
        loose.push_str(&part.to_lowercase());
    }
    if loose.is_empty() {
        loose.push('/');
    }
    Cow::Owned(loose)
}

/// Whether a path is in the loosest spelling already, as nearly every one is.
fn is_loose(path: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'/' | b'-' | b'_' | b'.')
    };
    path.starts_with('/')
        && path.bytes().all(plain)
        && !path.contains("//")
        && !path.contains("/.")
        && !path.contains("./")
        && !path.ends_with('.')
        && (path.len() == 1 || !path.ends_with('/'))
}

fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = match bytes[at..] {
            [b'%', b'u' | b'U', b'0', b'0', high, low, ..] => {
                escape(high, low).map(|byte| (byte, 6))
            }
            [b'%', high, low, ..] => escape(high, low).map(|byte| (byte, 3)),
            _ => None,
        };
        let (byte, length) = escaped.unwrap_or((bytes[at], 1));
        decoded.push(byte);
        at += length;
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::Meeting::{Beside, Exactly, Loosely, None};
    use super::*;

    #[test]
    fn paths_as_origins_may_read_them() {
        for (pattern, path, expected) in [
            ("/login", "/login", Exactly),
            ("/login", "/logout", None),
            ("/login", "/login/x", None),
            ("/login", "//login", Loosely),
            ("/login", "/login/", Loosely),
            ("/login/", "/login", Loosely),
            ("/login/", "/login/", Exactly),
            ("/login", "/%6cogin", Loosely),
            ("/login", "/%256cogin", Loosely),
            ("/login", "/%u006cogin", Loosely),
            ("/login", "/login;jsessionid=1", Loosely),
            ("/login", "/a;x=1/../login", Loosely),
            ("/login", "/./login", Loosely),
            ("/login", "/a/../login", Loosely),
            ("/login", "/a/%2e%2e/login", Loosely),
            ("/login", "/a/..%2flogin", Loosely),
            ("/login", "/a\\..\\login", Loosely),
            ("/login", "/Login", Loosely),
            ("/login", "/login%00.jpg", Loosely),
            ("/login", "/login.", Loosely),
            ("/login", "/login%20", Loosely),
            ("/login", "/index.php/login", Loosely),
            ("/login.php", "/login.php/x", Loosely),
            ("/login.php", "/login.phpx", None),
            ("/login", "/login/../x", None),
            ("/Login.aspx", "/Login.aspx", Exactly),
            ("/Login.aspx", "/login.aspx", Loosely),
            ("/événement", "/%C3%A9v%C3%A9nement", Exactly),
            ("/événement", "/%c3%a9v%c3%a9nement", Exactly),
            ("/a b", "/a%20b", Exactly),
            ("/*", "/", Exactly),
            ("/*", "/any/thing.php", Exactly),
            ("/wiki/*", "/wiki", Exactly),
            ("/wiki/*", "/wiki/doku.php", Exactly),
            ("/wiki/*", "/wikis", None),
            ("/wiki/*", "/wiki/../x", Loosely),
            ("/wiki/*", "/x/../wiki/doku.php", Loosely),
            ("/wiki/*", "/wiki//doku.php", Exactly),
            ("*/j_security_check", "/app/j_security_check", Exactly),
            ("*/j_security_check", "/app/j_security_check;a=b", Loosely),
            ("*/j_security_check", "/app/j_security_checks", None),
            ("*/wp/v2/users*", "/wp-json/wp/v2/users/5", Exactly),
            ("/index.php", "/index.php/any", Loosely),
            ("/", "/", Exactly),
            ("/", "/x", None),
            ("/", "/index.php", Beside),
            ("/index.php", "/", Beside),
            ("/login/index.php", "/login/", Beside),
            ("/login/index.php", "/login", Beside),
            ("/login/index.php", "/login/index.php/x", Loosely),
            ("/login/index.php", "/login/default.aspx", Beside),
            ("/login/index.php", "/login/index", Beside),
            ("/login/index.php", "/login/indexes.php", None),
            ("/login/", "/login/Default.aspx", Beside),
            ("/login", "/login/index.jsp", Beside),
            ("/users/sign_in", "/users/sign_in.json", Beside),
            ("/login.php", "/login", Beside),
            ("/login.php", "/login.css", None),
            ("/login.php", "/login/x", Beside),
            ("/login.php", "/login/x/y.z", Beside),
            ("/login.php", "/logins/x", None),
            ("/a/login.php", "/login/x", None),
            ("/a/*/login.php", "/a/b/login/x", Beside),
            ("/login.php*", "/login/x", None),
            ("/login/", "/login/x", None),
            ("/login", "/.login", None),
            ("/a/*/b", "/a/1/b.json", Beside),
            ("/login.aspx", "/(S(x1))/login.aspx", Loosely),
            ("/a/login.aspx", "/a/(A(x)F(y))/login.aspx", Loosely),
            ("/login.aspx", "/(x)/login.aspx", None),
        ] {
            let meeting = Pattern::new(pattern).meets(&RequestPath::new(path));
            assert_eq!(meeting, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_short_way_and_the_long_way_agree() {
        for path in ["/", "/a", "/a/b.php", "/a-b_c/0"] {
            assert!(is_loose(path), "{path}");
            let long = loosen(format!("{path};").as_bytes()).into_owned();
            assert_eq!(long, loosen(path.as_bytes()), "{path}");
        }
    }
}
