//! The one way in which a balance changes: together with the entry that says why.
use entity::{
    credit_entry::{self, Kind},
    ledger_entry::{self, Account},
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{app::App, checkout::queries, error::Result, values::Money};

/// Most that a balance can be, minor units: what comes back to its owner, or is taken away from a balance that did, has a
/// place above the largest amount that can be granted.
const ROOM: i64 = Money::LARGEST * 1_000_000;

/// A change of an account's credit by nobody in particular, of no order.
pub(super) fn entry(
    app: &App,
    account: Uuid,
    currency: &str,
    amount: i64,
    kind: Kind,
) -> credit_entry::Model {
    credit_entry::Model {
        id: app.clock.new_id(),
        account_id: account,
        currency: currency.to_owned(),
        amount,
        kind,
        reason: None,
        actor_id: None,
        order_id: None,
        refund_id: None,
        at: app.clock.now(),
    }
}

/// Changes the balance of an account that is locked. False, and nothing is changed, where that would leave less than
/// nothing, or by a grant more than the largest amount.
pub(super) async fn change(tx: &impl ConnectionTrait, row: &credit_entry::Model) -> Result<bool> {
    let most = if row.kind == Kind::Grant && row.amount > 0 { Money::LARGEST } else { ROOM };
    if !queries::move_balance(tx, row.account_id, &row.currency, row.amount, most).await? {
        return Ok(false);
    }
    queries::insert_credit_entry(tx, row).await?;
    Ok(true)
}

/// Books a change that belongs to no order: what is owed is the store's goodwill.
pub(super) async fn book(app: &App, tx: &impl ConnectionTrait, row: &credit_entry::Model) -> Result<()> {
    let booked = [(Account::Credit, -row.amount), (Account::Goodwill, row.amount)];
    let line = |(account, amount)| ledger_entry::Model {
        id: app.clock.new_id(),
        order_id: None,
        payment_id: None,
        account,
        amount,
        currency: row.currency.clone(),
        at: row.at,
        credit_entry_id: Some(row.id),
    };
    Ok(queries::insert_entries(tx, booked.into_iter().map(line).collect()).await?)
}
