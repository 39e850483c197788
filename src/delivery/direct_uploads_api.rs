//! Uploads that go past the store, straight into its bucket.
use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::direct_upload::{Model, Status};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::direct_uploads::{self, Part, Parts};
use crate::{
    accounts::Editor,
    app::App,
    catalog::builds,
    error::Result,
    router::API,
    values::FileName,
    web::{Created, Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_direct_upload))
        .routes(routes!(show_direct_upload, delete_direct_upload))
        .routes(routes!(complete_direct_upload))
}

/// A file that is about to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDirectUpload {
    /// What it will be called.
    filename: FileName,
    /// Bytes.
    #[schema(minimum = 1)]
    size: u64,
}

/// What the bucket answered to the parts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SentParts {
    /// All of them.
    #[schema(min_items = 1, max_items = 2000)]
    parts: Vec<SentPart>,
}

/// A part that the bucket has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SentPart {
    /// From 1.
    number: u64,
    /// `ETag` of the bucket's answer.
    #[schema(min_length = 1, max_length = 128)]
    etag: String,
}

/// An upload straight into the bucket.
#[derive(Serialize, ToSchema)]
struct DirectUpload {
    /// UUIDv7.
    id: Uuid,
    /// The name of the file.
    name: String,
    /// Bytes.
    size: i64,
    /// Where it stands.
    status: Status,
    /// Why it came to nothing: `wrong_size`, `missing`, `unreadable` after hours of trying, or what putting the file would have been refused with.
    #[schema(required)]
    refusal: Option<String>,
    /// UTC; no part is taken after this.
    expires_at: DateTime<Utc>,
    /// While it is open: its parts and where they go.
    parts: Vec<DirectPart>,
    /// UTC; until when these addresses are good. Asking for the upload gives new ones.
    #[schema(required)]
    urls_expire_at: Option<DateTime<Utc>>,
}

/// A part of such an upload.
#[derive(Serialize, ToSchema)]
struct DirectPart {
    /// From 1.
    number: u64,
    /// Bytes.
    size: u64,
    /// PUT the bytes there, with no other credential, and keep the `ETag` of the answer.
    url: String,
}

/// Begin an upload of a file of a draft straight into the bucket, in place of the one of that name.
///
/// The parts are PUT to their addresses, in any order and several at once, and named to `…/complete`. 409
/// `no_direct_uploads` where the store keeps its files in a folder or clients don't reach its bucket; 409 `build_released`
/// for a build that was ever released, 409 `product_full`, 413 for a file that is too large.
#[utoipa::path(
    post, path = "/admin/builds/{id}/direct-uploads", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), request_body = NewDirectUpload,
    responses((status = 201, body = DirectUpload, headers(("Location" = String, description = "The upload.")))),
)]
async fn create_direct_upload(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
    body: Json<NewDirectUpload>,
) -> Result<Created<DirectUpload>> {
    builds::require_draft(&app.db.read, id).await?;
    let new = body.read()?;
    let row = direct_uploads::begin(&app, id, &new.filename, new.size).await?;
    let location = format!("{API}/admin/builds/{id}/direct-uploads/{}", row.id);
    Ok(Created { body: shown(&app, row).await?, headers: vec![(header::LOCATION, location)] })
}

/// Where such an upload stands; while it is open, with new addresses for its parts.
///
/// 410 `upload_expired` past its time, until it is removed.
#[utoipa::path(
    get, path = "/admin/builds/{id}/direct-uploads/{upload_id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("upload_id" = Uuid, Path)), responses((status = 200, body = DirectUpload)),
)]
async fn show_direct_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<DirectUpload>> {
    let row = direct_uploads::find(&app, id, upload_id).await?;
    Ok(Json::of(shown(&app, row).await?))
}

/// Say that all parts were sent.
///
/// The bytes are read next, and the file is there when the status is `verified`; the build is not released before. Saying
/// so again changes nothing. 422 `invalid_parts` unless the bucket has each part as it is named.
#[utoipa::path(
    post, path = "/admin/builds/{id}/direct-uploads/{upload_id}/complete", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("upload_id" = Uuid, Path)), request_body = SentParts,
    responses((status = 200, body = DirectUpload)),
)]
async fn complete_direct_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
    body: Json<SentParts>,
) -> Result<Json<DirectUpload>> {
    direct_uploads::find(&app, id, upload_id).await?;
    let named = body.read()?.parts.into_iter().map(|part| (part.number, part.etag)).collect();
    let row = direct_uploads::complete(&app, id, upload_id, named).await?;
    Ok(Json::of(shown(&app, row).await?))
}

/// End such an upload: what came of it is removed, unless it is a file of the build.
#[utoipa::path(
    delete, path = "/admin/builds/{id}/direct-uploads/{upload_id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("upload_id" = Uuid, Path)), responses((status = 204, description = "Ended.")),
)]
async fn delete_direct_upload(
    State(app): State<App>,
    _: Editor,
    Path((id, upload_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    direct_uploads::end(&app, id, upload_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn shown(app: &App, row: Model) -> Result<DirectUpload> {
    let Parts { parts, expires_at } = match direct_uploads::parts(app, &row).await? {
        Some(parts) => parts,
        None => return Ok(DirectUpload::of(row, Vec::new(), None)),
    };
    Ok(DirectUpload::of(row, parts, Some(expires_at)))
}

impl DirectUpload {
    fn of(row: Model, parts: Vec<Part>, urls_expire_at: Option<DateTime<Utc>>) -> Self {
        let part = |part: Part| DirectPart { number: part.number, size: part.size, url: part.url };
        Self {
            id: row.id,
            name: row.file_name,
            size: row.size,
            status: row.status,
            refusal: row.refusal,
            expires_at: row.expires_at,
            parts: parts.into_iter().map(part).collect(),
            urls_expire_at,
        }
    }
}
