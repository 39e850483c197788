//! Uploaded pictures of products.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pictures = json_binary("pictures").default("[]").to_owned();
        manager.alter_table(Table::alter().table("product").add_column(pictures).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("product_media")
                    .col(uuid("id"))
                    .col(uuid("product_id"))
                    .col(text("kind"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("product_media", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("product_media_product_idx", "product_media", &["product_id", "id"]))
            .await?;
        manager
            .create_index(ddl::unique_where(
                "product_media_cover_key",
                "product_media",
                &["product_id"],
                "kind = 'cover'",
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("product_media_file")
                    .col(uuid("media_id"))
                    .col(text("name"))
                    .col(text("object_key"))
                    .col(big_integer("size"))
                    .col(text("sha256"))
                    .col(text("media_type"))
                    .col(integer("width"))
                    .col(integer("height"))
                    .primary_key(Index::create().col("media_id").col("name"))
                    .foreign_key(&mut ddl::cascade("product_media_file", "media_id", "product_media", "id"))
                    .foreign_key(&mut ddl::restrict("product_media_file", "object_key", "object", "key"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("product_media_file_object_idx", "product_media_file", &["object_key"]))
            .await
    }
}
