//! Who people are at OpenID Connect providers, and sign-ins on their way.
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
                    .table("identity")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(text("issuer"))
                    .col(text("subject"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("identity", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("identity_subject_key", "identity", &["issuer", "subject"])).await?;
        manager.create_index(ddl::index("identity_account_idx", "identity", &["account_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("oidc_sign_in")
                    .col(blob("state_hash"))
                    .col(text("provider"))
                    .col(text_null("return_to"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .primary_key(Index::create().col("state_hash"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("oidc_sign_in_expiry_idx", "oidc_sign_in", &["expires_at"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("sign_in_code")
                    .col(blob("code_hash"))
                    .col(uuid("account_id"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .primary_key(Index::create().col("code_hash"))
                    .foreign_key(&mut ddl::cascade("sign_in_code", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("sign_in_code_expiry_idx", "sign_in_code", &["expires_at"])).await
    }
}
