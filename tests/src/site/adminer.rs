//! Adminer as Debian ships it, in front of a PostgreSQL of its own, with one role.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{nginx, php};
use crate::postgres::Postgres;
use crate::process::Running;

/// The role of the database.
pub const LOGIN: &str = "camille";
/// Its password.
pub const PASSWORD: &str = "Quatre vieux reverberes 1932 !";

/// A running Adminer. Dropping it ends its servers.
#[derive(Debug)]
pub struct Adminer {
    _nginx: Running,
    _php: Running,
    /// What it looks at.
    pub postgres: Postgres,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
}

impl Adminer {
    /// Starts it in `folder`, at `/adminer.php`.
    ///
    /// # Panics
    /// When Adminer is not installed or a server does not start.
    pub fn start(folder: &Path) -> Self {
        let postgres = Postgres::start();
        postgres.ask(&format!("CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}'"));
        let tree = folder.join("adminer");
        fs::create_dir(&tree).expect("a temporary folder is writable");
        // The configuration of the machine's own is not ours, and nobody is asked for news.
        let page = "<?php
function adminer_object() {
    include_once '/usr/share/adminer/plugins/plugin.php';
    include_once '/usr/share/adminer/plugins/version-noverify.php';
    return new AdminerPlugin([new AdminerVersionNoverify()]);
}
include '/usr/share/adminer/adminer.php';
";
        fs::write(tree.join("adminer.php"), page).expect("a temporary folder is writable");
        let (php, socket) = php::start(folder, "");
        let server = format!(
            "        root {};\n{}",
            tree.display(),
            php::location(&socket, "")
        );
        let (nginx, address) = nginx::start(folder, &server);
        Self {
            _nginx: nginx,
            _php: php,
            postgres,
            address,
        }
    }

    /// Its page about the database, as a role sees it; `more` are parameters.
    pub fn page(&self, login: &str, more: &str) -> String {
        let port = self.postgres.port();
        format!("/adminer.php?pgsql=127.0.0.1%3A{port}&username={login}&db=postgres{more}")
    }
}
