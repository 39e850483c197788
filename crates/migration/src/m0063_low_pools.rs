//! Pools of licence keys that run low, and whether that was told.
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
                    .table("license_pool_low")
                    .col(uuid("product_id"))
                    .col(timestamp_with_time_zone_null("told_at"))
                    .primary_key(Index::create().col("product_id"))
                    .foreign_key(&mut ddl::cascade("license_pool_low", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await
    }
}
