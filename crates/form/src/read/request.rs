//! Which forms a request is, by its fields; what each of them says.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use policy::site::{Charset, Encoding, FormKind, FormMethod};

use super::{Field, Filled, NewPassword, Reading, SignIn, basic, condition, cookie};
use crate::media::{Kind, Media};
use crate::name::{Meeting, Name};
use crate::recognise::{Candidate, Form, Head};
use crate::{Ambiguity, Brought, Typed, account, charset, path};

/// A request and its fields.
pub(super) struct Request<'r> {
    head: &'r Head<'r>,
    media: Option<Media>,
    fields: Vec<Field<'r>>,
    /// Every name that a form of this path has.
    names: &'r [&'r Name],
    /// Other methods that an origin may take it for.
    overrides: Vec<String>,
}

impl<'r> Request<'r> {
    pub(super) fn new(
        head: &'r Head<'r>,
        media: Option<Media>,
        fields: Vec<Field<'r>>,
        names: &'r [&'r Name],
    ) -> Result<Self, Ambiguity> {
        let mut overrides = Vec::new();
        for name in [
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
        ] {
            for value in head.headers.get_all(name) {
                let method = value.to_str().map_err(|_| Ambiguity::Method)?;
                overrides.push(method.trim().to_ascii_uppercase());
            }
        }
        let name = Name::new(b"_method".to_vec());
        for field in &fields {
            if field.name.meets(&name) == Meeting::Other {
                continue;
            }
            let method = field.value.text(Charset::Utf8);
            let method = method.map_err(|_| Ambiguity::Method)?;
            overrides.push(method.expose().trim().to_ascii_uppercase());
        }
        overrides.retain(|method| method != head.method);
        Ok(Self {
            head,
            media,
            fields,
            names,
            overrides,
        })
    }

    pub(super) fn reading(&self, forms: &[Candidate]) -> Result<Reading, Ambiguity> {
        let mut filled = Filled::default();
        let (mut sign_in_by, mut new_by, mut by_head) = (None, None, false);
        let mut doors = Vec::new();
        let own = forms.iter().any(Candidate::is_own);
        // `/login.json` is not unclear beside `/login` where it is a form of its own.
        let (loose, exact): (Vec<_>, Vec<_>) = forms.iter().partition(|one| one.loosely());
        for candidate in exact.into_iter().chain(loose) {
            let form = &candidate.form;
            let is_read = match form.policy().sets_password() {
                true => new_by == Some(&form.password),
                false => sign_in_by == Some(&form.password),
            };
            if candidate.loosely() && is_read {
                continue;
            }
            let password = match self.answers(form)? {
                Answer::No => continue,
                // A door without conditions is for what is none of the forms at its path; another
                // name of it may be a form of its own.
                Answer::Door if own && candidate.meeting == path::Meeting::Beside => continue,
                Answer::Door => {
                    doors.push(form);
                    continue;
                }
                Answer::Yes(password) => password,
            };
            if form.policy().kind == FormKind::Closed {
                return Ok(Reading::Closed(Arc::clone(form)));
            }
            let in_head = matches!(password, Password::Basic(_));
            if in_head && by_head {
                continue;
            }
            if candidate.loosely() {
                return Err(Ambiguity::Path);
            }
            match form.policy().sets_password() {
                false if in_head => {
                    filled.sign_ins.push(self.sign_in(form, &password)?);
                    by_head = true;
                }
                false if sign_in_by.is_none() => {
                    filled.sign_ins.push(self.sign_in(form, &password)?);
                    sign_in_by = Some(&form.password);
                }
                true if new_by.is_none() => {
                    filled.new = self.new_password(form, &password)?;
                    new_by = filled.new.is_some().then_some(&form.password);
                }
                false if sign_in_by == Some(&form.password) => {}
                true if new_by == Some(&form.password) => {}
                _ => return Err(Ambiguity::SeveralForms),
            }
        }
        let opens = |door: &Form| filled.forms().any(|form| form.stands_at(door));
        if let Some(door) = doors.into_iter().find(|door| !opens(door)) {
            return Ok(Reading::Closed(Arc::clone(door)));
        }
        let is_filled = filled.forms().next().is_some();
        Ok(match is_filled {
            true => Reading::Filled(filled),
            false => Reading::Nothing,
        })
    }

    /// Whether the request is a form, by its password and its conditions.
    fn answers(&self, form: &Form) -> Result<Answer<'_, 'r>, Ambiguity> {
        let policy = form.policy();
        let basic = match lists(form, Encoding::Basic) {
            true => basic::read(self.head.headers, policy)?,
            false => None,
        };
        if let Some(name) = &form.password
            && cookie::may_be(self.head.headers, name)
            && self.has_the_rest(form)
        {
            return Err(Ambiguity::Cookie);
        }
        let password = match (&form.password, basic) {
            (None, None) if policy.kind == FormKind::Closed && !lists(form, Encoding::Basic) => {
                None
            }
            (None, None) => return Ok(Answer::No),
            (Some(name), None) => match self.field(name)? {
                Some(field) => Some(Password::Field(field)),
                None => return Ok(Answer::No),
            },
            (Some(name), Some(_)) if self.field(name)?.is_some() => {
                return Err(Ambiguity::SeveralForms);
            }
            (_, Some(pair)) => Some(Password::Basic(pair)),
        };
        for (condition, name) in policy.when.iter().zip(&form.when) {
            let Some(field) = self.field(name)? else {
                return Ok(Answer::No);
            };
            let value = field.value.text(policy.charset)?;
            match condition::holds(condition, value.expose())? {
                true => continue,
                false => return Ok(Answer::No),
            }
        }
        let Some(password) = password else {
            let shut = policy.when.is_empty() && policy.method.is(self.head.method);
            return Ok(match (policy.when.is_empty(), shut) {
                (true, true) => Answer::Door,
                (true, false) => Answer::No,
                (false, _) => Answer::Yes(Password::None),
            });
        };
        if policy.kind == FormKind::Closed {
            return Ok(Answer::Yes(password));
        }
        if let Password::Field(field) = &password {
            if field.in_query {
                return Err(Ambiguity::PasswordInQuery);
            }
            self.is_sent_well(form)?;
        }
        Ok(Answer::Yes(password))
    }

    /// Whether what else a form needs is there too, so that an origin that takes a cookie for the
    /// password has all of it: for a sign-in the account, else any other field. Where a form has
    /// nothing else, the cookie is enough.
    fn has_the_rest(&self, form: &Form) -> bool {
        let is_there = |name: &Name| {
            let mut fields = self.fields.iter();
            fields.any(|field| field.name.meets(name) != Meeting::Other)
                || cookie::may_be(self.head.headers, name)
        };
        let in_head = lists(form, Encoding::Basic) && self.head.headers.contains_key(AUTHORIZATION);
        match (&form.identifier, form.policy().sets_password()) {
            (Some(identifier), false) => in_head || is_there(identifier),
            _ => {
                let mut others = form
                    .names()
                    .filter(|&name| Some(name) != form.password.as_ref())
                    .peekable();
                in_head || others.peek().is_none() || others.any(is_there)
            }
        }
    }

    /// The method, the type and the charset are those of the form.
    fn is_sent_well(&self, form: &Form) -> Result<(), Ambiguity> {
        let policy = form.policy();
        let method_is = match &self.overrides[..] {
            [] => policy.method.is(self.head.method),
            // Frameworks that know overrides do so for POST only.
            [one] => {
                policy.method == FormMethod::Any
                    || policy.method.is(one) && self.head.method == "POST"
            }
            _ => false,
        };
        if !method_is {
            return Err(Ambiguity::Method);
        }
        let Some(media) = &self.media else {
            return Ok(());
        };
        let encoding = media.kind.encoding().ok_or(Ambiguity::Type)?;
        if !lists(form, encoding) {
            return Err(Ambiguity::Type);
        }
        let charset = match encoding {
            Encoding::Json | Encoding::XmlRpc => encoding_rs::UTF_8,
            _ => charset::encoding(policy.charset),
        };
        if media.charset.is_some_and(|announced| announced != charset) {
            return Err(Ambiguity::Charset);
        }
        Ok(())
    }

    /// The one field of a name; `None` when there is none.
    fn field(&self, name: &Name) -> Result<Option<&Field<'r>>, Ambiguity> {
        let mut found = None;
        let json = matches!(&self.media, Some(media) if media.kind == Kind::Json);
        let is_own = |field: &Field<'_>| self.names.iter().any(|known| field.name.is(known));
        for field in &self.fields {
            match field.name.meets(name) {
                Meeting::Other if json && field.name.is_wrapped_as(name) && !is_own(field) => {
                    return Err(Ambiguity::Name);
                }
                Meeting::Other => {}
                Meeting::Same if found.is_some() => return Err(Ambiguity::Duplicate),
                Meeting::Same if field.split => return Err(Ambiguity::Semicolon),
                Meeting::Same => found = Some(field),
                // Another form names it to the letter, and reads it.
                Meeting::Unclear(Ambiguity::Name) if is_own(field) => {}
                Meeting::Unclear(ambiguity) => return Err(ambiguity),
            }
        }
        Ok(found)
    }

    /// The text of a field that belongs in the body.
    fn typed(&self, form: &Form, name: Option<&Name>) -> Result<Option<Typed>, Ambiguity> {
        let Some(field) = name.map(|name| self.field(name)).transpose()?.flatten() else {
            return Ok(None);
        };
        if field.in_query {
            return Err(Ambiguity::Place);
        }
        field.value.text(form.policy().charset).map(Some)
    }

    fn sign_in(&self, form: &Arc<Form>, password: &Password<'_, 'r>) -> Result<SignIn, Ambiguity> {
        let in_head = matches!(password, Password::Basic(_));
        let (identifier, password) = match password {
            Password::Basic(pair) => {
                let (user, password) = pair.typed(form.policy())?;
                (Some(user), password)
            }
            Password::Field(field) => (
                self.typed(form, form.identifier.as_ref())?,
                field.value.text(form.policy().charset)?,
            ),
            Password::None => unreachable!("a form that signs in has a password"),
        };
        let plain = |typed: &Typed| account::is_plain(typed.expose());
        if !identifier.as_ref().is_none_or(plain) {
            return Err(Ambiguity::Identifier);
        }
        if let Some(name) = &form.identifier {
            let typed = identifier.as_ref().map_or("", Typed::expose);
            cookie::agrees(self.head.headers, name, typed)?;
        }
        Ok(SignIn {
            hashed: looks_hashed(password.expose()),
            brought: self.brought(form),
            form: Arc::clone(form),
            in_head,
            identifier,
            password,
        })
    }

    /// The addresses that the request brings along, where an answer is judged by where it leads.
    fn brought(&self, form: &Form) -> Brought {
        let mut brought = Brought::of(form, self.head);
        if brought.matters() {
            let charset = form.policy().charset;
            let texts = self.fields.iter().map(|field| field.value.text(charset));
            texts.flatten().for_each(|text| brought.add(text.expose()));
        }
        brought
    }

    /// `None` when an empty field means that the password stays.
    fn new_password(
        &self,
        form: &Arc<Form>,
        password: &Password<'_, 'r>,
    ) -> Result<Option<NewPassword>, Ambiguity> {
        let Password::Field(field) = password else {
            return Ok(None);
        };
        let password = field.value.text(form.policy().charset)?;
        let confirm = self.typed(form, form.confirm.as_ref())?;
        if confirm.is_some_and(|confirm| confirm != password) {
            return Err(Ambiguity::ConfirmationDiffers);
        }
        if password.is_empty() && form.policy().kind == FormKind::Change {
            return Ok(None);
        }
        if looks_hashed(password.expose().trim()) {
            return Err(Ambiguity::Hashed);
        }
        let mut context = Vec::new();
        for name in &form.context {
            let same = |field: &&Field<'_>| field.name.meets(name) == Meeting::Same;
            for field in self.fields.iter().filter(same).take(MOST_CONTEXT) {
                // What is no text says nothing of the person.
                context.extend(field.value.text(form.policy().charset));
            }
        }
        Ok(Some(NewPassword {
            identifier: self.typed(form, form.identifier.as_ref())?,
            current: self.typed(form, form.current.as_ref())?,
            form: Arc::clone(form),
            password,
            context,
        }))
    }
}

/// Most fields of one context name.
const MOST_CONTEXT: usize = 8;

/// Whether a request is a form.
enum Answer<'f, 'r> {
    No,
    /// A door that is shut to whatever comes.
    Door,
    Yes(Password<'f, 'r>),
}

/// Where the password is.
enum Password<'f, 'r> {
    None,
    Field(&'f Field<'r>),
    Basic(basic::Pair),
}

fn lists(form: &Form, encoding: Encoding) -> bool {
    form.policy().encodings.contains(&encoding)
}

/// Hexadecimal digits only, as many as MD5, SHA-1 and SHA-2 give.
fn looks_hashed(password: &str) -> bool {
    matches!(password.len(), 32 | 40 | 56 | 64 | 96 | 128)
        && password.bytes().all(|byte| byte.is_ascii_hexdigit())
}
