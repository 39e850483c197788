//! The second factor: set up, asked for, taken away.
use entity::{account, totp_factor};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{Account, Row, factor_queries, notices::Notice, own_password, queries, recovery, step_up, totp};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    events::Event,
    keys::MasterKey,
    values::Password,
};

/// 401 for a wrong code and one that was used before alike, told only to who gave the right password.
pub(super) const INVALID_TOTP: Refusal =
    Refusal::unauthorized("invalid_totp", "This code is wrong, too old, or was used before.");
/// 409: there is one already.
const TOTP_ENABLED: Refusal =
    Refusal::conflict("totp_enabled", "This account has a second factor; take it away first.");
/// The step before every step: no code was used yet.
const NO_STEP: i64 = -1;

/// A secret to be confirmed by a code of it.
pub(super) struct Pending {
    /// Base32.
    pub(super) secret: String,
    /// For an authenticator app.
    pub(super) otpauth_uri: String,
}

/// Makes a secret, which counts once a code of it is given; it replaces one that never was confirmed.
///
/// 403 `reauthentication_required`, 409 `totp_enabled`.
pub(super) async fn begin(app: &App, who: &Account) -> Result<Pending> {
    step_up::require_recent_proof(app, who)?;
    let secret = totp::new_secret()?;
    let factor = totp_factor::Model {
        account_id: who.id,
        sealed: app.master.seal(&seal_name(who.id), &secret)?,
        last_step: NO_STEP,
        created_at: app.clock.now(),
    };
    let row = app
        .db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.totp_enabled {
                return Err(TOTP_ENABLED.into());
            }
            factor_queries::put_totp_factor(tx, factor.clone()).await?;
            Ok(row)
        })
        .await?;
    let otpauth_uri = totp::otpauth_uri(&secret, &app.config.store.name, &row.email)?;
    Ok(Pending { secret: totp::as_typed(&secret), otpauth_uri })
}

/// Makes the pending secret count, and answers the recovery codes: they are never shown again.
///
/// 422 `invalid_totp` at `code`; 404 when nothing is pending.
pub(super) async fn confirm(app: &App, who: &Account, code: &str) -> Result<Vec<String>> {
    step_up::require_recent_proof(app, who)?;
    let codes = recovery::new_codes()?;
    let digests: Vec<Vec<u8>> = codes.iter().map(|code| recovery::digest(code)).collect();
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.totp_enabled {
                return Err(TOTP_ENABLED.into());
            }
            let factor = factor_queries::totp_factor(tx, row.id).await?.ok_or(NOT_FOUND)?;
            if !take_time_code(tx, app, &factor, code).await? {
                return Err(Error::field("code", INVALID_TOTP.code, "is not the code of now"));
            }
            factor_queries::insert_recovery_codes(tx, row.id, digests.clone()).await?;
            switch(tx, app, &row, who.id, true).await
        })
        .await?;
    Ok(codes)
}

/// Takes the second factor away, confirmed or not; refuses as [`own_password::prove`] at `password`, and by 404 when
/// there is none.
pub(super) async fn remove(app: &App, who: &Account, password: Option<&Password>) -> Result<()> {
    step_up::require_recent_proof(app, who)?;
    let compared = own_password::prove(app, who, password, "password").await?;
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.password_hash != compared.password_hash {
                return Err(own_password::wrong("password"));
            }
            if !factor_queries::delete_totp_factor(tx, row.id).await? {
                return Err(NOT_FOUND.into());
            }
            if row.totp_enabled { switch(tx, app, &row, who.id, false).await } else { Ok(()) }
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Takes a code of the account's second factor, or one of its recovery codes, and uses it up; 401 `invalid_totp`.
///
/// Belongs behind the lock on the account's row, after the password was found right.
pub(super) async fn prove(tx: &impl ConnectionTrait, app: &App, row: &Row, code: &str) -> Result<()> {
    let factor = factor_queries::totp_factor(tx, row.id).await?.filter(|_| row.totp_enabled);
    let factor = factor.ok_or(INVALID_TOTP)?;
    if take_time_code(tx, app, &factor, code).await? {
        return Ok(());
    }
    let now = app.clock.now();
    if !factor_queries::use_recovery_code(tx, row.id, recovery::digest(code), now).await? {
        return Err(INVALID_TOTP.into());
    }
    let event = Event::new("account.recovery_code_used", row.id).account(row.id).actor(row.id);
    Ok(event.record(tx, &app.clock).await?)
}

/// Whether this was a code of now that was not used yet.
async fn take_time_code(
    tx: &impl ConnectionTrait,
    app: &App,
    factor: &totp_factor::Model,
    code: &str,
) -> Result<bool> {
    let secret = open(&app.master, factor)?;
    let Some(step) = totp::step_of(&secret, code.trim(), app.clock.now())? else { return Ok(false) };
    Ok(factor_queries::use_step(tx, factor.account_id, step).await?)
}

/// Says on the account whether signing in asks for a code, and tells the log, and its owner if it no longer does.
pub(super) async fn switch(
    tx: &impl ConnectionTrait,
    app: &App,
    row: &Row,
    actor: Uuid,
    enabled: bool,
) -> Result<()> {
    let changed = account::ActiveModel {
        id: Unchanged(row.id),
        totp_enabled: Set(enabled),
        updated_at: Set(app.clock.now()),
        ..Default::default()
    };
    queries::update_account(tx, changed).await?;
    if !enabled {
        Notice::SecondFactorRemoved.enqueue(tx, app, row.id, row.id).await?;
    }
    let kind = if enabled { "account.totp_enabled" } else { "account.totp_disabled" };
    Ok(Event::new(kind, row.id).account(row.id).actor(actor).record(tx, &app.clock).await?)
}

fn open(master: &MasterKey, factor: &totp_factor::Model) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    Ok(master.open(&seal_name(factor.account_id), &factor.sealed)?.into())
}

/// What binds a sealed secret to its account.
fn seal_name(account: Uuid) -> String {
    format!("totp {account}")
}
