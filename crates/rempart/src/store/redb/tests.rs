use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_file_of_accounts_is_its_owner_s_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = folder.path().join("made.redb");
    drop(Redb::open(&made).expect("a store"));
    let mode = |file: &Path| fs::metadata(file).expect("a file").permissions().mode() & 0o7777;
    assert_eq!(mode(&made), 0o600);
    drop(Redb::open(&made).expect("the same store"));

    // Hashes that others could read are told, with the way out, and not read.
    for open_to in [0o640, 0o604, 0o620] {
        let shared = folder.path().join(format!("{open_to:o}.redb"));
        File::create(&shared).expect("a file");
        fs::set_permissions(&shared, Permissions::from_mode(open_to)).expect("ours");
        let error = Redb::open(&shared).expect_err("open to others").to_string();
        for said in [&shared.display().to_string(), "chmod 600"] {
            assert!(error.contains(said), "{said} is not in {error}");
        }
        assert_eq!(fs::metadata(&shared).expect("a file").len(), 0);
    }
}
