//! Uploads that come in parts.
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
                    .table("upload")
                    .col(uuid("id"))
                    .col(uuid("build_id"))
                    .col(text("file_name"))
                    .col(text("metadata"))
                    .col(big_integer("length"))
                    .col(big_integer("received"))
                    .col(text_null("sha256"))
                    .col(timestamp_with_time_zone_null("completed_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("upload", "build_id", "build", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("upload_build_idx", "upload", &["build_id"])).await?;
        manager.create_index(ddl::index("upload_expires_idx", "upload", &["expires_at"])).await
    }
}
