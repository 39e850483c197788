//! What those who keep the catalog change of a coupon.
use chrono::{DateTime, Utc};
use entity::coupon::{ActiveModel, Model};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    coupon_desk::{
        CODE_TAKEN, COUPON_USED, Coupon, code_fault, currency, known, one, time_fault, worth_fault,
    },
    coupons::canonical,
    queries,
};
use crate::{
    app::App,
    error::{Error, Fault, NOT_FOUND, Result, is_unique_violation},
    events::Event,
    values::Currency,
    web::patch::clearable,
};

/// What changes of a coupon: what is absent stays, `null` clears. Its code and what it takes off change only while no order
/// uses it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponChanges {
    /// Letters, digits, hyphens and underscores; compared without regard to case.
    #[schema(min_length = 3, max_length = 64, example = "SPRING-25", nullable = false)]
    code: Option<String>,
    /// What it takes off, in place of an amount.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 100)]
    percent: Option<Option<i32>>,
    /// What it takes off, minor units, in place of a percentage.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000)]
    amount: Option<Option<i64>>,
    /// Of the amount, default: the store's; with a percentage, the only one in which it counts.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Currency>)]
    currency: Option<Option<Currency>>,
    /// What it is for.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 1000)]
    products: Option<Option<Vec<Uuid>>>,
    /// Orders in all.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<i32>, minimum = 1)]
    max_redemptions: Option<Option<i32>>,
    /// Orders of one account.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<i32>, minimum = 1)]
    per_account: Option<Option<i32>>,
    /// Inclusive.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    starts_at: Option<Option<DateTime<Utc>>>,
    /// Exclusive.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    ends_at: Option<Option<DateTime<Utc>>>,
}

impl CouponChanges {
    /// A coupon as it is with these changes.
    fn of(&self, app: &App, row: &Model) -> Model {
        // To name one of both is to drop the other.
        let percent = match (self.percent, self.amount) {
            (Some(percent), _) => percent,
            (None, Some(Some(_))) => None,
            (None, _) => row.percent,
        };
        let amount = match (self.amount, self.percent) {
            (Some(amount), _) => amount,
            (None, Some(Some(_))) => None,
            (None, _) => row.amount,
        };
        let named = match &self.currency {
            Some(named) => named.as_ref().map(|currency| currency.as_str().to_owned()),
            None => row.currency.clone(),
        };
        let meant = match &self.products {
            Some(products) => products.as_ref().map(|products| json!(products)),
            None => row.products.clone(),
        };
        Model {
            id: row.id,
            code: self.code.as_deref().map_or_else(|| row.code.clone(), canonical),
            percent,
            amount,
            currency: currency(app, amount, named),
            products: meant,
            max_redemptions: self.max_redemptions.unwrap_or(row.max_redemptions),
            per_account: self.per_account.unwrap_or(row.per_account),
            starts_at: self.starts_at.unwrap_or(row.starts_at),
            ends_at: self.ends_at.unwrap_or(row.ends_at),
            created_at: row.created_at,
        }
    }
}

/// Whether more orders use a coupon than these limits would let.
pub(super) async fn is_exceeded(
    db: &impl ConnectionTrait,
    id: Uuid,
    max_redemptions: Option<i32>,
    per_account: Option<i32>,
) -> Result<bool> {
    if let Some(most) = max_redemptions
        && queries::uses(db, id, None, &[]).await?.cast_signed() > i64::from(most)
    {
        return Ok(true);
    }
    match per_account {
        Some(most) => Ok(queries::most_of_one_account(db, id).await? > i64::from(most)),
        None => Ok(false),
    }
}

/// Whether both are called the same and take the same off.
fn is_worth_the_same(one: &Model, other: &Model) -> bool {
    let worth = |row: &Model| (row.code.clone(), row.percent, row.amount, row.currency.clone());
    worth(one) == worth(other)
}

/// Changes a coupon; 404, 409 `code_taken`, `coupon_used` for what orders use it for and limits that are exceeded already, 422. Orders
/// that use it keep what they were placed with.
pub(super) async fn change(app: &App, editor: Uuid, id: Uuid, changes: CouponChanges) -> Result<Coupon> {
    known(app, changes.products.as_ref().and_then(Option::as_ref)).await?;
    app.db
        .write(async |tx| {
            let row = queries::locked_coupon(tx, id).await?.ok_or(NOT_FOUND)?;
            let changed = changes.of(app, &row);
            let faults: Vec<Fault> = [
                changes.code.as_deref().and_then(code_fault),
                worth_fault(changed.percent, changed.amount),
                time_fault(changed.starts_at, changed.ends_at),
            ]
            .into_iter()
            .flatten()
            .collect();
            if !faults.is_empty() {
                return Err(Error::Invalid(faults));
            }
            if !is_worth_the_same(&row, &changed) && queries::uses(tx, id, None, &[]).await? > 0 {
                return Err(COUPON_USED.into());
            }
            if is_exceeded(tx, id, changed.max_redemptions, changed.per_account).await? {
                return Err(COUPON_USED.into());
            }
            let change = ActiveModel {
                id: Unchanged(id),
                code: Set(changed.code),
                percent: Set(changed.percent),
                amount: Set(changed.amount),
                currency: Set(changed.currency),
                products: Set(changed.products),
                max_redemptions: Set(changed.max_redemptions),
                per_account: Set(changed.per_account),
                starts_at: Set(changed.starts_at),
                ends_at: Set(changed.ends_at),
                ..Default::default()
            };
            match queries::update_coupon(tx, change).await {
                Err(error) if is_unique_violation(&error) => return Err(CODE_TAKEN.into()),
                updated => updated?,
            };
            Ok(Event::new("coupon.updated", id).actor(editor).record(tx, &app.clock).await?)
        })
        .await?;
    one(app, id).await
}
