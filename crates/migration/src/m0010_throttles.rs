//! What throttles count, and which sessions were found stolen.
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
                    .table("throttle")
                    .col(blob("bucket"))
                    .col(text("attempts"))
                    .col(timestamp_with_time_zone("until"))
                    .primary_key(Index::create().col("bucket"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("throttle_until_idx", "throttle", &["until"])).await?;
        manager
            .alter_table(
                Table::alter()
                    .table("session")
                    .add_column(timestamp_with_time_zone_null("reused_at"))
                    .to_owned(),
            )
            .await
    }
}
