//! Passkeys, and ceremonies on their way.
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
                    .table("passkey")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(blob("credential_id"))
                    .col(text("credential"))
                    .col(text("name"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("passkey", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("passkey_credential_key", "passkey", &["credential_id"])).await?;
        manager.create_index(ddl::index("passkey_account_idx", "passkey", &["account_id", "id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("passkey_ceremony")
                    .col(uuid("id"))
                    .col(uuid_null("account_id"))
                    .col(blob("sealed"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("passkey_ceremony", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("passkey_ceremony_expiry_idx", "passkey_ceremony", &["expires_at"]))
            .await?;
        manager
            .create_index(ddl::index("passkey_ceremony_account_idx", "passkey_ceremony", &["account_id"]))
            .await
    }
}
