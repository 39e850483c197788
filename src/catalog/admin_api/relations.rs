//! What a product is to others, in the back office.
use axum::{extract::State, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::products::tagged;
use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        admin_product::{AdminProduct, admin_product},
        product,
        relations::{self, Relations},
    },
    error::{NOT_FOUND, Result},
    web::{Json, Path, if_match::IfMatch},
};

/// The routes of relations.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(put_relations))
}

/// Replace what a product is to others: the add-on to a base product, an edition of a main one, a bundle with its
/// contents. What is absent or null, it is not.
///
/// 409 `no_bundle` for what was in the store as a product of its own, `bundle_in_store` for emptying a published bundle.
#[utoipa::path(
    put, path = "/admin/products/{id}/relations", tag = "catalog administration",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body = Relations,
    responses((
        status = 200, body = AdminProduct, headers(("ETag" = String, description = "Its version.")),
    )),
    security(("bearer" = ["editor"])),
)]
async fn put_relations(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Json<Relations>,
) -> Result<Response> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    relations::put(&app, editor.id, id, &asked, &body.read()?).await?;
    Ok(tagged(admin_product(&app, id).await?))
}
