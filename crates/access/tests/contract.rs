//! The contract suite, on the stores that need no server.

use access::Memory;
use access::contract::{Lasting, check};

#[tokio::test]
async fn memory_keeps_the_contract() {
    check(Lasting::Process, async || Memory::new(100_000)).await;
}
