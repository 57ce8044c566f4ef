//! A private php-fpm on a Unix socket.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::as_root;
use crate::process::Running;

/// Starts php-fpm; its files, its socket included, go to `folder`.
///
/// # Panics
/// When it does not start, or when no php-fpm is installed.
pub fn start(folder: &Path) -> (Running, PathBuf) {
    let socket = folder.join("php.sock");
    let temporary = folder.join("php-tmp");
    fs::create_dir_all(&temporary).expect("a temporary folder is writable");
    let user = if as_root() {
        "user = root\ngroup = root"
    } else {
        ""
    };
    let configuration = format!(
        "[global]
daemonize = no
error_log = /dev/stderr
[site]
{user}
listen = {socket}
pm = static
pm.max_children = 4
catch_workers_output = yes
php_admin_value[upload_max_filesize] = 32M
php_admin_value[post_max_size] = 40M
php_admin_value[memory_limit] = 256M
php_admin_value[upload_tmp_dir] = {temporary}
php_admin_value[sys_temp_dir] = {temporary}
php_admin_value[session.save_path] = {temporary}
php_admin_flag[display_errors] = off
",
        socket = socket.display(),
        temporary = temporary.display(),
    );
    let path = folder.join("php-fpm.conf");
    fs::write(&path, configuration).expect("a temporary folder is writable");
    let mut command = Command::new(program());
    command.arg("--nodaemonize").arg("--fpm-config").arg(&path);
    if as_root() {
        command.arg("--allow-to-run-as-root");
    }
    let mut process = Running::start("php-fpm", &mut command, folder);
    process.wait_for(|_| socket.exists().then_some(()));
    (process, socket)
}

/// Debian names the program after its version.
fn program() -> PathBuf {
    fs::read_dir("/usr/sbin")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"php-fpm"))
        })
        .expect("php-fpm is installed; tests/run installs what is missing")
}
