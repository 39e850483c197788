//! What was delivered, counted for the back office.
use serde::Serialize;
use utoipa::ToSchema;

use super::queries;
use crate::{
    app::App,
    error::Result,
    periods::{self, Row, at_most, start},
};

/// What is asked to be counted.
pub type Asked = periods::Asked<By>;

/// What downloads are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// What was downloaded.
    Product,
    /// Where the accounts say they are.
    Country,
    /// For what the builds are made.
    Platform,
    /// What publishers call the builds: of use with one product.
    Version,
}

/// What was delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Downloads {
    /// Files that were delivered whole: however many requests or links that took, it is one.
    pub deliveries: i64,
    /// Bytes of them, and of what was broken off.
    pub bytes: i64,
    /// Accounts to which they went.
    pub accounts: i64,
}

/// Downloads by when they were whole, or begun if they never were: in the order of time and key. Spans in which nothing
/// was sent are left out; what went to an account that was erased is no longer counted.
pub async fn downloads(app: &App, asked: &Asked) -> Result<Vec<Row<Downloads>>> {
    let rows = app.db.read_stale(async |db| Ok(queries::delivered(db, asked).await?)).await?;
    let rows = at_most(rows)?;
    let row = |row: queries::Delivered| {
        Ok(Row {
            from: start(&row.span)?,
            key: row.product.map(|product| product.to_string()).or(row.word),
            counted: Downloads { deliveries: row.deliveries, bytes: row.bytes, accounts: row.accounts },
        })
    };
    let mut rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    rows.sort_by(|left, right| (left.from, &left.key).cmp(&(right.from, &right.key)));
    Ok(rows)
}
