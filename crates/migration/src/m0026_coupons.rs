//! Coupons, the orders that use them, and the carts they lie in.
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
                    .table("coupon")
                    .col(uuid("id"))
                    .col(text("code"))
                    .col(integer_null("percent"))
                    .col(big_integer_null("amount"))
                    .col(text_null("currency"))
                    .col(json_binary_null("products"))
                    .col(integer_null("max_redemptions"))
                    .col(integer_null("per_account"))
                    .col(timestamp_with_time_zone_null("starts_at"))
                    .col(timestamp_with_time_zone_null("ends_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("coupon_code_key", "coupon", &["code"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("coupon_redemption")
                    .col(uuid("order_id"))
                    .col(uuid("coupon_id"))
                    .primary_key(Index::create().col("order_id"))
                    .foreign_key(&mut ddl::restrict("coupon_redemption", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("coupon_redemption", "coupon_id", "coupon", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("coupon_redemption_coupon_idx", "coupon_redemption", &["coupon_id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("cart_coupon")
                    .col(uuid("account_id"))
                    .col(uuid("coupon_id"))
                    .col(timestamp_with_time_zone("added_at"))
                    .primary_key(Index::create().col("account_id"))
                    .foreign_key(&mut ddl::cascade("cart_coupon", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::cascade("cart_coupon", "coupon_id", "coupon", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("cart_coupon_coupon_idx", "cart_coupon", &["coupon_id"])).await?;
        manager.alter_table(Table::alter().table("orders").add_column(text_null("coupon")).to_owned()).await
    }
}
