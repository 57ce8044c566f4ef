//! Whether a request meets a form, from its head alone.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use policy::site::{Encoding, FormKind, SiteForm};

use crate::Ambiguity;
use crate::media::{self, Kind};
use crate::name::Name;
use crate::path::{Meeting, Pattern, RequestPath};
use crate::read::{self, Reading, cookie};

/// The forms of one site, made ready once for all its requests.
#[derive(Debug, Default)]
pub struct Forms(Vec<Arc<Form>>);

/// One form, ready.
#[derive(Debug)]
pub struct Form {
    policy: SiteForm,
    patterns: Vec<Pattern>,
    pub(crate) password: Option<Name>,
    pub(crate) confirm: Option<Name>,
    pub(crate) current: Option<Name>,
    pub(crate) identifier: Option<Name>,
    pub(crate) context: Vec<Name>,
    pub(crate) when: Vec<Name>,
}

/// What recognising looks at.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// As it was sent.
    pub method: &'r str,
    /// The path as it was sent, escapes and all.
    pub path: &'r str,
    /// What follows `?`, as it was sent.
    pub query: Option<&'r str>,
    /// The fields as the origin gets them: what the gate takes away, no origin reads.
    pub headers: &'r HeaderMap,
    /// Whether a body follows.
    pub has_body: bool,
}

/// What a request is to the forms of its site.
#[derive(Debug)]
#[must_use = "a protected request is not passed before it is read"]
pub enum Recognised {
    /// None of their business.
    Free,
    /// A door that is shut: 403.
    Closed(Arc<Form>),
    /// It could be read in two ways.
    Refused(Ambiguity),
    /// It has to be read before it is passed.
    Protected(Candidates),
}

/// The forms that a request may be; reads it.
#[derive(Debug)]
pub struct Candidates {
    pub(crate) forms: Vec<Candidate>,
    needs_body: bool,
    /// Each path that led here ends in a star: forms are only some of the requests of a tree.
    wide: bool,
}

#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) form: Arc<Form>,
    /// How the path leads here.
    pub(crate) meeting: Meeting,
    /// Whether it does so as one of a tree.
    pub(crate) wide: bool,
}

impl Forms {
    /// The forms of a site.
    pub fn new(forms: &[SiteForm]) -> Self {
        Self(forms.iter().map(|form| Arc::new(Form::new(form))).collect())
    }

    /// Whether the site has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every form, in the order of the policy.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Form>> {
        self.0.iter()
    }

    /// The forms that a path leads to, spelt to the letter, whatever else a request to it says:
    /// those that the fields of a page may belong to which sends them there.
    pub fn reached_by(&self, path: &str) -> impl Iterator<Item = &Arc<Form>> {
        let path = RequestPath::new(path);
        self.0.iter().filter(move |form| {
            let mut patterns = form.patterns.iter();
            patterns.any(|pattern| pattern.meets(&path) == Meeting::Exactly)
        })
    }

    /// What a request is to these forms. Costs one look at the path for most requests.
    pub fn recognise(&self, head: &Head<'_>) -> Recognised {
        if self.0.is_empty() {
            return Recognised::Free;
        }
        let path = RequestPath::new(head.path);
        let forms: Vec<Candidate> = self
            .0
            .iter()
            .filter_map(|form| {
                let (meeting, pattern) = form
                    .patterns
                    .iter()
                    .map(|pattern| (pattern.meets(&path), pattern))
                    .max_by_key(|(meeting, _)| *meeting)?;
                if meeting == Meeting::None {
                    return None;
                }
                Some(Candidate {
                    form: Arc::clone(form),
                    meeting,
                    wide: pattern.is_wide(),
                })
            })
            .collect();
        if forms.is_empty() {
            return Recognised::Free;
        }
        let own = forms.iter().any(Candidate::is_own);
        let shut = |candidate: &Candidate| {
            let form = &candidate.form;
            form.policy.kind == FormKind::Closed
                && !(own && candidate.meeting == Meeting::Beside)
                && form.password.is_none()
                && form.when.is_empty()
                && form.policy.method.is(head.method)
        };
        // A door at the very path of a form is for what is not that form; the body tells.
        let shared = |door: &Form| {
            let mut forms = forms.iter().map(|one| &one.form);
            forms.any(|form| form.policy.kind != FormKind::Closed && form.stands_at(door))
        };
        if let Some(door) = forms.iter().find(|one| shut(one))
            && !(head.has_body && shared(&door.form))
        {
            return Recognised::Closed(Arc::clone(&door.form));
        }
        let candidates = Candidates {
            needs_body: head.has_body,
            wide: forms.iter().all(|one| one.wide),
            forms,
        };
        candidates.settle(head)
    }
}

