//! Which files the worker may open (Landlock).
//!
//! A rule holds for what a path leads to at this moment, so a file that is replaced by another
//! of the same name (a renewed certificate, an edited policy) needs the rule on its folder.
//! A reload may therefore name new files in these folders, and no other folder.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, NetPort,
    Ruleset, RulesetAttr, RulesetCreatedAttr, Scope, make_bitflags, path_beneath_rules,
};
use policy::process::Sandbox;
use policy::transport::AdminListener;
use policy::{Policy, Text};

/// What the libraries below read: names of hosts, authorities of the system, the number of
/// processors that may be used.
const SYSTEM: &[&str] = &[
    "/etc",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
    "/proc/self",
    "/sys/fs/cgroup",
    "/dev/urandom",
];

/// Of the same, what is often a link to elsewhere, by the kind of system.
const LINKS: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
];

/// Whatever this kernel knows up to here is taken; what a later one adds is looked at first.
const KNOWN: ABI = ABI::V6;

/// Restricts this thread and those that it will start. `own` is the file of the policy, in `base`,
/// if it has one.
pub(super) fn restrict(
    policy: &Policy,
    base: &Path,
    own: Option<&Path>,
    state: &Path,
) -> Result<(), Text> {
    let Reach { mut read, write } = Reach::of(policy, base, state);
    // It may be a link, and is read again by every reload.
    read.extend(own.and_then(|file| Some(file.canonicalize().ok()?.parent()?.to_owned())));
    for folder in &write {
        // The rule needs something to hold on; whoever writes there would make it anyway, and will
        // say why it cannot. The other rules hold all the same.
        let _ = make_folder(folder);
    }
    let admin = &policy.transport().admin.listen;
    let port = match admin {
        AdminListener::Loopback(address) => Some(address.port()),
        AdminListener::Off | AdminListener::Socket(_) => None,
    };
    let socket = match admin {
        AdminListener::Socket(path) => base.join(path).parent().map(Path::to_owned),
        AdminListener::Off | AdminListener::Loopback(_) => None,
    };
    apply(&read, &write, socket.as_deref(), port).map_err(|error| {
        let said = error.to_string();
        Text::new(said.clone(), said)
    })?
}

/// Folders that a policy needs, and that a worker locked in for another one does not get to.
pub(crate) fn closed_folders(
    old: &Policy,
    new: &Policy,
    base: &Path,
    state: &Path,
) -> Vec<PathBuf> {
    if old.process().sandbox == Sandbox::Off {
        return Vec::new();
    }
    let (old, new) = (Reach::of(old, base, state), Reach::of(new, base, state));
    let within = |folder: &Path, open: &BTreeSet<PathBuf>| {
        open.iter().any(|parent| folder.starts_with(parent))
    };
    let closed_to_read =
        |folder: &&PathBuf| !within(folder, &old.read) && !within(folder, &old.write);
    let closed_to_write = |folder: &&PathBuf| !within(folder, &old.write);
    let read = new.read.iter().filter(closed_to_read);
    let closed: BTreeSet<_> = read
        .chain(new.write.iter().filter(closed_to_write))
        .collect();
    closed.into_iter().cloned().collect()
}

/// The folders that a policy needs.
struct Reach {
    read: BTreeSet<PathBuf>,
    write: BTreeSet<PathBuf>,
}

impl Reach {
    fn of(policy: &Policy, base: &Path, state: &Path) -> Self {
        let files = policy.files();
        let mut read: BTreeSet<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        read.extend(LINKS.iter().flat_map(|link| folders_of(Path::new(link))));
        read.insert(base.to_owned());
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            // A list, of folders at least.
            read.extend(env::var_os(variable).iter().flat_map(env::split_paths));
        }
        for file in files.read {
            read.extend(folders_of(&base.join(file)));
        }
        let mut write = BTreeSet::from([state.to_owned()]);
        for folder in files.write_in_state {
            write.insert(state.join(folder));
        }
        for folder in files.write {
            write.insert(base.join(folder));
        }
        Self { read, write }
    }
}

