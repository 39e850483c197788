//! What a numbered document keeps: the seller, the lines and the amounts as they were.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{order, order_line};
use serde::{Deserialize, Serialize};

use crate::config::Store;

/// The facts of an invoice or a credit note. They name no buyer, so that they can be kept when one is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) seller: Seller,
    /// The number of the order.
    pub(super) order: String,
    /// When it was paid, or given back.
    pub(super) at: DateTime<Utc>,
    /// ISO 4217.
    pub(super) currency: String,
    /// ISO 3166-1 alpha-2, as the buyer stated.
    pub(super) country: String,
    /// Whether the prices include the tax; else it was added to them.
    pub(super) tax_included: bool,
    pub(super) lines: Vec<Line>,
}

/// Who sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seller {
    pub(super) name: String,
    /// Line by line.
    pub(super) address: Vec<String>,
    pub(super) tax_id: Option<String>,
}

/// One product; amounts in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) title: String,
    pub(super) unit_price: i64,
    pub(super) discount: i64,
    /// Part of the total.
    pub(super) tax: i64,
    /// Hundredths of a percent.
    pub(super) tax_rate: u16,
    pub(super) total: i64,
}

impl Facts {
    /// Of lines of an order, as things are now.
    pub(super) fn of(
        store: &Store,
        order: &order::Model,
        lines: &[order_line::Model],
        at: DateTime<Utc>,
    ) -> Self {
        let line = |line: &order_line::Model| Line {
            title: line.title.clone(),
            unit_price: line.unit_price,
            discount: line.discount,
            tax: line.tax,
            tax_rate: u16::try_from(line.tax_rate).unwrap_or_default(),
            total: line.total,
        };
        Self {
            seller: Seller::of(store),
            order: order.number.clone(),
            at,
            currency: order.currency.clone(),
            country: order.country.clone(),
            tax_included: order.tax_included,
            lines: lines.iter().map(line).collect(),
        }
    }

    /// What tax each rate comes to, from the lowest rate; rates at which none is charged are left out.
    pub(super) fn taxes(&self) -> BTreeMap<u16, i64> {
        let mut taxes = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.tax > 0) {
            *taxes.entry(line.tax_rate).or_default() += line.tax;
        }
        taxes
    }

    /// The sum over the lines.
    pub(super) fn sum(&self, part: fn(&Line) -> i64) -> i64 {
        self.lines.iter().map(part).sum()
    }
}

impl Seller {
    fn of(store: &Store) -> Self {
        let address = store.seller_address.lines().map(str::trim).filter(|line| !line.is_empty());
        let name = Some(store.seller_name.trim()).filter(|name| !name.is_empty());
        let tax_id = Some(store.seller_tax_id.trim()).filter(|id| !id.is_empty());
        Self {
            name: name.unwrap_or(&store.name).to_owned(),
            address: address.map(ToOwned::to_owned).collect(),
            tax_id: tax_id.map(ToOwned::to_owned),
        }
    }
}
