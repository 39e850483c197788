//! Path parameters: what can't be one names nothing, and is 404.
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{Error, NOT_FOUND, Result};

/// The parameters of the path; 404 `not_found` when they can't be the name of anything.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    #[expect(clippy::disallowed_types, reason = "the one place where axum's own extractor is wrapped")]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        if parts.uri.path().contains("%00") {
            return Err(NOT_FOUND.into());
        }
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|_| NOT_FOUND)?;
        Ok(Self(path.0))
    }
}