fn apply(
    read: &BTreeSet<PathBuf>,
    write: &BTreeSet<PathBuf>,
    socket: Option<&Path>,
    port: Option<u16>,
) -> Result<Result<(), Text>, landlock::RulesetError> {
    let reading = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let writing = reading
        | make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir | Refer});
    let meeting = make_bitflags!(AccessFs::{ReadDir | MakeSock | RemoveFile});
    let port = port.map(|port| NetPort::new(port, AccessNet::BindTcp));
    let ports = port.map(Ok::<_, landlock::RulesetError>);
    let null: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | WriteFile});
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        // The listeners are open: no other port is, but that of the admin listener.
        .handle_access(AccessNet::BindTcp)?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(read, reading))?
        .add_rules(path_beneath_rules(write, writing))?
        .add_rules(path_beneath_rules(socket, meeting))?
        .add_rules(path_beneath_rules(["/dev/null"], null))?
        .add_rules(ports)?
        .restrict_self()?;
    let offered = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        _ => ABI::Unsupported,
    };
    Ok(match missing(offered) {
        Some(text) => Err(text),
        None => Ok(()),
    })
}

/// What a kernel does not keep of what is asked here; `None` when it keeps it all.
fn missing(offered: ABI) -> Option<Text> {
    if offered == ABI::Unsupported {
        return Some(Text::new(
            "ce noyau ne le connaît pas, ou ne l’active pas",
            "this kernel does not know it, or does not switch it on",
        ));
    }
    // The version of Landlock that brought each, and Linux's.
    let later = [
        (
            ABI::V2,
            "5.19",
            "renommer d’un dossier à l’autre",
            "renaming between folders",
        ),
        (ABI::V3, "6.2", "vider des fichiers", "emptying files"),
        (ABI::V4, "6.7", "ouvrir des ports", "opening ports"),
        (
            ABI::V5,
            "6.10",
            "commander des périphériques",
            "commanding devices",
        ),
        (
            ABI::V6,
            "6.12",
            "signaux, prises abstraites",
            "signals, abstract sockets",
        ),
    ];
    let missing = later.into_iter().filter(|(since, ..)| offered < *since);
    let (mut fr, mut en) = (Vec::new(), Vec::new());
    for (_, linux, what_fr, what_en) in missing {
        fr.push(format!("{what_fr} (Linux {linux})"));
        en.push(format!("{what_en} (Linux {linux})"));
    }
    (!fr.is_empty()).then(|| {
        Text::new(
            format!("ce noyau ne limite pas : {}", fr.join(", ")),
            format!("this kernel does not limit: {}", en.join(", ")),
        )
    })
}

/// The folder of a file, and that of the file which a link leads to.
fn folders_of(file: &Path) -> Vec<PathBuf> {
    let real = file.canonicalize().ok();
    let both = [Some(file.to_owned()), real];
    let folders = both.into_iter().flatten();
    folders
        .filter_map(|file| Some(file.parent()?.to_owned()))
        .collect()
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_kernel_does_not_keep_is_named() {
        assert_eq!(missing(KNOWN), None);
        for (offered, held, named) in [
            (ABI::V5, &["ports", "devices"][..], &["signals", "6.12"][..]),
            (ABI::V3, &["emptying"], &["ports (Linux 6.7)", "signals"]),
            (ABI::V1, &[], &["renaming", "emptying", "ports", "signals"]),
            (ABI::Unsupported, &["ports"], &["does not know it"]),
        ] {
            let text = missing(offered).expect("something is missing");
            for word in named {
                assert!(text.en.contains(word), "{offered:?}: {}", text.en);
            }
            for word in held {
                assert!(!text.en.contains(word), "{offered:?}: {}", text.en);
            }
            assert_ne!(text.fr, text.en);
        }
    }
}
