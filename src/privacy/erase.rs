//! Erasing a person. Each slice takes its own part away, in one transaction.
use crate::{
    accounts::{self, Account},
    app::App,
    backoffice, checkout, community, delivery,
    error::Result,
    events, idempotency, library, licenses, notifications,
    values::Password,
    webhooks,
};

/// Erases an account: what is personal goes, orders and the ledger stay with a row that stands for nobody.
///
/// Open orders are called off first, for their provider has a word in it. A slice that keeps something of people adds
/// its function below; a test looks through every table for what was left behind.
pub(super) async fn erase(app: &App, who: &Account, password: Option<&Password>) -> Result<()> {
    let farewell = accounts::agree(app, who, password).await?;
    checkout::call_off(app, who.id).await?;
    app.db
        .write(async |tx| {
            accounts::erase(tx, app, &farewell).await?;
            checkout::erase(app, tx, who.id).await?;
            // Whose keys they are is told by the library.
            licenses::erase(tx, who.id).await?;
            library::erase(tx, who.id).await?;
            delivery::erase(tx, who.id).await?;
            community::erase(tx, who.id).await?;
            idempotency::erase(tx, who.id).await?;
            notifications::erase(tx, who.id).await?;
            webhooks::erase(tx, who.id).await?;
            // First what waits for the audit log, then what is in it: see `events::take_origins`.
            events::erase(tx, who.id).await?;
            backoffice::erase(tx, who.id).await
        })
        .await?;
    app.identity.forget_account(who.id).await;
    Ok(())
}
