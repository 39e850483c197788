//! What a product costs, where.
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
    pub sale_ends_at: Option<chrono::DateTime<chrono::Utc>>,
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
        }
    }
}
