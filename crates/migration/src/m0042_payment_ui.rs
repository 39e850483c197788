//! Payments that are made on the store's own page, by Stripe's Elements.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let elements = boolean("elements").default(false).to_owned();
        manager.alter_table(Table::alter().table("payment").add_column(elements).to_owned()).await
    }
}
