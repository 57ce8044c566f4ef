//! One handler for each form: an outcome of rempart becomes a page.

use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Redirect, Response};
use rempart::accounts::{
    Asked, Change, Confirm, Refused, Register, Reset, SignIn, SignedIn, Unlock,
};
use rempart::{Context, FlowError, Password};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::Club;
use crate::pages::{self, Answer, Page};
use crate::session::Session;
use crate::visitor::{SESSION, Sender};

/// What the forms send. No `Debug`: it holds passwords, which are wiped when dropped.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    password: Zeroizing<String>,
    #[serde(default)]
    current: Zeroizing<String>,
    #[serde(default)]
    link: Zeroizing<String>,
}

/// The secret of a link, in the address of the page that it opens.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    link: Zeroizing<String>,
}

impl Typed {
    fn password(&self) -> Vec<u8> {
        self.password.as_bytes().to_vec()
    }
}

pub(crate) async fn home(State(club): State<Club>, sender: Sender) -> Response {
    let session = session(&club, &sender).await;
    let name = session.as_ref().map(|session| session.account.as_str());
    pages::show(Page::Home(name), &club, sender.language)
}

pub(crate) async fn sign_up_page(State(club): State<Club>, sender: Sender) -> Response {
    pages::show(Page::SignUp(&[]), &club, sender.language)
}

/// The same page whether or not somebody has the address: it tells nobody who is a member.
pub(crate) async fn sign_up(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor(&typed.identifier);
    let registered = club
        .accounts
        .register(&visitor, typed.password(), &["club"])
        .await;
    let page = match &registered {
        Ok(Register::Asked(_)) => Page::Say(Answer::MailSent),
        Ok(Register::Refused(assessment)) => Page::SignUp(assessment.findings()),
        Ok(Register::Unusable) => Page::Say(Answer::NoAddress),
        Ok(Register::Wait(time)) => Page::Say(Answer::Wait(*time)),
        Err(error) => Page::Say(Answer::Failed(error)),
    };
    let response = pages::show(page, &club, sender.language);
    if let Ok(Register::Asked(notices)) = registered {
        club.mail.send(notices, sender.language);
    }
    response
}

pub(crate) async fn confirm_page(
    State(club): State<Club>,
    sender: Sender,
    Query(Link { link }): Query<Link>,
) -> Response {
    pages::show(Page::Confirm(&link, false), &club, sender.language)
}

/// Who registered has forgotten the password since, or somebody else chose it: the link proves
/// the address, so another one may be chosen.
pub(crate) async fn confirm_anew(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor("");
    let confirmed = club
        .accounts
        .confirm_anew(&typed.link, &visitor, typed.password(), &["club"])
        .await;
    confirmed_page(&club, &sender, &typed.link, confirmed).await
}

pub(crate) async fn confirm(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor("");
    let confirmed = club
        .accounts
        .confirm(&typed.link, &visitor, typed.password())
        .await;
    confirmed_page(&club, &sender, &typed.link, confirmed).await
}

async fn confirmed_page(
    club: &Club,
    sender: &Sender,
    link: &str,
    confirmed: Result<Confirm, FlowError>,
) -> Response {
    let page = match confirmed {
        Ok(Confirm::Done(signed_in)) => return open(club, sender, signed_in, "/").await,
        Ok(Confirm::No) => Page::Confirm(link, true),
        Ok(Confirm::Refused(ref assessment)) => Page::Anew(link, assessment.findings()),
        Ok(Confirm::Stale) => Page::Say(Answer::Stale),
        Ok(Confirm::Wait(time)) => Page::Say(Answer::Wait(time)),
        Ok(Confirm::ProvePresence | Confirm::Blocked) => Page::Say(Answer::WriteToUs),
        Err(ref error) => Page::Say(Answer::Failed(error)),
    };
    pages::show(page, club, sender.language)
}

pub(crate) async fn sign_in_page(State(club): State<Club>, sender: Sender) -> Response {
    pages::show(Page::SignIn(false), &club, sender.language)
}

