//! What a database says of its own tables, in words that mean the same on SQLite and PostgreSQL.
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::error::{Error, Result};

/// Where migrations are noted: a backup names them in its document.
const MIGRATIONS: &str = "seaql_migrations";

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    /// 16 bits.
    Small,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Big,
    Double,
    Text,
    Uuid,
    /// A moment, UTC.
    Time,
    Date,
    Json,
    Bytes,
}

impl Kind {
    /// By the name that a column was declared with; each database has its own, and SQLite's integers have 64 bits
    /// whatever they are called.
    fn declared(backend: DbBackend, name: &str) -> Option<Self> {
        let name = name.split('(').next().unwrap_or_default().trim().to_ascii_lowercase();
        Some(match name.as_str() {
            "boolean" => Self::Boolean,
            "smallint" | "integer" | "bigint" if backend == DbBackend::Sqlite => Self::Big,
            "smallint" => Self::Small,
            "integer" => Self::Integer,
            "bigint" => Self::Big,
            "double" | "double precision" => Self::Double,
            "text" | "varchar" | "character varying" => Self::Text,
            "uuid" | "uuid_text" => Self::Uuid,
            "timestamp with time zone" | "timestamp_with_timezone_text" => Self::Time,
            "date" | "date_text" => Self::Date,
            "json" | "jsonb" | "json_text" | "jsonb_text" => Self::Json,
            "bytea" | "blob" | "varbinary_blob" | "binary_blob" => Self::Bytes,
            _ => return None,
        })
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A table, with its columns in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// Every table of the store but that of the migrations, by name.
///
/// Asked of the database itself, so that no table can be forgotten; a column of an unknown kind is an error.
pub(super) async fn tables(db: &impl ConnectionTrait) -> Result<Vec<Table>> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT c.table_name::text AS t, c.column_name::text AS c, c.data_type::text AS k \
             FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
             ORDER BY c.table_name, c.ordinal_position"
        }
        _ => {
            "SELECT m.name AS t, p.name AS c, p.type AS k FROM sqlite_master m \
             JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY m.name, p.cid"
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in db.query_all_raw(Statement::from_string(backend, sql)).await? {
        let (table, column, declared): (String, String, String) =
            (row.try_get("", "t")?, row.try_get("", "c")?, row.try_get("", "k")?);
        if table == MIGRATIONS {
            continue;
        }
        let kind = Kind::declared(backend, &declared).ok_or_else(|| {
            Error::unexpected(format!("{table}.{column} is {declared}, which a backup can't hold"))
        })?;
        let column = Column { name: column, kind };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { name: table, columns: vec![column] }),
        }
    }
    Ok(tables)
}

/// The migrations that were applied, by name, in their order; none where there is no table of them.
pub(super) async fn migrations(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let there = match backend {
        DbBackend::Postgres => {
            format!(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '{MIGRATIONS}'"
            )
        }
        _ => format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{MIGRATIONS}'"),
    };
    if db.query_one_raw(Statement::from_string(backend, there)).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT version FROM {MIGRATIONS} ORDER BY version");
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// Foreign keys that PostgreSQL checks at each row: they are taken off while rows come in, in the order of tables' names.
pub(super) struct ForeignKeys(Vec<(String, String, String)>);

impl ForeignKeys {
    /// Lets rows come in any order until [`ForeignKeys::put_back`], in this transaction alone.
    pub(super) async fn take_off(tx: &impl ConnectionTrait) -> Result<Self, DbErr> {
        if tx.get_database_backend() != DbBackend::Postgres {
            tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
            return Ok(Self(Vec::new()));
        }
        let sql = "SELECT c.conrelid::regclass::text AS t, quote_ident(c.conname) AS n, pg_get_constraintdef(c.oid) AS d \
                   FROM pg_constraint c JOIN pg_namespace s ON s.oid = c.connamespace \
                   WHERE c.contype = 'f' AND s.nspname = current_schema() ORDER BY 1, 2";
        let mut keys = Vec::new();
        for row in tx.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await? {
            let key: (String, String, String) =
                (row.try_get("", "t")?, row.try_get("", "n")?, row.try_get("", "d")?);
            tx.execute_unprepared(&format!("ALTER TABLE {} DROP CONSTRAINT {}", key.0, key.1)).await?;
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// Puts them back, which checks every row. SQLite checks at the commit.
    pub(super) async fn put_back(self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        for (table, name, definition) in self.0 {
            tx.execute_unprepared(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await?;
        }
        Ok(())
    }
}
