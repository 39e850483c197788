//! Signing in by password.
use entity::account;
use sea_orm::ActiveValue::{Set, Unchanged};

use super::{
    Row,
    hashing::Verdict,
    limits, queries,
    sessions::{Device, SignedIn, Started},
    throttle::Counted,
};
use crate::{
    app::App,
    error::{Refusal, Result},
    values::{Email, Password},
};

/// 401 for a wrong password and for an unknown address alike.
const INVALID_CREDENTIALS: Refusal =
    Refusal::unauthorized("invalid_credentials", "There is no account with this address and password.");
/// 403, told only to who knows the password.
const ACCOUNT_SUSPENDED: Refusal = Refusal::forbidden("account_suspended", "This account is suspended.");

/// Whether signing in to an account asks for more than its password. No kind of second factor can be set up yet.
pub(super) const fn asks_second_factor(_: &Row) -> bool {
    false
}

/// Signs in on a device; 401 `invalid_credentials`, 403 `account_suspended`, 429 `too_many_attempts`, 503 `busy`.
///
/// A text that is no address belongs to nobody, and costs what an unknown address costs.
pub(super) async fn login(app: &App, email: &str, password: &Password, device: Device) -> Result<SignedIn> {
    let account = find(app, email).await?.map(|row| row.id);
    let counted = limits::sign_in(app, email, account, &device).await?;
    let outcome = enter(app, email, password, device, &counted).await;
    counted.settle(app, &outcome).await?;
    outcome
}

async fn enter(
    app: &App,
    email: &str,
    password: &Password,
    device: Device,
    counted: &Counted,
) -> Result<SignedIn> {
    if let Some(signed_in) = attempt(app, email, password, device.clone(), counted).await? {
        return Ok(signed_in);
    }
    // The hash was replaced meanwhile: by another sign-in that renewed it, or by a change of the password.
    attempt(app, email, password, device, counted).await?.ok_or_else(|| INVALID_CREDENTIALS.into())
}

async fn find(app: &App, email: &str) -> Result<Option<Row>> {
    match Email::parse(email) {
        Ok(email) => Ok(queries::account_by_email(&app.db.read, email.as_str()).await?),
        Err(_) => Ok(None),
    }
}

/// None when the account's hash was replaced between the comparison and the transaction.
async fn attempt(
    app: &App,
    email: &str,
    password: &Password,
    device: Device,
    counted: &Counted,
) -> Result<Option<SignedIn>> {
    let known = find(app, email).await?;
    let hash = known.as_ref().map(|row| row.password_hash.as_str());
    let verdict = app.identity.hashing.verify(password, hash).await?;
    let compared = known.filter(|_| verdict != Verdict::Wrong).ok_or(INVALID_CREDENTIALS)?;
    if compared.status == account::Status::Suspended {
        return Err(ACCOUNT_SUSPENDED.into());
    }
    let renewed = match verdict {
        Verdict::Outdated => Some(app.identity.hashing.renew(password).await?),
        Verdict::Right | Verdict::Wrong => None,
    };
    let started = Started::new(app, compared.id, device)?;
    let entered = app
        .db
        .write(async |tx| {
            let row = queries::lock_account(tx, compared.id).await?;
            let Some(row) = row.filter(|row| row.password_hash == compared.password_hash) else {
                return Ok(None);
            };
            if row.status == account::Status::Suspended {
                return Err(ACCOUNT_SUSPENDED.into());
            }
            if let Some(hash) = &renewed {
                let changed = account::ActiveModel {
                    id: Unchanged(row.id),
                    password_hash: Set(hash.clone()),
                    ..Default::default()
                };
                queries::update_account(tx, changed).await?;
            }
            counted.succeeded(app, tx).await?;
            started.insert(tx).await?;
            Ok(Some(row))
        })
        .await?;
    entered.map(|row| started.signed_in(app, row)).transpose()
}
