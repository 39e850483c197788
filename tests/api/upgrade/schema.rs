//! What a database says of its tables.
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// How many rows a table has.
pub async fn count(db: &DatabaseConnection, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index::<i64>(0).unwrap().try_into().unwrap()
}

/// Columns, indexes and foreign keys of SQLite, a line each, whatever the statements that made them looked like.
pub async fn described(db: &DatabaseConnection) -> String {
    const COLUMNS: &str = "SELECT 'column ' || m.name || '.' || c.name || ' ' || lower(c.type) || ' ' || c.\"notnull\" || ' ' || c.pk \
         FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
    const INDEXES: &str = "SELECT 'index ' || m.name || ' ' || i.\"unique\" || ' ' || i.partial || ' ' || \
         (SELECT group_concat(coalesce(x.name, '?'), ',') FROM pragma_index_info(i.name) x) || ' ' || i.origin \
         FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'";
    const KEYS: &str = "SELECT 'key ' || m.name || '.' || k.\"from\" || ' ' || k.\"table\" || '.' || coalesce(k.\"to\", '') || ' ' || k.on_delete \
         FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'";
    let mut lines = Vec::new();
    for sql in [COLUMNS, INDEXES, KEYS] {
        lines.extend(texts(db, sql).await);
    }
    lines.sort();
    lines.join("\n") + "\n"
}
