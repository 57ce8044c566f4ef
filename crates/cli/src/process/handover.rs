//! Passes open listeners from one process to another (SCM_RIGHTS), and the keys of session tickets
//! with them: neither is in a file, an argument or the environment.

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
use transport::tickets::TicketKey;
use zeroize::Zeroizing;

/// What goes with the listeners, first: which ones they are.
const BOTH: u8 = b'2';
const SECURE_ALONE: u8 = b'1';
/// Bytes of a ticket key. Later ones come by the same channel, nothing else does.
pub(super) const KEY: usize = 32;

/// The keys that tickets are made with and were made with before.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) current: TicketKey,
    pub(super) previous: Option<TicketKey>,
}

/// Sends copies of the listeners, and the keys; the sender keeps its own. What is sent is small
/// enough to come whole.
pub(super) fn send(channel: &UnixStream, listeners: &Listeners, keys: &Keys) -> io::Result<()> {
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
    let previous = keys.previous.as_ref().map(TicketKey::expose);
    rustix::net::sendmsg(
        channel,
        &[
            IoSlice::new(&word),
            IoSlice::new(keys.current.expose()),
            IoSlice::new(previous.map_or(&[], |key| &key[..])),
        ],
        &mut rights,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Takes the listeners that were sent, and the keys; a keeper of an older program sends none.
pub(super) fn receive(channel: &UnixStream) -> io::Result<(Listeners, Option<Keys>)> {
    let mut word = [0];
    let mut keys = Zeroizing::new([0; 2 * KEY]);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let message = rustix::net::recvmsg(
        channel,
        &mut [IoSliceMut::new(&mut word), IoSliceMut::new(&mut *keys)],
        &mut rights,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut keys = keys[..message.bytes.saturating_sub(word.len())]
        .as_chunks::<KEY>()
        .0
        .iter()
        .map(|key| TicketKey::handed(Zeroizing::new(*key)));
    let keys = keys.next().map(|current| Keys {
        current,
        previous: keys.next(),
    });
    let mut sockets: Vec<OwnedFd> = Vec::new();
    for message in rights.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            sockets.extend(received);
        }
    }
    let mut sockets = sockets.into_iter().map(TcpListener::from);
    let (https, http) = match (word[0], sockets.next(), sockets.next()) {
        (BOTH, Some(https), Some(http)) => (https, Some(http)),
        (SECURE_ALONE, Some(https), None) => (https, None),
        _ => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "no listeners were handed over",
            ));
        }
    };
    Ok((Listeners { http, https }, keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TicketKey {
        TicketKey::random().expect("a key")
    }

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
            let keys = Keys {
                current: key(),
                previous: sent.http.is_some().then(key),
            };
            send(&here, &sent, &keys).expect("sent");
            let (received, handed) = receive(&there).expect("received");
            let handed = handed.expect("keys");
            assert_eq!(handed.current.expose(), keys.current.expose());
            assert_eq!(
                handed.previous.as_ref().map(TicketKey::expose),
                keys.previous.as_ref().map(TicketKey::expose)
            );
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
