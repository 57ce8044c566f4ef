//! The stage of forms: what a request to a protected form must pass before its origin sees it,
//! and what the origin's answer means.
//!
//! Clauses: [`clause::CNIL_CHECKED_AT_CREATION`] (a chosen password is judged),
//! [`clause::CNIL_RESTRICTION`] (guesses are restricted: the failure is counted before the request
//! leaves, and taken back when the origin lets the person in), [`clause::REMPART_CLOSED`].
//!
//! A form is read as the crate [`form`](::form) says, from the head that the origin gets, so that
//! what is judged is what the origin sees; then the same bytes go on. Requests that are no form
//! cost one look at their path, and those of a site without forms nothing.
//!
//! [`clause::CNIL_CHECKED_AT_CREATION`]: policy::clause::CNIL_CHECKED_AT_CREATION
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::net::IpAddr;
use std::time::Duration;

use ::form::{Ambiguity, Candidates, Head, NewPassword, Reading, Recognised};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Uri, request};
use hyper::body::Body as _;
use journal::{Event, Findings, Kind, Sink as _};
use password::{Context, Finding};
use policy::{Language, Text};

use super::{Admitted, Passing, refuse_for_origin};
use crate::body::Upload;
use crate::check::Refused;
use crate::form::{Crowded, FormEvent, Held, HoldError};
use crate::observe::Observed;
use crate::respond::{Details, Notice, Reason};
use crate::route::SiteForms;
use crate::upstream::UpstreamError;

mod captcha;
mod sign_in;

pub(crate) use sign_in::MARK;
pub(super) use sign_in::Tries;

/// Bodies over this are parsed off the event loop.
const LARGE: usize = 128 * 1024;

/// The parts of a head that forms are read by.
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    has_body: bool,
}

impl Seen {
    fn head(&self) -> Head<'_> {
        Head {
            method: self.method.as_str(),
            path: self.uri.path(),
            query: self.uri.query(),
            headers: &self.headers,
            has_body: self.has_body,
        }
    }
}

