//! The keeper: holds the listeners, and starts, replaces and ends the workers that use them.
//!
//! It draws the keys of session tickets too, so that a worker reads what the one before it made:
//! another one each [`PERIOD`], given to every worker over its channel (RFC 9325, 3.4).

use std::path::Path;
use std::time::Duration;

use policy::{Language, Text};
use proxy::Listeners;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, interval_at};
use transport::tickets::{PERIOD, TicketKey};

use super::handover::Keys;
use super::notify::Notifier;
use super::sockets;
use super::user::User;
use super::worker::Word;
use crate::args::{Cli, Serve};
use crate::locale::{self, pick};
use crate::source::Source;
use crate::{Failure, Outcome, serve};

mod crew;

use crew::{Event, Worker};

/// The pause before a worker that crashed is replaced; twice as long each time, to at most
/// [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often a keeper without a worker that serves says that it lives: more often than any watchdog
/// of use asks.
const BEAT: Duration = Duration::from_secs(5);
/// Words that wait to be heard; whoever says more waits.
const UNHEARD: usize = 16;

/// Serves until told to stop; does not come back.
pub(super) fn run(cli: &Cli, options: &Serve) -> Outcome {
    let runtime = serve::director(locale::without_policy(cli))?;
    // Listened to before anything else, so that none that comes early ends this process without a
    // word.
    let told = Told::listen(&runtime, locale::without_policy(cli))?;
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
        give_folder(&state, user).map_err(|error| {
            let said = Text::of_system(&error);
            let (folder, error) = (state.display(), said.in_language(language));
            Failure::new(format!("rempart: {folder}: {error}"))
        })?;
    }
    let code = runtime.block_on(async {
        let (tell, events) = mpsc::channel(UNHEARD);
        let mut keeper = Keeper {
            program: crew::program(),
            listeners,
            keys: first_keys(language)?,
            user,
            language,
            drain: policy.transport().deadlines.drain,
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
        Ok(keeper.keep(told, events).await)
    })?;
    std::process::exit(code)
}

