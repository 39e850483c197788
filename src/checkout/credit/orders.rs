//! Credit in an order's life: reserved when it is placed, spent when it is paid, given back when it ends unpaid, paid out
//! when it is refunded.
use entity::{
    credit_entry::{self, Kind},
    ledger_entry::Account,
    order, refund,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{personal::close_out, wallet};
use crate::{
    accounts,
    app::App,
    checkout::{queries, settle},
    error::{Error, Result},
};

/// Takes what an order spends from the balance, in the transaction that places it.
pub(in crate::checkout) async fn reserve(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    payment: Uuid,
) -> Result<()> {
    if order.credit == 0 {
        return Ok(());
    }
    change(tx, &of_order(app, order, -order.credit, Kind::Spent)).await?;
    let booked = [(Account::Credit, order.credit), (Account::CreditReserved, -order.credit)];
    Ok(queries::insert_entries(tx, settle::entries(app, order, Some(payment), &booked)).await?)
}

/// Gives back what an order reserved that ends unpaid.
pub(in crate::checkout) async fn give_back(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
) -> Result<()> {
    if order.credit == 0 {
        return Ok(());
    }
    change(tx, &of_order(app, order, order.credit, Kind::GivenBack)).await?;
    let booked = [(Account::Credit, -order.credit), (Account::CreditReserved, order.credit)];
    Ok(queries::insert_entries(tx, settle::entries(app, order, None, &booked)).await?)
}

/// Adds what of a refund becomes credit to the balance; the refund itself books it. That of somebody who was erased lapses at
/// once, as did what the account held: nobody could spend it.
pub(in crate::checkout) async fn pay_out(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    refund: &refund::Model,
) -> Result<()> {
    if refund.credit == 0 {
        return Ok(());
    }
    let row = credit_entry::Model {
        refund_id: Some(refund.id),
        ..of_order(app, order, refund.credit, Kind::Refund)
    };
    change(tx, &row).await?;
    if accounts::hold_living(tx, &[order.account_id]).await?.is_empty() {
        close_out(app, tx, order.account_id).await?;
    }
    Ok(())
}

fn of_order(app: &App, order: &order::Model, amount: i64, kind: Kind) -> credit_entry::Model {
    credit_entry::Model {
        order_id: Some(order.id),
        ..wallet::entry(app, order.account_id, &order.currency, amount, kind)
    }
}

async fn change(tx: &impl ConnectionTrait, row: &credit_entry::Model) -> Result<()> {
    if wallet::change(tx, row).await? {
        Ok(())
    } else {
        Err(Error::unexpected("a balance moved while its account was locked"))
    }
}
