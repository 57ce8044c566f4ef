//! `[[site.form]]`: the forms of a site that hold a password.
//!
//! Clauses: [`CNIL_CHECKED_AT_CREATION`](crate::clause::CNIL_CHECKED_AT_CREATION) (rules are
//! imposed when a password is made or renewed), [`CNIL_RESTRICTION`](crate::clause::CNIL_RESTRICTION)
//! (guesses are restricted), [`CNIL_URL_SECRETS`](crate::clause::CNIL_URL_SECRETS).
//!
//! A form is a request to one of its paths that carries its password field. Conditions
//! (`when`) tell forms apart that share a path and a field; they are best left out, since
//! whatever an origin reads more loosely than they say is a way around them.
//!
//! Absent on purpose: patterns in the names of fields. A name is literal, arrays are written
//! as they are sent (`auth[password]`), and a name that an origin could take for it is refused.

use crate::Size;
use crate::read::Word;
use crate::site::StatusRange;

mod answer;
mod fault;
pub(super) mod parse;
mod preset;
mod shape;

/// One `[[site.form]]`, or one form of its preset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteForm {
    /// What the form is for.
    pub kind: FormKind,
    /// The software whose preset it comes from.
    pub preset: Option<Software>,
    /// The method that submits it. Default `POST`; any for a closed door and for `basic` alone.
    pub method: FormMethod,
    /// Its paths, decoded, at least one. `*` stands for any text, even none; `/a/*` is `/a` and all
    /// that is below.
    pub paths: Vec<String>,
    /// Parameters that must be there, in the query or in the body. Default none.
    pub when: Vec<Condition>,
    /// The ways that its fields may be written; never empty. Default urlencoded and multipart.
    pub encodings: Vec<Encoding>,
    /// The field of the (new) password. `None` for a closed door without a field, and for
    /// `basic` alone. In JSON a key at the top, or as `user[password]` inside an object; in
    /// XML-RPC the number of a parameter, from 0.
    pub password: Option<String>,
    /// The field that repeats it.
    pub confirm: Option<String>,
    /// The field of the current password.
    pub current: Option<String>,
    /// The field of the account's identifier.
    pub identifier: Option<String>,
    /// Fields whose words may not be in the password.
    pub context: Vec<String>,
    /// How the bytes of urlencoded and multipart values are read. Default UTF-8.
    pub charset: Charset,
    /// Most bytes of its body, 1 KiB to 16 MiB. Default 64 KiB.
    pub max_body: Size,
    /// Sign-in: answers of the origin that mean that the person is in; asked after `failure`.
    pub success: Vec<AnswerRule>,
    /// Sign-in: answers that mean that they are not. The first rule that holds decides.
    pub failure: Vec<AnswerRule>,
    /// Sign-in: judge the password and tell the origin of a weak one. Default true.
    pub mark: bool,
    /// A meter on the page of the form. Default false.
    pub meter: bool,
    /// `autocomplete`, `passwordrules` and `minlength` on the fields of that page. Default false.
    pub attributes: bool,
}

/// `kind` of a `[[site.form]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormKind {
    /// Signs in.
    SignIn,
    /// Opens an account.
    SignUp,
    /// Changes the password.
    Change,
    /// Sets a password after a reset link.
    Reset,
    /// A side door that is shut.
    Closed,
}

/// `method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormMethod {
    /// `GET`; closed doors and `basic` only.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// Whatever the method.
    Any,
}

/// One of `encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`.
    Urlencoded,
    /// `multipart/form-data`, RFC 7578.
    Multipart,
    /// JSON, RFC 8259.
    Json,
    /// XML-RPC: parameters by position, and `methodName`.
    XmlRpc,
    /// The field `Authorization: Basic`, RFC 7617; needs no body.
    Basic,
}

/// `charset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// Windows-1252.
    Windows1252,
    /// What browsers take for Windows-1252 too, as the WHATWG's Encoding Standard says.
    Latin1,
}

/// One parameter of `when`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Condition {
    /// Its name, as it is sent.
    pub name: String,
    /// Its value is one of these; at least one.
    pub values: Vec<String>,
}

