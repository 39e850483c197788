//! JSON bodies: read when the handler asks for them, so that who may is judged before what was sent.
use std::{
    any::TypeId,
    collections::HashMap,
    convert::Infallible,
    marker::PhantomData,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use axum::{
    extract::{FromRequest, OptionalFromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::shape::Shape;
use crate::{
    app::App,
    error::{Error, Refusal, Result, both},
    languages::Sentence,
};

const MALFORMED_JSON: Refusal = Refusal::malformed("malformed_json", "The body is not JSON in UTF-8.");
const UNSUPPORTED_MEDIA_TYPE: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "This takes application/json.",
);
const UNSUPPORTED_ENCODING: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "A body must come without a Content-Encoding.",
);
/// 413 for a body over its limit.
pub const PAYLOAD_TOO_LARGE: Refusal = Refusal::with_status(
    StatusCode::PAYLOAD_TOO_LARGE,
    "payload_too_large",
    "The request is larger than is taken here.",
);
/// 400 for a body that broke off.
pub const INCOMPLETE: Refusal = Refusal::malformed("incomplete_body", "The body broke off.");

/// A JSON body as an argument, and a JSON answer as a result.
///
/// As an argument it holds what arrived: [`Json::read`] judges it, by its media type, its size and the schema of `T` in the
/// API document, and names every faulty field. Handlers call it after they found what the path names.
pub struct Json<T>(Content<T>);

enum Content<T> {
    Received(Result<Bytes, Refusal>, PhantomData<T>),
    Answer(T),
}

impl<T> Json<T> {
    /// An answer.
    pub fn of(value: T) -> Self {
        Self(Content::Answer(value))
    }
}

impl<T> Json<T> {
    /// The body as it was sent, not yet judged by the schema; 400 `malformed_json`, 413, 415.
    pub fn value(&self) -> Result<Value> {
        match &self.0 {
            Content::Received(Ok(bytes), _) => value(bytes),
            Content::Received(Err(refusal), _) => Err((*refusal).into()),
            Content::Answer(_) => Ok(Value::Null),
        }
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Json<T> {
    /// The body: 400 `malformed_json`, 413, 415, 422 with every faulty field.
    pub fn read(self) -> Result<T> {
        match self.0 {
            Content::Received(bytes, _) => parse(&bytes?),
            Content::Answer(value) => Ok(value),
        }
    }

    /// The same, where a field that the schema lets one leave out may be demanded of who asks.
    pub fn read_with(self, field: &str, demanded: bool) -> Result<T> {
        let left_out =
            demanded && self.value()?.as_object().is_some_and(|members| !members.contains_key(field));
        let missing = if left_out { Err(Error::field(field, "required", "is required")) } else { Ok(()) };
        both(self.read(), missing).map(|(body, ())| body)
    }
}

/// Reads JSON text as a request body of type `T` is read; for NDJSON lines too.
pub fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T> {
    let value = value(bytes)?;
    let faults = shape_of::<T>().faults(&value);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    serde_json::from_value(value).map_err(|error| {
        let fault = Sentence::from("does not fit: { $reason }").with("reason", error.to_string());
        Error::field("(body)", "invalid", fault)
    })
}

fn value(bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED_JSON)?;
    Ok(serde_json::from_str(text).map_err(|_| MALFORMED_JSON)?)
}

fn shape_of<T: ToSchema + 'static>() -> Arc<Shape> {
    static SHAPES: OnceLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(RwLock::default);
    let known = shapes.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
    known.unwrap_or_else(|| {
        let mut components = Vec::new();
        T::schemas(&mut components);
        let components = components
            .into_iter()
            .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
            .collect();
        let shape = Arc::new(Shape::new(serde_json::to_value(T::schema()).unwrap_or_default(), components));
        shapes.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), Arc::clone(&shape));
        shape
    })
}

impl<T: Send> FromRequest<App> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let received = match is_json(request.headers()) {
            true => collect(request, app.config.http.max_body_bytes).await,
            false => Err(UNSUPPORTED_MEDIA_TYPE),
        };
        Ok(Self(Content::Received(received, PhantomData)))
    }
}

/// `Option<Json<T>>`: none when there is no body at all.
impl<T: Send> OptionalFromRequest<App> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Option<Self>> {
        let json = is_json(request.headers());
        let received = match collect(request, app.config.http.max_body_bytes).await {
            Ok(bytes) if bytes.is_empty() => return Ok(None),
            Ok(_) if !json => Err(UNSUPPORTED_MEDIA_TYPE),
            received => received,
        };
        Ok(Some(Self(Content::Received(received, PhantomData))))
    }
}

/// Whether a body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|kind| {
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    })
}

/// The media type without its parameters, in lower case.
pub fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// A body of at most `limit` bytes; 413, 415 when it is compressed, 400 when it broke off.
pub(super) async fn collect(request: Request, limit: usize) -> Result<Bytes, Refusal> {
    refuse_encoding(request.headers())?;
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(PAYLOAD_TOO_LARGE),
        Err(_) => Err(INCOMPLETE),
    }
}

/// 415 for a body that is compressed: limits count what arrives.
pub fn refuse_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(UNSUPPORTED_ENCODING),
        _ => Ok(()),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let Content::Answer(value) = self.0 else {
            return Error::unexpected("a received body was answered").into_response();
        };
        match serde_json::to_vec(&value) {
            Ok(bytes) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes)
                .into_response(),
            Err(error) => Error::unexpected(error).into_response(),
        }
    }
}

/// 201 with headers of its own, such as `Location`.
pub struct Created<T> {
    /// What was made.
    pub body: T,
    /// `Location`, `ETag`.
    pub headers: Vec<(HeaderName, String)>,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json::of(self.body)).into_response();
        for (name, value) in self.headers {
            match HeaderValue::try_from(value) {
                Ok(value) => response.headers_mut().insert(name, value),
                Err(error) => return Error::unexpected(error).into_response(),
            };
        }
        response
    }
}

/// The body of an action: none, or `{}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoFields {}

/// A body whose bytes are signed: kept as they came, whatever its media type.
pub struct Raw(Result<Bytes, Refusal>);

impl Raw {
    /// The bytes; 400 for a body that broke off, 413, 415 when it is compressed.
    pub fn read(self) -> Result<Bytes> {
        Ok(self.0?)
    }
}

impl FromRequest<App> for Raw {
    type Rejection = Infallible;

    async fn from_request(request: Request, app: &App) -> Result<Self, Infallible> {
        Ok(Self(collect(request, app.config.http.max_body_bytes).await))
    }
}

/// An action takes no body, or `{}`. As [`Json`] it is judged when the handler asks, after what the path names was found.
pub struct Empty(Result<Bytes, Refusal>);

impl Empty {
    /// Nothing; 400 `malformed_json`, 413, 415, 422 for anything but no body or `{}`.
    pub fn read(self) -> Result<()> {
        let bytes = self.0?;
        if bytes.is_empty() { Ok(()) } else { parse::<NoFields>(&bytes).map(drop) }
    }
}

impl FromRequest<App> for Empty {
    type Rejection = Infallible;

    async fn from_request(request: Request, app: &App) -> Result<Self, Infallible> {
        Ok(Self(collect(request, app.config.http.max_body_bytes).await))
    }
}
