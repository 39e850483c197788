//! Why something was not carried.
use std::{io, path::Path};

/// The outcome of anything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not carried.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for makes no sense, whatever the store says.
    #[error("{0}")]
    Usage(String),
    /// The store can't be reached, or breaks off.
    #[error("{}", innermost(.0))]
    Unreachable(#[from] reqwest::Error),
    /// The store answers, and refuses.
    #[error("{detail} ({status} {code})")]
    Refused {
        /// Of HTTP.
        status: u16,
        /// The stable word of the problem.
        code: String,
        /// A sentence of the store's.
        detail: String,
        /// Seconds after which it may be asked again.
        retry_after: Option<u64>,
    },
    /// What is there is something else than what is to be carried.
    #[error("{0}")]
    Conflict(String),
    /// The bytes are not those that were told of.
    #[error("{0}: the bytes do not have the digest that they should")]
    Tampered(String),
    /// What the store says can't be understood, or must not be done.
    #[error("{0}")]
    Unsound(String),
    /// A file of this machine.
    #[error("{path}: {error}")]
    File {
        /// Which one.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl Error {
    /// The status with which a program ends: 2 for a wrong question, 3 when who asks may not or there is no such thing,
    /// 4 when it would contradict what is there, 5 when bytes are not what they should be, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Refused { status: 422, .. } => 2,
            Self::Refused { status: 401 | 403 | 404, .. } => 3,
            Self::Conflict(_) | Self::Refused { status: 409 | 412, .. } => 4,
            Self::Tampered(_) => 5,
            Self::Unreachable(_) | Self::Refused { .. } | Self::Unsound(_) | Self::File { .. } => 1,
        }
    }

    /// Whether the same may succeed a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(error) => !error.is_builder(),
            // Somebody else's turn, too many questions, and a store that restarts.
            Self::Refused { status, .. } => matches!(status, 408 | 423 | 429 | 500..=599),
            _ => false,
        }
    }

    pub(crate) fn refused_with(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }

    /// Whether the store refuses with that word.
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == word)
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::File { path, error }
    }
}

/// What a chain of causes comes down to: "connection refused" rather than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    match error.url() {
        // Links are credentials: of an address only the host is told.
        Some(url) => format!("{}: {cause}", url.host_str().unwrap_or_default()),
        None => cause.to_string(),
    }
}
