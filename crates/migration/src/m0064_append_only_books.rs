//! The ledger and the history of orders are added to, and nothing of them is changed, whatever statement asks for it.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// They name no person, so not even an erasure touches them.
const TABLES: [&str; 2] = ["ledger_entry", "order_transition"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (db, backend) = (manager.get_connection(), manager.get_database_backend());
        if backend == DbBackend::Postgres {
            db.execute_unprepared(FUNCTION_POSTGRES).await?;
        }
        for table in TABLES {
            let triggers = match backend {
                DbBackend::Postgres => TRIGGERS_POSTGRES,
                _ => TRIGGERS_SQLITE,
            };
            db.execute_unprepared(&triggers.replace("{table}", table)).await?;
        }
        Ok(())
    }
}

const FUNCTION_POSTGRES: &str = "
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
";
const TRIGGERS_POSTGRES: &str = "
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
";
const TRIGGERS_SQLITE: &str = "
CREATE TRIGGER {table}_not_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
";
