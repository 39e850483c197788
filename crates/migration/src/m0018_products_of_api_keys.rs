//! The products that an API key is limited to.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let products = text_null("products");
        manager.alter_table(Table::alter().table("api_key").add_column(products).to_owned()).await
    }
}
