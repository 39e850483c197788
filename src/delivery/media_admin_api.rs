//! The back office's pictures: put up, taken down.
use axum::extract::State;
use http::{StatusCode, header};
use serde::{Deserialize, de::value::StrDeserializer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{FileBytes, pictures};
use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        self,
        media::{self, Media, MediaKind},
    },
    error::{Error, NOT_FOUND, Result},
    languages::Sentence,
    web::{Created, Path, Upload, if_match::IfMatch},
};

/// A form with a picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only documents the form")]
struct NewMedia {
    /// A JPEG, PNG, WebP or GIF, judged by its bytes.
    #[schema(inline)]
    file: FileBytes,
    /// What it is for; default: a screenshot.
    #[schema(inline, nullable = false)]
    kind: Option<MediaKind>,
}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(delete_media))
}

pub(super) fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(add_media))
}

/// Put up a picture; a cover takes the place of the one there was.
///
/// It is made again in several sizes, upright and without whatever else was in the file. 409 `too_many_pictures`; 413;
/// 415 when it is no picture whatever its name; 422 `picture_too_large`, `damaged_picture`; 503 `busy`.
#[utoipa::path(
    post, path = "/admin/products/{id}/media", tag = "catalog administration", operation_id = "add_media",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body(content = inline(NewMedia), content_type = "multipart/form-data"),
    responses((status = 201, body = Media, headers(("Location" = String, description = "The picture.")))),
    security(("bearer" = ["editor"])),
)]
async fn add_media(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    form: Upload,
) -> Result<Created<Media>> {
    let product = catalog::product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(product.version)?;
    let received = pictures::receive(&app, form, &["kind"]).await?;
    let kind = kind(received.form.texts.get("kind"))?;
    let files = pictures::make(&app, received.form.file.clone()).await?;
    let body = media::add(&app, editor.id, id, &asked, kind, &files).await?;
    let headers = vec![(header::LOCATION, body.url.clone())];
    Ok(Created { body, headers })
}

fn kind(word: Option<&String>) -> Result<MediaKind> {
    let Some(word) = word else { return Ok(MediaKind::Screenshot) };
    let read: Result<_, serde::de::value::Error> = MediaKind::deserialize(StrDeserializer::new(word));
    let choices = || Sentence::from("must be one of { $choices }").with("choices", "cover, screenshot");
    read.map_err(|_| Error::field("kind", "invalid_choice", choices()))
}

/// Take a picture down.
#[utoipa::path(
    delete, path = "/admin/products/{id}/media/{media_id}", tag = "catalog administration",
    operation_id = "delete_media",
    params(
        ("id" = Uuid, Path, description = "The product."), ("media_id" = Uuid, Path, description = "The picture."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
async fn delete_media(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((id, media_id)): Path<(Uuid, Uuid)>,
    asked: IfMatch,
) -> Result<StatusCode> {
    media::remove(&app, editor.id, id, media_id, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}
