//! Outgoing webhooks: endpoints, what they are told, and how that went.
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
                    .table("webhook")
                    .col(uuid("id"))
                    .col(integer("slot"))
                    .col(text("url"))
                    .col(json_binary("events"))
                    .col(text_null("disabled"))
                    .col(blob("secret"))
                    .col(blob_null("former_secret"))
                    .col(timestamp_with_time_zone_null("former_until"))
                    .col(timestamp_with_time_zone_null("failing_since"))
                    .col(timestamp_with_time_zone_null("failed_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("webhook_slot_key", "webhook", &["slot"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_delivery")
                    .col(uuid("id"))
                    .col(uuid("webhook_id"))
                    .col(uuid("event_id"))
                    .col(text("kind"))
                    .col(uuid("subject_id"))
                    .col(uuid_null("account_id"))
                    .col(json_binary("data"))
                    .col(timestamp_with_time_zone("happened_at"))
                    .col(text("status"))
                    .col(integer("attempts"))
                    .col(timestamp_with_time_zone_null("next_attempt_at"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(uuid_null("lease_token"))
                    .col(text_null("request"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("finished_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("webhook_delivery", "webhook_id", "webhook", "id"))
                    .to_owned(),
            )
            .await?;
        let table = "webhook_delivery";
        manager
            .create_index(ddl::unique("webhook_delivery_event_key", table, &["webhook_id", "event_id"]))
            .await?;
        manager
            .create_index(ddl::index("webhook_delivery_webhook_idx", table, &["webhook_id", "id"]))
            .await?;
        let due = ["webhook_id", "next_attempt_at"];
        manager
            .create_index(ddl::index_where("webhook_delivery_due_idx", table, &due, "status = 'pending'"))
            .await?;
        manager.create_index(ddl::index("webhook_delivery_created_idx", table, &["created_at"])).await?;
        manager.create_index(ddl::index("webhook_delivery_account_idx", table, &["account_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_attempt")
                    .col(uuid("id"))
                    .col(uuid("delivery_id"))
                    .col(timestamp_with_time_zone("at"))
                    .col(integer_null("status"))
                    .col(text_null("error"))
                    .col(text_null("reply"))
                    .col(big_integer("duration_ms"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("webhook_attempt", "delivery_id", table, "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index(
                "webhook_attempt_delivery_idx",
                "webhook_attempt",
                &["delivery_id", "id"],
            ))
            .await
    }
}
