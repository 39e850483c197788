//! Orders that are for somebody else.
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
                    .table("gift")
                    .col(uuid("id"))
                    .col(uuid("order_id"))
                    .col(uuid("account_id"))
                    .col(text("status"))
                    .col(text_null("email"))
                    .col(text_null("message"))
                    .col(timestamp_with_time_zone_null("deliver_at"))
                    .col(blob("token_hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("sent_at"))
                    .col(uuid_null("claimed_by"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("gift", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("gift", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::restrict("gift", "claimed_by", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("gift_order_key", "gift", &["order_id"])).await?;
        manager.create_index(ddl::unique("gift_token_key", "gift", &["token_hash"])).await?;
        manager.create_index(ddl::index("gift_account_idx", "gift", &["account_id", "id"])).await?;
        manager
            .create_index(ddl::index_where(
                "gift_claimed_idx",
                "gift",
                &["claimed_by", "id"],
                "claimed_by IS NOT NULL",
            ))
            .await
    }
}
