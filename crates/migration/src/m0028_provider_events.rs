//! What payment providers tell by themselves.
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
                    .table("provider_event")
                    .col(uuid("id"))
                    .col(text("provider"))
                    .col(text("event_id"))
                    .col(text("kind"))
                    .col(json_binary_null("news"))
                    .col(timestamp_with_time_zone("received_at"))
                    .col(timestamp_with_time_zone_null("applied_at"))
                    .col(text_null("outcome"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique("provider_event_key", "provider_event", &["provider", "event_id"]))
            .await?;
        manager
            .create_index(ddl::index("provider_event_received_idx", "provider_event", &["received_at"]))
            .await?;
        manager
            .create_index(ddl::index_where(
                "payment_open_idx",
                "payment",
                &["provider", "created_at"],
                "status IN ('pending', 'declined')",
            ))
            .await
    }
}
