//! A cable between a client and a server on loopback that can be cut, held, or made to lose
//! what the server answers.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What the cable does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It carries everything.
    Whole,
    /// It carries nothing, and nobody is told: sockets stay open.
    Held,
    /// It carries questions; the answers are lost.
    LosesAnswers,
    /// It is cut: sockets close, new ones are closed at once.
    Cut,
}

/// A cable to one port. Ends with the test's process.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mode: Mutex<Mode>,
    changed: Condvar,
    asked: AtomicUsize,
    made: AtomicUsize,
}

impl Wire {
    /// A whole cable to a port of 127.0.0.1.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Whole),
            changed: Condvar::new(),
            asked: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
        });
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.made.fetch_add(1, Ordering::Relaxed);
                accepting.connect(&client, server);
            }
        });
        Self { address, shared }
    }

    /// The port that leads into the cable.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes what the cable does, for open connections too.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().expect("no panic") = mode;
        self.shared.changed.notify_all();
    }

    /// How many bytes of questions were carried.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// How many connections were made.
    pub fn made(&self) -> usize {
        self.shared.made.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: &TcpStream, server: SocketAddr) {
        // A connection made while the cable is held is taken by the client's own system.
        if self.mode() == Mode::Cut {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        let Ok(server) = TcpStream::connect(server) else {
            let _ = client.shutdown(Shutdown::Both);
            return;
        };
        for (from, to, answers) in [(client, &server, false), (&server, client, true)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
                return;
            };
            let shared = self.clone();
            thread::spawn(move || shared.carry(from, to, answers));
        }
        let (shared, both) = (
            self.clone(),
            [client.try_clone(), server.try_clone()].map(|end| end.ok()),
        );
        thread::spawn(move || {
            shared.wait_for(|mode| mode == Mode::Cut);
            for end in both.into_iter().flatten() {
                let _ = end.shutdown(Shutdown::Both);
            }
        });
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream, answers: bool) {
        let mut bytes = [0; 16_384];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            match self.wait_for(|mode| mode != Mode::Held) {
                Mode::LosesAnswers if answers => continue,
                Mode::Cut => break,
                _ => {}
            }
            if !answers {
                self.asked.fetch_add(count, Ordering::Relaxed);
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }

    fn mode(&self) -> Mode {
        *self.mode.lock().expect("no panic")
    }

    fn wait_for(&self, wanted: impl Fn(Mode) -> bool) -> Mode {
        let mode = self.mode.lock().expect("no panic");
        *self
            .changed
            .wait_while(mode, |mode| !wanted(*mode))
            .expect("no panic")
    }
}
