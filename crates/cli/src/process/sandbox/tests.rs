use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

use super::*;

/// Runs in a thread of its own: locks hold for the thread that takes them and those it starts.
fn confined<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(what).join().expect("a thread that ends")
}

fn policy(text: &str) -> Policy {
    policy::load(&format!("version = 1\n{text}"))
        .unwrap_or_else(|report| panic!("{report:?}"))
        .policy
}

#[test]
fn no_program_is_started_after_the_lock_and_threads_are() {
    let (spawned, replaced, threads) = confined(|| {
        calls::restrict().expect("seccomp");
        let spawned = Command::new("/bin/true").status().map(|_| ());
        let replaced = Command::new("/bin/true").exec();
        let threads = thread::spawn(|| 1 + 1).join().expect("a thread");
        (spawned, replaced, threads)
    });
    let refused = |error: std::io::Error| error.kind() == ErrorKind::PermissionDenied;
    assert!(spawned.is_err_and(refused));
    assert!(refused(replaced));
    assert_eq!(threads, 2);
}

#[test]
fn sockets_and_files_go_on_after_the_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    confined(move || {
        calls::restrict().expect("seccomp");
        fs::write(&path, "text").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"text");
        fs::rename(&path, path.with_extension("new")).expect("renamed");
        let _client = TcpStream::connect(address).expect("connected");
        listener.accept().expect("accepted");
        UdpSocket::bind("127.0.0.1:0").expect("a port");
        // As the runtime does it.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            tokio::spawn(async {
                let found = tokio::net::lookup_host(("localhost", 80)).await;
                assert!(found.expect("a name").next().is_some());
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            })
            .await
            .expect("a task");
        });
    });
}

#[test]
fn only_the_folders_of_the_policy_are_open_after_the_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(&path).expect("a folder");
        path
    };
    let (base, keys, other) = (place("base"), place("keys"), place("other"));
    let (state, journal) = (folder.path().join("state"), folder.path().join("journal"));
    for file in [
        base.join("policy.toml"),
        keys.join("chain.pem"),
        other.join("secret"),
    ] {
        fs::write(file, "text").expect("written");
    }
    let policy = policy(&format!(
        "[journal]\nfolder = {journal:?}\n[[site]]\nhosts = [\"a.fr\"]\n\
         upstream = \"http://127.0.0.1:1\"\n\
         certificate = {{ chain = \"../keys/chain.pem\", key = \"../keys/key.pem\" }}\n"
    ));
    confined(move || {
        if let Err(why) = files::restrict(&policy, &base, None, &state) {
            panic!(
                "this kernel has no such Landlock ({}), so nothing is proved",
                why.en
            );
        }
        let refused = |error: std::io::Error| error.kind() == ErrorKind::PermissionDenied;
        fs::read(base.join("policy.toml")).expect("the policy");
        fs::read(keys.join("chain.pem")).expect("a certificate");
        fs::write(keys.join("chain.pem"), "").expect_err("read only");
        fs::write(base.join("new"), "").expect_err("read only");
        assert!(fs::read(other.join("secret")).is_err_and(refused));
        assert!(fs::read("/bin/sh").is_err_and(refused));
        for written in [&state, &journal] {
            let file = written.join("file");
            fs::write(&file, "text").expect("written");
            fs::rename(&file, written.join("renamed")).expect("renamed");
            fs::remove_file(written.join("renamed")).expect("removed");
        }
    });
}

#[test]
fn a_renewed_file_behind_a_link_is_still_open_after_the_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base");
    let archive = folder.path().join("archive");
    let live = folder.path().join("live");
    for place in [&base, &archive, &live] {
        fs::create_dir(place).expect("a folder");
    }
    let link = |number: u8| {
        let target = archive.join(format!("chain{number}.pem"));
        fs::write(&target, [number]).expect("written");
        let fresh = live.join("fresh");
        std::os::unix::fs::symlink(&target, &fresh).expect("a link");
        fs::rename(fresh, live.join("chain.pem")).expect("a link");
    };
    link(1);
    let policy = policy(
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1:1\"\n\
         certificate = { chain = \"../live/chain.pem\", key = \"../live/key.pem\" }\n",
    );
    let state = folder.path().join("state");
    let chain = live.join("chain.pem");
    let (locked, go) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    let reader = thread::spawn(move || {
        files::restrict(&policy, &base, None, &state).expect("Landlock");
        locked.0.send(()).expect("heard");
        go.1.recv().expect("told");
        fs::read(chain).expect("the renewed certificate")
    });
    locked.1.recv().expect("locked");
    link(2);
    go.0.send(()).expect("told");
    assert_eq!(reader.join().expect("a thread"), [2]);
}

#[test]
fn a_policy_behind_a_link_is_still_open_after_the_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let (base, elsewhere) = (folder.path().join("base"), folder.path().join("elsewhere"));
    for place in [&base, &elsewhere] {
        fs::create_dir(place).expect("a folder");
    }
    let (link, target) = (base.join("policy.toml"), elsewhere.join("policy.toml"));
    fs::write(&target, "text").expect("written");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    let policy = policy("");
    let state = folder.path().join("state");
    let read = confined(move || {
        files::restrict(&policy, &base, Some(&link), &state).expect("Landlock");
        fs::read(&link)
    });
    assert_eq!(read.expect("the policy"), b"text");
}

#[test]
fn a_state_folder_that_cannot_be_made_unlocks_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (base, file) = (folder.path().join("base"), folder.path().join("file"));
    fs::create_dir(&base).expect("a folder");
    fs::write(&file, "text").expect("written");
    let policy = policy("");
    // Below a file there is no folder.
    let state = file.join("state");
    let read = confined(move || {
        files::restrict(&policy, &base, None, &state).expect("Landlock");
        fs::read(&file)
    });
    let error = read.expect_err("not a file of the policy");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn only_streams_of_the_network_are_open_after_the_lock() {
    const AF_ALG: u16 = 38;
    use rustix::net::{AddressFamily, SocketType, socket};
    let opened = confined(|| {
        calls::restrict().expect("seccomp");
        // The kernel's own cryptography: of no use here, and of some to an intruder.
        socket(AddressFamily::from_raw(AF_ALG), SocketType::SEQPACKET, None)
    });
    assert_eq!(opened.err(), Some(rustix::io::Errno::PERM));
}
