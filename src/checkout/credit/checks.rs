//! The promises about store credit, each judged in one statement, so that what happens meanwhile makes none look broken.
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::{check::Violation, checkout::queries, error::Result};

/// Judges balances against their entries: all, or those of which an entry of this id or a later one tells.
pub(in crate::checkout) async fn balances(
    db: &DatabaseConnection,
    since: Option<Uuid>,
) -> Result<Vec<Violation>> {
    let wrong = queries::wrong_balances(db, since).await?.into_iter().map(|account| {
        Violation::new(
            "a credit balance is the sum of its entries, and not negative",
            format!("account {account}"),
        )
    });
    Ok(wrong.collect())
}

/// Judges the ledger as a whole.
pub(in crate::checkout) async fn ledger(db: &DatabaseConnection) -> Result<Vec<Violation>> {
    let unbalanced = queries::unbalanced_currencies(db).await?.into_iter().map(|currency| {
        Violation::new(
            "the ledger of a currency sums to zero and owes the credit that accounts hold",
            format!("currency {currency}"),
        )
    });
    Ok(unbalanced.collect())
}
