//! Counters in a Redis that several programs share.
//!
//! Clauses: CNIL 2022-100, cases 2 and 3. An attempt is one round trip: a script asks and
//! counts all its counters, or none. Records vanish by themselves once no decision depends on
//! them, and never before; a block that somebody must end stays until then.
//!
//! What is lost with a Redis that stops is what its own settings say (`appendonly`,
//! `appendfsync`); a Redis that throws keys away when its memory is full is refused, because
//! whoever fills it would erase the counters. `docs/STORES.md` has the settings.
//!
//! Absent on purpose: deadlines of an attempt (the caller's), a second try of anything that
//! may have been counted, and following a cluster from node to node: the address names the
//! node, or a proxy.

mod line;
mod script;

use std::fmt;

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};

use crate::remote::{Endpoint, OpenError, cause};
use crate::store::{Answer, Ask, CounterKey, Store, StoreError, Verdict};
use crate::{Cause, Timestamp};

use line::{Line, failure, is_forbidden};
use script::Program;

/// The counters of one name in a Redis.
pub struct Redis {
    line: Line,
    name: String,
    admit: Program,
    succeed: Program,
    eviction: Eviction,
}

/// Whether the server may drop counters when its memory is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eviction {
    /// No: `maxmemory-policy` is `noeviction`, or there is no `maxmemory`.
    Never,
    /// The user may not ask (`CONFIG GET`, `INFO`). The operator must know.
    Unknown,
}

impl Redis {
    /// Connects, and checks that the server keeps what it is given. Belongs to the tokio
    /// runtime that calls it, and connects again by itself.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let line = Line::open(endpoint).await?;
        let redis = Self {
            line,
            name: endpoint.name.clone(),
            admit: Program::admit(),
            succeed: Program::succeed(),
            eviction: Eviction::Unknown,
        };
        let eviction = redis.eviction_of_server().await?;
        redis.probe().await?;
        Ok(Self { eviction, ..redis })
    }

    /// Whether the server may drop counters, as far as it let itself be asked at the start.
    pub const fn eviction(&self) -> Eviction {
        self.eviction
    }

    async fn run(
        &self,
        program: &Program,
        ask: &Ask,
        arguments: Vec<Vec<u8>>,
    ) -> Result<Value, StoreError> {
        let keys: Vec<_> = ask
            .counters
            .iter()
            .map(|counter| script::key(&self.name, &counter.key))
            .collect();
        self.run_keys(program, &keys, &arguments)
            .await
            .map_err(|error| failure(&error))
    }

    async fn run_keys(
        &self,
        program: &Program,
        keys: &[Vec<u8>],
        arguments: &[Vec<u8>],
    ) -> Result<Value, RedisError> {
        match self.line.ask(&program.call(keys, arguments)).await {
            // Nothing has run, so nothing is counted twice.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.line
                    .ask(&program.call_with_text(keys, arguments))
                    .await
            }
            answer => answer,
        }
    }

    /// Runs both scripts over no counters with a write, as far as the user's rights are
    /// concerned: whoever may not do that learns it when the store is opened.
    async fn probe(&self) -> Result<(), OpenError> {
        let key = script::key(&self.name, &CounterKey::new([0; 16]));
        let write = command(&["SET"])
            .arg(&key)
            .arg("")
            .arg("PX")
            .arg(1)
            .to_owned();
        self.line.ask(&write).await.map_err(refusal)?;
        let gone = command(&["DEL"]).arg(&key).to_owned();
        self.line.ask(&gone).await.map_err(refusal)?;
        let arguments = [b"0".to_vec(), b"0".to_vec(), b"N".to_vec()];
        for program in [&self.admit, &self.succeed] {
            self.run_keys(program, std::slice::from_ref(&key), &arguments)
                .await
                .map_err(refusal)?;
        }
        Ok(())
    }

    async fn eviction_of_server(&self) -> Result<Eviction, OpenError> {
        let Some((most, policy)) = self.memory_settings().await else {
            return Ok(Eviction::Unknown);
        };
        if most == "0" || policy == "noeviction" {
            Ok(Eviction::Never)
        } else {
            Err(OpenError::Evicts(policy))
        }
    }

    /// `maxmemory` and `maxmemory-policy`, if the user may know.
    async fn memory_settings(&self) -> Option<(String, String)> {
        let mut config = [None, None];
        for (name, value) in ["maxmemory", "maxmemory-policy"].iter().zip(&mut config) {
            let answer = self.line.ask(&command(&["CONFIG", "GET", name])).await.ok();
            if let Some(Value::Array(pair)) = answer
                && let [_, Value::BulkString(text)] = &pair[..]
            {
                *value = Some(word(text));
            }
        }
        if let [Some(most), Some(policy)] = config {
            return Some((most, policy));
        }
        let answer = self.line.ask(&command(&["INFO", "memory"])).await.ok()?;
        let Value::BulkString(text) = answer else {
            return None;
        };
        let text = String::from_utf8_lossy(&text);
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name))?;
            Some(word(value.as_bytes()))
        };
        Some((field("maxmemory:")?, field("maxmemory_policy:")?))
    }
}

impl Store for Redis {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        Box::pin(async move {
            if ask.counters.is_empty() {
                return Ok(Verdict::Admit);
            }
            let answer = self
                .run(&self.admit, ask, script::admit_arguments(ask))
                .await?;
            script::verdict(ask, &answer).ok_or_else(|| {
                StoreError::Corrupt(
                    Cause::new(
                        "Redis n’a pas répondu comme notre script",
                        "Redis gave no answer of our script",
                    )
                    .into(),
                )
            })
        })
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(async move {
            if !ask.counters.is_empty() {
                self.run(&self.succeed, ask, script::succeed_arguments(ask))
                    .await?;
            }
            Ok(())
        })
    }

    fn unlock(&self, key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            let command = command(&["DEL"])
                .arg(script::key(&self.name, &key))
                .to_owned();
            self.line
                .ask(&command)
                .await
                .map_err(|error| failure(&error))?;
            Ok(())
        })
    }

    fn may_forget(&self) -> bool {
        self.eviction == Eviction::Unknown
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis({}, {:?})", self.name, self.eviction)
    }
}

fn command(words: &[&str]) -> Cmd {
    let mut words = words.iter();
    let mut command = ::redis::cmd(words.next().expect("a command has a name"));
    for word in words {
        command.arg(*word);
    }
    command
}

/// A setting's value, short and printable whatever the server says.
fn word(text: &[u8]) -> String {
    let plain = |sign: &u8| sign.is_ascii_alphanumeric() || *sign == b'-';
    let signs = text.iter().copied().filter(plain).take(40);
    signs.map(char::from).collect()
}

/// Why the first commands fail.
fn refusal(error: RedisError) -> OpenError {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly) => OpenError::ReadOnly,
        _ if is_forbidden(&error) => OpenError::Forbidden("EVALSHA EVAL MGET SET DEL".to_owned()),
        _ if error.code() == Some("NOAUTH") => OpenError::WrongPassword,
        _ => OpenError::Unreachable(cause(failure(&error))),
    }
}
