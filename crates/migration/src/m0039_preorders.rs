//! Products that are sold before they are released, and the lines by which they were.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("product", "preorder"), ("order_line", "preordered")] {
            let column = boolean(column).default(false).to_owned();
            manager
                .alter_table(Table::alter().table(Alias::new(table)).add_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
