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

/// Seconds that a stranger's answer may be kept without asking again: a change is seen soon, a rush is not felt.
pub const KEPT: u32 = 5;
/// Seconds more for which it may be shown while it is asked for again.
const STALE: u32 = 10;
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

/// Lets everybody keep a public answer that stays as it is for `seconds`.
pub fn lasting(headers: &mut HeaderMap, seconds: u32) {
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

/// Lets everybody keep a public answer for a while, and show it a while longer as it is asked for again (RFC 5861); all that
/// no longer than the seconds for which it holds, if those are known.
pub fn public(headers: &mut HeaderMap, holds: Option<u32>) {
    let holds = holds.unwrap_or(u32::MAX);
    let kept = KEPT.min(holds);
    let control = match STALE.min(holds - kept) {
        0 => format!("public, max-age={kept}"),
        stale => format!("public, max-age={kept}, stale-while-revalidate={stale}"),
    };
    if let Ok(value) = HeaderValue::try_from(control) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_and_shown_no_longer_than_it_holds() {
        let control = |holds| {
            let mut headers = HeaderMap::new();
            public(&mut headers, holds);
            headers.get(header::CACHE_CONTROL).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(control(None), "public, max-age=5, stale-while-revalidate=10");
        assert_eq!(control(Some(15)), "public, max-age=5, stale-while-revalidate=10");
        assert_eq!(control(Some(7)), "public, max-age=5, stale-while-revalidate=2");
        assert_eq!(control(Some(5)), "public, max-age=5");
        assert_eq!(control(Some(0)), "public, max-age=0");
    }
}
