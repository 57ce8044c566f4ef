//! One HTTP exchange through curl, a client that we did not write.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The last answer of an exchange.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in order, repeated ones repeated.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A client that trusts one root and finds `host` on 127.0.0.1.
#[derive(Debug, Clone)]
pub struct Curl {
    arguments: Vec<String>,
}

impl Curl {
    /// A client for one host name, at whatever port.
    pub fn new(host: &str, root: &Path) -> Self {
        let arguments = [
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--noproxy",
            "*",
            "--dump-header",
            "/dev/stderr",
            "--cacert",
            &root.display().to_string(),
            "--connect-to",
            &format!("{host}::127.0.0.1:"),
        ];
        Self {
            arguments: arguments.map(str::to_owned).to_vec(),
        }
    }

    /// Makes one exchange and returns the exit code of curl: 0 is an answer that ended well.
    pub fn exit_code(&self, arguments: &[&str]) -> Option<i32> {
        self.run(arguments).status.code()
    }

    /// Makes one exchange; `None` when no answer came.
    pub fn try_fetch(&self, arguments: &[&str]) -> Option<Answer> {
        read(self.run(arguments))
    }

    /// Makes one exchange.
    ///
    /// # Panics
    /// When no answer came; the message holds what curl said.
    pub fn fetch(&self, arguments: &[&str]) -> Answer {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        read(output).unwrap_or_else(|| panic!("no answer to curl {arguments:?}: {said}"))
    }

    /// The client as a command, for whoever must end it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("curl");
        command
            .args(&self.arguments)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("curl is installed; tests/run installs what is missing")
    }
}

fn read(output: Output) -> Option<Answer> {
    let head = String::from_utf8_lossy(&output.stderr);
    // Interim answers (100) come first; the last head is the answer.
    let start = head.rfind("\nHTTP/").map_or(0, |at| at + 1);
    let mut lines = head[start..].lines();
    let status = lines
        .next()?
        .strip_prefix("HTTP/")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    let fields = lines
        .map_while(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Answer {
        status,
        fields,
        body: output.stdout,
    })
}

impl Answer {
    /// Every value of a field, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter();
        fields
            .filter(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The only value of a field; `None` when it is absent or repeated.
    pub fn only(&self, name: &str) -> Option<&str> {
        match self.all(name)[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
