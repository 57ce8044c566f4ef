//! Which trace the origin is told of, whom it is taken from, and that the log names it.

use crate::support::{HOST, Origin, Setting, World};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn told(transport: &'static str) -> (String, Vec<String>, serde_json::Value) {
    let origin = Origin::site().await;
    let setting = Setting {
        transport,
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let request = format!(
        "GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\
         Traceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\nTracestate: a=1\r\n\r\n"
    );
    assert_eq!(world.ask(&request).await.status, 200);
    let line = world.log_lines(1).await.remove(0);
    let line = serde_json::from_str(&line).expect("JSON");
    let seen = origin.only();
    let parents = seen.all("traceparent");
    assert_eq!(parents.len(), 1);
    let states = seen.all("tracestate").into_iter().map(str::to_owned);
    (parents[0].to_owned(), states.collect(), line)
}

#[tokio::test]
async fn a_stranger_begins_a_new_trace_and_a_trusted_peer_goes_on_with_his() {
    for (transport, goes_on) in [
        ("", false),
        ("trusted-proxies = [\"192.0.2.0/24\"]", false),
        ("trusted-proxies = [\"127.0.0.1\"]", true),
        ("trace-context = \"everyone\"", true),
    ] {
        let (parent, states, line) = told(transport).await;
        let parts: Vec<&str> = parent.split('-').collect();
        assert_eq!(parts[1] == TRACE, goes_on, "{transport}: {parent}");
        assert_eq!(states.len(), usize::from(goes_on), "{transport}");
        // The log names the trace, and the request as the origin's parent in it.
        assert_eq!(line["trace"], parts[1], "{transport}");
        assert_eq!(line["id"], parts[2], "{transport}");
    }
}

#[tokio::test]
async fn off_leaves_the_fields_alone() {
    let (parent, states, line) = told("trace-context = \"off\"").await;
    assert_eq!(parent, format!("00-{TRACE}-00f067aa0ba902b7-01"));
    assert_eq!(states, ["a=1"]);
    assert_eq!(line["trace"], serde_json::Value::Null);
}

#[tokio::test]
async fn every_request_has_a_trace_of_its_own() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for _ in 0..20 {
        world.get("/200").await;
    }
    let traces: std::collections::BTreeSet<String> = origin
        .seen()
        .iter()
        .map(|seen| {
            seen.all("traceparent")[0]
                .split('-')
                .nth(1)
                .expect("a trace")
                .to_owned()
        })
        .collect();
    assert_eq!(traces.len(), 20);
}
