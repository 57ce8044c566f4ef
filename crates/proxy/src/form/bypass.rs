//! Whether an origin can be reached around the gate: what is judged here would then bind only
//! those who come by the front door.
//!
//! Clause: [`clause::CNIL_RESTRICTION`]. Told when a site with forms is put in service, and by
//! `serve --check`; never a fault, since a firewall may close what is seen open here.
//!
//! On this machine the system says where an origin listens; of another machine nothing is
//! known but that it is one.
//!
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use policy::site::Upstream;
use policy::{Site, Text};

/// What to say of the origins of a site with forms; nothing when they are out of reach.
pub(crate) fn ways_around(site: &Site) -> Vec<Text> {
    if site.forms.is_empty() {
        return Vec::new();
    }
    // Where IPv6 is off, there is no second table.
    let tables: Vec<String> = ["/proc/self/net/tcp", "/proc/self/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .collect();
    let upstreams = site.upstreams.iter();
    upstreams
        .filter_map(|upstream| way_around(upstream, &tables))
        .collect()
}

fn way_around(upstream: &Upstream, tables: &[String]) -> Option<Text> {
    if !is_loopback(&upstream.host) {
        return Some(elsewhere(upstream));
    }
    if tables.is_empty() {
        return Some(unseen(upstream));
    }
    let is_open = tables
        .iter()
        .any(|table| listens_widely(table, upstream.port));
    is_open.then(|| wide(upstream))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether a table of sockets (proc(5), `/proc/net/tcp`) has a listener on a port and on an
/// address that is not a loopback one.
fn listens_widely(table: &str, port: u16) -> bool {
    table.lines().skip(1).any(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, state) = (columns.next(), columns.nth(1));
        let Some((address, at)) = local.and_then(|local| local.split_once(':')) else {
            return false;
        };
        let listens = state == Some("0A") && u16::from_str_radix(at, 16) == Ok(port);
        listens && address_of(address).is_some_and(|address| !address.is_loopback())
    })
}

/// Words of 32 bits in hexadecimal, each in the order of this machine.
fn address_of(text: &str) -> Option<IpAddr> {
    let words: Vec<[u8; 4]> = text
        .as_bytes()
        .chunks(8)
        .map(|word| {
            let word = std::str::from_utf8(word).ok()?;
            Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
        })
        .collect::<Option<_>>()?;
    match words.as_slice() {
        [one] => Some(Ipv4Addr::from(*one).into()),
        [_, _, _, _] => {
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            let address = Ipv6Addr::from(bytes);
            Some(address.to_ipv4_mapped().map_or(address.into(), IpAddr::V4))
        }
        _ => None,
    }
}

fn elsewhere(upstream: &Upstream) -> Text {
    let place = format!("{}:{}", upstream.host, upstream.port);
    Text::new(
        format!(
            "l’origine {place} est sur le réseau : qui la joint directement contourne les règles des formulaires. Ne laissez passer vers elle que cette passerelle (pare-feu), ou faites-la écouter sur la boucle locale"
        ),
        format!(
            "the origin {place} is on the network: whoever reaches it directly goes around the rules of the forms. Let only this gate through to it (firewall), or let it listen on loopback"
        ),
    )
}

fn wide(upstream: &Upstream) -> Text {
    let port = upstream.port;
    Text::new(
        format!(
            "l’origine écoute sur le port {port} de toute la machine : qui la joint directement contourne les règles des formulaires. Faites-la écouter sur 127.0.0.1 (Apache : « Listen 127.0.0.1:{port} » ; Tomcat : address=\"127.0.0.1\")"
        ),
        format!(
            "the origin listens on port {port} of the whole machine: whoever reaches it directly goes around the rules of the forms. Let it listen on 127.0.0.1 (Apache: “Listen 127.0.0.1:{port}”; Tomcat: address=\"127.0.0.1\")"
        ),
    )
}

fn unseen(upstream: &Upstream) -> Text {
    let port = upstream.port;
    Text::new(
        format!(
            "/proc ne peut pas être lu, où le système dit sur quelle adresse écoute l’origine du port {port} : qui la joindrait directement contournerait les règles des formulaires. Vérifiez qu’elle n’écoute que sur 127.0.0.1 (ss -tln)"
        ),
        format!(
            "/proc cannot be read, where the system says on which address the origin of port {port} listens: whoever reached it directly would go around the rules of the forms. Check that it listens on 127.0.0.1 alone (ss -tln)"
        ),
    )
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    #[test]
    fn listeners_are_told_by_their_address() {
        let word = |bytes: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(bytes));
        let loopback = word([127, 0, 0, 1]);
        let any = word([0; 4]);
        let (v6, last) = (word([0; 4]).repeat(3), word([0, 0, 0, 1]));
        let mapped = word([0, 0, 0xff, 0xff]);
        for (address, state, wide) in [
            (loopback.clone(), "0A", false),
            (any.clone(), "0A", true),
            (any.clone(), "01", false),
            (word([192, 0, 2, 1]), "0A", true),
            (format!("{v6}{last}"), "0A", false),
            (format!("{v6}{any}"), "0A", true),
            (
                format!("{}{mapped}{loopback}", word([0; 4]).repeat(2)),
                "0A",
                false,
            ),
        ] {
            let table =
                format!("  sl  local_address\n   0: {address}:1F90 00000000:0000 {state} 0\n");
            assert_eq!(listens_widely(&table, 8080), wide, "{address} {state}");
            assert!(!listens_widely(&table, 8081));
        }
    }

    #[test]
    fn what_the_system_does_not_tell_is_told() {
        let text = "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1:81\"\n\
                    certificate = \"dev\"\n";
        let policy = policy::load(text).expect("a policy").policy;
        let [upstream] = &policy.sites()[0].upstreams[..] else {
            panic!("one origin")
        };
        let told = way_around(upstream, &[]).expect("a note");
        assert!(told.en.contains("/proc cannot be read"), "{told:?}");
        assert!(told.fr.contains("port 81"), "{told:?}");
        assert_eq!(way_around(upstream, &["a table\n".to_owned()]), None);
    }

    #[test]
    fn a_site_with_forms_is_told_of_origins_within_reach() {
        let here = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let open = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
        let port = |listener: &std::net::TcpListener| listener.local_addr().expect("bound").port();
        let form = "[[site.form]]\nkind = \"sign-up\"\npath = \"/\"\npassword = \"p\"\n";
        for (upstream, form, expected) in [
            (format!("http://127.0.0.1:{}", port(&here)), form, 0),
            (format!("http://127.0.0.1:{}", port(&open)), form, 1),
            (format!("http://localhost:{}", port(&open)), "", 0),
            ("https://192.0.2.1:8443".to_owned(), form, 1),
        ] {
            let text = format!(
                "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"{upstream}\"\n\
                 certificate = \"dev\"\n{form}"
            );
            let policy: Policy = policy::load(&text).expect("a policy").policy;
            assert_eq!(
                ways_around(&policy.sites()[0]).len(),
                expected,
                "{upstream}"
            );
        }
    }
}
