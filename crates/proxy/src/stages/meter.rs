//! The stage of the meter: its script, and the verdicts that it asks for.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`]. A question is small, comes
//! from a page of the site itself, and is one of so many from its source; it is judged off the
//! event loop, in a line of its own. Whatever is not so gets no verdict, and the meter shows
//! none: the form is judged when it is sent, as it would be without a meter.
//!
//! Where the gate only observes, pages have no meter and these paths are the origin's.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::time::Duration;

use http::{Method, Response, StatusCode, request};
use hyper::body::Body as _;
use tokio::time::Instant;

use super::{Admitted, Passing, refuse_for_origin};
use crate::body::{Source, Upload};
use crate::check::Refused;
use crate::form::{FormEvent, HoldError};
use crate::manner::Manner;
use crate::meter::{self, Asked, Question};
use crate::respond::{self, Details, Notice};
use crate::upstream::UpstreamError;

impl Passing<'_> {
    /// What a request asks of the meter, where there is one.
    pub(super) fn asked_of_meter(
        &self,
        head: &request::Parts,
        admitted: &Admitted,
    ) -> Option<Asked> {
        let marking = admitted.known.route.forms.as_ref()?.marking.as_ref()?;
        let asked = marking.asked(head.uri.path());
        asked.filter(|_| !self.secure.shared.observe)
    }

    /// Answers it.
    pub(super) async fn meter(
        &mut self,
        asked: Asked,
        head: &request::Parts,
        upload: Upload,
        admitted: &Admitted,
    ) -> Result<Response<Source>, Refused> {
        let answer = match asked {
            Asked::Script => match head.method {
                Method::GET | Method::HEAD => Ok(respond::script(head.uri.query())),
                _ => Err(other_method("GET, HEAD").unless_read(!upload.is_end_stream())),
            },
            Asked::Verdict => self.verdict(head, upload, admitted).await,
        };
        if let Some(record) = &mut self.record {
            record.outcome("meter");
        }
        answer.map(|answer| answer.map(Source::Own))
    }

    async fn verdict(
        &mut self,
        head: &request::Parts,
        mut upload: Upload,
        admitted: &Admitted,
    ) -> Result<Response<bytes::Bytes>, Refused> {
        let unread = !upload.is_end_stream();
        self.may_ask(head, admitted)
            .map_err(|refused| refused.unless_read(unread))?;
        let grace = self.snapshot.policy.transport().deadlines.body_idle;
        let bench = &self.secure.shared.bench;
        let (held, read) = bench
            .hold
            .read(admitted.client, &mut upload, meter::MOST, grace)
            .await;
        let refused = match read {
            Ok(()) => None,
            Err(HoldError::Upload(error)) => Some(refuse_for_origin(UpstreamError::Upload(error))),
            Err(HoldError::TooLarge) => Some(Refused::new(
                Notice::BodyTooLarge,
                "meter: the body is over the limit",
            )),
            Err(HoldError::Slow) => Some(Refused::new(
                Notice::RequestTimeout,
                "meter: the body comes too slowly",
            )),
            Err(HoldError::Crowded) => Some(self.no_verdict("meter: no memory for the body")),
        };
        if let Some(refused) = refused {
            return Err(refused.unless_read(true));
        }
        let question = Question::read(held.bytes(), &admitted.known.route.site.hosts);
        drop(held);
        let Some(Question { password, context }) = question else {
            return Err(Refused::bad_head("meter: no question"));
        };
        let checker = self.snapshot.checker.clone();
        let assessment = match password.is_empty() {
            true => None,
            false => {
                let judge = checker.clone();
                let glance = move || judge.glance(password, &context);
                let told = bench.meters.run(glance).await;
                Some(told.map_err(|_| self.no_verdict("meter: no turn to judge it"))?)
            }
        };
        self.event(FormEvent::Metered);
        let policy = &self.snapshot.policy;
        let language = Manner::of_request(&head.headers, policy.language()).language;
        let password = policy.password();
        let verdict = meter::verdict(assessment.as_ref(), checker.forms(), password, language);
        Ok(respond::verdict(&verdict, language))
    }

    /// Whether the question may be asked at all.
    fn may_ask(&mut self, head: &request::Parts, admitted: &Admitted) -> Result<(), Refused> {
        if head.method != Method::POST {
            return Err(other_method("POST"));
        }
        if !meter::is_own(&head.headers, &admitted.known.host) {
            return Err(Refused::new(
                Notice::OtherSite,
                "meter: not of the same origin",
            ));
        }
        if !meter::is_question(&head.headers) {
            return Err(Refused::bad_head("meter: no question by its type"));
        }
        let questions = &self.secure.shared.bench.questions;
        if questions.admit(admitted.client, Instant::now()) {
            return Ok(());
        }
        let over = self.no_verdict("meter: too much from one source");
        Err(over.explained(Details {
            status: Some(StatusCode::TOO_MANY_REQUESTS),
            ..Details::default()
        }))
    }

    fn no_verdict(&self, reason: &'static str) -> Refused {
        self.event(FormEvent::MeterCrowded);
        Refused {
            retry_after: Some(Duration::from_secs(2)),
            ..Refused::new(Notice::CrowdedForms, reason)
        }
    }
}

fn other_method(methods: &'static str) -> Refused {
    let refused = Refused::new(Notice::MethodNotAllowed, "meter: another method");
    refused.explained(Details {
        methods: Some(methods),
        ..Details::default()
    })
}
