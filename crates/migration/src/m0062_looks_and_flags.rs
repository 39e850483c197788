//! When a payment that can't be closed is asked for again, and why people must look at an order.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let look_at = timestamp_with_time_zone_null("look_at");
        manager.alter_table(Table::alter().table("payment").add_column(look_at).to_owned()).await?;
        let put_off =
            ddl::index_where("payment_look_idx", "payment", &["look_at", "order_id"], "look_at IS NOT NULL");
        manager.create_index(put_off).await?;
        manager
            .create_table(
                Table::create()
                    .table("payment_flag")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid("payment_id"))
                    .col(text("reason"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("payment_flag", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("payment_flag", "payment_id", "payment", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("payment_flag_order_idx", "payment_flag", &["order_id", "id"]))
            .await?;
        manager.create_index(ddl::index("payment_flag_payment_idx", "payment_flag", &["payment_id"])).await
    }
}
