//! One request: the site, who asks, and how an answer is given.

use std::net::SocketAddr;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use rempart::accounts::DeviceCookie;
use rempart::notice::Notice;
use rempart::web::{self, Client};
use rempart::{Account, Accounts, Generation, Language, Login, Visitor};

use crate::Club;
use crate::pages::{self, Answer, Page};
use crate::session::Session;

/// The name of the cookie of a session. The prefix makes a browser refuse it without `Secure`.
const SESSION: &str = "__Host-session";

/// What every handler needs.
pub(crate) struct Desk {
    club: Club,
    client: Client,
    /// The secret in the cookie of a session, open or not.
    session: Option<String>,
}

impl Desk {
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.club.accounts
    }

    pub(crate) fn visitor<'a>(&'a self, identifier: &'a str) -> Visitor<'a> {
        self.client.visitor(identifier)
    }

    pub(crate) const fn language(&self) -> Language {
        self.client.language()
    }

    pub(crate) fn show(&self, page: Page) -> Response {
        pages::show(&page, self.accounts(), self.language())
    }

    /// A page, and messages that leave after it.
    pub(crate) fn show_and_send(&self, page: Page, notices: Vec<Notice>) -> Response {
        let response = self.show(page);
        self.club.mail.send(notices, self.language());
        response
    }

    /// The session of this browser, if it is open.
    pub(crate) async fn session(&self) -> Option<Session> {
        let secret = self.session.as_deref()?;
        self.club.sessions.find(secret, self.accounts()).await
    }

    /// Ends the session of this browser.
    pub(crate) async fn leave(&self) -> Response {
        if let Some(secret) = &self.session {
            let _ = self.club.sessions.end(secret).await;
        }
        let cookie = format!("{SESSION}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
        ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
    }

    /// Ends every session of an account.
    pub(crate) async fn end_all(&self, account: &Account) {
        // The generation that each one holds has ended them already.
        let _ = self.club.sessions.end_all(account).await;
    }

    /// Opens a session in the place of the one that this browser had, and goes home.
    pub(crate) async fn enter(
        &self,
        account: &Account,
        generation: Generation,
        device: Option<DeviceCookie>,
        notices: Vec<Notice>,
    ) -> Response {
        if let Some(secret) = &self.session {
            let _ = self.club.sessions.end(secret).await;
        }
        let Ok(secret) = self.club.sessions.open(account, generation).await else {
            return self.show_and_send(Page::Say(Answer::Down), notices);
        };
        self.club.mail.send(notices, self.language());
        let cookie = format!("{SESSION}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax");
        let session = [(header::SET_COOKIE, cookie)];
        (session, device, Redirect::to("/")).into_response()
    }
}

impl FromRequestParts<Club> for Desk {
    type Rejection = <ConnectInfo<SocketAddr> as FromRequestParts<Club>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, club: &Club) -> Result<Self, Self::Rejection> {
        Ok(Self {
            client: Client::from_request_parts(parts, club).await?,
            session: web::cookie(&parts.headers, SESSION).map(str::to_owned),
            club: club.clone(),
        })
    }
}

/// The policy by which a [`Client`] believes what proxies say.
impl FromRef<Club> for Login {
    fn from_ref(club: &Club) -> Self {
        club.accounts.login().clone()
    }
}
