//! Second factors: time-based codes, and the codes for those who lose them.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("account")
                    .add_column(boolean("totp_enabled").default(false).to_owned())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("totp_factor")
                    .col(uuid("account_id"))
                    .col(blob("sealed"))
                    .col(big_integer("last_step"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("account_id"))
                    .foreign_key(&mut ddl::cascade("totp_factor", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("recovery_code")
                    .col(uuid("account_id"))
                    .col(blob("code_hash"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .primary_key(Index::create().col("account_id").col("code_hash"))
                    .foreign_key(&mut ddl::cascade("recovery_code", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await
    }
}
