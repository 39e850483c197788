//! Taxes: by the country the buyer is in, what is sold, and the day; kept with each line as they were.
mod place;
mod rates;

use chrono::{DateTime, Utc};

pub(super) use place::is_clear;

use super::quote::Basket;
use crate::{
    catalog::{Kind, Market},
    config::{OwnRate, Taxes},
    values::BasisPoints,
};

/// Puts the taxes of a market onto what was reduced by then: they are in the prices, or come on top of them. Each line is
/// rounded by itself, so that sums match to the unit; what is paid beside a price, to the step that can be.
pub(super) fn levy(taxes: &Taxes, basket: &mut Basket, market: &Market, now: DateTime<Utc>) {
    basket.tax_included = taxes.included;
    for line in &mut basket.lines {
        let rate = rate(taxes, market, line.kind, now);
        line.tax_rate = rate;
        if taxes.included {
            line.tax = rate.within(line.total);
        } else {
            line.tax = basket.step.reckon([line.total], |[total]| rate.of(total));
            line.total += line.tax;
        }
    }
}

fn rate(taxes: &Taxes, market: &Market, kind: Kind, now: DateTime<Utc>) -> BasisPoints {
    if !taxes.collect {
        return BasisPoints::default();
    }
    let word = sea_orm::ActiveEnum::to_value(&kind);
    let own = |kind: Option<&str>| {
        let meant = |own: &&OwnRate| own.country == market.country && own.kind.as_deref() == kind;
        taxes.rates.iter().find(meant).map(|own| own.rate)
    };
    own(Some(&word))
        .or_else(|| own(None))
        .unwrap_or_else(|| rates::rate(market.country.as_str(), kind, now.date_naive()))
}
