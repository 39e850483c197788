//! What can go wrong, and the one way it is told: a problem document (RFC 9457).
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use sea_orm::{DbErr, RuntimeErr};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    languages::{Language, Part, Sentence},
    values::Invalid,
    web::json::PAYLOAD_TOO_LARGE,
};

/// A result whose failure can be told to a client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Seconds after which a client may try again what is unavailable now.
const RETRY_AFTER: u64 = 2;

/// A refusal that a slice states as a constant: status, stable word, sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    /// The stable word, such as `already_owned`.
    pub code: &'static str,
    detail: &'static str,
    /// Seconds, for 429 and 503.
    retry_after: u64,
}

impl Refusal {
    /// 400: the request can't be read.
    pub const fn malformed(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: who asks is not known.
    pub const fn unauthorized(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403: who asks is known and may not.
    pub const fn forbidden(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: there is no such thing, or it is another person's.
    pub const fn not_found(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::NOT_FOUND, code, detail)
    }

    /// 409: the state of things forbids it.
    pub const fn conflict(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::CONFLICT, code, detail)
    }

    /// 422: the request can be read and is wrong.
    pub const fn invalid(code: &'static str, detail: &'static str) -> Self {
        Self::with_status(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 460: what came has another checksum than was stated. HTTP has no such status; tus does.
    pub const fn checksum(code: &'static str, detail: &'static str) -> Self {
        let status = match StatusCode::from_u16(460) {
            Ok(status) => status,
            Err(_) => StatusCode::BAD_REQUEST,
        };
        Self::with_status(status, code, detail)
    }

    /// Any other status.
    pub const fn with_status(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self { status, code, detail, retry_after: RETRY_AFTER }
    }

    /// The same refusal until that many seconds have passed: `Retry-After` of 429 and 503.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.retry_after = seconds;
        self
    }

    /// The same refusal with a member of its own beside the usual ones, such as the choices there are.
    pub fn with(self, member: &'static str, value: impl Serialize) -> Error {
        let mut members = Map::new();
        members.insert(member.to_owned(), serde_json::to_value(value).unwrap_or_default());
        Error::Refused(self, Some(Box::new(Beside { members, faults: Vec::new() })))
    }

    /// The same refusal with what is at fault, as `errors`.
    pub fn because(self, faults: Vec<Fault>) -> Error {
        Error::Refused(self, Some(Box::new(Beside { members: Map::new(), faults })))
    }
}

/// 404 for a thing that isn't there or is another person's.
pub const NOT_FOUND: Refusal = Refusal::not_found("not_found", "There is nothing here by that name.");
/// 503 while the database, the storage or a bounded resource does not answer.
pub const UNAVAILABLE: Refusal = Refusal::with_status(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "A part of the store does not answer at present; try again.",
);
/// 507 while there is no room for what should be written.
pub const INSUFFICIENT_STORAGE: Refusal = Refusal::with_status(
    StatusCode::INSUFFICIENT_STORAGE,
    "insufficient_storage",
    "There is no room left to store this.",
);
const METHOD_NOT_ALLOWED: Refusal = Refusal::with_status(
    StatusCode::METHOD_NOT_ALLOWED,
    "method_not_allowed",
    "This address does not take that method; see `Allow`.",
);
const REFUSED: Refusal = Refusal::malformed("refused", "The request was refused.");
const VALIDATION: Refusal =
    Refusal::invalid("validation_failed", "Some fields are not as they should be; see `errors`.");
const INTERNAL: Refusal = Refusal::with_status(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Something unexpected happened; it was noted.",
);

/// What both say; else the refusal of one, or every faulty field of both.
pub fn both<A, B>(first: Result<A>, second: Result<B>) -> Result<(A, B)> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(Error::Invalid(mut faults)), Err(Error::Invalid(more))) => {
            faults.extend(more);
            faults.sort_by(|left, right| left.field.cmp(&right.field));
            Err(Error::Invalid(faults))
        }
        (Err(Error::Invalid(_)), Err(error)) | (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// One faulty field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: `email`, `prices[0].amount`, or a query parameter.
    pub field: String,
    /// A stable word, such as `too_short`.
    pub code: String,
    /// A sentence, in the reader's language.
    #[schema(value_type = String)]
    pub message: Sentence,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<Sentence>) -> Self {
        Self { field: field.into(), code: code.to_owned(), message: message.into() }
    }

