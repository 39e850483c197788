//! The second factor and proving oneself again, over HTTP.
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Account,
    own_password::has_password,
    reauthenticate::{self, Proof},
    second_factor::{self, Pending},
    step_up,
};
use crate::{
    app::App,
    error::{Error, Result},
    values::Password,
    web::{Created, Empty, Json},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reauthenticate))
        .routes(routes!(start_totp, delete_totp))
        .routes(routes!(confirm_totp))
}

/// What proves who is there: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reauthentication {
    /// At most 256 bytes.
    password: Option<Password>,
    /// A code of the second factor, or a recovery code.
    #[schema(min_length = 1, max_length = 32)]
    totp_code: Option<String>,
}

impl TryFrom<Reauthentication> for Proof {
    type Error = Error;

    fn try_from(body: Reauthentication) -> Result<Self> {
        match (body.password, body.totp_code) {
            (Some(password), None) => Ok(Self::Password(password)),
            (None, Some(code)) => Ok(Self::Code(code)),
            (Some(_), Some(_)) => {
                Err(Error::field("totp_code", "conflicting", "must not come with `password`"))
            }
            (None, None) => Err(Error::field("password", "required", "must be given, or else `totp_code`")),
        }
    }
}

/// Prove again who one is.
///
/// For the next ten minutes this session may do what asks for a recent proof. 401 `invalid_credentials` or
/// `invalid_totp`; 409 `no_password` to an account without one, which proves itself by a code or by signing in anew.
#[utoipa::path(
    post, path = "/auth/reauthenticate", tag = "accounts",
    responses((status = 204, description = "Proven.")),
)]
async fn reauthenticate(
    State(app): State<App>,
    account: Account,
    body: Json<Reauthentication>,
) -> Result<StatusCode> {
    reauthenticate::reauthenticate(&app, &account, &body.read()?.try_into()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A secret for an authenticator app; shown this once.
#[derive(Serialize, ToSchema)]
struct TotpSecret {
    /// Base32, to be typed.
    secret: String,
    /// To be shown as a QR code.
    otpauth_uri: String,
}

impl From<Pending> for TotpSecret {
    fn from(pending: Pending) -> Self {
        Self { secret: pending.secret, otpauth_uri: pending.otpauth_uri }
    }
}

/// Begin to set up a second factor by time-based codes.
///
/// It counts once it is confirmed by a code; beginning again replaces the secret. 403 `reauthentication_required`
/// without a recent proof; 409 `totp_enabled` if there is a second factor already.
#[utoipa::path(post, path = "/me/totp", tag = "accounts", responses((status = 201, body = TotpSecret)))]
async fn start_totp(State(app): State<App>, account: Account, body: Empty) -> Result<impl IntoResponse> {
    step_up::require_recent_proof(&app, &account)?;
    body.read()?;
    let pending = second_factor::begin(&app, &account).await?;
    Ok(Created { body: TotpSecret::from(pending), headers: Vec::new() })
}

/// A code of the secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpConfirmation {
    /// As the authenticator app shows it now: six digits.
    #[schema(min_length = 1, max_length = 32, example = "123456")]
    code: String,
}

/// The codes for who loses the second factor; shown this once.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Ten; each is good for once, in place of a time-based code.
    recovery_codes: Vec<String>,
}

/// Confirm the second factor by a code: from now on signing in asks for one.
///
/// 403 `reauthentication_required` without a recent proof; 422 `invalid_totp` at `code`.
#[utoipa::path(post, path = "/me/totp/confirm", tag = "accounts", responses((status = 200, body = RecoveryCodes)))]
async fn confirm_totp(
    State(app): State<App>,
    account: Account,
    body: Json<TotpConfirmation>,
) -> Result<Json<RecoveryCodes>> {
    step_up::require_recent_proof(&app, &account)?;
    let recovery_codes = second_factor::confirm(&app, &account, &body.read()?.code).await?;
    Ok(Json::of(RecoveryCodes { recovery_codes }))
}

/// The password, once more, if there is one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpRemoval {
    /// At most 256 bytes; left out by who has none.
    #[schema(nullable = false)]
    password: Option<Password>,
}

/// Take the second factor away, and its recovery codes.
///
/// 403 `reauthentication_required` without a recent proof; 422 `invalid_credentials` at `password` if that is another
/// one; 409 `no_password` if there is none.
#[utoipa::path(
    delete, path = "/me/totp", tag = "accounts",
    responses((status = 204, description = "Taken away.")),
)]
async fn delete_totp(
    State(app): State<App>,
    account: Account,
    body: Json<TotpRemoval>,
) -> Result<StatusCode> {
    step_up::require_recent_proof(&app, &account)?;
    let body = body.read_with("password", has_password(&app, &account).await?)?;
    second_factor::remove(&app, &account, body.password.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
