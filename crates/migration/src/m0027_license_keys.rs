//! Licence keys, on how many devices each may be active, and on which it is.
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
                    .table("license_key")
                    .col(uuid("id"))
                    .col(uuid("product_id"))
                    .col(blob("digest"))
                    .col(blob("sealed"))
                    .col(text("status"))
                    .col(uuid_null("source_id"))
                    .col(timestamp_with_time_zone("added_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("license_key", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("license_key_digest_key", "license_key", &["digest"])).await?;
        manager.create_index(ddl::unique("license_key_source_key", "license_key", &["source_id"])).await?;
        manager
            .create_index(ddl::index("license_key_pool_idx", "license_key", &["product_id", "status", "id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("license_policy")
                    .col(uuid("product_id"))
                    .col(integer("max_activations"))
                    .primary_key(Index::create().col("product_id"))
                    .foreign_key(&mut ddl::cascade("license_policy", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("license_activation")
                    .col(uuid("id"))
                    .col(uuid("key_id"))
                    .col(text("fingerprint"))
                    .col(text_null("name"))
                    .col(timestamp_with_time_zone("activated_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::cascade("license_activation", "key_id", "license_key", "id"))
                    .to_owned(),
            )
            .await?;
        let columns = &["key_id", "fingerprint"];
        manager
            .create_index(ddl::unique("license_activation_device_key", "license_activation", columns))
            .await
    }
}