    /// A value's own refusal, at a field.
    pub fn of(field: impl Into<String>, invalid: Invalid) -> Self {
        Self { field: field.into(), code: invalid.code.to_owned(), message: invalid.message }
    }
}

/// What a refusal tells beside its sentence.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Members of its own.
    members: Map<String, Value>,
    /// What is at fault.
    faults: Vec<Fault>,
}

/// The one error of the program.
#[derive(Debug)]
pub enum Error {
    /// An expected refusal, with what it tells beside, if anything.
    Refused(Refusal, Option<Box<Beside>>),
    /// 422 with every faulty field.
    Invalid(Vec<Fault>),
    /// 503: a dependency does not answer; the cause is logged, never told.
    Unavailable(Arc<dyn std::error::Error + Send + Sync>),
    /// 503: a service that others run is down for everybody; a job that needs it waits without losing its turn.
    Down(Arc<dyn std::error::Error + Send + Sync>),
    /// 507: a disk is full.
    Full(Arc<dyn std::error::Error + Send + Sync>),
    /// 500: the cause is logged, never told.
    Unexpected(Arc<dyn std::error::Error + Send + Sync>),
    /// Two transactions were in each other's way: `Db::write` runs the work again.
    Contended(DbErr),
}

impl Error {
    /// An unexpected failure, told as an opaque 500.
    pub fn unexpected(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unexpected(Arc::from(cause.into()))
    }

    /// A dependency that does not answer, told as 503.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }

    /// A service that others run and that is down for everybody, told as 503.
    pub fn down(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Down(Arc::from(cause.into()))
    }

    /// One faulty field.
    pub fn field(field: &str, code: &str, message: impl Into<Sentence>) -> Self {
        Self::Invalid(vec![Fault::new(field, code, message)])
    }

    /// The stable word of what is told.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid(faults) => match faults.as_slice() {
                [only] => &only.code,
                _ => VALIDATION.code,
            },
            other => other.refusal().code,
        }
    }

    /// The sentence of what is told: of a failure never its cause.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Invalid(faults) => {
                let told = |fault: &Fault| {
                    format!("{} {}", fault.field, language.tell(Part::Faults, &fault.message))
                };
                faults.iter().map(told).collect::<Vec<_>>().join("; ")
            }
            other => language.tell(Part::Problems, &other.refusal().detail.into()),
        }
    }

    fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal, _) => *refusal,
            Self::Invalid(_) => VALIDATION,
            Self::Unavailable(_) | Self::Down(_) | Self::Contended(_) => UNAVAILABLE,
            Self::Full(_) => INSUFFICIENT_STORAGE,
            Self::Unexpected(_) => INTERNAL,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, None)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal, _) => write!(f, "{}: {}", refusal.code, refusal.detail),
            Self::Invalid(_) => f.write_str(&self.message(Language::english())),
            Self::Unavailable(cause) | Self::Down(cause) | Self::Full(cause) | Self::Unexpected(cause) => {
                write!(f, "{cause}")
            }
            Self::Contended(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match verdict(&error) {
            Verdict::Contended => Self::Contended(error),
            Verdict::Unavailable => Self::Unavailable(Arc::new(error)),
            Verdict::Full => Self::Full(Arc::new(error)),
            Verdict::Unexpected => Self::Unexpected(Arc::new(error)),
        }
    }
}

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        match error {
            objects::Error::Full => Self::Full(Arc::new(error)),
            objects::Error::Busy => Self::Unexpected(Arc::new(error)),
            // One that a row names and that is gone is as one that is cut short: an operator may bring it back.
            objects::Error::NotFound | objects::Error::Unavailable(_) => Self::Unavailable(Arc::new(error)),
        }
    }
}

/// What is refused stays refused; everything else may be over when the job is tried again.
impl From<Error> for queue::JobError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(..) | Error::Invalid(_) => Self::permanent(error),
            Error::Down(_) => Self::outage(error),
            _ => Self::transient(error),
        }
    }
}

enum Verdict {
    Contended,
    Unavailable,
    Full,
    Unexpected,
}

