//! One handler for each form: an outcome of rempart becomes a page.

use axum::extract::{Form, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use rempart::accounts::{Asked, Change, Confirm, Refused, Register, Reset, SignIn, Unlock};
use rempart::{Context, FlowError};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::pages::{self, Answer, Fault, Page};

/// What no password of this site is built on.
const WORDS: &[&str] = &["club"];

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
    link: String,
}

impl Typed {
    fn password(&self) -> Vec<u8> {
        self.password.as_bytes().to_vec()
    }

    fn name(&self) -> String {
        self.identifier.clone()
    }

    fn link(&self) -> String {
        self.link.to_string()
    }
}

pub(crate) async fn home(desk: Desk) -> Response {
    let session = desk.session().await;
    let name = session.map(|session| session.account.as_str().to_owned());
    desk.show(Page::Home(name))
}

pub(crate) async fn sign_up_page(desk: Desk) -> Response {
    desk.show(Page::SignUp(String::new(), None))
}

/// The same page whether or not somebody has the address: it tells nobody who is a member.
pub(crate) async fn sign_up(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor(&typed.identifier);
    let registered = desk.accounts().register(&visitor, typed.password(), WORDS);
    match registered.await {
        Ok(Register::Asked(notices)) => desk.show_and_send(Page::Say(Answer::MailSent), notices),
        Ok(Register::Refused(found)) => {
            desk.show(Page::SignUp(typed.name(), Some(Fault::Weak(found))))
        }
        Ok(Register::Unusable(_)) => desk.show(Page::SignUp(typed.name(), Some(Fault::NoAddress))),
        Ok(Register::Wait(time)) => desk.show(Page::wait(time)),
        Err(error) => desk.show(error.into()),
    }
}

pub(crate) async fn confirm_page(desk: Desk, Query(Link { link }): Query<Link>) -> Response {
    desk.show(Page::Confirm(link, None))
}

pub(crate) async fn confirm(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor("");
    let confirmed = desk
        .accounts()
        .confirm(&typed.link, &visitor, typed.password());
    confirmed_page(&desk, typed.link(), confirmed.await).await
}

/// Who registered has forgotten the password since, or somebody else chose it: the link proves
/// the address, so another one may be chosen.
pub(crate) async fn confirm_anew(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor("");
    let accounts = desk.accounts();
    let confirmed = accounts.confirm_anew(&typed.link, &visitor, typed.password(), WORDS);
    confirmed_page(&desk, typed.link(), confirmed.await).await
}

async fn confirmed_page(
    desk: &Desk,
    link: String,
    confirmed: Result<Confirm, FlowError>,
) -> Response {
    desk.show(match confirmed {
        Ok(Confirm::Done(who)) => {
            let entered = desk.enter(&who.account, who.generation, who.device, who.notices);
            return entered.await;
        }
        Ok(Confirm::No) => Page::Confirm(link, Some(Fault::WrongPassword)),
        Ok(Confirm::Refused(found)) => Page::Anew(link, Some(Fault::Weak(found))),
        Ok(Confirm::Stale) => Page::Say(Answer::NotOpened),
        Ok(Confirm::Wait(time)) => Page::wait(time),
        Ok(Confirm::ProvePresence | Confirm::Blocked) => Page::Say(Answer::WriteToUs),
        Err(error) => error.into(),
    })
}

pub(crate) async fn sign_in_page(desk: Desk) -> Response {
    desk.show(Page::SignIn(String::new(), None))
}

pub(crate) async fn sign_in(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor(&typed.identifier);
    let name = typed.name();
    let page = match desk.accounts().sign_in(&visitor, typed.password()).await {
        Ok(SignIn::Yes(who)) => {
            let entered = desk.enter(&who.account, who.generation, who.device, who.notices);
            return entered.await;
        }
        // No session: the form that it shows asks for the password again.
        Ok(SignIn::ChangeFirst(who, _)) => {
            let page = Page::Change(name, Some(Fault::ChangeFirst));
            return (who.device.clone(), desk.show_and_send(page, who.notices)).into_response();
        }
        Ok(SignIn::Expired) => Page::Say(Answer::Expired),
        Ok(SignIn::No) => Page::SignIn(name, Some(Fault::WrongPassword)),
        Ok(SignIn::Wait(time)) => Page::wait(time),
        Ok(SignIn::Blocked(notices)) => return desk.show_and_send(Page::Blocked(name), notices),
        // This site has no captcha of its own.
        Ok(SignIn::ProvePresence) => Page::Say(Answer::WriteToUs),
        Err(error) => error.into(),
    };
    desk.show(page)
}

pub(crate) async fn sign_out(desk: Desk) -> Response {
    desk.leave().await
}

