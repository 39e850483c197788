//! Entity tags of public reads: a strong one of the bytes as encoded, and 304 for who has them (RFC 9110 §13.1.2).
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;

use crate::{error::Error, keys::sha256};

/// Bytes of the digest that make a tag.
const TAG_BYTES: usize = 18;

/// Tags what public reads answer; stands outside compression, so that the tag is that of the bytes sent.
pub async fn tag(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let asked: Vec<HeaderValue> = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if !reads || response.status() != StatusCode::OK || response.headers().contains_key(header::ETAG) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Error::unexpected(error).into_response(),
    };
    let mut digest = sha256(&bytes);
    digest.truncate(TAG_BYTES);
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest));
    if let Ok(value) = HeaderValue::try_from(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if asked.iter().any(|asked| holds(asked, &tag)) {
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_ENCODING);
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, axum::body::Body::empty());
    }
    Response::from_parts(parts, bytes.into())
}

/// Whether `If-None-Match` of a request holds a tag.
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    headers.get_all(header::IF_NONE_MATCH).iter().any(|asked| holds(asked, tag))
}

/// Whether `If-None-Match` holds a tag; the comparison is the weak one, as RFC 9110 §13.1.2 asks.
fn holds(asked: &HeaderValue, tag: &str) -> bool {
    asked.to_str().is_ok_and(|asked| {
        asked.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    })
}

/// Headers of a public answer that may be kept for `seconds`.
pub fn public(headers: &mut HeaderMap, seconds: u32) {
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

/// Lets a public answer be shown for `seconds` more while it is asked for again (RFC 5861).
pub fn while_renewed(headers: &mut HeaderMap, seconds: u32) {
    let kept = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Ok(value) = HeaderValue::try_from(format!("{kept}, stale-while-revalidate={seconds}")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}
