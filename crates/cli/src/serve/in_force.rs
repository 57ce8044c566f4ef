//! The policy in force, kept where `serve --check` finds it.
//!
//! The copy lies in the state folder (0600) and is locked for as long as the gate serves, so that
//! one which a killed gate left behind is never taken for it. A policy holds no secret, only where
//! secrets are. Where no copy can be kept, nothing is lost but this comparison.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::source::Source;

/// The copy, in the state folder.
const FILE: &str = "in-force.toml";
/// What one may hold: the largest policy, and its first line.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A copy of the policy in force; letting go of it says that it is in force no more.
#[derive(Debug)]
pub(super) struct InForce(#[expect(dead_code, reason = "closing it gives the lock back")] File);

impl InForce {
    /// Keeps a copy. `None` when the policy is no file, or the folder takes none.
    pub(super) fn keep(source: &Source, state: &Path) -> Option<Self> {
        let first = first_line(source)?;
        Self::write(state, &first, &source.text).ok()
    }

    fn write(state: &Path, first: &str, text: &str) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(state)?;
        let fresh = state.join(format!("{FILE}.{}", std::process::id()));
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh)?;
            // Before it has its name: whoever finds it finds it locked.
            file.try_lock_shared().map_err(io::Error::from)?;
            file.write_all(format!("{first}{text}").as_bytes())?;
            fs::rename(&fresh, state.join(FILE))?;
            io::Result::Ok(file)
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written.map(Self)
    }
}

/// The text in force of the gate that serves this policy from this folder, if there is one.
pub(super) fn text(source: &Source, state: &Path) -> Option<String> {
    let first = first_line(source)?;
    let file = File::open(state.join(FILE)).ok()?;
    // Held by the gate. Taken here, it is given back at once.
    let Err(TryLockError::WouldBlock) = file.try_lock() else {
        return None;
    };
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    text.strip_prefix(&first).map(str::to_owned)
}

/// Which file it is a copy of: several gates may share a state folder.
fn first_line(source: &Source) -> Option<String> {
    let file = std::path::absolute(source.file.as_ref()?).ok()?;
    Some(format!("# in force: {}\n", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(folder: &Path, name: &str) -> Source {
        let file = folder.join(name);
        let text = "version = 1\n".to_owned();
        fs::write(&file, &text).expect("written");
        Source {
            name: name.to_owned(),
            text,
            file: Some(file),
        }
    }

    #[test]
    fn a_copy_is_in_force_while_it_is_held_and_for_its_own_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        let (one, other) = (source(folder.path(), "a"), source(folder.path(), "b"));
        assert_eq!(text(&one, &state), None, "nothing kept");
        let held = InForce::keep(&one, &state).expect("kept");
        assert_eq!(text(&one, &state).as_deref(), Some("version = 1\n"));
        assert_eq!(text(&other, &state), None, "another's");
        // A successor keeps its own before the predecessor lets go.
        let next = InForce::keep(&one, &state).expect("kept");
        drop(held);
        assert!(text(&one, &state).is_some());
        drop(next);
        assert_eq!(text(&one, &state), None, "left behind");
        let names = fs::read_dir(&state).expect("a folder").count();
        assert_eq!(names, 1);
    }
}
