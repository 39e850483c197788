//! Builds, their files and the objects behind them.
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
                    .table("object")
                    .col(text("key"))
                    .col(big_integer("size"))
                    .col(text("sha256"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("key"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("object_sha256_idx", "object", &["sha256"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("build")
                    .col(uuid("id"))
                    .col(uuid("product_id"))
                    .col(text("version"))
                    .col(text("platform"))
                    .col(text("channel"))
                    .col(text("notes"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("released_at"))
                    .col(timestamp_with_time_zone_null("withdrawn_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("build", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique(
                "build_version_key",
                "build",
                &["product_id", "version", "platform", "channel"],
            ))
            .await?;
        manager
            .create_index(ddl::index("build_released_idx", "build", &["product_id", "status", "released_at"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("build_file")
                    .col(uuid("build_id"))
                    .col(text("name"))
                    .col(text("object_key"))
                    .col(big_integer("size"))
                    .col(text("sha256"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("build_id").col("name"))
                    .foreign_key(&mut ddl::cascade("build_file", "build_id", "build", "id"))
                    .foreign_key(&mut ddl::restrict("build_file", "object_key", "object", "key"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("build_file_object_idx", "build_file", &["object_key"])).await?;
        Ok(())
    }
}
