//! A file that its owner alone can open.

use std::fs::{self, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::Cause;

/// Makes a file that its owner alone can open (mode 0600), or finds one that is so already.
///
/// # Errors
/// When the file cannot be made or looked at, or others may open it.
pub fn private_file(path: &Path) -> Result<(), Cause> {
    let name = path.display();
    let failed = |error: Error| Cause::new(format!("{name} : {error}"), format!("{name}: {error}"));
    let made = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    let mode = fs::metadata(path).map_err(failed)?.mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Cause::new(
        format!(
            "{name} peut être ouvert par d’autres que son propriétaire (droits {mode:04o}) : `chmod 600 {name}`"
        ),
        format!(
            "{name} may be opened by others than its owner (mode {mode:04o}): `chmod 600 {name}`"
        ),
    ))
}
