//! The back office's builds: made, filled, released, withdrawn.
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    FileBytes, files, repr_digest, scans,
    uploads::{self, Announced},
};
use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        self, Product,
        builds::{self, Build, BuildChanges, BuildFile, NewBuild},
    },
    error::{NOT_FOUND, Refusal, Result},
    router::API,
    values::FileName,
    web::{Created, Empty, Json, Page, PageQuery, Path, Query, if_match::IfMatch, json::refuse_encoding},
};

const PARTIAL_PUT: Refusal =
    Refusal::malformed("partial_put", "A file is put whole; Content-Range is not taken here.");

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_build, list_builds))
        .routes(routes!(show_build, edit_build, delete_build))
        .routes(routes!(release_build))
        .routes(routes!(withdraw_build))
        .routes(routes!(delete_file))
}

pub(super) fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(put_file))
}

/// Add a draft of a build.
#[utoipa::path(
    post, path = "/admin/products/{id}/builds", tag = "builds", security(("bearer" = ["editor"])),
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the product's version that is meant, or `*`."),
    ),
    request_body = NewBuild,
    responses((status = 201, body = Build, headers(("Location" = String, description = "The build.")))),
)]
async fn create_build(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    body: Json<NewBuild>,
) -> Result<Created<Build>> {
    if_match.honour(product(&app, id).await?.version)?;
    let build = builds::create(&app, id, &if_match, body.read()?).await?;
    let location = format!("{API}/admin/builds/{}", build.id);
    Ok(Created { body: build, headers: vec![(header::LOCATION, location)] })
}

/// The builds of a product, newest first.
#[utoipa::path(
    get, path = "/admin/products/{id}/builds", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path, description = "The product."), PageQuery),
    responses((status = 200, body = Page<Build>, headers(("Link" = String, description = "The next page.")))),
)]
async fn list_builds(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    uri: Uri,
) -> Result<Response> {
    product(&app, id).await?;
    Ok(builds::page(&app, id, &query).await?.answer(&uri))
}

/// A build with its files.
#[utoipa::path(
    get, path = "/admin/builds/{id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Build)),
)]
async fn show_build(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<Json<Build>> {
    let mut build = builds::find(&app.db.read, id).await?;
    scans::mark(&app, &mut build).await?;
    Ok(Json::of(build))
}

/// Offer a build to so many of a hundred owners, to begin with, or change a draft's notes.
///
/// They are always the same ones, and more of them when the number rises; the others are offered the release before.
/// 409 `build_withdrawn` when it was withdrawn, `build_released` for other notes than it was released with.
#[utoipa::path(
    patch, path = "/admin/builds/{id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Build)),
)]
async fn edit_build(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    body: Json<BuildChanges>,
) -> Result<Json<Build>> {
    builds::find(&app.db.read, id).await?;
    Ok(Json::of(builds::edit(&app, editor.id, id, &body.read()?).await?))
}

/// Delete a draft with its files.
///
/// 409 `build_released` for a build that was ever released.
#[utoipa::path(
    delete, path = "/admin/builds/{id}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "Deleted.")),
)]
async fn delete_build(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<StatusCode> {
    builds::delete(&app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Release a build: from here on it is offered to owners and never changes.
///
/// 409 `build_empty` without a file, `build_withdrawn` when it was withdrawn, `not_verified` while what was uploaded straight
/// into the bucket is being read, `not_scanned` and `infected` with `files` unless the scanner, if there is one, found
/// nothing in any of them. Releasing it again changes nothing.
#[utoipa::path(
    post, path = "/admin/builds/{id}/release", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Build)),
)]
async fn release_build(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Build>> {
    builds::find(&app.db.read, id).await?;
    body.read()?;
    Ok(Json::of(files::release(&app, editor.id, id).await?))
}

/// Withdraw a released build: it is no longer offered.
///
/// 409 `build_draft` when it was never released. Links that were given out go on to their end.
#[utoipa::path(
    post, path = "/admin/builds/{id}/withdraw", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Build)),
)]
async fn withdraw_build(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Build>> {
    builds::find(&app.db.read, id).await?;
    body.read()?;
    Ok(Json::of(builds::withdraw(&app, editor.id, id).await?))
}

/// Take a file off a draft.
///
/// 409 `build_released` for a build that was ever released.
#[utoipa::path(
    delete, path = "/admin/builds/{id}/files/{name}", tag = "builds", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path), ("name" = String, Path, description = "A flat file name.")),
    responses((status = 204, description = "Deleted.")),
)]
async fn delete_file(
    State(app): State<App>,
    _: Editor,
    Path((id, name)): Path<(Uuid, String)>,
) -> Result<StatusCode> {
    let name = FileName::parse(&name).map_err(|_| NOT_FOUND)?;
    builds::delete_file(&app, id, name.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a file into a draft, whole, in place of the one of that name.
///
/// The body is the file's bytes, whatever its type. Nothing of an upload that fails is kept, and a file that was
/// there stays as it was. 409 `build_released` for a build that was ever released, 422 `digest_mismatch` when the
/// bytes have another digest than `Repr-Digest` says.
#[utoipa::path(
    put, path = "/admin/builds/{id}/files/{name}", tag = "builds", security(("bearer" = ["editor"])),
    params(
        ("id" = Uuid, Path),
        ("name" = String, Path, description = "A flat file name: 1 to 255 bytes of UTF-8, percent-encoded."),
        ("Repr-Digest" = Option<String>, Header, description = "The digest of the bytes (RFC 9530), such as `sha-256=:…:`; other algorithms are ignored."),
    ),
    request_body(content = inline(FileBytes), content_type = "application/octet-stream"),
    responses((status = 201, body = BuildFile)),
)]
async fn put_file(
    State(app): State<App>,
    _: Editor,
    Path((id, name)): Path<(Uuid, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    builds::require_draft(&app.db.read, id).await?;
    let announced = announced(&name, &headers)?;
    let file = uploads::receive(&app, id, announced, body.into_data_stream()).await?;
    Ok((StatusCode::CREATED, Json::of(file)).into_response())
}

async fn product(app: &App, id: Uuid) -> Result<Product> {
    Ok(catalog::product(&app.db.read, id).await?.ok_or(NOT_FOUND)?)
}

/// What path and headers say of an upload.
fn announced(name: &str, headers: &HeaderMap) -> Result<Announced> {
    let name = FileName::parse(name)
        .map_err(|invalid| crate::error::Error::Invalid(vec![crate::error::Fault::of("name", invalid)]))?;
    refuse_encoding(headers)?;
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(PARTIAL_PUT.into());
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let waits = headers.get(header::EXPECT).is_some();
    Ok(Announced { name, length, sha256: repr_digest::sha256(headers)?, waits })
}
