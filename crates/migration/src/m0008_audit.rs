//! The audit log.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("audit_entry")
                    .col(uuid("id"))
                    .col(timestamp_with_time_zone("at"))
                    .col(uuid_null("actor_id"))
                    .col(text("action"))
                    .col(text("subject_type"))
                    .col(uuid("subject_id"))
                    .col(text_null("ip"))
                    .col(json_binary("details"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("audit_entry_at_idx", &["at", "id"][..]),
            ("audit_entry_actor_idx", &["actor_id", "at", "id"]),
            ("audit_entry_subject_idx", &["subject_id", "at", "id"]),
            ("audit_entry_action_idx", &["action", "at", "id"]),
        ] {
            manager.create_index(ddl::index(name, "audit_entry", columns)).await?;
        }
        Ok(())
    }
}
