//! phpMyAdmin as Debian ships it, in front of a MariaDB of its own, with one account.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{nginx, php};
use crate::mariadb::MariaDb;
use crate::process::{Running, output_of};

/// The account of the database.
pub const LOGIN: &str = "camille";
/// Its password.
pub const PASSWORD: &str = "Quatre vieux reverberes 1932 !";

/// A running phpMyAdmin. Dropping it ends its servers.
#[derive(Debug)]
pub struct PhpMyAdmin {
    _nginx: Running,
    _php: Running,
    _mariadb: MariaDb,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
}

impl PhpMyAdmin {
    /// Unpacks and starts it in `folder`.
    ///
    /// # Panics
    /// When phpMyAdmin is not installed or a server does not start.
    pub fn start(folder: &Path) -> Self {
        let mariadb = MariaDb::start(folder);
        mariadb.make(LOGIN, PASSWORD);
        let tree = folder.join("phpmyadmin");
        output_of(
            Command::new("cp")
                .args(["--recursive", "--dereference", "/usr/share/phpmyadmin"])
                .arg(&tree),
        );
        // The configuration and the work of the machine's own are not ours.
        let (own, work) = (tree.join("config.inc.php"), folder.join("php-tmp"));
        let places = tree.join("libraries/vendor_config.php");
        let text = fs::read_to_string(&places).expect("phpmyadmin is installed");
        let text = text
            .replace("/etc/phpmyadmin/config.inc.php", &own.display().to_string())
            .replace("/var/lib/phpmyadmin/tmp/", &format!("{}/", work.display()));
        fs::write(&places, text).expect("a temporary folder is writable");
        let configuration = format!(
            "<?php
$cfg['blowfish_secret'] = '0123456789abcdef0123456789abcdef';
$cfg['Servers'][1]['auth_type'] = 'cookie';
$cfg['Servers'][1]['host'] = 'localhost';
$cfg['Servers'][1]['socket'] = '{}';
",
            mariadb.socket().display()
        );
        fs::write(&own, configuration).expect("a temporary folder is writable");
        let (php, socket) = php::start(folder, "");
        let server = format!(
            "        root {};
        index index.php;
{}",
            tree.display(),
            php::location(&socket, "")
        );
        let (nginx, address) = nginx::start(folder, &server);
        Self {
            _nginx: nginx,
            _php: php,
            _mariadb: mariadb,
            address,
        }
    }
}
