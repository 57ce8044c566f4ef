//! How do I give a site accounts, from sign-up to reset?
//!
//! Everything that the CNIL asks of the life of a password, on PostgreSQL, with pages in French
//! and English that work without scripts. Run it with
//!
//! ```text
//! MEMBERS_DATABASE=postgres://user:password@127.0.0.1/base \
//!     cargo run -p rempart-examples --bin members -- https://members.example.fr 127.0.0.1:3000 mail/
//! ```
//!
//! and put the gate in front of it: this program speaks plain HTTP on loopback only. The policy
//! is that of the current folder, or the reference. Messages to members become files in the
//! last folder.
//!
//! | file | holds |
//! |-|-|
//! | `flows.rs` | one handler for each form: an outcome of rempart becomes a page |
//! | `desk.rs` | one request: who asks, and how an answer is given |
//! | `session.rs` | who is signed in |
//! | `mail.rs` | what members are told |
//! | `pages.rs` | the pages |

mod desk;
mod flows;
mod mail;
mod pages;
mod session;
mod words;

use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::routing::{get, post};
use axum::{Router, middleware};
use deadpool_postgres::{Manager, Pool};
use rempart::{Accounts, Language, Login, notice, policy, store};
use tokio_postgres::NoTls;

use crate::mail::Mail;
use crate::session::Sessions;

/// What every handler needs.
#[derive(Clone)]
struct Club {
    accounts: Accounts,
    sessions: Sessions,
    mail: Mail,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [origin, address, mail] = args.as_slice() else {
        return Err("usage: members https://NAME ADDRESS:PORT MAIL-FOLDER".into());
    };
    // Not an argument: everybody on the machine sees those.
    let database = std::env::var("MEMBERS_DATABASE")
        .map_err(|_| "set MEMBERS_DATABASE to the URL of a PostgreSQL database")?;
    let config: tokio_postgres::Config = database.parse()?;
    let pool = Pool::builder(Manager::new(config, NoTls))
        .max_size(8)
        .build()?;
    let credentials = store::Postgres::new(pool.clone());
    credentials.migrate().await?;

    let login = Login::open(&policy()?, Path::new(""))?;
    let site = notice::Site::new("Le Club", origin);
    let club = Club {
        accounts: Accounts::new(login, credentials),
        sessions: Sessions::new(pool).await?,
        mail: Mail::new(PathBuf::from(mail), site)?,
    };
    let app = Router::new()
        .route("/", get(flows::home))
        .route("/sign-up", get(flows::sign_up_page).post(flows::sign_up))
        .route("/confirm", get(flows::confirm_page).post(flows::confirm))
        .route("/confirm-anew", post(flows::confirm_anew))
        .route("/sign-in", get(flows::sign_in_page).post(flows::sign_in))
        .route("/sign-out", post(flows::sign_out))
        .route("/password", get(flows::change_page).post(flows::change))
        .route(
            "/forgotten",
            get(flows::forgotten_page).post(flows::forgotten),
        )
        .route("/reset", get(flows::reset_page).post(flows::reset))
        .route("/blocked", post(flows::blocked))
        .route("/unlock", get(flows::unlock_page).post(flows::unlock))
        .route("/meter", post(flows::meter))
        .route("/club.js", get(flows::script))
        .route("/club.css", get(flows::style))
        // Where a password manager sends a person who wants to change hers.
        .route("/.well-known/change-password", get(flows::to_change))
        .layer(middleware::from_fn(rempart::web::same_origin))
        .layer(middleware::map_response(pages::guard))
        .with_state(club);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await?;
    Ok(())
}

/// The policy of the current folder, or the reference if there is none.
fn policy() -> Result<policy::Loaded, Box<dyn Error>> {
    let text = match std::fs::read_to_string("policy.toml") {
        Err(error) if error.kind() == ErrorKind::NotFound => policy::reference_text().to_owned(),
        read => read?,
    };
    policy::load(&text).map_err(|report| {
        report
            .render("policy.toml", &text, Language::En, false)
            .into()
    })
}
