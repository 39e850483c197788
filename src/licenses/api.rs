//! What sold software asks: who has the key needs no account.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::activation::{self, Activation, Verdict};
use crate::{
    accounts,
    app::App,
    error::Result,
    values::{LicenseKey, Word},
    web::{Created, Json, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(activate_license))
        .routes(routes!(validate_license))
        .routes(routes!(deactivate_license))
}

/// What is public of licence keys, at the root of the store.
pub(super) fn well_known() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(license_keys))
}

/// The public keys of licence keys that the store makes: a JWK Set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
struct LicenseKeySet {
    keys: Vec<LicensePublicKey>,
}

/// An Ed25519 key (RFC 8037 §2).
#[derive(Serialize, ToSchema)]
struct LicensePublicKey {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    use_: &'static str,
    /// The key, base64url.
    x: String,
}

/// The public key by which software verifies licence keys that the store makes, without asking anybody.
#[utoipa::path(
    get, path = "/.well-known/mist-license-keys.json", tag = "licenses", security(()),
    responses((status = 200, body = LicenseKeySet)),
)]
async fn license_keys(State(app): State<App>) -> Json<LicenseKeySet> {
    let x = URL_SAFE_NO_PAD.encode(app.keys.license_signer.public_key());
    Json::of(LicenseKeySet { keys: vec![LicensePublicKey { kty: "OKP", crv: "Ed25519", use_: "sig", x }] })
}

async fn count(app: &App, peer: &Peer) -> Result<()> {
    accounts::visit(app, peer.ip, "licenses", app.config.licenses.calls_per_address).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LicenseOnDevice {
    /// As its owner got it.
    license_key: LicenseKey,
    /// As the software names the device: a digest of what tells it from others.
    fingerprint: Word,
    /// As its owner calls it.
    #[schema(nullable = false)]
    name: Option<Word>,
}

/// Make a licence key active on a device. On a device on which it is active already, it stays so.
///
/// 404 `unknown_license`; 409 `license_revoked`, `license_held`, `activation_limit`; 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/licenses/activate", tag = "licenses", security(()),
    responses((status = 201, body = Activation), (status = 200, body = Activation)),
)]
async fn activate_license(
    State(app): State<App>,
    peer: Peer,
    body: Json<LicenseOnDevice>,
) -> Result<Response> {
    let LicenseOnDevice { license_key, fingerprint, name } = body.read()?;
    count(&app, &peer).await?;
    let (body, new) = activation::activate(&app, &license_key, &fingerprint, name.as_ref()).await?;
    Ok(if new {
        Created { body, headers: Vec::new() }.into_response()
    } else {
        Json::of(body).into_response()
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LicenseInQuestion {
    /// As its owner got it.
    license_key: LicenseKey,
    /// The device on which it should be active.
    #[schema(nullable = false)]
    fingerprint: Option<Word>,
}

/// Judge a licence key, and whether it is active on a device. 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/licenses/validate", tag = "licenses", security(()),
    responses((status = 200, body = Verdict)),
)]
async fn validate_license(
    State(app): State<App>,
    peer: Peer,
    body: Json<LicenseInQuestion>,
) -> Result<Json<Verdict>> {
    let LicenseInQuestion { license_key, fingerprint } = body.read()?;
    count(&app, &peer).await?;
    Ok(Json::of(activation::validate(&app, &license_key, fingerprint.as_ref()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LicenseOffDevice {
    /// As its owner got it.
    license_key: LicenseKey,
    /// The device to be set free.
    fingerprint: Word,
}

/// Set a device free. 404 `unknown_license`, or `not_found` where the key is not active; 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/licenses/deactivate", tag = "licenses", security(()),
    responses((status = 204, description = "Free.")),
)]
async fn deactivate_license(
    State(app): State<App>,
    peer: Peer,
    body: Json<LicenseOffDevice>,
) -> Result<StatusCode> {
    let LicenseOffDevice { license_key, fingerprint } = body.read()?;
    count(&app, &peer).await?;
    activation::deactivate(&app, &license_key, &fingerprint).await?;
    Ok(StatusCode::NO_CONTENT)
}
