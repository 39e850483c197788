//! `If-Match`: an edit names the version it was made from (RFC 9110 §13.1.1).
use axum::extract::FromRequestParts;
use http::{StatusCode, header, request::Parts};

use crate::error::{Error, Refusal, Result};

const PRECONDITION_REQUIRED: Refusal = Refusal::with_status(
    StatusCode::PRECONDITION_REQUIRED,
    "precondition_required",
    "Say in If-Match which version you edit.",
);
const PRECONDITION_FAILED: Refusal = Refusal::with_status(
    StatusCode::PRECONDITION_FAILED,
    "precondition_failed",
    "It was changed since; read it again.",
);

/// What `If-Match` asks for; by default nothing.
#[derive(Clone, Debug, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// 428 when the header is missing, 412 unless it holds the version's tag or `*`.
    pub fn require(&self, version: i64) -> Result<()> {
        if self.0.is_none() {
            return Err(PRECONDITION_REQUIRED.into());
        }
        self.honour(version)
    }

    /// 412 when the header is there and names another version.
    pub fn honour(&self, version: i64) -> Result<()> {
        let Some(asked) = &self.0 else { return Ok(()) };
        let tag = version_tag(version);
        if asked.split(',').map(str::trim).any(|one| one == "*" || one == tag) {
            Ok(())
        } else {
            Err(PRECONDITION_FAILED.into())
        }
    }
}

/// The strong entity tag of a version.
pub fn version_tag(version: i64) -> String {
    format!("\"{version}\"")
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let values: Vec<&str> =
            parts.headers.get_all(header::IF_MATCH).iter().filter_map(|value| value.to_str().ok()).collect();
        Ok(Self((!values.is_empty()).then(|| values.join(","))))
    }
}
