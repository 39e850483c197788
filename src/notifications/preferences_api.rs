//! How I want to be told, over HTTP.
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    kinds::{Changes, Preferences},
    preferences,
};
use crate::{accounts::Account, app::App, error::Result, web::Json};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_notification_preferences, change_notification_preferences))
}

/// How I am told of each kind of things.
#[utoipa::path(get, path = "/me/notification-preferences", tag = "notifications",
    responses((status = 200, body = Preferences)))]
async fn read_notification_preferences(
    State(app): State<App>,
    account: Account,
) -> Result<Json<Preferences>> {
    Ok(Json::of(preferences::read(&app, &account).await?))
}

/// Change how I am told of some kinds of things; the others stay as they are.
///
/// 422 `always_on` for what keeps the account safe, which can't be switched off.
#[utoipa::path(put, path = "/me/notification-preferences", tag = "notifications",
    responses((status = 200, body = Preferences)))]
async fn change_notification_preferences(
    State(app): State<App>,
    account: Account,
    body: Json<Changes>,
) -> Result<Json<Preferences>> {
    Ok(Json::of(preferences::change(&app, &account, &body.read()?).await?))
}
