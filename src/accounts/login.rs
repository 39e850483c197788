//! Signing in by password.
use entity::account;
use sea_orm::ActiveValue::{Set, Unchanged};
use uuid::Uuid;

use super::{
    Row,
    hashing::Verdict,
    limits, new_device, queries, second_factor,
    sessions::{Device, SignedIn, Started},
    throttle::Counted,
};
use crate::{
    app::App,
    error::{Refusal, Result},
    events::Event,
    values::{Email, Password},
};

/// 401 for a wrong password and for an unknown address alike.
pub(super) const INVALID_CREDENTIALS: Refusal =
    Refusal::unauthorized("invalid_credentials", "There is no account with this address and password.");
/// 403, told only to who knows the password, or signed in at a provider.
pub(super) const ACCOUNT_SUSPENDED: Refusal =
    Refusal::forbidden("account_suspended", "This account is suspended.");

/// 401 for the right password of an account that has a second factor.
pub(super) const TOTP_REQUIRED: Refusal = Refusal::unauthorized(
    "totp_required",
    "This account has a second factor: repeat this with `totp_code`, a code of it or a recovery code.",
);

/// What the audit log keeps as a failed attempt.
const FAILURES: [Refusal; 3] = [INVALID_CREDENTIALS, ACCOUNT_SUSPENDED, second_factor::INVALID_TOTP];

/// What somebody gives to sign in.
pub(super) struct Given {
    /// An address in any spelling, or a text that is none.
    pub(super) email: String,
    /// At most 256 bytes.
    pub(super) password: Password,
    /// A code of the second factor, or a recovery code.
    pub(super) code: Option<String>,
}

/// Signs in on a device; 401 `invalid_credentials`, `totp_required` and `invalid_totp`, 403 `account_suspended`,
/// 429 `too_many_attempts`, 503 `busy`.
///
/// A text that is no address belongs to nobody, and costs what an unknown address costs. Every failed attempt, by
/// password or by code, leaves through here.
pub(super) async fn login(app: &App, given: &Given, device: Device) -> Result<SignedIn> {
    let account = find(app, &given.email).await?.map(|row| row.id);
    let counted = limits::sign_in(app, &given.email, account, &device).await?;
    let outcome = enter(app, given, device, &counted).await;
    if outcome.as_ref().is_err_and(|error| FAILURES.iter().any(|failure| error.code() == failure.code)) {
        note_failure(app, account).await?;
    }
    counted.settle(app, &outcome).await?;
    outcome
}

async fn enter(app: &App, given: &Given, device: Device, counted: &Counted) -> Result<SignedIn> {
    if let Some(signed_in) = attempt(app, given, device.clone(), counted).await? {
        return Ok(signed_in);
    }
    // The hash was replaced meanwhile: by another sign-in that renewed it, or by a change of the password.
    attempt(app, given, device, counted).await?.ok_or_else(|| INVALID_CREDENTIALS.into())
}

async fn find(app: &App, email: &str) -> Result<Option<Row>> {
    match Email::parse(email) {
        Ok(email) => Ok(queries::account_by_email(&app.db.read, email.as_str()).await?),
        Err(_) => Ok(None),
    }
}

/// None when the account's hash was replaced between the comparison and the transaction.
async fn attempt(app: &App, given: &Given, device: Device, counted: &Counted) -> Result<Option<SignedIn>> {
    let password = &given.password;
    let known = find(app, &given.email).await?;
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
            if row.totp_enabled {
                let code = given.code.as_deref().ok_or(TOTP_REQUIRED)?;
                second_factor::prove(tx, app, &row, code).await?;
            }
            if let Some(hash) = &renewed {
                let changed = account::ActiveModel {
                    id: Unchanged(row.id),
                    password_hash: Set(hash.clone()),
                    ..Default::default()
                };
                queries::update_account(tx, changed).await?;
            }
            new_device::tell(tx, app, started.session()).await?;
            counted.succeeded(app, tx).await?;
            started.insert(tx).await?;
            Ok(Some(row))
        })
        .await?;
    match entered {
        Some(row) => Ok(Some(started.signed_in(app, row).await?)),
        None => Ok(None),
    }
}

/// Notes that somebody didn't get in. An unknown address is noted too, as nobody's, so that it takes no other time
/// than a known one; the audit log keeps those of accounts alone.
async fn note_failure(app: &App, known: Option<Uuid>) -> Result<()> {
    let event = match known {
        Some(account) => Event::new("account.sign_in_failed", account).account(account),
        None => Event::new("account.sign_in_failed", Uuid::nil()),
    };
    app.db.write(async |tx| Ok(event.clone().record(tx, &app.clock).await?)).await
}
