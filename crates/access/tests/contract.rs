//! The contract suite, on the stores that need no server.

use access::contract::{Lasting, check};
use access::{Memory, Redb};

#[tokio::test]
async fn memory_keeps_the_contract() {
    check(Lasting::Process, async || Memory::new(100_000)).await;
}

#[tokio::test]
async fn redb_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("counters.redb");
    check(Lasting::Restart, async || {
        Redb::open(&path).expect("a file of counters")
    })
    .await;
}
