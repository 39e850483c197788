//! Taxes of orders, and what tells where their buyers were.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let included = boolean("tax_included").default(true).to_owned();
        manager.alter_table(Table::alter().table("orders").add_column(included).to_owned()).await?;
        let rate = integer("tax_rate").default(0).to_owned();
        manager.alter_table(Table::alter().table("order_line").add_column(rate).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("order_place")
                    .col(uuid("order_id"))
                    .col(text("source"))
                    .col(text("country"))
                    .primary_key(Index::create().col("order_id").col("source"))
                    .foreign_key(&mut ddl::restrict("order_place", "order_id", "orders", "id"))
                    .to_owned(),
            )
            .await
    }
}
