//! Sign-ins: counted before they leave, settled by the origin's answer.
//!
//! Clauses: [`clause::CNIL_RESTRICTION`], [`clause::CNIL_UNLOCK`]. The failure of a try is
//! counted before the origin sees it, so that a burst of guesses is one; the counters and the
//! browsers that are known are those of `[access]`. A weak password that signs in is not
//! refused, since the account would be lost to its owner: the origin is told, and may ask for
//! another one.
//!
//! An answer that no rule knows is neither a failure nor a success. It, and one that says success by
//! nothing but its status and where it leads, take back the failure that they cost and nothing else:
//! neither the owner's counter nor the trust in a browser may hang on a page that anybody gets, and
//! the day's cap holds whatever a guesser makes the site answer. A try that no origin has seen is
//! none.
//!
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION
//! [`clause::CNIL_UNLOCK`]: policy::clause::CNIL_UNLOCK

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ::form::{Brought, Form, Outcome, SignIn};
use access::{Admission, Attempt, Throttle, Timestamp, Visitor as Trier};
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request};
use journal::{Findings, Kind, StoreAnswer};
use password::{Assessment, Context, Finding};
use policy::Text;
use policy::access::{Block, Mechanism, Unlock};

use super::super::{Admitted, Passing};
use super::captcha::Reach;
use crate::answer::Answer;
use crate::check::Refused;
use crate::form::{Counted, FormEvent, counters};
use crate::observe::Observed;
use crate::respond::{Details, Notice};
use crate::route::SiteForms;

/// Tells the origin of a weak password that signs in. Inbound ones are always dropped.
pub(crate) const MARK: HeaderName = HeaderName::from_static("rempart-password");

/// The sign-ins of one request on its way to the origin.
#[derive(Default)]
pub(in crate::stages) struct Tries(Vec<Tried>);

/// A sign-in. Its failure is counted already.
pub(in crate::stages) struct Tried {
    attempt: Counted,
    form: Arc<Form>,
    brought: Brought,
    /// By `Authorization: Basic`.
    in_head: bool,
    /// The request does nothing but sign in.
    alone: bool,
    /// What the judge finds against the password; empty when it is good, or not asked.
    weak: Vec<&'static str>,
    /// Whether the browser was known, and by which of its tokens.
    mine: Option<String>,
    sent: Vec<String>,
}

impl Tries {
    pub(in crate::stages) fn extend(&mut self, tried: Option<Tried>) {
        self.0.extend(tried);
    }

    pub(in crate::stages) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// No origin has seen the request.
    pub(in crate::stages) async fn unsent(self) {
        for tried in self.0 {
            tried.attempt.excuse().await;
        }
    }

    /// The origin goes on in another protocol: it has let a client with `Basic` in.
    pub(in crate::stages) async fn switched(mut self) {
        self.0.retain(|tried| tried.in_head);
        self.unsent().await;
    }
}

