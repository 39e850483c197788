//! What statistics look for by time, and invoices with the counters of their numbers.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(ddl::index("refund_created_idx", "refund", &["created_at"])).await?;
        manager
            .create_index(ddl::index_where(
                "download_grant_delivered_idx",
                "download_grant",
                &["delivered_at"],
                "delivered_at IS NOT NULL",
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("invoice")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid_null("refund_id"))
                    .col(text("series"))
                    .col(integer("year"))
                    .col(big_integer("number"))
                    .col(timestamp_with_time_zone("issued_at"))
                    .col(json_binary("snapshot"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("invoice", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("invoice", "refund_id", "refund", "id"))
                    .to_owned(),
            )
            .await?;
        let numbered = ["series", "year", "number"];
        manager.create_index(ddl::unique("invoice_number_key", "invoice", &numbered)).await?;
        manager
            .create_index(ddl::unique_where(
                "invoice_order_key",
                "invoice",
                &["order_id"],
                "refund_id IS NULL",
            ))
            .await?;
        manager.create_index(ddl::index("invoice_order_idx", "invoice", &["order_id"])).await?;
        manager
            .create_index(ddl::unique_where(
                "invoice_refund_key",
                "invoice",
                &["refund_id"],
                "refund_id IS NOT NULL",
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("invoice_counter")
                    .col(text("series"))
                    .col(integer("year"))
                    .col(big_integer("last"))
                    .col(timestamp_with_time_zone("until"))
                    .primary_key(Index::create().col("series").col("year"))
                    .to_owned(),
            )
            .await
    }
}
