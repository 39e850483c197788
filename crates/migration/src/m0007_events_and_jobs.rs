//! The event log, leases and the job table.
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
                    .table("event")
                    .col(uuid("id"))
                    .col(big_integer_null("seq"))
                    .col(text("kind"))
                    .col(uuid("subject_id"))
                    .col(uuid_null("account_id"))
                    .col(uuid_null("actor_id"))
                    .col(json_binary("data"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("event_seq_key", "event", &["seq"])).await?;
        manager.create_index(ddl::index("event_at_idx", "event", &["at"])).await?;
        manager
            .create_index(ddl::index_where("event_unnumbered_idx", "event", &["id"], "seq IS NULL"))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("event_reader")
                    .col(text("name"))
                    .col(big_integer("seq"))
                    .primary_key(Index::create().col("name"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("lease")
                    .col(text("name"))
                    .col(uuid("holder"))
                    .col(timestamp_with_time_zone("until"))
                    .primary_key(Index::create().col("name"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("job")
                    .col(uuid("id"))
                    .col(text("kind"))
                    .col(json_binary("payload"))
                    .col(text("state").check(Expr::cust("state IN ('ready', 'running', 'done', 'dead')")))
                    .col(text_null("dedupe_key"))
                    .col(integer("attempts"))
                    .col(integer("max_attempts"))
                    .col(big_integer("run_at"))
                    .col(big_integer_null("lease_until"))
                    .col(uuid_null("lease_token"))
                    .col(text_null("last_error"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("finished_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique_where(
                "job_dedupe_key",
                "job",
                &["dedupe_key"],
                "state IN ('ready', 'running')",
            ))
            .await?;
        manager
            .create_index(ddl::index_where("job_ready_idx", "job", &["run_at", "id"], "state = 'ready'"))
            .await?;
        manager
            .create_index(ddl::index_where(
                "job_running_idx",
                "job",
                &["lease_until", "id"],
                "state = 'running'",
            ))
            .await?;
        manager
            .create_index(ddl::index_where("job_done_idx", "job", &["finished_at"], "state = 'done'"))
            .await?;
        Ok(())
    }
}
