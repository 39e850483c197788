//! Which function runs which kind of job, and how it says that it failed.

use std::{any::Any, collections::BTreeMap, fmt, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::DbErr;
use serde_json::Value;
use uuid::Uuid;

/// Why a handler did not do its job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    /// For operators: it is logged and stored, so it holds no names, addresses or secrets.
    pub message: String,
    /// Whether trying again later can help; if not, the job is dead at once.
    pub retry: bool,
    /// Whether what the job needs is down for every job of its kind: it keeps its turn, and no attempt is counted.
    pub outage: bool,
}

impl JobError {
    /// A failure that may be gone later: the job is tried again after a back-off.
    pub fn transient(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), retry: true, outage: false }
    }

    /// A failure of what every job of the kind needs: they wait, however long it takes, and go on in their order.
    pub fn outage(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), retry: true, outage: true }
    }

    /// A failure that no retry can cure: the job is dead at once.
    pub fn permanent(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), retry: false, outage: false }
    }
}

impl From<DbErr> for JobError {
    fn from(error: DbErr) -> Self {
        Self::transient(error)
    }
}

/// A payload that can't be read will not become readable.
impl From<serde_json::Error> for JobError {
    fn from(error: serde_json::Error) -> Self {
        Self::permanent(error)
    }
}

/// What a handler is told of its job besides the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The job's id, the same in every attempt.
    pub id: Uuid,
    /// Whether the job is dead when this attempt fails. A process that dies in it says nothing, so nothing may depend on
    /// this alone.
    pub last: bool,
}

type Handler = Box<dyn Fn(Attempt, Value) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// The handlers by kind.
#[derive(Default)]
pub struct Handlers(BTreeMap<&'static str, Handler>);

impl Handlers {
    /// No handlers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the handler of a kind. It is idempotent and makes its own transactions.
    ///
    /// # Panics
    ///
    /// When the kind already has a handler: that is a mistake in the wiring, and is found when the program starts.
    #[must_use]
    pub fn on<F, R>(self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.on_attempt(kind, move |_, payload| handler(payload))
    }

    /// Adds the handler of a kind that is also told the job's id, the same in every attempt: for what it makes
    /// outside the database, such as the `Message-ID` of a mail.
    ///
    /// # Panics
    ///
    /// As [`on`](Self::on).
    #[must_use]
    pub fn on_job<F, R>(self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Uuid, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.on_attempt(kind, move |attempt, payload| handler(attempt.id, payload))
    }

    /// Adds the handler of a kind that is also told of its attempt: for what must be put right once it is given up.
    ///
    /// # Panics
    ///
    /// As [`on`](Self::on).
    #[must_use]
    pub fn on_attempt<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Attempt, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handler: Handler = Box::new(move |attempt, payload| handler(attempt, payload).boxed());
        let earlier = self.0.insert(kind, handler);
        assert!(earlier.is_none(), "two handlers for jobs of kind {kind}");
        self
    }

    /// What this registry can run.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    /// Runs the handler of `kind`; a panic in it becomes a failure like any other.
    pub(crate) async fn call(&self, kind: &str, attempt: Attempt, payload: Value) -> Result<(), JobError> {
        let Some(handler) = self.0.get(kind) else {
            return Err(JobError::transient("no handler for this kind"));
        };
        match AssertUnwindSafe(async { handler(attempt, payload).await }).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(panic) => Err(JobError::transient(format_args!("panicked: {}", said(panic.as_ref())))),
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The words of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => words,
        (_, Some(words)) => words,
        _ => "without words",
    }
}