/// One of `[[site.form.success]]` or `[[site.form.failure]]`: all that is written must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AnswerRule {
    /// The status.
    pub status: Option<StatusRange>,
    /// The field `Location`; `*` stands for any text, even none.
    pub location: Option<String>,
    /// The name of a cookie that is set and not deleted; `*` stands for any text, even none.
    pub set_cookie: Option<String>,
    /// Values of a JSON answer by pointer (RFC 6901), as texts: `true`, `1`, `ok`.
    pub json: Vec<Condition>,
    /// A text that stands in the first 64 KiB of the body.
    pub body: Option<String>,
}

/// The software that a preset knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Software {
    /// DokuWiki.
    Dokuwiki,
    /// WordPress.
    Wordpress,
    /// Adminer.
    Adminer,
    /// The administration pages of Django.
    DjangoAdmin,
    /// MediaWiki.
    Mediawiki,
    /// phpMyAdmin.
    Phpmyadmin,
    /// The form log-in of servlet containers.
    TomcatForm,
}

impl SiteForm {
    /// The cap of `max-body` where none is written.
    pub const MAX_BODY: Size = Size::kib(64);

    /// Whether `Authorization: Basic` fills it.
    pub fn takes_basic(&self) -> bool {
        self.encodings.contains(&Encoding::Basic)
    }

    /// Whether what signs in by it may be a program that shows nobody a page.
    pub fn serves_programs(&self) -> bool {
        self.takes_basic() || self.encodings.contains(&Encoding::XmlRpc)
    }

    /// Whether nothing else signs in by it.
    pub fn serves_programs_alone(&self) -> bool {
        let is_of_programs = |way: &Encoding| matches!(way, Encoding::Basic | Encoding::XmlRpc);
        self.encodings.iter().all(is_of_programs)
    }

    /// Whether a password is made or renewed by it, and so judged.
    pub const fn sets_password(&self) -> bool {
        match self.kind {
            FormKind::SignUp | FormKind::Change | FormKind::Reset => true,
            FormKind::SignIn | FormKind::Closed => false,
        }
    }
}

impl AnswerRule {
    /// Whether it looks at nothing but the status and where the answer leads. Such an answer proves
    /// nothing: an origin may give it without having read the password, and may lead to where the
    /// request itself says (its `Referer`, a field, the page that was asked for before).
    pub fn proves_nothing(&self) -> bool {
        self.set_cookie.is_none() && self.json.is_empty() && self.body.is_none()
    }
}

impl FormKind {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::Change => "change",
            Self::Reset => "reset",
            Self::Closed => "closed",
        }
    }
}

impl FormMethod {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Any => "any",
        }
    }

    /// Whether a request method is this one. Case matters, as it does in HTTP.
    pub fn is(self, method: &str) -> bool {
        self == Self::Any || self.name() == method
    }
}

impl Encoding {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Urlencoded => "urlencoded",
            Self::Multipart => "multipart",
            Self::Json => "json",
            Self::XmlRpc => "xml-rpc",
            Self::Basic => "basic",
        }
    }
}

impl Charset {
    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
            Self::Latin1 => "iso-8859-1",
        }
    }
}

impl Software {
    /// Every one of them, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Dokuwiki,
        Self::Wordpress,
        Self::Adminer,
        Self::DjangoAdmin,
        Self::Mediawiki,
        Self::Phpmyadmin,
        Self::TomcatForm,
    ];

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dokuwiki => "dokuwiki",
            Self::Wordpress => "wordpress",
            Self::Adminer => "adminer",
            Self::DjangoAdmin => "django-admin",
            Self::Mediawiki => "mediawiki",
            Self::Phpmyadmin => "phpmyadmin",
            Self::TomcatForm => "tomcat-form",
        }
    }
}

macro_rules! words {
    ($type:ident: $($variant:ident),+) => {
        impl Word for $type {
            const WORDS: &'static [(&'static str, Self)] =
                &[$((Self::$variant.name(), Self::$variant)),+];
        }
    };
}

words!(FormKind: SignIn, SignUp, Change, Reset, Closed);
words!(FormMethod: Get, Post, Put, Patch, Any);
words!(Encoding: Urlencoded, Multipart, Json, XmlRpc, Basic);
words!(Charset: Utf8, Windows1252, Latin1);
words!(Software: Dokuwiki, Wordpress, Adminer, DjangoAdmin, Mediawiki, Phpmyadmin, TomcatForm);
