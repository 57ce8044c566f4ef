//! Why a message is refused: the answer's status, the clause, and a reason for the log.

use policy::{Clause, clause};

mod name;

/// What is wrong with a message. Nothing of the message itself is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// A line ends with LF alone, or with CR alone.
    #[error("a line ends with something other than CRLF")]
    LineEnd,
    /// NUL, CR or another control character.
    #[error("a control character")]
    Control,
    /// More than one empty line before the request line.
    #[error("empty lines before the request")]
    EmptyLines,
    /// The first line is not METHOD SP target SP version.
    #[error("a malformed request line")]
    RequestLine,
    /// A method in small letters, or longer than any.
    #[error("an unknown method")]
    MethodUnknown,
    /// `CONNECT` would open a tunnel past every check; `TRACE` would echo cookies.
    #[error("method refused")]
    MethodRefused,
    /// A character that no target holds: `#`, a space, anything that is not ASCII.
    #[error("a forbidden character in the target")]
    Target,
    /// Neither a path, nor `OPTIONS *`, nor an absolute http target.
    #[error("a target of the wrong form")]
    TargetForm,
    /// Neither HTTP/1.0 nor HTTP/1.1.
    #[error("an HTTP version that is not served here")]
    Version,
    /// The request line is over the limit.
    #[error("the request line is too long")]
    LineTooLong,
    /// The head or the trailer section is over the limit.
    #[error("too large")]
    TooLarge,
    /// There are more fields than allowed.
    #[error("too many fields")]
    TooManyFields,
    /// A line begins with a space or a tab.
    #[error("a folded line")]
    Folded,
    /// A line without a colon, or a name with a character that no name holds.
    #[error("a malformed field name")]
    Name,
    /// A space or a tab between a name and its colon.
    #[error("a space before a colon")]
    SpaceBeforeColon,
    /// No `Host`.
    #[error("no host")]
    HostMissing,
    /// Two `Host` lines.
    #[error("two hosts")]
    HostTwice,
    /// A `Host`, or the authority of an absolute target, that no host can have.
    #[error("a malformed host")]
    HostInvalid,
    /// A `Content-Length` that is not a number in its plainest form.
    #[error("a malformed Content-Length")]
    LengthInvalid,
    /// Two `Content-Length` lines, alike or not.
    #[error("two Content-Length fields")]
    LengthTwice,
    /// Both framings.
    #[error("Content-Length and Transfer-Encoding together")]
    LengthAndCoding,
    /// A `Transfer-Encoding` that is no list, names `chunked` twice, or does not end with it
    /// so that the body has no end.
    #[error("a malformed Transfer-Encoding")]
    CodingInvalid,
    /// A well-formed transfer coding before the `chunked` at the end.
    #[error("a transfer coding other than chunked")]
    CodingUnknown,
    /// `Transfer-Encoding` over HTTP/1.0, which has none.
    #[error("Transfer-Encoding over HTTP/1.0")]
    CodingBeforeChunks,
    /// A chunk size that is no plain hexadecimal number, or too large a one.
    #[error("a malformed chunk size")]
    ChunkSize,
    /// A chunk extension that is malformed, or too many of them.
    #[error("a malformed or excessive chunk extension")]
    ChunkExtension,
    /// A chunk that does not end where its size says.
    #[error("a chunk that does not end where its size says")]
    ChunkEnd,
    /// A trailer that decides framing, routing or identity.
    #[error("a field that may not be a trailer")]
    Trailer,
    /// An answer that does not begin with a status line.
    #[error("a malformed status line")]
    StatusLine,
    /// An answer without a body by its status, whose head promises one.
    #[error("a body where the status allows none")]
    Bodiless,
    /// Interim answers without end.
    #[error("too many interim answers")]
    Interim,
}

impl Fault {
    /// The status of the answer to a request with this fault. A fault in an answer of an
    /// origin is a 502 to the client, whatever this says.
    pub const fn status(self) -> u16 {
        match self {
            Self::MethodRefused => 405,
            Self::LineTooLong => 414,
            Self::TooLarge | Self::TooManyFields => 431,
            Self::MethodUnknown | Self::CodingUnknown => 501,
            Self::Version => 505,
            _ => 400,
        }
    }

    /// The requirement behind the refusal.
    pub const fn clause(self) -> &'static Clause {
        match self {
            Self::LineEnd | Self::EmptyLines => &clause::LINE_ENDS,
            Self::Control => &clause::FIELD_VALUES,
            Self::RequestLine
            | Self::MethodUnknown
            | Self::Target
            | Self::Version
            | Self::LineTooLong
            | Self::StatusLine => &clause::REQUEST_LINE,
            Self::MethodRefused => &clause::NO_CONNECT,
            Self::TargetForm => &clause::ASTERISK_FORM,
            Self::TooLarge | Self::TooManyFields => &clause::REMPART_DEADLINES,
            Self::Folded => &clause::LINE_FOLDING,
            Self::Name | Self::SpaceBeforeColon => &clause::SPACE_BEFORE_COLON,
            Self::HostMissing | Self::HostTwice | Self::HostInvalid => &clause::ONE_HOST,
            Self::LengthInvalid | Self::LengthTwice => &clause::CONTENT_LENGTH,
            Self::LengthAndCoding
            | Self::CodingInvalid
            | Self::CodingUnknown
            | Self::CodingBeforeChunks
            | Self::Bodiless => &clause::FRAMING,
            Self::ChunkSize | Self::ChunkExtension | Self::ChunkEnd => &clause::CHUNKS,
            Self::Trailer => &clause::TRAILERS,
            Self::Interim => &clause::INTERIM,
        }
    }
}
