//! The keeper: holds the listeners, and starts, replaces and ends the workers that use them.

use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use policy::Language;
use proxy::Listeners;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::notify::Notifier;
use super::user::User;
use super::worker::{WORKER, Word};
use super::{handover, sockets};
use crate::args::{Cli, Serve};
use crate::locale::{self, pick};
use crate::source::Source;
use crate::{Failure, Outcome, serve};

/// How long a worker may take to serve: reading certificates and lists.
const START: Duration = Duration::from_secs(120);
/// The pause before a worker that crashed is replaced; twice as long each time, to at most
/// [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The most bytes of a word of a worker, with its end of line.
const LONGEST_LINE: u64 = 64;
/// Words that wait to be heard; whoever says more waits.
const UNHEARD: usize = 16;

/// Serves until told to stop; does not come back.
pub(super) fn run(cli: &Cli, options: &Serve) -> Outcome {
    let source = Source::find(cli)?;
    let loaded = source.load(cli)?;
    let language = locale::of(cli, &loaded.policy);
    let policy = serve::ready(&source, loaded, language)?;
    raise_descriptors();
    let listeners = sockets::open(&policy, language)?;
    let root = rustix::process::geteuid().is_root();
    let user = match &policy.process().user {
        Some(name) if root => Some(User::find(name, language)?),
        None if root => {
            crate::tell(pick(
                language,
                "rempart : lancée par root, la porte sert en tant que root\n  à faire : nommez un utilisateur, `user = \"rempart\"` dans [process]",
                "rempart: started by root, the gate serves as root\n  fix: name a user, `user = \"rempart\"` in [process]",
            ));
            None
        }
        _ => None,
    };
    if let Some(user) = user {
        let state = serve::state_folder(options.state.clone(), language)?;
        give_folder(&state, user)
            .map_err(|error| Failure::new(format!("rempart: {}: {error}", state.display())))?;
    }
    let failed = |error: std::io::Error| Failure::new(format!("rempart: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let code = runtime.block_on(async {
        let (tell, events) = mpsc::channel(UNHEARD);
        let mut keeper = Keeper {
            program: program(),
            listeners,
            user,
            language,
            notifier: Notifier::of_environment(),
            tell,
            workers: Vec::new(),
            started: 0,
            current: None,
            pause: PAUSE,
            reload_later: false,
            stopping: false,
        };
        keeper.start()?;
        keeper.keep(events).await.map_err(failed)
    })?;
    std::process::exit(code)
}

/// Each connection takes two descriptors; what the system allows at most is taken.
fn raise_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    );
}

/// Makes the state folder for the worker's user. One that is there already is left alone.
fn give_folder(folder: &Path, user: User) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, chown};
    if folder.exists() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        // Not for itself alone: that user has to pass through.
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new().mode(0o700).create(folder)?;
    chown(folder, Some(user.uid), Some(user.gid))
}

/// The file to start workers from. By the name that this process was started with, so that a
/// link is followed anew each time; else where its file was at the start.
fn program() -> PathBuf {
    let named = std::env::args_os().next().map(PathBuf::from);
    named
        .filter(|name| name.components().count() > 1)
        .and_then(|name| std::path::absolute(name).ok())
        .filter(|name| name.is_file())
        .or_else(|| std::env::current_exe().ok())
        .unwrap_or_else(|| "rempart".into())
}

/// A worker and what is known of it.
struct Worker {
    number: u64,
    child: Child,
    started: Instant,
    serves: bool,
    leaving: bool,
}

enum Event {
    Said(Word),
    /// Its channel has ended, and so has it, or will at once.
    Gone,
}

struct Keeper {
    program: PathBuf,
    listeners: Listeners,
    user: Option<User>,
    language: Language,
    notifier: Notifier,
    tell: mpsc::Sender<(u64, Event)>,
    workers: Vec<Worker>,
    started: u64,
    /// The worker that serves.
    current: Option<u64>,
    pause: Duration,
    /// A reload was asked for before there was anybody to do it.
    reload_later: bool,
    stopping: bool,
}

