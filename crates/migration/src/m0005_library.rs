//! Who owns what, and what staff gave away.
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
                    .table("entitlement")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(text("source"))
                    .col(uuid("source_id"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("granted_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .col(timestamp_with_time_zone_null("last_downloaded_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("entitlement", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::restrict("entitlement", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::unique(
                "entitlement_source_key",
                "entitlement",
                &["account_id", "product_id", "source", "source_id"],
            ))
            .await?;
        manager.create_index(ddl::index("entitlement_product_idx", "entitlement", &["product_id"])).await?;
        manager.create_index(ddl::index("entitlement_source_idx", "entitlement", &["source_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("staff_grant")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(uuid("product_id"))
                    .col(text("reason"))
                    .col(uuid("granted_by"))
                    .col(timestamp_with_time_zone("granted_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("staff_grant", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::restrict("staff_grant", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::restrict("staff_grant", "granted_by", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("staff_grant_account_idx", "staff_grant", &["account_id", "product_id"]))
            .await?;
        Ok(())
    }
}
