//! `demo`: the gate in front of a small old-fashioned site, in one process.
//!
//! Nothing is written outside a temporary folder, which goes when the demonstration stops.

mod site;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use policy::{Language, Text};
use proxy::{Gate, Options};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Cli, Demo};
use crate::locale::{self, pick};
use crate::{Answer, Failure, Outcome, rules, serve};

/// How many ports after the wanted one are tried before any free one is taken.
const NEIGHBOURS: u16 = 20;

/// Runs until Ctrl-C.
pub(crate) fn run(cli: &Cli, options: &Demo) -> Outcome {
    let language = locale::without_policy(cli);
    serve::runtime(language)?.block_on(demonstrate(options, language))
}

async fn demonstrate(options: &Demo, language: Language) -> Outcome {
    let failed = |error: std::io::Error| {
        let said = Text::of_system(&error);
        let error = said.in_language(language);
        Failure::new(match language {
            Language::Fr => format!("rempart : la démonstration ne démarre pas : {error}"),
            Language::En => format!("rempart: the demonstration cannot start: {error}"),
        })
    };
    // Both ways of stopping remove the temporary folder.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let origin = site::start().await.map_err(failed)?;
    let folder = tempfile::Builder::new()
        .prefix("rempart-demo-")
        .tempdir()
        .map_err(failed)?;
    let https = free_port(options.https_port, None).map_err(failed)?;
    let http = free_port(options.http_port, Some(https)).map_err(failed)?;
    let text = policy_text(http, https, origin, language);
    let loaded = policy::load(&text)
        .map_err(|report| Failure::new(report.render("<demo>", &text, language, false)))?;
    let gate_options = Options {
        state: folder.path().into(),
        ..Options::default()
    };
    let gate = Gate::start(loaded.policy, gate_options)
        .await
        .map_err(|error| serve::fault(&error, language))?;
    rules::print(&guide(
        http,
        https,
        origin,
        &folder.path().join(proxy::AUTHORITY_FILE),
        language,
    ));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    anstream::eprintln!(
        "{}",
        pick(
            language,
            "Fin de la démonstration.",
            "The demonstration is over."
        )
    );
    gate.drain().await;
    Ok(Answer::Yes)
}

/// The wanted port, or one near it, or any: the first that nobody has.
fn free_port(wanted: u16, taken: Option<u16>) -> std::io::Result<u16> {
    let free = |port: u16| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        listener.local_addr().ok().map(|address| address.port())
    };
    (wanted..=wanted.saturating_add(NEIGHBOURS))
        .chain(std::iter::once(0))
        .filter(|&port| Some(port) != taken)
        .find_map(free)
        .ok_or_else(|| std::io::ErrorKind::AddrInUse.into())
}

fn policy_text(http: u16, https: u16, origin: SocketAddr, language: Language) -> String {
    format!(
        r#"version = 1
language = "{language}"

[transport]
http = "127.0.0.1:{http}"
https = "127.0.0.1:{https}"

[transport.deadlines]
drain = "2s"

[[site]]
hosts = ["localhost", "127.0.0.1"]
upstream = "http://{origin}"
certificate = "dev"
"#
    )
}

fn guide(
    http: u16,
    https: u16,
    origin: SocketAddr,
    authority: &Path,
    language: Language,
) -> String {
    let authority = authority.display();
    let program = std::env::current_exe()
        .map_or_else(|_| "rempart".into(), |path| path.display().to_string());
    let weak = format!("printf 'azerty\\n' | {program} check");
    match language {
        Language::Fr => format!(
            "
  La porte :           https://localhost:{https}
  Le vieux site seul : http://{origin}

Ouvrez la première adresse. Le navigateur prévient : le certificat vient d’être fait, pour cette
démonstration seulement. Ouvrez un compte, connectez-vous ; tout passe par https, bien que le site
se croie en http.

Pour voir ce que fait la porte, dans un autre terminal :

  # En clair, rien n’est servi : 308 vers https, même chemin, même requête.
  curl -i 'http://localhost:{http}/old-address?x=1'

  # Un mot de passe envoyé en clair est refusé (403), et la personne est prévenue.
  curl -i -d 'login=ana&password=1' http://localhost:{http}/sign-in

  # La redirection du vieux site, telle quelle, puis réparée.
  curl -i http://{origin}/old-address
  curl -i --cacert {authority} https://localhost:{https}/old-address

  # Son cookie n’est pas « Secure » ; celui qui sort de la porte l’est.
  curl -i --cacert {authority} -d 'login=ana&password=1' https://localhost:{https}/sign-up
  curl -i --cacert {authority} -d 'login=ana&password=1' https://localhost:{https}/sign-in

  # Un en-tête forgé n’arrive pas au site.
  curl -s --cacert {authority} -H 'X-Forwarded-For: 6.6.6.6' https://localhost:{https}/seen

  # Un mot de passe selon la même politique.
  {weak}

Ctrl-C pour arrêter.
"
        ),
        Language::En => format!(
            "
  The gate:           https://localhost:{https}
  The old site alone: http://{origin}

Open the first address. The browser warns you: the certificate was just made, for this
demonstration only. Open an account, sign in; everything goes over https although the site
believes that it is on http.

To see what the gate does, in another terminal:

  # In clear, nothing is served: 308 to https, same path, same query.
  curl -i 'http://localhost:{http}/old-address?x=1'

  # A password sent in clear is refused (403), and the person is told.
  curl -i -d 'login=ana&password=1' http://localhost:{http}/sign-in

  # The old site's redirect, as it is, then repaired.
  curl -i http://{origin}/old-address
  curl -i --cacert {authority} https://localhost:{https}/old-address

  # Its cookie is not `Secure`; the one that leaves the gate is.
  curl -i --cacert {authority} -d 'login=ana&password=1' https://localhost:{https}/sign-up
  curl -i --cacert {authority} -d 'login=ana&password=1' https://localhost:{https}/sign-in

  # A forged field does not reach the site.
  curl -s --cacert {authority} -H 'X-Forwarded-For: 6.6.6.6' https://localhost:{https}/seen

  # A password against the same policy.
  {weak}

Ctrl-C to stop.
"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_gives_another_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("bound").port();
        let free = free_port(port, None).expect("another port");
        assert_ne!(free, port);
        assert_ne!(free_port(free, Some(free)).expect("a third port"), free);
    }

    #[test]
    fn the_policy_of_the_demonstration_has_no_fault() {
        for language in [Language::Fr, Language::En] {
            let text = policy_text(1, 2, SocketAddr::from(([127, 0, 0, 1], 3)), language);
            assert!(policy::load(&text).is_ok(), "{text}");
        }
    }
}