impl Keeper {
    /// Starts a worker, which serves as soon as it can.
    fn start(&mut self) -> Result<(), Failure> {
        let spawn = || {
            let (here, there) = UnixStream::pair()?;
            handover::send(&here, &self.listeners)?;
            let mut command = Command::new(&self.program);
            command
                .args(std::env::args_os().skip(1))
                .env(WORKER, "1")
                .env_remove("NOTIFY_SOCKET")
                .env_remove("WATCHDOG_PID")
                .stdin(Stdio::from(std::os::fd::OwnedFd::from(there)))
                // A signal to the terminal's group is for the keeper, which passes it on.
                .process_group(0);
            if let Some(user) = self.user {
                // Supplementary groups go with the user.
                command.uid(user.uid).gid(user.gid);
            }
            here.set_nonblocking(true)?;
            let channel = tokio::net::UnixStream::from_std(here)?;
            std::io::Result::Ok((command.spawn()?, channel))
        };
        let (child, channel) = spawn().map_err(|error| {
            let program = self.program.display();
            Failure::new(match self.language {
                Language::Fr => format!("rempart : impossible de lancer {program} : {error}"),
                Language::En => format!("rempart: cannot start {program}: {error}"),
            })
        })?;
        self.started += 1;
        let number = self.started;
        self.workers.push(Worker {
            number,
            child,
            started: Instant::now(),
            serves: false,
            leaving: false,
        });
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let mut channel = BufReader::new(channel);
            let mut line = Vec::new();
            // A line that is too long is the end: nothing gathers here for a worker that babbles.
            while let Ok(1..) = (&mut channel)
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line)
                .await
            {
                let Some(text) = line.strip_suffix(b"\n") else {
                    break;
                };
                // A newer program may know more words.
                if let Some(word) = Word::of_line(text) {
                    let _ = tell.send((number, Event::Said(word))).await;
                }
                line.clear();
            }
            let _ = tell.send((number, Event::Gone)).await;
        });
        Ok(())
    }

    /// Until the end; the exit code.
    async fn keep(&mut self, mut events: mpsc::Receiver<(u64, Event)>) -> std::io::Result<i32> {
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut replace = signal(SignalKind::user_defined2())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // A worker that crashed is replaced then.
        let mut again: Option<Instant> = None;
        loop {
            let due = self.overdue().into_iter().chain(again).min();
            tokio::select! {
                Some((number, event)) = events.recv() => match event {
                    Event::Said(word) => self.said(number, word),
                    Event::Gone => match self.gone(number) {
                        Next::Go => {}
                        Next::StartAgain(pause) => again = Some(Instant::now() + pause),
                        Next::End(code) => return Ok(code),
                    },
                },
                _ = hang_up.recv() => self.reload(),
                _ = replace.recv() => self.replace(),
                _ = terminate.recv() => self.stop(),
                _ = interrupt.recv() => self.stop(),
                () = sleep_until(due) => {
                    if again.is_some_and(|at| at <= Instant::now()) {
                        again = None;
                        if let Err(Failure(text)) = self.start() {
                            crate::tell(&text);
                            again = Some(Instant::now() + self.pause);
                        }
                    }
                    self.give_up_on_newcomers();
                }
            }
            if self.stopping && self.workers.is_empty() {
                return Ok(0);
            }
        }
    }

    fn reload(&mut self) {
        // A worker that does not listen for the signal yet would end by it, and may have read the
        // policy already.
        let newcomer = self.workers.iter().any(|worker| !worker.serves);
        self.reload_later = newcomer || self.current.is_none();
        if self.current.is_some() {
            self.notifier.reloading();
            self.signal(self.current, Signal::HUP);
        }
    }

    fn said(&mut self, number: u64, word: Word) {
        let current = self.current == Some(number);
        match word {
            Word::Ready => {
                let Some(worker) = self
                    .workers
                    .iter_mut()
                    .find(|worker| worker.number == number)
                else {
                    return;
                };
                // Said once: a worker that was broken into is not to send its successor away.
                if worker.serves {
                    return;
                }
                worker.serves = true;
                if let Some(old) = self.current.replace(number) {
                    self.leave(old);
                    self.say("le nouveau programme sert", "the new program serves");
                }
                self.notifier.ready(self.status());
                if self.reload_later {
                    self.reload();
                }
            }
            Word::Reloaded if current => self.notifier.ready(self.status()),
            Word::Kept if current => self.notifier.ready(pick(
                self.language,
                "sert ; la politique rechargée a un défaut, la précédente reste en vigueur",
                "serves; the policy loaded again has a fault, the previous one stays in force",
            )),
            Word::Alive if current => self.notifier.alive(),
            Word::Reloaded | Word::Kept | Word::Alive => {}
        }
    }

    const fn status(&self) -> &'static str {
        match self.language {
            Language::Fr => "sert",
            Language::En => "serves",
        }
    }

    /// A worker has ended.
    fn gone(&mut self, number: u64) -> Next {
        let Some(index) = self
            .workers
            .iter()
            .position(|worker| worker.number == number)
        else {
            return Next::Go;
        };
        let mut worker = self.workers.swap_remove(index);
        // One that only closed its channel is not waited for. One that ends by itself keeps its code.
        let _ = worker.child.kill();
        let code = code_of(worker.child.wait());
        if worker.leaving || self.stopping {
            return match self.stopping && self.workers.is_empty() {
                true => Next::End(0),
                false => Next::Go,
            };
        }
        if self.current != Some(number) {
            if self.current.is_none() && self.started == 1 {
                // It has said itself why it cannot serve.
                return Next::End(code);
            }
            if self.current.is_some() {
                self.say(
                    "le nouveau programme n’a pas démarré ; l’ancien sert toujours",
                    "the new program did not start; the old one goes on serving",
                );
                return Next::Go;
            }
        }
        self.current = None;
        if worker.started.elapsed() > LONGEST_PAUSE * 2 {
            self.pause = PAUSE;
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        self.say(
            &format!("le processus qui sert s’est arrêté (code {code}) ; un autre le remplace"),
            &format!("the process that serves has ended (code {code}); another takes its place"),
        );
        Next::StartAgain(pause)
    }

    /// Starts the program as it is now; the old worker goes when the new one serves.
    fn replace(&mut self) {
        let newcomer = self.workers.iter().any(|worker| !worker.serves);
        if newcomer || self.stopping {
            return;
        }
        self.say("remplacement du programme…", "replacing the program…");
        if let Err(Failure(text)) = self.start() {
            crate::tell(&text);
        }
    }

    fn leave(&mut self, number: u64) {
        self.signal(Some(number), Signal::USR2);
        for worker in &mut self.workers {
            worker.leaving |= worker.number == number;
        }
    }

    fn stop(&mut self) {
        self.stopping = true;
        self.notifier.stopping();
        let numbers: Vec<u64> = self.workers.iter().map(|worker| worker.number).collect();
        for number in numbers {
            self.signal(Some(number), Signal::TERM);
        }
    }

    /// When the first newcomer has had its time.
    fn overdue(&self) -> Option<Instant> {
        let newcomers = self.workers.iter().filter(|worker| !worker.serves);
        newcomers.map(|worker| worker.started + START).min()
    }

    fn give_up_on_newcomers(&mut self) {
        for worker in &mut self.workers {
            if !worker.serves && worker.started + START <= Instant::now() {
                let _ = worker.child.kill();
            }
        }
    }

    fn signal(&self, number: Option<u64>, signal: Signal) {
        let worker = self
            .workers
            .iter()
            .find(|worker| Some(worker.number) == number);
        // A child that was not waited for keeps its number, so nobody else gets the signal.
        if let Some(worker) = worker
            && let Ok(id) = i32::try_from(worker.child.id())
            && let Some(pid) = Pid::from_raw(id)
        {
            let _ = kill_process(pid, signal);
        }
    }

    fn say(&self, fr: &str, en: &str) {
        match self.language {
            Language::Fr => crate::tell(&format!("rempart : {fr}")),
            Language::En => crate::tell(&format!("rempart: {en}")),
        }
        self.notifier.status(pick(self.language, fr, en));
    }
}

/// What follows the end of a worker.
enum Next {
    Go,
    StartAgain(Duration),
    End(i32),
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Its exit code, or that of the shell for one that was killed.
fn code_of(status: std::io::Result<ExitStatus>) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.map_or(2, |status| {
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).unwrap_or(2)
    })
}
