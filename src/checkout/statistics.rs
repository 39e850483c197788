//! What was sold and given back, counted for the back office.
use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    error::Result,
    periods::{self, Row, at_most, start},
};

/// What is asked to be counted.
pub type Asked = periods::Asked<By>;

/// What sales are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// What was sold.
    Product,
    /// Where the buyers said they are.
    Country,
    /// What it runs on: what runs on several counts for each of them.
    Platform,
}

/// What was sold and given back, in one currency; amounts are in its minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sales {
    /// ISO 4217.
    pub currency: String,
    /// Orders that were paid.
    pub orders: i64,
    /// Products in them.
    pub items: i64,
    /// What those cost before any discount, with the tax where it is added to prices.
    pub gross: i64,
    /// What bundles and coupons took off.
    pub discount: i64,
    /// Tax in it.
    pub tax: i64,
    /// What was given back, whenever it had been paid.
    pub refunds: i64,
    /// Gross without discount and refunds.
    pub net: i64,
}

/// Sales by when they were paid, refunds by when they were decided: in the order of time, key and currency. Spans in
/// which nothing happened are left out.
pub async fn sales(app: &App, asked: &Asked) -> Result<Vec<Row<Sales>>> {
    let mut rows: BTreeMap<(String, Option<String>, String), Sales> = BTreeMap::new();
    let counted = app
        .db
        .read_stale(async |db| Ok((queries::sold(db, asked).await?, queries::given_back(db, asked).await?)));
    let (sold, given_back) = counted.await?;
    for sold in at_most(sold)? {
        let sales = rows.entry((sold.span, key(sold.product, sold.word), sold.currency)).or_default();
        sales.orders = sold.orders;
        sales.items = sold.items;
        sales.gross = sold.gross;
        sales.discount = sold.discount;
        sales.tax = sold.tax;
    }
    for back in at_most(given_back)? {
        rows.entry((back.span, key(back.product, back.word), back.currency)).or_default().refunds =
            back.refunds;
    }
    let row = |((span, key, currency), counted): (_, Sales)| {
        let net = counted.gross - counted.discount - counted.refunds;
        let span: String = span;
        Ok(Row { from: start(&span)?, key, counted: Sales { currency, net, ..counted } })
    };
    at_most(rows.into_iter().map(row).collect::<Result<_>>()?)
}

fn key(product: Option<Uuid>, word: Option<String>) -> Option<String> {
    product.map(|product| product.to_string()).or(word)
}
