//! The sales that lines plan for their products, in place of those that run or are to come.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::sale;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::{
    catalog::{
        pricing::grouped,
        queries::sales,
        sales::{NewSale, SALE_OVERLAPS, planned},
    },
    clock::Clock,
    error::Result,
};

/// What becomes of the sales of products.
#[derive(Default)]
pub(super) struct SaleChanges {
    begun: Vec<sale::Model>,
    /// Those that run and end now.
    ended: Vec<Uuid>,
    /// Those to come that are given up.
    removed: Vec<Uuid>,
}

impl SaleChanges {
    /// What a line changes of the sales that are `there` and not over; refused where two it asks for overlap.
    pub(super) fn of(
        wanted: &[NewSale],
        product: Uuid,
        mut there: Vec<sale::Model>,
        clock: &Clock,
    ) -> Result<Self> {
        let now = clock.now();
        let to_come = wanted.iter().filter(|sale| sale.ends_at > now);
        let mut rows = to_come.map(|sale| planned(sale, product, clock)).collect::<Result<Vec<_>>>()?;
        rows.sort_by_key(|row| row.starts_at);
        if rows.iter().zip(rows.iter().skip(1)).any(|(one, next)| next.starts_at < one.ends_at) {
            return Err(SALE_OVERLAPS.into());
        }
        rows.retain(|row| {
            let same = there.iter().position(|known| is_same(known, row, now));
            same.is_none_or(|at| {
                there.swap_remove(at);
                false
            })
        });
        let (running, to_come): (Vec<_>, Vec<_>) = there.into_iter().partition(|sale| sale.starts_at <= now);
        let ids = |sales: Vec<sale::Model>| sales.into_iter().map(|sale| sale.id).collect();
        Ok(Self { begun: rows, ended: ids(running), removed: ids(to_come) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.ended.is_empty() && self.removed.is_empty()
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.begun.extend(others.begun);
        self.ended.extend(others.ended);
        self.removed.extend(others.removed);
    }

    /// Writes them, in the transaction that holds their products.
    pub(super) async fn write(self, tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
        for id in self.ended {
            sales::end(tx, id, now).await?;
        }
        for id in self.removed {
            sales::delete(tx, id).await?;
        }
        sales::insert(tx, self.begun).await
    }
}

/// Sales of products that run at a moment or are to come then, by product.
pub(super) async fn there(
    tx: &impl ConnectionTrait,
    products: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Vec<sale::Model>>, DbErr> {
    Ok(grouped(sales::ending_after(tx, products, now).await?, |row| row.product_id))
}

/// Whether two are one sale, which may have begun since it was planned.
fn is_same(known: &sale::Model, planned: &sale::Model, now: DateTime<Utc>) -> bool {
    let starts = known.starts_at == planned.starts_at || known.starts_at.max(planned.starts_at) <= now;
    starts && known.percent == planned.percent && known.ends_at == planned.ends_at
}
