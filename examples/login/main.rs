//! How do I add sign-up and sign-in to an axum site?
//!
//! Accounts live in a redb file; passwords are judged, hashed and restricted by rempart,
//! under the policy of the same `policy.toml` as the gate. Run it with
//!
//! ```text
//! cargo run -p rempart-examples --bin login -- accounts.redb 127.0.0.1:3000
//! ```
//!
//! and put the gate in front of it: this program speaks plain HTTP on loopback only.

mod pages;

use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Form, FromRef, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use rempart::web::{self, Client};
use rempart::{Account, Choice, Context, Language, Login, SignIn, StoredHash, policy};
use serde::Deserialize;

/// Name of the account → stored hash.
const ACCOUNTS: TableDefinition<'_, &str, &str> = TableDefinition::new("accounts");

#[derive(Clone)]
struct Site {
    accounts: Arc<Database>,
    login: Login,
}

/// What both forms send. No `Debug`: it holds a password.
#[derive(Deserialize)]
struct Typed {
    identifier: String,
    password: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (file, address) = match (args.next(), args.next()) {
        (Some(file), Some(address)) => (file, address),
        _ => return Err("usage: login ACCOUNTS.redb ADDRESS:PORT".into()),
    };
    // The policy of the current folder, or the reference if there is none.
    let text = match std::fs::read_to_string("policy.toml") {
        Err(error) if error.kind() == ErrorKind::NotFound => policy::reference_text().to_owned(),
        read => read?,
    };
    let policy = policy::load(&text).inspect_err(|report| {
        eprintln!(
            "{}",
            report.render("policy.toml", &text, Language::En, false)
        );
    })?;
    let site = Site {
        accounts: Arc::new(open(&file)?),
        login: Login::new(&policy)?,
    };
    let app = axum::Router::new()
        .route(
            "/",
            get(|client: Client| async move { Html(pages::home(client.language())) }),
        )
        .route("/sign-up", get(pages::sign_up_form).post(sign_up))
        .route("/sign-in", get(pages::sign_in_form).post(sign_in))
        .layer(middleware::from_fn(web::same_origin))
        .with_state(site)
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn open(file: &str) -> Result<Database, redb::Error> {
    let accounts = Database::create(file)?;
    let write = accounts.begin_write()?;
    write.open_table(ACCOUNTS)?;
    write.commit()?;
    Ok(accounts)
}

async fn sign_up(State(site): State<Site>, client: Client, Form(typed): Form<Typed>) -> Response {
    let language = client.language();
    let Some(account) = Account::read(&typed.identifier) else {
        let page = Html(pages::no_identifier(language));
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let context = Context::new([typed.identifier.as_str()]);
    match site
        .login
        .choose(typed.password.into_bytes(), context)
        .await
    {
        Ok(Choice::Refused(assessment)) => {
            let page = pages::refused(assessment.findings(), language);
            (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()
        }
        // The same page whether or not the identifier was free: it tells nobody who has an
        // account. A real site sends a message to the address instead.
        Ok(Choice::Kept(hash)) => match insert(&site.accounts, &account, &hash) {
            Ok(()) => Html(pages::signed_up(language)).into_response(),
            Err(_) => unavailable(language),
        },
        Err(_) => unavailable(language),
    }
}

async fn sign_in(State(site): State<Site>, client: Client, Form(typed): Form<Typed>) -> Response {
    let language = client.language();
    let Ok(stored) = find(&site.accounts, &typed.identifier) else {
        return unavailable(language);
    };
    let password = typed.password.into_bytes();
    match site
        .login
        .sign_in(
            &client.visitor(&typed.identifier),
            password,
            stored.as_ref(),
        )
        .await
    {
        Ok(SignIn::Yes { .. }) => Html(pages::welcome(language)).into_response(),
        Ok(SignIn::No) => (
            StatusCode::UNAUTHORIZED,
            Html(pages::not_recognised(language)),
        )
            .into_response(),
        Ok(SignIn::Wait(time)) => {
            let seconds = time.as_secs() + 1;
            let page = Html(pages::wait(seconds, language));
            (
                StatusCode::TOO_MANY_REQUESTS,
                [(header::RETRY_AFTER, seconds)],
                page,
            )
                .into_response()
        }
        Ok(SignIn::ProvePresence | SignIn::Blocked) => {
            (StatusCode::FORBIDDEN, Html(pages::blocked(language))).into_response()
        }
        Err(_) => unavailable(language),
    }
}

/// Keeps the hash of an identifier that has none.
fn insert(accounts: &Database, account: &Account, hash: &StoredHash) -> Result<(), redb::Error> {
    let write = accounts.begin_write()?;
    {
        let mut table = write.open_table(ACCOUNTS)?;
        let taken = table.get(account.as_str())?.is_some();
        if !taken {
            table.insert(account.as_str(), hash.as_str())?;
        }
    }
    write.commit()?;
    Ok(())
}

/// The hash of what was typed, in whatever case and between whatever spaces: one account has one
/// name, as it has one counter.
fn find(accounts: &Database, typed: &str) -> Result<Option<StoredHash>, Box<dyn Error>> {
    let Some(account) = Account::read(typed) else {
        return Ok(None);
    };
    let table = accounts.begin_read()?.open_table(ACCOUNTS)?;
    let stored = table.get(account.as_str())?;
    Ok(stored
        .map(|text| StoredHash::parse(text.value()))
        .transpose()?)
}

fn unavailable(language: Language) -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Html(pages::unavailable(language)),
    )
        .into_response()
}

/// The policy by which a [`Client`] believes what proxies say.
impl FromRef<Site> for Login {
    fn from_ref(site: &Site) -> Self {
        site.login.clone()
    }
}
