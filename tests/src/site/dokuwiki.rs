//! DokuWiki as Debian ships it, in a folder of its own, with one account.
//!
//! It stands for a site that nobody can change: it speaks plain HTTP, it is not told that
//! anything in front of it speaks TLS, and `X-Forwarded-Proto` is hidden from it although
//! this version would understand the field. Its redirects are therefore absolute `http://`
//! addresses and its cookies come without `Secure`; mending both is the gate's work.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{nginx, php, sendmail};
use crate::browser::decode_base64;
use crate::process::{Running, output_of};

/// The account that may do everything.
pub const LOGIN: &str = "camille";
/// Its password.
pub const PASSWORD: &str = "Quatre vieux r\u{e9}verb\u{e8}res 1932 !";

/// A running DokuWiki. Dropping it ends its servers.
#[derive(Debug)]
pub struct DokuWiki {
    /// nginx, in front of PHP.
    pub nginx: Running,
    _php: Running,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
    mail: PathBuf,
}

impl DokuWiki {
    /// Installs and starts it in `folder`.
    ///
    /// # Panics
    /// When DokuWiki is not installed or a server does not start.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, "", "")
    }

    /// The same with more lines of its `local.php`.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_with_settings(folder: &Path, settings: &str) -> Self {
        Self::start_with(folder, settings, "")
    }

    /// The same with a web server that asks for `Authorization: Basic` itself, before DokuWiki
    /// does.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_behind_basic(folder: &Path, user: &str, password: &str) -> Self {
        let users = folder.join("users");
        let hash = output_of(Command::new("openssl").args(["passwd", "-apr1", password]));
        fs::write(&users, format!("{user}:{hash}")).expect("a temporary folder is writable");
        let asks = format!(
            "        auth_basic \"Le cercle\";\n        auth_basic_user_file {};\n",
            users.display()
        );
        Self::start_with(folder, "", &asks)
    }

    /// The text of the last mail that it sent.
    pub fn mail(&self) -> Option<String> {
        let all = fs::read_to_string(&self.mail).ok()?;
        let (_, last) = all.rsplit_once("Content-Type: text/plain")?;
        let (_, body) = last.split_once("\n\n")?;
        let lines = body
            .lines()
            .take_while(|line| !line.is_empty() && !line.starts_with("--"));
        let bytes = decode_base64(&lines.collect::<String>());
        String::from_utf8(bytes).ok()
    }

    /// `more` are lines of nginx's server.
    fn start_with(folder: &Path, settings: &str, more: &str) -> Self {
        let tree = folder.join("dokuwiki");
        install(&tree, settings);
        let mail = folder.join("mail");
        let (php, socket) = php::start(folder, &sendmail(folder, &mail));
        let server = format!(
            "{more}        root {tree};
        index doku.php;
        location ~ ^/(data|conf|bin|inc|vendor)/ {{ return 404; }}
        location / {{ try_files $uri $uri/ =404; }}
{php}",
            tree = tree.display(),
            php = php::location(
                &socket,
                "fastcgi_param HTTP_X_FORWARDED_PROTO '';\n            fastcgi_param HTTP_FORWARDED '';",
            ),
        );
        let (nginx, address) = nginx::start(folder, &server);
        Self {
            nginx,
            _php: php,
            address,
            mail,
        }
    }
}

/// A copy of Debian's files, with configuration and data of our own.
fn install(tree: &Path, settings: &str) {
    // Debian spreads DokuWiki over /usr, /etc and /var; `--dereference` joins the first
    // and the last, and the preload file that points to /etc is left out.
    output_of(
        Command::new("cp")
            .args(["--recursive", "--dereference", "/usr/share/dokuwiki"])
            .arg(tree),
    );
    let _ = fs::remove_file(tree.join("inc/preload.php"));
    let _ = fs::remove_file(tree.join("install.php"));
    let conf = tree.join("conf");
    fs::create_dir_all(&conf).expect("a temporary folder is writable");
    for entry in fs::read_dir("/etc/dokuwiki").expect("dokuwiki is installed") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().expect("an entry has a name");
        // The accounts and local settings of the machine are not ours to read.
        let own = ["local.php", "users.auth.php", "acl.auth.php"]
            .map(conf_name)
            .contains(&name);
        if path.is_file() && !own {
            fs::copy(&path, conf.join(name)).expect("a world-readable configuration file");
        }
    }
    let data = tree.join("data");
    for folder in [
        "attic",
        "cache",
        "index",
        "locks",
        "log",
        "media",
        "media_attic",
        "media_meta",
        "meta",
        "pages",
        "tmp",
    ] {
        fs::create_dir_all(data.join(folder)).expect("a temporary folder is writable");
    }
    let write = |name: &str, text: String| {
        fs::write(tree.join(name), text).expect("a temporary folder is writable");
    };
    write(
        "conf/local.php",
        format!(
            "<?php
$conf['title'] = 'Le wiki du cercle';
$conf['lang'] = 'fr';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['savedir'] = './data';
$conf['disableactions'] = 'register';
{settings}"
        ),
    );
    let hash = output_of(Command::new("openssl").args(["passwd", "-6", PASSWORD]));
    write(
        "conf/users.auth.php",
        format!(
            "# <?php exit()?>\n{LOGIN}:{}:Camille:camille@example.test:admin,user\n",
            hash.trim()
        ),
    );
    write(
        "conf/acl.auth.php",
        "# <?php exit()?>\n*\t@ALL\t1\n*\t@user\t8\n".to_owned(),
    );
    write(
        "data/pages/start.txt",
        "====== Bienvenue ======\n\nUn wiki comme il y en a tant. [[salle|La salle]]\n".to_owned(),
    );
}

fn conf_name(name: &str) -> &std::ffi::OsStr {
    name.as_ref()
}
