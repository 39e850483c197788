//! Erased accounts, the addresses of the audit log, and indexes for what is removed after its time.
use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let erased_at = timestamp_with_time_zone_null("erased_at");
        manager.alter_table(Table::alter().table("account").add_column(erased_at).to_owned()).await?;
        let account_id = uuid_null("account_id");
        manager.alter_table(Table::alter().table("audit_entry").add_column(account_id).to_owned()).await?;
        let db = manager.get_connection();
        let (backfill, append_only) = match manager.get_database_backend() {
            DbBackend::Postgres => (BACKFILL_POSTGRES, APPEND_ONLY_POSTGRES),
            _ => (BACKFILL_SQLITE, APPEND_ONLY_SQLITE),
        };
        db.execute_unprepared(backfill).await?;
        db.execute_unprepared(append_only).await?;
        manager
            .create_table(
                Table::create()
                    .table("event_origin")
                    .col(uuid("event_id"))
                    .col(uuid_null("account_id"))
                    .col(uuid_null("actor_id"))
                    .col(text("ip"))
                    .primary_key(Index::create().col("event_id"))
                    .foreign_key(&mut ddl::cascade("event_origin", "event_id", "event", "id"))
                    .to_owned(),
            )
            .await?;
        for (name, table, columns) in [
            ("audit_entry_account_idx", "audit_entry", &["account_id", "at", "id"][..]),
            ("session_expires_idx", "session", &["expires_at"]),
            ("refresh_token_session_idx", "refresh_token", &["session_id"]),
            ("refresh_token_used_idx", "refresh_token", &["used_at"]),
        ] {
            manager.create_index(ddl::index(name, table, columns)).await?;
        }
        manager
            .create_index(ddl::index_where("audit_entry_ip_idx", "audit_entry", &["at"], "ip IS NOT NULL"))
            .await?;
        manager
            .create_index(ddl::index_where(
                "session_revoked_idx",
                "session",
                &["revoked_at"],
                "revoked_at IS NOT NULL",
            ))
            .await
    }
}

/// Whom the entries of before concern.
const BACKFILL_POSTGRES: &str = "UPDATE audit_entry SET account_id = (details->>'account_id')::uuid \
    WHERE details->>'account_id' IS NOT NULL";
/// Ids are 16 bytes.
const BACKFILL_SQLITE: &str = "UPDATE audit_entry \
    SET account_id = unhex(json_extract(details, '$.account_id'), '-') \
    WHERE json_extract(details, '$.account_id') IS NOT NULL";

/// Entries are added, and lose their address; nothing else happens to them, whatever statement asks for it.
const APPEND_ONLY_POSTGRES: &str = "
CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.ip IS NULL
        AND (NEW.id, NEW.at, NEW.action, NEW.subject_type, NEW.subject_id, NEW.details)
          = (OLD.id, OLD.at, OLD.action, OLD.subject_type, OLD.subject_id, OLD.details)
        AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
        AND NEW.account_id IS NOT DISTINCT FROM OLD.account_id
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only();
CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only();
";
const APPEND_ONLY_SQLITE: &str = "
CREATE TRIGGER audit_entry_not_changed BEFORE UPDATE ON audit_entry
WHEN NOT (NEW.ip IS NULL AND NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.actor_id IS OLD.actor_id
    AND NEW.account_id IS OLD.account_id AND NEW.action IS OLD.action AND NEW.subject_type IS OLD.subject_type
    AND NEW.subject_id IS OLD.subject_id AND NEW.details IS OLD.details)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entry_not_deleted BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
";
