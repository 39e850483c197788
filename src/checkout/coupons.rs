//! What a coupon takes off, and when it may: judged when it is quoted, and held to its limits when it is used.
use chrono::{DateTime, Utc};
use entity::coupon::Model;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{
    cart::Shopper,
    queries,
    quote::{Basket, Line, Used},
    spread::{Step, spread},
};
use crate::{
    accounts,
    app::App,
    catalog::Market,
    error::{Error, Refusal, Result},
};

/// 422 with the member `reason`.
const INVALID_COUPON: Refusal =
    Refusal::invalid("invalid_coupon", "This coupon can't be used; see `reason`.");

/// Why a coupon can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// There is none of that code.
    Unknown,
    /// Its time is to come.
    NotStarted,
    /// Its time is over.
    Ended,
    /// It is for another currency.
    WrongCurrency,
    /// It is for other products.
    WrongProducts,
    /// As many orders use it as may.
    UsedUp,
    /// As many orders of this account use it as may.
    UsedByAccount,
}

impl Reason {
    /// 422 `invalid_coupon`.
    pub(super) fn refusal(self) -> Error {
        INVALID_COUPON.with("reason", self)
    }
}

/// A code as it is compared.
pub(super) fn canonical(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// Counts a code that an account tries, so that nobody goes through all of them; 429 `too_many_attempts`.
pub(super) async fn count_try(app: &App, account: Uuid) -> Result<()> {
    accounts::deed(app, account, "coupons", app.config.checkout.coupon_tries_per_account).await
}

/// The coupon of a code, held until the transaction ends; 422 `invalid_coupon`.
pub(super) async fn lock(tx: &impl ConnectionTrait, code: &str) -> Result<Model> {
    let found = queries::locked_coupon_of_code(tx, &canonical(code)).await?;
    found.ok_or_else(|| Reason::Unknown.refusal())
}

/// Takes a coupon off a basket, if the account may use it once more; else why not.
pub(super) async fn take_off(
    db: &impl ConnectionTrait,
    coupon: &Model,
    basket: &mut Basket,
    shopper: &Shopper,
    now: DateTime<Utc>,
) -> Result<Option<Reason>> {
    let products: Vec<Uuid> = basket.lines.iter().map(|line| line.product).collect();
    if let Some(reason) = exhausted(db, coupon, shopper.account, &products, basket.is_gift).await? {
        return Ok(Some(reason));
    }
    Ok(apply(coupon, basket, &shopper.market, now).err())
}

/// Takes a coupon off a basket, whoever buys it; why it can't be is answered and nothing is taken.
pub(super) fn apply(
    coupon: &Model,
    basket: &mut Basket,
    market: &Market,
    now: DateTime<Utc>,
) -> std::result::Result<(), Reason> {
    if coupon.starts_at.is_some_and(|at| now < at) {
        return Err(Reason::NotStarted);
    }
    if coupon.ends_at.is_some_and(|at| at <= now) {
        return Err(Reason::Ended);
    }
    if coupon.currency.as_ref().is_some_and(|currency| currency != market.currency.as_str()) {
        return Err(Reason::WrongCurrency);
    }
    let (meant, is_empty) = (products(coupon), basket.lines.is_empty());
    let mut lines: Vec<&mut Line> = basket
        .lines
        .iter_mut()
        .filter(|line| meant.as_ref().is_none_or(|meant| line.is_any_of(meant)))
        .collect();
    // An empty cart waits for something that the coupon is for.
    if lines.is_empty() && !is_empty {
        return Err(Reason::WrongProducts);
    }
    let prices: Vec<i64> = lines.iter().map(|line| line.total).collect();
    let shares = spread(taken_off(coupon, prices.iter().sum(), basket.step), &prices, basket.step);
    for (line, share) in lines.iter_mut().zip(shares) {
        line.discount += share;
        line.total -= share;
    }
    basket.coupon = Some(Used { id: coupon.id, code: coupon.code.clone() });
    Ok(())
}

/// The products that a coupon is for; none: all.
pub(super) fn products(coupon: &Model) -> Option<Vec<Uuid>> {
    coupon.products.clone().map(|ids| serde_json::from_value(ids).unwrap_or_default())
}

/// What a coupon takes off a sum: whole steps, of a percentage half rounded up and of an amount none lost, never more than the
/// sum.
fn taken_off(coupon: &Model, sum: i64, step: Step) -> i64 {
    let percent_of = |percent: i32, sum: i64| {
        let off = (i128::from(sum) * i128::from(percent) + 50) / 100;
        i64::try_from(off).unwrap_or(sum)
    };
    let off = match (coupon.percent, coupon.amount) {
        (Some(percent), _) => step.reckon([sum], |[sum]| percent_of(percent, sum)),
        (None, amount) => step.up(amount.unwrap_or_default()),
    };
    off.min(sum)
}

/// Why a coupon can't be used once more by an account: as many orders use it as may. Those that a purchase of these
/// products would replace don't count.
///
/// It holds under the coupon's lock alone.
pub(super) async fn exhausted(
    db: &impl ConnectionTrait,
    coupon: &Model,
    account: Uuid,
    products: &[Uuid],
    as_gift: bool,
) -> Result<Option<Reason>> {
    let replaced = queries::open_orders_with(db, account, products, as_gift).await?;
    let replaced: Vec<Uuid> = replaced.into_iter().map(|order| order.id).collect();
    let full = |most: Option<i32>, uses: u64| most.is_some_and(|most| i64::from(most) <= uses.cast_signed());
    if full(coupon.max_redemptions, queries::uses(db, coupon.id, None, &replaced).await?) {
        return Ok(Some(Reason::UsedUp));
    }
    let theirs = queries::uses(db, coupon.id, Some(account), &replaced).await?;
    Ok(full(coupon.per_account, theirs).then_some(Reason::UsedByAccount))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::checkout) fn coupon(percent: Option<i32>, amount: Option<i64>) -> Model {
        Model {
            id: Uuid::nil(),
            code: "SPRING".to_owned(),
            percent,
            amount,
            currency: None,
            products: None,
            max_redemptions: None,
            per_account: None,
            starts_at: None,
            ends_at: None,
            created_at: DateTime::<Utc>::default(),
        }
    }

    #[test]
    fn of_a_percentage_halves_are_rounded_up_and_of_an_amount_none_is_lost() {
        let (unit, tens) = (Step::new(1), Step::new(10));
        assert_eq!(taken_off(&coupon(Some(50), None), 25, unit), 13);
        assert_eq!(taken_off(&coupon(None, Some(100)), 25, unit), 25);
        assert_eq!(taken_off(&coupon(Some(50), None), 250, tens), 130);
        assert_eq!(taken_off(&coupon(None, Some(101)), 250, tens), 110);
        assert_eq!(taken_off(&coupon(None, Some(999)), 250, tens), 250);
    }
}
