//! What accounts are told, how they want to be told, and what streams and mails of it are opened and ended by.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        notifications(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table("notification_mark")
                    .col(text("name"))
                    .col(big_integer("last"))
                    .primary_key(Index::create().col("name"))
                    .to_owned(),
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO notification_mark (name, last) VALUES ('position', 0), ('calendar', 0)",
            )
            .await?;
        let table = "notification_preference";
        manager
            .create_table(
                Table::create()
                    .table(table)
                    .col(uuid("account_id"))
                    .col(text("kind"))
                    .col(boolean("email"))
                    .col(boolean("in_app"))
                    .primary_key(Index::create().col("account_id").col("kind"))
                    .foreign_key(&mut ddl::restrict(table, "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        fan_outs(manager).await?;
        tickets(manager).await?;
        let table = "mail_unsubscribe";
        manager
            .create_table(
                Table::create()
                    .table(table)
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(text("kind"))
                    .col(blob("token_hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict(table, "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique("mail_unsubscribe_kind_key", table, &["account_id", "kind"]))
            .await?;
        manager.create_index(ddl::unique("mail_unsubscribe_token_key", table, &["token_hash"])).await
    }
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "notification";
    manager
        .create_table(
            Table::create()
                .table(table)
                .col(uuid("id"))
                .col(big_integer("position"))
                .col(uuid("account_id"))
                .col(text("kind"))
                .col(uuid("event_id"))
                .col(uuid("subject_id"))
                .col(uuid_null("product_id"))
                .col(json_binary("data"))
                .col(boolean("shown"))
                .col(boolean("mailed"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("read_at"))
                .primary_key(Index::create().col("id"))
                .foreign_key(&mut ddl::restrict(table, "account_id", "account", "id"))
                .to_owned(),
        )
        .await?;
    let once = ["event_id", "account_id", "kind"];
    manager.create_index(ddl::unique("notification_event_key", table, &once)).await?;
    manager.create_index(ddl::unique("notification_position_key", table, &["position"])).await?;
    manager.create_index(ddl::index("notification_account_idx", table, &["account_id", "position"])).await?;
    let unread =
        ddl::index_where("notification_unread_idx", table, &["account_id", "position"], "read_at IS NULL");
    manager.create_index(unread).await?;
    // By which it is found when an account was last mailed of a product.
    let mailed = ["product_id", "account_id"];
    manager.create_index(ddl::index("notification_product_idx", table, &mailed)).await?;
    manager.create_index(ddl::index("notification_created_idx", table, &["created_at"])).await
}

async fn fan_outs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "notification_fan_out";
    manager
        .create_table(
            Table::create()
                .table(table)
                .col(uuid("id"))
                .col(text("kind"))
                .col(uuid("event_id"))
                .col(uuid("product_id"))
                .col(uuid("subject_id"))
                .col(timestamp_with_time_zone("at"))
                .col(uuid_null("reached"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("finished_at"))
                .primary_key(Index::create().col("id"))
                .to_owned(),
        )
        .await?;
    manager.create_index(ddl::unique("notification_fan_out_event_key", table, &["event_id", "kind"])).await?;
    manager.create_index(ddl::index("notification_fan_out_finished_idx", table, &["finished_at"])).await
}

async fn tickets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "stream_ticket";
    manager
        .create_table(
            Table::create()
                .table(table)
                .col(blob("ticket_hash"))
                .col(uuid("account_id"))
                .col(uuid("credential_id"))
                .col(timestamp_with_time_zone_null("ends_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .primary_key(Index::create().col("ticket_hash"))
                .foreign_key(&mut ddl::restrict(table, "account_id", "account", "id"))
                .to_owned(),
        )
        .await?;
    manager.create_index(ddl::index("stream_ticket_account_idx", table, &["account_id"])).await?;
    manager.create_index(ddl::index("stream_ticket_expires_idx", table, &["expires_at"])).await
}
