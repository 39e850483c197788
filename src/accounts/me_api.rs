//! One's own account over HTTP.
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Account,
    answers::AccountAnswer,
    own_password::has_password,
    password,
    profile::{self, ProfileEdit},
};
use crate::{
    app::App,
    error::Result,
    values::{Country, DisplayName, Locale, NewPassword, Password},
    web::{Json, Query, patch::clearable, query::NoParameters},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_me, edit_me)).routes(routes!(change_password))
}

/// One's own account.
#[utoipa::path(get, path = "/me", tag = "accounts", responses((status = 200, body = AccountAnswer)))]
async fn read_me(
    State(app): State<App>,
    account: Account,
    _: Query<NoParameters>,
) -> Result<Json<AccountAnswer>> {
    Ok(Json::of(profile::find(&app, account.id).await?.into()))
}

/// What is changed of one's own account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountPatch {
    /// What others see.
    #[schema(nullable = false)]
    display_name: Option<DisplayName>,
    /// BCP 47; null to clear it.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Locale>)]
    locale: Option<Option<Locale>>,
    /// ISO 3166-1 alpha-2; null to clear it.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Country>)]
    country: Option<Option<Country>>,
}

impl From<AccountPatch> for ProfileEdit {
    fn from(body: AccountPatch) -> Self {
        Self { display_name: body.display_name, locale: body.locale, country: body.country }
    }
}

/// Change one's own account.
#[utoipa::path(patch, path = "/me", tag = "accounts", responses((status = 200, body = AccountAnswer)))]
async fn edit_me(
    State(app): State<App>,
    account: Account,
    body: Json<AccountPatch>,
) -> Result<Json<AccountAnswer>> {
    Ok(Json::of(profile::edit(&app, &account, body.read()?.into()).await?.into()))
}

/// A new password, and the one it replaces if there is one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// At most 256 bytes; left out by who has none.
    #[schema(nullable = false)]
    current_password: Option<Password>,
    /// 10 to 256 bytes, not easily guessed.
    new_password: NewPassword,
}

/// Replace one's password, or set a first one, and sign out every other device.
///
/// 422 `invalid_credentials` at `current_password` if that is another one. Who signs in through a provider and never had
/// one leaves it out (else 409 `no_password`) after a recent proof (else 403 `reauthentication_required`).
#[utoipa::path(
    put, path = "/me/password", tag = "accounts",
    responses((status = 204, description = "Replaced.")),
)]
async fn change_password(
    State(app): State<App>,
    account: Account,
    body: Json<PasswordChange>,
) -> Result<StatusCode> {
    let body = body.read_with(password::CURRENT, has_password(&app, &account).await?)?;
    password::change(&app, &account, body.current_password.as_ref(), body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
