//! One answer as it went over the wire.
use std::time::Duration;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use metrics::{Counter, Histogram};

use crate::web::{etag, layers::REQUEST_ID};

/// An answer of status 200, whole.
pub(super) struct Kept {
    /// The state of the catalog that it shows.
    pub(super) generation: u64,
    /// UTC.
    made_at: DateTime<Utc>,
    /// UTC, exclusive: how long it may be given again.
    pub(super) until: DateTime<Utc>,
    tag: HeaderValue,
    headers: HeaderMap,
    /// What is said to who has it.
    unchanged: HeaderMap,
    body: Bytes,
    given: Counter,
    given_unchanged: Counter,
    seconds: Histogram,
}

impl Kept {
    /// Whether an answer says that everybody may keep it, and for how many seconds.
    pub(super) fn lifetime(status: StatusCode, headers: &HeaderMap) -> Option<u32> {
        let control = headers.get(header::CACHE_CONTROL)?.to_str().ok()?;
        let seconds = control.strip_prefix("public, max-age=")?.split(',').next()?;
        let kept = status == StatusCode::OK && headers.contains_key(header::ETAG);
        seconds.parse().ok().filter(|seconds| kept && *seconds > 0)
    }

    /// An answer to `GET` of a route, made at a moment, that lasts so many seconds; none without an entity tag.
    pub(super) fn new(
        route: &'static str,
        generation: u64,
        (made_at, seconds): (DateTime<Utc>, u32),
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Option<Self> {
        headers.remove(&REQUEST_ID);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let mut unchanged = headers.clone();
        for of_the_body in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            unchanged.remove(of_the_body);
        }
        let count = |status: &'static str| metrics::counter!("mist_http_requests_total", "method" => "GET", "route" => route, "status" => status);
        let until = made_at.checked_add_signed(TimeDelta::seconds(i64::from(seconds))).unwrap_or(made_at);
        let seconds = metrics::histogram!("mist_http_request_seconds", "method" => "GET", "route" => route);
        Some(Self {
            generation,
            made_at,
            until,
            tag: headers.get(header::ETAG)?.clone(),
            headers,
            unchanged,
            body,
            given: count("200"),
            given_unchanged: count("304"),
            seconds,
        })
    }

    /// The answer at a moment to one more request with this method and these headers, under an id. How old it is by then
    /// is said of it (RFC 9111 §5.1), so that nobody keeps it longer than who was given it first.
    pub(super) fn give(
        &self,
        method: &Method,
        asked: &HeaderMap,
        id: HeaderValue,
        now: DateTime<Utc>,
    ) -> Response {
        let known = etag::is_known(asked, &self.tag);
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = if known { self.unchanged.clone() } else { self.headers.clone() };
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if method == Method::GET {
            *response.body_mut() = Body::from(self.body.clone());
        }
        // Begun seconds count, lest it be shown beyond the moment until which it holds.
        let age = (now - self.made_at + TimeDelta::milliseconds(999)).num_seconds();
        if age > 0 {
            response.headers_mut().insert(header::AGE, HeaderValue::from(age));
        }
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }

    /// Counts an answer that was given.
    pub(super) fn count(&self, status: StatusCode, elapsed: Duration) {
        let given = if status == StatusCode::OK { &self.given } else { &self.given_unchanged };
        given.increment(1);
        self.seconds.record(elapsed.as_secs_f64());
    }

    /// Bytes, the headers' estimated.
    pub(super) fn weight(&self) -> u32 {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        u32::try_from(self.body.len() + 2 * headers + size_of::<Self>()).unwrap_or(u32::MAX)
    }
}
