//! Giving back, on the wire.
use axum::{
    extract::State,
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    orders::{self, AdminOrder, Order},
    refunds::{self, By, Wish},
};
use crate::{
    accounts::{Account, Support},
    app::App,
    error::{Result, both},
    values::Reason,
    web::{IdempotencyKey, Json, Path, idempotency::replayed},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(refund_order)).routes(routes!(refund_any_order))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    /// Products of the order; default: all that were not given back.
    #[schema(min_items = 1, max_items = 100)]
    items: Option<Vec<Uuid>>,
    /// Why.
    reason: Reason,
    /// Whether all of it becomes store credit; default: what was captured goes back the way it came, and the rest is credit.
    to_credit: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StaffRefundBody {
    /// Products of the order; default: all that were not given back.
    #[schema(min_items = 1, max_items = 100)]
    items: Option<Vec<Uuid>>,
    /// Why, for colleagues.
    reason: Reason,
    /// Whether what was paid stays owned; default: no.
    keep_access: Option<bool>,
    /// Whether all of it becomes store credit; default: what was captured goes back the way it came, and the rest is credit.
    to_credit: Option<bool>,
}

/// Give something I bought back, within the store's policy.
///
/// Default: within 14 days, and never delivered. 409 `not_refundable` with its `reason`: `not_paid`, `too_late`,
/// `downloaded`, `key_shown` where its licence key was, `already_refunded`, `disputed`, `claimed` of a gift.
#[utoipa::path(post, path = "/orders/{id}/refund", tag = "orders",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, description = "Visible ASCII, kept for 24 hours.", min_length = 1, max_length = 255)),
    request_body = RefundBody,
    responses((status = 200, body = Order, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before.")))))]
async fn refund_order(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
    body: Json<RefundBody>,
) -> Result<Response> {
    orders::one(&app, account.id, id).await?;
    let once = key.once(account.id, &body);
    let (once, RefundBody { items, reason, to_credit }) = both(once, body.read())?;
    let to_credit = to_credit.unwrap_or_default();
    let wish = Wish { items, reason: reason.into_string(), to_credit, by: By::Buyer(account.id) };
    let again = refunds::refund(&app, id, &wish, once.as_ref()).await?;
    let order = orders::one(&app, account.id, id).await?;
    Ok((AppendHeaders(replayed(again)), Json::of(order)).into_response())
}

/// Give anybody's order back, whole or some of it.
///
/// 409 `not_refundable` with its `reason`: `not_paid`, `already_refunded`, `disputed`; `erased` where it was to become credit
/// of somebody who was erased.
#[utoipa::path(post, path = "/admin/orders/{id}/refund", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, description = "Visible ASCII, kept for 24 hours.", min_length = 1, max_length = 255)),
    request_body = StaffRefundBody,
    responses((status = 200, body = AdminOrder, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before.")))))]
async fn refund_any_order(
    State(app): State<App>,
    Support(actor): Support,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
    body: Json<StaffRefundBody>,
) -> Result<Response> {
    orders::any(&app, id).await?;
    let once = key.once(actor.id, &body);
    let (once, StaffRefundBody { items, reason, keep_access, to_credit }) = both(once, body.read())?;
    let by = By::Staff { actor: actor.id, keep_access: keep_access.unwrap_or_default() };
    let to_credit = to_credit.unwrap_or_default();
    let wish = Wish { items, reason: reason.into_string(), to_credit, by };
    let again = refunds::refund(&app, id, &wish, once.as_ref()).await?;
    let order = orders::any(&app, id).await?;
    Ok((AppendHeaders(replayed(again)), Json::of(order)).into_response())
}
