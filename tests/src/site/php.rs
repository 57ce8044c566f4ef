//! A private php-fpm on a Unix socket, and how nginx hands requests to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::as_root;
use crate::process::Running;

/// Starts php-fpm; its files, its socket included, go to `folder`. `more` are lines of its
/// pool, such as `env[NAME] = value`.
///
/// # Panics
/// When it does not start, or when no php-fpm is installed.
pub fn start(folder: &Path, more: &str) -> (Running, PathBuf) {
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
{more}
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

/// The location of PHP's files in a server of nginx, with more lines of its own. Written out:
/// Debian's file drops the port from the host name.
pub fn location(socket: &Path, more: &str) -> String {
    format!(
        "        location ~ \\.php$ {{
            try_files $uri =404;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param DOCUMENT_ROOT $document_root;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SERVER_NAME $server_name;
            fastcgi_param SERVER_PORT $server_port;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param REDIRECT_STATUS 200;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            {more}
            fastcgi_pass unix:{socket};
        }}",
        socket = socket.display(),
    )
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
