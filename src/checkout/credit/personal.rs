//! Credit of a person: taken along, and closed out when the person is erased.
use entity::credit_entry::{self, Kind};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::wallet;
use crate::{
    app::App,
    checkout::queries,
    error::{Error, Result},
};

/// How an account came by its credit, newest first, from behind one entry.
pub async fn exported(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::credit_entries(&app.db.read, account, after, most).await?;
    let told = |row: credit_entry::Model| {
        let entry = json!({
            "id": row.id, "kind": row.kind, "amount": row.amount, "currency": row.currency, "reason": row.reason,
            "order_id": row.order_id, "at": row.at,
        });
        (row.id, entry)
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Nobody is owed the credit of an account that is erased: it lapses in the books. The caller has locked the account.
pub(in crate::checkout) async fn close_out(
    app: &App,
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<()> {
    for held in queries::balances(tx, account).await? {
        if held.balance == 0 {
            continue;
        }
        let row = wallet::entry(app, account, &held.currency, -held.balance, Kind::Closed);
        if !wallet::change(tx, &row).await? {
            return Err(Error::unexpected("a balance moved while its account was locked"));
        }
        wallet::book(app, tx, &row).await?;
    }
    Ok(queries::forget_grant_reasons(tx, account).await?)
}
