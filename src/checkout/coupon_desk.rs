//! Coupons as those who keep the catalog make, see and end them.
use chrono::{DateTime, Utc};
use entity::coupon::Model;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    coupons::{canonical, products},
    queries,
};
use crate::{
    app::App,
    catalog,
    error::{Error, Fault, NOT_FOUND, Refusal, Result, is_foreign_key_violation, is_unique_violation},
    events::Event,
    values::Currency,
    web::{Cursor, Page, PageQuery},
};

pub(super) const CODE_TAKEN: Refusal = Refusal::conflict("code_taken", "Another coupon has this code.");
pub(super) const COUPON_USED: Refusal =
    Refusal::conflict("coupon_used", "Orders use this coupon: end it by `ends_at` instead.");
/// What cursors of the list are bound to.
const LIST: &str = "coupons";

/// A coupon.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Coupon {
    /// UUIDv7.
    id: Uuid,
    /// In upper case.
    code: String,
    /// What it takes off, 1 to 100; null where it takes an amount off.
    percent: Option<i32>,
    /// What it takes off, minor units; null where it takes a percentage off.
    amount: Option<i64>,
    /// ISO 4217; null: any.
    currency: Option<String>,
    /// What it is for; null: everything.
    products: Option<Vec<Uuid>>,
    /// Orders in all; null: any number.
    max_redemptions: Option<i32>,
    /// Orders of one account; null: any number.
    per_account: Option<i32>,
    /// UTC, inclusive.
    starts_at: Option<DateTime<Utc>>,
    /// UTC, exclusive.
    ends_at: Option<DateTime<Utc>>,
    /// Orders that use it: paid ones, and open ones for as long as they wait.
    redemptions: i64,
    /// UTC.
    created_at: DateTime<Utc>,
}

/// A coupon to be made: of a percentage, or of an amount in a currency.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCoupon {
    /// Letters, digits, hyphens and underscores; compared without regard to case.
    #[schema(min_length = 3, max_length = 64, example = "SPRING-25")]
    code: String,
    /// What it takes off.
    #[schema(minimum = 1, maximum = 100)]
    percent: Option<i32>,
    /// What it takes off, minor units.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    amount: Option<i64>,
    /// Of the amount, default: the store's; with a percentage, the only one in which it counts.
    currency: Option<Currency>,
    /// What it is for; default: everything.
    #[schema(min_items = 1, max_items = 1000)]
    products: Option<Vec<Uuid>>,
    /// Orders in all; default: any number.
    #[schema(minimum = 1)]
    max_redemptions: Option<i32>,
    /// Orders of one account; default: any number.
    #[schema(minimum = 1)]
    per_account: Option<i32>,
    /// Inclusive; default: now.
    starts_at: Option<DateTime<Utc>>,
    /// Exclusive; default: never.
    ends_at: Option<DateTime<Utc>>,
}

impl Coupon {
    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    fn of(row: Model, redemptions: i64) -> Self {
        Self {
            products: products(&row),
            id: row.id,
            code: row.code,
            percent: row.percent,
            amount: row.amount,
            currency: row.currency,
            max_redemptions: row.max_redemptions,
            per_account: row.per_account,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            redemptions,
            created_at: row.created_at,
        }
    }
}

impl NewCoupon {
    fn faults(&self) -> Vec<Fault> {
        let faults = [
            code_fault(&self.code),
            worth_fault(self.percent, self.amount),
            time_fault(self.starts_at, self.ends_at),
        ];
        faults.into_iter().flatten().collect()
    }
}

pub(super) fn code_fault(code: &str) -> Option<Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!code.bytes().all(plain))
        .then(|| Fault::new("code", "invalid_code", "must be letters, digits, hyphens and underscores"))
}

pub(super) fn worth_fault(percent: Option<i32>, amount: Option<i64>) -> Option<Fault> {
    (percent.is_some() == amount.is_some())
        .then(|| Fault::new("percent", "percent_or_amount", "is given, or `amount`, and not both"))
}

pub(super) fn time_fault(starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Option<Fault> {
    let backwards = starts_at.zip(ends_at).is_some_and(|(from, to)| to <= from);
    backwards.then(|| Fault::new("ends_at", "ends_before_start", "must be after `starts_at`"))
}

/// The currency of a coupon: of an amount the store's, unless one is named.
pub(super) fn currency(app: &App, amount: Option<i64>, named: Option<String>) -> Option<String> {
    named.or_else(|| amount.map(|_| app.config.store.currency.as_str().to_owned()))
}

/// 422 at `products` for one that does not exist.
pub(super) async fn known(app: &App, asked: Option<&Vec<Uuid>>) -> Result<()> {
    let Some(asked) = asked else { return Ok(()) };
    let there = catalog::known(&app.db.read, asked).await?;
    if asked.iter().all(|id| there.contains(id)) {
        return Ok(());
    }
    Err(Error::field("products", "unknown_product", "is no product of this store"))
}

/// Makes a coupon; 409 `code_taken`, 422.
pub(super) async fn create(app: &App, editor: Uuid, new: NewCoupon) -> Result<Coupon> {
    let faults = new.faults();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    known(app, new.products.as_ref()).await?;
    let row = Model {
        id: app.clock.new_id(),
        code: canonical(&new.code),
        percent: new.percent,
        amount: new.amount,
        currency: currency(app, new.amount, new.currency.map(|currency| currency.as_str().to_owned())),
        products: new.products.map(|products| json!(products)),
        max_redemptions: new.max_redemptions,
        per_account: new.per_account,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        created_at: app.clock.now(),
    };
    app.db
        .write(async |tx| {
            match queries::insert_coupon(tx, row.clone()).await {
                Err(error) if is_unique_violation(&error) => return Err(CODE_TAKEN.into()),
                inserted => inserted?,
            }
            Ok(Event::new("coupon.created", row.id).actor(editor).record(tx, &app.clock).await?)
        })
        .await?;
    Ok(Coupon::of(row, 0))
}

/// A page of coupons, the newest first.
pub(super) async fn page(app: &App, asked: &PageQuery) -> Result<Page<Coupon>> {
    let key = &app.keys.cursor;
    let after = asked.cursor.as_deref().map(|text| Cursor::read(key, LIST, text)).transpose()?;
    let rows = queries::coupons(&app.db.read, after, asked.limit() + 1).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let used = queries::redemptions(&app.db.read, &ids).await?;
    let page = Page::of(rows, asked.limit(), key, LIST, |row| row.id)?;
    Ok(page.map(|row| {
        let redemptions = used.get(&row.id).copied().unwrap_or_default();
        Coupon::of(row, redemptions)
    }))
}

/// One coupon; 404.
pub(super) async fn one(app: &App, id: Uuid) -> Result<Coupon> {
    let row = queries::coupon(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let used = queries::redemptions(&app.db.read, &[id]).await?;
    Ok(Coupon::of(row, used.get(&id).copied().unwrap_or_default()))
}

/// Deletes a coupon that no order uses; 404, 409 `coupon_used`.
pub(super) async fn delete(app: &App, editor: Uuid, id: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            match queries::delete_coupon(tx, id).await {
                Err(error) if is_foreign_key_violation(&error) => return Err(COUPON_USED.into()),
                deleted => deleted?.then_some(()).ok_or(NOT_FOUND)?,
            }
            Ok(Event::new("coupon.deleted", id).actor(editor).record(tx, &app.clock).await?)
        })
        .await
}
