//! Keys by which programs act as accounts.
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
                    .table("api_key")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(text("name"))
                    .col(text("prefix"))
                    .col(blob("token_hash"))
                    .col(text("scopes"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("api_key", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("api_key_token_hash_key", "api_key", &["token_hash"])).await?;
        manager.create_index(ddl::index("api_key_account_idx", "api_key", &["account_id", "id"])).await
    }
}
