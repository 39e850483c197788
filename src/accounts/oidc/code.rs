//! How a sign-in becomes a session: at once, or by a code that a frontend swaps for one.
use chrono::Duration;
use entity::sign_in_code;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{admission, queries};
use crate::{
    accounts::{
        Row, new_device, queries as accounts,
        sessions::{Device, SignedIn, Started},
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

/// A session for an account, on the device that came back from the provider.
pub(super) async fn sign_in(app: &App, account: Uuid, device: Device) -> Result<SignedIn> {
    let started = Started::new(app, account, device)?;
    let row = app
        .db
        .write(async |tx| {
            let row = admitted(tx, account).await?;
            new_device::tell(tx, app, started.session()).await?;
            started.insert(tx).await?;
            Ok(row)
        })
        .await?;
    started.signed_in(app, row).await
}

/// A code for an account, which is stored hashed.
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

/// Swaps a code for a session, once; 401 `invalid_code`, 403 `account_suspended`.
pub(super) async fn exchange(app: &App, code: &str, device: Device) -> Result<SignedIn> {
    let hash = sha256(code.as_bytes());
    let known = queries::code(&app.db.read, &hash).await?.ok_or(INVALID_CODE)?;
    let started = Started::new(app, known.account_id, device)?;
    let row = app
        .db
        .write(async |tx| {
            if !queries::use_code(tx, &hash, app.clock.now()).await? {
                return Err(INVALID_CODE.into());
            }
            let row = admitted(tx, known.account_id).await?;
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
