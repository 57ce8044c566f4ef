//! What the guard costs per request: the head of a browser, judged in one piece.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use transport::framing::{Limits, Requests};

const BROWSER: &[u8] = b"GET /wiki/doku.php?id=start&do=edit HTTP/1.1\r\n\
Host: www.example.test\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Referer: https://www.example.test/wiki/doku.php?id=start\r\n\
Connection: keep-alive\r\n\
Cookie: DokuWiki=5p2c8c9d8c7a6b5e4f3d2c1b0a; DW68700bfd16c2027de7de74a5a8202a6f=YWRtaW4%3D%7C0%7C\r\n\
Upgrade-Insecure-Requests: 1\r\n\
Sec-Fetch-Dest: document\r\n\
Sec-Fetch-Mode: navigate\r\n\
Sec-Fetch-Site: same-origin\r\n\
Sec-Fetch-User: ?1\r\n\
Priority: u=0, i\r\n\r\n";

const SMALL: &[u8] = b"GET / HTTP/1.1\r\nHost: www.example.test\r\n\r\n";

fn heads(criterion: &mut Criterion) {
    let limits = Limits {
        line: 16 << 10,
        head: 32 << 10,
        fields: 100,
    };
    let mut group = criterion.benchmark_group("head");
    for (name, head) in [("browser", BROWSER), ("small", SMALL)] {
        group.throughput(Throughput::Bytes(head.len() as u64));
        let mut requests = Requests::new(limits);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let scan = requests.scan(black_box(head));
                assert_eq!(scan.pass, head.len());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, heads);
criterion_main!(benches);