/// SQLSTATE: <https://www.postgresql.org/docs/15/errcodes-appendix.html>; SQLite: <https://www.sqlite.org/rescode.html>.
fn verdict(error: &DbErr) -> Verdict {
    let cause = match error {
        DbErr::ConnectionAcquire(_) => return Verdict::Unavailable,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        _ => return Verdict::Unexpected,
    };
    match cause.as_ref() {
        sqlx::Error::Database(refusal) => match refusal.code().as_deref() {
            // Serialization failure, deadlock, lock not available.
            Some("40001" | "40P01" | "55P03") => Verdict::Contended,
            // Admin shutdown, crash shutdown, starting up, too many connections, statement time-out, read-only file.
            Some(
                "57P01" | "57P02" | "57P03" | "53300" | "57014" | "5" | "6" | "10" | "14" | "261" | "517"
                | "8" | "1032" | "1544" | "26",
            ) => Verdict::Unavailable,
            Some("53100" | "13") => Verdict::Full,
            Some(code) if code.starts_with("08") => Verdict::Unavailable,
            // SQLITE_IOERR with its extended codes (10 | n << 8).
            Some(code) if code.parse::<u32>().is_ok_and(|code| code & 0xff == 10) => Verdict::Unavailable,
            _ => Verdict::Unexpected,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_) => Verdict::Unavailable,
        _ => Verdict::Unexpected,
    }
}

/// Whether a statement was refused by the named unique constraint or index, or by the foreign keys.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a statement was refused because a row still points to this one.
pub fn is_foreign_key_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))) || is_restricted(error)
}

/// `ON DELETE RESTRICT` has codes of its own: SQLite enforces it by a trigger, PostgreSQL 18 names it apart.
fn is_restricted(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(refusal) = cause.as_ref() else { return false };
    match refusal.code().as_deref() {
        Some("1811") => refusal.message().contains("FOREIGN KEY constraint failed"),
        Some("23001") => true,
        _ => false,
    }
}

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/` and the code.
    #[serde(rename = "type")]
    pub type_: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for people, in their language.
    #[schema(value_type = String)]
    pub detail: Sentence,
    /// The path that was asked.
    pub instance: String,
    /// What happened, for programs: a stable word.
    pub code: String,
    /// Every faulty field, when the request was readable and wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
    /// Members of one code alone, such as `choices`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub members: Map<String, Value>,
}

impl Problem {
    /// The problem document of a bare status, for what the framework refuses.
    pub fn of_status(status: StatusCode) -> Self {
        let refusal = match status {
            StatusCode::NOT_FOUND => NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED => METHOD_NOT_ALLOWED,
            StatusCode::PAYLOAD_TOO_LARGE => PAYLOAD_TOO_LARGE,
            StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE,
            StatusCode::INTERNAL_SERVER_ERROR => INTERNAL,
            _ => REFUSED,
        };
        Self::new(status, refusal.code, refusal.detail, Beside::default())
    }

    /// Says in a language what was said in English; what programs read stays as it is.
    pub fn tell(&mut self, language: Language) {
        if let Some(title) = language.text(Part::Problems, &format!("title-{}", self.status), &[]) {
            self.title = title;
        }
        self.detail = Sentence::told(language.tell(Part::Problems, &self.detail));
        for fault in &mut self.errors {
            fault.message = Sentence::told(language.tell(Part::Faults, &fault.message));
        }
    }

    fn new(status: StatusCode, code: &str, detail: &'static str, beside: Beside) -> Self {
        let Beside { members, faults: errors } = beside;
        Self {
            type_: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            instance: String::new(),
            code: code.to_owned(),
            errors,
            members,
        }
    }
}

impl IntoResponse for Problem {
    /// A response that carries the document; `web::layers` writes it out, for that knows the path.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match &self {
            Self::Unexpected(cause) => tracing::error!(%cause, "unexpected failure"),
            Self::Unavailable(cause) | Self::Down(cause) => {
                tracing::warn!(%cause, "a dependency does not answer")
            }
            Self::Full(cause) => tracing::error!(%cause, "no room left"),
            Self::Contended(cause) => tracing::warn!(%cause, "gave up on a contended transaction"),
            Self::Refused(..) | Self::Invalid(_) => {}
        }
        let refusal = self.refusal();
        let code = self.code().to_owned();
        let beside = match self {
            Self::Refused(_, beside) => beside.map(|beside| *beside).unwrap_or_default(),
            Self::Invalid(faults) => Beside { members: Map::new(), faults },
            _ => Beside::default(),
        };
        let mut response = Problem::new(refusal.status, &code, refusal.detail, beside).into_response();
        let headers = response.headers_mut();
        match refusal.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(refusal.retry_after));
            }
            _ => {}
        }
        response
    }
}
