//! Everything that a database holds, as text: for looking for what must not be there, or must not have changed.
use std::collections::BTreeMap;

use mist::keys::sha256;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// The places, as `table.column`, that hold one of these texts in any form: as text, in hex, or as its SHA-256.
pub async fn places_of(db: &DatabaseConnection, texts: &[&str]) -> Vec<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let forms: Vec<String> = texts
        .iter()
        .flat_map(|text| [text.to_lowercase(), hex(text.as_bytes()), hex(&sha256(text.as_bytes()))])
        .collect();
    let mut places = Vec::new();
    for (table, column) in columns(db).await {
        let values = values(db, &table, &column).await;
        if values.iter().any(|value| forms.iter().any(|form| value.to_lowercase().contains(form))) {
            places.push(format!("{table}.{column}"));
        }
    }
    places
}

/// What every column holds, by `table.column`.
pub async fn rows(db: &DatabaseConnection) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for (table, column) in columns(db).await {
        let mut values = values(db, &table, &column).await;
        values.sort();
        rows.insert(format!("{table}.{column}"), values);
    }
    rows
}

/// The columns that hold something else than before.
pub fn changed(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    after
        .iter()
        .filter(|(place, values)| before.get(*place) != Some(values))
        .map(|(place, _)| place.clone())
        .collect()
}

/// Every column of every table, from the database's own catalog.
async fn columns(db: &DatabaseConnection) -> Vec<(String, String)> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT c.table_name, c.column_name FROM information_schema.columns c \
             JOIN information_schema.tables t USING (table_schema, table_name) \
             WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2"
        }
        _ => {
            "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_master t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' ORDER BY 1, 2"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let name = |row: &sea_orm::QueryResult, name: &str| row.try_get::<String>("", name).unwrap();
    let columns: Vec<_> =
        rows.iter().map(|row| (name(row, "table_name"), name(row, "column_name"))).collect();
    assert!(columns.len() > 100, "the catalog tells of {} columns", columns.len());
    columns
}

/// What is in a column, bytes in hex.
async fn values(db: &DatabaseConnection, table: &str, column: &str) -> Vec<String> {
    let text = match db.get_database_backend() {
        DbBackend::Postgres => {
            format!(
                "CASE WHEN pg_typeof(\"{column}\") = 'bytea'::regtype THEN substr(\"{column}\"::text, 3) \
                 ELSE \"{column}\"::text END"
            )
        }
        _ => format!(
            "CASE typeof(\"{column}\") WHEN 'blob' THEN hex(\"{column}\") ELSE CAST(\"{column}\" AS TEXT) END"
        ),
    };
    let sql = format!("SELECT {text} AS value FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "value").unwrap()).collect()
}
