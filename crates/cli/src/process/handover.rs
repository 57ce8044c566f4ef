//! Passes open listeners from one process to another (SCM_RIGHTS).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use proxy::Listeners;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

/// What goes with the listeners: which ones they are. One byte, so that it comes whole.
const BOTH: u8 = b'2';
const SECURE_ALONE: u8 = b'1';

/// Sends copies of the listeners; the sender keeps its own.
pub(super) fn send(channel: &UnixStream, listeners: &Listeners) -> io::Result<()> {
    let mut sockets = vec![listeners.https.as_fd()];
    sockets.extend(listeners.http.as_ref().map(AsFd::as_fd));
    let word = [if sockets.len() == 2 {
        BOTH
    } else {
        SECURE_ALONE
    }];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    if !rights.push(SendAncillaryMessage::ScmRights(&sockets)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    rustix::net::sendmsg(
        channel,
        &[IoSlice::new(&word)],
        &mut rights,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Takes the listeners that were sent.
pub(super) fn receive(channel: &UnixStream) -> io::Result<Listeners> {
    let mut word = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    rustix::net::recvmsg(
        channel,
        &mut [IoSliceMut::new(&mut word)],
        &mut rights,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut sockets: Vec<OwnedFd> = Vec::new();
    for message in rights.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            sockets.extend(received);
        }
    }
    let mut sockets = sockets.into_iter().map(TcpListener::from);
    match (word[0], sockets.next(), sockets.next()) {
        (BOTH, Some(https), Some(http)) => Ok(Listeners {
            https,
            http: Some(http),
        }),
        (SECURE_ALONE, Some(https), None) => Ok(Listeners { https, http: None }),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "no listeners were handed over",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_arrive_open_and_in_their_places() {
        let open = || TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = |listener: &TcpListener| listener.local_addr().expect("an address");
        for http in [Some(open()), None] {
            let sent = Listeners {
                http,
                https: open(),
            };
            let (here, there) = UnixStream::pair().expect("a pair");
            send(&here, &sent).expect("sent");
            let received = receive(&there).expect("received");
            assert_eq!(address(&received.https), address(&sent.https));
            assert_eq!(
                received.http.as_ref().map(address),
                sent.http.as_ref().map(address)
            );
        }
    }

    #[test]
    fn a_channel_without_listeners_is_an_error() {
        use std::io::Write;
        let (mut here, there) = UnixStream::pair().expect("a pair");
        here.write_all(b"2").expect("sent");
        assert!(receive(&there).is_err());
        drop(here);
        assert!(receive(&there).is_err());
    }
}