fn first_keys(language: Language) -> Result<Keys, Failure> {
    let key = TicketKey::random();
    let current =
        key.map_err(|error| serve::cannot_start(language, &std::io::Error::other(error)))?;
    Ok(Keys {
        current,
        previous: None,
    })
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

/// The signals that a keeper listens to.
struct Told {
    hang_up: Signals,
    replace: Signals,
    terminate: Signals,
    interrupt: Signals,
}

impl Told {
    fn listen(runtime: &Runtime, language: Language) -> Result<Self, Failure> {
        let _inside = runtime.enter();
        let listen = |kind| signal(kind).map_err(|error| serve::cannot_start(language, &error));
        Ok(Self {
            hang_up: listen(SignalKind::hangup())?,
            replace: listen(SignalKind::user_defined2())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }
}

struct Keeper {
    program: std::path::PathBuf,
    listeners: Listeners,
    keys: Keys,
    user: Option<User>,
    language: Language,
    /// `deadlines.drain` of the policy at the start.
    drain: Duration,
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
        let number = self.started + 1;
        let started = Worker::start(
            number,
            &self.program,
            &self.listeners,
            &self.keys,
            self.user,
            self.drain,
            self.tell.clone(),
        );
        let worker = started.map_err(|error| {
            let program = self.program.display();
            let Text { fr, en } = Text::of_system(&error);
            Failure::new(match self.language {
                Language::Fr => format!("rempart : impossible de lancer {program} : {fr}"),
                Language::En => format!("rempart: cannot start {program}: {en}"),
            })
        })?;
        self.started = number;
        self.workers.push(worker);
        Ok(())
    }

    /// Until the end; the exit code.
    async fn keep(&mut self, mut told: Told, mut events: mpsc::Receiver<(u64, Event)>) -> i32 {
        // A worker that crashed is replaced then.
        let mut again: Option<Instant> = None;
        let mut beat = interval(BEAT);
        let mut turn = interval_at(Instant::now() + PERIOD, PERIOD);
        loop {
            let due = self.workers.iter().filter_map(Worker::due);
            let due = due.chain(again).min();
            tokio::select! {
                Some((number, event)) = events.recv() => match event {
                    Event::Said(word) => self.said(number, word),
                    Event::Gone => match self.gone(number) {
                        Next::Go => {}
                        Next::StartAgain(pause) => again = Some(Instant::now() + pause),
                        Next::End(code) => return code,
                    },
                },
                // Nobody serves, and somebody is about to: the keeper is not stuck.
                _ = beat.tick(), if self.current.is_none() && !self.stopping => {
                    self.notifier.alive();
                }
                _ = turn.tick() => self.turn_keys(),
                _ = told.hang_up.recv() => self.reload(),
                _ = told.replace.recv() => self.replace(),
                _ = told.terminate.recv() => self.stop(),
                _ = told.interrupt.recv() => self.stop(),
                () = sleep_until(due) => {
                    if again.is_some_and(|at| at <= Instant::now()) {
                        again = None;
                        if let Err(Failure(text)) = self.start() {
                            crate::tell(&text);
                            again = Some(Instant::now() + self.pause);
                        }
                    }
                    self.cut_overdue();
                }
            }
            if self.stopping && self.workers.is_empty() {
                return 0;
            }
        }
    }

    /// Draws another key for session tickets; the one before the last is wiped.
    fn turn_keys(&mut self) {
        // Without randomness the workers make none with the old one for long either.
        if let Ok(fresh) = TicketKey::random() {
            self.workers.iter().for_each(|worker| worker.give(&fresh));
            self.keys.previous = Some(std::mem::replace(&mut self.keys.current, fresh));
        }
    }

    fn reload(&mut self) {
        // A worker that does not listen for the signal yet would end by it, and may have read the
        // policy already.
        let newcomer = self.workers.iter().any(|worker| !worker.serves);
        self.reload_later = newcomer || self.current.is_none();
        if self.current.is_some() {
            self.notifier.reloading();
            let current = self
                .workers
                .iter()
                .find(|worker| Some(worker.number) == self.current);
            current.inspect(|worker| worker.signal(Signal::HUP));
        }
    }

    fn said(&mut self, number: u64, word: Word) {
        let current = self.current == Some(number);
        match word {
            Word::Ready => {
                let Some(worker) = self.worker(number) else {
                    return;
                };
                // Said once: a worker that was broken into is not to send its successor away.
                if worker.serves {
                    return;
                }
                worker.serves = true;
                if let Some(old) = self.current.replace(number) {
                    if let Some(worker) = self.worker(old) {
                        worker.leave();
                    }
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
            Word::Drain(time) => {
                if let Some(worker) = self.worker(number) {
                    worker.drains_within(time);
                }
            }
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
        let worker = self.workers.swap_remove(index);
        let (leaves, started) = (worker.leaves, worker.started);
        let code = worker.bury();
        if leaves || self.stopping {
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
        if started.elapsed() > LONGEST_PAUSE * 2 {
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

    fn stop(&mut self) {
        self.stopping = true;
        self.notifier.stopping();
        self.workers.iter_mut().for_each(Worker::stop);
    }

    /// Ends by force whoever had its time, to start or to end.
    fn cut_overdue(&mut self) {
        let now = Instant::now();
        let mut stuck = false;
        for worker in &mut self.workers {
            if worker.due().is_some_and(|due| due <= now) {
                stuck |= worker.cut();
            }
        }
        if stuck {
            self.say(
                "un processus n’a pas fini à temps ; il est arrêté de force",
                "a process did not end in time; it is ended by force",
            );
        }
    }

    fn worker(&mut self, number: u64) -> Option<&mut Worker> {
        let mut workers = self.workers.iter_mut();
        workers.find(|worker| worker.number == number)
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
