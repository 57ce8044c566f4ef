//! Which fields of a page are those of a form, and what they are told.
//!
//! A field belongs to a form of the policy when its own form would send it there: by POST, to one
//! of its paths, spelt to the letter, with nothing in the address that contradicts its
//! conditions. A script may send JSON from a form that names no address, or from no form at all;
//! there a name is enough. Where two forms of the policy would have one field mean two things, it
//! is left alone.
//!
//! `autocomplete` replaces nothing but `off` and `on`, which tell a manager nothing (HTML,
//! "autofill"); `passwordrules` and `minlength` are set where the page has none. `maxlength` is
//! never touched: what the origin would cut must not be let through.

use std::sync::Arc;

use ::form::Form;
use http::HeaderMap;
use policy::site::{Encoding, SiteForm};
use transport::csp;
use transport::host::Host;
use transport::page::{Marker, Tag};
use transport::redirect;
use url::Url;

use super::{Marking, SCRIPT_PATH, VERSION};
use crate::form::FormEvent;
use crate::route::{Route, SiteForms};

/// One page of a site on its way.
pub(crate) struct PageForms {
    route: Arc<Route>,
    /// The address of the page, and what its links start from.
    page: Url,
    base: Url,
    /// Whether a policy of the page forbids the script.
    forbidden: bool,
    /// The forms that fields seen now may belong to.
    forms: Vec<Arc<Form>>,
    /// Whether a field has a meter, and whether the script is there.
    metered: bool,
    ended: bool,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    New,
    Repeated,
    Current,
    Identifier,
}

/// What marks a page; `None` where pages stay as they are. `path` is the path and the query of
/// the request, `headers` those of the answer as the client gets it.
pub(crate) fn marker(
    route: &Arc<Route>,
    host: &Host,
    path: &str,
    headers: &HeaderMap,
) -> Option<Box<dyn Marker>> {
    route.forms.as_ref()?.marking.as_ref()?;
    let origin = redirect::origin(host.name(), host.port().unwrap_or(443));
    let page = Url::parse(&format!("{origin}{path}")).ok()?;
    let mut marked = PageForms {
        route: Arc::clone(route),
        base: page.clone(),
        page,
        forbidden: !csp::policies(headers).all(csp::admits_own),
        forms: Vec::new(),
        metered: false,
        ended: false,
    };
    marked.form_end();
    Some(Box::new(marked))
}

impl Marker for PageForms {
    fn base(&mut self, href: &str) {
        // The first one counts.
        if self.base == self.page
            && let Ok(base) = self.page.join(href)
        {
            self.base = base;
        }
    }

    fn policy(&mut self, content: &str) {
        self.forbidden |= !content.split(',').all(csp::admits_own);
    }

    fn form(&mut self, tag: &dyn Tag) {
        let Some(forms) = &self.route.forms else {
            return;
        };
        let action = tag.attribute("action");
        let action = action.as_deref().map(str::trim).unwrap_or_default();
        let post = tag.attribute("method");
        let post = post.is_some_and(|method| method.trim().eq_ignore_ascii_case("post"));
        let place = match action {
            "" => Some(self.page.clone()),
            action => self.base.join(action).ok(),
        };
        let place = place.filter(|place| post && self.is_here(place));
        let sent: Vec<&Arc<Form>> = match &place {
            Some(place) => {
                let there = forms.forms.reached_by(place.path());
                there.filter(|form| agrees(form.policy(), place)).collect()
            }
            None => Vec::new(),
        };
        let by_script = by_script(forms).filter(|_| action.is_empty());
        self.forms = sent.into_iter().chain(by_script).cloned().collect();
    }

    fn form_end(&mut self) {
        let forms = self.route.forms.iter();
        self.forms = forms.flat_map(by_script).cloned().collect();
    }

    fn field(&mut self, tag: &dyn Tag) -> Vec<(&'static str, String)> {
        let Some((form, role)) = self.meant(tag) else {
            return Vec::new();
        };
        let Some(marking) = self.marking() else {
            return Vec::new();
        };
        let policy = form.policy();
        let mut set = Vec::new();
        let most = tag.attribute("maxlength");
        let most: Option<usize> = most.and_then(|most| most.trim().parse().ok());
        let short = most.filter(|most| *most < marking.min_length && role == Role::New);
        if let Some(most) = short {
            marking.tell_short(self.name(), most);
        }
        if policy.attributes {
            set.extend(attributes(tag, role, marking, short.is_some()));
        }
        if policy.meter && role == Role::New {
            if self.forbidden {
                marking.tell_policy(self.name());
                if !self.metered {
                    let counts = self.route.counts.here();
                    counts.forms.one(FormEvent::MeterForbidden as usize);
                }
            } else {
                let words = policy.identifier.iter().chain(&policy.context);
                let words: Vec<&String> = words.collect();
                set.push(("data-rempart-meter", serde_json::json!(words).to_string()));
            }
            self.metered = true;
        }
        set
    }

