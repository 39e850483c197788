//! Accounts, their devices and tokens, and the keys of the store.
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
                    .table("account")
                    .col(uuid("id"))
                    .col(text("email"))
                    .col(boolean("email_verified"))
                    .col(text("password_hash"))
                    .col(text("display_name"))
                    .col(text_null("locale"))
                    .col(text_null("country"))
                    .col(boolean("editor"))
                    .col(boolean("support"))
                    .col(boolean("admin"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("account_email_key", "account", &["email"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("last_used_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(text("ip"))
                    .col(text("user_agent"))
                    .col(timestamp_with_time_zone("proven_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("session", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("session_account_idx", "session", &["account_id", "id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(blob("token_hash"))
                    .col(uuid("session_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .primary_key(Index::create().col("token_hash"))
                    .foreign_key(&mut ddl::cascade("refresh_token", "session_id", "session", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique_where(
                "refresh_token_live_key",
                "refresh_token",
                &["session_id"],
                "used_at IS NULL",
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("secret_key")
                    .col(text("name"))
                    .col(blob("sealed"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("name"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
