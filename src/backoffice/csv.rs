//! Tables as comma-separated values (RFC 4180).
use crate::{checkout::statistics::Sales, delivery::statistics::Downloads, periods::Row};

/// What can stand in a table beside the span and the key.
pub(super) trait Columns {
    /// The names of its columns.
    const NAMES: &'static [&'static str];

    /// Its values, in that order: numbers and codes, which need no quotes.
    fn values(&self) -> Vec<String>;
}

impl Columns for Sales {
    const NAMES: &'static [&'static str] =
        &["currency", "orders", "items", "gross", "discount", "tax", "refunds", "net"];

    fn values(&self) -> Vec<String> {
        let numbers = [self.orders, self.items, self.gross, self.discount, self.tax, self.refunds, self.net];
        std::iter::once(self.currency.clone()).chain(numbers.map(|number| number.to_string())).collect()
    }
}

impl Columns for Downloads {
    const NAMES: &'static [&'static str] = &["deliveries", "bytes", "accounts"];

    fn values(&self) -> Vec<String> {
        [self.deliveries, self.bytes, self.accounts].map(|number| number.to_string()).into()
    }
}

/// The rows as a table with a head; with a column for the key when they are grouped.
pub(super) fn table<T: Columns>(rows: &[Row<T>], grouped: bool) -> String {
    let keyed = grouped.then(|| "key".to_owned());
    let names = T::NAMES.iter().map(|name| (*name).to_owned());
    let mut table = line(std::iter::once("from".to_owned()).chain(keyed).chain(names));
    for row in rows {
        let from = row.from.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let key = grouped.then(|| row.key.clone().unwrap_or_default());
        table += &line(std::iter::once(from).chain(key).chain(row.counted.values()));
    }
    table
}

fn line(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<_>>().join(",") + "\r\n"
}
