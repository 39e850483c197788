//! Sales: times in which a product costs less. They begin and end by the clock; nothing is written then.
use chrono::{DateTime, Duration, SubsecRound, Utc};
use entity::{price_change, sale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    edit::{finish, locked},
    pricing::CHOSEN_BY_BUYERS,
    product,
    queries::sales,
};
use crate::{
    app::App,
    clock::Clock,
    error::{Error, NOT_FOUND, Refusal, Result},
    languages::Sentence,
    web::{Cursor, Page, PageQuery, if_match::IfMatch},
};

/// How long a sale may last, and how far ahead it may be planned.
const LONGEST: Duration = Duration::days(366);

pub(super) const SALE_OVERLAPS: Refusal =
    Refusal::conflict("sale_overlaps", "The product has another sale in that time.");

/// A sale as an editor plans it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSale {
    /// What is taken off every price.
    #[schema(minimum = 1, maximum = 100)]
    pub percent: i32,
    /// UTC, at most 366 days ahead; one that is past is now.
    pub starts_at: DateTime<Utc>,
    /// UTC, to come, at most 366 days after the start.
    pub ends_at: DateTime<Utc>,
}

/// A sale of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Sale {
    /// UUIDv7.
    pub id: Uuid,
    /// What is taken off every price.
    pub percent: i32,
    /// UTC, inclusive.
    pub starts_at: DateTime<Utc>,
    /// UTC, exclusive.
    pub ends_at: DateTime<Utc>,
}

impl From<sale::Model> for Sale {
    fn from(row: sale::Model) -> Self {
        Self { id: row.id, percent: row.percent, starts_at: row.starts_at, ends_at: row.ends_at }
    }
}

/// A price as it was set or taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct PriceChange {
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166-1 alpha-2; null for everywhere else.
    #[schema(required)]
    pub country: Option<String>,
    /// Minor units; null when it was taken away.
    #[schema(required)]
    pub amount: Option<i64>,
    /// UTC.
    pub at: DateTime<Utc>,
}

impl From<price_change::Model> for PriceChange {
    fn from(row: price_change::Model) -> Self {
        let country = Some(row.country).filter(|country| !country.is_empty());
        Self { currency: row.currency, country, amount: row.amount, at: row.at }
    }
}

/// Plans a sale; 409 when it shares time with another of the product, or buyers choose what to pay for that.
pub(super) async fn create(
    app: &App,
    editor: Uuid,
    product: Uuid,
    asked: &IfMatch,
    new: &NewSale,
) -> Result<Sale> {
    app.db
        .write(async |tx| {
            if locked(tx, product, asked).await?.pay_what_you_want {
                return Err(CHOSEN_BY_BUYERS.into());
            }
            let row = planned(new, product, &app.clock)?;
            if !sales::between(tx, &[product], row.starts_at, row.ends_at).await?.is_empty() {
                return Err(SALE_OVERLAPS.into());
            }
            sales::insert(tx, vec![row.clone()]).await?;
            finish(tx, app, editor, product, "product.updated").await?;
            Ok(row.into())
        })
        .await
}

/// The row of a sale that is planned now; 422 for one that is over, too long or too far ahead.
pub(super) fn planned(new: &NewSale, product_id: Uuid, clock: &Clock) -> Result<sale::Model> {
    let now = clock.now();
    let row = sale::Model {
        id: clock.new_id(),
        product_id,
        percent: new.percent,
        // Nobody paid less before anybody knew of it.
        starts_at: new.starts_at.trunc_subsecs(6).max(now),
        ends_at: new.ends_at.trunc_subsecs(6),
        created_at: now,
    };
    judge(new, &row)?;
    Ok(row)
}

fn judge(new: &NewSale, row: &sale::Model) -> Result<()> {
    let wrong = |field, rule: Sentence| Err(Error::field(field, "out_of_range", rule));
    let most = LONGEST.num_days();
    if row.ends_at <= new.starts_at {
        return wrong("ends_at", Sentence::from("must be after the start"));
    }
    if row.ends_at <= row.created_at {
        return wrong("ends_at", Sentence::from("must be in the future"));
    }
    if row.starts_at - row.created_at > LONGEST {
        return wrong("starts_at", Sentence::from("must be at most { $most } days ahead").with("most", most));
    }
    if row.ends_at - row.starts_at > LONGEST {
        return wrong(
            "ends_at",
            Sentence::from("must be at most { $most } days after the start").with("most", most),
        );
    }
    Ok(())
}

/// Ends a sale: one that runs stops now and is kept, one to come is removed, one that is over stays as it is.
pub(super) async fn end(app: &App, editor: Uuid, product: Uuid, id: Uuid, asked: &IfMatch) -> Result<()> {
    app.db
        .write(async |tx| {
            locked(tx, product, asked).await?;
            let now = app.clock.now();
            let row = sales::one(tx, product, id).await?.ok_or(NOT_FOUND)?;
            if row.ends_at <= now {
                return Ok(());
            }
            if row.starts_at > now {
                sales::delete(tx, id).await?;
            } else {
                sales::end(tx, id, now).await?;
            }
            finish(tx, app, editor, product, "product.updated").await
        })
        .await
}

/// A product's sales, past ones too, the latest first.
pub(super) async fn page(app: &App, id: Uuid, asked: &PageQuery) -> Result<Page<Sale>> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let (key, list) = (&app.keys.cursor, format!("sales {id}"));
    let after = asked.cursor.as_deref().map(|text| Cursor::read(key, &list, text)).transpose()?;
    let rows = sales::page(&app.db.read, id, after, asked.limit() + 1).await?;
    Ok(Page::of(rows, asked.limit(), key, &list, |row| (row.starts_at, row.id))?.map(Sale::from))
}

/// A product's prices as they were set, the latest first.
pub(super) async fn history(app: &App, id: Uuid, asked: &PageQuery) -> Result<Page<PriceChange>> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let (key, list) = (&app.keys.cursor, format!("price history {id}"));
    let after = asked.cursor.as_deref().map(|text| Cursor::read(key, &list, text)).transpose()?;
    let rows = sales::history(&app.db.read, id, after, asked.limit() + 1).await?;
    let place = |row: &price_change::Model| (row.at, row.currency.clone(), row.country.clone());
    Ok(Page::of(rows, asked.limit(), key, &list, place)?.map(PriceChange::from))
}
