//! Comparing the password of who is signed in, whose token may have been stolen: guesses are counted.
use uuid::Uuid;

use super::{Row, hashing::Verdict, limits, queries};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Result},
    values::Password,
};

/// The account, if that is its password; `wrong` if it is another one, 429 `too_many_attempts` after too many of those.
pub(super) async fn prove(
    app: &App,
    account: Uuid,
    password: &Password,
    wrong: fn() -> Error,
) -> Result<Row> {
    let row = queries::account(&app.db.read, account).await?.ok_or(NOT_FOUND)?;
    let counted = limits::proof(app, account).await?;
    let outcome = app.identity.hashing.verify(password, Some(&row.password_hash)).await;
    let outcome = outcome.and_then(|verdict| if verdict == Verdict::Wrong { Err(wrong()) } else { Ok(row) });
    counted.conclude(app, &outcome).await?;
    outcome
}
