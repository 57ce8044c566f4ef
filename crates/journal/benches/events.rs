//! Events per second: what a caller pays, and what the thread writes to a file.
//!
//! `caller` is the cost of handing over one event, never to a full queue; the writer works on
//! another core meanwhile. `written` is a
//! thousand events until the system has them and the disk was told, one `fdatasync` included;
//! `written/100000` shows the rate once that no longer counts.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use access::KeyMaker;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use journal::{Event, Journal, Kind, Scope, Settings, Sink};

/// Events handed over before the writer is waited for.
const CHUNK: usize = 1000;

fn event() -> Event {
    let account = KeyMaker::with_secret([7; 32]).account("ana@example.fr");
    let kind = Kind::SignInDelayed {
        account: Some(account.into()),
        scope: Scope::Account,
        wait: Duration::from_secs(8),
    };
    Event::new(Timestamp::now(), kind).from(IpAddr::from([192, 0, 2, 1]))
}

fn open(base: &std::path::Path, queue: usize) -> Journal {
    let mut policy = policy::JournalPolicy::default();
    policy.folder = Some("journal".into());
    let mut settings = Settings::default();
    settings.queue = queue;
    Journal::open_with(&policy, base, settings).expect("a journal")
}

fn events(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let event = event();

    let journal = open(folder.path(), CHUNK);
    criterion.bench_function("caller", |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            let mut left = usize::try_from(times).expect("a count");
            while left > 0 {
                let chunk = vec![event.clone(); left.min(CHUNK)];
                left -= chunk.len();
                let begun = Instant::now();
                for event in chunk {
                    journal.note(event);
                }
                spent += begun.elapsed();
                assert!(journal.flush(Duration::from_secs(60)));
            }
            spent
        });
    });
    drop(journal);

    let mut group = criterion.benchmark_group("written");
    group.sample_size(20);
    for count in [1000, 100_000] {
        let journal = open(folder.path(), count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(count.to_string(), |bencher| {
            bencher.iter(|| {
                for _ in 0..count {
                    journal.note(event.clone());
                }
                assert!(journal.flush(Duration::from_secs(60)));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, events);
criterion_main!(benches);
