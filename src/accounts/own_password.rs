//! Proving that who is signed in, whose token may have been stolen, is the owner: by the password, of which guesses are
//! counted, or where an account has none by a recent proof of another kind.
use uuid::Uuid;

use super::{
    Account, Row,
    hashing::{Verdict, is_no_password},
    limits::{self, Proven},
    queries, step_up,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    values::Password,
};

/// 409: a password was given where there is none.
const NO_PASSWORD: Refusal = Refusal::conflict(
    "no_password",
    "This account signs in elsewhere and has no password: leave it out, and prove who you are by signing in anew.",
);

/// Whether an account has a password, which it must then give.
pub async fn has_password(app: &App, who: &Account) -> Result<bool> {
    Ok(!is_no_password(&find(app, who.id).await?.password_hash))
}

/// The account, if who asks is its owner.
///
/// By its password: 422 at `field` if it is missing or another one, 429 `too_many_attempts` after too many of those.
/// Without one: 403 `reauthentication_required` unless the proof is recent, 409 `no_password` if one is given.
pub(super) async fn prove(
    app: &App,
    who: &Account,
    given: Option<&Password>,
    field: &'static str,
) -> Result<Row> {
    let row = find(app, who.id).await?;
    match given {
        Some(password) => compare(app, row, password, || wrong(field)).await,
        None if is_no_password(&row.password_hash) => {
            step_up::require_recent_proof(app, who)?;
            Ok(row)
        }
        None => Err(Error::field(field, "required", "is required")),
    }
}

/// The account, if that is its password; `wrong` if it is another one, 409 `no_password` if there is none.
pub(super) async fn compare(
    app: &App,
    row: Row,
    password: &Password,
    wrong: impl FnOnce() -> Error,
) -> Result<Row> {
    if is_no_password(&row.password_hash) {
        return Err(NO_PASSWORD.into());
    }
    let counted = limits::proof(app, row.id, Proven::ByPassword).await?;
    let outcome = app.identity.hashing.verify(password, Some(&row.password_hash)).await;
    let outcome = outcome.and_then(|verdict| if verdict == Verdict::Wrong { Err(wrong()) } else { Ok(row) });
    counted.conclude(app, &outcome).await?;
    outcome
}

/// 422 for another password than the account's, or one that was replaced meanwhile.
pub(super) fn wrong(field: &str) -> Error {
    Error::field(field, "invalid_credentials", "is not your password")
}

async fn find(app: &App, account: Uuid) -> Result<Row> {
    Ok(queries::account(&app.db.read, account).await?.ok_or(NOT_FOUND)?)
}
