//! Refunds and the lines they give back.
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
                    .table("refund")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid("payment_id"))
                    .col(big_integer("amount"))
                    .col(text("currency"))
                    .col(text("reason"))
                    .col(uuid("requested_by"))
                    .col(boolean("keep_access"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("refund", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("refund", "payment_id", "payment", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("refund_order_idx", "refund", &["order_id", "id"])).await?;
        manager.create_index(ddl::index("refund_payment_idx", "refund", &["payment_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("refund_line")
                    .col(uuid("line_id"))
                    .col(uuid("refund_id"))
                    .primary_key(Index::create().col("line_id"))
                    .foreign_key(&mut ddl::restrict("refund_line", "line_id", "order_line", "id"))
                    .foreign_key(&mut ddl::restrict("refund_line", "refund_id", "refund", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("refund_line_refund_idx", "refund_line", &["refund_id"])).await
    }
}
