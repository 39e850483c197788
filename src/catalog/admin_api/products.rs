//! Products: made, read, changed, published, deleted.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderName, StatusCode, header};
use serde::Deserialize;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        admin_product::{AdminProduct, admin_product},
        contents::NewPrice,
        create::{self, NewProduct},
        edit::{self, ProductChanges},
        product, publish,
        texts::{self, NewTranslation},
    },
    error::{NOT_FOUND, Result},
    router::API,
    values::Locale,
    web::{
        Created, Empty, Json, Path,
        if_match::{IfMatch, version_tag},
    },
};

/// All prices of a product.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Prices(Vec<NewPrice>);

/// Prices of a product at most.
const MOST_PRICES: usize = 1000;

impl PartialSchema for Prices {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::ArrayBuilder;
        ArrayBuilder::new().items(NewPrice::schema()).max_items(Some(MOST_PRICES)).into()
    }
}

impl ToSchema for Prices {}

/// A product with the tag of its version.
pub(super) fn tagged(product: AdminProduct) -> Response {
    ([(header::ETAG, version_tag(product.version))], Json::of(product)).into_response()
}

/// Make a draft.
#[utoipa::path(
    post, path = "/admin/products", tag = "catalog administration", operation_id = "create_product",
    request_body = NewProduct,
    responses((
        status = 201, body = AdminProduct,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn create(
    State(app): State<App>,
    Editor(editor): Editor,
    body: Json<NewProduct>,
) -> Result<Created<AdminProduct>> {
    let id = create::create(&app, editor.id, body.read()?).await?;
    let product = admin_product(&app, id).await?;
    let headers: Vec<(HeaderName, String)> = vec![
        (header::LOCATION, format!("{API}/admin/products/{id}")),
        (header::ETAG, version_tag(product.version)),
    ];
    Ok(Created { body: product, headers })
}

/// One product, whatever its status.
#[utoipa::path(
    get, path = "/admin/products/{id}", tag = "catalog administration", operation_id = "read_product_for_editing",
    params(("id" = Uuid, Path, description = "The product.")),
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn read(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<Response> {
    Ok(tagged(admin_product(&app, id).await?))
}

/// Change a product: what is absent stays, null clears.
#[utoipa::path(
    patch, path = "/admin/products/{id}", tag = "catalog administration", operation_id = "change_product",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = String, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body = ProductChanges,
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn change(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Json<ProductChanges>,
) -> Result<Response> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.require(row.version)?;
    edit::change(&app, editor.id, id, &asked, &body.read()?).await?;
    Ok(tagged(admin_product(&app, id).await?))
}

/// Delete a product that was never sold.
#[utoipa::path(
    delete, path = "/admin/products/{id}", tag = "catalog administration", operation_id = "delete_product",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = String, Header, description = "The `ETag` of the version that is deleted, or `*`."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn delete(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
) -> Result<StatusCode> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.require(row.version)?;
    edit::delete(&app, editor.id, id, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a product into the store.
#[utoipa::path(
    post, path = "/admin/products/{id}/publish", tag = "catalog administration", operation_id = "publish_product",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is meant, or `*`."),
    ),
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn publish(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Empty,
) -> Result<Response> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    body.read()?;
    publish::publish(&app, editor.id, id, &asked).await?;
    Ok(tagged(admin_product(&app, id).await?))
}

/// Take a product out of the store; owners keep it.
#[utoipa::path(
    post, path = "/admin/products/{id}/archive", tag = "catalog administration", operation_id = "archive_product",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is meant, or `*`."),
    ),
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn archive(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Empty,
) -> Result<Response> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    body.read()?;
    publish::archive(&app, editor.id, id, &asked).await?;
    Ok(tagged(admin_product(&app, id).await?))
}

/// Replace all prices of a product.
#[utoipa::path(
    put, path = "/admin/products/{id}/prices", tag = "catalog administration", operation_id = "put_prices",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body(content = inline(Prices)),
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn put_prices(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Json<Prices>,
) -> Result<Response> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    texts::put_prices(&app, editor.id, id, &asked, &body.read()?.0).await?;
    Ok(tagged(admin_product(&app, id).await?))
}

/// Write or replace a product's texts in a language.
#[utoipa::path(
    put, path = "/admin/products/{id}/translations/{locale}", tag = "catalog administration",
    operation_id = "put_translation",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body = NewTranslation,
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn translate(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((id, locale)): Path<(Uuid, Locale)>,
    asked: IfMatch,
    body: Json<NewTranslation>,
) -> Result<Response> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    texts::translate(&app, editor.id, id, &asked, &locale, &body.read()?).await?;
    Ok(tagged(admin_product(&app, id).await?))
}

/// Delete a product's texts in a language.
#[utoipa::path(
    delete, path = "/admin/products/{id}/translations/{locale}", tag = "catalog administration",
    operation_id = "delete_translation",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn untranslate(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((id, locale)): Path<(Uuid, Locale)>,
    asked: IfMatch,
) -> Result<StatusCode> {
    texts::untranslate(&app, editor.id, id, &asked, &locale).await?;
    Ok(StatusCode::NO_CONTENT)
}
