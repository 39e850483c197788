//! What a product costs, where.
use chrono::{DateTime, Utc};
use entity::{product_price, sale};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::Account,
    config,
    values::{Country, Currency},
};

/// In which currency and for which country a price is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// ISO 4217.
    pub currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub country: Country,
}

impl Market {
    /// The market a request asks for: the store's currency unless it names one; its country, else the account's,
    /// else the store's.
    pub fn asked(
        currency: Option<Currency>,
        country: Option<Country>,
        account: Option<&Account>,
        store: &config::Store,
    ) -> Self {
        let home = || account.and_then(|account| account.country.clone());
        Self {
            currency: currency.unwrap_or_else(|| store.currency.clone()),
            country: country.or_else(home).unwrap_or_else(|| store.country.clone()),
        }
    }
}

/// What a product costs in a market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct Price {
    /// Minor units to pay; 0 is free.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Minor units without the sale.
    pub base_amount: i64,
    /// Of the running sale, 0 without one.
    pub discount_percent: i32,
    /// UTC, when the running sale ends.
    pub sale_ends_at: Option<DateTime<Utc>>,
    /// Minor units: the lowest that was to be paid in the 30 days before the running sale; null without one.
    #[schema(required)]
    pub lowest_price_30d: Option<i64>,
    /// `true` where the buyer chooses what to pay; left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pay_what_you_want: Option<bool>,
    /// Minor units: the least that may be chosen; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub minimum: Option<i64>,
    /// Minor units: what is proposed to choose; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub suggested: Option<i64>,
}

/// A price as it is kept, without any sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Minor units.
    pub(super) amount: i64,
    /// What a buyer may choose instead, if anything.
    pub(super) choice: Option<Choice>,
}

/// What a buyer may choose to pay, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// At least.
    pub(super) minimum: i64,
    /// As proposed.
    pub(super) suggested: Option<i64>,
}

impl From<&product_price::Model> for Base {
    fn from(row: &product_price::Model) -> Self {
        let choice = row.minimum_amount.map(|minimum| Choice { minimum, suggested: row.suggested_amount });
        Self { amount: row.amount, choice }
    }
}

/// Why an amount can't be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The product has a price.
    NothingToChoose,
    /// It is less than the least, minor units.
    TooLow(i64),
}

/// An amount less some percent, rounded as the index of the public catalog does it.
pub(super) fn reduced(amount: i64, percent: i32) -> i64 {
    search::reduced(amount, percent.into())
}

impl Price {
    /// A price without a sale.
    pub fn plain(amount: i64, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_owned(),
            base_amount: amount,
            discount_percent: 0,
            sale_ends_at: None,
            lowest_price_30d: None,
            pay_what_you_want: None,
            minimum: None,
            suggested: None,
        }
    }

    /// A price of which the buyer may choose the amount: no sale takes anything off it.
    pub(super) fn chosen(base: Base, choice: Choice, currency: &str) -> Self {
        Self {
            pay_what_you_want: Some(true),
            minimum: Some(choice.minimum),
            suggested: choice.suggested,
            ..Self::plain(base.amount, currency)
        }
    }

    /// What is paid by who chose an amount, or nothing; minor units.
    pub fn paid(&self, chosen: Option<i64>) -> Result<i64, Unfit> {
        match (chosen, self.minimum) {
            (None, _) => Ok(self.amount),
            (Some(_), None) => Err(Unfit::NothingToChoose),
            (Some(amount), Some(minimum)) if amount < minimum => Err(Unfit::TooLow(minimum)),
            (Some(amount), Some(_)) => Ok(amount),
        }
    }

    /// A price while a sale runs; `lowest` is that of the days before, none for what was not sold then.
    pub(super) fn on_sale(base: i64, currency: &str, sale: &sale::Model, lowest: Option<i64>) -> Self {
        Self {
            amount: reduced(base, sale.percent),
            discount_percent: sale.percent,
            sale_ends_at: Some(sale.ends_at),
            lowest_price_30d: Some(lowest.unwrap_or(base)),
            ..Self::plain(base, currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_amount_is_rounded_half_away_from_zero() {
        assert_eq!(reduced(1999, 50), 1000, "9.995 USD");
        assert_eq!(reduced(1999, 25), 1499, "14.9925 USD");
        assert_eq!(reduced(999, 50), 500, "499.5 JPY");
        assert_eq!(reduced(1005, 50), 503, "0.5025 KWD");
        assert_eq!(reduced(-999, 50), -500);
        assert_eq!((reduced(1, 1), reduced(1, 99), reduced(0, 10)), (1, 0, 0));
        let largest = crate::values::Money::LARGEST;
        assert_eq!((reduced(largest, 1), reduced(largest, 100)), (990_000_000_000, 0));
    }
}
