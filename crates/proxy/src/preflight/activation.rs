//! Listeners that systemd opens in place of the gate: those of `rempart.socket`.
//!
//! Whoever runs the check may neither bind them nor know who holds them, and the gate needs
//! neither.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::holder::Holder;

/// Where systemd looks for units of the system, as systemd.unit(5) lists them.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const UNIT: &str = "rempart.socket";

/// Why an address that cannot be bound is in order all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// The unit names its port.
    ByUnit,
    /// The first process of the system holds it, for whichever unit.
    BySystemd,
}

/// Whether systemd opens an address in place of the gate. `unit` is the text of the unit, if
/// there is one.
pub(super) fn opened(
    error: ErrorKind,
    holder: Option<&Holder>,
    port: u16,
    unit: Option<&str>,
) -> Option<Opened> {
    let listed = || unit.is_some_and(|unit| ports(unit).any(|listed| listed == port));
    match (error, holder) {
        (ErrorKind::AddrInUse, Some(holder)) if holder.is_systemd() => Some(match listed() {
            true => Opened::ByUnit,
            false => Opened::BySystemd,
        }),
        (ErrorKind::AddrInUse, Some(_)) => None,
        (ErrorKind::AddrInUse | ErrorKind::PermissionDenied, None) if listed() => {
            Some(Opened::ByUnit)
        }
        _ => None,
    }
}

/// The text of the unit, from the first folder that has it.
pub(super) fn unit() -> Option<String> {
    let folders: Vec<PathBuf> = match env::var_os("SYSTEMD_UNIT_PATH") {
        Some(named) => env::split_paths(&named).collect(),
        None => FOLDERS.map(PathBuf::from).to_vec(),
    };
    let mut units = folders.into_iter().map(|folder| folder.join(UNIT));
    units.find_map(|unit| fs::read_to_string(unit).ok())
}

/// The TCP ports that a unit listens on: `ListenStream=` with a port, alone or behind an address.
fn ports(unit: &str) -> impl Iterator<Item = u16> {
    unit.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let port = value.rsplit(':').next().unwrap_or(value);
        (key.trim() == "ListenStream").then(|| port.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    use super::*;

    fn holder(pid: u32, name: &str) -> Holder {
        let name = name.to_owned();
        Holder { pid, name }
    }

    #[test]
    fn what_systemd_opens_is_no_fault_and_what_others_hold_is() {
        const UNIT: &str = "[Socket]\n# ListenStream=8080\nListenStream=80\n\
                            ListenStream = [::]:443\nListenStream=/run/x.sock\n\
                            ListenDatagram=53\nListenStream=192.0.2.1:8443\n";
        let (systemd, nginx) = (holder(1, "systemd"), holder(7, "nginx"));
        for (error, held, port, unit, expected) in [
            (PermissionDenied, None, 80, Some(UNIT), Some(Opened::ByUnit)),
            (
                PermissionDenied,
                None,
                443,
                Some(UNIT),
                Some(Opened::ByUnit),
            ),
            (AddrInUse, None, 8443, Some(UNIT), Some(Opened::ByUnit)),
            (
                AddrInUse,
                Some(&systemd),
                80,
                Some(UNIT),
                Some(Opened::ByUnit),
            ),
            (
                AddrInUse,
                Some(&systemd),
                9090,
                Some(UNIT),
                Some(Opened::BySystemd),
            ),
            (AddrInUse, Some(&systemd), 80, None, Some(Opened::BySystemd)),
            (AddrInUse, Some(&nginx), 80, Some(UNIT), None),
            (AddrInUse, Some(&holder(1, "init")), 80, Some(UNIT), None),
            (AddrInUse, None, 8080, Some(UNIT), None),
            (AddrInUse, None, 53, Some(UNIT), None),
            (PermissionDenied, None, 80, None, None),
            (AddrNotAvailable, None, 80, Some(UNIT), None),
        ] {
            let found = opened(error, held, port, unit);
            assert_eq!(found, expected, "{error} {port}");
        }
    }
}
