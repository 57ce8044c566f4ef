//! Through whom a request came, and how far it may go.

use crate::support::{HOST, Origin, Setting, World};

#[tokio::test]
async fn a_request_that_comes_round_is_stopped() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let ask = async |via: &str| {
        world
            .ask(&format!(
                "GET /200 HTTP/1.1\r\nHost: {HOST}\r\nVia: {via}\r\n\r\n"
            ))
            .await
    };
    assert_eq!(ask("1.0 edge").await.status, 200);
    let seen = origin.only().all("via").join(", ");
    let (edge, own) = seen.split_once(", ").expect("two lines");
    assert_eq!(edge, "1.0 edge");
    assert!(own.starts_with("1.1 rempart-"), "{own}");

    let looped = ask(&seen).await;
    assert_eq!(looped.status, 508);
    assert!(!looped.all("strict-transport-security").is_empty());
    assert_eq!(origin.seen().len(), 1, "the origin sees nothing of it");

    // Another gate in the chain is not this one.
    let other = World::before(origin.address).await;
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\nVia: {seen}\r\n\r\n");
    assert_eq!(other.ask(&request).await.status, 200);
}

#[tokio::test]
async fn options_goes_as_far_as_it_says() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let ask = async |forwards: &str| {
        world
            .ask(&format!(
                "OPTIONS /200 HTTP/1.1\r\nHost: {HOST}\r\nMax-Forwards: {forwards}\r\n\r\n"
            ))
            .await
    };
    let here = ask("0").await;
    assert_eq!(here.status, 200);
    assert!(here.one("allow").contains("POST"));
    assert_eq!(ask("x").await.status, 400);
    assert!(origin.seen().is_empty());
    assert_eq!(ask("3").await.status, 200);
    assert_eq!(origin.only().all("max-forwards"), ["2"]);
}

#[tokio::test]
async fn every_field_that_names_a_place_is_mended() {
    let bytes = format!(
        "HTTP/1.1 200 OK\r\nContent-Location: http://{HOST}/a\r\n\
         Refresh: 3; url=http://{HOST}/b\r\nContent-Length: 0\r\n\r\n"
    );
    let origin = Origin::answering(move |_| bytes.clone().into_bytes()).await;
    let world = World::before(origin.address).await;
    let answer = world.get("/").await;
    assert_eq!(answer.one("content-location"), format!("https://{HOST}/a"));
    assert_eq!(answer.one("refresh"), format!("3; url=https://{HOST}/b"));

    let site = "[site.repair]\nlocation = false\n";
    let left = World::with(
        origin.address,
        Setting {
            site: site.to_owned(),
            ..Setting::default()
        },
    )
    .await;
    assert_eq!(
        left.get("/").await.one("content-location"),
        format!("http://{HOST}/a")
    );
}

#[tokio::test]
async fn the_plain_port_of_the_gate_is_one_of_its_own() {
    // The port is known only once the gate listens, so the origin is told it by the request.
    let origin = Origin::answering(|request| {
        let port = request.all("x-port")[0];
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{HOST}:{port}/in\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    })
    .await;
    let world = World::before(origin.address).await;
    let port = world.gate.http_addr().expect("a plain listener").port();
    let answer = world
        .ask(&format!(
            "GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Port: {port}\r\n\r\n"
        ))
        .await;
    assert_eq!(answer.one("location"), format!("https://{HOST}/in"));
}
