//! WordPress as Debian ships it, on a MariaDB of its own, not installed yet: its own page does
//! that, like any visitor's first.
//!
//! It is told of TLS as Debian's configuration has it (`X-Forwarded-Proto`), because its
//! administration redirects without end otherwise. It has no theme: nothing is looked at but
//! the log-in and the administration.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{nginx, php, sendmail};
use crate::mariadb::MariaDb;
use crate::process::{Running, output_of};

/// A running WordPress. Dropping it ends its servers.
#[derive(Debug)]
pub struct WordPress {
    _nginx: Running,
    _php: Running,
    _mariadb: MariaDb,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
    /// The file that its mail goes to.
    pub mail: PathBuf,
}

impl WordPress {
    /// Unpacks and starts it in `folder`.
    ///
    /// # Panics
    /// When WordPress is not installed or a server does not start.
    pub fn start(folder: &Path) -> Self {
        let mariadb = MariaDb::start(folder);
        mariadb.make("wordpress", "of the site itself");
        let tree = folder.join("wordpress");
        // PHP resolves links, and WordPress looks for its configuration beside its files.
        output_of(
            Command::new("cp")
                .args(["--recursive", "--dereference", "/usr/share/wordpress"])
                .arg(&tree),
        );
        let configuration = format!(
            "<?php
if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') $_SERVER['HTTPS'] = 'on';
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', 'of the site itself');
define('DB_HOST', 'localhost:{socket}');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
",
            socket = mariadb.socket().display()
        );
        fs::write(tree.join("wp-config.php"), configuration).expect("a temporary folder");
        let mail = folder.join("mail");
        let (php, socket) = php::start(folder, &sendmail(folder, &mail));
        let server = format!(
            "        root {tree};
        index index.php;
        location / {{ try_files $uri $uri/ /index.php?$args; }}
{php}",
            tree = tree.display(),
            php = php::location(&socket, ""),
        );
        let (nginx, address) = nginx::start(folder, &server);
        Self {
            _nginx: nginx,
            _php: php,
            _mariadb: mariadb,
            address,
            mail,
        }
    }
}
