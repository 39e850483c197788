//! The rows of a table, as lines of JSON and back.
use std::path::Path;

use futures::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, Statement, StreamTrait,
    sea_query::{Alias, Expr, Query},
};
use serde_json::{Map, Value};

use super::{
    cell,
    document::TableKept,
    files::{self, Lines},
    schema::Table,
};
use crate::error::{Error, Result};

/// Values of one statement: SQLite takes 32,766, PostgreSQL 65,535.
const VALUES: usize = 30_000;
/// Rows of one statement.
const ROWS: usize = 500;

/// Writes every row of a table into a file, as the snapshot has them.
pub(super) async fn dump(tx: &DatabaseTransaction, table: &Table, file: &Path) -> Result<TableKept> {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let sql = format!("SELECT {} FROM \"{}\"", columns.join(", "), table.name);
    let mut rows =
        tx.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(tx), sql)).await?;
    let mut lines = Lines::create(file.to_owned())?;
    while let Some(row) = rows.try_next().await? {
        let mut line = Map::new();
        for (place, column) in table.columns.iter().enumerate() {
            line.insert(column.name.clone(), cell::read(&row, place, column.kind)?);
        }
        lines.push(serde_json::to_vec(&line).map_err(Error::unexpected)?)?;
    }
    let (rows, sha256) = lines.finish()?;
    Ok(TableKept { name: table.name.clone(), rows, sha256 })
}

/// Writes the lines of a file into a table, which is empty; how many they were.
pub(super) async fn load(tx: &impl ConnectionTrait, table: &Table, file: &Path) -> Result<u64> {
    let most = (VALUES / table.columns.len().max(1)).clamp(1, ROWS);
    let mut batch = Vec::with_capacity(most);
    let mut loaded = 0;
    for (line, number) in files::lines(file)?.zip(1_u64..) {
        let bad = |why: &str| files::of(file, &format!("line {number}: {why}"));
        let row = serde_json::from_str(&line?).map_err(|error| bad(&error.to_string()))?;
        batch.push(cells(table, row).map_err(|column| bad(&format!("{column} can't be read")))?);
        loaded += 1;
        if batch.len() == most {
            insert(tx, table, std::mem::take(&mut batch)).await?;
        }
    }
    insert(tx, table, batch).await?;
    Ok(loaded)
}

/// The values of a line in the order of the table's columns; else the name of the one that is missing, wrong or unknown.
fn cells(table: &Table, mut row: Map<String, Value>) -> Result<Vec<Expr>, String> {
    let mut cells = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let value = row.remove(&column.name).and_then(|value| cell::write(value, column.kind));
        cells.push(Expr::value(value.ok_or_else(|| column.name.clone())?));
    }
    match row.into_iter().next() {
        None => Ok(cells),
        Some((unknown, _)) => Err(unknown),
    }
}

async fn insert(tx: &impl ConnectionTrait, table: &Table, rows: Vec<Vec<Expr>>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert
        .into_table(Alias::new(&table.name))
        .columns(table.columns.iter().map(|column| Alias::new(&column.name)));
    for row in rows {
        insert.values(row).map_err(Error::unexpected)?;
    }
    tx.execute(&insert).await?;
    Ok(())
}