    fn end(&mut self) -> Option<String> {
        let wanted = self.metered && !self.forbidden && !self.ended;
        self.ended = true;
        wanted.then(|| {
            let version = VERSION.as_str();
            format!("<script src=\"{SCRIPT_PATH}?v={version}\" defer=\"defer\"></script>")
        })
    }
}

impl PageForms {
    fn marking(&self) -> Option<&Marking> {
        self.route.forms.as_ref()?.marking.as_ref()
    }

    fn name(&self) -> &str {
        self.route.site.hosts.first().map_or("", String::as_str)
    }

    /// Whether an address is one of this site.
    fn is_here(&self, place: &Url) -> bool {
        let hosts = &self.route.site.hosts;
        matches!(place.scheme(), "http" | "https")
            && place
                .host_str()
                .is_some_and(|host| hosts.iter().any(|name| name == host))
    }

    /// The form and the meaning of a field, where all that it could belong to agree.
    fn meant(&self, tag: &dyn Tag) -> Option<(&Arc<Form>, Role)> {
        if self.forms.is_empty() {
            return None;
        }
        let name = tag.attribute("name")?;
        let kind = tag.attribute("type").unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let mut found = self.forms.iter().filter_map(|form| {
            let role = role(form.policy(), &name)?;
            Some((form, role))
        });
        let (form, role) = found.next()?;
        let typed = match kind.as_str() {
            "" | "text" | "password" => true,
            "email" | "tel" | "search" | "url" | "number" => role == Role::Identifier,
            _ => false,
        };
        (typed && found.all(|(_, other)| other == role)).then_some((form, role))
    }
}

/// The forms that a script may send from anywhere.
fn by_script(forms: &SiteForms) -> impl Iterator<Item = &Arc<Form>> {
    let json = |form: &&Arc<Form>| form.policy().encodings.contains(&Encoding::Json);
    forms.forms.iter().filter(json)
}

/// Whether an address contradicts no condition of a form. What the body will say is not known.
fn agrees(form: &SiteForm, place: &Url) -> bool {
    let sendable = [Encoding::Urlencoded, Encoding::Multipart];
    form.encodings.iter().any(|way| sendable.contains(way))
        && form.when.iter().all(|condition| {
            let said = place
                .query_pairs()
                .filter(|(name, _)| *name == condition.name);
            let mut said = said.map(|(_, value)| value).peekable();
            said.peek().is_none()
                || said.any(|value| condition.values.iter().any(|one| *one == value))
        })
}

fn role(form: &SiteForm, name: &str) -> Option<Role> {
    let is = |field: &Option<String>| field.as_deref() == Some(name);
    match form.sets_password() {
        true if is(&form.password) => Some(Role::New),
        true if is(&form.confirm) => Some(Role::Repeated),
        true if is(&form.current) => Some(Role::Current),
        false if is(&form.password) => Some(Role::Current),
        _ if is(&form.identifier) => Some(Role::Identifier),
        _ => None,
    }
}

/// What a manager reads. A field too `short` for any password gets no `minlength`: nothing could
/// be sent.
fn attributes(
    tag: &dyn Tag,
    role: Role,
    marking: &Marking,
    short: bool,
) -> Vec<(&'static str, String)> {
    let mut set = Vec::new();
    let said = tag.attribute("autocomplete").unwrap_or_default();
    if matches!(said.trim().to_ascii_lowercase().as_str(), "" | "off" | "on") {
        let word = match role {
            Role::New | Role::Repeated => "new-password",
            Role::Current => "current-password",
            Role::Identifier => "username",
        };
        set.push(("autocomplete", word.to_owned()));
    }
    if !matches!(role, Role::New | Role::Repeated) {
        return set;
    }
    if let Some(rules) = &marking.rules
        && tag.attribute("passwordrules").is_none()
    {
        set.push(("passwordrules", rules.clone()));
    }
    if tag.attribute("minlength").is_none() && !short {
        set.push(("minlength", marking.min_length.to_string()));
    }
    set
}
