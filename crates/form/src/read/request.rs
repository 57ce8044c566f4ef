//! Which forms a request is, by its fields; what each of them says.

use std::sync::Arc;

use policy::site::{Charset, Encoding, FormKind, FormMethod};

use super::{Field, Filled, NewPassword, Reading, SignIn, basic, cookie};
use crate::media::{Kind, Media};
use crate::name::{Meeting, Name};
use crate::recognise::{Candidate, Form, Head};
use crate::{Ambiguity, Typed, account, charset};

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
        let (mut sign_in_by, mut new_by) = (None, None);
        let mut door = None;
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
                // A door without conditions is for what is none of the forms.
                Answer::Door => {
                    door = door.or(Some(form));
                    continue;
                }
                Answer::Yes(password) => password,
            };
            if form.policy().kind == FormKind::Closed {
                return Ok(Reading::Closed(Arc::clone(form)));
            }
            if candidate.loosely() {
                return Err(Ambiguity::Path);
            }
            match form.policy().sets_password() {
                false if sign_in_by.is_none() => {
                    filled.sign_in = Some(self.sign_in(form, &password)?);
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
        Ok(match (door, &filled) {
            (
                _,
                Filled {
                    sign_in: Some(_), ..
                }
                | Filled { new: Some(_), .. },
            ) => Reading::Filled(filled),
            (Some(door), _) => Reading::Closed(Arc::clone(door)),
            (None, _) => Reading::Nothing,
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
            let value = value.expose();
            if condition.values.iter().any(|expected| expected == value) {
                continue;
            }
            let folded = |text: &str| text.trim().to_lowercase();
            if condition
                .values
                .iter()
                .any(|expected| folded(expected) == folded(value))
            {
                return Err(Ambiguity::Condition);
            }
            return Ok(Answer::No);
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
        let (encoding, charset) = match media.kind {
            Kind::Urlencoded => (Encoding::Urlencoded, charset::encoding(policy.charset)),
            Kind::Multipart(_) => (Encoding::Multipart, charset::encoding(policy.charset)),
            Kind::Json => (Encoding::Json, encoding_rs::UTF_8),
            Kind::Xml => (Encoding::XmlRpc, encoding_rs::UTF_8),
            Kind::Opaque | Kind::Other => return Err(Ambiguity::Type),
        };
        if !lists(form, encoding) {
            return Err(Ambiguity::Type);
        }
        if media.charset.is_some_and(|announced| announced != charset) {
            return Err(Ambiguity::Charset);
        }
        Ok(())
    }

    /// The one field of a name; `None` when there is none.
    fn field(&self, name: &Name) -> Result<Option<&Field<'r>>, Ambiguity> {
        let mut found = None;
        for field in &self.fields {
            match field.name.meets(name) {
                Meeting::Other => {}
                Meeting::Same if found.is_some() => return Err(Ambiguity::Duplicate),
                Meeting::Same if field.split => return Err(Ambiguity::Semicolon),
                Meeting::Same => found = Some(field),
                // Another form names it to the letter, and reads it.
                Meeting::Unclear(Ambiguity::Name)
                    if self.names.iter().any(|known| field.name.is(known)) => {}
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
            form: Arc::clone(form),
            identifier,
            password,
        })
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
