//! Links that prove addresses and replace forgotten passwords.
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
                    .table("account_link")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(text("purpose"))
                    .col(blob("token_hash"))
                    .col(text("email"))
                    .col(text_null("replaces"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("account_link", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        for index in [
            ddl::unique("account_link_token_key", "account_link", &["token_hash"]),
            ddl::unique_where(
                "account_link_live_key",
                "account_link",
                &["account_id", "purpose"],
                "ended_at IS NULL",
            ),
            ddl::index("account_link_account_idx", "account_link", &["account_id", "purpose", "created_at"]),
            ddl::index("account_link_expiry_idx", "account_link", &["expires_at"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
