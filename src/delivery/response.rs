//! The answer to a link: whole, in part, or not at all, as the request's headers ask.
use std::{ops::Range, time::SystemTime};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use entity::download_grant::Model as Grant;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use objects::{Key, Outlet, Sha256};
use uuid::Uuid;

use super::{
    conditions::{Validators, Verdict},
    deliveries::{self, Delivery},
    disposition, handover, queries,
    ranges::{self, Selected},
    repr_digest::{self, REPR_DIGEST},
    sending::{Piece, Sending},
    stamping, traffic, withheld,
};
use crate::{
    accounts,
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    library,
    values::Country,
};

const LINK_REVOKED: Refusal = Refusal::forbidden("link_revoked", "What it leads to is no longer owned.");
const PRECONDITION_FAILED: Refusal = Refusal::with_status(
    StatusCode::PRECONDITION_FAILED,
    "precondition_failed",
    "The file is not the one that was asked for.",
);
const RANGE_NOT_SATISFIABLE: Refusal = Refusal::with_status(
    StatusCode::RANGE_NOT_SATISFIABLE,
    "range_not_satisfiable",
    "The file has none of these bytes.",
);

/// A file that may be sent.
pub(super) struct Deliverable {
    grant: Grant,
    key: Key,
    sha256: Sha256,
    /// Bytes.
    size: u64,
    stored_at: SystemTime,
}

impl Deliverable {
    /// The file of a grant whose link was verified; 403 `link_revoked` when the product is no longer owned, or its owner
    /// suspended, `not_delivered_here` where the store does not deliver it.
    pub(super) async fn find(app: &App, grant: Uuid, network: Option<&Country>) -> Result<Self> {
        let grant = queries::grant(&app.db.read, grant).await?.ok_or(NOT_FOUND)?;
        let active = accounts::is_active(&app.db.read, grant.account_id).await?;
        if !active || !library::owns(&app.db.read, grant.account_id, grant.product_id).await? {
            return Err(LINK_REVOKED.into());
        }
        withheld::require_delivered(app, &app.db.read, grant.account_id, grant.product_id, network).await?;
        let file = stamping::granted(&app.db.read, &grant).await?.ok_or(NOT_FOUND)?;
        Ok(Self {
            grant,
            key: Key::parse(file.object_key).map_err(Error::unexpected)?,
            sha256: Sha256::from_hex(&file.sha256).map_err(Error::unexpected)?,
            size: u64::try_from(file.size).map_err(Error::unexpected)?,
            stored_at: file.created_at.into(),
        })
    }
}

/// How a request reached the store.
pub(super) struct Way {
    /// Whether a trusted proxy handed it on.
    pub(super) proxied: bool,
    /// Its connection, where that may be sent files.
    pub(super) outlet: Option<Outlet>,
}

/// Answers GET and HEAD.
pub(super) async fn answer(
    app: &App,
    file: Deliverable,
    method: &Method,
    asked: &HeaderMap,
    way: Way,
) -> Result<Response> {
    // What is told of the date has whole seconds.
    let modified = httpdate::HttpDate::from(file.stored_at);
    let validators =
        Validators { etag: format!("\"{}\"", file.sha256.to_hex()), modified: SystemTime::from(modified) };
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, value(&validators.etag)?);
    headers.insert(header::LAST_MODIFIED, value(&modified.to_string())?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    match validators.judge(asked) {
        Verdict::Failed => return Err(PRECONDITION_FAILED.into()),
        Verdict::NotModified => return Ok((StatusCode::NOT_MODIFIED, headers).into_response()),
        Verdict::Proceed => {}
    }
    describe(&mut headers, &file)?;
    if method == Method::HEAD {
        app.objects.require(&file.key, file.size).await?;
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
        return Ok((StatusCode::OK, headers).into_response());
    }
    let selected = match single(asked) {
        Some(range) if validators.range_holds(asked) => ranges::select(range, file.size),
        _ => Selected::Whole,
    };
    let bytes = selected.bytes(file.size);
    let parts = match selected {
        Selected::Whole => None,
        Selected::Parts(parts) => Some(parts),
        Selected::Nothing => return unsatisfiable(file.size),
    };
    traffic::require_allowance(app, &app.db.read, file.grant.account_id).await?;
    if let Some((name, value)) = handover::header(app, &file.key, way.proxied, asked)? {
        // What the server in front does not find can't be refused any more.
        app.objects.require(&file.key, file.size).await?;
        begin(app, &file.grant).await?;
        deliveries::note(app, &file.grant, file.size, bytes).await?;
        headers.insert(name, value);
        return Ok((StatusCode::OK, headers).into_response());
    }
    let (status, pieces) = match parts {
        None => (StatusCode::OK, vec![Piece::File(0..file.size)]),
        Some(parts) => (StatusCode::PARTIAL_CONTENT, pieces(app, &mut headers, parts, file.size)?),
    };
    let grant = file.grant.clone();
    let delivery = Delivery::begin(app, file.grant, file.size)?;
    let body = Sending::open(&app.objects, &file.key, file.size, pieces, way.outlet, delivery).await?;
    begin(app, &grant).await?;
    Ok((status, headers, Body::new(body)).into_response())
}

/// Notes that bytes of a file are about to be sent, which is there; 403 `link_revoked` when it was given back meanwhile.
async fn begin(app: &App, grant: &Grant) -> Result<()> {
    let is_owned = library::begin_download(app, grant.account_id, grant.product_id).await?;
    if is_owned { Ok(()) } else { Err(LINK_REVOKED.into()) }
}

/// What is said of the file however much of it is sent.
fn describe(headers: &mut HeaderMap, file: &Deliverable) -> Result<()> {
    let name = &file.grant.file_name;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(disposition::media_type(name)));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition::attachment(name))?);
    headers.insert(REPR_DIGEST, repr_digest::header(&file.sha256)?);
    // Should a browser show it after all, it may do nothing.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(())
}

/// The one `Range` header there is.
fn single(asked: &HeaderMap) -> Option<&str> {
    let mut lines = asked.get_all(header::RANGE).iter();
    let only = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(only)
}

/// The body of one part, or of several with what stands between them (RFC 9110 §14.6).
fn pieces(app: &App, headers: &mut HeaderMap, parts: Vec<Range<u64>>, size: u64) -> Result<Vec<Piece>> {
    if let [only] = parts.as_slice() {
        headers.insert(header::CONTENT_RANGE, value(&content_range(only, size))?);
        return Ok(vec![Piece::File(only.clone())]);
    }
    let boundary = app.clock.new_id().simple().to_string();
    let kind =
        headers.insert(header::CONTENT_TYPE, value(&format!("multipart/byteranges; boundary={boundary}"))?);
    let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut pieces = Vec::with_capacity(parts.len() * 2 + 1);
    for part in parts {
        let range = content_range(&part, size);
        let head = format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {range}\r\n\r\n");
        pieces.push(Piece::Text(Bytes::from(head)));
        pieces.push(Piece::File(part));
    }
    pieces.push(Piece::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    Ok(pieces)
}

fn content_range(part: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1))
}

fn unsatisfiable(size: u64) -> Result<Response> {
    let mut response = Error::from(RANGE_NOT_SATISFIABLE).into_response();
    response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?);
    Ok(response)
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(Error::unexpected)
}
