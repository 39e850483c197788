//! Withdrawals from orders, and when a licence key was shown for the first time.
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
                    .table("withdrawal")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid_null("refund_id"))
                    .col(timestamp_with_time_zone("prepared_at"))
                    .col(timestamp_with_time_zone_null("confirmed_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("withdrawal", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("withdrawal", "refund_id", "refund", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("withdrawal_order_idx", "withdrawal", &["order_id", "id"])).await?;
        manager.create_index(ddl::unique("withdrawal_refund_key", "withdrawal", &["refund_id"])).await?;
        let open =
            ddl::unique_where("withdrawal_open_key", "withdrawal", &["order_id"], "confirmed_at IS NULL");
        manager.create_index(open).await?;
        manager
            .create_table(
                Table::create()
                    .table("withdrawal_line")
                    .col(uuid("withdrawal_id"))
                    .col(uuid("line_id"))
                    .primary_key(Index::create().col("withdrawal_id").col("line_id"))
                    .foreign_key(&mut ddl::cascade("withdrawal_line", "withdrawal_id", "withdrawal", "id"))
                    .foreign_key(&mut ddl::restrict("withdrawal_line", "line_id", "order_line", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("withdrawal_line_line_idx", "withdrawal_line", &["line_id"])).await?;
        let shown = timestamp_with_time_zone_null("shown_at");
        manager.alter_table(Table::alter().table("license_key").add_column(shown).to_owned()).await
    }
}
