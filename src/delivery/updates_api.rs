//! What a launcher asks: is there anything newer than what is installed?
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::grants;
use crate::{
    accounts::Account,
    app::App,
    catalog::{
        Platform,
        builds::{self, Arch, Update, Wanted},
    },
    error::Result,
    values::Slug,
    web::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_update))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UpdateQuery {
    /// Where it should run; builds for anything run everywhere.
    #[param(inline)]
    platform: Option<Platform>,
    /// The processor it should run on; builds for any run on each.
    #[param(inline)]
    arch: Option<Arch>,
    /// `stable` unless said.
    #[param(inline)]
    channel: Option<Slug>,
    /// The build that is installed, by its id or version.
    #[param(max_length = 64)]
    since: Option<String>,
}

/// What is newer than the build that I have.
///
/// The newest build that is offered to me, and which of its files have other bytes than those of `since`; all of them
/// when `since` is absent or unknown. What was withdrawn is followed by the release before it. 404 for what I don't own;
/// 409 `not_released` for a pre-order until its release, `no_build` when nothing fits.
#[utoipa::path(
    get, path = "/products/{id}/updates", tag = "library",
    params(("id" = Uuid, Path, description = "The product."), UpdateQuery),
    responses((status = 200, body = Update)),
)]
async fn read_update(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    Query(query): Query<UpdateQuery>,
) -> Result<Json<Update>> {
    grants::require_owned(&app, &account, id).await?;
    grants::require_released(&app, &app.db.read, id).await?;
    let wanted = Wanted { id: None, platform: query.platform, arch: query.arch, channel: query.channel };
    let update = builds::update_of(&app, id, account.id, &wanted, query.since.as_deref()).await?;
    Ok(Json::of(update.ok_or(grants::NO_BUILD)?))
}
