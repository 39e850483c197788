//! What accounts would like to own.
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
                    .table("wishlist_item")
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(timestamp_with_time_zone("added_at"))
                    .primary_key(Index::create().col("account_id").col("product_id"))
                    .foreign_key(&mut ddl::cascade("wishlist_item", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::cascade("wishlist_item", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        let newest = ["account_id", "added_at", "product_id"];
        manager.create_index(ddl::index("wishlist_item_newest_idx", "wishlist_item", &newest)).await?;
        let wishers = ["product_id", "account_id"];
        manager.create_index(ddl::index("wishlist_item_wishers_idx", "wishlist_item", &wishers)).await
    }
}
