//! What is counted beside sign-ins: links, warnings, accounts made.

use super::*;

#[tokio::test]
async fn other_things_are_counted_by_name_by_source_and_by_site() {
    let throttle = throttle("[access.limits]\nsource = 4\nsite = 5");
    let limit = Limit {
        failures: 2,
        window: Duration::from_secs(60),
    };
    let source = |last| Some(IpAddr::from([192, 0, 2, last]));
    let ask = |kind, name, source| {
        let throttle = throttle.clone();
        async move {
            throttle
                .count(kind, name, limit, source, at(0))
                .await
                .expect("an answer")
        }
    };
    assert_eq!(ask("sent", "ana", source(1)).await, Room::Yes);
    assert_eq!(ask("sent", "ana", source(1)).await, Room::Yes);
    assert!(matches!(ask("sent", "ana", source(1)).await, Room::Full(_)));
    // That was counted for the source, and not for the site. Another kind has other counters, the source has not.
    assert_eq!(ask("followed", "ana", source(1)).await, Room::Yes);
    assert!(matches!(
        ask("followed", "bob", source(1)).await,
        Room::Wait(Scope::Source, _)
    ));
    // Nor have other sites the counters of this one.
    let shop = throttle.for_site("shop");
    let elsewhere = shop.count("sent", "ana", limit, source(2), at(0)).await;
    assert_eq!(elsewhere.expect("an answer"), Room::Yes);
    for (last, name) in [(2, "bob"), (3, "eve"), (4, "joe")] {
        assert_eq!(ask("sent", name, source(last)).await, Room::Yes);
    }
    assert!(matches!(
        ask("sent", "zoe", source(5)).await,
        Room::Wait(Scope::Site, _)
    ));
    // Sign-ins have a counter of the site of their own.
    drop(go(&throttle, &from("ana", 6), at(0)).await);
}

#[tokio::test]
async fn that_a_name_is_full_does_not_show_where_the_source_or_the_site_waits() {
    // A wait of the name that is the longest of all.
    let limit = Limit {
        failures: 1,
        window: Duration::from_secs(24 * 3600),
    };
    for (lines, scope) in [
        ("source = 3\nsite = 100", Scope::Source),
        ("source = 100\nsite = 3", Scope::Site),
    ] {
        let throttle = throttle(&format!("[access.limits]\n{lines}"));
        let ask = async |name| {
            let source = Some(IpAddr::from([192, 0, 2, 1]));
            let counted = throttle.count("sent", name, limit, source, at(0)).await;
            counted.expect("an answer")
        };
        for name in ["ana", "bob", "eve"] {
            assert_eq!(ask(name).await, Room::Yes, "{scope:?} {name}");
        }
        for name in ["ana", "joe"] {
            let room = ask(name).await;
            assert!(
                matches!(room, Room::Wait(found, _) if found == scope),
                "{scope:?} {name}: {room:?}"
            );
        }
    }
}

#[tokio::test]
async fn who_asks_over_and_over_for_one_name_is_counted() {
    let throttle = throttle("[access.limits]\nsource = 5");
    let limit = Limit {
        failures: 1,
        window: Duration::from_secs(24 * 3600),
    };
    let source = Some(IpAddr::from([192, 0, 2, 1]));
    let mut rooms = Vec::new();
    for _ in 0..7 {
        let counted = throttle.count("sent", "ana", limit, source, at(0)).await;
        rooms.push(match counted.expect("an answer") {
            Room::Yes => "yes",
            Room::Full(_) => "full",
            Room::Wait(..) => "wait",
        });
    }
    let expected = ["yes", "full", "full", "full", "full", "wait", "wait"];
    assert_eq!(rooms, expected);
}

/// In a file, where all counters are in one table: in memory each scope has one of its own.
#[cfg(feature = "redb")]
#[tokio::test]
async fn the_whole_site_has_another_counter_than_what_has_no_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = crate::Redb::open(&folder.path().join("counters.redb")).expect("a store");
    let policy = policy("[access.limits]\nsource = 0\nsite = 4");
    let throttle = Throttle::new(store, KeyMaker::with_secret([7; 32]), &policy);
    let limit = Limit {
        failures: 2,
        window: Duration::from_secs(60),
    };
    let ask = async |name| {
        let counted = throttle.count("warned", name, limit, None, at(0)).await;
        counted.expect("an answer")
    };
    // Others do not use up the room of whoever has no name, nor is it counted for the site twice.
    for name in ["ana", "bob", "", ""] {
        assert_eq!(ask(name).await, Room::Yes, "{name}");
    }
    assert!(matches!(ask("eve").await, Room::Wait(Scope::Site, _)));
}
