//! Add-ons, editions and bundles, what is bought together, and how much memory a product needs.
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
                    .table("product_relation")
                    .col(uuid("product_id"))
                    .col(text("kind"))
                    .col(uuid("related_id"))
                    .col(integer("position"))
                    .primary_key(Index::create().col("product_id").col("kind").col("related_id"))
                    .foreign_key(&mut ddl::cascade("product_relation", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::restrict("product_relation", "related_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index(
                "product_relation_related_idx",
                "product_relation",
                &["related_id", "kind"],
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("product_affinity")
                    .col(uuid("product_id"))
                    .col(uuid("related_id"))
                    .col(big_integer("orders"))
                    .primary_key(Index::create().col("product_id").col("related_id"))
                    .foreign_key(&mut ddl::cascade("product_affinity", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::cascade("product_affinity", "related_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("product_affinity_related_idx", "product_affinity", &["related_id"]))
            .await?;
        // SQLite adds a column that refers to another table only where the column itself says so.
        let bundle = uuid_null("bundle_id").extra("REFERENCES product (id) ON DELETE RESTRICT").to_owned();
        manager.alter_table(Table::alter().table("order_line").add_column(bundle).to_owned()).await?;
        manager
            .create_index(ddl::index_where(
                "order_line_bundle_idx",
                "order_line",
                &["bundle_id"],
                "bundle_id IS NOT NULL",
            ))
            .await?;
        manager
            .alter_table(
                Table::alter().table("product_platform").add_column(big_integer_null("memory_mb")).to_owned(),
            )
            .await
    }
}