impl Candidates {
    /// Decides at once where the head is enough.
    fn settle(mut self, head: &Head<'_>) -> Recognised {
        let lists = |way| self.forms.iter().any(|one| one.lists(way));
        let basic = lists(Encoding::Basic) && head.headers.contains_key(AUTHORIZATION);
        let mut in_body = self
            .forms
            .iter()
            .filter(|one| !one.in_head_alone())
            .peekable();
        if head.has_body && in_body.peek().is_some() {
            if in_body.all(|one| one.meeting == Meeting::Loosely) {
                return Recognised::Refused(Ambiguity::Path);
            }
            // What no origin takes for a form has no fields.
            let kind = media::of(head.headers).map(|media| media.kind);
            let fieldless = match kind {
                Ok(Kind::Opaque) => !lists(Encoding::Json),
                _ => false,
            };
            if !(self.wide && fieldless) {
                return Recognised::Protected(self);
            }
        }
        self.needs_body = false;
        let mut passwords = self
            .forms
            .iter()
            .filter_map(|one| one.form.password.as_ref());
        let in_cookie = head.headers.contains_key(COOKIE)
            && passwords.any(|name| cookie::may_be(head.headers, name));
        if head.query.is_none() && !basic && !in_cookie {
            return Recognised::Free;
        }
        match self.read(head, &[]) {
            Ok(Reading::Nothing) => Recognised::Free,
            Ok(Reading::Closed(form)) => Recognised::Closed(form),
            Ok(Reading::Filled(_)) => Recognised::Protected(self),
            Err(ambiguity) => Recognised::Refused(ambiguity),
        }
    }

    /// Whether the body has to be read first. When not, [`Candidates::read`] is given none of
    /// it, and it goes on as it comes.
    pub fn needs_body(&self) -> bool {
        self.needs_body
    }

    /// Most bytes of the body; a longer one is refused with 413.
    pub fn max_body(&self) -> u64 {
        let forms = self.forms.iter().filter(|one| !one.in_head_alone());
        let caps = forms.map(|one| one.form.policy.max_body.get());
        caps.max().unwrap_or_default()
    }

    /// Reads the whole request. `body` is all of it, in memory that the caller wipes.
    ///
    /// # Errors
    /// When an origin could read a password in it that we do not see, or the reverse.
    pub fn read(&self, head: &Head<'_>, body: &[u8]) -> Result<Reading, Ambiguity> {
        read::read(&self.forms, head, body)
    }
}

impl Candidate {
    pub(crate) fn lists(&self, encoding: Encoding) -> bool {
        self.form.policy.encodings.contains(&encoding)
    }

    /// Only a loose reading of the path leads here.
    pub(crate) fn loosely(&self) -> bool {
        self.meeting != Meeting::Exactly
    }

    /// Whether it makes its path a form of its own, whatever other names a page has.
    pub(crate) fn is_own(&self) -> bool {
        self.meeting == Meeting::Exactly
            && self.form.policy.kind != FormKind::Closed
            && !self.in_head_alone()
    }

    pub(crate) fn in_head_alone(&self) -> bool {
        self.form.policy.encodings == [Encoding::Basic]
    }
}

impl Form {
    fn new(form: &SiteForm) -> Self {
        let name = |name: &String| Name::new(name.clone().into_bytes());
        Self {
            patterns: form.paths.iter().map(|path| Pattern::new(path)).collect(),
            password: form.password.as_ref().map(name),
            confirm: form.confirm.as_ref().map(name),
            current: form.current.as_ref().map(name),
            identifier: form.identifier.as_ref().map(name),
            context: form.context.iter().map(name).collect(),
            when: form
                .when
                .iter()
                .map(|condition| name(&condition.name))
                .collect(),
            policy: form.clone(),
        }
    }

    /// Whether it is at the very path of a door: what is this form is then not what the door is
    /// for.
    pub(crate) fn stands_at(&self, door: &Self) -> bool {
        let mut paths = self.policy.paths.iter();
        paths.any(|path| door.policy.paths.contains(path))
    }

    /// What the policy says of it.
    pub fn policy(&self) -> &SiteForm {
        &self.policy
    }

    /// Every name that matters, for readers that have to look inside objects.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        let one = [
            &self.password,
            &self.confirm,
            &self.current,
            &self.identifier,
        ];
        one.into_iter()
            .flatten()
            .chain(&self.context)
            .chain(&self.when)
    }
}
