//! What products cost at a moment: their prices, less what a sale takes off; and how prices came about.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use entity::{price_change, product_price, sale};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    Market, Price, drops,
    lowest::lowest,
    price::Base,
    queries::{self, parts, products, sales},
    relations::contents,
};
use crate::{
    clock::Clock,
    error::{Refusal, Result},
    events::Event,
};

/// Days before a sale in which the lowest price is looked for.
const LOOKED_BACK: Duration = Duration::days(30);

/// 409: a sale takes something off a price, and there must be one.
pub(super) const CHOSEN_BY_BUYERS: Refusal = Refusal::conflict(
    "pay_what_you_want",
    "Buyers choose what to pay for this: it is neither put on sale nor sold as a bundle.",
);

/// What products cost in a market at a moment; those that aren't sold there are missing.
pub(super) async fn prices(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    market: &Market,
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Price>, DbErr> {
    let (bases, running) = queries::prices(db, ids, market, now).await?;
    less_sales(db, bases, running, market).await
}

/// What products cost at a moment whose prices without a sale are known.
pub(super) async fn priced(
    db: &impl ConnectionTrait,
    bases: HashMap<Uuid, Base>,
    market: &Market,
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Price>, DbErr> {
    let ids: Vec<Uuid> = bases.keys().copied().collect();
    let running = sales::running(db, &ids, now).await?;
    less_sales(db, bases, running.into_iter().map(|sale| (sale.product_id, sale)).collect(), market).await
}

/// What products cost while sales of them run.
async fn less_sales(
    db: &impl ConnectionTrait,
    bases: HashMap<Uuid, Base>,
    running: HashMap<Uuid, sale::Model>,
    market: &Market,
) -> Result<HashMap<Uuid, Price>, DbErr> {
    let before = lowest_before(db, &running.values().collect::<Vec<_>>(), market).await?;
    let price = |(id, base): (Uuid, Base)| {
        let currency = market.currency.as_str();
        let price = match (base.choice, running.get(&id)) {
            (Some(choice), _) => Price::chosen(base, choice, currency),
            (None, Some(sale)) => Price::on_sale(base.amount, currency, sale, before.get(&id).copied()),
            (None, None) => Price::plain(base.amount, currency),
        };
        (id, price)
    };
    Ok(bases.into_iter().map(price).collect())
}

/// The lowest that was to be paid in the days before sales began, by product; not for a product that was not sold then.
async fn lowest_before(
    db: &impl ConnectionTrait,
    running: &[&sale::Model],
    market: &Market,
) -> Result<HashMap<Uuid, i64>, DbErr> {
    let starts = || running.iter().map(|sale| sale.starts_at);
    let (Some(first), Some(last)) = (starts().min(), starts().max()) else { return Ok(HashMap::new()) };
    let ids: Vec<Uuid> = running.iter().map(|sale| sale.product_id).collect();
    let published: HashMap<Uuid, _> = sales::published(db, &ids).await?.into_iter().collect();
    let changes = grouped(sales::changes(db, &ids, market, last).await?, |row| row.product_id);
    let earlier = grouped(sales::between(db, &ids, first - LOOKED_BACK, last).await?, |row| row.product_id);
    let found = running.iter().filter_map(|sale| {
        let id = sale.product_id;
        let published = published.get(&id).copied().flatten();
        let from = published.into_iter().chain([sale.starts_at - LOOKED_BACK]).max()?;
        let (changes, earlier) = (changes.get(&id)?, earlier.get(&id).map_or(&[][..], Vec::as_slice));
        Some((id, lowest(changes, earlier, from, sale.starts_at)?))
    });
    Ok(found.collect())
}

/// Rows by the product they belong to.
pub(super) fn grouped<T>(rows: Vec<T>, product: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(product(&row)).or_default().push(row);
    }
    groups
}

/// Replaces the prices of products, which the caller holds, and notes what that changed; `product.price_lowered` is
/// recorded of those that may cost less somewhere now. 409 `pay_what_you_want` for one that is or will be on sale, or is a
/// bundle.
pub(super) async fn replace_prices(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    rows: Vec<product_price::Model>,
    clock: &Clock,
) -> Result<()> {
    let now = clock.now();
    let chosen = rows.iter().filter(|row| row.minimum_amount.is_some()).map(|row| row.product_id);
    let chosen: Vec<Uuid> = chosen.collect::<BTreeSet<_>>().into_iter().collect();
    if !chosen.is_empty() {
        let is_on_sale = !sales::ending_after(tx, &chosen, now).await?.is_empty();
        if is_on_sale || !contents(tx, &chosen).await?.is_empty() {
            return Err(CHOSEN_BY_BUYERS.into());
        }
    }
    products::mark_chosen(tx, ids, &chosen).await?;
    let before = parts::prices(tx, ids).await?;
    let lowered = drops::lowered(&before, &rows);
    let changes = changes(before, &rows, now);
    parts::replace_prices(tx, ids, rows).await?;
    sales::note_changes(tx, changes).await?;
    for product in lowered {
        let event = Event::new("product.price_lowered", product).with("at", now.timestamp_micros());
        event.record(tx, clock).await?;
    }
    Ok(())
}

fn changes(
    before: Vec<product_price::Model>,
    after: &[product_price::Model],
    at: DateTime<Utc>,
) -> Vec<price_change::Model> {
    type Prices = BTreeMap<(Uuid, String, String), i64>;
    let by_key = |rows: &[product_price::Model]| -> Prices {
        let key = |row: &product_price::Model| (row.product_id, row.currency.clone(), row.country.clone());
        rows.iter().map(|row| (key(row), row.amount)).collect()
    };
    let (before, after) = (by_key(&before), by_key(after));
    let gone = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), None));
    let set = after.iter().filter(|(key, amount)| before.get(*key) != Some(*amount));
    let set = set.map(|(key, amount)| (key.clone(), Some(*amount)));
    gone.chain(set)
        .map(|((product_id, currency, country), amount)| price_change::Model {
            product_id,
            currency,
            country,
            at,
            amount,
        })
        .collect()
}

/// When any price may change by the clock alone: a sale begins or ends.
pub async fn next_boundary(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    sales::next_boundary(db, now).await
}
