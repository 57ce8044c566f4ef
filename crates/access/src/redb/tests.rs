//! What only counters in a file must do; what all stores must do is in the contract suite.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use policy::access::{Delay, Limit};
use redb::backends::InMemoryBackend;
use redb::{ReadableDatabase, ReadableTableMetadata, StorageBackend};

use super::*;
use crate::state::{DAY, Restriction};
use crate::{Bucket, Counter, Record, Rule, Scope};

fn ask(number: u64, seconds: u64) -> Ask {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    let counter = Counter {
        key: CounterKey::new(key),
        scope: Scope::Account,
        rule: Rule::Restriction(Restriction::Delay(Delay::default())),
    };
    let now = Timestamp::new(Duration::from_secs(1_800_000_000 + seconds));
    Ask::new(vec![counter], now).expect("one counter")
}

async fn admit(store: &Redb, ask: &Ask) -> Verdict {
    store.admit(ask).await.expect("an answer")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn the_file_is_its_owners_alone_and_locked() {
    let folder = folder();
    let path = folder.path().join("counters.redb");
    let store = Redb::open(&path).expect("a file");
    let mode = fs::metadata(&path).expect("a file").mode() & 0o777;
    assert_eq!(mode, 0o600);
    let error = Redb::open(&path).expect_err("in use");
    assert!(matches!(error, StoreError::InUse(_)), "{error:?}");
    let text = error.text();
    assert!(text.fr.contains("counters.redb") && text.en.contains("counters.redb"));
    drop(store);
    drop(Redb::open(&path).expect("free again"));
}

#[test]
fn what_is_not_ours_is_refused_and_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("counters.redb");
    for content in [&b"not a database"[..], &[0xff; 100_000]] {
        fs::write(&path, content).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&path, mode).expect("a mode");
        let error = Redb::open(&path).expect_err("no database");
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        assert_eq!(fs::read(&path).expect("a file"), content);
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&path, mode).expect("a mode");
    let error = Redb::open(&path).expect_err("readable by all");
    assert!(matches!(error, StoreError::Storage(_)), "{error:?}");
    let error = Redb::open(&folder.path().join("none/counters.redb")).expect_err("no folder");
    assert!(matches!(error, StoreError::Storage(_)), "{error:?}");
}

#[tokio::test]
async fn a_damaged_record_is_refused_until_it_is_unlocked_and_hinders_no_other() {
    let folder = folder();
    let path = folder.path().join("counters.redb");
    let [first, second, third, fine] = [1, 2, 3, 4].map(|number| ask(number, 0));
    {
        let database = Database::create(&path).expect("a file");
        let write = database.begin_write().expect("a transaction");
        let mut entries = write.open_table(table::COUNTERS).expect("a table");
        let mut level = u64::MAX.to_be_bytes().to_vec();
        level.extend(Record::fresh(&Rule::Bucket(bucket())).encode());
        for (ask, entry) in [
            (&first, &b"short"[..]),
            (&second, &[0xff; 20]),
            // Whole, but of the other kind.
            (&third, &level),
        ] {
            entries
                .insert(ask.counters[0].key.bytes(), entry)
                .expect("an entry");
        }
        drop(entries);
        write.commit().expect("a commit");
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&path, mode).expect("a mode");
    let store = Redb::open(&path).expect("a file");
    for ask in [&first, &second, &third] {
        let error = store.admit(ask).await.expect_err("a damaged record");
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        assert_eq!(admit(&store, &fine).await, Verdict::Admit);
        store.succeed(&fine).await.expect("an answer");
        let key = ask.counters[0].key;
        store.unlock(key, ask.now).await.expect("an answer");
        assert_eq!(admit(&store, ask).await, Verdict::Admit);
    }
}

fn bucket() -> Bucket {
    Bucket::from(Limit {
        failures: 1,
        window: DAY,
    })
}

/// How many counters a file holds, once its store is dropped.
fn entries(path: &Path) -> u64 {
    let database = Database::open(path).expect("a file");
    let read = database.begin_read().expect("a transaction");
    let table = read.open_table(table::COUNTERS).expect("a table");
    table.len().expect("a length")
}

#[tokio::test]
async fn idle_counters_are_swept_as_others_come() {
    let folder = folder();
    let path = folder.path().join("counters.redb");
    let store = Arc::new(Redb::open(&path).expect("a file"));
    flood(&store, 0..2_000, 0).await;
    // Two days later half as many come; the sweep sees four entries for each of them.
    flood(&store, 10_000..11_000, 2 * DAY.as_secs()).await;
    drop(store);
    assert_eq!(entries(&path), 1_000);
}