pub(crate) async fn change_page(desk: Desk) -> Response {
    match desk.session().await {
        Some(session) => desk.show(Page::Change(session.account.as_str().to_owned(), None)),
        None => Redirect::to("/sign-in").into_response(),
    }
}

/// Asks for the current password, so it needs no session: who must change a temporary one has
/// none yet.
pub(crate) async fn change(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor(&typed.identifier);
    let name = typed.name();
    let current = typed.current.as_bytes().to_vec();
    let changed = desk
        .accounts()
        .change(&visitor, current, typed.password(), WORDS);
    desk.show(match changed.await {
        Ok(Change::Done {
            account,
            generation,
            device,
            notices,
            ..
        }) => {
            desk.end_all(&account).await;
            return desk.enter(&account, generation, device, notices).await;
        }
        Ok(Change::Refused(why)) => Page::Change(name, Some(refused(why))),
        Ok(Change::No) => Page::Change(name, Some(Fault::WrongPassword)),
        Ok(Change::Expired) => Page::Say(Answer::Expired),
        Ok(Change::Wait(time)) => Page::wait(time),
        Ok(Change::Blocked(notices)) => return desk.show_and_send(Page::Blocked(name), notices),
        Ok(Change::ProvePresence) => Page::Say(Answer::WriteToUs),
        Err(error) => error.into(),
    })
}

/// Straight to the page that changes a password.
pub(crate) async fn to_change() -> Redirect {
    Redirect::to("/password")
}

pub(crate) async fn forgotten_page(desk: Desk) -> Response {
    desk.show(Page::Forgotten)
}

pub(crate) async fn forgotten(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor(&typed.identifier);
    asked(&desk, desk.accounts().ask_reset(&visitor).await)
}

pub(crate) async fn reset_page(desk: Desk, Query(Link { link }): Query<Link>) -> Response {
    desk.show(Page::Reset(link, None))
}

pub(crate) async fn reset(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor("");
    let accounts = desk.accounts();
    let reset = accounts.reset(&typed.link, &visitor, typed.password(), WORDS);
    desk.show(match reset.await {
        Ok(Reset::Done {
            account,
            device,
            notices,
            ..
        }) => {
            desk.end_all(&account).await;
            let page = desk.show_and_send(Page::Say(Answer::ResetDone), notices);
            return (device, page).into_response();
        }
        Ok(Reset::Refused(why)) => Page::Reset(typed.link(), Some(refused(why))),
        Ok(Reset::Stale) => Page::Say(Answer::Stale),
        Ok(Reset::Wait(time)) => Page::wait(time),
        Err(error) => error.into(),
    })
}

/// Asks for a link that opens a blocked account.
pub(crate) async fn blocked(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor(&typed.identifier);
    asked(&desk, desk.accounts().ask_unlock(&visitor).await)
}

pub(crate) async fn unlock_page(desk: Desk, Query(Link { link }): Query<Link>) -> Response {
    desk.show(Page::Unlock(link))
}

pub(crate) async fn unlock(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let visitor = desk.visitor("");
    match desk.accounts().unlock(&typed.link, &visitor).await {
        Ok(Unlock::Done { device, .. }) => {
            (device, desk.show(Page::Say(Answer::Unlocked))).into_response()
        }
        Ok(Unlock::Stale) => desk.show(Page::Say(Answer::Stale)),
        Err(error) => desk.show(error.into()),
    }
}

/// What the judge says of a password while it is typed: the verdict of the form itself, but for
/// services that would be asked at each keystroke.
pub(crate) async fn meter(desk: Desk, Form(typed): Form<Typed>) -> Response {
    let context = Context::new([typed.identifier.as_str()].iter().chain(WORDS));
    let found = desk
        .accounts()
        .login()
        .meter(typed.password(), context)
        .await;
    match found {
        Ok(found) => Json(pages::verdict(&found, desk.language())).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

pub(crate) async fn script() -> Response {
    let script = include_str!("club.js");
    ([(header::CONTENT_TYPE, "text/javascript")], script).into_response()
}

pub(crate) async fn style() -> Response {
    let style = include_str!("club.css");
    ([(header::CONTENT_TYPE, "text/css")], style).into_response()
}

/// One page for every address.
fn asked(desk: &Desk, asked: Result<Asked, FlowError>) -> Response {
    match asked {
        Ok(Asked::Sent(notices)) => desk.show_and_send(Page::Say(Answer::MailSent), notices),
        Ok(Asked::Wait(time)) => desk.show(Page::wait(time)),
        Err(error) => desk.show(error.into()),
    }
}

fn refused(why: Refused) -> Fault {
    match why {
        Refused::Weak(found) => Fault::Weak(found),
        _ => Fault::UsedBefore,
    }
}
