//! Resumable uploads, as standard tus clients send them.
use axum::{
    body::Body,
    extract::{Request, State},
    handler::Handler,
    middleware,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::upload::Model;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    FileBytes,
    resumable::{self, New, Part},
    tus::{self, Checksum},
};
use crate::{
    accounts::Editor,
    app::App,
    catalog::builds,
    error::{Error, Result},
    router::API,
    web::{Json, Page, PageQuery, Path, Query, json::refuse_encoding},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(uploads_options, list_uploads))
        .routes(routes!(show_upload, delete_upload))
        .layer(middleware::map_response(speak))
}

pub(super) fn streams() -> OpenApiRouter<App> {
    let (schemas, paths, methods) = routes!(append_upload);
    OpenApiRouter::new()
        .routes(routes!(create_upload))
        .routes((schemas, paths, methods.fallback(overridden)))
        .layer(middleware::map_response(speak))
}

/// Every answer says which version it is of; a refusal of the version says which there are.
async fn speak(mut response: Response) -> Response {
    let refused = response.status() == StatusCode::PRECONDITION_FAILED;
    let headers = response.headers_mut();
    headers.insert(tus::RESUMABLE, tus::VERSION);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refused {
        headers.insert(tus::VERSIONS, tus::VERSION);
    }
    response
}

/// An upload that comes in parts.
#[derive(Serialize, ToSchema)]
struct Upload {
    /// UUIDv7.
    id: Uuid,
    /// The name of the file.
    name: String,
    /// What its sender said of it, as tus writes it: `filename` and others, each with its value in Base64.
    metadata: String,
    /// Bytes of the whole file.
    length: i64,
    /// Bytes that came.
    offset: i64,
    /// UTC; null until it is a file of the build.
    #[schema(required)]
    completed_at: Option<DateTime<Utc>>,
    /// UTC; it is removed after this.
    expires_at: DateTime<Utc>,
}

/// What is spoken here of tus.
#[utoipa::path(
    options, path = "/admin/builds/{id}/uploads", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "In headers.", headers(
        ("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = i64), ("Tus-Checksum-Algorithm" = String),
    ))),
)]
async fn uploads_options(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<Response> {
    builds::find(&app.db.read, id).await?;
    let most = HeaderValue::from(app.config.delivery.max_file_bytes);
    let told = [
        (tus::VERSIONS, tus::VERSION),
        (tus::EXTENSIONS, tus::SPOKEN),
        (tus::MAX_SIZE, most),
        (tus::ALGORITHMS, tus::DIGESTS),
    ];
    Ok((StatusCode::NO_CONTENT, told).into_response())
}

/// The uploads that wait for their rest, newest first: whoever lost their addresses finds them here.
#[utoipa::path(
    get, path = "/admin/builds/{id}/uploads", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Upload>, headers(("Link" = String, description = "The next page.")))),
)]
async fn list_uploads(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    uri: Uri,
) -> Result<Response> {
    builds::find(&app.db.read, id).await?;
    let page = resumable::page(&app, id, &query).await?;
    let items = page.items.into_iter().map(Upload::from).collect();
    Ok(Page::<Upload> { items, next_cursor: page.next_cursor, total: page.total }.answer(&uri))
}

/// Begin a resumable upload of a file into a draft (tus 1.0.0), in place of the one of that name.
///
/// A body of `application/offset+octet-stream` is its first part. 409 `build_released` for a build that was ever
/// released, 412 for another version of tus, 413 for a file that is too large.
#[utoipa::path(
    post, path = "/admin/builds/{id}/uploads", tag = "builds", security(("bearer" = ["editor"])),
    params(
        ("id" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Length" = i64, Header, description = "Bytes of the whole file."),
        ("Upload-Metadata" = String, Header, description = "`filename` and its value in Base64; others are kept as they are."),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the digest of the body in Base64."),
    ),
    responses((status = 201, description = "Begun.", headers(
        ("Location" = String, description = "The upload."), ("Upload-Offset" = i64), ("Upload-Expires" = String),
    ))),
)]
async fn create_upload(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    builds::require_draft(&app.db.read, id).await?;
    let (new, first) = asked(&headers)?;
    let mut upload = resumable::begin(&app, id, new).await?;
    if let Some(part) = first.filter(|_| upload.length > 0) {
        upload = first_part(&app, upload, part, body).await?;
    }
    let location = format!("{API}/admin/builds/{id}/uploads/{}", upload.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], progress(&upload)?).into_response())
}

