//! What staff gives and takes back, on the wire.
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::grants::{self, Gift, Grant};
use crate::{
    accounts::Support,
    app::App,
    error::{Result, both},
    values::Word,
    web::{Created, Empty, IdempotencyKey, Json, Path, idempotency::replayed},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(grant_product)).routes(routes!(revoke_grant))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantBody {
    /// What to give.
    product_id: Uuid,
    /// Why, for colleagues.
    reason: Word,
}

/// Give a product to an account.
#[utoipa::path(post, path = "/admin/accounts/{id}/grants", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, description = "Kept for 24 hours.", min_length = 1, max_length = 255)),
    request_body = GrantBody,
    responses((status = 201, body = Grant, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before.")))))]
async fn grant_product(
    State(app): State<App>,
    Support(actor): Support,
    Path(account): Path<Uuid>,
    key: IdempotencyKey,
    body: Json<GrantBody>,
) -> Result<Created<Grant>> {
    grants::find_account(&app, account).await?;
    let once = key.once(actor.id, &body);
    let (once, GrantBody { product_id: product, reason }) = both(once, body.read())?;
    let gift = Gift { account, product, reason, actor: actor.id };
    let (body, again) = grants::give(&app, &gift, once.as_ref()).await?;
    Ok(Created { body, headers: replayed(again) })
}

/// Take back what was given.
#[utoipa::path(delete, path = "/admin/accounts/{id}/grants/{product_id}", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path), ("product_id" = Uuid, Path)),
    responses((status = 204)))]
async fn revoke_grant(
    State(app): State<App>,
    Support(actor): Support,
    Path((account, product)): Path<(Uuid, Uuid)>,
    body: Empty,
) -> Result<StatusCode> {
    grants::find(&app, account, product).await?;
    body.read()?;
    grants::take_back(&app, account, product, actor.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
