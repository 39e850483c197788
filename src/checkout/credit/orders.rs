//! Credit in an order's life: reserved when it is placed, spent when it is paid, given back when it ends unpaid, paid out
//! when it is refunded.
use entity::{
    credit_entry::{self, Kind},
    ledger_entry::Account,
    order, refund,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::wallet;
use crate::{
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

/// Adds what of a refund becomes credit to the balance; the refund itself books it.
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
    change(tx, &row).await
}

/// What of a refund goes back by the provider: money first, as far as any that was captured is left.
pub(in crate::checkout) fn money_of(amount: i64, left: i64) -> i64 {
    amount.min(left)
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
        Err(Error::unexpected(
            "a balance moved while its account was locked, or rose above the largest amount",
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn refunds_of_lines_add_up_to_what_was_captured_and_what_was_spent(
            lines in prop::collection::vec((0..100_000_i64, any::<bool>()), 1..20), share in 0..=100_i64,
        ) {
            let total: i64 = lines.iter().map(|(amount, _)| amount).sum();
            let captured = total * share / 100;
            let (mut money, mut credit, mut redirected) = (0, 0, false);
            for (amount, to_credit) in lines {
                let back = if to_credit { 0 } else { money_of(amount, captured - money) };
                prop_assert!((0..=amount).contains(&back));
                (money, credit, redirected) = (money + back, credit + amount - back, redirected || to_credit);
            }
            prop_assert!(money <= captured);
            prop_assert_eq!(money + credit, total);
            prop_assert!(redirected || money == captured, "money goes back the way it came");
        }
    }
}
