//! Copies of files that say whose they are.
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
                    .table("stamped_file")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(text("source_sha256"))
                    .col(text("object_key"))
                    .col(big_integer("size"))
                    .col(text("sha256"))
                    .col(timestamp_with_time_zone("used_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("stamped_file", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::cascade("stamped_file", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::restrict("stamped_file", "object_key", "object", "key"))
                    .to_owned(),
            )
            .await?;
        let whose = &["account_id", "product_id", "source_sha256"];
        manager.create_index(ddl::unique("stamped_file_once", "stamped_file", whose)).await?;
        manager.create_index(ddl::index("stamped_file_product_idx", "stamped_file", &["product_id"])).await?;
        manager.create_index(ddl::index("stamped_file_object_idx", "stamped_file", &["object_key"])).await?;
        manager.create_index(ddl::index("stamped_file_used_idx", "stamped_file", &["used_at"])).await
    }
}