/// How far an upload is; tus asks this by HEAD.
///
/// 410 `upload_expired` past its time, until it is removed.
#[utoipa::path(
    get, path = "/admin/builds/{id}/uploads/{upload_id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`.")),
    responses((status = 200, body = Upload, headers(
        ("Upload-Offset" = i64), ("Upload-Length" = i64), ("Upload-Metadata" = String), ("Upload-Expires" = String),
    ))),
)]
async fn show_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<Response> {
    let upload = resumable::find(&app, id, upload_id).await?;
    tus::require_version(&headers)?;
    let metadata = HeaderValue::try_from(&upload.metadata).map_err(Error::unexpected)?;
    let told = [(tus::LENGTH, HeaderValue::from(upload.length)), (tus::METADATA, metadata)];
    Ok((told, progress(&upload)?, Json::of(Upload::from(upload))).into_response())
}

/// Send the next part of an upload (tus 1.0.0); the last one makes the file.
///
/// What came of a part that breaks off is kept, unless it has an `Upload-Checksum`. 409 `offset_mismatch` when the
/// upload is elsewhere, 410 past its time, 423 `upload_locked` while somebody else writes, 460 `checksum_mismatch`.
///
/// Where PATCH, DELETE or HEAD come to nothing on their way, POST them to this address with `X-HTTP-Method-Override`.
#[utoipa::path(
    patch, path = "/admin/builds/{id}/uploads/{upload_id}", tag = "builds", security(("bearer" = ["editor"])),
    params(
        ("id" = Uuid, Path), ("upload_id" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Offset" = i64, Header, description = "Bytes that came so far."),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the digest of the body in Base64."),
    ),
    request_body(content = inline(FileBytes), content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "Kept.", headers(("Upload-Offset" = i64), ("Upload-Expires" = String)))),
)]
async fn append_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    resumable::require(&app, id, upload_id).await?;
    tus::require_version(&headers)?;
    tus::require_part(&headers)?;
    let part = part(tus::bytes(&headers, tus::OFFSET)?, &headers)?;
    let upload = resumable::append(&app, id, upload_id, part, body.into_data_stream()).await?;
    Ok((StatusCode::NO_CONTENT, progress(&upload)?).into_response())
}

/// End an upload and free its bytes (tus 1.0.0). A file that it has become stays.
#[utoipa::path(
    delete, path = "/admin/builds/{id}/uploads/{upload_id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`.")),
    responses((status = 204, description = "Ended.")),
)]
async fn delete_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    resumable::require(&app, id, upload_id).await?;
    tus::require_version(&headers)?;
    resumable::end(&app, id, upload_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What comes by a method that an upload doesn't have: where a header names the one that is meant, because what lies between
/// does not let that one through, it is as if that had come. HEAD is answered as GET: who sent a POST waits for a body.
async fn overridden(State(app): State<App>, mut request: Request) -> Response {
    let meant = request.headers().get(tus::METHOD).and_then(|name| Method::from_bytes(name.as_bytes()).ok());
    let Some(meant) = meant else { return StatusCode::METHOD_NOT_ALLOWED.into_response() };
    *request.method_mut() = if meant == Method::HEAD { Method::GET } else { meant };
    match *request.method() {
        Method::GET => show_upload.call(request, app).await,
        Method::PATCH => append_upload.call(request, app).await,
        Method::DELETE => delete_upload.call(request, app).await,
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// What headers say of an upload to be begun, and of its first part, if that comes along.
fn asked(headers: &HeaderMap) -> Result<(New, Option<Part>)> {
    tus::require_version(headers)?;
    let length = tus::bytes(headers, tus::LENGTH)?;
    let (name, metadata) = tus::metadata(headers)?;
    let first = if tus::is_part(headers) { Some(part(0, headers)?) } else { None };
    Ok((New { name, metadata, length }, first))
}

/// What headers say of a part.
fn part(offset: i64, headers: &HeaderMap) -> Result<Part> {
    refuse_encoding(headers)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let waits = headers.get(header::EXPECT).is_some();
    Ok(Part { offset, length, checksum: Checksum::of(headers)?, waits })
}

/// Of an upload whose first part is refused nothing is kept: its sender never learns where it is.
async fn first_part(app: &App, upload: Model, part: Part, body: Body) -> Result<Model> {
    let (build, id) = (upload.build_id, upload.id);
    let taken = resumable::append(app, build, id, part, body.into_data_stream()).await;
    if taken.is_err() {
        // Best effort: past its time it is removed anyway.
        drop(resumable::end(app, build, id).await);
    }
    taken
}

/// How far an upload is, in headers.
fn progress(upload: &Model) -> Result<[(http::HeaderName, HeaderValue); 2]> {
    let expires = httpdate::fmt_http_date(upload.expires_at.into());
    let expires = HeaderValue::try_from(expires).map_err(Error::unexpected)?;
    Ok([(tus::OFFSET, HeaderValue::from(upload.received)), (tus::EXPIRES, expires)])
}

impl From<Model> for Upload {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.file_name,
            metadata: row.metadata,
            length: row.length,
            offset: row.received,
            completed_at: row.completed_at,
            expires_at: row.expires_at,
        }
    }
}
