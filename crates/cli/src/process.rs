//! What `serve` is to its machine: two processes, one that keeps and one that serves.
//!
//! The **keeper** opens the listeners (or gets them from systemd), starts the **worker** with
//! them, and does nothing else but pass on signals and tell systemd how things are. It reads
//! nothing that comes from the network. The worker serves, as another user and locked in
//! ([`sandbox`]): it can start no program and open no file but its own. That is why replacing
//! the program is the keeper's affair: on SIGUSR2 it starts another worker from the file as it
//! is by then, hands it the same listeners, and lets the old one go when the new one serves. A
//! worker that does not get that far changes nothing.
//!
//! Clause: [`policy::clause::REMPART_LEAST_PRIVILEGE`].

mod handover;
mod keeper;
mod notify;
mod sandbox;
mod sockets;
mod user;
mod worker;

pub(crate) use sandbox::closed_folders;
pub(crate) use sockets::received;
pub(crate) use worker::{Post, Word};

use crate::args::{Cli, Serve};
use crate::{Outcome, serve};

/// Serves until told to stop: as the worker when a keeper started this process, else as the
/// keeper.
pub(crate) fn run(cli: &Cli, options: &Serve) -> Outcome {
    if options.check {
        return serve::check::run(cli, options);
    }
    match Post::take(crate::locale::without_policy(cli))? {
        Some(post) => {
            let source = crate::source::Source::find(cli)?;
            let policy = source.load(cli)?.policy;
            let language = crate::locale::of(cli, &policy);
            let state = serve::state_folder(options.state.clone(), language)?;
            let confined = sandbox::enter(&policy, &source, &state, language)?;
            crate::tell(&confined);
            serve::run(cli, options, post)
        }
        None => keeper::run(cli, options),
    }
}
