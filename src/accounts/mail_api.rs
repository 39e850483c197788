//! Proving addresses and replacing forgotten passwords over HTTP.
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Account, email, own_password::has_password, reset};
use crate::{
    app::App,
    error::Result,
    values::{Email, NewPassword, Password},
    web::{Empty, Json, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(verify_email))
        .routes(routes!(resend_verification))
        .routes(routes!(change_email))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
}

/// The token of a mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Proof {
    /// As it stands in the link.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
}

/// Prove an address by the token that was mailed to it.
///
/// It is the account's address, or the one that now becomes it. 422 `invalid_token` for a token that is unknown, used,
/// replaced by a newer one or expired.
#[utoipa::path(
    post, path = "/auth/email/verify", tag = "accounts", security(()),
    responses((status = 204, description = "Proven.")),
)]
async fn verify_email(State(app): State<App>, body: Json<Proof>) -> Result<StatusCode> {
    email::verify(&app, &body.read()?.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have another mail sent that proves my address.
///
/// Nothing is sent when it is proven already. 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/auth/email/resend", tag = "accounts",
    responses((status = 202, description = "The mail is on its way.")),
)]
async fn resend_verification(State(app): State<App>, account: Account, body: Empty) -> Result<StatusCode> {
    body.read()?;
    email::resend(&app, &account).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A new address, and the password, if there is one, that says who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailChange {
    /// The local part ASCII, the domain of any script.
    email: Email,
    /// At most 256 bytes; left out by who has none.
    #[schema(nullable = false)]
    password: Option<Password>,
}

/// Change my address, once the new one is proven by mail.
///
/// The old address is told. The answer is the same whether or not the new one has an account. 422
/// `invalid_credentials` at `password` if that is another one; who has none leaves it out (else 409 `no_password`) after a
/// recent proof (else 403 `reauthentication_required`). 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/me/email", tag = "accounts",
    responses((status = 202, description = "The mails are on their way.")),
)]
async fn change_email(
    State(app): State<App>,
    account: Account,
    body: Json<EmailChange>,
) -> Result<StatusCode> {
    let body = body.read_with("password", has_password(&app, &account).await?)?;
    email::change(&app, &account, &body.email, body.password.as_ref()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Who forgot a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    /// The address of the account, in any spelling; what is no address has no account.
    #[schema(min_length = 1, max_length = 320, example = "ada@example.com")]
    email: String,
}

/// Have a link mailed by which a forgotten password is replaced.
///
/// The answer is the same whether or not the address has an account. 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/auth/password/forgot", tag = "accounts", security(()),
    responses((status = 202, description = "If there is such an account, the mail is on its way.")),
)]
async fn forgot_password(State(app): State<App>, peer: Peer, body: Json<Forgotten>) -> Result<StatusCode> {
    reset::forgot(&app, &body.read()?.email, &peer.into()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The token of a mailed link, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordReset {
    /// As it stands in the link.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
    /// 10 to 256 bytes, not easily guessed.
    new_password: NewPassword,
}

/// Replace a forgotten password and sign out every device.
///
/// A token is good once, for 30 minutes, until a newer one is mailed or the password or address is changed; after that
/// 422 `invalid_token`. Nobody is signed in by this.
#[utoipa::path(
    post, path = "/auth/password/reset", tag = "accounts", security(()),
    responses((status = 204, description = "Replaced.")),
)]
async fn reset_password(State(app): State<App>, body: Json<PasswordReset>) -> Result<StatusCode> {
    let body = body.read()?;
    reset::reset(&app, &body.token, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
