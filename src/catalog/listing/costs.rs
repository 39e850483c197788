//! What a product costs in a market at a moment, as expressions of SQL.
use chrono::{DateTime, Utc};

use super::sql::Sql;
use crate::catalog::Market;

/// What `p` costs.
pub(super) struct Costs {
    /// Without a sale: the country's own price, else the one for everywhere; null when neither is set.
    pub(super) base: String,
    /// What the running sale takes off; null without one.
    pub(super) percent: String,
    /// To pay now.
    pub(super) now: String,
    /// Whether a sale runs.
    pub(super) on_sale: String,
}

impl Costs {
    /// Of any product.
    ///
    /// Two look-ups by the whole key: for one by `country IN (…)` SQLite would walk every price of the market instead.
    pub(super) fn of(market: &Market, now: DateTime<Utc>, sql: &mut Sql) -> Self {
        let (currency, country) = (sql.bind(market.currency.as_str()), sql.bind(market.country.as_str()));
        let of = |country: &str| {
            format!(
                "(SELECT c.amount FROM product_price c WHERE c.product_id = p.id AND c.currency = {currency} \
                 AND c.country = {country})"
            )
        };
        let base = format!("COALESCE({}, {})", of(&country), of("''"));
        let running = running(now, sql);
        let percent = format!("(SELECT s.percent FROM sale s WHERE s.product_id = p.id AND {running})");
        let on_sale = format!("EXISTS (SELECT 1 FROM sale s WHERE s.product_id = p.id AND {running})");
        Self { now: reduced(&base, &format!("COALESCE({percent}, 0)")), base, percent, on_sale }
    }

    /// Of one whose price `c` is read, without a running sale.
    pub(super) fn plain() -> Self {
        Self {
            base: "c.amount".to_owned(),
            percent: "CAST(NULL AS INTEGER)".to_owned(),
            now: "c.amount".to_owned(),
            on_sale: "FALSE".to_owned(),
        }
    }

    /// Of one whose price `c` and whose running sale `s` are read.
    pub(super) fn reduced() -> Self {
        Self {
            base: "c.amount".to_owned(),
            percent: "s.percent".to_owned(),
            now: reduced("c.amount", "s.percent"),
            on_sale: "TRUE".to_owned(),
        }
    }
}

/// Whether the sale `s` runs.
pub(super) fn running(now: DateTime<Utc>, sql: &mut Sql) -> String {
    let now = sql.bind(now);
    format!("s.starts_at <= {now} AND s.ends_at > {now}")
}

/// As `catalog::price::reduced` does it: amounts are not negative, so that division rounds half up.
fn reduced(base: &str, percent: &str) -> String {
    format!("(({base} * (100 - {percent}) + 50) / 100)")
}
