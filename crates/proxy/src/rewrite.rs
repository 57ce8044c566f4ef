//! An origin's page, mended while it streams through.
//!
//! Which pages, and how, is said in [`transport::page`]; here its pieces are joined to the
//! answer that brings them. Nothing gathers but what the rewriter must hold to see a tag
//! whole, which is capped.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Frame;
use policy::Site;
use transport::csp;
use transport::host::Host;
use transport::page::{Page, Place};

use crate::answer::Answer;
use crate::body::AnswerError;
use crate::meter;
use crate::route::Route;

/// A page on its way to the client.
#[derive(Debug)]
pub(crate) struct Rewriting {
    answer: Answer,
    /// `None` once the origin's page has ended.
    page: Option<Page>,
    /// What came behind the page, until its last piece is sent.
    trailers: Option<Frame<Bytes>>,
}

/// Starts on an answer, if it is a page that the site wants changed; its head changes. `path` is
/// the path and the query that it answers.
pub(crate) fn start(
    status: StatusCode,
    headers: &mut HeaderMap,
    host: &Host,
    route: &Arc<Route>,
    http_port: Option<u16>,
    path: &str,
) -> Option<Page> {
    // A part of a page has no beginning to read from.
    if !is_changed(route) || status == StatusCode::PARTIAL_CONTENT || !csp::is_html(headers) {
        return None;
    }
    let links = route.site.repair.html;
    let place = links.then(|| place(&route.site, host, http_port));
    let marker = meter::page::marker(route, host, path, headers);
    Page::start(headers, place, marker)
}

/// Whether pages of a site are changed at all.
fn is_changed(route: &Route) -> bool {
    route.site.repair.html || marks(route)
}

fn marks(route: &Route) -> bool {
    let forms = route.forms.as_ref();
    forms.is_some_and(|forms| forms.marking.is_some())
}

fn place(site: &Site, host: &Host, http_port: Option<u16>) -> Place {
    let mut names = site.hosts.clone();
    names.sort_by_key(|name| name != host.name());
    Place {
        names,
        upstreams: site.upstreams.clone(),
        https_port: host.port().unwrap_or(443),
        http_port,
    }
}

/// Asks the origin for pages that can be read: a request that wants a page says that it takes
/// no compression.
pub(crate) fn ask(headers: &mut HeaderMap, route: &Route) {
    let repair = &route.site.repair;
    if !(marks(route) || (repair.html && repair.html_uncompressed)) {
        return;
    }
    let wants_page = |value: &HeaderValue| {
        let mut kinds = value.as_bytes().split(|&byte| byte == b',');
        kinds.any(|kind| kind.trim_ascii().starts_with(b"text/html"))
    };
    if headers.get_all(header::ACCEPT).iter().any(wants_page) {
        let identity = HeaderValue::from_static("identity");
        headers.insert(header::ACCEPT_ENCODING, identity);
    }
}

impl Rewriting {
    pub(crate) const fn new(answer: Answer, page: Page) -> Self {
        Self {
            answer,
            page: Some(page),
            trailers: None,
        }
    }

    /// The next piece.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        while let Some(page) = &mut self.page {
            let piece = match ready!(self.answer.poll_frame(cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => page.write(&data),
                    Err(trailers) => {
                        self.trailers = Some(trailers);
                        self.end()
                    }
                },
                None => self.end(),
            };
            if !piece.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from(piece)))));
            }
        }
        Poll::Ready(self.trailers.take().map(Ok))
    }

    pub(crate) const fn is_end(&self) -> bool {
        self.page.is_none() && self.trailers.is_none()
    }

    fn end(&mut self) -> Vec<u8> {
        self.page.take().map(Page::end).unwrap_or_default()
    }
}
