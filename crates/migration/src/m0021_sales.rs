//! Sales, and what prices were before.
use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("sale")
                    .col(uuid("id"))
                    .col(uuid("product_id"))
                    .col(integer("percent"))
                    .col(timestamp_with_time_zone("starts_at"))
                    .col(timestamp_with_time_zone("ends_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("sale", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("price_change")
                    .col(uuid("product_id"))
                    .col(text("currency"))
                    .col(text("country"))
                    .col(timestamp_with_time_zone("at"))
                    .col(big_integer_null("amount"))
                    .primary_key(Index::create().col("product_id").col("currency").col("country").col("at"))
                    .foreign_key(&mut ddl::cascade("price_change", "product_id", "product", "id")),
                manager,
            ))
            .await?;
        for (name, table, columns) in [
            ("sale_product_idx", "sale", &["product_id", "ends_at"][..]),
            ("sale_starts_idx", "sale", &["starts_at"]),
            ("sale_ends_idx", "sale", &["ends_at"]),
            ("price_change_at_idx", "price_change", &["product_id", "at"]),
        ] {
            manager.create_index(ddl::index(name, table, columns)).await?;
        }
        manager.get_connection().execute_unprepared(BACKFILL).await?;
        Ok(())
    }
}

/// Nothing is known of the prices of before but the last: it counts as the first.
const BACKFILL: &str = "INSERT INTO price_change (product_id, currency, country, at, amount) \
    SELECT c.product_id, c.currency, c.country, p.created_at, c.amount \
    FROM product_price c JOIN product p ON p.id = c.product_id";
