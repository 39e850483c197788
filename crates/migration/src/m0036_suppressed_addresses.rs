//! Addresses that nothing is mailed to any more.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("suppressed_address")
                    .col(blob("address_hash"))
                    .col(text("reason"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("address_hash"))
                    .to_owned(),
            )
            .await
    }
}
