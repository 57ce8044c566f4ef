//! Which process listens on an address, as far as this user may know.
//!
//! The kernel's table gives the inode of a listening socket, and the folder of a process the
//! inodes of its descriptors. Those of another user's processes are hidden: then nobody is named.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// A process that listens.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    /// Its name as the kernel knows it, at most 15 bytes.
    pub(super) name: String,
}

impl Holder {
    /// Whether it is a gate like this one.
    pub(super) fn is_rempart(&self) -> bool {
        let own = fs::read_to_string("/proc/self/comm").unwrap_or_default();
        self.name == own.trim()
    }

    /// Whether it is the first process of the system, and that is systemd.
    pub(super) fn is_systemd(&self) -> bool {
        self.pid == 1 && self.name == "systemd"
    }
}

/// Who listens where `address` would.
pub(super) fn of(address: SocketAddr) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inodes: Vec<String> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listeners(&table, address))
        .collect();
    let processes = fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let holds = |inode: &String| holds(&process.path(), inode);
        inodes.iter().any(holds).then(|| Holder {
            pid,
            name: name_of(&process.path()),
        })
    })
}

/// The inodes of the listening sockets of a table that are in the way of `address`.
fn listeners(table: &str, address: SocketAddr) -> Vec<String> {
    let line = |line: &str| {
        let mut columns = line.split_whitespace();
        let local = columns.nth(1)?;
        let state = columns.nth(1)?;
        let inode = columns.nth(5)?;
        const LISTENS: &str = "0A";
        let (ip, port) = local.split_once(':')?;
        let ip = address_of(ip)?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let conflicts = ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified();
        (state == LISTENS && port == address.port() && conflicts).then(|| inode.to_owned())
    };
    table.lines().skip(1).filter_map(line).collect()
}

/// Groups of four bytes, each in the order of the machine.
fn address_of(hex: &str) -> Option<IpAddr> {
    let mut bytes = Vec::with_capacity(16);
    for group in hex.as_bytes().chunks(8) {
        let group = u32::from_str_radix(std::str::from_utf8(group).ok()?, 16).ok()?;
        bytes.extend_from_slice(&group.to_ne_bytes());
    }
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical()),
        _ => None,
    }
}

fn holds(process: &Path, inode: &str) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    let socket = format!("socket:[{inode}]");
    descriptors.flatten().any(|descriptor| {
        fs::read_link(descriptor.path()).is_ok_and(|to| to.as_os_str() == &*socket)
    })
}

fn name_of(process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    name.trim()
        .chars()
        .filter(|sign| !sign.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_process_that_listens_is_found_by_its_port() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let holder = of(address).expect("this process");
        assert_eq!(holder.pid, std::process::id());
        let everywhere = SocketAddr::from(([0, 0, 0, 0], address.port()));
        assert_eq!(of(everywhere), Some(holder));
        drop(listener);
        assert_eq!(of(address), None);
    }

    #[test]
    fn another_address_of_the_same_port_is_in_nobodys_way() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 0100007F:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1\n   \
                     1: 0100007F:01BB 0100007F:9000 01 00000000:00000000 00:00000000 00000000     0        0 4343 1\n";
        for (address, found) in [
            ("127.0.0.1:443", &["4242"][..]),
            ("0.0.0.0:443", &["4242"]),
            ("127.0.0.2:443", &[]),
            ("127.0.0.1:444", &[]),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(listeners(table, address), found, "{address}");
        }
    }
}
