//! Minted download links.
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
                    .table("download_grant")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(uuid("build_id"))
                    .col(text("file_name"))
                    .col(text("object_key"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("delivered_at"))
                    .col(big_integer("delivered_bytes"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("download_grant", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::cascade("download_grant", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::cascade("download_grant", "build_id", "build", "id"))
                    .foreign_key(&mut ddl::restrict("download_grant", "object_key", "object", "key"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index(
                "download_grant_account_idx",
                "download_grant",
                &["account_id", "created_at"],
            ))
            .await?;
        manager
            .create_index(ddl::index("download_grant_created_idx", "download_grant", &["created_at"]))
            .await?;
        Ok(())
    }
}