impl Passing<'_> {
    /// Counts the failure of a sign-in before it is tried. `alone`: the request does nothing
    /// else, so that its answer is about the password.
    pub(super) async fn count(
        &mut self,
        forms: &SiteForms,
        mut sign_in: SignIn,
        alone: bool,
        head: &mut request::Parts,
        admitted: &Admitted,
    ) -> Result<Option<Tried>, Refused> {
        let Some(throttle) = &forms.throttle else {
            return Ok(None);
        };
        let now = Timestamp::from(SystemTime::now());
        let typed = sign_in.identifier.as_ref();
        let identifier = typed.map_or("", ::form::Typed::expose);
        let alike = sign_in.account();
        let tokens = counters::tokens(&head.headers);
        let mine = throttle.known(identifier, tokens.iter().copied(), now);
        let trier = Trier {
            alike: alike.as_ref().map(::form::Typed::expose),
            source: Some(admitted.client),
            device: mine,
            answer: counters::answer(&head.headers),
            ..Trier::new(identifier)
        };
        let share = sign_in.in_head.then(|| {
            let together = &self.secure.shared.bench.together;
            together.join(forms.name.as_str(), identifier, sign_in.password.expose())
        });
        let reach = Reach::of(&sign_in);
        let ask = self.admit_attempt(forms, throttle, &trier, reach, now, admitted);
        let attempt = match share {
            None => ask.await?.map(Counted::Alone),
            Some(share) => share.admit(ask).await?,
        };
        let Some(attempt) = attempt else {
            return Ok(None);
        };
        let mut tried = Tried {
            attempt,
            form: Arc::clone(&sign_in.form),
            brought: std::mem::take(&mut sign_in.brought),
            in_head: sign_in.in_head,
            alone,
            weak: Vec::new(),
            mine: mine.map(str::to_owned),
            sent: tokens.iter().map(|&token| token.to_owned()).collect(),
        };
        if sign_in.form.policy().mark && !sign_in.hashed {
            tried.weak = self.weak(sign_in, admitted).await;
        }
        if self.secure.shared.observe {
            return Ok(Some(tried));
        }
        if !tried.weak.is_empty() {
            let mark = format!("weak; codes=\"{}\"", tried.weak.join(" "));
            // Codes are kebab-case.
            if let Ok(mark) = HeaderValue::try_from(mark) {
                head.headers.insert(MARK, mark);
            }
        }
        if tried.form.asks_for_answer_body() {
            let identity = HeaderValue::from_static("identity");
            head.headers.insert(ACCEPT_ENCODING, identity);
        }
        Ok(Some(tried))
    }

    /// Asks the counters. `None`: they said no, and that is only noted.
    async fn admit_attempt(
        &mut self,
        forms: &SiteForms,
        throttle: &Throttle,
        trier: &Trier<'_>,
        reach: Reach,
        now: Timestamp,
        admitted: &Admitted,
    ) -> Result<Option<Attempt>, Refused> {
        let refused = match throttle.admit(trier, now).await {
            Ok(Admission::Go(attempt)) => {
                if attempt.unrestricted().is_some() {
                    self.event(FormEvent::StoreDown);
                    let answer = StoreAnswer::Open;
                    self.note(forms, Kind::StoreDown { answer }, admitted);
                } else if attempt.is_answered() {
                    self.event(FormEvent::PresenceProved);
                }
                return Ok(Some(attempt));
            }
            Ok(Admission::Wait { scope, time }) => {
                self.event(FormEvent::Delayed);
                let kind = Kind::SignInDelayed {
                    account: None,
                    scope: scope.into(),
                    wait: time,
                };
                self.note(forms, kind, admitted);
                let refused = Refused::new(Notice::SignInDelayed, "sign-in: too early");
                Refused {
                    retry_after: Some(time + Duration::from_secs(1)),
                    ..refused.explained(Details {
                        advice: Some(wait_for(time)),
                        back: true,
                        ..Details::default()
                    })
                }
            }
            Ok(Admission::ProvePresence(question)) => {
                self.ask_for_presence(forms, question, reach, admitted)
            }
            Ok(Admission::Blocked) => {
                self.event(FormEvent::Blocked);
                let kind = Kind::SignInBlocked {
                    account: None,
                    scope: journal::Scope::Account,
                };
                self.note(forms, kind, admitted);
                let refused =
                    Refused::new(Notice::SignInBlocked, "sign-in: the account is blocked");
                match self.snapshot.policy.access().mechanism {
                    // When it began is not told: the whole time is the longest that is left.
                    Mechanism::Block(Block {
                        unlock: Unlock::After(time),
                        ..
                    }) => Refused {
                        retry_after: Some(time),
                        ..refused.explained(Details {
                            advice: Some(opens_within(time)),
                            ..Details::default()
                        })
                    },
                    _ => refused,
                }
            }
            Err(error) => {
                self.event(FormEvent::StoreDown);
                let answer = StoreAnswer::Closed;
                self.note(forms, Kind::StoreDown { answer }, admitted);
                Refused::new(Notice::CountersDown, format!("sign-in: {error}"))
            }
        };
        self.relax(Observed::SignIn, Err(refused)).map(|()| None)
    }

    /// What is found against a password that signs in; nothing when the judge is busy.
    async fn weak(&self, sign_in: SignIn, admitted: &Admitted) -> Vec<&'static str> {
        let hosts = admitted.known.route.site.hosts.iter().map(String::as_str);
        let identifier = sign_in.identifier.as_ref().map(::form::Typed::expose);
        let context = Context::new(identifier.into_iter().chain(hosts));
        let checker = self.snapshot.checker.clone();
        let bytes = sign_in.password.into_bytes();
        let glances = self.secure.shared.bench.glances.clone();
        let found = glances.run(move || checker.glance(bytes, &context)).await;
        let codes = |found: &Assessment| found.findings().iter().map(Finding::code).collect();
        found.as_ref().map(codes).unwrap_or_default()
    }

    /// What the answer of the origin means for the sign-ins of a request. Gives the field that
    /// makes the browser known.
    pub(in crate::stages) async fn settle(
        &mut self,
        forms: &SiteForms,
        tries: Tries,
        status: StatusCode,
        headers: &HeaderMap,
        answer: &mut Answer,
        client: IpAddr,
    ) -> Option<HeaderValue> {
        let asks = tries
            .0
            .iter()
            .any(|tried| tried.form.asks_for_answer_body());
        let start = match asks {
            true => {
                let patience = self.snapshot.policy.transport().deadlines.answer;
                answer.peek(::form::ANSWER_BYTES, patience).await
            }
            false => Vec::new(),
        };
        let mut known = None;
        for tried in tries.0 {
            let outcome = tried.form.outcome(status, headers, &start, &tried.brought);
            let kept = self.settle_one(forms, tried, outcome, status, client).await;
            known = known.or(kept);
        }
        known
    }

    async fn settle_one(
        &mut self,
        forms: &SiteForms,
        tried: Tried,
        outcome: Outcome,
        status: StatusCode,
        source: IpAddr,
    ) -> Option<HeaderValue> {
        let event = match outcome {
            // Whoever is signed in and sets a password of their own may be answered as after a
            // sign-in, whatever other account the request names. That is no answer to `Basic`,
            // of which the status tells.
            Outcome::Success if !tried.alone => FormEvent::Failed,
            Outcome::Unproven | Outcome::Undecided if !tried.alone && !tried.in_head => {
                FormEvent::Failed
            }
            Outcome::Success => FormEvent::SignedIn,
            Outcome::Unproven => FormEvent::Unproven,
            Outcome::Failure => FormEvent::Failed,
            Outcome::Undecided => FormEvent::Undecided,
        };
        self.event(event);
        match event {
            FormEvent::SignedIn => {}
            // It comes with every request of a session, a hundred a page.
            FormEvent::Unproven if tried.in_head => {
                tried.attempt.excuse().await;
                return None;
            }
            FormEvent::Unproven => {
                tried.attempt.unproven().await;
                return None;
            }
            FormEvent::Undecided => {
                if forms.says_it_today() {
                    tracing::warn!(
                        site = forms.name.as_str(),
                        form = tried.form.policy().kind.name(),
                        status = status.as_u16(),
                        "no rule knows the answer of the origin to a sign-in, which counts as \
                         neither good nor bad; fix: complete `success` of the form, or remove \
                         `failure` (said once a day)"
                    );
                }
                tried.attempt.unproven().await;
                return None;
            }
            _ => {
                self.note_from(forms, Kind::SignInFailed { account: None }, source);
                return None;
            }
        }
        let attempt = tried.attempt.succeed()?;
        let trusted = attempt.is_from_trusted_device();
        let account = attempt.account().into();
        let success = attempt.succeed().await;
        let device = match trusted {
            true => journal::Device::Trusted,
            false => journal::Device::Other,
        };
        self.note_from(forms, Kind::SignedIn { account, device }, source);
        if !tried.weak.is_empty() {
            self.event(FormEvent::Weak);
            let findings = Findings::new(tried.weak);
            let account = Some(account);
            self.note_from(forms, Kind::WeakPassword { account, findings }, source);
        }
        if self.secure.shared.observe {
            return None;
        }
        let kept = counters::keep(&success, tried.mine.as_deref(), &tried.sent)?;
        if !trusted {
            self.note_from(forms, Kind::DeviceTrusted { account }, source);
        }
        Some(kept)
    }
}

