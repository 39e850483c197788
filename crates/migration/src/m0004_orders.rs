//! Orders, payments, the ledger, idempotency keys and carts.
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
                    .table("orders")
                    .col(uuid("id"))
                    .col(text("number").extra(ddl::bytewise(manager)))
                    .col(uuid("account_id"))
                    .col(text("status"))
                    .col(text("currency"))
                    .col(text("country"))
                    .col(big_integer("subtotal"))
                    .col(big_integer("discount"))
                    .col(big_integer("tax"))
                    .col(big_integer("total"))
                    .col(timestamp_with_time_zone("immediate_delivery_accepted_at"))
                    .col(text_null("success_url"))
                    .col(text_null("cancel_url"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("paid_at"))
                    .col(timestamp_with_time_zone_null("refunded_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("orders", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("orders_number_key", "orders", &["number"])).await?;
        manager.create_index(ddl::index("orders_account_idx", "orders", &["account_id", "id"])).await?;
        manager.create_index(ddl::index("orders_expiry_idx", "orders", &["status", "expires_at"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("order_line")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(integer("position"))
                    .col(uuid("product_id"))
                    .col(text("title"))
                    .col(big_integer("unit_price"))
                    .col(big_integer("discount"))
                    .col(big_integer("tax"))
                    .col(big_integer("total"))
                    .col(boolean("refunded"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("order_line", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("order_line", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique("order_line_product_key", "order_line", &["order_id", "product_id"]))
            .await?;
        manager.create_index(ddl::index("order_line_product_idx", "order_line", &["product_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("order_transition")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(text_null("from_status"))
                    .col(text("to_status"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("order_transition", "order_id", "orders", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("order_transition_order_idx", "order_transition", &["order_id", "id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("payment")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(integer("attempt"))
                    .col(text("provider"))
                    .col(text_null("provider_ref"))
                    .col(text("status"))
                    .col(big_integer("amount"))
                    .col(big_integer("captured"))
                    .col(big_integer("refunded"))
                    .col(text("currency"))
                    .col(text_null("checkout_url"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("payment", "order_id", "orders", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("payment_attempt_key", "payment", &["order_id", "attempt"])).await?;
        manager
            .create_index(ddl::unique_where(
                "payment_succeeded_key",
                "payment",
                &["order_id"],
                "status = 'succeeded'",
            ))
            .await?;
        manager
            .create_index(ddl::unique_where(
                "payment_provider_ref_key",
                "payment",
                &["provider", "provider_ref"],
                "provider_ref IS NOT NULL",
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("ledger_entry")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid("payment_id"))
                    .col(text("account"))
                    .col(big_integer("amount"))
                    .col(text("currency"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("ledger_entry", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("ledger_entry", "payment_id", "payment", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("ledger_entry_order_idx", "ledger_entry", &["order_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("idempotency_key")
                    .col(uuid("account_id"))
                    .col(text("key"))
                    .col(blob("fingerprint"))
                    .col(uuid("subject_id"))
                    .col(integer_null("status"))
                    .col(timestamp_with_time_zone("lease_until"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("account_id").col("key"))
                    .foreign_key(&mut ddl::cascade("idempotency_key", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("idempotency_key_created_idx", "idempotency_key", &["created_at"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("cart_item")
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(timestamp_with_time_zone("added_at"))
                    .primary_key(Index::create().col("account_id").col("product_id"))
                    .foreign_key(&mut ddl::cascade("cart_item", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::cascade("cart_item", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
