//! Headless Chromium, driven through chromedriver by the W3C WebDriver protocol.
//!
//! The protocol is JSON over HTTP on loopback, so a hundred lines replace a client library
//! and its HTTP stack. Clause numbers are those of the WebDriver recommendation.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Running, free_port, output_of};

/// The name under which an element reference travels (WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser with one window. Dropping it closes the browser, then the driver.
#[derive(Debug)]
pub struct Browser {
    driver: Running,
    address: SocketAddr,
    session: String,
    downloads: PathBuf,
}

/// An element of the page.
#[derive(Debug, Clone)]
pub struct Element(String);

/// A command that the browser refused.
#[derive(Debug)]
pub struct Refusal {
    /// The error code of the protocol, such as `no such element`.
    pub code: String,
    /// The browser's explanation.
    pub message: String,
}

impl Browser {
    /// Starts a browser that trusts one more root and finds `host` on 127.0.0.1.
    ///
    /// The root goes into a certificate database of the browser's own home, so the chain
    /// is verified as for any visitor: nothing is ignored.
    ///
    /// # Panics
    /// When chromium, chromium-driver or libnss3-tools is not installed.
    pub fn start(folder: &Path, host: &str, root: &Path) -> Self {
        let home = folder.join("home");
        let database = home.join(".pki/nssdb");
        let downloads = folder.join("downloads");
        for folder in [&database, &downloads] {
            fs::create_dir_all(folder).expect("a temporary folder is writable");
        }
        let database = format!("sql:{}", database.display());
        output_of(Command::new("certutil").args(["-N", "--empty-password", "-d", &database]));
        output_of(
            Command::new("certutil")
                .args(["-A", "-n", "test root", "-t", "C,,", "-d", &database, "-i"])
                .arg(root),
        );
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut command = Command::new("chromedriver");
        command
            .arg(format!("--port={}", address.port()))
            .env("HOME", &home);
        let mut driver = Running::start("chromedriver", &mut command, folder);
        driver.wait_for_port(address);
        let mut browser = Self {
            driver,
            address,
            session: String::new(),
            downloads,
        };
        let answer = browser.send("POST", "/session", Some(&capabilities(folder, host)));
        let answer = answer.unwrap_or_else(|refusal| {
            panic!(
                "no browser: {}\n{}",
                refusal.message,
                browser.driver.output()
            )
        });
        let session = answer["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("/session/{session}");
        // Chromium asks before it downloads in headless mode, unless told where to.
        browser.devtools(
            "Browser.setDownloadBehavior",
            json!({"behavior": "allow", "downloadPath": browser.downloads}),
        );
        browser
    }

    /// The language that it asks for from now on.
    pub fn prefers(&self, language: &str) {
        self.devtools("Network.enable", json!({}));
        self.devtools(
            "Network.setExtraHTTPHeaders",
            json!({"headers": {"Accept-Language": language}}),
        );
    }

    /// Opens an address and waits until the page is loaded.
    pub fn open(&self, url: &str) -> Result<(), Refusal> {
        self.command("POST", "/url", Some(json!({ "url": url })))
            .map(|_| ())
    }

    /// Gives the page a size in pixels, smaller than a window can be too.
    pub fn resize(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// Whether the pages opened from now on may run scripts of their own.
    pub fn scripts(&self, may_run: bool) {
        let setting = json!({ "value": !may_run });
        self.devtools("Emulation.setScriptExecutionDisabled", setting);
    }

    /// Has the browser ask for pages in a language from now on.
    pub fn speaks(&self, language: &str) {
        let name = self.script("return navigator.userAgent");
        let setting = json!({ "userAgent": name, "acceptLanguage": language });
        self.devtools("Network.setUserAgentOverride", setting);
    }

    /// The status with which the page was answered.
    pub fn status(&self) -> Option<u64> {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.script(script).as_u64()
    }

    /// Sends a form by its button, and waits for the page that it leads to.
    pub fn send_form(&self, button: &str) {
        self.script("window.before = true");
        self.click(button);
        self.wait("the next page", |page| {
            let script = "return !window.before && document.readyState === 'complete'";
            page.script(script) == Value::Bool(true)
        });
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.text_of("/url")
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.text_of("/title")
    }

    /// The first element that a CSS selector finds, waiting up to 15 s for it.
    ///
    /// # Panics
    /// When none appears; the message holds the address and the text of the page.
    pub fn find(&self, selector: &str) -> Element {
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            let query = json!({"using": "css selector", "value": selector});
            if let Ok(found) = self.command("POST", "/element", Some(query)) {
                return Element(found[ELEMENT].as_str().expect("a reference").to_owned());
            }
            assert!(Instant::now() < end, "no {selector} at {}", self.page());
            sleep(Duration::from_millis(100));
        }
    }

    /// Clicks on an element, as a person does.
    pub fn click(&self, selector: &str) {
        let Element(id) = self.find(selector);
        self.expect(&format!("/element/{id}/click"), json!({}));
    }

    /// Empties a field and types into it. For a file field, the text is a path.
    pub fn type_into(&self, selector: &str, text: &str) {
        let Element(id) = self.find(selector);
        if self.script(&format!("return document.querySelector({selector:?}).type")) != "file" {
            self.expect(&format!("/element/{id}/clear"), json!({}));
        }
        self.expect(&format!("/element/{id}/value"), json!({ "text": text }));
    }

    /// The visible text of an element; of the next page's, where this one leaves meanwhile.
    pub fn text(&self, selector: &str) -> String {
        loop {
            let Element(id) = self.find(selector);
            match self.command("GET", &format!("/element/{id}/text"), None) {
                Ok(text) => return text.as_str().unwrap_or_default().to_owned(),
                Err(refusal) if refusal.code == "stale element reference" => {}
                Err(refusal) => panic!("{selector}: {}", refusal.message),
            }
        }
    }

    /// Waits up to 30 s until a condition holds.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !condition(self) {
            assert!(Instant::now() < end, "never: {what}, at {}", self.page());
            sleep(Duration::from_millis(100));
        }
    }

    /// Runs a script in the page and returns its value.
    pub fn script(&self, script: &str) -> Value {
        self.expect("/execute/sync", json!({"script": script, "args": []}))
    }

    /// The cookies that the browser would send to this page.
    pub fn cookies(&self) -> Vec<Value> {
        let cookies = self
            .command("GET", "/cookie", None)
            .expect("a page is open");
        cookies.as_array().cloned().unwrap_or_default()
    }

    /// Forgets every cookie of this page's site.
    pub fn forget_cookies(&self) {
        let forgotten = self.command("DELETE", "/cookie", None);
        assert!(forgotten.is_ok(), "a page is open");
    }

    /// Takes one kind of log and empties it: `browser` (console) or `performance`.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.expect("/se/log", json!({ "type": kind }));
        log.as_array().cloned().unwrap_or_default()
    }

    /// Writes a picture of the window.
    pub fn screenshot(&self, path: &Path) {
        fs::write(path, decode_base64(&self.text_of("/screenshot"))).expect("a writable path");
    }

    /// Waits for a download to finish and returns its path.
    ///
    /// # Panics
    /// When it does not come.
    pub fn downloaded(&self, name: &str) -> PathBuf {
        let path = self.downloads.join(name);
        self.wait(&format!("download of {name}"), |_| path.exists());
        path
    }

    /// Where the browser is and what it shows, for messages.
    fn page(&self) -> String {
        format!(
            "{}: {}",
            self.url(),
            self.script("return document.body.innerText")
        )
    }

    /// Sends a command of Chromium's own protocol.
    fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.expect(
            "/goog/cdp/execute",
            json!({"cmd": command, "params": parameters}),
        )
    }

    fn text_of(&self, path: &str) -> String {
        let value = self.command("GET", path, None);
        let value = value.unwrap_or_else(|refusal| panic!("{path}: {}", refusal.message));
        value.as_str().unwrap_or_default().to_owned()
    }

    fn expect(&self, path: &str, body: Value) -> Value {
        self.command("POST", path, Some(body))
            .unwrap_or_else(|refusal| panic!("{path}: {}: {}", refusal.code, refusal.message))
    }

    fn command(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Refusal> {
        self.send(method, &format!("{}{path}", self.session), body.as_ref())
    }

    /// One exchange with the driver (WebDriver, 6.3 and 6.6).
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        let mut stream = TcpStream::connect(self.address).expect("the driver listens");
        let _ = stream.set_read_timeout(Some(Duration::from_secs(120)));
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len(),
        )
        .expect("the driver reads");
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length is a number");
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        reader
            .read_exact(&mut answer)
            .expect("the driver answers whole");
        let mut answer: Value = serde_json::from_slice(&answer).expect("the driver speaks JSON");
        let value = answer["value"].take();
        match value["error"].as_str() {
            None => Ok(value),
            Some(code) => Err(Refusal {
                code: code.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without this the browser would outlive its driver.
        if !self.session.is_empty() {
            let _ = self.command("DELETE", "", None);
        }
    }
}

fn capabilities(folder: &Path, host: &str) -> Value {
    let arguments = [
        "--headless".to_owned(),
        // Chromium's own sandbox needs privileges that a container does not give.
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--window-size=1200,900".to_owned(),
        "--lang=fr".to_owned(),
        format!("--user-data-dir={}", folder.join("profile").display()),
        format!("--host-resolver-rules=MAP {host} 127.0.0.1"),
    ];
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }}})
}

/// Base64 with padding, as the driver sends pictures. Other bytes are passed over.
pub(crate) fn decode_base64(text: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode_base64(text), bytes.as_bytes());
        }
    }
}
