//! From a whole request to the fields of a form, or the reason why it cannot be trusted.

use std::sync::Arc;

use http::HeaderMap;
use policy::site::Encoding;

use crate::media::{self, Kind};
use crate::name::Name;
use crate::recognise::{Candidate, Form, Head};
use crate::{Ambiguity, Brought, Typed, account, charset};
use request::Request;

mod basic;
mod condition;
pub(crate) mod cookie;
mod field;
mod json;
mod multipart;
mod request;
mod urlencoded;
mod xml_rpc;

pub(crate) use field::{Field, Value};
pub(crate) use urlencoded::{unescape_loosely, values as query};

/// Most fields of a request, query and body together: what PHP reads unless told otherwise.
pub const MOST_FIELDS: usize = 1000;

/// What a request is, once read.
#[derive(Debug)]
pub enum Reading {
    /// No form: the request goes on.
    Nothing,
    /// A door that is shut: 403.
    Closed(Arc<Form>),
    /// A form, with what it says.
    Filled(Filled),
}

/// What a form says. Some requests sign in and set a password at once.
#[derive(Debug, Default)]
pub struct Filled {
    /// Sign-ins, each to be counted: by the fields of a form, by `Authorization: Basic`, or by
    /// both where the web server asks for one before the site asks for the other.
    pub sign_ins: Vec<SignIn>,
    /// A new password to be judged.
    pub new: Option<NewPassword>,
}

/// A sign-in.
#[derive(Debug)]
pub struct SignIn {
    /// Its form, which tells what the answer means.
    pub form: Arc<Form>,
    /// By `Authorization: Basic`, which a client repeats with every request.
    pub in_head: bool,
    /// Who it is, as typed; `None` when the field is not there.
    pub identifier: Option<Typed>,
    /// The password.
    pub password: Typed,
    /// The password looks like a hash made by the page: its strength cannot be told.
    pub hashed: bool,
    /// The addresses that the request brings along, for [`Form::outcome`].
    pub brought: Brought,
}

/// A new password.
#[derive(Debug)]
pub struct NewPassword {
    /// Its form.
    pub form: Arc<Form>,
    /// The new password.
    pub password: Typed,
    /// Who it is for.
    pub identifier: Option<Typed>,
    /// The password in force, when the form asks for it.
    pub current: Option<Typed>,
    /// What else the form says of the person.
    pub context: Vec<Typed>,
}

impl Filled {
    /// The forms that it fills.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &Form> {
        let signs_in = self.sign_ins.iter().map(|one| &one.form);
        let sets = self.new.iter().map(|new| &new.form);
        signs_in.chain(sets).map(Arc::as_ref)
    }
}

impl SignIn {
    /// The identifier in its loosest spelling, under which tries are counted.
    pub fn account(&self) -> Option<Typed> {
        self.identifier
            .as_ref()
            .map(|typed| account::fold(typed.expose()))
    }
}

impl NewPassword {
    /// Words that may not be in the password: the identifier and the context fields.
    pub fn context(&self) -> impl Iterator<Item = &str> {
        self.identifier
            .iter()
            .chain(&self.context)
            .map(Typed::expose)
    }
}

/// Reads a request that may be one of some forms.
pub(crate) fn read(
    forms: &[Candidate],
    head: &Head<'_>,
    body: &[u8],
) -> Result<Reading, Ambiguity> {
    let lists = |way| forms.iter().any(|one| one.lists(way));
    let names: Vec<&Name> = forms.iter().flat_map(|one| one.form.names()).collect();
    let mut fields = Vec::new();
    let announced = media::of(head.headers);
    is_read_in_one_charset(forms, announced.as_ref().ok())?;
    urlencoded::query(head.query.unwrap_or_default(), &names, &mut fields)?;
    let media = match body.is_empty() {
        true => None,
        false => Some(announced?),
    };
    match media.as_ref().map(|media| &media.kind) {
        None => {}
        // Whoever reads JSON may do so whatever the type says.
        Some(Kind::Urlencoded) if lists(Encoding::Json) && json::may_be(body) => {
            return Err(Ambiguity::Type);
        }
        Some(Kind::Urlencoded) => urlencoded::body(body, &mut fields)?,
        Some(Kind::Multipart(boundary)) => multipart::read(body, boundary, &mut fields)?,
        Some(Kind::Json) => {
            let root = json::read(body, &names, &mut fields)?;
            // Where a form is JSON, what is no object is no form.
            if lists(Encoding::Json) && root != json::Root::Object {
                return Err(Ambiguity::Json);
            }
        }
        Some(Kind::Xml) if lists(Encoding::XmlRpc) => xml_rpc::read(body, &mut fields)?,
        Some(Kind::Xml | Kind::Opaque | Kind::Other) => return Err(Ambiguity::Type),
    }
    if fields.len() > MOST_FIELDS {
        return Err(Ambiguity::TooManyFields);
    }
    let encoding = media.as_ref().and_then(|media| media.kind.encoding());
    let reading = Request::new(head, media, fields, &names)?.reading(forms)?;
    match (encoding, &reading) {
        (Some(encoding), Reading::Nothing | Reading::Filled(_))
            if !is_expected(forms, encoding) =>
        {
            Err(Ambiguity::Type)
        }
        _ => Ok(reading),
    }
}

/// Whether a body in some encoding is what the path of a form gets. At the very path of one, what
/// it does not list would be read by nobody here and perhaps by its origin; in a tree, and at
/// another name of a form, anything may come.
fn is_expected(forms: &[Candidate], encoding: Encoding) -> bool {
    let mut here = forms
        .iter()
        .filter(|one| !one.wide && !one.loosely() && !one.in_head_alone())
        .peekable();
    here.peek().is_none() || here.any(|one| one.lists(encoding))
}

/// The charset that a request announces is UTF-8 or that of one of the forms: in another, the
/// origin may find names that we do not (`%1B%28Bpass` in ISO-2022-JP is `pass`). Some origins
/// read the query by it too, whether a body follows or not.
fn is_read_in_one_charset(
    forms: &[Candidate],
    media: Option<&media::Media>,
) -> Result<(), Ambiguity> {
    let Some(announced) = media.and_then(|media| media.charset) else {
        return Ok(());
    };
    let known = forms
        .iter()
        .any(|one| charset::encoding(one.form.policy().charset) == announced);
    match known || announced == encoding_rs::UTF_8 {
        true => Ok(()),
        false => Err(Ambiguity::Charset),
    }
}

/// Every field of a request, for whoever learns which of them hold what; and what its body is,
/// when it is one that forms are sent in.
pub(crate) fn every<'b>(
    headers: &HeaderMap,
    query: &'b str,
    body: &'b [u8],
) -> Result<(Option<Kind>, Vec<Field<'b>>), Ambiguity> {
    let mut fields = Vec::new();
    // What is odd in a query is no form's.
    if urlencoded::body(query.as_bytes(), &mut fields).is_err() {
        fields.clear();
    }
    for field in &mut fields {
        field.in_query = true;
    }
    if body.is_empty() {
        return Ok((None, fields));
    }
    let kind = media::of(headers)?.kind;
    match &kind {
        Kind::Urlencoded => urlencoded::body(body, &mut fields)?,
        Kind::Multipart(boundary) => multipart::read(body, boundary, &mut fields)?,
        Kind::Json => json::every(body, &mut fields)?,
        Kind::Xml | Kind::Opaque | Kind::Other => return Ok((None, fields)),
    }
    Ok((Some(kind), fields))
}