/// How long to wait.
fn wait_for(time: Duration) -> Text {
    let Text { fr, en } = counted(time.as_secs() + 1);
    Text::new(
        format!(
            "Trop d’essais ont échoué. Réessayez dans {fr} : d’ici là, même le bon mot de passe serait refusé."
        ),
        format!(
            "Too many attempts have failed. Try again in {en}: until then even the right password would be refused."
        ),
    )
}

/// When a block ends that nobody has to end.
fn opens_within(time: Duration) -> Text {
    let Text { fr, en } = counted(time.as_secs());
    Text::new(
        format!(
            "Trop d’essais ont échoué sur ce compte, qui est bloqué pour le protéger. Il se rouvre de lui-même en {fr} au plus : d’ici là, même le bon mot de passe serait refusé."
        ),
        format!(
            "Too many attempts on this account have failed, and it is blocked to protect it. It opens by itself within {en}: until then even the right password would be refused."
        ),
    )
}

/// A time in the unit that people count in, rounded up.
pub(super) fn counted(seconds: u64) -> Text {
    let (count, fr, en) = match seconds {
        ..=90 => (seconds, "seconde", "second"),
        91..=5400 => (seconds.div_ceil(60), "minute", "minute"),
        _ => (seconds.div_ceil(3600), "heure", "hour"),
    };
    let s = if count > 1 { "s" } else { "" };
    Text::new(format!("{count} {fr}{s}"), format!("{count} {en}{s}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_the_unit_that_people_count_in() {
        for (seconds, fr, en) in [
            (0, "1 seconde :", "1 second:"),
            (30, "31 secondes :", "31 seconds:"),
            (100, "2 minutes :", "2 minutes:"),
            (6_000, "2 heures :", "2 hours:"),
        ] {
            let text = wait_for(Duration::from_secs(seconds));
            assert!(text.fr.contains(fr) && text.en.contains(en), "{text:?}");
        }
    }
}
