//! Indexes and foreign keys, said once for both databases.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The collation of a text that sorts alike on both databases, whatever locale PostgreSQL was set up with.
pub(crate) fn bytewise(manager: &SchemaManager) -> &'static str {
    match manager.get_database_backend() {
        DbBackend::Postgres => "COLLATE \"C\"",
        _ => "COLLATE BINARY",
    }
}

/// Keeps a table's rows in its primary key on SQLite, where a look-up by the key then ends at the row. Without it the
/// planner prefers an index that holds every column, even if that walks a thousand rows.
pub(crate) fn clustered(table: &mut TableCreateStatement, manager: &SchemaManager) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table.to_owned()
}

/// A plain index.
pub(crate) fn index(name: &str, table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(Alias::new(table)).to_owned();
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

/// An index that refuses a second row of the same values.
pub(crate) fn unique(name: &str, table: &str, columns: &[&str]) -> IndexCreateStatement {
    index(name, table, columns).unique().to_owned()
}

/// A unique index over the rows that satisfy `condition`.
pub(crate) fn unique_where(
    name: &str,
    table: &str,
    columns: &[&str],
    condition: &'static str,
) -> IndexCreateStatement {
    unique(name, table, columns).and_where(Expr::cust(condition)).to_owned()
}

/// An index over the rows that satisfy `condition`.
pub(crate) fn index_where(
    name: &str,
    table: &str,
    columns: &[&str],
    condition: &'static str,
) -> IndexCreateStatement {
    index(name, table, columns).and_where(Expr::cust(condition)).to_owned()
}

/// A row that goes with the row it points to.
pub(crate) fn cascade(table: &str, column: &str, to: &str, key: &str) -> ForeignKeyCreateStatement {
    foreign_key(table, column, to, key, ForeignKeyAction::Cascade)
}

/// A row that keeps the row it points to from being deleted.
pub(crate) fn restrict(table: &str, column: &str, to: &str, key: &str) -> ForeignKeyCreateStatement {
    foreign_key(table, column, to, key, ForeignKeyAction::Restrict)
}

fn foreign_key(
    table: &str,
    column: &str,
    to: &str,
    key: &str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(to), Alias::new(key))
        .on_delete(on_delete)
        .to_owned()
}
