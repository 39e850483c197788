//! Coupons in the back office.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use http::{StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    coupon_changes::{self, CouponChanges},
    coupon_desk::{self, Coupon, NewCoupon},
};
use crate::{
    accounts::Editor,
    app::App,
    error::Result,
    router::API,
    web::{Created, Empty, Json, Page, PageQuery, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_coupons, create_coupon)).routes(routes!(
        read_coupon,
        change_coupon,
        delete_coupon
    ))
}

/// Coupons, the newest first.
#[utoipa::path(get, path = "/admin/coupons", tag = "coupons", security(("bearer" = ["editor"])),
    params(PageQuery), responses((status = 200, body = Page<Coupon>)))]
async fn list_coupons(
    State(app): State<App>,
    _: Editor,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<PageQuery>,
) -> Result<Response> {
    Ok(coupon_desk::page(&app, &asked).await?.answer(&uri))
}

/// Make a coupon. 409 `code_taken`.
#[utoipa::path(post, path = "/admin/coupons", tag = "coupons", security(("bearer" = ["editor"])),
    responses((status = 201, body = Coupon, headers(("Location" = String, description = "The coupon.")))))]
async fn create_coupon(
    State(app): State<App>,
    Editor(editor): Editor,
    body: Json<NewCoupon>,
) -> Result<Created<Coupon>> {
    let body = coupon_desk::create(&app, editor.id, body.read()?).await?;
    let headers = vec![(header::LOCATION, format!("{API}/admin/coupons/{}", body.id()))];
    Ok(Created { body, headers })
}

/// A coupon, with how many orders use it.
#[utoipa::path(get, path = "/admin/coupons/{id}", tag = "coupons", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Coupon)))]
async fn read_coupon(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<Json<Coupon>> {
    Ok(Json::of(coupon_desk::one(&app, id).await?))
}

/// Change a coupon. 409 `code_taken`; `coupon_used` for a limit that is exceeded already, and for another code or another
/// worth of one that orders use.
#[utoipa::path(patch, path = "/admin/coupons/{id}", tag = "coupons", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Coupon)))]
async fn change_coupon(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    body: Json<CouponChanges>,
) -> Result<Json<Coupon>> {
    coupon_desk::one(&app, id).await?;
    Ok(Json::of(coupon_changes::change(&app, editor.id, id, body.read()?).await?))
}

/// Delete a coupon that no order uses. 409 `coupon_used`.
#[utoipa::path(delete, path = "/admin/coupons/{id}", tag = "coupons", security(("bearer" = ["editor"])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "Deleted.")))]
async fn delete_coupon(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<StatusCode> {
    coupon_desk::one(&app, id).await?;
    body.read()?;
    coupon_desk::delete(&app, editor.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
