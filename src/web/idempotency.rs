//! The header `Idempotency-Key`, as an argument of handlers.
use axum::extract::{FromRequestParts, OriginalUri};
use http::{HeaderName, Method, request::Parts};
use uuid::Uuid;

use super::Json;
use crate::{
    error::{Error, Result},
    idempotency::Once,
    languages::Sentence,
};

/// Longest key, characters.
const LONGEST: usize = 255;
const HEADER: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key of a request, if it bears one.
pub struct IdempotencyKey {
    given: Vec<Vec<u8>>,
    method: Method,
    path: String,
}

impl IdempotencyKey {
    /// The request under its key; 422 when the key is not 1 to 255 visible ASCII characters.
    pub fn once<T>(self, account: Uuid, body: &Json<T>) -> Result<Option<Once>> {
        let key = match self.given.as_slice() {
            [] => return Ok(None),
            [key] if (1..=LONGEST).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic) => key,
            _ => {
                let rule = Sentence::from("must be 1 to { $most } visible ASCII characters, once");
                return Err(Error::field(
                    "Idempotency-Key",
                    "invalid_idempotency_key",
                    rule.with("most", LONGEST),
                ));
            }
        };
        let key = String::from_utf8_lossy(key).into_owned();
        Ok(Some(Once::new(account, key, self.method.as_str(), &self.path, &body.value()?)))
    }
}

/// The header that says that an answer was given before, if it was.
pub fn replayed(again: bool) -> Vec<(HeaderName, String)> {
    if again { vec![(REPLAYED, "true".to_owned())] } else { Vec::new() }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let OriginalUri(uri) =
            OriginalUri::from_request_parts(parts, state).await.map_err(Error::unexpected)?;
        let given = parts.headers.get_all(HEADER).iter().map(|value| value.as_bytes().to_vec()).collect();
        Ok(Self { given, method: parts.method.clone(), path: uri.path().to_owned() })
    }
}