pub(crate) async fn sign_in(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor(&typed.identifier);
    let signed_in = club.accounts.sign_in(&visitor, typed.password()).await;
    let page = match signed_in {
        Ok(SignIn::Yes(signed_in)) => return open(&club, &sender, signed_in, "/").await,
        // The session opens the page that changes the password, and here no other.
        Ok(SignIn::ChangeFirst(..)) => Page::Change(&[], Some(&typed.identifier), None),
        Ok(SignIn::No | SignIn::Expired) => Page::SignIn(true),
        Ok(SignIn::Wait(time)) => Page::Say(Answer::Wait(time)),
        // Without a captcha of its own this site sends a link.
        Ok(SignIn::ProvePresence | SignIn::Blocked) => Page::Blocked(&typed.identifier),
        Err(ref error) => Page::Say(Answer::Failed(error)),
    };
    pages::show(page, &club, sender.language)
}

pub(crate) async fn sign_out(State(club): State<Club>, sender: Sender) -> Response {
    if let Some(session) = session(&club, &sender).await {
        let _ = club.sessions.end(&session).await;
    }
    let cookie = format!("{SESSION}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

pub(crate) async fn change_page(State(club): State<Club>, sender: Sender) -> Response {
    match session(&club, &sender).await {
        Some(session) => {
            let name = Some(session.account.as_str());
            pages::show(Page::Change(&[], name, None), &club, sender.language)
        }
        None => Redirect::to("/sign-in").into_response(),
    }
}

/// Asks for the current password, so it needs no session: who must change a temporary one has
/// none yet.
pub(crate) async fn change(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor(&typed.identifier);
    let current = typed.current.as_bytes().to_vec();
    let changed = club
        .accounts
        .change(&visitor, current, typed.password(), &["club"])
        .await;
    let name = Some(typed.identifier.as_str());
    let page = match changed {
        Ok(Change::Done {
            account,
            generation,
            notices,
            ..
        }) => {
            let _ = club.sessions.end_all(&account).await;
            club.mail.send(notices, sender.language);
            return match club.sessions.open(&account, generation).await {
                Ok(secret) => entered(&secret, None, "/"),
                Err(_) => Redirect::to("/sign-in").into_response(),
            };
        }
        Ok(Change::Refused(Refused::Weak(ref assessment))) => {
            Page::Change(assessment.findings(), name, None)
        }
        Ok(Change::Refused(_)) => Page::Change(&[], name, Some(Answer::UsedBefore)),
        Ok(Change::No | Change::Expired) => Page::Change(&[], name, Some(Answer::WrongPassword)),
        Ok(Change::Wait(time)) => Page::Say(Answer::Wait(time)),
        Ok(Change::ProvePresence | Change::Blocked) => Page::Blocked(&typed.identifier),
        Err(ref error) => Page::Say(Answer::Failed(error)),
    };
    pages::show(page, &club, sender.language)
}

/// Straight to the page that changes a password.
pub(crate) async fn to_change() -> Redirect {
    Redirect::to("/password")
}

pub(crate) async fn forgotten_page(State(club): State<Club>, sender: Sender) -> Response {
    pages::show(Page::Forgotten, &club, sender.language)
}

pub(crate) async fn forgotten(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor(&typed.identifier);
    asked(&club, &sender, club.accounts.ask_reset(&visitor).await)
}

pub(crate) async fn reset_page(
    State(club): State<Club>,
    sender: Sender,
    Query(Link { link }): Query<Link>,
) -> Response {
    pages::show(Page::Reset(&link, &[], None), &club, sender.language)
}

pub(crate) async fn reset(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor("");
    let reset = club
        .accounts
        .reset(&typed.link, &visitor, typed.password(), &["club"])
        .await;
    let page = match reset {
        Ok(Reset::Done {
            account, notices, ..
        }) => {
            let _ = club.sessions.end_all(&account).await;
            club.mail.send(notices, sender.language);
            Page::Say(Answer::ResetDone)
        }
        Ok(Reset::Refused(Refused::Weak(ref assessment))) => {
            Page::Reset(&typed.link, assessment.findings(), None)
        }
        Ok(Reset::Refused(_)) => Page::Reset(&typed.link, &[], Some(Answer::UsedBefore)),
        Ok(Reset::Stale) => Page::Say(Answer::Stale),
        Ok(Reset::Wait(time)) => Page::Say(Answer::Wait(time)),
        Err(ref error) => Page::Say(Answer::Failed(error)),
    };
    pages::show(page, &club, sender.language)
}

/// Asks for a link that opens a blocked account.
pub(crate) async fn blocked(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor(&typed.identifier);
    asked(&club, &sender, club.accounts.ask_unlock(&visitor).await)
}

pub(crate) async fn unlock_page(
    State(club): State<Club>,
    sender: Sender,
    Query(Link { link }): Query<Link>,
) -> Response {
    pages::show(Page::Unlock(&link), &club, sender.language)
}

pub(crate) async fn unlock(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let visitor = sender.visitor("");
    let unlocked = club.accounts.unlock(&typed.link, &visitor).await;
    let page = match unlocked {
        Ok(Unlock::Done(_)) => Page::SignIn(false),
        Ok(Unlock::Stale) => Page::Say(Answer::Stale),
        Err(ref error) => Page::Say(Answer::Failed(error)),
    };
    pages::show(page, &club, sender.language)
}

/// What the judge says of a password while it is typed: the verdict of the form itself, but for
/// services that would be asked at each keystroke.
pub(crate) async fn meter(
    State(club): State<Club>,
    sender: Sender,
    Form(typed): Form<Typed>,
) -> Response {
    let judge = club.accounts.login().judge().clone();
    let language = sender.language;
    let verdict = tokio::task::spawn_blocking(move || {
        let context = Context::new([typed.identifier.as_str(), "club"]);
        let read = Password::read(typed.password(), judge.policy().max_length);
        read.map(|password| pages::verdict(&judge.glance(&password, &context), language))
            .unwrap_or_else(|error| pages::unreadable(error, language))
    });
    match verdict.await {
        Ok(verdict) => Json(verdict).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

pub(crate) async fn meter_script() -> Response {
    let script = include_str!("meter.js");
    ([(header::CONTENT_TYPE, "text/javascript")], script).into_response()
}

pub(crate) async fn style() -> Response {
    let style = include_str!("club.css");
    ([(header::CONTENT_TYPE, "text/css")], style).into_response()
}

/// One page for every address.
fn asked(club: &Club, sender: &Sender, asked: Result<Asked, FlowError>) -> Response {
    let (page, notices) = match asked {
        Ok(Asked::Sent(notices)) => (Answer::MailSent, notices),
        Ok(Asked::Wait(time)) => (Answer::Wait(time), Vec::new()),
        Err(ref error) => {
            return pages::show(Page::Say(Answer::Failed(error)), club, sender.language);
        }
    };
    let response = pages::show(Page::Say(page), club, sender.language);
    club.mail.send(notices, sender.language);
    response
}

async fn session(club: &Club, sender: &Sender) -> Option<Session> {
    let secret = sender.session.as_deref()?;
    club.sessions.find(secret, &club.accounts).await
}

/// Opens a session for who signed in.
async fn open(club: &Club, sender: &Sender, signed_in: SignedIn, to: &str) -> Response {
    let opened = club
        .sessions
        .open(&signed_in.account, signed_in.generation)
        .await;
    let Ok(secret) = opened else {
        let page = Html(pages::page(
            sender.language,
            Answer::Down.text(sender.language),
        ));
        return (StatusCode::SERVICE_UNAVAILABLE, page).into_response();
    };
    let device = signed_in.device.map(|device| device.set_cookie());
    club.mail.send(signed_in.notices, sender.language);
    entered(&secret, device, to)
}

fn entered(secret: &str, device: Option<String>, to: &str) -> Response {
    let cookie = format!("{SESSION}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax");
    let mut response = ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response();
    if let Some(device) = device
        && let Ok(device) = device.parse()
    {
        response.headers_mut().append(header::SET_COOKIE, device);
    }
    response
}
