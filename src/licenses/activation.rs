//! A key becomes active on a device, is judged, and is set free again.
use chrono::{DateTime, Utc};
use entity::license_activation::Model;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    catalog::licenses::{self, KeyRow, KeyStatus},
    error::{NOT_FOUND, Refusal, Result},
    library,
    values::{LicenseKey, Word},
};

const UNKNOWN_LICENSE: Refusal = Refusal::not_found("unknown_license", "There is no such licence key.");
const LICENSE_REVOKED: Refusal =
    Refusal::conflict("license_revoked", "This licence key does not hold any more.");
const LICENSE_HELD: Refusal =
    Refusal::conflict("license_held", "This licence key is held back while its payment is disputed.");
const ACTIVATION_LIMIT: Refusal = Refusal::conflict(
    "activation_limit",
    "This licence key is active on as many devices as it may; deactivate one first.",
);

/// A key on a device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Activation {
    /// UUIDv7.
    id: Uuid,
    /// What the key is for.
    product_id: Uuid,
    /// UTC.
    activated_at: DateTime<Utc>,
    /// Devices on which it is active.
    activations: u64,
    /// Devices on which it may be.
    max_activations: i64,
}

/// Whether a key holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Whether it does; on the device, if one was named.
    valid: bool,
    /// Why it does not; null where it does.
    reason: Option<Reason>,
    /// What it is for; null for an unknown one.
    product_id: Option<Uuid>,
    /// Devices on which it is active.
    activations: u64,
    /// Devices on which it may be.
    max_activations: i64,
}

/// Why a key does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// There is no such key.
    UnknownLicense,
    /// It was taken back.
    LicenseRevoked,
    /// Its payment is disputed.
    LicenseHeld,
    /// It is not active on that device.
    NotActivated,
}

/// Makes a key active on a device; again is the same. Says whether it is new. 404 `unknown_license`, 409
/// `license_revoked`, `license_held`, `activation_limit`.
pub(super) async fn activate(
    app: &App,
    key: &LicenseKey,
    fingerprint: &Word,
    name: Option<&Word>,
) -> Result<(Activation, bool)> {
    let new = (app.clock.new_id(), app.clock.now());
    app.db
        .write(async |tx| {
            let (row, most) = found(app, tx, key).await?;
            if row.status == KeyStatus::Revoked {
                return Err(LICENSE_REVOKED.into());
            }
            if is_held(tx, &row).await? {
                return Err(LICENSE_HELD.into());
            }
            let shown = |model: Model, activations| Activation {
                id: model.id,
                product_id: row.product_id,
                activated_at: model.activated_at,
                activations,
                max_activations: most,
            };
            let count = queries::count(tx, row.id).await?;
            if let Some(known) = queries::on(tx, row.id, fingerprint.as_str()).await? {
                return Ok((shown(known, count), false));
            }
            if i64::try_from(count).is_ok_and(|count| count >= most) {
                return Err(ACTIVATION_LIMIT.into());
            }
            let model = Model {
                id: new.0,
                key_id: row.id,
                fingerprint: fingerprint.as_str().to_owned(),
                name: name.map(|name| name.as_str().to_owned()),
                activated_at: new.1,
            };
            queries::insert(tx, model.clone()).await?;
            Ok((shown(model, count + 1), true))
        })
        .await
}

/// Judges a key, and whether it is active on a device.
pub(super) async fn validate(app: &App, key: &LicenseKey, fingerprint: Option<&Word>) -> Result<Verdict> {
    let db = &app.db.read;
    let Some((row, most)) = licenses::find(app, db, key).await? else {
        let reason = Some(Reason::UnknownLicense);
        return Ok(Verdict { valid: false, reason, product_id: None, activations: 0, max_activations: 0 });
    };
    let on_device = match fingerprint {
        Some(fingerprint) => queries::on(db, row.id, fingerprint.as_str()).await?.is_some(),
        None => true,
    };
    let reason = match row.status {
        KeyStatus::Revoked => Some(Reason::LicenseRevoked),
        _ if is_held(db, &row).await? => Some(Reason::LicenseHeld),
        _ if !on_device => Some(Reason::NotActivated),
        _ => None,
    };
    Ok(Verdict {
        valid: reason.is_none(),
        reason,
        product_id: Some(row.product_id),
        activations: queries::count(db, row.id).await?,
        max_activations: most,
    })
}

/// Sets a device free; 404 `unknown_license`, or `not_found` where the key is not active there.
pub(super) async fn deactivate(app: &App, key: &LicenseKey, fingerprint: &Word) -> Result<()> {
    app.db
        .write(async |tx| {
            let (row, _) = found(app, tx, key).await?;
            match queries::delete(tx, row.id, fingerprint.as_str()).await? {
                true => Ok(()),
                false => Err(NOT_FOUND.into()),
            }
        })
        .await
}

/// Whether a dispute holds the right back that a key came with.
async fn is_held(db: &impl ConnectionTrait, row: &KeyRow) -> Result<bool> {
    match row.source_id {
        Some(source) => library::is_frozen(db, source).await,
        None => Ok(false),
    }
}

/// A key under its lock: devices are counted one after the other.
async fn found(app: &App, tx: &impl ConnectionTrait, key: &LicenseKey) -> Result<(KeyRow, i64)> {
    let (row, most) = licenses::find(app, tx, key).await?.ok_or(UNKNOWN_LICENSE)?;
    let row = licenses::lock(tx, row.id).await?.ok_or(UNKNOWN_LICENSE)?;
    Ok((row, most))
}
