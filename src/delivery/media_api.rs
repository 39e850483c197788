//! Pictures for everybody: addresses that nobody guesses, and bytes that never change.
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use objects::Key;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::FileBytes;
use crate::{
    app::App,
    catalog::media,
    error::{Error, NOT_FOUND, Result},
    web::{Path, etag},
};

/// A picture is never another one under the same address.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A picture opened by itself may do nothing, and every page may show it.
const INERT: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_picture))
}

/// A picture of a product, in one of its sizes.
#[utoipa::path(
    get, path = "/media/{id}/{name}", tag = "storefront", security(()),
    params(
        ("id" = Uuid, Path, description = "The picture."),
        ("name" = String, Path, description = "The size, such as `640.jpg`."),
        ("If-None-Match" = Option<String>, Header),
    ),
    responses(
        (status = 200, description = "The picture.", content(
            (inline(FileBytes) = "image/jpeg"), (inline(FileBytes) = "image/webp"),
        ), headers(("ETag" = String, description = "Strong, of the bytes."))),
        (status = 304, description = "The client has it."),
    ),
)]
async fn show_picture(
    State(app): State<App>,
    Path((id, name)): Path<(Uuid, String)>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response> {
    let file = media::file(&app.db.read, id, &name).await?.ok_or(NOT_FOUND)?;
    let tag = HeaderValue::try_from(format!("\"{}\"", file.sha256)).map_err(Error::unexpected)?;
    let size = u64::try_from(file.size).map_err(Error::unexpected)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, FOREVER);
    if etag::is_known(&asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let kind = HeaderValue::try_from(&file.media_type).map_err(Error::unexpected)?;
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CONTENT_SECURITY_POLICY, INERT);
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    if method == Method::HEAD {
        return Ok((StatusCode::OK, headers).into_response());
    }
    let key = Key::parse(file.object_key).map_err(Error::unexpected)?;
    let bytes = app.objects.read(&key, 0..size).await?;
    Ok((StatusCode::OK, headers, Body::from_stream(bytes)).into_response())
}
