//! How a sign-in becomes a session: at once, or by a code that a frontend swaps for one.
use chrono::Duration;
use entity::sign_in_code;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{admission, queries};
use crate::{
    accounts::{
        Row, limits,
        login::{self, TOTP_REQUIRED},
        new_device, queries as accounts, second_factor,
        sessions::{Device, SignedIn, Started},
        throttle::Counted,
    },
    app::App,
    error::{Error, Refusal, Result},
    keys::{new_token, sha256},
};

/// 401 for a code that is unknown, used or too old alike.
const INVALID_CODE: Refusal =
    Refusal::unauthorized("invalid_code", "This code is not valid; begin the sign-in anew.");

/// How long a frontend may take to swap its code.
pub(super) const LIFE: Duration = Duration::seconds(60);

/// A session for an account, on the device that came back from the provider; 401 `totp_required` if it asks for more.
pub(super) async fn sign_in(app: &App, account: Uuid, device: Device) -> Result<SignedIn> {
    let started = Started::new(app, account, device)?;
    let row = app
        .db
        .write(async |tx| {
            let row = admitted(tx, account).await?;
            if row.totp_enabled {
                return Err(TOTP_REQUIRED.into());
            }
            new_device::tell(tx, app, started.session()).await?;
            started.insert(tx).await?;
            Ok(row)
        })
        .await?;
    started.signed_in(app, row).await
}

/// A code for an account, which is stored hashed. It stands for the provider's word, which is the first factor alone.
pub(super) async fn issue(app: &App, account: Uuid) -> Result<String> {
    let code = new_token()?;
    let row = sign_in_code::Model {
        code_hash: sha256(code.as_bytes()),
        account_id: account,
        expires_at: app.clock.now() + LIFE,
        used_at: None,
    };
    app.db
        .write(async |tx| {
            admitted(tx, account).await?;
            Ok(queries::insert_code(tx, row.clone()).await?)
        })
        .await?;
    Ok(code)
}

/// Swaps a code for a session, once; 401 `invalid_code`, `totp_required` and `invalid_totp`, 403 `account_suspended`, 429
/// `too_many_attempts`. What is refused for the second factor leaves the code as good as it was.
pub(super) async fn exchange(app: &App, code: &str, totp: Option<&str>, device: Device) -> Result<SignedIn> {
    let counted = limits::provider_answer(app, &device).await?;
    let outcome = attempt(app, code, totp, device).await;
    counted.conclude(app, &outcome).await?;
    outcome
}

async fn attempt(app: &App, code: &str, totp: Option<&str>, device: Device) -> Result<SignedIn> {
    let (hash, now) = (sha256(code.as_bytes()), app.clock.now());
    let known = queries::code(&app.db.read, &hash).await?;
    let known = known.filter(|code| code.used_at.is_none() && code.expires_at > now).ok_or(INVALID_CODE)?;
    let account = known.account_id;
    let outcome = match totp {
        None => enter(app, &known, None, device).await,
        Some(totp) => guess(app, &known, totp, device).await,
    };
    login::note_failure(app, Some(account), &outcome).await?;
    outcome
}

/// Tries a code of the second factor, which is counted like those that come with a password.
async fn guess(app: &App, known: &sign_in_code::Model, totp: &str, device: Device) -> Result<SignedIn> {
    let row = accounts::account(&app.db.read, known.account_id).await?.ok_or(INVALID_CODE)?;
    let counted = limits::sign_in(app, &row.email, Some(row.id), &device).await?;
    let outcome = enter(app, known, Some((totp, &counted)), device).await;
    counted.settle(app, &outcome).await?;
    outcome
}

async fn enter(
    app: &App,
    known: &sign_in_code::Model,
    guess: Option<(&str, &Counted)>,
    device: Device,
) -> Result<SignedIn> {
    let started = Started::new(app, known.account_id, device)?;
    let row = app
        .db
        .write(async |tx| {
            if !queries::use_code(tx, &known.code_hash, app.clock.now()).await? {
                return Err(INVALID_CODE.into());
            }
            let row = admitted(tx, known.account_id).await?;
            if row.totp_enabled {
                let (totp, _) = guess.ok_or(TOTP_REQUIRED)?;
                second_factor::prove(tx, app, &row, totp).await?;
            }
            if let Some((_, counted)) = guess {
                counted.succeeded(app, tx).await?;
            }
            new_device::tell(tx, app, started.session()).await?;
            started.insert(tx).await?;
            Ok(row)
        })
        .await?;
    started.signed_in(app, row).await
}

/// The account, held until the transaction ends, so that it isn't suspended meanwhile.
async fn admitted(tx: &impl ConnectionTrait, account: Uuid) -> Result<Row> {
    let row = accounts::lock_account(tx, account).await?;
    let row = row.ok_or_else(|| Error::unexpected("a sign-in without its account"))?;
    admission::judge(&row)?;
    Ok(row)
}
