//! The layers around every endpoint: request ids, problem documents, limits of the head, panics, one log line.
use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use traces::Origin;
use tracing::{Instrument, field};

use crate::{
    app::App,
    error::{Error, Problem, Refusal},
    events,
    web::{admission::Shed, peer, reader::Reader},
};

/// Longest request id that is taken over from a caller.
const LONGEST_REQUEST_ID: usize = 128;
/// Bytes of all header names and values together.
const MOST_HEADER_BYTES: usize = 32 * 1024;
/// Bytes of path and query together.
const LONGEST_TARGET: usize = 8 * 1024;
/// For a year browsers ask this store over TLS alone (RFC 6797). Not its subdomains, which may be somebody else's.
const ONLY_PRIVATELY: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// The status from which on a request has failed: what is refused is no failure.
const FAILED: u16 = 500;
/// What is asked all the time, and takes no time.
const UNTRACED: [&str; 2] = ["/healthz", "/readyz"];
/// Names a request, in the log and in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const HEADERS_TOO_LARGE: Refusal = Refusal::with_status(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers_too_large",
    "The headers are larger than is taken here.",
);
const URI_TOO_LONG: Refusal = Refusal::with_status(
    StatusCode::URI_TOO_LONG,
    "uri_too_long",
    "The address is longer than is taken here.",
);
const NOT_ACCEPTABLE: Refusal = Refusal::with_status(
    StatusCode::NOT_ACCEPTABLE,
    "not_acceptable",
    "This answers application/json, which Accept rules out.",
);

/// The outermost layer: gives the request its id, and writes one log line and the metrics of its answer.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| app.clock.new_id().to_string());
    let method = request.method().clone();
    // The pattern of the route, never the path: paths of downloads are secrets.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    if let Ok(value) = HeaderValue::try_from(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let traced = traced(&app, &request, &route);
    let (trace, account) = (traced.trace(), field::Empty);
    let span = tracing::info_span!("request", %id, %method, route, trace, account);
    let mut response = traced.around(next.run(request).instrument(span.clone())).await;
    let elapsed = began.elapsed();
    let status = response.status().as_u16();
    traced.note("mist.request_id", id.clone());
    traced.answered(status, FAILED);
    // Within the span: a line of JSON names the one it stands in, not one that is given to it.
    span.in_scope(|| tracing::debug!(status, elapsed_us = elapsed.as_micros(), "answered"));
    record(&method, route, status, elapsed);
    if let Some(Shed(room)) = response.extensions().get() {
        metrics::histogram!("mist_request_shed_seconds", "class" => *room).record(elapsed.as_secs_f64());
    }
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A request as a part of a trace. Whoever may not continue theirs here is at least named by the store's own: strangers say
/// neither what is kept nor where it is found.
fn traced(app: &App, request: &Request, route: &str) -> traces::Span {
    if UNTRACED.contains(&route) {
        return traces::Span::default();
    }
    let origin = match traces::told(request.headers()) {
        None => Origin::Here,
        Some(told) => {
            let address = peer::address(app, request.extensions(), request.headers());
            let from = &app.config.traces.continue_from;
            match address.is_ok_and(|address| from.iter().any(|network| network.contains(&address))) {
                true => Origin::Continued(told),
                false => Origin::Linked(told),
            }
        }
    };
    traces::Span::request(request.method(), route, origin)
}

/// Tells the events of a request from where it came.
pub async fn place(State(app): State<App>, request: Request, next: Next) -> Response {
    match peer::address(&app, request.extensions(), request.headers()) {
        Ok(address) => events::from(address, next.run(request)).await,
        Err(error) => error.into_response(),
    }
}

fn record(method: &Method, route: String, status: u16, elapsed: Duration) {
    let labels =
        [("method", traces::named(method).to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("mist_http_requests_total", &labels).increment(1);
    let [method, route, _] = labels;
    metrics::histogram!("mist_http_request_seconds", &[method, route]).record(elapsed.as_secs_f64());
}

/// The id that a caller gave a request, if it is well-formed.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let sound = (1..=LONGEST_REQUEST_ID).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    sound.then(|| id.to_owned())
}

/// Writes every refusal as a problem document, those of the framework too, and guards answers from being sniffed.
pub async fn problems(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let reader = Reader::of(&mut request);
    let head = request.method() == Method::HEAD;
    let mut response = next.run(request).await;
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error()) && is_bare(response.headers());
    let problem =
        response.extensions_mut().remove::<Problem>().or_else(|| bare.then(|| Problem::of_status(status)));
    if let Some(mut problem) = problem {
        let language = reader.language(&app);
        problem.tell(language);
        reader.path().clone_into(&mut problem.instance);
        let (mut parts, _) = response.into_parts();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Authorization"));
        let body = if head { axum::body::Body::empty() } else { body.into() };
        response = Response::from_parts(parts, body);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.is_private() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONLY_PRIVATELY);
    }
    response
}

/// What the framework refuses has no body, or one of plain text.
fn is_bare(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// 431 and 414 for heads that are larger than any honest client sends.
pub async fn bounded_head(request: Request, next: Next) -> Response {
    if !fit(request.headers()) {
        return Error::from(HEADERS_TOO_LARGE).into_response();
    }
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET {
        return Error::from(URI_TOO_LONG).into_response();
    }
    next.run(request).await
}

/// 406 for who accepts no JSON; what is personal is kept by nobody.
pub async fn json_api(request: Request, next: Next) -> Response {
    if !accepts_json(request.headers()) {
        return Error::from(NOT_ACCEPTABLE).into_response();
    }
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// Whether headers are no larger than is taken here.
pub fn fit(headers: &HeaderMap) -> bool {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    bytes <= MOST_HEADER_BYTES
}

/// Whether `Accept` lets JSON through.
pub fn accepts_json(headers: &HeaderMap) -> bool {
    let mut asked = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    asked.peek().is_none()
        || asked.any(|one| {
            let mut parts = one.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let refused = parts.any(|parameter| {
                matches!(parameter.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
            });
            !refused
                && matches!(
                    kind.to_ascii_lowercase().as_str(),
                    "" | "*/*" | "application/*" | "application/json" | "application/problem+json"
                )
        })
}

/// What a handler that panicked is answered with: an opaque 500.
pub fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let cause = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned());
    Error::unexpected(cause.unwrap_or_else(|| "a panic without a message".to_owned())).into_response()
}
