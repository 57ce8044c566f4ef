//! A private nginx: one process tree, one folder, one plain listener.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use super::as_root;
use crate::process::{Running, free_port};

/// How many requests it answered that begin so, as `POST /doku.php`.
pub fn answered(folder: &Path, request: &str) -> usize {
    let log = fs::read_to_string(folder.join("access.log")).expect("nginx has started here");
    log.matches(&format!("\"{request}")).count()
}

/// Starts nginx with the inside of one `server { }`; its files go to `folder`.
///
/// # Panics
/// When it does not start; the message holds its output.
pub fn start(folder: &Path, server: &str) -> (Running, SocketAddr) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let folder_text = folder.display();
    let user = if as_root() { "user root;" } else { "" };
    let configuration = format!(
        "daemon off;
{user}
worker_processes 1;
pid {folder_text}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log {folder_text}/access.log;
    server_tokens off;
    client_max_body_size 48m;
    client_body_temp_path {folder_text}/nginx-body;
    proxy_temp_path {folder_text}/nginx-proxy;
    fastcgi_temp_path {folder_text}/nginx-fastcgi;
    uwsgi_temp_path {folder_text}/nginx-uwsgi;
    scgi_temp_path {folder_text}/nginx-scgi;
    server {{
        listen {address};
        server_name _;
{server}
    }}
}}
"
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration).expect("a temporary folder is writable");
    let mut command = Command::new("/usr/sbin/nginx");
    command
        .arg("-e")
        .arg("stderr")
        .arg("-c")
        .arg(&path)
        .arg("-p")
        .arg(folder);
    let mut process = Running::start("nginx", &mut command, folder);
    process.wait_for_port(address);
    (process, address)
}
