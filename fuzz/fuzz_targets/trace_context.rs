//! Whatever a peer sends as its trace, the origin is told of exactly one that is well-formed, and
//! believing it twice changes nothing.
#![no_main]

use http::{HeaderMap, HeaderValue};
use transport::trace::{TraceId, adopt};

libfuzzer_sys::fuzz_target!(|input: (Vec<Vec<u8>>, Vec<Vec<u8>>, u128, u64)| {
    let (parents, states, random, span) = input;
    let mut headers = HeaderMap::new();
    for (name, lines) in [("traceparent", &parents), ("tracestate", &states)] {
        for line in lines.iter().take(64) {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                headers.append(name, value);
            }
        }
    }
    let fresh = TraceId::new(random);
    let trace = adopt(&mut headers, true, fresh, span);
    let told = headers.clone();
    assert_eq!(headers.get_all("traceparent").iter().count(), 1);
    assert_eq!(headers["traceparent"].len(), 55);
    assert!(headers.get_all("tracestate").iter().count() <= 1);
    // The next hop reads the same trace, and leaves the state as it is.
    let again = adopt(&mut headers, true, TraceId::new(!random), span);
    assert_eq!(again, trace);
    assert_eq!(headers, told);
});
