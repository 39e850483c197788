//! Front door of the evidence on an order.
use axum::extract::State;
use uuid::Uuid;

use super::evidence::{self, Evidence};
use crate::{
    accounts::Support,
    app::App,
    error::Result,
    web::{Json, Path},
};

/// What a dispute about an order asks for.
///
/// The order, what its buyer agreed to and from where, what tells where the buyer was, payments, downloads, licence keys
/// that were shown, and sign-ins near it. Addresses are there as long as the store keeps them.
#[utoipa::path(get, path = "/admin/orders/{id}/evidence", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Evidence)))]
pub(super) async fn order_evidence(
    State(app): State<App>,
    _: Support,
    Path(id): Path<Uuid>,
) -> Result<Json<Evidence>> {
    Ok(Json::of(evidence::of(&app, id).await?))
}
