//! Files that are uploaded straight into the bucket, and what a scanner said of the bytes of files.
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
                    .table("direct_upload")
                    .col(uuid("id"))
                    .col(uuid("build_id"))
                    .col(text("file_name"))
                    .col(big_integer("size"))
                    .col(text("object_key"))
                    .col(text("multipart_id"))
                    .col(big_integer("part_bytes"))
                    .col(text("status"))
                    .col(text_null("refusal"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("direct_upload", "build_id", "build", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("direct_upload_build_idx", "direct_upload", &["build_id"])).await?;
        manager
            .create_index(ddl::unique("direct_upload_object_key", "direct_upload", &["object_key"]))
            .await?;
        manager
            .create_index(ddl::index("direct_upload_expires_idx", "direct_upload", &["expires_at"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("object_scan")
                    .col(text("object_key"))
                    .col(text("verdict"))
                    .col(timestamp_with_time_zone("asked_at"))
                    .col(timestamp_with_time_zone_null("scanned_at"))
                    .primary_key(Index::create().col("object_key"))
                    .foreign_key(&mut ddl::cascade("object_scan", "object_key", "object", "key"))
                    .to_owned(),
            )
            .await
    }
}