#[tokio::test]
async fn a_success_leaves_nothing_in_the_file() {
    let folder = folder();
    let path = folder.path().join("counters.redb");
    let store = Redb::open(&path).expect("a file");
    let ask = ask(1, 0);
    assert_eq!(admit(&store, &ask).await, Verdict::Admit);
    store.succeed(&ask).await.expect("an answer");
    drop(store);
    assert_eq!(entries(&path), 0);
}

async fn flood(store: &Arc<Redb>, numbers: std::ops::Range<u64>, seconds: u64) {
    let tries: Vec<_> = numbers
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { admit(&store, &ask(number, seconds)).await })
        })
        .collect();
    for each in tries {
        assert_eq!(each.await.expect("no panic"), Verdict::Admit);
    }
}

/// A disk that can be full, and counts how often it is made to keep what was written.
#[derive(Debug, Clone, Default)]
struct Disk {
    content: Arc<InMemoryBackend>,
    full: Arc<AtomicBool>,
    flushes: Arc<AtomicUsize>,
}

impl Disk {
    fn is_full(&self) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.content.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.content.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.is_full()?;
        self.content.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.is_full()?;
        self.flushes.fetch_add(1, Ordering::SeqCst);
        self.content.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.is_full()?;
        self.content.write(offset, data)
    }
}

fn on(disk: &Disk) -> Redb {
    let disk = disk.clone();
    Redb::with(move || {
        Builder::new()
            .create_with_backend(disk.clone())
            .map_err(|error| StoreError::Storage(error.into()))
    })
    .expect("a store")
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_was_counted_before_stays() {
    let disk = Disk::default();
    let store = on(&disk);
    let (before, after) = (ask(1, 0), ask(2, 0));
    assert_eq!(admit(&store, &before).await, Verdict::Admit);
    disk.full.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let error = store.admit(&after).await.expect_err("a full disk");
        assert!(matches!(error, StoreError::Storage(_)), "{error:?}");
    }
    disk.full.store(false, Ordering::SeqCst);
    // The file is opened again after a pause.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(matches!(admit(&store, &before).await, Verdict::Wait(..)));
    assert_eq!(admit(&store, &after).await, Verdict::Admit);
}

#[tokio::test]
async fn calls_that_wait_together_share_one_flush() {
    let disk = Disk::default();
    let store = Arc::new(on(&disk));
    assert_eq!(admit(&store, &ask(0, 0)).await, Verdict::Admit);
    let one = disk.flushes.swap(0, Ordering::SeqCst);
    // On one thread: all are asked before the first answer is awaited.
    flood(&store, 1..1_001, 0).await;
    let thousand = disk.flushes.load(Ordering::SeqCst);
    assert!(
        thousand < 1_000 * one / 4,
        "{thousand} flushes for 1,000 calls, of which one takes {one}"
    );
}

#[tokio::test]
async fn a_refusal_writes_nothing() {
    let disk = Disk::default();
    let store = on(&disk);
    assert_eq!(admit(&store, &ask(1, 0)).await, Verdict::Admit);
    disk.flushes.store(0, Ordering::SeqCst);
    for _ in 0..100 {
        assert!(matches!(admit(&store, &ask(1, 1)).await, Verdict::Wait(..)));
    }
    assert_eq!(disk.flushes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_full_queue_is_an_answer_not_a_wait() {
    // A disk that is never ready: the writer stands still in its first transaction.
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let first = AtomicBool::new(true);
    let disk = Disk::default();
    let inner = disk.clone();
    let store = Redb::with(move || {
        if !first.swap(false, Ordering::SeqCst) {
            let _ = held.lock().expect("a lock").recv();
        }
        Builder::new()
            .create_with_backend(inner.clone())
            .map_err(|error| StoreError::Storage(error.into()))
    })
    .expect("a store");
    disk.full.store(true, Ordering::SeqCst);
    let error = store.admit(&ask(0, 0)).await.expect_err("a full disk");
    assert!(matches!(error, StoreError::Storage(_)), "{error:?}");
    disk.full.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    // The next call makes it open again, which stands still until it is released.
    let asks: Vec<Ask> = (0..2 * QUEUE as u64).map(|number| ask(number, 0)).collect();
    let mut waiting = Vec::new();
    let mut refused = 0;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for ask in &asks {
        let mut call = store.admit(ask);
        match call.as_mut().poll(&mut context) {
            std::task::Poll::Pending => waiting.push(call),
            std::task::Poll::Ready(Err(StoreError::Unreachable(_))) => refused += 1,
            std::task::Poll::Ready(other) => panic!("{other:?}"),
        }
    }
    assert!(refused >= QUEUE - 2 * BATCH, "{refused} refused");
    release.send(()).expect("the writer waits");
    for call in waiting {
        assert_eq!(call.await.expect("an answer"), Verdict::Admit);
    }
}

const BATCH: usize = 512;
