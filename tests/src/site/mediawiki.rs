//! MediaWiki as Debian ships it, on SQLite, with one account, installed by its own program.
//!
//! Its own restriction of guesses is off: what is looked at is the gate's.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{nginx, php, sendmail};
use crate::process::{Running, output_of};

/// The account that may do everything.
pub const LOGIN: &str = "Camille";
/// Its password.
pub const PASSWORD: &str = "Quatre vieux reverberes 1932 !";

/// A running MediaWiki. Dropping it ends its servers.
#[derive(Debug)]
pub struct MediaWiki {
    _nginx: Running,
    _php: Running,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
    /// The file that its mail goes to.
    pub mail: PathBuf,
}

impl MediaWiki {
    /// Installs and starts it in `folder`.
    ///
    /// # Panics
    /// When MediaWiki is not installed or a server does not start.
    pub fn start(folder: &Path) -> Self {
        let conf = folder.join("mediawiki");
        let data = conf.join("data");
        std::fs::create_dir_all(&data).expect("a temporary folder is writable");
        output_of(
            Command::new("php")
                .arg("/usr/share/mediawiki/maintenance/install.php")
                .args(["--dbtype", "sqlite", "--dbname", "wiki", "--dbpath"])
                .arg(&data)
                .arg("--confpath")
                .arg(&conf)
                // The address is that of whoever asks: see below.
                .args(["--server", "https://wiki.example.test", "--scriptpath", ""])
                .args(["--lang", "en", "--pass", PASSWORD, "Le wiki", LOGIN]),
        );
        let settings = conf.join("LocalSettings.php");
        let mut file = OpenOptions::new()
            .append(true)
            .open(&settings)
            .expect("the installer writes it");
        file.write_all(
            b"
$wgServer = 'https://' . ($_SERVER['HTTP_HOST'] ?? 'wiki.example.test');
$wgPasswordAttemptThrottle = [];
$wgAccountCreationThrottle = [];
$wgEmailAuthentication = false;
$wgPasswordSender = 'wiki@example.test';
",
        )
        .expect("a temporary folder is writable");
        let mail = folder.join("mail");
        let pool = format!(
            "{}\nenv[MW_CONFIG_FILE] = {}",
            sendmail(folder, &mail),
            settings.display()
        );
        let (php, socket) = php::start(folder, &pool);
        let server = format!(
            "        root /usr/share/mediawiki;
        index index.php;
{}",
            php::location(&socket, "")
        );
        let (nginx, address) = nginx::start(folder, &server);
        Self {
            _nginx: nginx,
            _php: php,
            address,
            mail,
        }
    }
}
