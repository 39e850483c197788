//! What was sent over a link altogether, so that a day's bytes can be limited.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The version before writes no such column.
        let column = big_integer("sent_bytes").default(0).to_owned();
        manager.alter_table(Table::alter().table("download_grant").add_column(column).to_owned()).await
    }
}