impl Passing<'_> {
    /// Lets a request pass that is no form, or a form that the policy has nothing against.
    pub(super) async fn examine(
        &mut self,
        forms: &SiteForms,
        head: &mut request::Parts,
        upload: Upload,
        admitted: &Admitted,
    ) -> Result<(Upload, Tries), Refused> {
        let recognised = forms.forms.recognise(&Head {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query(),
            headers: &head.headers,
            has_body: !upload.is_end_stream(),
        });
        let candidates = match recognised {
            Recognised::Free => return Ok((upload, Tries::default())),
            Recognised::Closed(_) => {
                let closed = self
                    .closed()
                    .map_err(|no| no.unless_read(!upload.is_end_stream()));
                return closed.map(|()| (upload, Tries::default()));
            }
            Recognised::Refused(ambiguity) => {
                return self.unclear(ambiguity).map(|()| (upload, Tries::default()));
            }
            Recognised::Protected(candidates) => candidates,
        };
        let (upload, held) = match candidates.needs_body() {
            false => (upload, None),
            true => match self.hold(head, upload, &candidates, admitted).await? {
                (upload, None) => return Ok((upload, Tries::default())),
                (upload, held) => (upload, held),
            },
        };
        let seen = Seen {
            method: head.method.clone(),
            uri: head.uri.clone(),
            headers: head.headers.clone(),
            has_body: held.is_some() || !upload.is_end_stream(),
        };
        let (held, reading) = self.read(seen, candidates, held).await?;
        let mut tries = Tries::default();
        match reading {
            Ok(Reading::Nothing) => {}
            Ok(Reading::Closed(_)) => self.closed()?,
            Err(ambiguity) => self.unclear(ambiguity)?,
            Ok(Reading::Filled(filled)) => {
                let alone = filled.new.is_none();
                if let Some(new) = filled.new {
                    self.judge(forms, new, admitted).await?;
                }
                for sign_in in filled.sign_ins {
                    match self.count(forms, sign_in, alone, head, admitted).await {
                        Ok(tried) => tries.extend(tried),
                        Err(refused) => {
                            // Those before it are not tried either.
                            tries.unsent().await;
                            return Err(refused);
                        }
                    }
                }
            }
        }
        let upload = match held {
            Some(held) => Upload::whole(held.into_bytes()),
            None => upload,
        };
        Ok((upload, tries))
    }

    /// Reads the body whole. In its place `None`: it is too much for its form, and only noted.
    async fn hold(
        &mut self,
        head: &request::Parts,
        mut upload: Upload,
        candidates: &Candidates,
        admitted: &Admitted,
    ) -> Result<(Upload, Option<Held>), Refused> {
        let most = candidates
            .max_body()
            .min(admitted.known.route.caps.of(head.uri.path()));
        let promised = head.headers.get(CONTENT_LENGTH);
        let promised = promised.and_then(|value| value.to_str().ok()?.parse().ok());
        let announced = upload.size_hint().exact().max(promised);
        if announced.is_some_and(|length: u64| length > most) {
            let over = Refused::new(Notice::BodyTooLarge, "form: the body is over the limit");
            return self
                .relax(Observed::Body, Err(over))
                .map(|()| (upload, None));
        }
        let grace = self.snapshot.policy.transport().deadlines.body_idle;
        let hold = &self.secure.shared.bench.hold;
        let (held, read) = hold.read(admitted.client, &mut upload, most, grace).await;
        let refused = match read {
            Ok(()) => return Ok((upload, Some(held))),
            Err(HoldError::Upload(error)) => {
                return Err(refuse_for_origin(UpstreamError::Upload(error)));
            }
            Err(HoldError::TooLarge) => {
                Refused::new(Notice::BodyTooLarge, "form: the body is over the limit")
            }
            Err(HoldError::Slow) => {
                self.event(FormEvent::Crowded);
                Refused::new(Notice::RequestTimeout, "form: the body comes too slowly")
            }
            Err(HoldError::Crowded) => self.crowded("form: no memory for the body"),
        };
        self.relax(Observed::Body, Err(refused.unless_read(true)))?;
        Ok((upload.behind(held.into_bytes()), None))
    }

    /// Reads the fields; a large body off the event loop.
    async fn read(
        &mut self,
        seen: Seen,
        candidates: Candidates,
        held: Option<Held>,
    ) -> Result<(Option<Held>, Result<Reading, Ambiguity>), Refused> {
        let large = held.as_ref().is_some_and(|held| held.bytes().len() > LARGE);
        let read = move || {
            let body = held.as_ref().map_or(&[][..], Held::bytes);
            let reading = candidates.read(&seen.head(), body);
            (held, reading)
        };
        if large {
            let choices = self.secure.shared.bench.choices.clone();
            let done = choices.run(read).await;
            return done.map_err(|Crowded| self.crowded("form: no turn to read it"));
        }
        Ok(read())
    }

    /// Judges a chosen password.
    async fn judge(
        &mut self,
        forms: &SiteForms,
        new: NewPassword,
        admitted: &Admitted,
    ) -> Result<(), Refused> {
        let hosts = admitted.known.route.site.hosts.iter().map(String::as_str);
        let context = Context::new(new.context().chain(hosts));
        let checker = self.snapshot.checker.clone();
        // Some origins keep a password without the blanks around it (WordPress), others with
        // them: what both keep has to be good.
        let bytes = new.password.trimmed().into_bytes();
        let choices = self.secure.shared.bench.choices.clone();
        let judged = choices.run(move || checker.assess(bytes, &context)).await;
        let assessment = match judged {
            Ok(assessment) => assessment,
            Err(Crowded) => {
                let crowded = self.crowded("form: no turn to judge it");
                return self.relax(Observed::WeakPassword, Err(crowded));
            }
        };
        if assessment.accepted() {
            self.event(FormEvent::Accepted);
            self.note(forms, Kind::PasswordAccepted { account: None }, admitted);
            return Ok(());
        }
        self.event(FormEvent::Refused);
        let findings = Findings::new(assessment.findings().iter().map(Finding::code));
        let kind = Kind::PasswordRefused {
            account: None,
            findings,
        };
        self.note(forms, kind, admitted);
        let refused = Refused::new(
            Notice::WeakPassword,
            "form: the password is not good enough",
        );
        let refused = refused.explained(Details {
            reasons: assessment.findings().iter().map(reason).collect(),
            back: true,
            ..Details::default()
        });
        self.relax(Observed::WeakPassword, Err(refused))
    }

    /// A side door.
    fn closed(&mut self) -> Result<(), Refused> {
        self.event(FormEvent::Closed);
        let refused = Refused::new(Notice::ClosedForm, "form: this door is shut");
        self.relax(Observed::ClosedForm, Err(refused))
    }

    /// A request that could be read in two ways.
    fn unclear(&mut self, ambiguity: Ambiguity) -> Result<(), Refused> {
        self.event(FormEvent::Unclear);
        let reason = format!("form: {}", ambiguity.code());
        let mut refused = Refused::new(Notice::UnclearForm, reason).explained(Details {
            status: Some(ambiguity.status()),
            reasons: vec![Reason {
                code: ambiguity.code(),
                clause: None,
                message: Text::new(
                    ambiguity.message(Language::Fr),
                    ambiguity.message(Language::En),
                ),
                advice: Text::new("", ""),
            }],
            back: true,
            ..Details::default()
        });
        refused.closes = true;
        self.relax(Observed::UnclearForm, Err(refused))
    }

    fn crowded(&mut self, reason: &'static str) -> Refused {
        self.event(FormEvent::Crowded);
        Refused {
            retry_after: Some(Duration::from_secs(2)),
            ..Refused::new(Notice::CrowdedForms, reason)
        }
    }

    pub(super) fn event(&self, event: FormEvent) {
        if let Some(record) = &self.record {
            record.form(event);
        }
    }

    fn note(&self, forms: &SiteForms, kind: Kind, admitted: &Admitted) {
        self.note_from(forms, kind, admitted.client);
    }

    fn note_from(&self, forms: &SiteForms, kind: Kind, client: IpAddr) {
        if self.secure.shared.observe {
            return;
        }
        let event = Event::new(jiff::Timestamp::now(), kind);
        let event = event.from(client).on(forms.name.clone());
        self.secure.shared.journal.note(event);
    }
}

/// A finding, as the pages show it.
fn reason(finding: &Finding) -> Reason {
    let both = |of: &dyn Fn(Language) -> String| Text::new(of(Language::Fr), of(Language::En));
    Reason {
        code: finding.code(),
        clause: Some(finding.clause().id.to_owned()),
        message: both(&|language| finding.message(language)),
        advice: both(&|language| finding.advice(language)),
    }
}
